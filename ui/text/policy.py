"""Every number of a policy's profile in words: what it is, what raising it does, and why it is as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bank.profiles import Profile

PARTS = {
    "face": "Face",
    "liveness": "Liveness",
    "camera": "Camera",
    "face_region": "Camera in the face",
    "freshness": "Freshness",
    "capture": "How much is taken in",
    "step_up": "When it cannot tell",
}
"""Parts of a profile, in the order in which they are shown."""

_ODDS = ("false_alarm", "p_value", "copy_false_alarm")
_SHARES = ("min_share", "offset", "min_matched")


@dataclass(frozen=True)
class Threshold:
    """A number of a profile, explained.

    Attributes
    ----------
    part, key : str
        Where it stands in the policy file: ``[profiles.NAME.part]``, ``key``.
    name, value, what, raised : str
        What people call it, how it is set, what it is, and what raising it does.
    source : str
        Where the number comes from, as the policy file says beside it; empty if it says nothing.
    """

    part: str
    key: str
    name: str
    value: str
    what: str
    raised: str
    source: str


def thresholds(profile: Profile, name: str, text: str) -> list[Threshold]:
    """Explain every number of a profile, in the words of `bank.profiles`.

    Parameters
    ----------
    profile : Profile
    name : str
        Of the profile.
    text : str
        Of the policy file that it was read from: why a number is as it is stands beside it.
    """
    said = comments(text)
    rows = []
    for part, rules in ((part, getattr(profile, part)) for part in PARTS):
        for key, field in type(rules).model_fields.items():
            source, value = said.get((f"profiles.{name}.{part}", key), ""), _shown(key, getattr(rules, key))
            assert isinstance(field.json_schema_extra, dict), key
            what, raised = str(field.description), str(field.json_schema_extra["raised"])
            rows.append(Threshold(part, key, str(field.title), value, what, raised, source))
    return rows


def comments(text: str) -> Mapping[tuple[str, str], str]:
    """What a TOML file says beside each number, by table and key. A line that begins with the sign goes on."""
    found: dict[tuple[str, str], str] = {}
    table, last = "", None
    for line in text.splitlines():
        code, _, comment = (part.strip() for part in line.partition("#"))
        key, _, number = code.partition("=")
        if code.startswith("["):
            table, last = code.strip("[]"), None
        elif number and comment:
            last = table, key.strip()
            found[last] = comment
        elif comment and not code and line[0].isspace() and last:
            found[last] += f" {comment}"
        else:
            last = None
    return found


def _shown(key: str, number: float) -> str:
    if key in _ODDS:
        return f"1 in {round(1 / number):,}"
    if key in _SHARES:
        return f"{number:.0%}"
    unit = " s" if key.endswith(("_s", "_seconds")) else "°" if key.endswith("_deg") else ""
    return f"{number:g}{unit}"
