"""Reads: how many requests a second, how long each takes, and what it costs the machine."""

import contextlib
import json
import os
import subprocess

from . import importing, processes, questions, results
from .cluster import Cluster
from .peer import Peer
from .server import Server
from .settings import SOURCES, Failure, Settings, say

Subject = Server | Peer


def measure(settings: Settings, options) -> None:
    """Asks every question of every subject, one subject after the other."""
    importing.seed(settings)
    found = questions.facts(settings)
    asked = [question for question in questions.ALL if question.name in options.questions]
    seen: dict[str, dict[str, list]] = {}
    for name in options.subjects:
        with subject(settings, name) as running:
            for question in asked:
                requests = questions.bodies(question, found, name)
                seen.setdefault(question.name, {})[name] = questions.verify(question, running, requests)
                result = _measure_one(settings, running, question, requests, options)
                results.record(settings, f"read-{settings.sizes.name}-{question.name}-{name}", result)
    for name, answers in seen.items():
        if len(answers) > 1:
            if answers["idgraph"] != answers["peer"]:
                raise Failure(f"The subjects answer {name} differently.")
            say(f"both answer {name} alike")


def subject(settings: Settings, name: str) -> contextlib.AbstractContextManager[Subject]:
    """A subject by its name."""
    if name == "peer":
        return Peer(settings)
    return Server(settings, Cluster.of(settings).url(settings.database))


def _measure_one(settings: Settings, running: Subject, question, requests: list[bytes], options) -> dict:
    file = settings.work / "bodies"
    file.write_bytes(b"\n".join(requests) + b"\n")
    wrk(running, file, options.warm_up, options.connections)
    postgres = Cluster.of(settings).pid
    before = processes.cpu_seconds(running.pid), processes.cpu_seconds(postgres)
    with processes.Watch(running.pid) as watch:
        measured = wrk(running, file, options.duration, options.connections)
    after = processes.cpu_seconds(running.pid), processes.cpu_seconds(postgres)
    count = max(measured["requests"], 1)
    result = measured | {
        "question": question.name,
        "subject": running.name,
        "connections": options.connections,
        "requests_per_second": round(measured["requests"] / measured["seconds"], 1),
        "answer_bytes": measured["bytes"] // count,
        "server_cpu_ms": round((after[0] - before[0]) * 1000 / count, 4),
        "postgres_cpu_ms": round((after[1] - before[1]) * 1000 / count, 4),
        "peak_rss_mib": round(watch.peak / 2**20, 1),
    }
    wrong = measured["bad_statuses"] + measured["failed_connections"] + measured["timeouts"]
    note = f", {wrong} WRONG" if wrong else ""
    say("{subject} {question}: {requests_per_second} requests/s, p99 {p99_ms} ms".format(**result) + note)
    return result


def wrk(running: Subject, bodies, seconds: int, connections: int, count_statuses: bool = False) -> dict:
    """Posts the bodies of a file again and again, and answers what wrk has measured. Counting statuses makes it slower."""
    return drive(running.url, running.headers, {"BODIES": str(bodies)}, seconds, connections, count_statuses)


def drive(
    url: str, headers: dict[str, str], sent: dict[str, str], seconds: int, connections: int, count_statuses: bool = False
) -> dict:
    """Runs wrk with what its script is to send."""
    fields = "\n".join(f"{name}: {value}" for name, value in headers.items())
    environment = os.environ | {"HEADERS": fields} | sent
    environment |= {"COUNT_STATUSES": "1"} if count_statuses else {}
    script = SOURCES / "wrk" / "cycle.lua"
    command = ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    done = subprocess.run([*command, "-s", script, url], env=environment, capture_output=True, text=True)
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode != 0 or not last.startswith("{"):
        raise Failure(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(last)
