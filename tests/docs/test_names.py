"""What the documents name is there: files, folders, modules and what is in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.imports import ROOT, modules

PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *(ROOT / "docs").glob("*.md")]
FOLDERS = "prnu|liveness|bank|attacks|provenance|ui|pages|tests|docs|deploy|benchmarks"
FILES = ("bank.db", "bank.key", "deploy/.env")
QUOTED = re.compile(r"`([^`\n]+)`")


def quoted(page: Path) -> list[str]:
    """What stands in backquotes outside blocks of code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return QUOTED.findall(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page):
    paths = [one for one in quoted(page) if re.fullmatch(rf"(?:{FOLDERS})/[\w./-]*", one) and "NAME" not in one]
    assert [one for one in paths if one not in FILES and not (ROOT / one).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_and_name_exists(page):
    known = modules(ROOT, FOLDERS.split("|"))
    missing = []
    for name in quoted(page):
        if not re.fullmatch(rf"(?:{FOLDERS})(?:\.\w+)+(?:\(.*\))?", name) or name.endswith(
            (".toml", ".md", ".key", ".db")
        ):
            continue
        parts = name.partition("(")[0].split(".")
        length = next(n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in known)
        package = known[".".join(parts[:length])]
        # A name of a package may be in any of its modules: the package passes it on.
        files = package.parent.glob("*.py") if package.name == "__init__.py" else [package]
        text = "\n".join(file.read_text(encoding="utf-8") for file in files)
        missing += [name] if [part for part in parts[length:] if not re.search(rf"\b{part}\b", text)] else []
    assert missing == []
