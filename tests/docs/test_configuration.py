"""docs/configuration.md names every environment variable, policy key, command, page and route that the code has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from docs import settings
from docs.imports import PACKAGES, ROOT, modules, written

TEXT = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def variables() -> set[str]:
    """Every LENSLOCK_ name in a string of the packages' code."""
    found: set[str] = set()
    for path in modules().values():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"LENSLOCK_[A-Z]+(?:_[A-Z]+)*", node.value))
    return found


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> list[str]:
    """What the rows of a section's tables begin with, without backquotes."""
    return [row.split(" | ")[0].strip("| `") for row in section(title).splitlines() if row.startswith("| ")]


def test_every_environment_variable_is_named():
    assert set(first_cells("Environment variables")) - {"variable"} == variables()


def test_every_policy_key_is_named():
    keys = [key for key, _ in settings.policy_keys()]
    assert len(keys) > 60
    assert [key for key in keys if f"| `{key}` |" not in section("The policy")] == []


def test_the_table_of_the_policy_is_not_stale():
    assert written(TEXT, settings.table(), settings.BEGIN, settings.END) == TEXT, "run: python -m docs.settings"


def test_every_command_of_the_makefile_is_named():
    targets = set(re.findall(r"^([a-z][a-z-]*):.*##", MAKEFILE, re.MULTILINE)) | {"help"}
    assert {cell.split()[1] for cell in first_cells("Commands") if cell.startswith("make ")} == targets


def test_every_package_that_is_a_command_is_named():
    packages = {path.parent for name, path in modules().items() if path.name == "__main__.py"}
    names = [".".join(path.relative_to(ROOT).parts) for path in packages]
    assert len(names) >= 5
    assert [name for name in names if f"`python -m {name} " not in section("Commands")] == []


@pytest.mark.parametrize("package", ["prnu", "bank", "attacks"])
def test_every_subcommand_is_named(package):
    source = (ROOT / package / "__main__.py").read_text(encoding="utf-8")
    named = re.findall(r"""(?:\bcommand|commands\.add_parser)\(\s*"([a-z-]+)",(?!.*\btrail\))""", source)
    assert len(named) >= 4
    assert [name for name in named if f"`python -m {package} {name}" not in TEXT] == []


def test_every_page_is_named_with_its_title():
    files = {path.name for path in (ROOT / "pages").glob("*.py")}
    navigation = next(p for n, p in modules().items() if "st.navigation(" in p.read_text(encoding="utf-8"))
    titles = set(re.findall(r'st\.Page\([^)]*title="([^"]+)"', navigation.read_text(encoding="utf-8")))
    rows = [row.split(" | ") for row in section("Pages").splitlines() if row.startswith("| ") and "`pages/" in row]
    assert {Path(row[1].strip("`")).name for row in rows} == files
    assert {row[0].strip("| ") for row in rows} == titles


def test_every_route_is_named():
    routes = set()
    for path in modules().values():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Route":
                methods = next(word.value for word in node.keywords if word.arg == "methods")
                routes |= {f"{method} {ast.literal_eval(node.args[0])}" for method in ast.literal_eval(methods)}
    assert routes
    assert set(first_cells("HTTP routes")) - {"route"} == routes


def test_every_link_between_the_documents_leads_somewhere():
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
    for page in [*pages, *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_each_package_is_known_to_the_reader():
    others = {"docs", "tests", "testing", "benchmarks"}
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= {*PACKAGES} | others
