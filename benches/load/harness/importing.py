"""Bulk import through the product: how many objects a second, in how much memory, and what it leaves behind."""

import collections
import subprocess
import time

from . import directory, processes, results, sql
from .cluster import Cluster
from .server import build
from .settings import Failure, Settings, say

COUNTS = """SELECT json_build_object(
    'profiles', (SELECT count(*) FROM profiles),
    'collectives', (SELECT count(*) FROM collectives),
    'organizations', (SELECT count(*) FROM organizations),
    'linked_identities', (SELECT count(*) FROM linked_identities),
    'edges', (SELECT count(*) FROM edges),
    'events', (SELECT count(*) FROM events),
    'event_nodes', (SELECT count(*) FROM event_nodes),
    'node_keys', (SELECT count(*) FROM node_keys),
    'bytes', pg_database_size(current_database()))"""
OBJECTS = ("profiles", "collectives", "organizations", "linked_identities", "edges")


TOP_STATEMENTS = """SELECT json_agg(found) FROM (
    SELECT round(sum(total_exec_time)) AS milliseconds, round(sum(total_plan_time)) AS planning,
        sum(calls) AS calls, sum(rows) AS rows,
        sum(shared_blks_hit + shared_blks_read) AS buffers, left(min(query), 100) AS statement
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY left(query, 60) ORDER BY sum(total_exec_time + total_plan_time) DESC LIMIT 14) found"""


def measure(settings: Settings, database: str | None = None, with_statements: bool = False) -> dict:
    """Imports the directory into a new database, and records what it cost."""
    build(settings)
    directory.write(settings)
    cluster = Cluster.of(settings)
    cluster.start()
    database = database or f"{settings.database}_import"
    sql.drop(cluster, database)
    sql.create(cluster, database)
    migrated = [settings.binary, "migrate", "up", "--database-url", cluster.url(database)]
    subprocess.run(migrated, check=True, capture_output=True)
    if with_statements:
        _count_statements(cluster, database)
    result = _import(settings, cluster, database)
    if with_statements:
        result["statements"] = sql.document(cluster, database, TOP_STATEMENTS)
        _tell_statements(result["statements"])
    result["counts"] = sql.document(cluster, database, COUNTS)
    objects = sum(result["counts"][name] for name in OBJECTS)
    result |= {"objects": objects, "objects_per_second": round(objects / result["seconds"])}
    results.record(settings, f"import-{settings.sizes.name}", result)
    say("{objects} objects in {seconds} s: {objects_per_second} a second; at most {peak_rss_mib} MiB".format(**result))
    return result


def _import(settings: Settings, cluster: Cluster, database: str) -> dict:
    command = [settings.binary, "import", settings.directory_file, "--database-url", cluster.url(database)]
    say(f"importing {settings.directory_file.name} into {database}")
    wal = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
    before, begun = float(sql.value(cluster, database, wal)), time.monotonic()
    postgres_before = processes.cpu_seconds(cluster.pid)
    output = settings.work / "import.out"
    with output.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        server = 0.0
        with processes.Watch(process.pid) as watch:
            while process.poll() is None:
                # A process that has ended tells nothing any more.
                server = processes.cpu_seconds(process.pid) or server
                time.sleep(0.5)
    seconds = time.monotonic() - begun
    last = collections.deque(output.read_text().splitlines(), 5)
    if process.returncode != 0:
        raise Failure("the import failed:\n" + "\n".join(last))
    return {
        "summary": last[-1],
        "seconds": round(seconds, 1),
        "server_cpu_seconds": round(server, 1),
        "postgres_cpu_seconds": round(processes.cpu_seconds(cluster.pid) - postgres_before, 1),
        "wal_mib": round((float(sql.value(cluster, database, wal)) - before) / 2**20),
        "peak_rss_mib": round(watch.peak / 2**20, 1),
    }


def _count_statements(cluster: Cluster, database: str) -> None:
    """Has PostgreSQL count what each statement costs, from now on."""
    sql.run(cluster, database, "CREATE EXTENSION pg_stat_statements")
    sql.run(cluster, database, "SELECT pg_stat_statements_reset()")
    for key, value in {"track": "top", "track_planning": "on"}.items():
        sql.run(cluster, "postgres", f"ALTER DATABASE \"{database}\" SET pg_stat_statements.{key} = '{value}'")


def _tell_statements(statements: list[dict]) -> None:
    for cost in statements:
        text = " ".join(cost["statement"].split())
        say(f"{cost['milliseconds']:>8} ms, planned in {cost['planning']:>6} ms, {cost['calls']:>6} calls: {text}")


def seed(settings: Settings) -> None:
    """Makes sure that there is a database with the directory, through the product; once there, it stays."""
    cluster = Cluster.of(settings)
    cluster.start()
    if sql.exists(cluster, settings.database):
        say(f"{settings.database} is there already")
        return
    unfinished = f"{settings.database}_unfinished"
    measure(settings, unfinished)
    # A server empties the outbox, a few hundred events at a time; that is not to be measured together with reads.
    sql.run(cluster, unfinished, "TRUNCATE outbox")
    sql.run(cluster, unfinished, "VACUUM (ANALYZE)")
    sql.run(cluster, "postgres", f'ALTER DATABASE "{unfinished}" RENAME TO "{settings.database}"')
