"""How often people blink, glance and turn by themselves, and what that makes likely."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from liveness.events import Event, Kind


@dataclass(frozen=True)
class Habit:
    """How often somebody does something unasked, as far as it is known: a rate that follows a Gamma distribution.

    What is seen sharpens it, and how often it happens next follows a negative binomial distribution (Gelman et al.,
    "Bayesian Data Analysis", 2013, section 2.6).

    Attributes
    ----------
    events, seconds : float
        Shape of the distribution, and its inverse scale: so many events in so many seconds. Above 0.
    """

    events: float
    seconds: float

    def after(self, events: int, seconds: float) -> Habit:
        """The habit of somebody who was seen to do it so often in so many seconds."""
        return Habit(self.events + events, self.seconds + seconds)

    def fewer(self, events: int, seconds: float) -> float:
        """Probability, 0..1, that it happens fewer times than that in so many seconds."""
        again = seconds / (self.seconds + seconds)
        term = (1.0 - again) ** self.events
        total = 0.0
        for number in range(events):
            total += term
            term *= again * (self.events + number) / (number + 1)
        return min(total, 1.0)

    def at_least(self, events: int, seconds: float) -> float:
        """Probability, 0..1, that it happens that many times or more in so many seconds."""
        return 1.0 - self.fewer(events, seconds)


BLINKS = Habit(2.0, 4.8)
"""Of people in general: 25 blinks a minute on average, nine people in ten between 4 and 59. Ten clips had 8 to 70."""

_GLANCES = Habit(0.5, 10.0)  # to one side: three a minute, from none to many
_TURNS = Habit(0.1, 30.0)  # to one side, of who was asked to look straight ahead: rare but for restless people

PEOPLE: dict[Kind, Habit] = {
    "blink": BLINKS,
    "glance left": _GLANCES,
    "glance right": _GLANCES,
    "turn left": _TURNS,
    "turn right": _TURNS,
}
"""What people do unasked, before anything is known of this one."""


class OwnHabits:
    """What this person does unasked, learnt while something else or nothing is asked for."""

    def __init__(self) -> None:
        self._events: Counter[Kind] = Counter()
        self._seconds: dict[Kind, float] = dict.fromkeys(PEOPLE, 0.0)

    def watch(self, seconds: float, events: Iterable[Event], asked: Kind | None) -> None:
        """Take in what happened since the frame before, while `asked` was asked for."""
        for kind in PEOPLE:
            if kind != asked:
                self._seconds[kind] += seconds
        self._events.update(event.kind for event in events if event.kind != asked)

    def of(self, kind: Kind) -> Habit:
        """How often this person does it."""
        return PEOPLE[kind].after(self._events[kind], self._seconds[kind])


class Earliness:
    """What came before anybody could have answered, over all steps of a session, and how likely that is by chance."""

    def __init__(self) -> None:
        self._events: Counter[Kind] = Counter()
        self._seconds: dict[Kind, float] = dict.fromkeys(PEOPLE, 0.0)

    def ask(self, kind: Kind, seconds: float) -> None:
        """Note that it was asked for, and in how many seconds after that nobody can have answered."""
        self._seconds[kind] += seconds

    def add(self, kind: Kind) -> None:
        """Note that it came in that time."""
        self._events[kind] += 1

    def chance(self, habits: OwnHabits) -> float:
        """Probability, 0..1, that somebody of these habits does so much in so little time without having been asked."""
        return math.prod(
            habits.of(kind).at_least(count, self._seconds[kind]) for kind, count in self._events.items() if count
        )
