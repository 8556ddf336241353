"""Running pgbench, the yardstick: what PostgreSQL does when nobody but a C program asks it."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from bench.postgres import Cluster
from bench.script import Script


def run(cluster: Cluster, database: str, script: Script, clients: int, seconds: float) -> dict[str, float]:
    """Run a script for some seconds, every statement prepared; return transactions per second and milliseconds."""
    before = cluster.cpu_seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "update.sql")
        path.write_text(script.text)
        said = _said(cluster, database, script, path, clients, round(seconds))
    done = _number(said, r"actually processed: (\d+)")
    return {
        "database_micros": (cluster.cpu_seconds - before) / done * 1e6,
        "per_second": _number(said, r"tps = ([\d.]+) \(without initial connection time\)"),
        "mean": _number(said, r"latency average = ([\d.]+) ms"),
    }


def _said(cluster: Cluster, database: str, script: Script, path: Path, clients: int, seconds: int) -> str:
    command = [str(cluster.programs / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--file={path}"]
    command += [f"--client={clients}", f"--jobs={min(clients, os.cpu_count() or 1)}", f"--time={max(1, seconds)}"]
    command += ["--host=127.0.0.1", f"--port={cluster.port}", "--username=postgres"]
    command += [f"--define={name}={value}" for name, value in script.constants.items()]
    done = subprocess.run([*command, database], capture_output=True, text=True, check=False)
    if done.returncode or "aborted" in done.stderr:
        raise RuntimeError(f"pgbench ended with {done.returncode}:\n{done.stdout}\n{done.stderr[-3000:]}")
    return done.stdout


def _number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"pgbench did not tell {pattern}:\n{text}")
    return float(found[1])
