"""Several photos that are checked at a time: each on its own, and the weak ones together."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prnu import Evidence, Fingerprint, ImageError, Match, Search, gather
from prnu.consistency import Exposures
from prnu.group import Group, Grouping, Standing
from ui.results import photo_check
from ui.results.photo import Photo, thumbnail
from ui.results.photo_check import Check, Tick


@dataclass(eq=False)
class Member:
    """One of several photos.

    Attributes
    ----------
    photo : Photo
    small : bytes
        Small JPEG of it.
    check : Check or None
        Of this photo on its own; None where it could not be compared.
    note : str
        Why not.
    copy_of : str
        Name of the photo before it whose exposure it is: it counts once. Empty for a photo of its own.
    standing : {"alone", "together", "neither"}
        As `prnu.group` has it.
    """

    photo: Photo
    small: bytes
    check: Check | None = None
    note: str = ""
    copy_of: str = ""
    standing: Standing = "neither"


@dataclass(eq=False)
class PhotoGroup:
    """Several photos, and what came of each.

    Attributes
    ----------
    members : list of Member
        In the order in which they were given.
    camera : str
        The one that they were compared with; of several, the one that most of them are consistent with.
    ranked : int
        Number of cameras that each photo was compared with, where the best of several was asked for; else 0.
    weak : Group or None
        Those that do not pass on their own; None where they were not looked at together.
    truth : str
        How the photos came about, where that is known.
    when : datetime
    key : str
        Tells it from others.
    """

    members: list[Member]
    camera: str
    ranked: int = 0
    weak: Group | None = None
    truth: str = ""
    when: datetime = field(default_factory=lambda: datetime.now(UTC))
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def counted(self) -> list[Member]:
        """The photos that were compared, each exposure once."""
        return [member for member in self.members if member.check and not member.copy_of]

    @property
    def consistent(self) -> list[Member]:
        """Those of them that are consistent with the camera."""
        return [member for member in self.counted if self.belongs(member)]

    def belongs(self, member: Member) -> bool:
        """Whether a photo is consistent with the camera of the group."""
        return member.standing != "neither" and member.check is not None and member.check.camera == self.camera

    @property
    def together(self) -> Match | None:
        """Of the photos that pass only together; None if none do."""
        return self.weak.together if self.weak and "together" in self.weak.standing else None

    @property
    def simulated(self) -> bool:
        """Whether any of the photos is by a simulated camera."""
        return any(member.photo.simulated for member in self.members)

    @property
    def photos(self) -> list[Photo]:
        """The photos."""
        return [member.photo for member in self.members]

    @property
    def checks(self) -> list[Check]:
        """The checks of the photos that were compared."""
        return [member.check for member in self.members if member.check]

    @property
    def nbytes(self) -> int:
        """Bytes that its checks and its files take; the camera's fingerprint is counted once."""
        checks = self.checks
        shared = sum(2 * check.fingerprint.pattern.nbytes for check in checks[1:]) if not self.ranked else 0
        return sum(check.nbytes for check in checks) - shared

    def rests_on(self, cameras: Sequence[str]) -> bool:
        """Whether one of some cameras ("label · customer") was compared."""
        return self.camera in cameras or any(check.rests_on(cameras) for check in self.checks)


def check_group(
    camera: str, fingerprint: Fingerprint, photos: Sequence[Photo], search: Search | None, tick: Tick
) -> PhotoGroup:
    """Check photos against one camera.

    Without a search, those that do not pass on their own are also looked at together. A search has as many places for
    each photo, so that there is no place at which they would add up.

    Raises
    ------
    FingerprintError
        If the fingerprint was made with other settings.
    """
    grouping = Grouping(fingerprint, lambda found: found.passed())
    weak: list[Member] = []

    def look(member: Member, evidence: Evidence) -> Check:
        made = photo_check.check(camera, fingerprint, [member.photo], evidence, search)
        if search is None and not made.passed and not member.copy_of:
            grouping.add(evidence, made.match)
            weak.append(member)
        return made

    members = _each(photos, look, tick)
    group = grouping.outcome()
    for member, standing in zip(weak, group.standing, strict=True):
        member.standing = standing
    return PhotoGroup(members, camera, weak=group if len(weak) > 1 else None)


def rank_group(
    cameras: Sequence[str],
    load: Callable[[str], Fingerprint],
    photos: Sequence[Photo],
    search: Search | None,
    tick: Tick,
) -> PhotoGroup:
    """Find out of each photo on its own which of several cameras took it."""

    def look(member: Member, evidence: Evidence) -> Check:
        return photo_check.rank(cameras, load, [member.photo], evidence, search, lambda share, text: None)

    members = _each(photos, look, tick)
    counted = [member for member in members if member.check and not member.copy_of]
    passed = Counter(one.check.camera for one in counted if one.check and one.standing == "alone")
    best = max((one.check for one in counted if one.check), key=lambda check: check.match.pce, default=None)
    camera = passed.most_common(1)[0][0] if passed else best.camera if best else ""
    return PhotoGroup(members, camera, ranked=len(cameras))


def _each(photos: Sequence[Photo], look: Callable[[Member, Evidence], Check], tick: Tick) -> list[Member]:
    """Measure and look at one photo after the other; what cannot be used is said of that one only."""
    members: list[Member] = []
    exposures = Exposures()
    for number, photo in enumerate(photos):
        tick(number / len(photos), f"Photo {number + 1} of {len(photos)}: {photo.name}")
        member = Member(photo, thumbnail(photo))
        members.append(member)
        try:
            evidence = gather(photo.open())
            member.copy_of = exposures.first(photo.name, evidence.pattern)
            member.check = look(member, evidence)
        except ImageError as error:
            member.note = f"{error.problem}. {error.remedy}."
            continue
        member.standing = "alone" if member.check.passed else "neither"
        member.check.settle()
    return members
