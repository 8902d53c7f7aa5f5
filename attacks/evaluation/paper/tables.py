"""``python -m attacks tables``: the paper's experiment again, with our own cameras, and its tables beside ours."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from attacks.evaluation.cli_arguments import folder
from attacks.evaluation.paper.experiment import Effort, Lab, deepfake, repeat
from attacks.evaluation.paper.material import (
    PHONES,
    SIMULATED,
    Device,
    Enrolled,
    Portrait,
    clips,
    phones,
    portraits,
    simulated,
)
from attacks.evaluation.paper.results import PAPER, Claim, DeepfakeRow, Material, RegionRow, Row, claims
from bank.face_reader import Reader
from liveness.identity import THRESHOLD as SAME_PERSON
from liveness.landmarks import FaceTracker
from prnu.cli_arguments import output_file

AS_EXPECTED, OTHERWISE = 0, 1

DESCRIPTION = f"""\
Repeat the experiment of Mukherjee and Mohanty: a camera is enrolled, and a second fingerprint is made from natural
images of it, from deepfakes, and from a face swapped inside a genuine video. Each video is also put before our own
liveness vote. Simulated cameras are always there; real phones where DIR/cameras has them:
{", ".join(PHONES)}.

exit codes: 0 all as expected, 1 something came otherwise, 2 something could not be used."""

MADE_FROM: dict[Material, str] = {
    "natural": "natural images",
    "genuine": "genuine video of a face",
    "own": "deepfake, from a photo by this camera",
    "other": "deepfake, from another camera's photo",
    "inside": "face swapped inside a genuine video",
}
MOST, SEEDS = 10, 3
"""Deepfakes of each kind in the last table: from as many photos, or from the sample portrait in as many ways."""

_VERDICTS = ("passed", "inconclusive", "failed")
_QUICK = Effort(seconds=2.0, stills=6, groups=(1, 6), shape=(480, 640))

# A file or a pipe has no width of its own.
out, err = Console(width=None if sys.stdout.isatty() else 150), Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True)
class Result:
    """All that was measured, and how long it took."""

    rows: tuple[Row, ...]
    regions: tuple[RegionRow, ...]
    deepfakes: tuple[DeepfakeRow, ...]
    seconds: float

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What was expected, and what came."""
        return tuple(claims(self.rows, self.regions, self.deepfakes))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments to a parser."""
    parser.description, parser.formatter_class = DESCRIPTION, argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--data",
        type=folder,
        metavar="DIR",
        help="with cameras/<phone>/{enrol,probe}/*, faces/photos/<person>/*, faces/real/*",
    )
    parser.add_argument("--json", type=output_file, metavar="FILE", help="also write every figure to FILE as JSON")
    parser.add_argument("--quick", action="store_true", help="one camera of each sort and short videos: tells little")


def main(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    Raises
    ------
    As `measure`; and OSError if the JSON file cannot be written.
    """
    result = measure(arguments.data, arguments.quick)
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(to_dict(result), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return AS_EXPECTED if all(claim.kept for claim in result.claims) else OTHERWISE


def measure(data: Path | None = None, quick: bool = False) -> Result:
    """Run the whole experiment.

    Parameters
    ----------
    data : path, optional
        With real cameras, photos and videos; see `add_arguments`. What is not there is left out.
    quick : bool
        One camera of each sort, and short, small videos.

    Raises
    ------
    prnu.ImageError, attacks.face.portrait.PortraitError, liveness.video.VideoError
        If a picture or a video cannot be used.
    bank.errors.PolicyError
        If the bank's policy cannot be used.
    liveness.models.ModelError
        If a model is not to be had.
    """
    began = time.monotonic()
    effort = _QUICK if quick else Effort()
    rows: list[Row] = []
    regions: list[RegionRow] = []
    enrolled: list[Enrolled] = []
    deepfakes: list[DeepfakeRow] = []
    for name in ("cameras", "faces/photos", "faces/real"):
        if data and not (data / name).is_dir():
            err.print(f"[yellow]note[/] {escape(str(data / name))} is not there: done without")
    with FaceTracker(stills=True) as looker, closing(Reader()) as reader, err.status("looking for material") as status:
        lab = Lab(reader, looker, effort)
        photos, films = (data / "faces" / name if data else None for name in ("photos", "real"))
        found = portraits(photos, looker) if photos and photos.is_dir() else []
        cast = found if len({one.person for one in found}) > 1 else portraits(looker=looker)
        public = lab.live(clips(films, effort.shape)) if films and films.is_dir() else []
        for number, device in enumerate(_devices(data, quick, effort.shape)):
            one = device.enrolled
            status.update(f"{one.camera} {one.number}")
            made, judged = repeat(lab, device, *_two(cast, number), public[number % len(public)] if public else None)
            rows += made
            regions += judged
            enrolled.append(one)
        victims = range(len(cast)) if found else [0] * SEEDS
        for attack in ("swap", "puppet"):
            for seed, number in enumerate(victims[: 1 if quick else MOST]):
                status.update(f"{attack} {seed + 1}")
                clip = public[seed % len(public)] if public else None
                deepfakes.append(deepfake(lab, attack, *_two(cast, number), clip, enrolled, seed))
    return Result(tuple(rows), tuple(regions), tuple(deepfakes), time.monotonic() - began)


def show(result: Result) -> None:
    """Print the tables, and whether they came as expected."""
    out.print(_paper_table(result.rows), _region_table(result.regions), _deepfake_table(result.deepfakes))
    out.print(_claim_table(result.claims))
    out.print(f"{result.seconds:.0f} s")


def to_dict(result: Result) -> dict[str, Any]:
    """Everything as plain values for JSON; None where there is no number."""
    judged = [{**asdict(claim), "kept": claim.kept} for claim in result.claims]
    plain: dict[str, Any] = to_jsonable_python(
        {"paper": PAPER, **asdict(result), "claims": judged}, inf_nan_mode="null"
    )
    return plain


def _devices(data: Path | None, quick: bool, shape: tuple[int, int]) -> Iterator[Device]:
    if data and (data / "cameras").is_dir():
        yield from phones(data / "cameras", 1 if quick else 4, shape)
    yield from simulated(SIMULATED[-1:] if quick else SIMULATED, 1 if quick else 2, shape)


def _two(cast: Sequence[Portrait], number: int) -> tuple[Portrait, Portrait]:
    """A victim, and somebody else: the next one in the cast who is another person."""
    at = number % len(cast)
    victim = cast[at]
    return victim, next(one for one in (*cast[at:], *cast[:at]) if one.person != victim.person)


def _paper_table(rows: Sequence[Row]) -> Table:
    table = Table(title="Fingerprint 2 against the enrolled camera: PCE, 50 and more is a match", title_justify="left")
    columns = (
        "camera",
        "fingerprint 2 from",
        "voted live",
        "PCE: median (least to most)",
        "a match",
        "PCE in the paper",
    )
    for name in columns:
        table.add_column(name)
    for camera in dict.fromkeys(row.camera for row in rows):
        for material, text in MADE_FROM.items():
            own = [row for row in rows if row.camera == camera and row.material == material]
            if not own:
                continue
            votes = [row.vote for row in own if row.vote]
            paper = PAPER[own[0].kind].get(material)
            table.add_row(
                camera,
                text,
                f"{votes.count('live')} of {len(votes)}" if votes else "",
                _spread([row.pce for row in own]),
                f"{sum(row.passed for row in own)} of {len(own)}",
                "" if paper is None else f"{paper:g} ({own[0].kind})",
            )
        table.add_section()
    return table


def _region_table(regions: Sequence[RegionRow]) -> Table:
    table = Table(title="The face region alone: a swapped face should fail, a genuine one pass", title_justify="left")
    for name in ("camera", "face", "stills", "PCE of the whole frame", "tried", *_VERDICTS):
        table.add_column(name)
    for camera in dict.fromkeys(row.camera for row in regions):
        sorts = [(clip, swapped) for clip in (False, True) for swapped in (False, True)]
        for sort, stills in itertools.product(sorts, dict.fromkeys(row.stills for row in regions)):
            own = [row for row in regions if (row.camera, row.stills) == (camera, stills) and _sort(row) == sort]
            if not own:
                continue
            found = Counter(row.verdict for row in own)
            face = f"{'swapped' if sort[1] else 'genuine'}, {'real person filmed' if sort[0] else 'photo that moves'}"
            cells = (str(found[verdict]) for verdict in _VERDICTS)
            table.add_row(camera, face, str(stills), _spread([row.pce for row in own]), str(len(own)), *cells)
        table.add_section()
    return table


def _sort(row: RegionRow) -> tuple[bool, bool]:
    return row.clip, row.swapped


def _deepfake_table(deepfakes: Sequence[DeepfakeRow]) -> Table:
    table = Table(title="Deepfakes against liveness and camera", title_justify="left")
    columns = (
        "attack",
        "photo",
        "video",
        "vote",
        f"like the photo (same from {SAME_PERSON:g})",
        "highest PCE",
        "cameras",
    )
    for name in columns:
        table.add_column(name)
    for row in deepfakes:
        verdicts = Counter(score.verdict for score in row.scores)
        highest = max(score.pce for score in row.scores)
        said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        like = "no face read" if math.isnan(row.similarity) else f"{row.similarity:.2f}"
        table.add_row(row.attack, row.photo, row.subject, row.vote, like, f"{highest:.1f}", said)
    return table


def _claim_table(found: Sequence[Claim]) -> Table:
    table = Table(title="As expected?", title_justify="left")
    for name in ("", "camera", "what", "came", "needed"):
        table.add_column(name)
    for claim in found:
        word = "[green]yes[/]" if claim.kept else "[bold red]NO[/]"
        table.add_row(word, claim.camera, claim.text, f"{claim.held} of {claim.cases}", f"{claim.share:.0%}")
    return table


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
