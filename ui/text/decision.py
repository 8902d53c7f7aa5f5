"""Sentences for people from decisions and audit entries, as they are written down. Pure functions.

Nothing is assumed of what the record holds: somebody may have changed it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bank.crypto.chain import ChainStatus
from prnu.match import LEAST
from ui.text.scores import Kind, Verdict, score

KINDS = {
    "enrolled": "Registered",
    "decision": "Verification",
    "not-admitted": "Not admitted: too many attempts",
    "called-off": "Verification called off: it could not be decided",
    "interrupted": "Verification broken off",
    "abandoned": "Verification never finished",
    "camera-removed": "Camera deleted",
    "deleted": "Customer deleted",
    "exported": "Data exported",
    "published": "Public photos noted",
    "tampered": "Change from outside found",
    "key-rotated": "Key changed",
    "pruned": "Old entries dropped",
}
"""What can happen, in words, by its code."""

OUTCOMES = {"accepted": "✓ Accepted", "refused": "✗ Refused", "step-up": "? Undecided"}
"""How a verification can end, with a sign, by its code."""

FACTORS = {
    "face": ("Face", "Is it the registered person?"),
    "liveness": ("Liveness", "Is somebody alive there, who answers?"),
    "camera": ("Camera", "Did a registered camera take it?"),
    "face region": ("Camera in the face", "Or was the face put in from elsewhere?"),
    "freshness": ("Freshness", "Taken just now, and never used before?"),
}
"""Title and question of each factor, by its name."""

_MAJORITY = "share of live votes"  # half of them are not enough
_COUNTS = ("blinks and glances",)  # measures of which there are several: they are needed
_MEASURES = {
    "cosine similarity": ("Likeness", "cosine similarity"),
    "PCE": ("Score", "PCE"),
    "standard deviations": ("Strength of the pattern", "z"),
    _MAJORITY: ("Share of live votes", ""),  # of records before blinks and glances were counted
    "blinks and glances": ("Blinks and glances", ""),
    "share of stills like the stream": ("Share of stills like the video", ""),
}
_VERDICTS: dict[str, tuple[Kind, str]] = {
    "passed": ("match", "Passed"),
    "failed": ("no-match", "Failed"),
    "inconclusive": ("unclear", "Cannot tell"),
}
_HEADLINES: dict[str, tuple[Kind, str]] = {
    "accepted": ("match", "Accepted: all factors that are required passed"),
    "refused": ("no-match", "Refused"),
    "step-up": ("unclear", "Undecided: something more is needed (step-up)"),
}
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_NOT_ADMITTED = {
    "locked-out": "Too many checks failed",
    "rate-customer": "Too many checks of this customer",
    "rate-address": "Too many checks from one address",
}
_LEVELS = {"info": "For information", "warn": "Worth a look", "high": "Serious"}
_NEXT = {  # and the word by which advice has said so already
    "retry": ("again", "Next: try once more."),
    "out-of-band": ("another way", "Next: another way than this one (out of band)."),
}


@dataclass(frozen=True)
class FactorCard:
    """What to tell of one factor.

    Attributes
    ----------
    title, question : str
    kind : {"match", "no-match", "unclear"}
    word : str
        The verdict.
    figures : str
        Score and threshold; empty where there is no score.
    advice : str
    reason : str
        Its code.
    required : bool
        Whether it had to pass.
    details : dict
        Further figures by their names, as text.
    """

    title: str
    question: str
    kind: Kind
    word: str
    figures: str
    advice: str
    reason: str
    required: bool
    details: dict[str, str]


def outcome(decision: Mapping[str, Any]) -> Verdict:
    """Say how a verification ended, and what is next."""
    kind, headline = _HEADLINES.get(str(decision.get("outcome")), ("unclear", str(decision.get("outcome"))))
    advice = str(decision.get("advice") or "")
    word, following = _NEXT.get(str(decision.get("step_up")), ("", ""))
    return Verdict(kind, headline, advice if word in advice else f"{advice} {following}".strip())


def factor_cards(decision: Mapping[str, Any]) -> list[FactorCard]:
    """The factors of a decision, in its order."""
    required = _list(decision.get("required"))
    return [_card(factor, factor.get("name") in required) for factor in _mappings(decision.get("factors"))]


def _card(factor: Mapping[str, Any], required: bool) -> FactorCard:
    name = str(factor.get("name"))
    title, question = FACTORS.get(name, (name, ""))
    kind, word = _VERDICTS.get(str(factor.get("verdict")), ("unclear", str(factor.get("verdict"))))
    details = {str(key): number(value) for key, value in _mapping(factor.get("details")).items()}
    advice, reason = str(factor.get("advice") or ""), str(factor.get("reason") or "")
    return FactorCard(title, question, kind, word, _figures(factor), advice, reason, required, details)


def _figures(factor: Mapping[str, Any]) -> str:
    found, threshold, measure = (factor.get(key) for key in ("score", "threshold", "measure"))
    if found is None:
        return ""
    word, term = _MEASURES.get(str(measure), (str(measure), ""))
    least = "more than" if measure == _MAJORITY else "at least"
    told = "" if threshold is None else number(threshold)
    needed = told and f"; {least} {told} {'are' if measure in _COUNTS and told != '1' else 'is'} needed"
    return f"{word} {number(found)}{needed}{f' ({term})' if term else ''}"


def factor_details(decision: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Further figures of one factor, by their names; empty where it has none, or is not there."""
    factors = [one for one in _mappings(decision.get("factors")) if one.get("name") == name]
    return _mapping(factors[0].get("details")) if factors else {}


