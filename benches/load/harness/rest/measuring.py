"""How many requests a second REST and OAuth answer, and how soon a revocation is felt."""

import base64
import json
import pathlib
import time
import urllib.parse

from .. import http, processes, reading, results
from ..server import Server
from ..settings import Failure, Settings, say
from . import directory

PAGE = 50
"""How many identities a page of the list has."""
RECORDS = 500
"""How many access records are sent at a time."""
REPORTERS = 8
"""Over how many connections at most."""
TOKENS = 50
"""How many different tokens are asked about."""
KNOWN = 1_000
"""How many different identities are asked for."""


def measure(settings: Settings, options) -> None:
    """Reads and introspection on SQLite; reports on each database; revocation; many connections."""
    with directory.server(settings, "sqlite", "admin") as server:
        identities, pages = _paths(settings, server)
        _drive(settings, server, "identity", "", {"PATHS": identities}, options)
        _drive(settings, server, "list", "", {"PATHS": pages}, options)
        _introspect(settings, server, options)
    for database in options.databases:
        with directory.server(settings, database, "admin") as server:
            _report(settings, server, database, options)
    attempts = dict.fromkeys(("IDGRAPH_OAUTH__ATTEMPTS_PER_ADDRESS", "IDGRAPH_OAUTH__ATTEMPTS_PER_ACCOUNT"), "10000")
    with directory.server(settings, "sqlite", "admin", IDGRAPH_OAUTH__PASSWORD_GRANT="true", **attempts) as server:
        _revoke(settings, server, options)


def _paths(settings: Settings, server: Server) -> tuple[str, str]:
    """Files of the paths of identities, and of the pages of their list."""
    path, pages, ids = f"/v1/identity?page[limit]={PAGE}", [], []
    while path and len(ids) < KNOWN:
        pages.append(path)
        status, body = http.get(directory.base(settings) + path, server.headers)
        if status != 200:
            raise Failure(f"{path} was answered with {status}: {body[:300].decode()}")
        answer = json.loads(body)
        if len(answer["data"]) != PAGE:
            raise Failure(f"{path} has {len(answer['data'])} identities")
        ids += [f"/v1/identity/{identity['id']}" for identity in answer["data"]]
        cursor = answer["page"]["next_cursor"]
        path = cursor and f"/v1/identity?page[limit]={PAGE}&page[cursor]={urllib.parse.quote(cursor)}"
    status, body = http.get(directory.base(settings) + ids[0], server.headers)
    if status != 200 or json.loads(body).get("provider") != directory.PROVIDER:
        raise Failure(f"{ids[0]} was answered with {status}: {body[:300].decode()}")
    return _file(settings, "identities", ids), _file(settings, "pages", pages)


def _file(settings: Settings, name: str, lines: list[str]) -> str:
    file: pathlib.Path = settings.work / f"rest-{name}"
    file.write_text("".join(f"{line}\n" for line in lines))
    return str(file)


def _introspect(settings: Settings, server: Server, options) -> None:
    tokens = [_client_token(settings, server) for _ in range(TOKENS)]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{directory.base(settings)}/oauth/introspect"
    status, body = http.post(url, f"token={tokens[0]}".encode(), server.headers | form)
    if status != 200 or json.loads(body).get("active") is not True:
        raise Failure(f"introspection answered {status}: {body[:300].decode()}")
    bodies = _file(settings, "tokens", [f"token={token}" for token in tokens])
    _drive(settings, server, "introspection", "/oauth/introspect", {"BODIES": bodies}, options, form)


def _client_token(settings: Settings, server: Server) -> str:
    form = {"Content-Type": "application/x-www-form-urlencoded"} | _as_client(settings, server)
    return _token(settings, "grant_type=client_credentials", form)


