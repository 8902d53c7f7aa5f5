"""Tables of docs/measurements.md made from what ``python -m prnu`` and ``python -m attacks`` write as JSON."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from docs.record import title

Tables: TypeAlias = dict[str, Any]

_VERDICTS = ("passed", "inconclusive", "failed")
_FACTORS = ("face", "liveness", "camera", "face region", "freshness")
_MATERIALS = {
    "natural": "natural images",
    "genuine": "genuine video of a face",
    "own": "deepfake from a photo by that camera",
    "other": "deepfake from another camera's photo",
    "inside": "face swapped inside a genuine video",
}


def table(columns: Sequence[str], rows: Iterable[Sequence[str | int]], text: str = "") -> Tables:
    """One table as `docs.record` writes it."""
    return {"title": text, "columns": list(columns), "rows": [list(row) for row in rows]}


def cameras_told_apart(found: Mapping[str, Any]) -> Tables:
    """Of ``python -m prnu evaluate``: same-camera scores beside the largest of other cameras."""
    rows = []
    for name, median in found["median_same_pce"].items():
        own = [pair for pair in found["pairs"] if pair["fingerprint"] == name]
        same = [pair["pce"] for pair in own if pair["same"]]
        other = [pair["pce"] for pair in own if not pair["same"]]
        rows.append((title(name), f"{min(same):.0f}", f"{median:.0f}", f"{max(same):.0f}", f"{max(other):.1f}"))
    columns = ("camera", "same-camera PCE: least", "median", "most", "largest of other cameras")
    auc = f"AUC {found['auc']:.4f} over {found['same_pairs']} same-camera and {found['other_pairs']} other pairs."
    return {"tables": [table(columns, rows)], "said": [auc], "figures": dict(found)}


def attack_matrix(found: Mapping[str, Any]) -> Tables:
    """Of ``python -m attacks matrix``: every attack against every factor, and genuine attempts. Trials are left out."""
    attacks = [
        (
            f"`{row['attack']}/{row['strength']}`",
            *(_cell(row["cells"][factor]) for factor in _FACTORS),
            f"**{_rate(row['accepted'])}**" if row["accepted"]["count"] else _rate(row["accepted"]),
        )
        for row in found["attacks"]
    ]
    genuine = [(row["strength"] or "all", _rate(row["rejected"]), row["step_up"]) for row in found["genuine"]]
    through = sorted(
        (row for row in found["attacks"] if row["accepted"]["count"]), key=lambda row: -row["accepted"]["share"]
    )
    said = [
        f"What still gets through: `{row['attack']}/{row['strength']}`, accepted {_rate(row['accepted'])}."
        for row in through
    ]
    tables = [
        table(
            ("attack", *_FACTORS, "accepted (APCER)"),
            attacks,
            "All ways to attack: *passed / could not tell / failed* by factor, and the share that the bank accepted "
            "with its 95 % interval.",
        ),
        table(
            ("genuine, in front of", "not accepted (BPCER)", "of these asked for more"),
            genuine,
            "Genuine attempts, and how many were not accepted.",
        ),
    ]
    rest = {name: value for name, value in found.items() if name not in ("trials", "refused")}
    return {"tables": tables, "said": said, "figures": rest}


def paper(found: Mapping[str, Any]) -> Tables:
    """Of ``python -m attacks tables``: the paper's experiment with our cameras, and the face region on its own."""
    cameras = list(dict.fromkeys(row["camera"] for row in found["rows"]))
    kinds = list(found["paper"])
    rows = []
    for material, text in _MATERIALS.items():
        ours = [[r["pce"] for r in found["rows"] if (r["camera"], r["material"]) == (c, material)] for c in cameras]
        theirs = [found["paper"][kind].get(material) for kind in kinds]
        rows.append((text, *map(_span, ours), *("" if value is None else f"{value:.6g}" for value in theirs)))
    columns = ("fingerprint 2 from", *map(title, cameras), *(f"paper: {kind}" for kind in kinds))
    stills = list(dict.fromkeys(row["stills"] for row in found["regions"]))
    regions = []
    for simulated, whose in ((False, "phones"), (True, "simulated cameras")):
        for swapped, clip, what in (
            (True, None, "swapped"),
            (False, True, "genuine, a real person filmed"),
            (False, False, "genuine, a photo that moves"),
        ):
            own = [
                row
                for row in found["regions"]
                if (row["simulated"], row["swapped"]) == (simulated, swapped) and clip in (None, row["clip"])
            ]
            if own:
                regions.append((f"{whose}, {what}", *(_verdicts(own, number) for number in stills)))
    said = []
    for attack in dict.fromkeys(row["attack"] for row in found["deepfakes"]):
        made = [row for row in found["deepfakes"] if row["attack"] == attack]
        live = sum(row["vote"] == "live" for row in made)
        failed = sum(all(score["verdict"] == "failed" for score in row["scores"]) for row in made)
        said.append(f"{attack}: {live} of {len(made)} voted live; {failed} of {len(made)} failed every camera.")
    tables = [
        table(columns, rows, "PCE of fingerprint 2 against fingerprint 1, least to most; 50 and more is a match."),
        table(
            ("face", *(f"{number} still{'s' if number > 1 else ''}" for number in stills)),
            regions,
            "The face region: *passed / inconclusive / failed*.",
        ),
    ]
    return {"tables": tables, "said": said, "figures": {"claims": found["claims"], "seconds": found["seconds"]}}


def _rate(rate: Mapping[str, Any]) -> str:
    share, low, high = (f"{100 * rate[name]:.0f}" for name in ("share", "low", "high"))
    return f"{rate['count']} of {rate['n']}: {share} % ({low} to {high})"


def _cell(cell: Mapping[str, Any]) -> str:
    return f"{cell['passed']['count']}/{cell['inconclusive']}/{cell['failed']}"


def _span(scores: Sequence[float]) -> str:
    return f"{min(scores):.1f} to {max(scores):.1f}" if scores and statistics.median(scores) < 100 else _whole(scores)


def _whole(scores: Sequence[float]) -> str:
    return f"{min(scores):.0f} to {max(scores):.0f}" if scores else ""


def _verdicts(rows: Sequence[Mapping[str, Any]], stills: int) -> str:
    counts = Counter(row["verdict"] for row in rows if row["stills"] == stills)
    return " / ".join(str(counts[verdict]) for verdict in _VERDICTS)
