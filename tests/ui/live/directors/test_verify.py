from __future__ import annotations

import random
from dataclasses import replace

import pytest

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import BankError, NotFound
from bank.face_reader import FaceSeen, pose_of
from bank.policy import Policy
from liveness.challenge import Challenge
from testing.observations import nobody, seen
from testing.selfie import BOX, RATE, Device, Person, Table, movement
from testing.some import some
from ui.live.directors.verify import VerifyDirector

ANNA = Person(1)


@pytest.fixture(scope="module")
def phone():
    return Device(7)


@pytest.fixture(scope="module")
def bank(tmp_path_factory, phone):
    folder = tmp_path_factory.mktemp("bank")
    policy = Policy.load()
    many = replace(policy, limits=policy.limits.model_copy(update={"per_customer": 100}))  # one bank for all tests
    made = Bank(f"sqlite:///{folder / 'bank.db'}", folder=folder, policy=many)
    made.enrol("Anna", faces=ANNA.template, photos=camera_sample(phone.walls(12), "Phone", made.policy.enrolment))
    yield made
    made.close()


class Visitor:
    """Sits before the camera: sees what is asked, and does it, or not."""

    def __init__(self, bank, device, person=ANNA, moves=movement, hand_in=lambda number: True, draw=None, sizes=()):
        self.reader = Table()
        self.ongoing = bank.begin("Anna", reader=self.reader, draw=draw)
        self.director = VerifyDirector(bank, self.ongoing, draw, sizes)
        self.device, self.person, self.moves, self.hand_in = device, person, moves, hand_in
        self.views: list = []
        self.asked: list[tuple[float, int, float]] = []

    def play(self, seconds: float = 60.0, paused: tuple[float, float] = (0.0, 0.0)):
        prompt, since = "", 0.0
        for number in range(round(seconds * RATE)):
            now = number / RATE
            if paused[0] < now < paused[1]:
                continue
            changes = self.moves(prompt, now - since)
            observation = seen(now, box=BOX, **changes)
            view = self.director.frame(observation, self.person.face(number) if number % 15 == 0 else None, "")
            self.views.append(view)
            wanted = self.director.stills_wanted(now)
            for still in self.director.asked(wanted, now) if wanted else ():
                self.asked.append((now, still, observation.yaw))
                if self.hand_in(still):
                    pose = pose_of(observation, now)
                    vector = self.person.face(number + 9) if abs(observation.yaw) < 20 else None
                    self.reader.answer = FaceSeen(pose, BOX, 1, vector, "" if vector is not None else "turned")
                    self.director.still(self.device.selfie(), still, now + 0.1)
            asking = view.step or ""
            if asking != prompt:
                prompt, since = asking, now
            if view.done:
                break
        return self.views[-1]


def test_stills_ask_to_hold_still_only_where_nothing_else_is_asked(bank, phone):
    def dim(step, t):
        return {**movement(step, t), **({"brightness": 240.0} if not step and t < 1 else {})}

    visitor = Visitor(bank, phone, moves=dim)
    visitor.play()
    taken = [next(view for view, at in zip(visitor.views, times(visitor), strict=True) if at == asked) for asked, *_ in
             visitor.asked]  # fmt: skip
    assert any(view.step for view in taken), "stills are taken in movements, too"
    assert any(view.hold for view in visitor.views)
    assert not [view for view in visitor.views if view.hold and (view.step or view.advice or view.done)]


def times(visitor):
    return [number / RATE for number in range(len(visitor.views))]


def test_a_person_who_does_what_is_asked_is_accepted(bank, phone):
    visitor = Visitor(bank, phone)
    last = visitor.play()
    assert (last.done, last.outcome) == (True, "accepted")
    decision = some(visitor.director.verified).decision
    assert decision.accepted
    assert last.text == decision.advice
    assert int(decision.factor("freshness").details["stills in a telling pose"]) >= 1


def test_stills_are_asked_for_at_moments_that_nobody_knows_and_while_the_head_is_turned(bank, phone):
    visitors = [Visitor(bank, phone) for _ in range(2)]
    for visitor in visitors:
        visitor.play()
    first, second = ([round(now, 2) for now, _, _ in visitor.asked] for visitor in visitors)
    assert first != second
    for visitor in visitors:
        assert sum(abs(yaw) > 15 for _, _, yaw in visitor.asked) >= 2
        assert len(visitor.asked) <= bank.policy.profile("demo").capture.max_stills


def test_a_check_that_is_simulated_asks_for_the_same_at_the_same_moments_if_its_seed_is_the_same(bank, phone):
    visitors = [Visitor(bank, phone, draw=random.Random(seed)) for seed in (3, 3, 4)]
    for visitor in visitors:
        visitor.play()
    one, again, other = ((visitor.ongoing.challenge, visitor.asked) for visitor in visitors)
    assert one == again
    assert one != other


def test_a_person_who_does_nothing_is_told_and_may_try_again(bank, phone):
    last = Visitor(bank, phone, moves=lambda step, t: {}).play()
    assert (last.phase, last.outcome) == ("failed", "step-up")
    assert "was not answered within 7 s" in last.text


