"""What every step has to know: where things lie, and how large the directory is."""

import argparse
import dataclasses
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
"""The root of the repository."""

SOURCES = pathlib.Path(__file__).resolve().parents[1]
"""The directory of the harness."""


class Failure(Exception):
    """Something that whoever runs the harness has to know; told without a stack trace."""


def say(message: str) -> None:
    """Tells on standard error how far a step has come."""
    print(f"    {message}", file=sys.stderr, flush=True)


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How large a directory is."""

    users: int = 100_000
    teams: int = 2_000
    organizations: int = 50
    memberships_per_user: float = 4.0
    identities_per_user: float = 2.5
    seed: int = 1

    @property
    def name(self) -> str:
        """A name for files and databases: sizes that are the usual ones are left out."""
        usual = Sizes.of(self.users)
        parts = [_short(self.users)]
        for field, letter in FIELDS_IN_NAMES.items():
            value = getattr(self, field)
            if value != getattr(usual, field):
                parts.append(f"{letter}{_short(value)}")
        return "_".join(parts)

    @classmethod
    def of(cls, users: int) -> "Sizes":
        """The usual directory with that many users: one team for every fifty."""
        return cls(users=users, teams=max(50, users // 50))


FIELDS_IN_NAMES = {
    "teams": "t",
    "organizations": "o",
    "memberships_per_user": "m",
    "identities_per_user": "i",
    "seed": "s",
}


def _short(number: float) -> str:
    for divisor, suffix in ((1_000_000, "m"), (1_000, "k")):
        if number >= divisor and number % divisor == 0:
            return f"{int(number // divisor)}{suffix}"
    return f"{number:g}".replace(".", "p")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a step was told on the command line."""

    work: pathlib.Path
    binary: pathlib.Path
    port: int
    postgres_port: int
    sizes: Sizes
    database: str

    @property
    def directory_file(self) -> pathlib.Path:
        """The NDJSON file of the directory."""
        return self.work / f"directory-{self.sizes.name}.ndjson"

    @property
    def results(self) -> pathlib.Path:
        """Where results are put."""
        return self.work / "results"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every step understands."""
    group = parser.add_argument_group("options of every step")
    group.add_argument("--users", type=int, default=100_000, help="users of the directory [%(default)s]")
    group.add_argument("--teams", type=int, help="teams [a fiftieth of the users]")
    group.add_argument("--organizations", type=int, default=50, help="organizations [%(default)s]")
    group.add_argument("--memberships-per-user", type=float, default=4.0, help="on average [%(default)s]")
    group.add_argument("--identities-per-user", type=float, default=2.5, help="on average [%(default)s]")
    group.add_argument("--seed", type=int, default=1, help="another one is another directory [%(default)s]")
    group.add_argument("--database", help="name of the database [idgraph_load_ and the sizes]")
    group.add_argument("--binary", type=pathlib.Path, help="the server's program [the release build]")
    group.add_argument("--port", type=int, default=18080, help="where the server listens [%(default)s]")
    group.add_argument("--postgres-port", type=int, default=54329, help="where PostgreSQL listens [%(default)s]")
    group.add_argument("--work", type=pathlib.Path, help="where everything is put [target/load]")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """What the options say."""
    usual = Sizes.of(arguments.users)
    sizes = Sizes(
        users=arguments.users,
        teams=arguments.teams or usual.teams,
        organizations=arguments.organizations,
        memberships_per_user=arguments.memberships_per_user,
        identities_per_user=arguments.identities_per_user,
        seed=arguments.seed,
    )
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    work = (arguments.work or ROOT / "target" / "load").resolve()
    work.mkdir(parents=True, exist_ok=True)
    return Settings(
        work=work,
        binary=(arguments.binary or target / "release" / "idgraph").resolve(),
        port=arguments.port,
        postgres_port=arguments.postgres_port,
        sizes=sizes,
        database=arguments.database or f"idgraph_load_{sizes.name}",
    )
