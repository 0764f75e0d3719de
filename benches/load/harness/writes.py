"""Writes that can be checked afterwards: what was acknowledged has to be there, whole, and once.

Each write changes more than one row: a profile with its manager (node, edge, keys, event, answer), or an account that is
linked to a profile (node, edge, event, answer). Each has a `clientMutationId`, so that what was not acknowledged can be
sent again: then it must succeed, whether it had been done or not. If anything of it were there by halves, it could not.
"""

import asyncio
import collections
import dataclasses
import json
import time
import typing

from . import http
from .server import Server
from .settings import Failure

ORGANIZATION = """mutation($input: CreateOrganizationInput!) { done: createOrganization(input: $input) {
    node: organization { id } errors { code field message } } }"""
PROFILE = """mutation($input: CreateProfileInput!) { done: createProfile(input: $input) {
    node: profile { id } errors { code field message } } }"""
IDENTITY = """mutation($input: LinkIdentityInput!) { done: linkIdentity(input: $input) {
    node: identity { id } errors { code field message } } }"""
LOOK = """query($ids: [ID!]!) { nodes(ids: $ids) { id
    ... on User { name: username other: manager { id } history(first: 5) { ...Events } }
    ... on LinkedIdentity { name: accountId other: profile { id } history(first: 5) { ...Events } } } }
    fragment Events on EventConnection { nodes { action changes { path } } }"""
ORGANIZATIONS = 8


@dataclasses.dataclass
class Write:
    """A write, and what is known of it."""

    body: bytes
    name: str
    other: str
    """The profile at the other end of its edge."""
    id: str | None = None
    """The id of what it has made, once that was acknowledged."""
    done_at: float = 0.0


@dataclasses.dataclass(frozen=True)
class Place:
    """Where writes go: an organization, and the profile at the other end of their edges."""

    organization: str
    boss: str


def places(server: Server, run: str) -> list[Place]:
    """Makes organizations with a profile each; several, since those of one organization follow one another."""
    made = []
    for number in range(ORGANIZATIONS):
        done = server.ask(ORGANIZATION, input={"slug": f"{run}-{number}"})["done"]
        if done["errors"]:
            raise Failure(f"no organization could be made: {done['errors']}")
        organization = done["node"]["id"]
        boss = {"organizationId": organization, "kind": "USER", "username": "boss"}
        made.append(Place(organization, server.ask(PROFILE, input=boss)["done"]["node"]["id"]))
    return made


def write(place: Place, run: str, number: int) -> Write:
    """The write of that number."""
    name = f"{run}-{number}"
    if number % 2:
        about = {"profileId": place.boss, "provider": "github", "accountId": name}
        query = IDENTITY
    else:
        emails = [{"value": f"{name}@example.org", "primary": True}]
        about = {
            "organizationId": place.organization,
            "kind": "USER",
            "username": name,
            "managerId": place.boss,
            "emails": emails,
        }
        query = PROFILE
    body = {"query": " ".join(query.split()), "variables": {"input": about | {"clientMutationId": name}}}
    return Write(json.dumps(body).encode(), name, place.boss)


async def send(connection: http.Connection, one: Write) -> str:
    """Sends a write, and answers what came back: a status, an error code, or that the connection broke."""
    try:
        status, body = await connection.post(one.body)
    except ConnectionError:
        return "broken connection"
    if status != 200:
        return str(status)
    answer = json.loads(body)
    if "errors" in answer:
        return answer["errors"][0].get("extensions", {}).get("code", "no code")
    done = answer["data"]["done"]
    if done["errors"]:
        return f"refused: {done['errors'][0]['code']} {done['errors'][0]['message']}"
    one.id, one.done_at = done["node"]["id"], time.monotonic()
    return "acknowledged"


async def all_at_once(
    server: Server, writes: list[Write], on_done: typing.Callable[[int], None]
) -> collections.Counter:
    """Sends all writes at the same time, each over a connection of its own. Tells how many are acknowledged so far."""
    outcomes: collections.Counter = collections.Counter()
    connections = [http.Connection(server.url, server.headers) for _ in writes]
    for begin in range(0, len(connections), 250):
        await asyncio.gather(*(connection.open() for connection in connections[begin : begin + 250]))

    async def one(connection: http.Connection, of: Write) -> None:
        outcomes[await send(connection, of)] += 1
        connection.close()
        on_done(outcomes["acknowledged"])

    await asyncio.gather(*(one(connection, of) for connection, of in zip(connections, writes, strict=True)))
    return outcomes


async def again(server: Server, writes: list[Write]) -> collections.Counter:
    """Sends writes again, a few at the same time."""
    outcomes: collections.Counter = collections.Counter()
    waiting = iter(writes)

    async def worker() -> None:
        connection = http.Connection(server.url, server.headers)
        for one in waiting:
            outcomes[await send(connection, one)] += 1
        connection.close()

    await asyncio.gather(*(worker() for _ in range(32)))
    return outcomes


def check(server: Server, writes: list[Write]) -> list[str]:
    """What is wrong with writes that were acknowledged; nothing, if all is well."""
    wrong = []
    for begin in range(0, len(writes), 100):
        page = writes[begin : begin + 100]
        nodes = server.ask(LOOK, ids=[one.id for one in page])["nodes"]
        wrong += [
            f"{one.name}: {problem}" for one, node in zip(page, nodes, strict=True) if (problem := _problem(one, node))
        ]
    ids = collections.Counter(one.id for one in writes)
    return wrong + [f"{node} is the answer to {count} writes" for node, count in ids.items() if count > 1]


def _problem(one: Write, node: dict | None) -> str | None:
    if node is None:
        return "acknowledged, and not there"
    if node["name"] != one.name:
        return f"acknowledged as {node['name']}"
    if not node["other"] or node["other"]["id"] != one.other:
        return "there without its edge"
    events = node["history"]["nodes"]
    if len(events) != 1:
        return f"{len(events)} events instead of one"
    paths = {change["path"] for change in events[0]["changes"]}
    return None if paths & {"manager", "profile"} else f"an event without the edge: {sorted(paths)}"


def doctor(server: Server) -> list[str]:
    """What the doctor finds wrong with the database: sequences with gaps, edges and keys that lead nowhere."""
    report = json.loads(server.run("doctor", "--json").stdout)
    return [f"{found['check']}: {found['message']}" for found in report["checks"] if found["status"] == "problem"]