def test_who_answers_before_blinking_by_the_way_is_given_time_for_it(bank, phone, monkeypatch):
    late = property(lambda vote: "live" if len(vote.windows) >= 16 else "not live")
    monkeypatch.setattr("liveness.vote.PassiveVote.verdict", late)
    visitor = Visitor(bank, phone)
    last = visitor.play()
    assert last.done
    assert len(visitor.ongoing.capture.session.vote.windows) == 16


def test_a_turn_that_ends_the_challenge_in_one_frame_still_gets_its_stills(bank, phone, monkeypatch):
    challenge = Challenge(("blink twice", "look left", "turn left"))
    monkeypatch.setattr("bank.bank.random_challenge", lambda *_, **__: challenge)
    visitor = Visitor(bank, phone)
    visitor.director._plan.target = 6  # all of them are there before the turn
    assert visitor.play().outcome == "accepted"
    assert any(abs(yaw) >= 20 for *_, yaw in visitor.asked)


def test_another_camera_is_refused(bank):
    assert Visitor(bank, Device(8)).play().outcome == "refused"


@pytest.mark.parametrize(("shape", "words"), [((256, 320), "Choose the camera"), ((640, 480), "Hold the phone as")])
def test_a_camera_of_another_size_ends_the_check_at_its_first_still_without_a_decision(bank, shape, words):
    visitor = Visitor(bank, Device(9, shape), sizes=[(640, 480)])
    last = visitor.play()
    assert (last.done, last.outcome) == (True, "problem")
    assert len(visitor.asked) == 1
    assert visitor.director.verified is None
    assert visitor.director.misfit == shape[::-1]
    assert f"{shape[1]} x {shape[0]} pixels, and was registered with 640 x 480 pixels" in last.text
    assert words in last.text
    with bank.store.read() as session:
        newest = next(audit.entries(session))
    assert (newest.kind, newest.attempt_id) == ("called-off", visitor.ongoing.id)


def test_the_enrolled_size_goes_on_to_the_decision(bank, phone):
    assert Visitor(bank, phone, sizes=[(320, 256), (640, 480)]).play().outcome == "accepted"


def test_stills_that_never_arrive_end_in_no_decision_for_the_person(bank, phone):
    last = Visitor(bank, phone, hand_in=lambda number: False).play()
    assert (last.done, last.outcome) == (True, "step-up")
    assert "still" in last.text


def test_a_still_that_the_bank_cannot_remember_is_told_and_ends_no_thread(bank, phone):
    visitor = Visitor(bank, phone)

    def forgets(still):
        raise NotFound("There is no customer Anna any more.")

    visitor.ongoing.capture.keep = forgets
    (number,) = visitor.director.asked(1, 0.0)
    assert visitor.director.still(phone.selfie(), number, 0.1) == "There is no customer Anna any more."
    assert not visitor.ongoing.capture.stills, "and it does not count"


def test_nobody_in_sight_is_asked_for_no_stills(bank):
    director = VerifyDirector(bank, bank.begin("Anna", reader=Table()))
    views = []
    for number in range(60):
        views.append(director.frame(nobody(number / RATE), None, "no-face"))
        assert director.stills_wanted(number / RATE) == 0
    assert views[-1].advice
    assert not any(view.done for view in views)


def test_a_bank_that_cannot_decide_says_why(bank, phone, monkeypatch):
    def broken(_):
        raise BankError("The disk is full. Make room.")

    visitor = Visitor(bank, phone)
    monkeypatch.setattr(bank, "verify_showing", broken)
    last = visitor.play()
    assert (last.done, last.outcome, last.text) == (True, "problem", "The disk is full. Make room.")
    assert visitor.director.verified is None


def test_a_visitor_who_cannot_do_a_step_is_asked_for_another_and_accepted(bank, phone, monkeypatch):
    challenge = Challenge(("blink twice", "turn left", "look right"))
    monkeypatch.setattr("bank.bank.random_challenge", lambda *_, seconds, draw: challenge)
    heard: list[bool] = []

    def moves(step: str, t: float) -> dict:
        if step == "blink twice":
            if t > 0.5 and not heard:
                heard.extend(visitor.director.decline(step) for _ in range(2))
            return {}
        return movement(step, t)

    visitor = Visitor(bank, phone, moves=moves)
    assert visitor.play().outcome == "accepted"
    assert heard == [True, False]
    prompts = list(dict.fromkeys((view.number, view.step) for view in visitor.views if view.can_decline))
    assert [number for number, _ in prompts] == [0, 1, 2, 3, 4], "each prompt has a number of its own"
    assert prompts[0] == (0, "blink twice")
    assert prompts[1][1] in ("look left", "look right", "turn right")


def test_a_step_can_be_declined_only_while_it_is_asked_for(bank, phone):
    visitor = Visitor(bank, phone)
    visitor.play()
    assert all(view.can_decline == (view.step is not None) for view in visitor.views)
    assert not visitor.director.decline("turn left"), "it is over"
