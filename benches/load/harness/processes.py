"""Processes: what they cost, from /proc, and how they are ended."""

import os
import pathlib
import signal
import subprocess
import threading
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the name of the program, which may hold blanks."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def tree(root: int) -> list[int]:
    """A process and everything below it."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))):
            parents[int(entry)] = int(fields[1])
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def cpu_seconds(root: int) -> float:
    """The processor time of a process and everything below it, also of children that have ended."""
    ticks = 0
    for pid in tree(root):
        if fields := _stat(pid):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS_PER_SECOND


def resident_bytes(root: int) -> int:
    """The memory of a process and everything below it; what they share counts for each."""
    return sum(int(fields[21]) * PAGE for pid in tree(root) if (fields := _stat(pid)))


def peak_resident_bytes(pid: int) -> int:
    """The most memory that one process ever had."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def stop(process: subprocess.Popen, patience: float = 60) -> None:
    """Asks a process to end, and waits for it; one that does not listen is killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Watch:
    """Looks at a process again and again while something else is done."""

    def __init__(self, pid: int, interval: float = 0.5):
        self.samples: list[tuple[float, int]] = []
        self.peak = 0
        self._pid, self._interval = pid, interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        begun = time.monotonic()
        while True:
            memory = resident_bytes(self._pid)
            self.samples.append((round(time.monotonic() - begun, 1), memory))
            self.peak = max(self.peak, memory, peak_resident_bytes(self._pid))
            if self._ended.wait(self._interval):
                return
