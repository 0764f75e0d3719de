"""The plans of the statements behind the questions, and how their cost grows with the directory.

PostgreSQL writes down the plan of every statement that the server sends (auto_explain): what is looked at is what is run,
with the parameters and the kind of plan that the server gets, not a statement that was copied once.
"""

import collections
import json
import re
import statistics
import typing

from . import http, importing, questions, results, sql
from .cluster import Cluster
from .server import Server
from .settings import ROOT, Failure, Settings, say

DOCUMENT = ROOT / "docs" / "query-plans.md"
REQUESTS = 40
"""How often each question is asked. PostgreSQL may choose a generic plan from the sixth time on."""
EXPLAIN = {
    "log_min_duration": "0",
    "log_analyze": "on",
    "log_buffers": "on",
    # The clock is not read for each row: that alone would double the time of what is measured.
    "log_timing": "off",
    "log_format": "json",
}
INTRODUCTION = """# Query plans

What PostgreSQL does for the reads that matter most, and how the cost grows with the directory. Written by
`benches/load/run plans --write`; see [benches/load](../benches/load/README.md). The plans are those that the server
gets: each question was asked {requests} times about random organizations and users, over one connection, with warm
caches, and `auto_explain` wrote down the plan of every statement. Times and buffers are medians; a buffer is a page of
8 KiB, found in memory or read. Each directory has {organizations} organizations, and for each user four memberships and
two and a half accounts.

The last column is what **a row of the answer** costs in relation to the smallest directory, in buffers: the answers of
larger directories have more rows, and times of less than a millisecond mostly show what else the machine does. An index
that is a level deeper costs one buffer more for each row that is looked up in it. A count reads as many entries of an
index as it counts, and prefixes that some hundred users have are not equally frequent at each size.
"""


def measure(settings: Settings, options) -> None:
    """Writes down the plans at these sizes; with `--write`, also the document about all sizes."""
    if not options.only_write:
        importing.seed(settings)
        result = {"statements": {question.name: _plans(settings, question) for question in questions.ALL}}
        results.record(settings, f"plans-{settings.sizes.name}", result)
    if options.write or options.only_write:
        _write(settings)


def _plans(settings: Settings, question) -> list[dict]:
    """Asks a question again and again, and answers the statements it costs, with what they cost."""
    cluster = Cluster.of(settings)
    requests = questions.bodies(question, questions.facts(settings), "idgraph")[:REQUESTS]
    # What is answered from memory has no plan.
    settings_of_server = {"IDGRAPH_DATABASE__READ_CONNECTIONS": "1", "IDGRAPH_CACHE__MAX_MEBIBYTES": "0"}
    server = Server(settings, cluster.url(settings.database), **settings_of_server)
    try:
        with server:
            questions.verify(question, server, requests, 1)
            # Only what is asked from now on is written down, by connections that are made from now on.
            _set_explain(cluster, settings.database, EXPLAIN)
            http.wait_until(lambda: _answers(server, requests[0]), server.process, "the server")
            begin = cluster.log.stat().st_size
            for body in requests:
                http.post(server.url, body, server.headers)
    finally:
        _set_explain(cluster, settings.database, {})
    found: dict[str, list[dict]] = collections.defaultdict(list)
    for logged in logged_plans(cluster.log.read_bytes()[begin:].decode()):
        found[logged["Query Text"]].append(logged)
    # What is not asked every time is not the question's: the look-up of the token, the outbox.
    statements = [_summary(text, plans) for text, plans in found.items() if len(plans) >= REQUESTS / 2]
    if not statements:
        raise Failure(f"PostgreSQL has written no plans of {question.name} to {cluster.log}.")
    say(f"{question.name}: {len(statements)} statements")
    return statements


def _answers(server: Server, body: bytes) -> bool:
    status, answer = http.post(server.url, body, server.headers)
    return status == 200 and b'"errors"' not in answer


def _set_explain(cluster: Cluster, database: str, explain: dict[str, str]) -> None:
    """Sets what is written down in a database, and ends the connections that still do as before."""
    statements = [f'ALTER DATABASE "{database}" RESET ALL;']
    statements += [
        f"ALTER DATABASE \"{database}\" SET auto_explain.{key} = '{value}';" for key, value in explain.items()
    ]
    statements.append(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}';")
    sql.run(cluster, "postgres", "\n".join(statements))


def logged_plans(log: str) -> typing.Iterator[dict]:
    """The plans in a log of PostgreSQL."""
    for entry in re.finditer(r"duration: ([\d.]+) ms  plan:\n((?:\t.*\n?)+)", log):
        yield json.loads(entry[2]) | {"Duration": float(entry[1])}


