"""Liveness of a video on the command line: ``python -m liveness VIDEO``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from liveness.challenge import STEP_KINDS, Challenge
from liveness.models import ModelError
from liveness.overlay import OverlayVideo, overlay_path
from liveness.quality import ADVICE
from liveness.video import REASONS, LivenessReport, VideoError, analyse_video
from liveness.vote import VoteWord

LIVE, NOT_LIVE, UNUSABLE = 0, 1, 2

DESCRIPTION = """\
Does a video show a person who blinks, looks around and turns the head?

Blinks and glances are counted: more than a photo shows, fewer than people do in that time, or too few to tell yet. The
paper's vote for every ten frames, and its majority, are shown beside it. With --challenge the person must also answer
the given steps in this order. This stops held photos. It does not stop deepfakes: many of them blink."""

EPILOG = f"""\
examples:
  python -m liveness selfie.mp4
  python -m liveness selfie.mp4 --overlay seen.mp4 --json report.json
  python -m liveness selfie.mp4 --challenge "blink twice" "turn left" "look right"

steps: {", ".join(STEP_KINDS)}; left and right are the person's own.
exit codes: 0 live (and the challenge passed), 1 not live or not passed, 2 cannot tell or cannot be read."""

out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        challenge = Challenge(tuple(options.challenge), options.seconds) if options.challenge else None
        with ExitStack() as stack:
            progress = stack.enter_context(Progress(console=err, transient=True))
            task = progress.add_task("watching", total=1.0)
            overlay = stack.enter_context(OverlayVideo(overlay_path(options.overlay))) if options.overlay else None
            report = analyse_video(
                options.video,
                challenge=challenge,
                every=options.every,
                mirrored=options.mirrored,
                watch=overlay.add if overlay else None,
                progress=lambda share: progress.update(task, completed=share),
            )
        if options.json:
            options.json.write_text(json.dumps(report.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except (VideoError, ModelError, ValueError, OSError) as error:
        err.print(f"[bold red]error[/] {escape(str(error))}", highlight=False)
        return UNUSABLE
    _print(report)
    if report.swapped:
        said = "leave out --mirrored" if options.mirrored else "say so with --mirrored"
        out.print(f"[yellow]left and right seem to be swapped in this video[/]: {said}", highlight=False)
        return UNUSABLE
    if challenge is not None and report.phase != "passed":
        return NOT_LIVE
    return {"live": LIVE, "not live": NOT_LIVE, "inconclusive": UNUSABLE}[report.verdict]


def _print(report: LivenessReport) -> None:
    counts = Counter(event.kind for event in report.events)
    word = {"live": "[bold green]live[/]", "not live": "[bold red]not live[/]"}.get(report.verdict, "cannot tell")
    why = REASONS.get(report.reason) or ADVICE.get(report.reason, "")
    out.print(f"{word}{': ' + why if why else ''}", highlight=False)
    out.print(
        f"{report.frames} frames, {report.frames_per_second:.0f} a second, a face in {report.detected:.0%}; "
        f"{report.ms_per_frame:.0f} ms of CPU a frame",
        highlight=False,
    )
    out.print(", ".join(f"{kind}: {count}" for kind, count in counts.items()) or "no blink, glance or turn")
    signs = dict(zip(get_args(VoteWord), "L-x", strict=True))
    strip = "".join(signs[window.vote] for window in report.windows)
    legend = "L live, - not live, x unusable"
    out.print(f"votes of ten frames each ({legend}), majority {report.majority}: {strip}", highlight=False)
    for step in report.steps:
        said = f"after {step.answered_s - step.asked_s:.1f} s" if step.answered else "not answered"
        out.print(f"  {step.step}: {said}", highlight=False)
    for advice in report.advice:
        out.print(f"[yellow]advice[/] {advice}", highlight=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m liveness",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("video", type=Path, help="MP4, MOV, WebM, AVI or GIF; best 10 seconds of one person")
    parser.add_argument("--challenge", nargs="+", metavar="STEP", help="steps that must be answered in this order")
    parser.add_argument("--seconds", type=float, default=7.0, help="time limit of each step (default %(default)s)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="process every N-th frame only")
    parser.add_argument("--mirrored", action="store_true", help="left and right are swapped in the video")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the report to FILE as JSON")
    parser.add_argument("--overlay", type=Path, metavar="OUT.mp4", help="write a video with landmarks and events on it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
