"""The table of what was measured last, for people."""

from . import questions, results
from .settings import Settings

COLUMNS = "| | | requests/s | p50 ms | p99 ms | server CPU ms | PostgreSQL CPU ms | server MiB | answer bytes |"


SCIM = tuple(f"scim-{step}-{database}" for step in ("groups", "walk") for database in ("sqlite", "postgres"))


REST = tuple(
    f"rest-{what}"
    for what in ("identity", "list", "introspection", "records-sqlite", "records-postgres", "revocation", "soak")
)


def print_report(settings: Settings) -> None:
    """Prints everything that there are results of at these sizes, as Markdown."""
    print("\n".join([*_reads(settings), *_imports(settings), *_scenarios(settings)]))


def _reads(settings: Settings) -> list[str]:
    lines = [COLUMNS, "|---|---|---|---|---|---|---|---|---|"]
    for question in questions.ALL:
        peer = results.read(settings, f"read-{settings.sizes.name}-{question.name}-peer")
        ours = results.read(settings, f"read-{settings.sizes.name}-{question.name}-idgraph")
        lines += [_row(question.title if result is ours else "", result) for result in (ours, peer) if result]
        if ours and peer:
            lines.append(_ratios(ours, peer))
    return lines if len(lines) > 2 else []


def _row(title: str, result: dict) -> str:
    wrong = result["bad_statuses"] + result["failed_connections"] + result["timeouts"]
    rate = f"{result['requests_per_second']:,.0f}" + (f" ({wrong} wrong)" if wrong else "")
    return (
        f"| {title} | {result['subject']} | {rate} | {result['p50_ms']:.2f} | {result['p99_ms']:.2f} "
        f"| {result['server_cpu_ms']:.3f} | {result['postgres_cpu_ms']:.3f} | {result['peak_rss_mib']:.0f} "
        f"| {result['answer_bytes']:,} |"
    )


def _ratios(ours: dict, peer: dict) -> str:
    def ratio(field: str, better_is_more: bool = False) -> str:
        if not ours[field] or not peer[field]:
            return "–"
        return f"{ours[field] / peer[field] if better_is_more else peer[field] / ours[field]:.1f}×"

    rate = ratio("requests_per_second", better_is_more=True)
    fields = ("p50_ms", "p99_ms", "server_cpu_ms", "postgres_cpu_ms", "peak_rss_mib")
    return f"| | *better by* | **{rate}** | " + " | ".join(ratio(field) for field in fields) + " | |"


def _imports(settings: Settings) -> list[str]:
    result = results.read(settings, f"import-{settings.sizes.name}")
    if not result:
        return []
    counts = result["counts"]
    return [
        "",
        f"Import of {counts['profiles']:,} profiles, {counts['linked_identities']:,} accounts and "
        f"{counts['edges']:,} edges: {result['seconds']:,.0f} s, **{result['objects_per_second']:,} objects/s**, "
        f"at most {result['peak_rss_mib']:.0f} MiB; "
        f"CPU {result['server_cpu_seconds']:.0f} s idgraph, {result['postgres_cpu_seconds']:.0f} s PostgreSQL; "
        f"{result['wal_mib']:,} MiB of WAL, {counts['bytes'] / 2**20:,.0f} MiB of database, {counts['events']:,} events.",
    ]


def _scenarios(settings: Settings) -> list[str]:
    lines = []
    for name in ("soak", "crash-sqlite", "crash-postgres", "restart-postgres", *SCIM, *REST):
        if result := results.read(settings, name):
            lines.append(f"\n{name}: {result['verdict']} (measured {result['measured_at']})")
    return lines
