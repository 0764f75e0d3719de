"""Many clients at once, for a while: does every request get a right answer, and does the memory stay where it is?"""

import random

from . import importing, processes, questions, reading, results
from .cluster import Cluster
from .server import Server
from .settings import Failure, Settings, say

MIXTURE = {"q1": 8, "q2": 1, "q3": 3}
"""How often each question is asked, in relation to the others."""


def measure(settings: Settings, options) -> None:
    """Asks a mixture of all questions."""
    importing.seed(settings)
    found = questions.facts(settings)
    requests = []
    for question in questions.ALL:
        requests += questions.bodies(question, found, "idgraph")[: 200 * MIXTURE[question.name]]
    random.Random(settings.sizes.seed).shuffle(requests)
    file = settings.work / "bodies"
    file.write_bytes(b"\n".join(requests) + b"\n")
    with Server(settings, Cluster.of(settings).url(settings.database)) as server:
        with processes.Watch(server.pid, interval=1) as watch:
            measured = reading.wrk(server, file, options.duration, options.connections, count_statuses=True)
        alive = server.process.poll() is None
    memory = [round(size / 2**20, 1) for _, size in watch.samples]
    middle, end = memory[len(memory) // 2], memory[-1]
    wrong = measured["failed_connections"] + measured["timeouts"] + measured["with_errors"]
    wrong += sum(count for status, count in measured["statuses"].items() if status != "200")
    verdict = f"{measured['requests']:,} requests at {options.connections} connections, {wrong} of them not well; "
    verdict += f"p99 {measured['p99_ms']:.0f} ms; "
    verdict += f"memory {middle:.0f} MiB at half time, {end:.0f} at the end, {max(memory):.0f} at most"
    result = measured | {"verdict": verdict, "memory_mib": memory, "connections": options.connections}
    results.record(settings, "soak", result)
    say(verdict)
    if wrong or not alive:
        raise Failure(
            f"the server has ended, or answered wrongly: {measured['statuses']}, {measured['with_errors']} errors"
        )
