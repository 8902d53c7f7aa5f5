"""What the benchmarks' command lines share."""

from __future__ import annotations

import argparse
from pathlib import Path


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A parser that explains itself by its module's docstring."""
    return argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)


def folder(text: str) -> Path:
    """Check that there is such a folder."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no such folder")
    return path


def folder_from(doc: str | None) -> Path:
    """Read the only argument of a benchmark: the folder of its pictures or clips."""
    options = parser(doc)
    options.add_argument("folder", type=folder, metavar="DIR")
    found: Path = options.parse_args().folder
    return found
