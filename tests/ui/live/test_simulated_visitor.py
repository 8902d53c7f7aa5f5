from __future__ import annotations

import math
import threading

import cv2
import numpy as np
import pytest

from attacks.show.acted import Acted
from attacks.types import RATE, no_sensor
from liveness.challenge import StepKind
from tests.ui.live.conftest import messages, until
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live.director import View
from ui.live.session import LiveSession
from ui.live.simulated_visitor import SLOW, Pace, Stage

SHAPE = (256, 320)


class Mask:
    """A face of one grey level, which remembers what it was asked to show."""

    def __init__(self) -> None:
        self.poses: list = []

    def frame(self, pose):
        self.poses.append(pose)
        return np.full((*SHAPE, 3), 100, np.uint8)


class Prompter(Notes):
    step: StepKind | None = None

    def frame(self, seen, embedding, trouble):
        super().frame(seen, embedding, trouble)
        return View("prompting", "In whatever words", step=self.step)


@pytest.fixture
def begin():
    sessions = []

    def make(director, sight=Glance, **options):
        sessions.append(LiveSession(director, sight=sight, played=True, **options))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
        assert session.join(20)


def test_every_frame_is_looked_at_and_has_its_own_time_however_slow_the_machine_until_the_session_is_over(begin):
    director, face, sight = Notes(), Mask(), Glance()
    session = begin(director, lambda: sight)
    stage = Stage(session, Acted(face, no_sensor))
    stage.start()
    until(lambda: len(director.times) >= 5)
    sight.gate.clear()
    sight.busy.clear()
    assert sight.busy.wait(20)
    assert not stage.join(0.3)  # the time of five frames
    held = len(director.times) + 2  # the one that is looked at, and the next one
    assert len(face.poses) == held, "a frame was played while another one waited"
    sight.gate.set()
    until(lambda: len(director.times) >= held + 5)
    session.close()
    assert stage.join(10)
    assert director.times == [number / RATE for number in range(len(director.times))]
    assert len(face.poses) - len(director.times) <= 2  # the last one may have come too late


def test_no_frame_is_played_while_a_still_is_examined_and_the_still_is_of_the_next_moment(begin):
    director, face = Notes(), Mask()
    session = begin(director)
    stage = Stage(session, Acted(face, no_sensor))
    director.wanted = 2
    director.gate.clear()
    stage.start()
    assert director.busy.wait(20)
    assert not stage.join(0.3)
    assert (len(face.poses), len(director.times)) == (2, 1)
    director.gate.set()
    until(lambda: len(director.times) >= 5)
    assert [received_s for _, _, received_s in director.stills] == [1 / RATE, 2 / RATE]
    assert director.ledger.asked_s(1) == director.ledger.asked_s(2) == 0.0


def test_stills_that_are_asked_for_come_from_the_sensor_and_others_do_not(begin):
    director = Notes()
    session = begin(director)
    shots: list[int] = []

    def sensor(scene):
        shots.append(len(shots))
        return scene + np.uint8(40)

    Stage(session, Acted(Mask(), sensor)).start()
    until(lambda: director.times)
    assert not director.stills
    director.wanted = 2
    until(lambda: len(director.stills) == 2)
    assert [number for number, *_ in director.stills] == [1, 2]
    assert shots == [0, 1]
    for _, picture, received_s in director.stills:
        planes = cv2.cvtColor(np.full((*SHAPE, 3), 140, np.uint8), cv2.COLOR_RGB2YUV_I420)
        assert picture.luma.shape == SHAPE
        assert picture.luma.mean() == planes[: SHAPE[0]].mean()
        assert picture.pixel_format == "I420"
        assert received_s > 0
        assert received_s * RATE == pytest.approx(round(received_s * RATE)), "of a frame's time"


@pytest.mark.parametrize(("step", "shown"), [("turn left", lambda pose: pose.yaw > 15), ("blink twice", None)])
def test_it_does_what_the_view_asks_for(begin, step, shown):
    director, face = Prompter(), Mask()
    Stage(begin(director), Acted(face, no_sensor, seed=4)).start()
    until(lambda: director.times)
    director.step = step
    shown = shown or (lambda pose: pose.blink_left > 0.9)
    until(lambda: any(shown(pose) for pose in face.poses))


def test_who_cannot_do_a_step_says_so_and_is_not_shown_it(begin):
    class Excusing(Prompter):
        declined = ""

        def decline(self, step):
            self.declined, self.step = step, "turn right"
            return True

    class Unable(Acted):
        asked: tuple = ()

        def frame(self, step, now_s):
            self.asked = (*self.asked, step)
            return super().frame(step, now_s)

        def declines(self, step):
            return step == "turn left"

    director, visitor = Excusing(), Unable(Mask(), no_sensor)
    Stage(begin(director), visitor).start()
    director.step = "turn left"
    until(lambda: "turn right" in visitor.asked)
    assert director.declined == "turn left"
    assert "turn left" not in visitor.asked


