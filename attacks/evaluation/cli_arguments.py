"""Arguments of ``python -m attacks``, checked before the work begins."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from attacks.recipe import GENUINE, Recipe
from attacks.recipes import ATTACKS
from prnu.cli_arguments import output_file


def attack_and_strength(text: str) -> tuple[Recipe[Any], str]:
    """Find an attack and the code of one of its ways, by default the usual one, from ``CODE[/STRENGTH]``."""
    code, slash, strength = text.partition("/")
    attack = next((attack for attack in ATTACKS if attack.code == code), None)
    if attack is None:
        known = ", ".join(attack.code for attack in ATTACKS)
        raise argparse.ArgumentTypeError(f"{code!r}: there is no such attack, choose from {known}")
    strengths = [way.value for way in attack.ways]
    if slash and strength not in strengths:
        ways = ", ".join(strengths)
        raise argparse.ArgumentTypeError(f"{strength!r}: {code} cannot be tried like this, choose from {ways}")
    return attack, strength or strengths[0]


def only(text: str) -> tuple[str, str | None]:
    """Read ``CODE[/STRENGTH]`` as codes; without a strength all of them are meant, and `GENUINE` is a code too."""
    if text == GENUINE:
        return text, None
    attack, strength = attack_and_strength(text)
    return attack.code, strength if "/" in text else None


def blur(text: str) -> float:
    """Read a number of pixels, 0 to 5."""
    try:
        pixels = float(text)
    except ValueError:
        pixels = math.nan
    if not 0.0 <= pixels <= 5.0:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of pixels from 0 to 5")
    return pixels


def folder(text: str) -> Path:
    """Check that there is such a folder."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no such folder")
    return path


def clip_file(text: str) -> Path:
    """Check that an MP4 file can be written there."""
    path = output_file(text)
    if path.suffix.lower() != ".mp4":
        raise argparse.ArgumentTypeError(f"{text!r}: give a file ending in .mp4")
    return path
