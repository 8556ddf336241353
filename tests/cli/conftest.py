"""Run one command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def dealwright(tmp_path: Path) -> Run:
    """Run `dealwright …` in the test's folder: `dealwright("user", "list", settings={…}, typed="…")`."""

    def run(
        *arguments: str, settings: Mapping[str, str] | None = None, typed: str = "", seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DEALWRIGHT_")}
        return subprocess.run(
            [sys.executable, "-m", "dealwright", *arguments],
            cwd=tmp_path,
            env=kept | {"PYTHONUNBUFFERED": "1"} | dict(settings or {}),
            input=typed,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    return run
