"""What the command line takes, read and refused in words."""

from __future__ import annotations

import argparse
import math
import os
from pathlib import Path

from prnu.images import MIN_SIDE
from prnu.match import FALSE_ALARM

DESCRIPTION = """\
Recognise a camera by its sensor noise (PRNU).

Every sensor prints a fixed, faint pattern on every picture. Averaged over 15 to 25 pictures it becomes the camera's
fingerprint; a new picture is compared with it by the peak-to-correlation energy (PCE). From 50 on, a picture is
consistent with the camera; pictures of other cameras mostly stay between -20 and 20."""

EPILOG = f"""\
examples:
  python -m prnu fingerprint walls/*.jpg -o phone.llfp
  python -m prnu match phone.llfp selfie.jpg
  python -m prnu identify cameras/*.llfp -i selfie.jpg
  python -m prnu evaluate my-cameras --crop 720x1280 --plot roc.html

A match needs the PCE threshold and a false-alarm probability of at most {FALSE_ALARM:g}. --rule calibrated asks for a
PCE of 30 instead of 50 and leaves the rest to that probability: small and dark photos are found more often.

exit codes: 0 consistent or done, 1 not consistent, 2 something could not be used."""


def frame_size(text: str) -> tuple[int, int]:
    """Height and width, each of at least `MIN_SIDE` pixels."""
    height, cross, width = text.lower().partition("x")
    if not (cross and height.isdecimal() and width.isdecimal() and min(int(height), int(width)) >= MIN_SIDE):
        advice = f"give HEIGHTxWIDTH in pixels, each at least {MIN_SIDE}, such as 720x1280"
        raise argparse.ArgumentTypeError(f"{text!r}: {advice}")
    return int(height), int(width)


def output_file(text: str) -> Path:
    """A file that can be written: said before the work is done."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder: give a file name")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no folder {str(path.parent)!r}: make it first")
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r}: the folder cannot be written to: choose another")
    return path


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number")
    return int(text)


def positive(text: str) -> int:
    """A whole number, 1 or more."""
    number = count(text)
    if not number:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def score(text: str) -> float:
    """A PCE above 0."""
    try:
        pce = float(text)
    except ValueError:
        pce = 0.0
    if not 0.0 < pce < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number above 0")
    return pce


def zoom_factor(text: str) -> float:
    """A factor of digital zoom, 1 to 16."""
    try:
        zoom = float(text)
    except ValueError:
        zoom = 0.0
    if not 1.0 <= zoom <= 16.0:
        raise argparse.ArgumentTypeError(f"{text!r}: give a factor from 1 to 16")
    return zoom
