"""How genuine people fare, and replays of them: ``python -m benchmarks.people DIR``.

DIR holds real/ clips, blinks.json and photos/<person>/*. Challenges are answered by the clips' own blinks, glances and
turns (`testing.real_answers`), and by the actor of the attacks (`testing.acted_observations`); then films of those
answers, and the clips as they are, are played to other challenges. What counts is the bank's decision about liveness.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attacks.evaluation.paper.material import portraits
from attacks.evaluation.rates import Rate, rate
from attacks.face.expression import Expression
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from bank import Policy
from docs.record import Record, arguments
from liveness.challenge import Challenge
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker
from testing.acted_observations import ActedVisitor, DrawnVisitor, Mimic
from testing.real_answers import Clip, Movement, Person, Replay, movements, ordinary, watch
from testing.visits import Visit, drawn_challenge, visit

PROFILE = "demo"
LEAST = 352
"""Challenges answered from clips, and as many by the actor."""

REPLAYED = 2
"""One in so many of these is replayed, in three ways."""

ORDINARY_S = 2.0
"""Seconds of a clip without a turn that there must be between answers."""

PERFORMER = "liveportrait_d3.mp4"
"""Was filmed to drive animated portraits: swings the head through 30 degrees, looks down for 1.7 s, winks."""

SHAPE = (480, 640)
DRAWN, GLASSES = 1, 1
"""Visits by each face that are drawn, to compare; and as many drawn with glasses, whose glare does not add up."""

_KINDS = ("blink", "glance left", "glance right", "turn left", "turn right")


@dataclass(frozen=True)
class Tried:
    """One visit."""

    who: str
    how: str
    challenge: Challenge
    visit: Visit

    def told(self) -> dict[str, str]:
        steps = ", ".join(self.challenge.steps)
        reason = self.visit.factor.reason
        return {"who": self.who, "how": self.how, "steps": steps, "outcome": self.visit.outcome, "reason": reason}


def people(folder: Path, record: Record) -> tuple[list[Clip], list[Movement]]:
    """Clips of one person, and all that is done in them, with left and right exchanged, too."""
    labels = json.loads((folder / "blinks.json").read_text())
    matcher, clips, found = FaceMatcher(), list[Clip](), list[Movement]()
    columns = ("clip", "seconds", "frames/s", "blinks", "glances left / right", "turns left / right", "answers as")
    record.table(*columns, title="Clips of one person, and what is done in them that can be an answer.")
    for path in sorted((folder / "real").iterdir()):
        clip = watch(path, matcher)
        if np.mean([one.seen.faces > 1 for one in clip.frames]) > 0.1:
            continue  # two people
        own = movements(clip, labels.get(path.name))
        found += own
        count = Counter(one.kind for one in own)
        takes = len(ordinary(clip)) >= ORDINARY_S * clip.rate
        if takes:
            clips.append(clip)
        sides = [f"{count[f'{kind} left']} / {count[f'{kind} right']}" for kind in ("glance", "turn")]
        record.row(
            clip.name, f"{clip.seconds:.1f}", f"{clip.rate:.1f}", count["blink"], *sides, "itself" if takes else "-"
        )
    return clips, found + [one.other_side() for one in found if one.kind != "blink"]


def answered(clips: Sequence[Clip], found: Sequence[Movement], record: Record) -> list[Tried]:
    """Challenges that people of clips answer."""
    profile, tried = Policy.load().profile(PROFILE), list[Tried]()
    for number, clip in enumerate(clips):
        for turn in range(-(-LEAST // len(clips))):
            seed = 1000 * number + turn
            challenge = drawn_challenge(np.random.default_rng(seed))
            tried.append(Tried(clip.name, "itself", challenge, visit(Person(clip, found, seed), challenge, profile)))
    outcomes("Challenges answered by people of the clips.", "clip", tried, record)
    others = [one for one in tried if one.who != PERFORMER]
    for outcome in ("refused", "step-up"):
        found_ = rate(sum(one.visit.outcome == outcome for one in others), len(others))
        record.say(f"Without {PERFORMER}: {outcome} {share(found_)}.")
    nothing = [clip.name for clip in clips if clip not in [one.clip for one in found]]
    borrowed = [kind for kind in _KINDS if any(kind not in {m.kind for m in found if m.clip is clip} for clip in clips)]
    donors = ", ".join(sorted({f"{one.kind.split()[0]} of {one.clip.name}" for one in found if one.kind != "blink"}))
    record.say(
        f"What somebody does not do in the clip ({', '.join(borrowed)}; nothing at all in {', '.join(nothing)}) is "
        f"taken from others, with left and right exchanged where needed: {donors}."
    )
    return tried


def replayed(clips: Sequence[Clip], answers: Sequence[Tried], record: Record) -> list[Tried]:
    """Films of the answers, and the clips, played to other challenges."""
    profile, tried = Policy.load().profile(PROFILE), list[Tried]()
    by_name = {clip.name: clip for clip in clips}
    for number, one in enumerate(answers[::REPLAYED]):
        rng = np.random.default_rng([number, 5])
        clip = by_name[one.who]
        other = drawn_challenge(rng, one.challenge)
        film = one.visit.shown
        films = {
            "answers, from their beginning": Replay(film, clip.rate, 0, number),
            "answers, from any moment": Replay(film, clip.rate, int(rng.integers(len(film))), number),
            "the clip, from any moment": Replay(clip.frames, clip.rate, int(rng.integers(len(clip.frames))), number),
        }
        tried += [Tried(one.who, how, other, visit(shown, other, profile)) for how, shown in films.items()]
    ways = list(dict.fromkeys(one.how for one in tried))
    record.table("clip", *ways, "refused or asked for more, because", title="Replays to other challenges: accepted.")
    for who, group in grouped(tried):
        cells = []
        for way in ways:
            outcomes_ = [one.visit.outcome for one in group if one.how == way]
            cells.append(f"{outcomes_.count('passed')} of {len(outcomes_)}")
        record.row(who, *cells, causes([one for one in group if one.visit.outcome != "passed"]))
    accepted = rate(sum(one.visit.outcome == "passed" for one in tried), len(tried))
    record.say(f"Replays of a wrong sequence accepted: {share(accepted)}.")
    return tried


def acted(folder: Path, record: Record) -> list[Tried]:
    """Challenges that the actor answers, with people's temperaments, by faces of photos, two of them ours."""
    profile, tried, matcher = Policy.load().profile(PROFILE), list[Tried](), FaceMatcher()
    worn, same, errors = list[Tried](), list[bool](), defaultdict[str, list[float]](list)
    with FaceTracker(stills=True) as tracker:
        photos = [*portraits(folder / "photos", tracker), *portraits(None, tracker)]
        puppets = {photo.name: Puppet(selfie(photo.photo, SHAPE, tracker), tracker) for photo in photos}
        mimics = {name: Mimic(puppet, tracker, matcher) for name, puppet in puppets.items()}
    faults = {name: mimic.fault for name, mimic in mimics.items() if mimic.fault}
    mimics = {name: mimic for name, mimic in mimics.items() if name not in faults}
    left_out = ", ".join(f"{name} ({fault})" for name, fault in faults.items()) or "none"
    record.say(f"Photos that cannot stand for a person when they are animated: {left_out}.")
    for number, (name, mimic) in enumerate(mimics.items()):
        for turn in range(-(-LEAST // len(mimics))):
            seed = 1000 * number + turn
            challenge = drawn_challenge(np.random.default_rng([seed, 7]))
            tried.append(Tried(name, "acted", challenge, visit(ActedVisitor(mimic, seed), challenge, profile)))
            if turn < DRAWN:
                same.append(drawn_alike(puppets[name], mimic, seed, tried[-1], errors))
    outcomes("Challenges answered by the actor, with the faces of photos.", "photo", tried, record)
    for number, photo in enumerate(photo for photo in photos if photo.name in mimics):
        with FaceTracker(stills=True) as tracker:
            puppet = Puppet(selfie(photo.photo, SHAPE, tracker), tracker, glasses=True)
        for turn in range(GLASSES):
            seed = 10**6 + 1000 * number + turn
            challenge = drawn_challenge(np.random.default_rng([seed, 7]))
            worn.append(Tried(photo.name, "acted with glasses", challenge, drawn(puppet, challenge, seed)[0]))
    outcomes("Challenges answered by the actor with glasses, in which a lamp is mirrored.", "photo", worn, record)
    told = ", ".join(f"{part} {np.median(values):.2f}" for part, values in errors.items())
    record.say(
        f"Frames are not drawn but interpolated between drawn poses. Of {len(same)} visits that were drawn as well, "
        f"{sum(same)} ended alike; correlation of interpolated signals with the drawn ones, median: {told}."
    )
    return tried + worn


def drawn_alike(puppet: Puppet, mimic: Mimic, seed: int, one: Tried, errors: dict[str, list[float]]) -> bool:
    """Whether a visit ends the same when each frame is drawn; notes how alike the signals are."""
    found, poses = drawn(puppet, one.challenge, seed)
    rng = np.random.default_rng(seed)
    interpolated = [mimic.observe(pose, 0.0, rng).seen for pose in poses]
    for part in ("ear", "blink", "gaze", "yaw"):
        pair = [[getattr(seen, part) for seen in which] for which in ([one.seen for one in found.shown], interpolated)]
        errors[part].append(float(np.corrcoef(pair)[0, 1]))
    return found.outcome == one.visit.outcome


def drawn(puppet: Puppet, challenge: Challenge, seed: int) -> tuple[Visit, list[Expression]]:
    """A visit of which each frame is drawn and looked at."""
    with FaceTracker() as tracker:
        visitor = DrawnVisitor(puppet, tracker, seed)
        return visit(visitor, challenge, Policy.load().profile(PROFILE)), visitor.poses


def outcomes(title: str, who: str, tried: Sequence[Tried], record: Record) -> None:
    """A table of who passed, was asked for more or refused, and why."""
    record.table(who, "challenges", "passed", "step-up", "refused", "because", title=title)
    for name, group in grouped(tried):
        count = Counter(one.visit.outcome for one in group)
        figures = [count[outcome] for outcome in ("passed", "step-up", "refused")]
        record.row(name, len(group), *figures, causes([one for one in group if one.visit.outcome != "passed"]))
    for outcome in ("refused", "step-up"):
        found = rate(sum(one.visit.outcome == outcome for one in tried), len(tried))
        record.say(f"{title.rstrip('.')}: {outcome} {share(found)}.")


def grouped(tried: Sequence[Tried]) -> Iterable[tuple[str, list[Tried]]]:
    """All of one after the other, then all of all."""
    for name in dict.fromkeys(one.who for one in tried):
        yield name, [one for one in tried if one.who == name]
    yield "all", list(tried)


def share(found: Rate) -> str:
    """A rate with its 95 % interval (Clopper and Pearson)."""
    return f"{found.count} of {found.n}: {found.share:.1%} ({found.low:.1%} to {found.high:.1%})"


def causes(tried: Iterable[Tried]) -> str:
    """Reasons with their numbers, the most frequent first."""
    found = Counter(one.visit.factor.reason for one in tried)
    return ", ".join(f"{reason} {count}" for reason, count in found.most_common()) or "-"


def main() -> None:
    given = arguments(__doc__, "real/*, blinks.json and photos/<person>/*").parse_args()
    record = Record("python -m benchmarks.people DIR")
    clips, found = people(given.folder, record)
    answers = answered(clips, found, record)
    films = replayed(clips, answers, record)
    actors = acted(given.folder, record)
    unwanted = [one for one in (*answers, *actors) if one.visit.outcome != "passed"]
    unwanted += [one for one in films if one.visit.outcome == "passed"]
    record.keep(unwanted=[one.told() for one in unwanted])
    record.write(given.json)


if __name__ == "__main__":
    main()
