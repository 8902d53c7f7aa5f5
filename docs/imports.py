"""Who imports whom: reads every module, and keeps the picture in architecture.md true.

python -m docs.imports           writes picture and table between the markers of docs/architecture.md
python -m docs.imports --check   ends with code 1 if they differ from what it would write

An import counts wherever it stands: on top of a module, inside a function, or for type checkers only. A reader of the
module has to know the other one in each of these cases.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- imports: begin, written by python -m docs.imports -->", "<!-- imports: end -->"

PACKAGES = ("app", "pages", "ui", "attacks", "bank", "qa", "prnu", "liveness", "provenance")
"""What is drawn, the top first. One that does not exist is left out."""

SHELVES = ("widgets", "live", "shell", "figures", "text", "results")
"""Parts of `ui/` that are no page folder, the top first."""

PAGE_FOLDERS = "ui page folders"


@dataclass(frozen=True, order=True)
class Import:
    """One module that names another.

    Attributes
    ----------
    module, imported : str
        Dotted names. What is imported from a package is its module where there is one of that name, else the package.
    line : int
    """

    module: str
    imported: str
    line: int


def modules(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> dict[str, Path]:
    """Return the file of each module by its dotted name; a package goes by its own name."""
    found = {}
    for package in packages:
        files = [root / f"{package}.py", *sorted((root / package).rglob("*.py"))]
        for path in (file for file in files if file.is_file()):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def read_imports(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> list[Import]:
    """Read all imports of all modules, of our own and of others.

    Parameters
    ----------
    root : path
        Folder that the packages are in.
    packages : iterable of str
        Folders or single modules in it.

    Returns
    -------
    list of Import, in order of module and line

    Raises
    ------
    SyntaxError
        If a module is no Python.
    ValueError
        If an import is relative: none is in this project.
    """
    known = modules(root, packages)
    found = []
    for module, path in known.items():
        for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
            if isinstance(node, ast.Import):
                found += [Import(module, alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                if node.level or not node.module:
                    raise ValueError(f"{path}:{node.lineno}: expected an absolute import, got a relative one")
                for alias in node.names:
                    inside = f"{node.module}.{alias.name}"
                    found.append(Import(module, inside if inside in known else node.module, node.lineno))
    return sorted(set(found))


def own_imports(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> list[Import]:
    """As `read_imports`, but only from one of these packages to another module of them."""
    names = tuple(packages)
    return [one for one in read_imports(root, names) if one.imported.split(".")[0] in names]


def circle(arrows: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the names along one circle of arrows, the first again as the last; nothing if there is none."""
    try:
        TopologicalSorter({name: set(others) - {name} for name, others in arrows.items()}).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))  # graphlib's arrows point from what is needed
    return []


def room(module: str) -> str:
    """Return where a module is at home: its package, or for `ui` its shelf; page folders are one room."""
    first, _, rest = module.partition(".")
    shelf = rest.split(".")[0]
    if first != "ui" or not shelf:
        return first
    return f"ui/{shelf}" if shelf in SHELVES else PAGE_FOLDERS


def rooms(imports: Iterable[Import]) -> dict[str, dict[str, int]]:
    """Count the imports from each room to each other room."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in imports:
        here, there = room(one.module), room(one.imported)
        if here != there:
            counts[here][there] += 1
    return {here: dict(others) for here, others in counts.items()}


def shortened(arrows: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Leave out each arrow that a chain of others stands for already. Arrows that are in a circle stay."""

    def reached(start: str, seen: set[str]) -> set[str]:
        for other in arrows.get(start, ()):
            if other not in seen:
                seen.add(other)
                reached(other, seen)
        return seen

    everything = {*arrows, *(other for others in arrows.values() for other in others)}
    beyond = {name: reached(name, set()) for name in everything}

    def told(name: str, other: str) -> bool:
        """Whether a chain by way of a third one, which is in no circle with either, ends there."""
        thirds = {third for third in arrows[name] if third != other and name not in beyond[third]}
        return any(other in beyond[third] and third not in beyond[other] for third in thirds)

    return {name: {other for other in others if not told(name, other)} for name, others in arrows.items()}


def picture(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Draw the rooms as Mermaid, which GitHub and most editors show as a graph, and list every arrow below."""
    order = [name for package in PACKAGES for name in _rooms_of(package)]
    present = [name for name in order if name in {*counts, *(there for others in counts.values() for there in others)}]
    lines = ["```mermaid", "flowchart TD"]
    lines += [f'    {_id(name)}["{name}"]' for name in present]
    fewer = shortened(counts)
    for here in present:
        lines += [f"    {_id(here)} --> {_id(there)}" for there in present if there in fewer.get(here, ())]
    lines += ["```", "", "| room | imports |", "|---|---|"]
    for here in present:
        others = [there for there in present if there in counts.get(here, {})]
        lines.append(f"| {here} | {', '.join(others) or 'nothing of ours'} |")
    return "\n".join(lines)


def written(document: str, content: str, begin: str = BEGIN, end: str = END) -> str:
    """Return the document with other content between its markers.

    Raises
    ------
    ValueError
        If it does not have both markers once, in order.
    """
    before, found, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed) or begin in after or end in after:
        raise ValueError(f"expected the markers {begin!r} and {end!r} once each, in this order")
    return f"{before}{begin}\n{content}\n{end}{after}"


def _rooms_of(package: str) -> tuple[str, ...]:
    return (PAGE_FOLDERS, *(f"ui/{shelf}" for shelf in SHELVES), "ui") if package == "ui" else (package,)


def _id(name: str) -> str:
    return name.replace("/", "_").replace(" ", "_")


def main() -> int:
    """Write or check the picture; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.imports", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if the picture is stale")
    options = parser.parse_args()
    now = DOCUMENT.read_text(encoding="utf-8")
    wanted = written(now, picture(rooms(own_imports())))
    if now == wanted:
        return 0
    if options.check:
        sys.stderr.write(f"{DOCUMENT}: the picture of imports is stale. Run: python -m docs.imports\n")
        return 1
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
