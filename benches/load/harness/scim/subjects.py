"""Who is measured: idgraph on SQLite, and two other SCIM servers, which keep everything in memory."""

import shutil
import subprocess
import venv

from .. import http, peer, processes
from ..server import Server, new_sqlite
from ..settings import SOURCES, Settings, say
from . import directory

SCIM2_SERVER = "scim2-server==0.8.3"


class Idgraph:
    """idgraph, with a token of one organization."""

    name = "idgraph"

    def __init__(self, settings: Settings):
        self.settings = settings
        self._server = Server(settings, new_sqlite(settings, "scim"), "admin", token=directory.TOKEN)

    def __enter__(self) -> "Idgraph":
        directory.fill(self.settings, self._server, users=0, groups={})
        self._server.__enter__()
        self.pid, self.headers = self._server.pid, scim_headers(self._server)
        self.url = scim_url(self.settings)
        return self

    def __exit__(self, *details) -> None:
        self._server.__exit__(*details)


class Peer:
    """Another server, running."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}{self.path}"
        self.headers = {"Authorization": "Bearer secret", "Content-Type": "application/scim+json"}

    def __enter__(self) -> "Peer":
        log = (self.settings.work / f"{self.name}.log").open("w")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        self.pid = self.process.pid
        http.wait_until(self._is_ready, self.process, self.name)
        return self

    def __exit__(self, *_) -> None:
        processes.stop(self.process)

    def _is_ready(self) -> bool:
        try:
            return http.get(f"{self.url}/ServiceProviderConfig", self.headers)[0] == 200
        except OSError:
            return False


class Scim2Server(Peer):
    """The reference server in Python."""

    name, path = "scim2-server", ""

    def command(self) -> list[str]:
        """Installs it, and answers how it is started."""
        home = self.settings.work / "scim2-server"
        program = home / "bin" / "scim2-server"
        if not program.exists():
            say(f"installing {SCIM2_SERVER}")
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin" / "pip", "install", "--quiet", SCIM2_SERVER], check=True)
        return [str(program), "--port", str(self.settings.port), "--bearer-token", "secret"]


class Scimmy(Peer):
    """SCIMMY behind Express, the most used one of Node; what it serves is kept in a map, as its guide shows."""

    name, path = "SCIMMY", "/scim"

    def command(self) -> list[str]:
        """Installs it, and answers how it is started."""
        home = self.settings.work / "scimmy"
        home.mkdir(exist_ok=True)
        for file in (SOURCES / "peer" / "scim").iterdir():
            shutil.copy(file, home)
        if not (home / "node_modules").exists():
            say("installing SCIMMY with npm")
            peer.npm("install", "--prefix", home)
        return [str(peer.node(self.settings)), str(home / "server.mjs"), str(self.settings.port)]


def scim_url(settings: Settings) -> str:
    """The base of SCIM."""
    return f"http://127.0.0.1:{settings.port}/scim/v2"


def scim_headers(server: Server) -> dict[str, str]:
    """What every request to it says."""
    return server.headers | {"Content-Type": "application/scim+json"}


ALL = {"idgraph": Idgraph, "scim2-server": Scim2Server, "scimmy": Scimmy}
