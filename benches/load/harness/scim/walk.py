"""A walk through a list by cursors (RFC 9865) while others make and delete: is everybody seen who was there throughout?"""

import asyncio
import collections
import json
import time

from .. import http, results
from ..server import Server
from ..settings import Failure, Settings, say
from . import databases, directory
from .subjects import scim_headers, scim_url


def measure(settings: Settings, options) -> None:
    """Walks on each database."""
    for name in options.databases:
        with databases.server(settings, name, options.people, {}) as server:
            result = asyncio.run(_measure(settings, server, options))
        verdict = "{seen} of {there} users seen in {seconds:.1f} s and {pages} pages, {missed} missed, {twice} twice, ".format(
            **result
        )
        verdict += "while {created} were made and {deleted} deleted by {clients} clients".format(**result)
        results.record(settings, f"scim-walk-{name}", result | {"verdict": verdict})
        say(f"{name}: {verdict}")
        if result["missed"] or result["twice"]:
            raise Failure("the walk was wrong")


async def _measure(settings: Settings, server: Server, options) -> dict:
    counts: collections.Counter = collections.Counter()
    there = {directory.username(number) for number in range(options.people)}
    ended = asyncio.Event()

    async def writer(number: int) -> None:
        """Makes users and deletes each, with never more than a few of its own there."""
        connection = http.Connection(scim_url(settings), scim_headers(server))
        made: list[str] = []
        turn = 0
        while not ended.is_set():
            body = json.dumps(directory.user(f"passing-{number}-{turn}")).encode()
            status, answer = await connection.send("POST", "/Users", body)
            if status != 201:
                raise Failure(f"a user could not be made: {status} {answer[:300].decode()}")
            made.append(json.loads(answer)["id"])
            counts["created"] += 1
            turn += 1
            if len(made) > 3:
                status, answer = await connection.send("DELETE", f"/Users/{made.pop(0)}")
                if status != 204:
                    raise Failure(f"a user could not be deleted: {status} {answer[:300].decode()}")
                counts["deleted"] += 1

    writers = [asyncio.create_task(writer(number)) for number in range(options.clients)]
    try:
        begun = time.monotonic()
        seen, pages = await _walk(settings, server, options.page)
        seconds = time.monotonic() - begun
    finally:
        ended.set()
    await asyncio.gather(*writers)
    mine = {name: times for name, times in seen.items() if name in there}
    return {
        "there": len(there),
        "seen": len(mine),
        "missed": len(there) - len(mine),
        "twice": sum(times > 1 for times in seen.values()),
        "pages": pages,
        "seconds": seconds,
        "clients": options.clients,
        "created": counts["created"],
        "deleted": counts["deleted"],
    }


async def _walk(settings: Settings, server: Server, page: int) -> tuple[collections.Counter, int]:
    connection = http.Connection(scim_url(settings), scim_headers(server))
    seen: collections.Counter = collections.Counter()
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        path = f"/Users?attributes=userName&count={page}&cursor={cursor}"
        status, body = await connection.send("GET", path)
        if status != 200:
            raise Failure(f"{path} was answered with {status}: {body[:500].decode()}")
        answer = json.loads(body)
        seen.update(user["userName"] for user in answer["Resources"])
        cursor = answer.get("nextCursor")
        pages += 1
    return seen, pages
