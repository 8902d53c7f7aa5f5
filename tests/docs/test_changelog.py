"""The version is one, wherever it is told."""

from __future__ import annotations

import re

from bank.policy import Policy
from bank.versions import software_version, versions
from docs.imports import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_release_is_the_version_of_the_software():
    released = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)
    assert released[0] == software_version()
    assert released == sorted(released, key=lambda text: [int(part) for part in text.split(".")], reverse=True)


def test_the_audit_log_notes_that_version():
    assert versions(Policy.load())["software"] == software_version()


def test_the_version_is_written_down_once():
    places = [*ROOT.glob("*.py"), *ROOT.glob("*/*.py"), *ROOT.glob("*.toml"), *ROOT.glob("deploy/*")]
    stated = [path.name for path in places if f'"{software_version()}"' in path.read_text(encoding="utf-8")]
    assert stated == ["pyproject.toml"]


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
