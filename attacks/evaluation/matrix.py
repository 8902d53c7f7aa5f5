"""``python -m attacks matrix``: every attack against every factor, many times, and genuine customers besides.

The bank draws its challenge and the moments of its stills anew for each trial, as it does for everybody, so two runs
never agree to the digit. All else, cameras, photos, victims and temperaments, follows from the trial's number.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from attacks.evaluation.cli_arguments import blur, folder, only
from attacks.evaluation.matrix_report import show, write_html
from attacks.evaluation.matrix_trial import LENS, SIMULATED, Case, Setting, attempt, cameras
from attacks.evaluation.rates import Attempt, Matrix, summary
from attacks.recipe import GENUINE, Recipe
from attacks.recipes import ATTACKS
from bank import Policy
from prnu.cli_arguments import count, output_file, positive

_attempt = TypeAdapter(Attempt)
_line = TypeAdapter(dict[str, str])


class RecordError(ValueError):
    """A record of earlier trials cannot be gone on with. Says why and what to do."""


def cases(
    real: Sequence[str], attacks: Iterable[Recipe[Any]], only: tuple[str, str | None] | None, trials: int, genuine: int
) -> list[Case]:
    """Plan a matrix: genuine customers first, then all attacks with number 0, with number 1 and so on.

    Every other trial of attacks that take few shots is on a real camera, where there are any; cameras, parts of their
    sensors and victims take turns.

    Parameters
    ----------
    real : sequence of str
        Names of real cameras.
    attacks : iterable of Recipe
    only : (str, str or None), optional
        Code of one attack, or `GENUINE`, and of one strength, to try no other.
    trials : int
        Of each attack and strength.
    genuine : int
        Of genuine customers with each camera.
    """
    planned = []
    everyone = [*real, *SIMULATED]
    if only is None or only[0] == GENUINE:
        for number in range(genuine * len(everyone)):
            turn, which = divmod(number, len(everyone))
            planned.append(Case(GENUINE, "", number, everyone[which], which < len(real), turn, _victim(number)))
    for number in range(trials):
        for attack in attacks:
            for way in attack.ways:
                if only is None or only in ((attack.code, None), (attack.code, way.value)):
                    planned.append(_case(real, attack, way.value, number))
    return planned


def _case(real: Sequence[str], attack: Recipe[Any], strength: str, number: int) -> Case:
    turn, odd = divmod(number, 2)
    both = bool(real) and attack.few_shots
    if both and not odd:
        return Case(attack.code, strength, number, real[turn % len(real)], True, turn // len(real), _victim(number))
    camera = (turn if both else number) % len(SIMULATED)
    victim = camera if attack.one_victim else _victim(number)
    return Case(attack.code, strength, number, SIMULATED[camera], False, 0, victim)


def _victim(number: int) -> int:
    """Any, so that no camera meets the same ones all the time; the same in all attacks, so that these compare."""
    return int(np.random.default_rng(number).integers(2**16))


def results(setting: Setting, planned: Sequence[Case], jobs: int) -> Iterator[Attempt]:
    """Make trials, as they come.

    Parameters
    ----------
    setting : Setting
    planned : sequence of Case
    jobs : int
        Processes; with 1, this one.

    Raises
    ------
    liveness.models.ModelError
        If a model is not to be had.
    """
    if jobs == 1:
        yield from (attempt(setting, case) for case in planned)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _one_thread) as pool:
        waiting = [pool.submit(attempt, setting, case) for case in planned]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    cv2.setNumThreads(1)  # there is a process for each core


class Record:
    """Trials in a file of JSON lines, so that a run that was stopped goes on. The first line says what they share.

    Parameters
    ----------
    path : path
    about : dict of str to str
        What a run must have in common with the one that the file was begun with.

    Raises
    ------
    RecordError
        If the file is no such record, or of another run.
    """

    def __init__(self, path: Path, about: dict[str, str]) -> None:
        self._path = path
        self.made: list[Attempt] = []
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        if lines and not lines[-1].endswith("\n"):
            lines.pop()  # it was stopped in the middle of writing this one
            path.write_text("".join(lines), encoding="utf-8")
        try:
            there = _line.validate_json(lines[0]) if lines else about
            self.made = [_attempt.validate_json(line) for line in lines[1:]]
        except ValidationError as error:
            raise RecordError(
                f"{path} is no record of trials. Give another file, or one that does not exist."
            ) from error
        if there != about:
            differing = ", ".join(f"{key} {there.get(key)!r}" for key in about if there.get(key) != about[key])
            raise RecordError(f"{path} was begun with {differing}. Give another file, or the same options.")
        if not lines:
            self._write(json.dumps(about))

    def add(self, one: Attempt) -> None:
        """Write a trial."""
        self.made.append(one)
        self._write(_attempt.dump_json(one).decode())

    def _write(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--data", type=folder, metavar="DIR", help="with cameras/<camera>/enrol/* and faces/photos/<person>/*"
    )
    parser.add_argument(
        "--profile", choices=sorted(Policy.load().profiles), default="demo", help="of the bank's policy"
    )
    parser.add_argument("--trials", type=count, default=20, metavar="N", help="of each way to attack (%(default)s)")
    parser.add_argument("--genuine", type=count, default=20, metavar="N", help="with each camera (%(default)s)")
    parser.add_argument("--only", type=only, metavar="CODE[/STRENGTH]", help=f"one attack, or {GENUINE}")
    parser.add_argument(
        "--lens", type=blur, default=LENS, metavar="PIXELS", help="blur of the people of a photo, 0 to 5 (%(default)s)"
    )
    parser.add_argument("--jobs", type=positive, default=2, metavar="N", help="processes (%(default)s)")
    parser.add_argument(
        "--record", type=output_file, metavar="FILE.jsonl", help="write each trial there, and go on from it"
    )
    parser.add_argument("--html", type=output_file, metavar="FILE", help="write the matrix as a web page")


def main(options: argparse.Namespace, out: Console, err: Console) -> tuple[Matrix, dict[str, Any]]:
    """Make the trials that are not in the record yet, show what came of all, and return it, also as JSON takes it.

    Raises
    ------
    RecordError
        As `Record`.
    prnu.images.ImageError
        If a camera of the folder cannot be used.
    liveness.models.ModelError
        If a model is not to be had.
    """
    setting = Setting(options.data, options.profile, options.lens)
    real = list(cameras(setting))
    planned = cases(real, ATTACKS, options.only, options.trials, options.genuine)
    about = {
        "profile": setting.profile,
        "policy": Policy.load().version,
        "real cameras": ", ".join(real),
        "lens": f"{setting.lens:g}",
    }
    record = Record(options.record, about) if options.record else None
    keys = {(case.attack, case.strength, case.number): case for case in planned}
    made = {_key(one): one for one in (record.made if record else ()) if _key(one) in keys}
    left = [case for key, case in keys.items() if key not in made]
    with _progress(err) as progress:
        task = progress.add_task("trying", total=len(planned), completed=len(made))
        for one in results(setting, left, options.jobs):
            made[_key(one)] = one
            if record:
                record.add(one)
            progress.update(task, advance=1, description=f"{one.attack} {one.strength}".strip())
    attempts = [made[key] for key in keys]
    matrix = summary(attempts)
    show(matrix, out)
    if options.html:
        write_html(matrix, options.html)
    result = {**about, "apcer": matrix.apcer, **asdict(matrix), "trials": attempts}
    return matrix, json.loads(TypeAdapter(dict[str, Any]).dump_json(result))


def _key(one: Attempt) -> tuple[str, str, int]:
    return one.attack, one.strength, one.number


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
