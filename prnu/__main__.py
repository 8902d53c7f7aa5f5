"""Camera fingerprints on the command line: ``python -m prnu fingerprint | match | evaluate | identify``."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from prnu.chance import told
from prnu.cli_arguments import DESCRIPTION, EPILOG, count, frame_size, output_file, positive, score, zoom_factor
from prnu.enrol import Enrolment
from prnu.evaluate import evaluate, identify, identify_turned
from prnu.evidence import gather
from prnu.fingerprint import SUFFIX, Fingerprint, FingerprintError
from prnu.images import SUFFIXES, ImageError, centre_crop, load_luma
from prnu.match import THRESHOLD, Match, Search, match
from prnu.orientation import Turned, match_either_way
from prnu.quality import by_reason, listed
from prnu.rules import PAPER, RULES
from prnu.several import compare_each

MATCHED, NO_MATCH, UNUSABLE = 0, 1, 2

out, err = Console(), Console(stderr=True)
_STANDINGS = {
    "alone": "[green]consistent[/]",
    "together": "[green]consistent[/], with the others only",
    "neither": "[red]not consistent[/]",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if chosen := getattr(options, "rule", None):
            options.rule, options.threshold = _chosen(chosen, options.threshold)
        code, result = options.run(options)
        result |= {"rule": options.rule} if chosen else {}
        if options.json:
            options.json.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except (ImageError, FingerprintError) as error:
        _say(err, "[bold red]error[/]", str(error))
        return UNUSABLE
    except OSError as error:
        _say(err, "[bold red]error[/]", f"{error.filename or 'output'}: {error.strerror or error}")
        return UNUSABLE
    return int(code)


def _chosen(rule: str, threshold: float | None) -> tuple[str, float]:
    """Name of the rule that decides, and its PCE; a threshold of one's own is a rule of no name."""
    return (rule, RULES[rule].pce) if threshold is None else ("own threshold", threshold)


def _say(console: Console, marked: str, plain: str = "") -> None:
    """Print a line, with markup only in its first part: file names may hold brackets."""
    console.print(" ".join(filter(None, (marked, escape(plain)))), highlight=False, soft_wrap=True)


