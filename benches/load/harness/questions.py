"""The three questions, as each subject is asked them, and whether the answers are right."""

import dataclasses
import json
import random
import typing
import uuid

from . import directory, http, sql
from .cluster import Cluster
from .settings import Failure, Settings

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
BODIES = 2_000
"""How many different requests each question consists of."""


@dataclasses.dataclass(frozen=True)
class Question:
    """A question: how each subject is asked it, and what its answer has to look like."""

    name: str
    title: str
    idgraph: str
    peer: str
    variables: typing.Callable[["Facts", random.Random], tuple[dict, dict]]
    """The variables for the server, and for the peer."""
    check: typing.Callable[[dict], bool]


@dataclasses.dataclass(frozen=True)
class Facts:
    """What there is to be asked about."""

    users: list[str]
    organizations: list[tuple[str, str]]
    """UUID and slug."""
    prefixes: list[tuple[str, str, int]]
    """UUID of an organization, beginning of user names, and how many there begin so."""


USER_FIELDS = "username displayName email title status"
Q1 = Question(
    name="q1",
    title="Q1: one user by id, five fields",
    idgraph=f"query($id: ID!) {{ node(id: $id) {{ ... on User {{ {USER_FIELDS} }} }} }}",
    peer=f"query($id: UUID!) {{ node: userByRowId(rowId: $id) {{ {USER_FIELDS} }} }}",
    variables=lambda facts, chance: _by_id(chance.choice(facts.users)),
    check=lambda data: bool(data["node"]["username"] and data["node"]["email"]),
)
Q2 = Question(
    name="q2",
    title="Q2: an organization, 20 teams, 20 members of each, all their accounts",
    idgraph="""query($slug: String!) { organization(slug: $slug) { name teams(first: 20) { nodes { id name
        members(first: 20) { edges { role node { id username displayName email
        linkedIdentities(first: 25) { nodes { provider accountId username } } } } } } } } }""",
    peer="""query($slug: String!) { organization: organizationBySlug(slug: $slug) { name
        teams: teamsByOrganizationId(first: 20, orderBy: PRIMARY_KEY_ASC) { nodes { id: rowId name
        members: membershipsByTeamId(first: 20, orderBy: PRIMARY_KEY_ASC) { edges: nodes { role
        node: userByUserId { id: rowId username displayName email
        linkedIdentities: linkedIdentitiesByUserId(first: 25, orderBy: PRIMARY_KEY_ASC) {
        nodes { provider accountId username } } } } } } } } }""",
    variables=lambda facts, chance: _same({"slug": chance.choice(facts.organizations)[1]}),
    check=lambda data: _accounts(data) > 0,
)
Q3 = Question(
    name="q3",
    title="Q3: users of an organization by prefix, the first 50 by user name, and how many",
    idgraph="""query($id: ID!, $prefix: String!) { node(id: $id) { ... on Organization {
        users: profiles(first: 50, orderBy: {field: USERNAME, direction: ASC}, filter: {username: {prefix: $prefix}}) {
        totalCount nodes { id username displayName email title } } } } }""",
    peer="""query($id: UUID!, $prefix: String!, $end: String!) { node: organizationByRowId(rowId: $id) {
        users: usersByOrganizationId(first: 50, orderBy: USERNAME_ASC,
          filter: {username: {greaterThanOrEqualTo: $prefix, lessThan: $end}}) {
        totalCount nodes { id: rowId username displayName email title } } } }""",
    variables=lambda facts, chance: _by_prefix(*chance.choice(facts.prefixes)[:2]),
    check=lambda data: data["node"]["users"]["totalCount"] >= 50 == len(data["node"]["users"]["nodes"]),
)
ALL = (Q1, Q2, Q3)


def public_id(prefix: str, text: str) -> str:
    """The public id of a node: 26 characters of base 32 over its UUID."""
    number = uuid.UUID(text).int
    return f"{prefix}_" + "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def _same(variables: dict) -> tuple[dict, dict]:
    return variables, variables


def _by_id(user: str) -> tuple[dict, dict]:
    return {"id": public_id("usr", user)}, {"id": user}


def _by_prefix(organization: str, prefix: str) -> tuple[dict, dict]:
    return (
        {"id": public_id("org", organization), "prefix": prefix},
        {"id": organization, "prefix": prefix, "end": prefix + "\U0010ffff"},
    )


def _accounts(data: dict) -> int:
    """How many accounts an answer to the second question has."""
    members = [edge["node"] for team in data["organization"]["teams"]["nodes"] for edge in team["members"]["edges"]]
    return sum(len(member["linkedIdentities"]["nodes"]) for member in members)


def facts(settings: Settings) -> Facts:
    """Looks up what there is to be asked about: the same in the same database, whoever is asked."""
    cluster = Cluster.of(settings)

    def rows(query: str) -> list[list[str]]:
        return sql.rows(cluster, settings.database, query)

    users = [row[0] for row in rows("SELECT id FROM profiles WHERE kind = 'user' ORDER BY md5(id::text) LIMIT 20000")]
    organizations = [(row[0], row[1]) for row in rows("SELECT id, slug FROM organizations ORDER BY slug")]
    # Beginnings that some hundred user names have, however large the directory is: the page is full, and the count
    # costs the same at every size.
    prefixes = rows(
        """SELECT org_id, prefix, count FROM (
               SELECT org_id, left(username_key, length) AS prefix, count(*) AS count
               FROM profiles, generate_series(1, 12) AS length GROUP BY 1, 2) found
           WHERE count BETWEEN 50 AND 300 ORDER BY md5(org_id::text || prefix) LIMIT 1000"""
    )
    if not (users and organizations and prefixes):
        raise Failure("The directory is too small to ask about: take at least 1,000 users for each organization.")
    return Facts(users, organizations, [(row[0], row[1], int(row[2])) for row in prefixes])


def bodies(question: Question, found: Facts, subject: str) -> list[bytes]:
    """The requests of a question, by rule."""
    chance = random.Random(f"{question.name} {directory.__name__}")
    query = " ".join((question.idgraph if subject == "idgraph" else question.peer).split())
    made = []
    for _ in range(BODIES):
        ours, theirs = question.variables(found, chance)
        variables = ours if subject == "idgraph" else theirs
        made.append(json.dumps({"query": query, "variables": variables}, separators=(",", ":")).encode())
    return made


def verify(question: Question, subject, requests: list[bytes], sample: int = 25) -> list[object]:
    """Asks some of the requests, and requires that the answers are right; answers what they say."""
    answers = []
    for body in requests[:sample]:
        status, answer = http.post(subject.url, body, subject.headers)
        told = json.loads(answer)
        if status != 200 or "errors" in told or not question.check(told["data"]):
            raise Failure(f"{subject.name} answers {question.name} wrongly ({status}): {answer[:600].decode()}")
        answers.append(_without_ids(told["data"]))
    return answers


def _without_ids(answer: object) -> object:
    """An answer without what the subjects spell differently: ids and enumerations."""
    if isinstance(answer, dict):
        return {key: _without_ids(value) for key, value in answer.items() if key not in ("id", "role", "status")}
    return [_without_ids(value) for value in answer] if isinstance(answer, list) else answer
