"""The directory that REST is measured on: one organization, its users, and an account of each at a provider."""

import contextlib
import json
import secrets
import typing

from ..scim.databases import url
from ..server import Server
from ..settings import Failure, Settings

ORGANIZATION = "acme"
PROVIDER = "github"
USERS = 10_000


@contextlib.contextmanager
def server(settings: Settings, database: str, role: str, **variables: str) -> typing.Iterator[Server]:
    """On SQLite or PostgreSQL, with a token of that role, and OAuth switched on."""
    variables |= {"IDGRAPH_OAUTH__KEY_SECRET": secrets.token_hex(32)}
    running = Server(settings, url(settings, database), role, token=("--organization", ORGANIZATION), **variables)
    file = settings.work / "rest.ndjson"
    with file.open("w") as lines:
        for line in _lines():
            lines.write(json.dumps(line, separators=(",", ":")) + "\n")
    done = running.run("import", str(file))
    if done.returncode != 0:
        raise Failure(f"the import failed: {done.stderr.strip()[-500:]}")
    with running:
        yield running


def base(settings: Settings) -> str:
    """The URL of the server."""
    return f"http://127.0.0.1:{settings.port}"


def _lines() -> typing.Iterator[dict]:
    yield {"type": "organization", "slug": ORGANIZATION, "name": "Acme"}
    for number in range(USERS):
        name = f"user-{number:06}"
        linked = {"provider": PROVIDER, "external_id": account(number), "username": name}
        yield {
            "type": "user",
            "organization": ORGANIZATION,
            "username": name,
            "email": f"{name}@example.org",
            "linked_identities": [linked],
        }


def account(number: int) -> str:
    """The id that the provider has given to the account of that number."""
    return f"a-{number:06}"
