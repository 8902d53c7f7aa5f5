"""Runs the benchmarks, and writes their figures into docs/measurements.md.

python -m docs.measurements                   runs all: several hours, on a machine with nothing else to do
python -m docs.measurements --only regions    runs one or some
python -m docs.measurements --tables          runs none, writes the tables from benchmarks/results/*.json
python -m docs.measurements --check           ends with code 1 if document and JSON differ
python -m docs.measurements --list            names them

A benchmark that is not run keeps the figures that it has. Remarks in the JSON, which people write after looking at the
figures, stay as long as a new run gives the same figures, and go with them.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs import library_tables
from docs.record import DATA, here, line

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "measurements.md"
RESULTS = ROOT / "benchmarks" / "results"

_BLOCK = re.compile(r"<!-- figures: (?P<name>[a-z-]+) -->\n(?P<content>.*?)<!-- end -->", re.DOTALL)


@dataclass(frozen=True)
class Benchmark:
    """One command that gives figures.

    Attributes
    ----------
    arguments : tuple of str
        Of Python; {cameras}, {faces} and {data} are folders of the sample data.
    about : str
        How long it takes, and what it needs besides the data.
    convert : callable, optional
        Makes tables of the JSON of a command that is not a benchmark. None: the command writes a `docs.record.Record`.
    """

    arguments: tuple[str, ...]
    about: str
    convert: Callable[[Any], dict[str, Any]] | None = None

    @property
    def command(self) -> str:
        """As a person types it."""
        return "python " + re.sub(r"\{\w+\}", "DIR", " ".join(self.arguments))


def _module(name: str, *more: str) -> tuple[str, ...]:
    return ("-m", f"benchmarks.{name}", *more)


CAMERAS, FACES, EVERYTHING = "{cameras}", "{faces}", "{data}"
QUIET = "two minutes, the system's Chromium, and a machine with nothing else to do"

BENCHMARKS: Mapping[str, Benchmark] = {
    "evaluate": Benchmark(
        ("-m", "prnu", "evaluate", CAMERAS, "--crop", "720x1280"), "half a minute", library_tables.cameras_told_apart
    ),
    "robustness": Benchmark(_module("robustness", CAMERAS), "three minutes"),
    "calibration": Benchmark(_module("calibration", CAMERAS), "five minutes"),
    "rules": Benchmark(_module("rules", CAMERAS), "one minute"),
    "sets": Benchmark(_module("sets", CAMERAS), "five minutes"),
    "regions": Benchmark(_module("regions", CAMERAS), "two minutes"),
    "forgery": Benchmark(_module("forgery", CAMERAS), "long, nobody timed it"),
    "estimators": Benchmark(_module("estimators", CAMERAS), "long, nobody timed it"),
    "filters": Benchmark(_module("filters", CAMERAS), "a quarter of an hour"),
    "liveness": Benchmark(_module("liveness", FACES), "fifteen minutes"),
    "people": Benchmark(_module("people", FACES), "ten minutes"),
    "faces": Benchmark(_module("faces", FACES), "half a minute"),
    "liveness-fuzz": Benchmark(_module("liveness_fuzz"), "two minutes"),
    "live": Benchmark(_module("live"), QUIET),
    "sample": Benchmark(_module("sample"), QUIET),
    "live-puppet": Benchmark(_module("live_puppet"), QUIET),
    "customers": Benchmark(_module("customers", EVERYTHING), "two minutes"),
    "shots": Benchmark(_module("shots", CAMERAS), "two minutes"),
    "evidence": Benchmark(_module("evidence", EVERYTHING), "ten minutes"),
    "matrix": Benchmark(
        ("-m", "attacks", "matrix", "--data", EVERYTHING, "--genuine", "9"), "75 minutes", library_tables.attack_matrix
    ),
    "paper": Benchmark(("-m", "attacks", "tables", "--data", EVERYTHING), "40 minutes", library_tables.paper),
}
"""By name, in the order of the document."""

BY_HAND = {
    "speed": "make bench",
    "memory": "python -m pytest tests/browser/test_many_checks.py",
}
"""Figures that tests print, written into the JSON by people."""


def load(name: str) -> dict[str, Any]:
    """Read the figures of a benchmark.

    Raises
    ------
    FileNotFoundError
        If it was never run.
    """
    return dict(json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8")))


def shown(result: Mapping[str, Any]) -> str:
    """The figures as Markdown: how they were made, tables, sentences, remarks."""
    when = result["measured"]
    told = f"`{result['command']}`, {when['date']}, LensLock {when['software']}, {when['machine']}"
    blocks = [f"*{told}{'; ' + when['note'] if when.get('note') else ''}.*"]
    for table in result["tables"]:
        rows = "\n".join(line(row) for row in table["rows"])
        head = f"{line(table['columns'])}\n|{'---|' * len(table['columns'])}"
        blocks += [block for block in (table["title"], f"{head}\n{rows}") if block]
    blocks += ["\n".join(f"- {sentence}" for sentence in result["said"])] if result["said"] else []
    blocks += result.get("remarks", [])
    return "\n\n".join(blocks) + "\n"


def rendered(document: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """The document with the figures of these results between their markers.

    Raises
    ------
    ValueError
        If a result has no place, or a place no result.
    """
    places = [found["name"] for found in _BLOCK.finditer(document)]
    if sorted(places) != sorted(results):
        differing = sorted({*places} ^ {*results}) or sorted(name for name in places if places.count(name) > 1)
        raise ValueError(f"expected one place in the document for each result, but: {', '.join(differing)}")
    return _BLOCK.sub(
        lambda found: f"<!-- figures: {found['name']} -->\n{shown(results[found['name']])}<!-- end -->", document
    )


def run(name: str, data: Path) -> None:
    """Run a benchmark and write its JSON.

    Raises
    ------
    subprocess.CalledProcessError
        If it could not be run.
    """
    one = BENCHMARKS[name]
    begun = time.monotonic()
    folders = {"cameras": data / "cameras", "faces": data / "faces", "data": data}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.json"
        command = [sys.executable, *(part.format(**folders) for part in one.arguments), "--json", str(path)]
        done = subprocess.run(command, cwd=ROOT, check=False)
        # Code 1 of the attack lab and of prnu says that something came otherwise than hoped for: that is a result.
        if done.returncode not in (0, 1) or not path.exists():
            raise subprocess.CalledProcessError(done.returncode, command)
        found = json.loads(path.read_text(encoding="utf-8"))
    if one.convert:
        found = {"command": one.command, "measured": here(time.monotonic() - begun), **one.convert(found)}
    keep_remarks(name, found)
    (RESULTS / f"{name}.json").write_text(
        json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )


def keep_remarks(name: str, found: dict[str, Any]) -> None:
    """Take over the remarks on the last run if the figures are the same; otherwise say what is lost."""
    path = RESULTS / f"{name}.json"
    if path.exists() and (remarks := load(name).get("remarks")):
        if _figures(load(name)) == _figures(found):
            found["remarks"] = remarks
        else:
            print(f"{name}: other figures than before. Look at them, and write anew:", *remarks, sep="\n- ")


def _figures(result: Mapping[str, Any]) -> tuple[list[list[str]], list[str]]:
    """Tables and sentences as they are shown: 1 and "1" are the same."""
    return [[line(row) for row in table["rows"]] for table in result["tables"]], list(result["said"])


def main() -> int:
    """Run what is asked for, and write the document; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help="run these only; see --list")
    what.add_argument("--tables", action="store_true", help="run none, write the tables")
    what.add_argument("--check", action="store_true", help="run and write nothing; end with 1 if the document is stale")
    what.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="sample data (default %(default)s)")
    options = parser.parse_args()
    if options.list:
        for name, one in BENCHMARKS.items():
            print(f"{name}: {one.command} ({one.about})")
        return 0
    if not (options.tables or options.check):
        for name in options.only or BENCHMARKS:
            print(f"\n{name}: {BENCHMARKS[name].command}", flush=True)
            run(name, options.data)
    now = DOCUMENT.read_text(encoding="utf-8")
    wanted = rendered(now, {path.stem: load(path.stem) for path in RESULTS.glob("*.json")})
    if options.check:
        return int(now != wanted)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