def _summary(text: str, plans: list[dict]) -> dict:
    """What a statement costs."""

    def median(value: typing.Callable[[dict], float]) -> float:
        return statistics.median(value(plan) for plan in plans)

    typical = min(plans, key=lambda plan: abs(_buffers(plan["Plan"]) - median(lambda other: _buffers(other["Plan"]))))
    return {
        "text": text,
        "cost": median(lambda plan: plan["Plan"]["Total Cost"]),
        "milliseconds": round(median(lambda plan: plan["Duration"]), 3),
        "buffers": median(lambda plan: _buffers(plan["Plan"])),
        "rows": median(lambda plan: plan["Plan"]["Actual Rows"]),
        "plan": list(_lines(typical["Plan"])),
    }


def _buffers(plan: dict) -> int:
    return plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)


def _lines(plan: dict, depth: int = 0) -> typing.Iterator[str]:
    """A plan as an indented list: node, index, condition, rows, loops, buffers."""
    words = [plan["Node Type"]]
    if plan.get("Join Type", "Inner") != "Inner":
        words.append(plan["Join Type"])
    if "Index Name" in plan:
        words.append(f"using {plan['Index Name']}")
    if "Relation Name" in plan:
        words.append(f"on {plan['Relation Name']}")
    for name in ("Index Cond", "Hash Cond", "Merge Cond", "Filter"):
        if name in plan:
            words.append(f"{name.lower()}: {plan[name]}")
    facts = f"rows {plan['Actual Rows']}, expected {plan['Plan Rows']}, loops {plan['Actual Loops']}"
    removed = plan.get("Rows Removed by Filter")
    facts += f", removed {removed}" if removed else ""
    yield "  " * depth + f"{' '.join(words)} ({facts}, buffers {_buffers(plan)})"
    for child in plan.get("Plans", []):
        yield from _lines(child, depth + 1)


def _without_values(condition: str) -> str:
    """A condition without what differs from one run to the next: ids, and texts that are asked for."""
    return re.sub(r"(?<!kind = )'[^']*'::(uuid(\[\])?|text)", r"…::\1", condition)


def _write(settings: Settings) -> None:
    """Writes the document."""
    organizations = settings.sizes.organizations
    kept = (json.loads(file.read_text()) for file in settings.results.glob("plans-*.json"))
    alike = [result for result in kept if result["sizes"]["organizations"] == organizations]
    measured = {result["sizes"]["users"]: result["statements"] for result in alike}
    measured = dict(sorted(measured.items()))
    if not measured:
        raise Failure("There are no plans yet; run this step without --only-write first.")
    parts = [INTRODUCTION.format(requests=REQUESTS, organizations=organizations)]
    for question in questions.ALL:
        parts.append(_section(question, {users: statements[question.name] for users, statements in measured.items()}))
    DOCUMENT.write_text("\n".join(parts))
    say(f"{DOCUMENT.relative_to(ROOT)} is written")


def _section(question, measured: dict[int, list[dict]]) -> str:
    largest = max(measured)
    lines = [f"## {question.title}", "", "```graphql", _folded(question.idgraph), "```", ""]
    for number, statement in enumerate(measured[largest], 1):
        same = {users: _find(statement["text"], found) for users, found in measured.items()}
        lines += [
            f"### {question.name.upper()}, statement {number}",
            "",
            "```sql",
            _folded(statement["text"]),
            "```",
            "",
        ]
        lines += [
            "| Users | Rows | Planner's cost | Time, ms | Buffers | a row, in relation |",
            "|---|---|---|---|---|---|",
        ]
        first = next((found for found in same.values() if found), statement)
        for users, found in same.items():
            if found:
                growth = _per_row(found) / _per_row(first)
                lines.append(
                    f"| {users:,} | {found['rows']:,.0f} | {found['cost']:,.1f} | {found['milliseconds']:.2f} "
                    f"| {found['buffers']:,.0f} | {growth:.2f}× |"
                )
        lines += [
            "",
            f"The plan with {largest:,} users:",
            "",
            "```text",
            *map(_without_values, statement["plan"]),
            "```",
            "",
        ]
    return "\n".join(lines)


def _per_row(statement: dict) -> float:
    """The buffers of a statement for each row of its answer."""
    return max(statement["buffers"], 1) / max(statement["rows"], 1)


def _find(text: str, statements: list[dict]) -> dict | None:
    return next((statement for statement in statements if statement["text"] == text), None)


def _folded(text: str, width: int = 118) -> str:
    """A statement in lines that fit on a page."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
