"""LensLock for the phones of this network: https with a certificate of its own. ``python -m ui.shell.lan`` starts it.

`door` tells pages how others get in, without Streamlit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ui.shell.lan.addresses import lan_addresses

SERVING_VARIABLE = "LENSLOCK_SERVING_LAN"
"""Environment variable that ``python -m ui.shell.lan`` sets for its own process: port, certificate's fingerprint."""

START_WITH = "make run-lan"
"""The command that opens the door."""


@dataclass(frozen=True)
class Door:
    """How other devices get in.

    Attributes
    ----------
    addresses : tuple of str
        Such as "https://192.168.1.5:8501", the most likely one first. Empty while this machine is in no network.
    fingerprint : str
        SHA-256 of the certificate, as browsers show it: 32 pairs of hexadecimal digits.
    """

    addresses: tuple[str, ...]
    fingerprint: str


def door(environ: Mapping[str, str] = os.environ) -> Door | None:
    """Tell how other devices get in; None if the app is served to this machine only."""
    found = re.fullmatch(r"(\d{1,5}) ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", environ.get(SERVING_VARIABLE, ""))
    if found is None:
        return None
    port, fingerprint = found.groups()
    return Door(tuple(f"https://{address}:{port}" for address in lan_addresses()), fingerprint)
