"""The registered cameras: where their fingerprints are, and what is known of each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import streamlit as st

from prnu import Fingerprint, FingerprintError
from prnu.shelf import Shelf
from ui.samples import is_simulated


@dataclass(frozen=True)
class Camera:
    """What is known of a registered camera without holding its fingerprint in memory.

    Attributes
    ----------
    name : str
    width, height : int
        Of its photos, in pixels. 0 where the file is damaged.
    photos : int
        Number that its fingerprint was made from.
    expected : float
        PCE to expect of a later photo.
    problem : str
        What is wrong with its file; empty where all is well.
    """

    name: str
    width: int = 0
    height: int = 0
    photos: int = 0
    expected: float = 0.0
    problem: str = ""

    @property
    def simulated(self) -> bool:
        """Whether it exists in this program only."""
        return is_simulated(self.name)


def shelf() -> Shelf:
    """The folder of fingerprints: in LENSLOCK_HOME, or where this system keeps a user's data."""
    home = os.environ.get("LENSLOCK_HOME") or platformdirs.user_data_dir("lenslock", appauthor=False)
    return Shelf(Path(home) / "fingerprints")


def registered() -> list[Camera]:
    """All registered cameras, sorted by name."""
    folder = shelf()
    cameras = []
    for name in folder.names():
        try:
            path = folder.path(name)
            cameras.append(_describe(name, str(path), path.stat().st_mtime_ns))
        except (FingerprintError, OSError) as error:
            cameras.append(Camera(name, problem=str(error)))
    return cameras


@st.cache_data(show_spinner=False, max_entries=200)
def _describe(name: str, path: str, changed: int) -> Camera:
    fingerprint = Fingerprint.load(path)
    height, width = fingerprint.shape
    return Camera(name, width, height, fingerprint.images, fingerprint.expected_pce())
