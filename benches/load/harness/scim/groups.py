"""Large groups: does changing one member cost what it costs in a small group, and is a member ever lost?"""

import asyncio
import json
import random
import statistics
import time
import urllib.parse

from .. import http, processes, results
from ..server import Server
from ..settings import Failure, Settings, say
from . import databases, directory
from .subjects import scim_headers, scim_url

PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LARGE, SMALL, SHARED = "large", "small", "shared"
ROUNDS = 300
"""How often a member is added to each group, and removed from it."""
CLIENTS, OPERATIONS = 8, 10_000


def measure(settings: Settings, options) -> None:
    """Measures on each database."""
    for name in options.databases:
        groups = {LARGE: options.members, SMALL: 10, SHARED: 10}
        spare = OPERATIONS // 2
        with databases.server(settings, name, options.members + spare, groups) as server:
            result = asyncio.run(_measure(settings, server, options))
        verdict = "add {add_ratio:.2f}, remove {remove_ratio:.2f} times as long as in a group of ten; ".format(**result)
        verdict += "{operations_per_second:.0f} changes/s of 8 clients at once, {wrong} members wrong; ".format(**result)
        verdict += f"memory {result['peak_rss_mib']} MiB at most"
        results.record(settings, f"scim-groups-{name}", result | {"verdict": verdict})
        say(f"{name}: {verdict}")
        if result["wrong"]:
            raise Failure("members were lost")


async def _measure(settings: Settings, server: Server, options) -> dict:
    connection = http.Connection(scim_url(settings), scim_headers(server))
    groups = {name: await _find(connection, "Groups", f'displayName eq "{name}"') for name in (LARGE, SMALL, SHARED)}
    other = await _find(connection, "Users", f'userName eq "{directory.username(options.members)}"')
    with processes.Watch(server.pid) as watch:
        times: dict[tuple, list[float]] = {}
        for turn in range(ROUNDS):
            for name in (LARGE, SMALL) if turn % 2 else (SMALL, LARGE):
                for op in ("add", "remove"):
                    begun = time.perf_counter()
                    await _patch(connection, groups[name], op, other, options.query)
                    times.setdefault((name, op), []).append((time.perf_counter() - begun) * 1000)
        medians = {key: statistics.median(of) for key, of in times.items()}
        result = {f"{name}_{op}_ms": round(median, 3) for (name, op), median in medians.items()}
        for op in ("add", "remove"):
            result[f"{op}_ratio"] = medians[LARGE, op] / medians[SMALL, op]
        for (name, op), median in medians.items():
            say(f"{name} {op}: median {median:.2f} ms, p99 {sorted(times[name, op])[int(ROUNDS * 0.99)]:.2f} ms")
        result |= await _all_at_once(settings, server, groups[SHARED], options)
    return result | {"peak_rss_mib": round(watch.peak / 2**20, 1)}


async def _all_at_once(settings: Settings, server: Server, group: str, options) -> dict:
    """Each client adds members of its own to one group, and removes every second of them again."""
    connection = http.Connection(scim_url(settings), scim_headers(server))
    ids = await _ids(connection, OPERATIONS // 2 + 20)
    before = await _members(connection, group)
    ids = [node for node in ids if node not in before]
    expected, shares = set(before), [ids[client::CLIENTS] for client in range(CLIENTS)]

    async def client(number: int) -> int:
        own, chance, inside, done = http.Connection(scim_url(settings), scim_headers(server)), random.Random(number), [], 0
        waiting = list(shares[number])
        while done < OPERATIONS // CLIENTS:
            if waiting and (not inside or chance.random() < 0.6):
                inside.append(waiting.pop())
                await _patch(own, group, "add", inside[-1], options.query)
            else:
                node = inside.pop(chance.randrange(len(inside)))
                await _patch(own, group, "remove", node, options.query)
            done += 1
        expected.update(inside)
        return done

    begun = time.monotonic()
    done = sum(await asyncio.gather(*(client(number) for number in range(CLIENTS))))
    seconds = time.monotonic() - begun
    # The server does not keep a connection for ever over which nothing is asked.
    found = await _members(http.Connection(scim_url(settings), scim_headers(server)), group)
    return {"operations": done, "operations_per_second": done / seconds, "wrong": len(found ^ expected)}


async def _patch(connection: http.Connection, group: str, op: str, member: str, query: str) -> None:
    if op == "add":
        operation = {"op": "add", "path": "members", "value": [{"value": member}]}
    else:
        operation = {"op": "remove", "path": f'members[value eq "{member}"]'}
    body = json.dumps({"schemas": [PATCH_SCHEMA], "Operations": [operation]}).encode()
    status, answer = await connection.send("PATCH", f"/Groups/{group}{query}", body)
    if status not in (200, 204):
        raise Failure(f"a PATCH was answered with {status}: {answer[:500].decode()}")


async def _find(connection: http.Connection, kind: str, condition: str) -> str:
    path = f"/{kind}?attributes=id&filter={urllib.parse.quote(condition)}"
    return (await _get(connection, path))["Resources"][0]["id"]


async def _ids(connection: http.Connection, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        page = await _get(connection, f"/Users?attributes=id&count=1000&startIndex={len(found) + 1}")
        found += [user["id"] for user in page["Resources"]]
    return found[:count]


async def _members(connection: http.Connection, group: str) -> set[str]:
    return {member["value"] for member in (await _get(connection, f"/Groups/{group}")).get("members", [])}


async def _get(connection: http.Connection, path: str) -> dict:
    status, body = await connection.send("GET", path)
    if status != 200:
        raise Failure(f"{path} was answered with {status}: {body[:500].decode()}")
    return json.loads(body)