def _token(settings: Settings, form: str, headers: dict[str, str]) -> str:
    status, body = http.post(f"{directory.base(settings)}/oauth/token", form.encode(), headers)
    if status != 200:
        raise Failure(f"no token was issued: {status} {body[:300].decode()}")
    return json.loads(body)["access_token"]


def _as_client(settings: Settings, server: Server) -> dict[str, str]:
    """The API token of the harness as a client of OAuth."""
    secret = server.headers["Authorization"].removeprefix("Bearer ")
    token = server.ask("{ viewer { tokenId } }")["viewer"]["tokenId"]
    basic = base64.b64encode(f"{token}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {basic}"}


def _report(settings: Settings, server: Server, database: str, options) -> None:
    """Batches of access records, each of which is new."""
    records = [
        {
            "event_id": f"e-NUMBER-{number}",
            "identity": {"provider": directory.PROVIDER, "provider_id": directory.account(number * 19)},
            "kind": "sign_in",
            "ip": f"198.51.100.{number % 250}",
            "method": "password",
        }
        for number in range(RECORDS)
    ]
    body = json.dumps(records)
    status, answer = http.post(
        f"{directory.base(settings)}/v1/access-records", body.replace("NUMBER", "first").encode(), server.headers
    )
    if status != 200 or any(report["status"] != "recorded" for report in json.loads(answer)["data"]):
        raise Failure(f"records were answered with {status}: {answer[:300].decode()}")
    _drive(settings, server, f"records-{database}", "/v1/access-records", {"TEMPLATE": body}, options, times=RECORDS)


def _drive(
    settings: Settings,
    server: Server,
    what: str,
    path: str,
    sent: dict[str, str],
    options,
    headers: dict[str, str] | None = None,
    times: int = 1,
) -> None:
    """Asks again and again; `times` says how many things one request is about."""
    url, headers = directory.base(settings) + path, server.headers | (headers or {})
    connections = options.connections if times == 1 else min(options.connections, REPORTERS)
    reading.drive(url, headers, sent, 2, connections)
    before = processes.cpu_seconds(server.pid)
    with processes.Watch(server.pid) as watch:
        measured = reading.drive(url, headers, sent, options.duration, connections)
    count = max(measured["requests"], 1) * times
    result = measured | {
        "connections": connections,
        "per_second": round(count / measured["seconds"], 1),
        "server_cpu_ms": round((processes.cpu_seconds(server.pid) - before) * 1000 / count, 4),
        "peak_rss_mib": round(watch.peak / 2**20, 1),
    }
    verdict = "{per_second} a second, p50 {p50_ms} ms, p99 {p99_ms} ms, {server_cpu_ms} ms of CPU each".format(**result)
    results.record(settings, f"rest-{what}", result | {"verdict": verdict})
    say(f"{what}: {verdict}")
    wrong = measured["bad_statuses"] + measured["failed_connections"] + measured["timeouts"]
    if wrong:
        raise Failure(f"{wrong} answers were wrong")


SET_PASSWORD = """mutation($input: SetPasswordInput!) { done: setPassword(input: $input) { errors { code message } } }"""
SEARCH = """query($name: String!) { organization(slug: "acme") { profiles(first: 1, filter: {username: {eq: $name}}) {
    nodes { id } } } }"""


