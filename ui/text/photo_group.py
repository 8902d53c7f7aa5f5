"""Sentences on several photos that were checked at a time. Pure functions; nothing claims more than the numbers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.results.attempt import ProofPhoto
from ui.results.photo_group import Member, PhotoGroup
from ui.text.scores import REASONS_FOR_NOTHING, SIGNS, WORDS, Kind, Verdict, count, literal, odds, score, upper
from ui.text.scores import verdict as verdict_of

if TYPE_CHECKING:
    from bank.photos import PhotoFinding

_NAMED = 3  # files that a sentence names; of more it tells the number, and the table shows which

NOT_COMPARED = "– Not compared"
_WITH_OTHERS = "✓ With the others"


@dataclass(frozen=True)
class PhotoRow:
    """What is told of one of several photos.

    Attributes
    ----------
    number : int
        By which sentences call it; 0 for one that has none.
    small : bytes
        Small JPEG of it.
    name : str
        Of the file.
    score : float or None
        Its own PCE.
    verdict, text : str
        In few words with a sign, and what is to be said besides.
    camera : str
        The one that it is consistent with, where several were compared.
    """

    number: int
    small: bytes
    name: str
    score: float | None
    verdict: str
    text: str
    camera: str


def verdict(group: PhotoGroup) -> Verdict:
    """Say what was found of all photos, and which do not belong."""
    camera, counted, good = f"**{literal(group.camera)}**", group.counted, group.consistent
    total = len(counted)
    if not counted:
        return Verdict("unclear", "None of these files could be compared.", _not_counted(group))
    if not group.ranked:
        camera = f"the registered camera {camera}"
    others = [member for member in counted if member not in good]
    figures = f"{_figures(group)} {_not_counted(group)}".strip()
    if not good:
        return _none(group, camera, figures)
    closer = [member for member in good if kind(member) == "attention"]
    if not others:
        subject = "This photo is" if total == 1 else f"{'Both' if total == 2 else f'All {total}'} photos are"
        if closer:
            headline = f"{subject} consistent with {camera}, but in {_named(closer)} one area is not."
            return Verdict("attention", headline, figures)
        return Verdict("match", f"{subject} consistent with {camera}.", figures)
    are = "is" if len(good) == 1 else "are"
    headline = f"{len(good)} of {count(total, 'photo')} {are} consistent with {camera}; {_what_of(others)}."
    reasons = REASONS_FOR_NOTHING if any(kind(member) == "no-match" for member in others) else ()
    return Verdict("attention", headline, figures, reasons)


def kind(member: Member) -> Kind:
    """How one photo came out."""
    assert member.check is not None
    return "match" if member.standing == "together" else verdict_of(member.check).kind


def word(member: Member) -> str:
    """How one photo came out, in few words with a sign."""
    if member.check is None:
        return NOT_COMPARED
    if member.copy_of:
        return "– Counted already"
    return _WITH_OTHERS if member.standing == "together" else signed(kind(member))


def signed(how: Kind) -> str:
    """A verdict in few words with its sign."""
    return f"{SIGNS[how]} {WORDS[how]}"


def explained(member: Member) -> str:
    """What is to be said of one photo beside its score. May hold any mark-up."""
    if member.check is None:
        return upper(member.note)
    if member.copy_of:
        return f"The same exposure as {member.copy_of}, saved again: it counts once."
    found = upper(odds(member.check.match.false_alarm(member.check.cameras)))
    return f"Cannot tell alone. {found}" if member.standing == "together" else found


def rows(group: PhotoGroup) -> list[PhotoRow]:
    """Each photo of a group."""
    found = []
    for number, one in enumerate(group.members, 1):
        camera = one.check.camera if group.ranked and one.check and one.standing == "alone" else ""
        pce = one.check.match.pce if one.check else None
        found.append(PhotoRow(number, one.small, one.photo.name, pce, word(one), explained(one), camera))
    return found


def proof_rows(photos: Sequence[ProofPhoto]) -> list[PhotoRow]:
    """Each photo of a verification; those that were taken are numbered as its sentences number them."""
    found, number = [], 0
    for one in photos:
        number += not one.note
        pce = one.finding.found.pce if one.finding else None
        how = finding_word(one.finding) if one.finding else NOT_COMPARED if one.note else ""
        text = one.note or (upper(odds(one.finding.found.p_value)) if one.finding else "")
        found.append(PhotoRow(0 if one.note else number, one.small, one.name, pce, how, text, ""))
    return found


def finding_word(finding: PhotoFinding) -> str:
    """How one photo of a verification came out, in few words with a sign."""
    if finding.standing == "together":
        return _WITH_OTHERS
    words: dict[str, Kind] = {"passed": "match", "failed": "no-match", "inconclusive": "unclear"}
    return signed(words[finding.verdict])


def called(member: Member) -> str:
    """A photo in a list to choose from: its verdict's sign, and its name. May hold any mark-up."""
    return f"{word(member)[0]} {member.photo.name}"


