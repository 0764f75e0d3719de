"""Crashes: the server is killed in the midst of thousands of writes, again and again, and everything is looked after."""

import asyncio
import collections
import contextlib
import random
import time

from . import results, sql, writes
from .cluster import Cluster
from .server import Server, new_sqlite
from .settings import Failure, Settings, say


def measure(settings: Settings, options) -> None:
    """Kills the server as often as asked for, on each database."""
    wrong = []
    for name in options.databases:
        with _database(settings, name) as url:
            result = _crashes(settings, url, options)
        result["verdict"] = (
            "nothing lost, nothing by halves" if not result["wrong"] else f"{len(result['wrong'])} WRONG"
        )
        result["verdict"] += f" after {options.times} crashes in the midst of {options.writes} writes"
        results.record(settings, f"crash-{name}", result)
        say(f"{name}: {result['verdict']}")
        wrong += result["wrong"]
    if wrong:
        raise Failure("\n  ".join(["a crash has left something wrong:", *wrong[:20]]))


@contextlib.contextmanager
def _database(settings: Settings, name: str):
    """A new database."""
    if name == "sqlite":
        yield new_sqlite(settings, "crash")
        return
    cluster = Cluster.of(settings)
    cluster.start()
    database = "idgraph_load_crash"
    sql.drop(cluster, database)
    sql.create(cluster, database)
    yield cluster.url(database)


def _crashes(settings: Settings, url: str, options) -> dict:
    chance = random.Random(options.seed_of_crashes)
    result = {"crashes": [], "wrong": []}
    server = Server(settings, url, role="owner")
    with server:
        for number in range(options.times):
            crash = asyncio.run(_crash(server, f"run{number}", chance, options.writes))
            result["wrong"] += crash.pop("wrong")
            result["crashes"].append(crash)
            before, ready = crash["acknowledged_before"], crash["ready_after_seconds"]
            say(f"crash {number}: {before} acknowledged before, ready again after {ready} s")
        result["wrong"] += writes.doctor(server)
    return result


async def _crash(server: Server, run: str, chance: random.Random, count: int) -> dict:
    """One crash: writes, the kill, the restart, and everything that has to be true then."""
    places = writes.places(server, run)
    storm = [writes.write(places[number % len(places)], run, number) for number in range(count)]
    enough = chance.randrange(count // 20, count * 3 // 4)
    killed: list[float] = []

    def on_done(acknowledged: int) -> None:
        if acknowledged >= enough and not killed:
            server.process.kill()
            killed.append(time.monotonic())

    outcomes = await writes.all_at_once(server, storm, on_done)
    server.kill()
    ready = server.start()
    acknowledged = [one for one in storm if one.id]
    wrong = writes.check(server, acknowledged)
    # Whatever came of the rest: sent again, each has to succeed.
    rest = [one for one in storm if not one.id]
    repeated = await writes.again(server, rest)
    wrong += [
        f"{count} writes sent again: {outcome}" for outcome, count in repeated.items() if outcome != "acknowledged"
    ]
    wrong += writes.check(server, [one for one in rest if one.id])
    return {
        "acknowledged_before": len(acknowledged),
        "outcomes": dict(collections.Counter(outcomes)),
        "sent_again": len(rest),
        "ready_after_seconds": round(ready, 2),
        "wrong": [f"{run}: {text}" for text in wrong],
    }
