"""The documentation says what is true: its tables come from the code, its examples run, its links lead somewhere."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealwright import cli
from dealwright.config import DESCRIPTIONS
from tests.conftest import StartServer
from tests.support.documents import PARTS, renewed

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "STYLE.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize(("file", "name"), PARTS, ids=[" ".join(part) for part in PARTS])
def test_a_table_that_comes_from_the_code_is_up_to_date(file: str, name: str) -> None:
    text = (DOCS / file).read_text("utf-8")
    assert renewed(text, name, PARTS[file, name]()) == text, "run python -m tests.support.documents"


def test_every_setting_is_documented() -> None:
    text = (DOCS / "operations.md").read_text("utf-8")
    assert [one.variable for one in DESCRIPTIONS if f"`{one.variable}`" not in text] == []


def commands(parser: argparse.ArgumentParser, words: str = "dealwright") -> Iterator[str]:
    """Every command that can be given, its words joined."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield words
    for action in inner:
        for name, below in action.choices.items():
            yield from commands(below, f"{words} {name}")


def test_every_command_is_documented() -> None:
    text = (DOCS / "operations.md").read_text("utf-8")
    found = list(commands(cli._parser()))
    assert "dealwright serve" in found
    assert [words for words in found if words not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.timeout(120)
def test_the_examples_of_the_readme_run(sqlite_url: str, server: StartServer, tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl or bash is absent")
    running = server(sqlite_url, "--demo")
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    script = "\n".join(block for block in blocks if "TOKEN" in block)
    script = script.replace(".venv/bin/dealwright", f"{sys.executable} -m dealwright")
    script = script.replace("http://127.0.0.1:8000", running.base_url).replace("curl -s", "curl -sS --fail-with-body")
    script = re.sub(r"^curl(.*?)(?<!\\)$", r"curl\1; echo", script, flags=re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        ["bash", "-euc", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "DEALWRIGHT_DATABASE_URL": sqlite_url},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(answers) == 4, done.stdout
    assert answers[0]["response"]["title"] == "Ten desks"
    assert answers[1]["WasSuccessful"] is True
    assert answers[2]["title"] == "Twelve desks"
    assert answers[3]["outcome"] == "won"
