"""A server on a new database that holds the directory."""

import contextlib
import typing

from .. import sql
from ..cluster import Cluster
from ..server import Server, new_sqlite
from ..settings import Settings
from . import directory


@contextlib.contextmanager
def server(settings: Settings, name: str, users: int, groups: dict[str, int]) -> typing.Iterator[Server]:
    """On SQLite or PostgreSQL."""
    running = Server(settings, url(settings, name), "admin", token=directory.TOKEN)
    directory.fill(settings, running, users, groups)
    with running:
        yield running


def url(settings: Settings, name: str) -> str:
    """The URL of a new database, on SQLite or PostgreSQL."""
    if name == "sqlite":
        return new_sqlite(settings, "scim")
    cluster, database = Cluster.of(settings), "idgraph_load_scim"
    cluster.start()
    sql.drop(cluster, database)
    sql.create(cluster, database)
    return cluster.url(database)
