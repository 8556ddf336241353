"""Every dependency is locked, has its reason in writing, and comes from whatever registry is set up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.support.sources import ROOT

LOCKS = ("run", "dev", "lock")


def named(requirements: list[object]) -> Iterator[str]:
    for requirement in requirements:
        if isinstance(requirement, str):
            yield re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


def declared() -> dict[str, set[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = settings["dependency-groups"]
    run = set(named(settings["project"]["dependencies"]))
    return {
        "run": run,
        "dev": run | set(named(groups["dev"] + groups["build"])),
        "lock": set(named(groups["lock"])),
    }


def locked(name: str) -> dict[str, str]:
    """Return each locked package with everything its entry says."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    return {entry.split("==")[0]: entry for entry in entries if "==" in entry}


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_every_declared_package_with_its_hashes(name: str) -> None:
    lock = locked(name)
    assert declared()[name] <= lock.keys()
    assert [package for package, entry in lock.items() if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_address(name: str) -> None:
    assert "://" not in (ROOT / "requirements" / f"{name}.txt").read_text()


def test_both_locks_agree_on_what_runs() -> None:
    run, dev = locked("run"), locked("dev")
    version = re.compile(r"==(\S+)")
    assert {p: version.findall(run[p]) for p in run} == {p: version.findall(dev[p]) for p in run}


def test_every_dependency_has_its_reason_in_writing() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    every = set().union(*declared().values())
    assert sorted(package for package in every if f"\n| `{package}` | " not in reasons) == []
