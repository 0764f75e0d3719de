"""SQL through psql, so that the harness needs no driver."""

import json
import subprocess
from typing import Any

from .cluster import Cluster
from .settings import Failure


def run(cluster: Cluster, database: str, statements: str) -> str:
    """Runs SQL, and answers what psql prints: rows without a header, columns between tabs."""
    command = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", cluster.url(database)]
    done = subprocess.run(command, input=statements, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"SQL failed in {database}: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")


def rows(cluster: Cluster, database: str, query: str) -> list[list[str]]:
    """The rows of a query."""
    return [line.split("\t") for line in run(cluster, database, query).splitlines() if line]


def value(cluster: Cluster, database: str, query: str) -> str:
    """The one value of a query."""
    return run(cluster, database, query).strip()


def document(cluster: Cluster, database: str, query: str) -> Any:
    """The one value of a query, as JSON."""
    return json.loads(value(cluster, database, query))


def exists(cluster: Cluster, database: str) -> bool:
    """Whether there is a database of that name."""
    return value(cluster, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'") == "1"


def drop(cluster: Cluster, database: str) -> None:
    """Removes a database, whoever is connected to it."""
    run(cluster, "postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def create(cluster: Cluster, database: str, template: str = "template0") -> None:
    """Makes a database, as a copy of another one if asked for."""
    if template != "template0":
        others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'"
        run(cluster, "postgres", others)
    run(cluster, "postgres", f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
