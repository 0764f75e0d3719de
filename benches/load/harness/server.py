"""The server, running on a database of its own."""

import os
import subprocess

from . import http, processes
from .settings import ROOT, Failure, Settings, say


class Server:
    """idgraph, running; `with` starts and stops it."""

    name = "idgraph"

    def __init__(self, settings: Settings, database_url: str, role: str = "reader", *, token: tuple = (), **variables: str):
        """`token` holds further arguments of `idgraph token create`, `variables` the environment of the server."""
        self.settings, self.database_url, self.role, self._arguments = settings, database_url, role, token
        base = f"http://127.0.0.1:{settings.port}"
        self.url, self.ready_url = f"{base}/graphql", f"{base}/readyz"
        self.headers: dict[str, str] = {}
        self._variables = variables
        self._log = settings.work / "server.log"

    def __enter__(self) -> "Server":
        build(self.settings)
        self._log.write_bytes(b"")
        if not self.headers:
            self.headers = {"Authorization": f"Bearer {self._token()}"}
        self.start()
        return self

    def __exit__(self, *_) -> None:
        processes.stop(self.process)

    def start(self) -> float:
        """Starts the process; answers after how many seconds it was ready."""
        log = self._log.open("ab")
        command = [self.settings.binary, "serve", "--listen", f"127.0.0.1:{self.settings.port}"]
        self.process = subprocess.Popen(
            command, env=self._environment(), stdout=log, stderr=log, cwd=self.settings.work
        )
        self.pid = self.process.pid
        try:
            return http.wait_until(lambda: http.is_ready(self.ready_url), self.process, "the server")
        except BaseException:
            processes.stop(self.process)
            raise

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def ask(self, query: str, **variables: object) -> dict:
        """The data of a GraphQL operation that is expected to succeed."""
        status, body = http.post(self.url, {"query": query, "variables": variables}, self.headers)
        answer = http.json.loads(body)
        if status != 200 or "errors" in answer:
            raise Failure(f"GraphQL answered {status}: {body[:500].decode()}")
        return answer["data"]

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Runs another command of the program on the same database."""
        command = [str(self.settings.binary), *arguments]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, cwd=self.settings.work)

    def _token(self) -> str:
        made = self.run("token", "create", "--name", "load", "--role", self.role, *self._arguments)
        if made.returncode != 0:
            raise Failure(f"no token could be made: {made.stderr.strip()}")
        return made.stdout.strip()

    def _environment(self) -> dict[str, str]:
        # What the machine's user has configured for a server of their own must not count.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("IDGRAPH_")}
        return inherited | {"IDGRAPH_DATABASE__URL": self.database_url} | self._variables


def build(settings: Settings) -> None:
    """Makes sure that there is a release build."""
    if not settings.binary.exists():
        say("building the server (cargo build --release)")
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    if not settings.binary.exists():
        raise Failure(f"There is no program at {settings.binary}; name one with --binary.")


def new_sqlite(settings: Settings, name: str) -> str:
    """The URL of a SQLite database that is not there yet; what was there by that name is removed."""
    for file in settings.work.glob(f"{name}.db*"):
        file.unlink()
    return f"sqlite://{settings.work / f'{name}.db'}"