def _fingerprint(options: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    enrolment = Enrolment(options.crop)
    with _progress() as progress:
        task = progress.add_task("enrolling", total=len(options.images))
        for path in options.images:
            enrolment.add(path)
            progress.advance(task)
    for accepted, word in ((True, "[yellow]note[/]"), (False, "[red]left out[/]")):
        _say_by_reason(word, [(step.name, step.message) for step in enrolment.steps if step.accepted == accepted])
    quality = enrolment.quality
    fingerprint = enrolment.fingerprint()
    try:
        fingerprint.save(options.output)
    except OSError as error:
        raise FingerprintError(f"{options.output}: cannot be written ({error.strerror}).") from error
    for issue in quality.issues:
        _say(out, "[yellow]note[/]", issue.advice)
    width, height = fingerprint.shape[::-1]
    pictures = "1 picture" if fingerprint.images == 1 else f"{fingerprint.images} pictures"
    _say(out, "", f"{options.output}: {pictures} of {width}x{height}")
    if not math.isnan(fingerprint.split_half):
        expected = {frames: fingerprint.expected_pce(frames) for frames in (1, 4)}
        scores = f"{expected[1]:.0f}, four together about {expected[4]:.0f}"
        _say(out, f"A photo of this camera should score about {scores} (threshold {THRESHOLD:g}).")
    _say(out, "Keep this file secret: whoever has it can forge with it.")
    return MATCHED, {
        "fingerprint": str(options.output),
        "shape": list(fingerprint.shape),
        "images": fingerprint.images,
        "split_half": _number(fingerprint.split_half),
        "expected_pce": {str(frames): _number(fingerprint.expected_pce(frames)) for frames in (1, 4, 16)},
        "scene_leakage": quality.leakage,
        "issues": [vars(issue) for issue in quality.issues],
        "steps": [{"name": s.name, "accepted": s.accepted, "message": s.message} for s in enrolment.steps],
    }


def _say_by_reason(word: str, told: Iterable[tuple[str, str]]) -> None:
    """One line for each reason: of many files the first, and how many there are."""
    for reason, names in by_reason(told).items():
        if reason:
            number = f"{len(names)} files, " if len(names) > 1 else ""
            _say(err, word, f"{number}{listed(names)}: {reason}")


def _match(options: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    fingerprint = Fingerprint.load(options.fingerprint)
    if 2 * options.shift >= min(fingerprint.shape):
        raise FingerprintError(f"A shift of {options.shift} leaves too little of the frame. Search fewer pixels.")
    wanted = options.shift or options.search_crop or options.zoom
    search = Search(options.shift, options.search_crop, (1.0, *options.zoom)) if wanted else None
    if len(options.images) > 1:
        return _match_each(fingerprint, options, search)
    (path,) = options.images
    name, whole, turn = path.name, load_luma(path) if options.crop else path, None
    if search:  # scales the picture itself
        found = match(fingerprint, centre_crop(whole, options.crop, name) if options.crop else whole, search)
    else:
        found, turn = match_either_way(
            fingerprint, [whole], lambda found: found.passed(options.threshold), options.crop, [name]
        )
        _say_turned(turn)
    passed, threshold = found.passed(options.threshold), found.threshold(options.threshold)
    if passed:
        _say(out, f"[bold green]consistent[/] with the camera{', once it is turned back' if turn else ''}")
    else:
        _say(out, "[bold red]not consistent[/] with the camera, as far as this can tell")
    _say(out, f"PCE {found.pce:.1f}, threshold {threshold:.1f}, false-alarm probability {told(found.p_value)}")
    if search:
        _say(out, f"zoom {found.zoom:g}, shift {found.shift}, {found.searched:,} places searched")
    return (MATCHED if passed else NO_MATCH), {**_fields(found, threshold, turn), "passed": passed}


def _match_each(
    fingerprint: Fingerprint, options: argparse.Namespace, search: Search | None
) -> tuple[int, dict[str, Any]]:
    """Each of several photos on its own, and those that do not pass together."""
    photos, group = compare_each(fingerprint, options.images, options.threshold, search, options.crop)
    table, rows = Table("photo", "PCE", "false-alarm probability", ""), []
    for one in photos:
        row: dict[str, Any] = {"name": one.name, "passed": one.standing != "neither", "standing": one.standing}
        if one.found:
            _say_turned(one.turned)
            same = f", same exposure as {escape(one.copy_of)}" if one.copy_of else ""
            figures = f"{one.found.pce:.1f}", told(one.found.p_value)
            table.add_row(escape(one.name), *figures, _STANDINGS[one.standing] + same)
            row |= _fields(one.found, one.found.threshold(options.threshold), one.turned)
        else:
            table.add_row(escape(one.name), "-", "-", "[red]could not be used[/]")
            _say(err, "[red]could not be used[/]", f"{one.name}: {one.problem}")
        rows.append(row | {"same_exposure_as": one.copy_of or None, "problem": one.problem or None})
    out.print(table)
    counted = [one for one in photos if one.found and not one.copy_of]
    good = sum(one.standing != "neither" for one in counted)
    together, passed = group.together, bool(counted) and good == len(counted)
    colour = "green" if passed else "red"
    summary = f"[bold {colour}]{good} of {len(counted)}[/] photos are consistent with the camera"
    _say(out, f"{summary}, threshold {options.threshold:g}")
    if together:
        score = f"PCE {together.pce:.1f}, false-alarm probability {told(together.p_value)}"
        _say(out, f"the {together.images} that do not pass on their own, together: {score}")
    result: dict[str, Any] = {"photos": rows, "images": len(counted), "consistent": good, "passed": passed}
    result["together"] = _fields(together, together.threshold(options.threshold)) if together else None
    return (UNUSABLE if any(one.problem for one in photos) else MATCHED if passed else NO_MATCH), result


def _say_turned(turned: Turned | None) -> None:
    if turned:
        _say(out, "[yellow]note[/]", f"{turned.evidence.name} is {turned.turn.words}: {turned.turn.cause}.")


def _identify(options: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    stems = [path.stem for path in options.fingerprints]
    fingerprints = {
        path.stem if stems.count(path.stem) == 1 else str(path): Fingerprint.load(path) for path in options.fingerprints
    }
    found = [(path.name, *_identify_one(fingerprints, path, options)) for path in options.image]
    if len(found) == 1:
        _, code, rows = found[0]
        return code, {"ranking": rows}
    taken = Counter(rows[0]["camera"] for _, code, rows in found if code == MATCHED)
    by = ", ".join(f"{number} by {name}" for name, number in taken.most_common()) or "none by a known camera"
    _say(out, "", f"of {len(found)} photos: {by}")
    one_camera = len(taken) == 1 and taken.total() == len(found)
    photos = [{"name": name, "ranking": rows} for name, _, rows in found]
    return (MATCHED if one_camera else NO_MATCH), {"photos": photos}


def _identify_one(
    fingerprints: dict[str, Fingerprint], path: Path, options: argparse.Namespace
) -> tuple[int, list[dict[str, Any]]]:
    """The ranking of cameras for one photo; of several under its name."""
    if len(options.image) > 1:
        _say(out, "", path.name)
    evidence = gather(path)
    fitting = sum(fingerprint.shape == evidence.shape for fingerprint in fingerprints.values())
    ranking = identify(fingerprints, evidence) if fitting else []
    turn = None
    cameras = fitting  # the best of several has as many chances
    if not (ranking and ranking[0][1].passed(options.threshold, cameras)):
        best = identify_turned(fingerprints, evidence)
        if best and best[1].match.passed(options.threshold, len(fingerprints)):
            turn, cameras = best[1], len(fingerprints)
            ranking = [(best[0], turn.match), *(item for item in ranking if item[0] != best[0])]
            _say_turned(turn)
    ranking = ranking or identify(fingerprints, evidence)  # which says why there is none
    table = Table("camera", "PCE", "false-alarm probability", "")
    rows = []
    for name, found in ranking:
        passed, chance = found.passed(options.threshold, cameras), found.false_alarm(cameras)
        table.add_row(escape(name), f"{found.pce:.1f}", told(chance), "consistent" if passed else "")
        of = turn if turn and found is turn.match else None
        fields = _fields(found, found.threshold(options.threshold, cameras), of)
        rows.append({"camera": name, **fields, "false_alarm": chance, "passed": passed})
    out.print(table)
    _say(out, f"threshold {rows[0]['threshold']:.1f} with {cameras} to choose from")
    for name in sorted(fingerprints.keys() - dict(ranking).keys()):
        height, width = fingerprints[name].shape
        _say(err, "[yellow]left out[/]", f"{name}: registered with {width}x{height} pixels, the photo has another size")
    return (MATCHED if rows[0]["passed"] else NO_MATCH), rows


def _evaluate(options: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    with _progress() as progress:
        task = progress.add_task("reading")
        result = evaluate(
            options.folder,
            crop=options.crop,
            enrol=options.enrol,
            threshold=options.threshold,
            progress=lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
        )
    dropped = {item.name for item in result.dropped}
    skipped = ((item.name, item.reason) for item in result.skipped if item.name not in dropped)
    _say_by_reason("[yellow]skipped[/]", skipped)
    if not result.pairs:
        _say(err, "[bold red]error[/] no fingerprint and probe could be compared")
    summary = result.to_dict()
    table = Table("camera", "same-camera PCE: least", "median", "most", "largest of other cameras")
    for name, median in result.medians().items():
        same = [pair.pce for pair in result.pairs if pair.same and pair.fingerprint == name]
        other = [pair.pce for pair in result.pairs if not pair.same and pair.fingerprint == name]
        largest = f"{max(other):.1f}" if other else "-"
        table.add_row(escape(name), f"{min(same):.0f}", f"{median:.0f}", f"{max(same):.0f}", largest)
    out.print(table)
    pairs = "1 same-camera pair" if summary["same_pairs"] == 1 else f"{summary['same_pairs']} same-camera pairs"
    counts = f"{pairs}, {summary['other_pairs']} others"
    passed = f"{summary['passed']['same']} and {summary['passed']['other']} pass"
    _say(out, f"{counts}; at PCE {options.threshold:g}, {passed}")
    if summary["auc"] is not None:
        rates = ", ".join(f"{value:.3f} at FPR {rate}" for rate, value in summary["tpr_at_fpr"].items())
        _say(out, f"AUC {summary['auc']:.4f}; TPR {rates}")
    if summary["geometric_mean_of_medians"]:
        _say(out, f"geometric mean of the medians {summary['geometric_mean_of_medians']:.0f}")
    if options.plot:
        from prnu.plots import write_html  # plotly takes a second to import

        write_html(result, options.plot)
        _say(out, "", f"plots: {options.plot}")
    for item in result.dropped:
        _say(out, "[bold red]not in the table[/]", f"{item.name}: {item.reason}")
    return (MATCHED if result.pairs and not result.dropped else UNUSABLE), summary


def _fields(found: Match, threshold: float, turn: Turned | None = None) -> dict[str, Any]:
    return {
        "turned": turn.turn.words if turn else None,
        "pce": found.pce,
        "threshold": threshold,
        "p_value": found.p_value,
        "z": found.z,
        "ncc": found.ncc,
        "shift": list(found.shift),
        "zoom": found.zoom,
        "searched": found.searched,
        "images": found.images,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _progress() -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m prnu",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    pictures = f"photos straight from the camera ({', '.join(SUFFIXES)}); neither scaled nor edited"

    def command(name: str, run: Any, text: str, description: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=description)
        sub.add_argument("--json", type=output_file, metavar="FILE", help="also write the result to FILE as JSON")
        sub.set_defaults(run=run)
        return sub

    make = command(
        "fingerprint",
        _fingerprint,
        "make a camera's fingerprint from 15 to 25 of its photos",
        "Make a fingerprint from 15 to 25 photos. Best are out-of-focus ones of a blank wall or the sky, at medium "
        "brightness. Photos of one unmoving scene are refused, because the fingerprint would contain the scene.",
    )
    make.add_argument("images", nargs="+", type=Path, help=pictures)
    make.add_argument(
        "-o", "--output", required=True, type=output_file, metavar=f"FILE{SUFFIX}", help="where to write it"
    )

    compare = command(
        "match",
        _match,
        "compare photos with a fingerprint",
        "Compare photos with a fingerprint: each on its own, and those that do not pass also together. The searches "
        "are for photos that are known to be cropped or zoomed: each place searched raises the threshold.",
    )
    compare.add_argument("fingerprint", type=Path, help=f"a {SUFFIX} file")
    compare.add_argument("images", nargs="+", type=Path, help=pictures)
    compare.add_argument("--shift", type=count, default=0, metavar="N", help="search shifts of up to N pixels each way")
    compare.add_argument(
        "--search-crop", action="store_true", help="the photo may be cut out of any place of the frame"
    )
    compare.add_argument(
        "--zoom", type=zoom_factor, nargs="+", default=(), metavar="Z", help="search these digital zooms, such as 1.5 2"
    )

    which = command(
        "identify",
        _identify,
        "find out which of several cameras took a photo",
        "Rank cameras by how well a photo agrees with their fingerprints, which the command fingerprint makes. "
        "Each camera more is one chance more to agree by accident, so it raises the threshold, and the false-alarm "
        "probability that is told.",
    )
    which.add_argument("fingerprints", nargs="+", type=Path, help=f"{SUFFIX} files")
    which.add_argument("-i", "--image", required=True, type=Path, nargs="+", help=f"{pictures}; each on its own")

    test = command(
        "evaluate",
        _evaluate,
        "measure how well the cameras of a folder are told apart",
        "Compare every fingerprint with every probe. DIR holds <camera>/enrol/* and <camera>/probe/*. "
        "Cameras of different sizes can be compared with --crop only.",
    )
    test.add_argument("folder", type=Path, metavar="DIR")
    test.add_argument("--enrol", type=positive, metavar="N", help="enrol only the first N photos of each camera")
    test.add_argument("--plot", type=output_file, metavar="FILE.html", help="write ROC curve and scores as a web page")

    for sub in (make, compare, test):
        sub.add_argument(
            "--crop", type=frame_size, metavar="HxW", help="use the centre of the frame only, such as 720x1280"
        )
    for sub in (compare, which, test):
        said = "; ".join(f"{rule.name}: PCE {rule.pce:g}" for rule in RULES.values())
        either = sub.add_mutually_exclusive_group()
        either.add_argument(
            "--rule", choices=RULES, default=PAPER.name, help=f"when it is a match ({said}; default {PAPER.name})"
        )
        either.add_argument("--threshold", type=score, metavar="PCE", help="PCE to reach, instead of a rule's")
    return parser


if __name__ == "__main__":
    sys.exit(main())
