"""PostgreSQL goes away and comes back while there are writes: how long until all is well, and nothing may be lost."""

import asyncio
import collections
import itertools
import time

from . import http, results, sql, writes
from .cluster import Cluster
from .server import Server
from .settings import Failure, Settings, say

WORKERS = 64
DATABASE = "idgraph"


def measure(settings: Settings, options) -> None:
    """Restarts PostgreSQL in an orderly way, and by a crash, in a cluster of its own."""
    cluster = Cluster(settings.work / "postgres-restart", settings.postgres_port + 1)
    cluster.remove()
    try:
        cluster.start()
        sql.create(cluster, DATABASE)
        with Server(settings, cluster.url(DATABASE), role="owner") as server:
            restarts = [asyncio.run(_restart(server, cluster, mode)) for mode in ("fast", "immediate")]
            wrong = [text for restart in restarts for text in restart.pop("wrong")] + writes.doctor(server)
    finally:
        cluster.remove()
    waits = ", ".join(f"{one['mode']}: writes again after {one['writes_after_seconds']} s" for one in restarts)
    verdict = f"{'nothing lost' if not wrong else f'{len(wrong)} WRONG'}; {waits}"
    results.record(settings, "restart-postgres", {"restarts": restarts, "wrong": wrong, "verdict": verdict})
    say(verdict)
    if wrong:
        raise Failure("\n  ".join(["a restart of PostgreSQL has left something wrong:", *wrong[:20]]))


async def _restart(server: Server, cluster: Cluster, mode: str) -> dict:
    """One restart under load."""
    run = f"restart-{mode}"
    places = await asyncio.to_thread(writes.places, server, run)
    numbers, sent, ended = itertools.count(), [], asyncio.Event()
    outcomes: collections.Counter = collections.Counter()

    async def worker() -> None:
        connection = http.Connection(server.url, server.headers)
        while not ended.is_set():
            number = next(numbers)
            one = writes.write(places[number % len(places)], run, number)
            sent.append(one)
            # What did not succeed is sent again until it does: with its clientMutationId it is done once.
            while (outcome := await writes.send(connection, one)) != "acknowledged":
                outcomes[outcome] += 1
                await asyncio.sleep(0.05)
            outcomes[outcome] += 1
        connection.close()

    workers = [asyncio.create_task(worker()) for _ in range(WORKERS)]
    await asyncio.sleep(3)
    begun = time.monotonic()
    await asyncio.to_thread(cluster.stop, mode)
    stopped = time.monotonic()
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.start)
    up = time.monotonic()
    ready = await asyncio.to_thread(
        http.wait_until, lambda: http.is_ready(server.ready_url), server.process, "the server"
    )
    await asyncio.sleep(3)
    ended.set()
    await asyncio.wait_for(asyncio.gather(*workers), 60)
    wrong = await asyncio.to_thread(writes.check, server, sent)
    first = min((one.done_at for one in sent if one.done_at > up), default=float("inf"))
    return {
        "mode": mode,
        "down_seconds": round(up - stopped, 2),
        "stop_seconds": round(stopped - begun, 2),
        "ready_after_seconds": round(ready, 2),
        "writes_after_seconds": round(first - up, 2),
        "writes": len(sent),
        "outcomes": dict(outcomes),
        "wrong": wrong,
    }
