"""HTTP as far as the harness needs it: one request after the other, and very many at the same time."""

import asyncio
import json
import subprocess
import time
import typing
import urllib.error
import urllib.parse
import urllib.request

from .settings import Failure


def post(url: str, body: object, headers: dict[str, str] | None = None, timeout: float = 30) -> tuple[int, bytes]:
    """Posts JSON. Answers status and body, whatever the status."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} | (headers or {}))
    return _send(request, timeout)


def get(url: str, headers: dict[str, str] | None = None, timeout: float = 30) -> tuple[int, bytes]:
    """Gets. Answers status and body, whatever the status."""
    return _send(urllib.request.Request(url, headers=headers or {}), timeout)


def head_of(url: str, headers: dict[str, str]) -> tuple[int, typing.Mapping[str, str]]:
    """Gets. Answers status and header fields, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as response:
            return response.status, response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def _send(request: urllib.request.Request, timeout: float) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def is_ready(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def wait_until(holds: typing.Callable[[], bool], process: subprocess.Popen, what: str, patience: float = 60) -> float:
    """Asks again and again until something holds; answers after how many seconds it did."""
    begun = time.monotonic()
    while not holds():
        if process.poll() is not None:
            raise Failure(f"{what} has ended with code {process.returncode}; see its log.")
        if time.monotonic() - begun > patience:
            raise Failure(f"{what} does not answer; see its log.")
        time.sleep(0.02)
    return time.monotonic() - begun


def wait_until_answers(url: str, process: subprocess.Popen, body: object) -> float:
    """Waits until a POST is answered with 200."""

    def answers() -> bool:
        try:
            return post(url, body, timeout=5)[0] == 200
        except OSError:
            return False

    return wait_until(answers, process, url)


class Connection:
    """A connection that is kept, for one request after the other; opened when it is needed."""

    def __init__(self, url: str, headers: dict[str, str]):
        parts = urllib.parse.urlsplit(url)
        self._address = (parts.hostname, parts.port)
        lines = {"Host": parts.netloc, "Content-Type": "application/json"} | headers
        self._fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._path = parts.path
        self._reader = self._writer = None

    async def open(self) -> None:
        """Opens the connection, unless it is open."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._address, limit=1 << 24)

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Posts to the path of the URL, and answers status and body."""
        return await self.send("POST", "", body)

    async def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Sends to a path below that of the URL, and answers status and body. An error of the connection closes it."""
        try:
            await self.open()
            head = f"{method} {self._path}{path} HTTP/1.1\r\n{self._fields}Content-Length: {len(body)}\r\n\r\n"
            self._writer.write(head.encode() + body)
            await self._writer.drain()
            return await self._answer()
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            raise ConnectionError(str(error)) from error

    async def _answer(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if fields.get("transfer-encoding") == "chunked":
            body = await self._chunks()
        else:
            body = await self._reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            self.close()
        return status, body

    async def _chunks(self) -> bytes:
        chunks = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            chunks.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        await self._reader.readuntil(b"\r\n")
        return b"".join(chunks)

    def close(self) -> None:
        """Closes the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
