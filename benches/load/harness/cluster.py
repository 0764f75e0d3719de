"""PostgreSQL clusters of our own: the machine's service is never touched."""

import os
import pathlib
import pwd
import shutil
import subprocess

from .settings import Failure, Settings, say

# What a measurement should have, and a machine with two processors and a few GiB can give. Everything that makes a
# commit durable is as PostgreSQL has it.
CONFIGURATION = {
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "random_page_cost": "1.1",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    # Only `profile` switches these on; every statement costs then.
    "pg_stat_statements.track": "none",
}


class Cluster:
    """A cluster in a directory, on a port."""

    def __init__(self, directory: pathlib.Path, port: int):
        self.directory, self.port = directory, port

    @classmethod
    def of(cls, settings: Settings) -> "Cluster":
        """The cluster of the harness."""
        return cls(settings.work / "postgres", settings.postgres_port)

    def url(self, database: str) -> str:
        """The URL by which the server reaches a database."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> pathlib.Path:
        """What the cluster has to say."""
        return self.directory / "server.log"

    @property
    def pid(self) -> int:
        """The first process of the cluster, the parent of all others."""
        return int((self.directory / "postmaster.pid").read_text().splitlines()[0])

    def start(self) -> None:
        """Makes the cluster if there is none, and starts it unless it runs."""
        if not (self.directory / "PG_VERSION").exists():
            self._create()
        if not self.runs():
            self._run("pg_ctl", "-D", self.directory, "-l", self.log, "-w", "-t", "120", "start")

    def runs(self) -> bool:
        """Whether the cluster runs."""
        return self._attempt("pg_ctl", "-D", self.directory, "status").returncode == 0

    def stop(self, mode: str = "fast") -> None:
        """Stops the cluster, if it runs."""
        if self.directory.exists() and self.runs():
            self._run("pg_ctl", "-D", self.directory, "-m", mode, "-w", "-t", "120", "stop")

    def remove(self) -> None:
        """Stops the cluster and removes it."""
        self.stop("immediate")
        shutil.rmtree(self.directory, ignore_errors=True)

    def _create(self) -> None:
        say(f"making a PostgreSQL cluster in {self.directory}")
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        self._run("initdb", "-D", self.directory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        lines = [f"port = {self.port}", *(f"{key} = '{value}'" for key, value in CONFIGURATION.items())]
        with (self.directory / "postgresql.conf").open("a") as file:
            file.write("\n" + "\n".join(lines) + "\n")

    def _run(self, *command: object) -> None:
        done = self._attempt(*command)
        if done.returncode != 0:
            raise Failure(f"{command[0]} failed: {(done.stderr or done.stdout).strip()}")

    def _attempt(self, *command: object) -> subprocess.CompletedProcess:
        # PostgreSQL does not run as root. A process that stays must not inherit a pipe that somebody reads.
        output = self.directory.parent / f"{self.directory.name}.out"
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if user and not _may_enter(self.directory.parent):
            raise Failure(f"The user postgres cannot reach {self.directory}; choose another place with --work.")
        with output.open("w+") as file:
            words = [str(word) for word in command]
            done = subprocess.run(words, stdout=file, stderr=file, stdin=subprocess.DEVNULL, cwd="/", **user)
            file.seek(0)
            return subprocess.CompletedProcess(words, done.returncode, file.read(), "")


def _may_enter(directory: pathlib.Path) -> bool:
    """Whether the user postgres may pass through every directory on the way."""
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return all(parent.stat().st_mode & 0o001 for parent in [directory, *directory.parents])
