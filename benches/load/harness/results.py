"""Results: one JSON file for each, and the tables that are made of them."""

import json
import os
import pathlib
import platform
import time

from .settings import Settings


def record(settings: Settings, name: str, result: dict) -> None:
    """Keeps a result, with where and when it was measured."""
    settings.results.mkdir(parents=True, exist_ok=True)
    about = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"processors": os.cpu_count(), "kernel": platform.release(), "load_before": os.getloadavg()[0]},
        "sizes": vars(settings.sizes),
    }
    path(settings, name).write_text(json.dumps(about | result, indent=2) + "\n")


def path(settings: Settings, name: str) -> pathlib.Path:
    """The file of a result."""
    return settings.results / f"{name}.json"


def read(settings: Settings, name: str) -> dict | None:
    """A result, if there is one."""
    file = path(settings, name)
    return json.loads(file.read_text()) if file.exists() else None
