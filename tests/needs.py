"""Where things are, and what some tests need and not every machine has: the one place that skips them, saying why."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from liveness.models import ModelError, model_path
from testing.browser.driver import CHROMIUM

ROOT = Path(__file__).parents[1]
"""Of the project."""

DATA = ROOT.parent / "shared" / "data"
"""Real photos and clips, where they are at hand: never part of the project."""

BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]
"""Marks of a module that drives Chromium, beside its `playwright`."""

ALONE = [*BROWSER, pytest.mark.alone]
"""Likewise, where a live check has its picture rate to keep."""


def data() -> None:
    """Skip the test where there are no real photos and clips. The mark "data" does it."""
    if not DATA.is_dir():
        pytest.skip("the real photos and clips of ../shared/data are not on this machine")


def models(*names: str) -> list[Path]:
    """Paths of face models; without one of them the test is skipped, and says why."""
    try:
        return [model_path(name) for name in names]
    except ModelError as error:
        pytest.skip(f"the face models are not to be had here: {error}")


def playwright() -> ModuleType:
    """What drives Chromium; a module without it is skipped."""
    module: ModuleType = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    return module


def postgres() -> Path:
    """Folder with PostgreSQL's initdb and postgres, of the newest version."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    candidates = [*([Path(found).resolve().parent] if found else []), *reversed(folders)]
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    pytest.skip("PostgreSQL is not installed here: there is no initdb in PATH or /usr/lib/postgresql")


def postgres_user() -> dict[str, Any]:
    """Whom to run PostgreSQL as, in the words of `subprocess`: not as root, which it refuses."""
    if os.geteuid() != 0:
        return {}
    import pwd  # POSIX alone has it

    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres here")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
