"""How many users a second are made and read over SCIM, by idgraph and by others."""

import json
import urllib.parse

from .. import http, processes, reading, results
from ..settings import Failure, Settings, say
from . import directory, subjects

KNOWN = 500
"""How many users there are before the measurement, whose ids are known."""


def measure(settings: Settings, options) -> None:
    """Makes users, then reads them, one subject after the other."""
    rates: dict[str, dict[str, float]] = {}
    for name in options.subjects:
        with subjects.ALL[name](settings) as running:
            ids = [_create(running, f"known-{number}") for number in range(KNOWN)]
            _check(running, ids[0])
            template = json.dumps(directory.user("NUMBER"))
            rates[name] = {
                "create": _measure(settings, running, "create", "/Users", {"TEMPLATE": template}, options),
                "read": _measure(settings, running, "read", "", {"PATHS": _paths(settings, running, ids)}, options),
            }
    if "idgraph" in rates:
        for name in rates.keys() - {"idgraph"}:
            times = {what: rates["idgraph"][what] / rates[name][what] for what in ("create", "read")}
            say(f"idgraph is faster than {name}: {times['create']:.1f} times in making, {times['read']:.1f} in reading")


def _create(running, name: str) -> str:
    status, body = http.post(f"{running.url}/Users", directory.user(name), running.headers)
    if status != 201:
        raise Failure(f"{running.name} answered {status}: {body[:500].decode()}")
    return json.loads(body)["id"]


def _check(running, node: str) -> None:
    """A wrong answer is never fast."""
    status, body = http.get(f"{running.url}/Users/{node}", running.headers)
    expected = directory.user("known-0")
    found = json.loads(body)
    if status != 200 or any(found.get(key) != expected[key] for key in ("userName", "externalId", "title", "active")):
        raise Failure(f"{running.name} answered {status}: {body[:500].decode()}")


def _paths(settings: Settings, running, ids: list[str]) -> str:
    base = urllib.parse.urlsplit(running.url).path
    file = settings.work / "paths"
    file.write_text("".join(f"{base}/Users/{node}\n" for node in ids))
    return str(file)


def _measure(settings: Settings, running, what: str, path: str, sent: dict[str, str], options) -> float:
    before = processes.cpu_seconds(running.pid)
    with processes.Watch(running.pid) as watch:
        url, headers = running.url + path, running.headers
        measured = reading.drive(url, headers, sent, options.duration, options.connections)
    count = max(measured["requests"], 1)
    result = measured | {
        "subject": running.name,
        "connections": options.connections,
        "requests_per_second": round(measured["requests"] / measured["seconds"], 1),
        "server_cpu_ms": round((processes.cpu_seconds(running.pid) - before) * 1000 / count, 4),
        "peak_rss_mib": round(watch.peak / 2**20, 1),
    }
    results.record(settings, f"scim-{what}-{running.name}", result)
    text = "{subject} {what}: {requests_per_second} requests/s, p50 {p50_ms} ms, p99 {p99_ms} ms, {server_cpu_ms} ms of CPU"
    say(text.format(what=what, **result))
    wrong = measured["bad_statuses"] + measured["failed_connections"] + measured["timeouts"]
    if wrong and running.name == "idgraph":
        raise Failure(f"{wrong} answers were wrong")
    return result["requests_per_second"]