def test_a_still_that_is_not_taken_is_not_the_end(begin, caplog):
    director = Notes()
    session = begin(director)
    stage = Stage(session, Acted(Mask(), no_sensor))
    director.ledger._size = (640, 480)  # as if the first still had had another size
    with caplog.at_level("INFO"):
        stage.start()
        until(lambda: director.times)
        director.wanted = 1
        until(lambda: "was not taken" in caplog.text)
    count = len(director.times)
    until(lambda: len(director.times) > count)


def test_a_play_that_breaks_down_ends_the_session_and_says_so_in_the_log(begin, caplog):
    class Broken(Mask):
        def frame(self, pose):
            raise RuntimeError("no face")

    session = begin(Notes())
    stage = Stage(session, Acted(Broken(), no_sensor))
    stage.start()
    assert stage.join(10)
    assert session.over
    assert "could not be played" in caplog.text


class Diary(Notes):
    """Writes down in which order its two threads called it; each call takes as long as it is told."""

    def __init__(self, delays) -> None:
        super().__init__(done_after=60)
        self.entries: list[tuple[str, float]] = []
        self.delays = delays

    def frame(self, seen, embedding, trouble):
        self.note("frame", seen.time_s)
        self.wanted = 2 if len(self.times) % 7 == 3 else 0
        return super().frame(seen, embedding, trouble)

    def still(self, picture, number, received_s, taken_s=math.nan):
        self.note("still", number)
        return super().still(picture, number, received_s, taken_s)

    def note(self, what, which):
        threading.Event().wait(next(self.delays))
        self.entries.append((what, which))


def test_both_threads_do_the_same_in_the_same_order_however_long_each_takes(begin):
    kept = []
    for seed in (1, 2):
        delays = iter(np.random.default_rng(seed).choice((0.0, 0.0, 0.0, 0.02), 1000))
        director = Diary(delays)
        stage = Stage(begin(director), Acted(Mask(), no_sensor))
        stage._pace = Pace(sleep=lambda seconds: None)
        stage.start()
        assert stage.join(20)
        kept.append(director.entries)
    assert kept[0] == kept[1]
    assert [which for what, which in kept[0] if what == "still"] == list(range(1, 17))


class Machine:
    """A clock and a sleep; `busy` seconds go by between two frames."""

    def __init__(self) -> None:
        self.now = 50.0
        self.shown: list[float] = []

    def play(self, pace, busy) -> None:
        for seconds in busy:
            self.now += seconds
            pace.keep()
            self.shown.append(self.now)

    def sleep(self, seconds) -> None:
        assert seconds >= 0
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(lambda: self.now, self.sleep)


class Slow(Notes):
    """Takes long over each frame, by the clock of a machine."""

    def __init__(self, machine: Machine, seconds: float) -> None:
        super().__init__()
        self.machine, self.seconds = machine, seconds

    def frame(self, seen, embedding, trouble):
        self.machine.sleep(self.seconds)
        return super().frame(seen, embedding, trouble)


def test_a_play_that_takes_long_does_not_expire_and_one_that_never_ends_does(begin):
    machine = Machine()
    director = Slow(machine, 100.0)
    session = begin(director, clock=lambda: machine.now, lifetime_s=1.0, idle_s=30.0)
    stage = Stage(session, Acted(Mask(), no_sensor))
    stage._pace = Pace(sleep=lambda seconds: None)
    stage.start()
    assert stage.join(20)
    assert session.outcome == "expired"
    assert len(director.times) == RATE + 1, "it was ended by the machine's time, not its own"


def test_real_time_is_kept_where_the_machine_can_also_after_a_still_that_took_longer_than_a_frame():
    machine = Machine()
    pace = machine.pace()
    machine.play(pace, [0.02] * 10 + [0.3] + [0.02] * 20)
    assert machine.shown[-1] - machine.shown[0] == pytest.approx(30 / RATE)
    assert not pace.slow


def test_a_film_that_runs_slower_than_it_was_made_says_so_until_it_keeps_up_again():
    machine = Machine()
    pace = machine.pace()
    machine.play(pace, [0.02] * 10)
    said = [pace.slow]
    machine.play(pace, [0.1] * 40)
    said.append(pace.slow)
    hurried = len(machine.shown)
    machine.play(pace, [0.02] * 60)
    said.append(pace.slow)
    assert said == [False, True, False]
    assert machine.shown[-1] - machine.shown[hurried] > 59 / RATE - 0.6, "what was missed long ago is not made up for"


def test_onlookers_are_told_that_it_runs_slower_and_that_this_changes_nothing(begin):
    machine = Machine()
    director = Slow(machine, 0.2)
    session = begin(director)
    stage = Stage(session, Acted(Mask(), no_sensor))
    stage._pace = machine.pace()
    stage.start()
    until(lambda: messages(session, "view") and messages(session, "view")[-1]["remark"])
    assert len(director.times) > 30
    assert messages(session, "view")[-1]["remark"] == SLOW
    assert "slower" in SLOW
    assert "the same" in SLOW