def _none(group: PhotoGroup, camera: str, figures: str) -> Verdict:
    counted = group.counted
    kinds = [kind(member) for member in counted]
    subject = "this photo" if len(counted) == 1 else f"these {len(counted)} photos"
    if all(one == "no-match" for one in kinds):
        sign = "any registered camera" if group.ranked else camera
        none = "This photo shows no sign" if len(counted) == 1 else f"None of {subject} shows a sign"
        return Verdict("no-match", f"{none} of {sign}.", figures, REASONS_FOR_NOTHING)
    together = ", neither each alone nor together" if group.weak else ""
    were = "was" if len(counted) == 1 else "were"
    return Verdict("unclear", f"Cannot tell whether {subject} {were} taken with {camera}{together}.", figures)


def _what_of(others: Sequence[Member]) -> str:
    """Who does not belong, as the end of a sentence."""
    elsewhere = [one for one in others if one.check and one.standing == "alone"]
    nothing = [one for one in others if one not in elsewhere and kind(one) == "no-match"]
    unsure = [one for one in others if one not in elsewhere and one not in nothing]
    parts = []
    if nothing:
        parts.append(f"{_named(nothing)} {'is' if len(nothing) == 1 else 'are'} not")
    if elsewhere:
        cameras = {one.check.camera for one in elsewhere if one.check}
        which = f"**{literal(next(iter(cameras)))}**" if len(cameras) == 1 else "others"
        parts.append(f"{_named(elsewhere)} {'is' if len(elsewhere) == 1 else 'are'} with {which}")
    if unsure:
        parts.append(f"{_named(unsure)} cannot tell")
    return "; ".join(parts)


def _named(members: Sequence[Member]) -> str:
    """Photos by their names, or how many they are."""
    if len(members) > _NAMED:
        return str(len(members))
    names = [f"**{literal(member.photo.name)}**" for member in members]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _figures(group: PhotoGroup) -> str:
    """Scores of those that belong, and of those that only together do."""
    alone = [one.check for one in group.consistent if one.check and one.standing == "alone"]
    parts = []
    if alone:
        scores, needed = [check.match.pce for check in alone], max(check.threshold for check in alone)
        spread = (
            f"{score(min(scores))} to {score(max(scores))}, each on its own" if len(alone) > 1 else score(scores[0])
        )
        parts.append(f"{'Scores' if len(alone) > 1 else 'Score'} {spread}; threshold {score(needed)}.")
    weak = [one for one in group.consistent if one.standing == "together"]
    if weak and group.together:
        found = group.together
        tell = f"{count(len(weak), 'photo')} cannot tell alone. The {found.images} that do not pass on their own"
        parts.append(f"{tell} score {score(found.pce)} together, and each carries its share: {odds(found.p_value)}.")
    elif group.weak and group.weak.together:
        found = group.weak.together
        parts.append(f"Those that do not pass on their own score {score(found.pce)} together.")
    return " ".join(parts)


def _not_counted(group: PhotoGroup) -> str:
    """How many files are not counted; which, the table shows."""
    parts = []
    if unused := sum(member.check is None for member in group.members):
        parts.append(f"{count(unused, 'file')} could not be compared")
    if again := sum(bool(member.copy_of and member.check) for member in group.members):
        parts.append(
            f"{again} {'is the same exposure as another' if again == 1 else 'are the same exposures as others'}"
        )
    return f"{upper(', '.join(parts))}: see the table." if parts else ""
