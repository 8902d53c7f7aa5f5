"""The attack lab on the command line: ``python -m attacks matrix | tables | list | make``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from attacks.evaluation import matrix
from attacks.evaluation.cli_arguments import attack_and_strength, clip_file
from attacks.evaluation.paper import tables
from attacks.recipes import ATTACKS
from attacks.show.labelled_clip import write_clip
from attacks.target import simulated
from bank import Bank, Policy
from bank.errors import BankError
from bank.pictures import load_rgb
from liveness.models import ModelError
from prnu.cli_arguments import count, output_file
from prnu.images import ImageError

DONE, FOUND, UNUSABLE = 0, 1, 2

DESCRIPTION = """\
Try LensLock with attacks that are made on the spot: what each factor stops, and what it does not.

All that comes out is simulated and says so. It is for teaching, and for testing LensLock."""

EPILOG = """\
examples:
  python -m attacks list
  python -m attacks matrix --json matrix.json --html matrix.html
  python -m attacks matrix --only swap/genuine --trials 40 --genuine 0
  python -m attacks make swap --out swap.mp4
  python -m attacks make puppet --photo me.jpg --consent --out me.mp4
  python -m attacks tables

exit codes: 0 done, 1 an attack was accepted (matrix), 2 something could not be used."""

CONSENT = (
    "a photo of a person needs that person's consent. If it is your own, or the person agreed to a deepfake being "
    "made of it, say so with --consent. Without --photo a sample portrait is used."
)

out, err = Console(), Console(stderr=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.run(options))
    except (BankError, ImageError, ModelError, ValueError) as error:
        _say(err, "[bold red]error[/]", str(error))
    except OSError as error:
        _say(err, "[bold red]error[/]", f"{error.filename or 'output'}: {error.strerror or error}")
    return UNUSABLE


def _matrix(options: argparse.Namespace) -> int:
    found, result = matrix.main(options, out, err)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return FOUND if found.through else DONE


def _list(options: argparse.Namespace) -> int:
    for attack in ATTACKS:
        _say(out, f"[bold]{attack.code}[/]", f"{attack.title}. {attack.teaser}")
        _say(out, "   ", f"needs: {attack.needs}")
        for way in attack.ways:
            _say(out, "   ", f"{attack.code}/{way}: {way.words}")
    if options.json:
        words = ("code", "group", "title", "teaser", "needs")
        kinds = [
            {word: getattr(attack, word) for word in words}
            | {"strengths": [{"code": way.value, "title": way.words} for way in attack.ways]}
            for attack in ATTACKS
        ]
        options.json.write_text(json.dumps(kinds, indent=1) + "\n", encoding="utf-8")
    return DONE


def _make(options: argparse.Namespace) -> int:
    if options.photo and not options.consent:
        _say(err, "[bold red]error[/]", CONSENT)
        return UNUSABLE
    attack, strength = options.attack
    policy = Policy.load()
    with Progress(console=err, transient=True) as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("getting ready", total=1.0)
        target = simulated(policy.enrolment, load_rgb(options.photo) if options.photo else None)
        bank = Bank(f"sqlite:///{folder}/bank.db", folder=folder, policy=policy)
        try:
            target.enrol(bank)
            presentation = attack.begin(target, strength, options.seed, bank)
        finally:
            bank.close()
        try:
            progress.update(task, description="making")
            frames = write_clip(
                presentation, options.out, progress=lambda share: progress.update(task, completed=share)
            )
        finally:
            presentation.close()
    _say(out, "[bold green]made[/]", f"{options.out}: {frames} frames, each marked as simulated")
    if options.json:
        made = {"attack": attack.code, "strength": strength, "file": str(options.out), "frames": frames}
        options.json.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return DONE


def _say(console: Console, marked: str, plain: str = "") -> None:
    """Print a line, with markup only in its first part: file names may hold brackets."""
    console.print(" ".join(filter(None, (marked, escape(plain)))), highlight=False, soft_wrap=True)


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m attacks", description=DESCRIPTION, epilog=EPILOG, formatter_class=plain
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, about: str) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about, formatter_class=plain)
        sub.set_defaults(run=run)
        return sub

    try_all = command("matrix", _matrix, "try every attack against every factor, many times, and genuine customers too")
    again = command("tables", tables.main, "repeat the paper's experiment, and show its tables beside ours")
    matrix.add_arguments(try_all)
    tables.add_arguments(again)
    listed = command("list", _list, "list the attacks and the ways to try each")
    make = command("make", _make, "make a clip of an attack; every frame is marked as simulated")
    make.add_argument("attack", type=attack_and_strength, metavar="ATTACK[/STRENGTH]", help="as `list` names them")
    make.add_argument("--photo", type=Path, metavar="FILE", help="of the victim; default a sample portrait")
    make.add_argument("--consent", action="store_true", help="the photo is mine, or its person agreed to this")
    make.add_argument("--out", type=clip_file, required=True, metavar="FILE.mp4", help="the clip")
    make.add_argument("--seed", type=count, default=1, metavar="N", help="another one moves otherwise (%(default)s)")
    for sub in (try_all, listed, make):
        sub.add_argument("--json", type=output_file, metavar="FILE", help="also write the result to FILE as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