def _revoke(settings: Settings, server: Server, options) -> None:
    """Signs somebody in, uses the token, revokes the sessions, and uses the token until it is refused."""
    client = _as_client(settings, server) | {"Content-Type": "application/x-www-form-urlencoded"}
    url, name, password = directory.base(settings), "user-000007", "Correct-Horse-7"
    profile = server.ask(SEARCH, name=name)["organization"]["profiles"]["nodes"][0]["id"]
    errors = server.ask(SET_PASSWORD, input={"id": profile, "password": password})["done"]["errors"]
    if errors:
        raise Failure(f"no password could be set: {errors}")
    form = urllib.parse.urlencode({"grant_type": "password", "username": name, "password": password})
    identity, felt = None, []
    for _ in range(options.revocations):
        token = _token(settings, form, client)
        bearer = {"Authorization": f"Bearer {token}"}
        if http.get(f"{url}/oauth/userinfo", bearer)[0] != 200:
            raise Failure("a token that was issued just now is refused")
        identity = identity or _local_identity(settings, server, profile)
        begun = time.monotonic()
        status, body = http.post(f"{url}/v1/identity/{identity}/revoke-sessions", {}, server.headers)
        if status != 200:
            raise Failure(f"the revocation was answered with {status}: {body[:300].decode()}")
        while http.get(f"{url}/oauth/userinfo", bearer)[0] != 401:
            if time.monotonic() - begun > 10:
                raise Failure("a token goes on being good after its sessions were revoked")
        felt.append((time.monotonic() - begun) * 1000)
    felt.sort()
    p99 = felt[min(len(felt) - 1, len(felt) * 99 // 100)]
    verdict = f"from a revocation to the first refusal p50 {felt[len(felt) // 2]:.1f} ms, p99 {p99:.1f} ms"
    results.record(settings, "rest-revocation", {"verdict": verdict, "p99_ms": p99, "times": len(felt)})
    say(f"revocation: {verdict}, {len(felt)} times")


def _local_identity(settings: Settings, server: Server, profile: str) -> str:
    query = "query($id: ID!) { node(id: $id) { ... on User { linkedIdentities(first: 10) { nodes { id provider } } } } }"
    nodes = server.ask(query, id=profile)["node"]["linkedIdentities"]["nodes"]
    return next(node["id"] for node in nodes if node["provider"] != directory.PROVIDER)


def soak(settings: Settings, options) -> None:
    """Reads over many connections for a while, and then too much at once where there is a limit."""
    with directory.server(settings, "sqlite", "admin") as server:
        identities, pages = _paths(settings, server)
        mixed = settings.work / "rest-mixed"
        mixed.write_text(pathlib.Path(identities).read_text() + pathlib.Path(pages).read_text())
        with processes.Watch(server.pid, interval=1) as watch:
            measured = reading.drive(
                directory.base(settings), server.headers, {"PATHS": str(mixed)}, options.duration, options.connections, True
            )
        alive = server.process.poll() is None
    memory = [round(size / 2**20, 1) for _, size in watch.samples]
    wrong = measured["failed_connections"] + measured["timeouts"]
    wrong += sum(count for status, count in measured["statuses"].items() if status != "200")
    verdict = f"{measured['requests']:,} requests at {options.connections} connections, {wrong} of them not well; "
    verdict += f"p99 {measured['p99_ms']:.0f} ms; memory {memory[len(memory) // 2]:.0f} MiB at half time, {memory[-1]:.0f} at the end"
    results.record(settings, "rest-soak", measured | {"verdict": verdict, "memory_mib": memory})
    say(verdict)
    if wrong or not alive:
        raise Failure(f"the server has ended, or answered wrongly: {measured['statuses']}")
    _limits(settings)


def _limits(settings: Settings) -> None:
    """Asks for more than there may be: the answer has to say when to come back."""
    limits = {"ENABLED": "true", "COST_PER_MINUTE": "60", "BURST": "20"}
    variables = {f"IDGRAPH_RATE_LIMITS__{name}": value for name, value in limits.items()}
    with directory.server(settings, "sqlite", "admin", **variables) as server:
        statuses, waits = [], []
        for _ in range(40):
            status, fields = http.head_of(f"{directory.base(settings)}/v1/identity?page[limit]=1", server.headers)
            statuses.append(status)
            waits += [fields.get("Retry-After")] if status == 429 else []
    if 200 not in statuses or not waits or not all(wait and wait.isdigit() for wait in waits):
        raise Failure(f"limits were answered with {statuses}, Retry-After {waits}")
    say(f"limits: {statuses.count(200)} answered, {len(waits)} told to come back after {waits[0]} s")
