"""The peer: PostGraphile as two processes, over a relational copy of the same directory in the same database."""

import os
import pathlib
import platform
import shutil
import subprocess

from . import http, processes, sql
from .cluster import Cluster
from .settings import SOURCES, Failure, Settings, say

NODE_VERSION = 24
"""Which Node is fetched where the machine has none of version 22 or later."""


class Peer:
    """The peer, running."""

    name = "PostGraphile"

    def __init__(self, settings: Settings, process_count: int = 2):
        self.settings, self.process_count = settings, process_count
        self.url = f"http://127.0.0.1:{settings.port}/graphql"
        self.headers: dict[str, str] = {}

    def __enter__(self) -> "Peer":
        copy_tables(self.settings)
        home = install(self.settings)
        environment = os.environ | {
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
            "PEER_DATABASE_URL": Cluster.of(self.settings).url(self.settings.database),
            "PEER_PORT": str(self.settings.port),
            "PEER_PROCESSES": str(self.process_count),
        }
        log = (self.settings.work / "peer.log").open("w")
        command = [str(node(self.settings)), "server.mjs"]
        self.process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)
        self.pid = self.process.pid
        try:
            http.wait_until_answers(self.url, self.process, {"query": "{ __typename }"})
        except BaseException:
            processes.stop(self.process)
            raise
        return self

    def __exit__(self, *_) -> None:
        processes.stop(self.process)


def copy_tables(settings: Settings) -> None:
    """Makes sure that the relational copy is there."""
    cluster = Cluster.of(settings)
    if sql.value(cluster, settings.database, "SELECT to_regclass('peer.linked_identities')"):
        return
    say("copying the directory to the tables of the peer")
    tables = (SOURCES / "peer" / "tables.sql").read_text()
    sql.run(cluster, settings.database, f"BEGIN;\n{tables}\nCOMMIT;")
    sql.run(cluster, settings.database, "VACUUM (ANALYZE)")


def install(settings: Settings) -> pathlib.Path:
    """Makes sure that the peer is installed, in the version that package.json names."""
    home = settings.work / "peer"
    home.mkdir(exist_ok=True)
    wanted = (SOURCES / "peer" / "package.json").read_text()
    shutil.copy(SOURCES / "peer" / "server.mjs", home)
    if not (home / "package.json").exists() or (home / "package.json").read_text() != wanted:
        say("installing the peer with npm")
        (home / "package.json").write_text(wanted)
        npm("install", "--prefix", home)
    return home


def node(settings: Settings) -> pathlib.Path:
    """A Node that is new enough: the machine's, else one from npm."""
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.strip("v\n").split(".")[0]) >= 22:
            return pathlib.Path(found)
    architecture = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"node-linux-{architecture}"
    binary = settings.work / "node" / "node_modules" / package / "bin" / "node"
    if not binary.exists():
        say(f"fetching Node {NODE_VERSION}")
        (settings.work / "node").mkdir(exist_ok=True)
        npm("install", "--no-save", "--prefix", settings.work / "node", f"{package}@{NODE_VERSION}")
    return binary


def npm(*arguments: object) -> None:
    """Runs npm."""
    if not shutil.which("npm"):
        raise Failure("npm is missing; the peer needs it (on Debian: apt-get install npm).")
    command = ["npm", *map(str, arguments), "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"npm failed: {done.stderr.strip()}")
