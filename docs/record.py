"""How every benchmark tells its figures: as Markdown while it runs, and as JSON for docs/measurements.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from bank.versions import software_version

Cell: TypeAlias = str | int | float

DATA = Path(__file__).parents[2] / "shared" / "data"
"""Where the sample data are, if they are: cameras/ and faces/, see docs/measurements.md."""

NAMES = {
    "gopro-hero4": "GoPro Hero4",
    "phone-lg-d605": "LG D605",
    "phone-samsung-j3": "Galaxy J3",
    "phone-samsung-s3": "Galaxy S3",
}
"""What people call the cameras of the sample data."""


def title(name: str) -> str:
    """What people call the camera of a folder."""
    return NAMES.get(name, name)


def arguments(
    about: str | None, folder: str = "", default: Path | None = None, *, optional: bool = False
) -> argparse.ArgumentParser:
    """Return the arguments that all benchmarks take.

    Parameters
    ----------
    about : str
        The benchmark's docstring.
    folder : str
        What DIR has to hold; empty where the benchmark takes none.
    default : path, optional
        DIR where none is given.
    optional : bool
        Whether the benchmark can do without DIR.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    if folder:
        free: dict[str, Any] = {"nargs": "?", "default": default} if default or optional else {}
        parser.add_argument("folder", type=_folder, metavar="DIR", help=folder, **free)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    return parser


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path


class Record:
    """Figures of one run. What is added is printed at once.

    Parameters
    ----------
    command : str
        How a reader gets the same figures, with DIR where a folder of theirs stands.
    """

    def __init__(self, command: str) -> None:
        self._command, self._begun = command, time.monotonic()
        self._tables: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._figures: dict[str, Any] = {}

    def table(self, *columns: str, title: str = "") -> None:
        """Begin a table; its title is a sentence or nothing."""
        self._tables.append({"title": title, "columns": list(columns), "rows": []})
        print(f"{title}\n" if title else "", line(columns), f"|{'---|' * len(columns)}", sep="\n", flush=True)

    def row(self, *cells: Cell) -> None:
        """Add a row to the last table."""
        self._tables[-1]["rows"].append(list(cells))
        print(line(cells), flush=True)

    def say(self, sentence: str) -> None:
        """Add a sentence that stands below the tables."""
        self._said.append(sentence)
        print(sentence, flush=True)

    def keep(self, **figures: Any) -> None:
        """Add figures that are in the JSON only: what the tables are made from."""
        self._figures.update(figures)

    def write(self, path: Path | None) -> None:
        """Write all of it; nothing if there is no path."""
        if path:
            made = {"command": self._command, "measured": here(time.monotonic() - self._begun)}
            found = {**made, "tables": self._tables, "said": self._said, "figures": self._figures}
            path.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def line(cells: Sequence[Cell]) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def here(seconds: float) -> dict[str, Cell]:
    """Say when, on what and with which LensLock a run was made."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "software": software_version(),
        "seconds": round(seconds),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else -1.0,  # what else kept the machine busy
    }
