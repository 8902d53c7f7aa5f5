"""Templates of the reports that visitors download."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.text.plain import plain


def report_pages(folder: Path) -> Environment:
    """Templates of a folder, which may include ``report_style.html``. Each text is shown as it was given (`plain`)."""
    return Environment(
        loader=FileSystemLoader([folder, Path(__file__).parent]),
        autoescape=True,  # but for what a template calls safe, nothing is put in as it is
        finalize=lambda value: plain(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
