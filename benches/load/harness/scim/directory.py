"""Directories that SCIM is measured on: one organization, its users, and groups of them."""

import json
import pathlib
import typing

from ..server import Server
from ..settings import Failure, Settings

ORGANIZATION = "acme"
TOKEN = ("--organization", ORGANIZATION)
USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"


def user(name: str) -> dict:
    """What a client that provisions people sends of one."""
    return {
        "schemas": [USER_SCHEMA],
        "userName": f"{name}@example.org",
        "externalId": f"x-{name}",
        "name": {"givenName": "Ada", "familyName": f"Number {name}"},
        "displayName": f"Ada Number {name}",
        "emails": [{"value": f"{name}@example.org", "type": "work", "primary": True}],
        "title": "Engineer",
        "active": True,
    }


def fill(settings: Settings, server: Server, users: int, groups: dict[str, int]) -> None:
    """Imports the organization, its users, and groups that hold the first so many of them."""
    file = settings.work / "scim.ndjson"
    _write(file, users, groups)
    done = server.run("import", str(file))
    if done.returncode != 0:
        raise Failure(f"the import failed: {done.stderr.strip()[-500:]}")


def _write(path: pathlib.Path, users: int, groups: dict[str, int]) -> None:
    with path.open("w") as file:
        for line in _lines(users, groups):
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def _lines(users: int, groups: dict[str, int]) -> typing.Iterator[dict]:
    yield {"type": "organization", "slug": ORGANIZATION, "name": "Acme"}
    for number in range(users):
        name = username(number)
        yield {"type": "user", "organization": ORGANIZATION, "username": name, "email": f"{name}@example.org"}
    for group, size in groups.items():
        yield {"type": "group", "organization": ORGANIZATION, "slug": group, "name": group}
        for number in range(size):
            yield {"type": "membership", "organization": ORGANIZATION, "group": group, "user": username(number)}


def username(number: int) -> str:
    """The user name of a user of the directory."""
    return f"user-{number:06}"
