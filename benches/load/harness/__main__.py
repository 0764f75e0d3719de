"""The command line of the harness."""

import argparse
import sys

from . import crash, directory, importing, plans, reading, report, restart, soak
from .cluster import Cluster
from .rest import measuring as rest
from .scim import groups, subjects, throughput, walk
from .settings import Failure, Settings, add_options, settings_of


def _import(settings: Settings, options: argparse.Namespace) -> None:
    importing.measure(settings, with_statements=options.statements)


def main() -> int:
    """Runs one step."""
    parser = argparse.ArgumentParser(prog="benches/load/run", description=__doc__)
    steps = parser.add_subparsers(title="steps", required=True, metavar="STEP")

    def step(name: str, help_text: str, run) -> argparse.ArgumentParser:
        """Makes a step known."""
        sub = steps.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(run=run)
        add_options(sub)
        return sub

    step("generate", "write the directory as NDJSON", lambda settings, _: directory.write(settings))
    bulk = step("import", "measure the import of the directory into a new database", _import)
    bulk.add_argument("--statements", action="store_true", help="also count what each SQL statement costs; slower")
    step("seed", "make sure that there is a database with the directory", lambda settings, _: importing.seed(settings))
    read = step("read", "ask the questions, of idgraph and of its peer", reading.measure)
    read.add_argument("--subjects", nargs="+", choices=("idgraph", "peer"), default=["idgraph", "peer"])
    read.add_argument("--questions", nargs="+", choices=("q1", "q2", "q3"), default=["q1", "q2", "q3"])
    read.add_argument("--connections", type=int, default=32, help="at the same time [%(default)s]")
    read.add_argument("--duration", type=int, default=15, help="seconds of measuring [%(default)s]")
    read.add_argument("--warm-up", type=int, default=5, help="seconds before that [%(default)s]")
    plan = step("plans", "write down the plans of the statements behind the questions", plans.measure)
    plan.add_argument("--write", action="store_true", help="then write docs/query-plans.md")
    plan.add_argument("--only-write", action="store_true", help="only write the document, of what was measured before")
    soaking = step("soak", "ask a mixture of all questions over many connections, and watch the memory", soak.measure)
    soaking.add_argument("--connections", type=int, default=256, help="at the same time [%(default)s]")
    soaking.add_argument("--duration", type=int, default=60, help="seconds [%(default)s]")
    crashing = step("crash", "kill the server in the midst of writes, and look what is left", crash.measure)
    crashing.add_argument("--times", type=int, default=5, help="how often [%(default)s]")
    crashing.add_argument("--writes", type=int, default=10_000, help="at the same time [%(default)s]")
    crashing.add_argument("--databases", nargs="+", choices=("sqlite", "postgres"), default=["sqlite", "postgres"])
    crashing.add_argument(
        "--seed-of-crashes", type=int, default=1, help="another one kills at other times [%(default)s]"
    )
    step("restart-postgres", "restart PostgreSQL under writes, in a cluster of its own", restart.measure)
    scim = step("scim", "make and read users over SCIM, of idgraph on SQLite and of its peers", throughput.measure)
    scim.add_argument("--subjects", nargs="+", choices=tuple(subjects.ALL), default=list(subjects.ALL))
    scim.add_argument("--connections", type=int, default=16, help="at the same time [%(default)s]")
    scim.add_argument("--duration", type=int, default=15, help="seconds of measuring each [%(default)s]")
    group = step("scim-groups", "change single members of a large SCIM group, and many at once", groups.measure)
    group.add_argument("--members", type=int, default=100_000, help="of the large group [%(default)s]")
    group.add_argument("--query", default="", help="what follows the path of each PATCH, such as ?attributes=id")
    walking = step("scim-walk", "walk through all users by cursors while others make and delete", walk.measure)
    walking.add_argument("--people", type=int, default=100_000, help="how many there are [%(default)s]")
    walking.add_argument("--clients", type=int, default=50, help="that make and delete [%(default)s]")
    walking.add_argument("--page", type=int, default=200, help="users of a page [%(default)s]")
    asking = step("rest", "read over REST, introspect, report and revoke", rest.measure)
    asking.add_argument("--connections", type=int, default=32, help="at the same time [%(default)s]")
    asking.add_argument("--duration", type=int, default=10, help="seconds of measuring each [%(default)s]")
    asking.add_argument("--revocations", type=int, default=200, help="how many [%(default)s]")
    many = step("rest-soak", "read over REST over many connections, and watch memory and limits", rest.soak)
    many.add_argument("--connections", type=int, default=256, help="at the same time [%(default)s]")
    many.add_argument("--duration", type=int, default=60, help="seconds [%(default)s]")
    for sub in (group, walking, asking):
        sub.add_argument("--databases", nargs="+", choices=("sqlite", "postgres"), default=["sqlite", "postgres"])
    step("report", "print the table of the last results", lambda settings, _: report.print_report(settings))
    step("stop", "stop the PostgreSQL cluster of the harness", lambda settings, _: Cluster.of(settings).stop())
    arguments = parser.parse_args()
    try:
        arguments.run(settings_of(arguments), arguments)
    except Failure as failure:
        print(f"benches/load/run: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
