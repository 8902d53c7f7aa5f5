"""A live run: what all pages with a live session do alike, from its beginning to what came of it.

With Streamlit, unlike its neighbours: it shows what these pages have in common, and calls each page's own functions for
the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import streamlit as st

from bank.errors import BankError
from liveness.models import ModelError
from ui.live.director import Director
from ui.live.limits import RegistryFull
from ui.live.registry import SESSIONS
from ui.live.session import LiveSession
from ui.shell.bank import tell_bank_error
from ui.shell.garbage import calm
from ui.shell.session import Slot, live_run
from ui.text.scores import literal

if TYPE_CHECKING:
    from attacks.types import Presentation
    from ui.live.simulated_visitor import Stage

Wanted = TypeVar("Wanted")
D = TypeVar("D", bound=Director)


class Ending(Protocol):
    """What came of a run; a session's threads may be a moment ahead of a page."""

    problem: str
    """Why there is no result, empty if there is one or it goes on."""

    @property
    def ended(self) -> bool:
        """Whether there is a result, or will be none."""
        ...


@dataclass(frozen=True)
class UnderWay(Generic[Wanted, D]):
    """A run whose session has begun.

    Attributes
    ----------
    wanted : Wanted
        What the visitor began it with.
    session : LiveSession
    director : D
        Of the session.
    stage : Stage or None
        Plays the visitor's part; None where a real one takes it.
    """

    wanted: Wanted
    session: LiveSession
    director: D
    stage: Stage | None


@dataclass
class _Begun(Generic[Wanted, D]):
    wanted: Wanted
    now: UnderWay[Wanted, D] | None = None


def _itself(director: Any) -> Any:
    return director


def _nothing(_: object) -> None:
    """What a page does that has nothing to do there."""


@dataclass(frozen=True, eq=False)
class LiveRun(Generic[Wanted, D]):
    """Begins a visitor's live session, shows it while it runs and what came of it, and puts it away.

    Attributes
    ----------
    name : str
        Tells it from the other runs of a visitor.
    make : callable
        Makes the director out of what is wanted, and who plays the visitor's part, or None. Called again when the
        session has expired.
    watch : callable
        Shows a session that runs; tells whether its visitor has seen it end.
    decided : callable
        Shows what came of it.
    judge : callable
        What tells the end: by default the director, None while nothing can end.
    about : callable
        Says of what is wanted whom it concerns: stands above the session, and above what came of it.
    before : callable
        Comes before the session, with what is wanted; tells whether the session may begin.
    refused : callable
        Tells an error of the bank.
    ways_on : callable
        Shows what can be done where there is no result.
    tidy : callable
        Forgets what the page itself keeps of a run, which may not have begun a session yet (None).
    options : mapping
        Of the `LiveSession`.
    broke_off : str
        What is said of a session that ended without a decision, if anything is.
    start_again, give_up : bool
        Whether there is a button for it.
    too_many, no_decision : str
        Titles of what went wrong.
    """

    name: str
    make: Callable[[Wanted], tuple[D, Presentation | None]]
    watch: Callable[[UnderWay[Wanted, D]], bool]
    decided: Callable[[UnderWay[Wanted, D]], None]
    _: KW_ONLY
    judge: Callable[[D], Ending | None] = _itself
    about: Callable[[Wanted], str] = lambda _: ""
    before: Callable[[Wanted], bool] = lambda _: True
    refused: Callable[[BankError], None] = tell_bank_error
    ways_on: Callable[[UnderWay[Wanted, D]], None] = _nothing
    tidy: Callable[[UnderWay[Wanted, D] | None], None] = _nothing
    options: Mapping[str, Any] = field(default_factory=dict)
    broke_off: str = ""
    start_again: bool = True
    give_up: bool = False
    too_many: str = "Too many checks at once"
    no_decision: str = "No decision"

    @property
    def running(self) -> bool:
        """Whether something was begun and not put away."""
        return self._slot.get() is not None

    @property
    def wanted(self) -> Wanted | None:
        """What the visitor began; None if that was put away."""
        begun = self._slot.get()
        return begun.wanted if begun else None

    def begin(self, wanted: Wanted) -> None:
        """Begin, whatever is shown now. The session begins when it is first shown."""
        self.put_away()
        self._slot.put(_Begun(wanted))

    def put_away(self) -> None:
        """End the session, and forget it all, so that another can begin."""
        begun = self._slot.pop()
        now = begun.now if begun else None
        if now:
            SESSIONS.close(now.session.token)
        self.tidy(now)

    def show(self) -> None:
        """What was begun: what comes before, then the session while it runs, then what came of it."""
        now: UnderWay[Wanted, D] | None = None
        if (wanted := self.wanted) and (words := self.about(wanted)):
            st.markdown(words)
        with self.told():
            now = self._get_on()
        if now is None:
            return
        end = self.judge(now.director)
        if end and end.problem:
            st.error(literal(end.problem), icon=":material/error:", title=self.no_decision)
            self.ways_on(now)
            self._offer_again()
        elif end and end.ended:
            self.decided(now)
        else:
            over = self.watch(now)
            calm()
            if over:
                self.leave(now)
            elif self.give_up:
                st.button("Give up", icon=":material/close:", on_click=self.put_away)

    def leave(self, now: UnderWay[Wanted, D]) -> None:
        """Go on to the decision, if there is one since this run of the page began; else say that it broke off."""
        end = self.judge(now.director)
        if end and end.ended:
            st.rerun()
        if self.broke_off:
            st.warning(self.broke_off, icon=":material/info:")
        self._offer_again()

    @contextmanager
    def told(self) -> Generator[None]:
        """Tell what stands in the way of a session."""
        try:
            yield
        except RegistryFull as error:
            st.warning(str(error), icon=":material/hourglass:", title=self.too_many)
        except ModelError as error:
            st.error(literal(str(error)), icon=":material/cloud_off:", title="The face models are missing")
        except BankError as error:
            self.refused(error)

    @property
    def now(self) -> UnderWay[Wanted, D] | None:
        """What is under way, or was and is still shown; None before the session begins."""
        begun = self._slot.get()
        return begun.now if begun else None

    @property
    def _slot(self) -> Slot[_Begun[Wanted, D]]:
        return live_run(self.name)

    def _get_on(self) -> UnderWay[Wanted, D] | None:
        """The session, begun if need be; None if it must wait for what comes before."""
        begun = self._slot.get()
        if begun is None or not self.before(begun.wanted):
            return None
        if begun.now:
            SESSIONS.get(begun.now.session.token)  # ends it if its time is up
        if begun.now is None or begun.now.session.outcome == "expired":
            begun.now = None
            begun.now = self._open(begun.wanted)
        return begun.now

    def _open(self, wanted: Wanted) -> UnderWay[Wanted, D]:
        director, presentation = self.make(wanted)
        try:
            session = SESSIONS.open(director, played=presentation is not None, **self.options)
        except RegistryFull:
            if presentation:
                presentation.close()
            raise
        stage = None
        if presentation:
            from ui.live.simulated_visitor import Stage  # with the attacks: only where somebody plays

            stage = Stage(session, presentation)
            stage.start()
        return UnderWay(wanted, session, director, stage)

    def _offer_again(self) -> None:
        if self.start_again:
            st.button("Start again", icon=":material/refresh:", on_click=self.put_away)