def signals(decision: Mapping[str, Any]) -> list[str]:
    """What was noticed of the circumstances (risk)."""
    found = _mappings(decision.get("signals"))
    return [f"{_LEVELS.get(str(one.get('level')), str(one.get('level')))}: {one.get('text')}" for one in found]


def versions(entry: Mapping[str, Any]) -> dict[str, str]:
    """Which software, policy and models it rests on, by their names."""
    context = {**_mapping(entry.get("context")), **entry}
    found = {"Software": context.get("software"), "Policy": context.get("policy"), "Profile": entry.get("profile")}
    if inner := _mapping(entry.get("context")).get("policy"):
        found["Policy"] = inner
    found["Noise filter"] = context.get("prnu settings")
    found |= {f"Model {name}": value for name, value in _mapping(context.get("models")).items()}
    return {name: str(value) for name, value in found.items() if value}


def figure_rows(decision: Mapping[str, Any], known: Mapping[str, str]) -> list[dict[str, str]]:
    """Further figures of all factors as rows of a table; ids that are known by name under that."""
    return [
        {"Factor": card.title, "Figure": name, "Value": modest(name, known.get(value, value))}
        for card in factor_cards(decision)
        for name, value in card.details.items()
    ]


def modest(figure: str, value: str) -> str:
    """A figure as it is, but no false-alarm probability smaller than anybody can know."""
    try:
        boast = figure == "false-alarm probability" and float(value) < LEAST
    except ValueError:  # somebody's own word
        boast = False
    return f"less than {LEAST:.0e}" if boast else value


def reason(body: Mapping[str, Any]) -> str:
    """Why an entry came out as it did, in few words: the factor that decided, and the first that it says."""
    told = str(body.get("reason") or "")
    name = told.partition(":")[0]
    factor = next((one for one in _mappings(body.get("factors")) if one.get("name") == name), None)
    if factor is None:
        return _NOT_ADMITTED.get(told, "" if told in OUTCOMES else told)
    return f"{FACTORS.get(name, (name, ''))[0]}: {_lower(_SENTENCE.split(str(factor.get('advice') or told))[0])}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def facts(body: Mapping[str, Any], known: Mapping[str, str]) -> list[dict[str, str]]:
    """What an entry that is no decision says, as rows of a table; ids that are known by name under that."""
    left_out = ("software", "policy", "prnu settings", "models")
    return [
        {"What": str(name), "Value": known.get(str(value)) or _NOT_ADMITTED.get(str(value)) or number(value)}
        for name, value in body.items()
        if name not in left_out and value is not None and not isinstance(value, Mapping)
    ]


def number(value: object) -> str:
    """A figure as people read it; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "unknown" if value is None else str(value)
    if not math.isfinite(value) or 0 < abs(value) < 0.001:
        return f"{value:.0e}"
    if abs(value) >= 9.95:
        return score(value)
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.2g}" if abs(value) < 0.1 else f"{value:.2f}"
    return text.replace("-", "−")


def people(known: Mapping[str, str] | None, customer_id: str) -> str:
    """Whose entry it is. An id that nobody has any more is that of a deleted customer; None: names are not known."""
    if not customer_id:
        return "–"
    if known is None:
        return f"Customer {customer_id[:6]}"
    return known.get(customer_id) or f"Deleted customer {customer_id[:6]}"


def trust(seq: int, status: ChainStatus) -> str:
    """Whether an entry is as it was written, in a record that is not intact."""
    if status.first_bad is None or seq > status.first_bad:
        return "? Not proven"
    return "✗ Changed" if seq == status.first_bad else "✓ As written"


def entries(number: int) -> str:
    """So many entries."""
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def summary(shown: int, more: bool) -> str:
    """How many entries are shown."""
    return f"The newest {entries(shown)}; there are more." if more else f"{entries(shown)}, the newest first."


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]
