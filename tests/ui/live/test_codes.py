from __future__ import annotations

import threading

import pytest

from tests.ui.live.director import Notes
from ui.live.codes import Pairings


@pytest.fixture
def slept():
    return []


@pytest.fixture
def pairings(clock, slept):
    return Pairings(lifetime_s=300, wrong_s=1, clock=clock, sleep=slept.append)


@pytest.fixture
def session(begin, notes, glance):
    return begin(notes, glance)


def test_a_code_gives_the_session_exactly_once(pairings, session, slept):
    code = pairings.offer(session)
    assert not pairings.taken(session)
    assert pairings.redeem(code) is session
    assert pairings.taken(session)
    assert not slept
    assert pairings.redeem(code) is None
    assert len(pairings) == 0


def test_eight_threads_with_one_code_get_one_session(pairings, session):
    code, got, ready = pairings.offer(session), [], threading.Barrier(8)

    def redeem():
        ready.wait()
        got.append(pairings.redeem(code))

    threads = [threading.Thread(target=redeem) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found for found in got if found is not None] == [session]
    assert len(got) == 8


def test_codes_are_long_differ_and_fit_into_an_address(pairings, session):
    codes = {pairings.offer(session) for _ in range(100)}
    assert len(codes) == 100
    assert all(len(code) == 22 and code.replace("-", "").replace("_", "").isalnum() for code in codes)  # 128 bits


def test_offering_again_makes_the_first_code_void(pairings, session):
    first, second = pairings.offer(session), pairings.offer(session)
    assert pairings.redeem(first) is None
    assert pairings.redeem(second) is session


def test_a_code_expires(pairings, session, clock):
    code = pairings.offer(session)
    clock.now += 299
    assert pairings.left_s(session) == pytest.approx(1)
    clock.now += 1
    assert pairings.left_s(session) == 0
    assert pairings.redeem(code) is None
    assert not pairings.taken(session)


def test_a_code_that_was_withdrawn_is_void(pairings, session):
    code = pairings.offer(session)
    pairings.withdraw(session)
    assert pairings.redeem(code) is None


def test_a_session_that_ended_is_forgotten_and_cannot_be_offered(pairings, session):
    code = pairings.offer(session)
    session.close()
    assert len(pairings) == 0
    assert pairings.redeem(code) is None
    with pytest.raises(ValueError, match="has ended"):
        pairings.offer(session)


def test_codes_belong_to_their_sessions(pairings, session, begin, glance):
    other = begin(Notes(), glance)
    codes = pairings.offer(session), pairings.offer(other)
    assert pairings.redeem(codes[1]) is other
    assert not pairings.taken(session)
    assert pairings.redeem(codes[0]) is session


@pytest.mark.parametrize("guess", ["", "x", "ä\ud800", "A" * 22, "A" * 100_000])
def test_wrong_guesses_get_nothing_and_wait(pairings, session, slept, guess):
    pairings.offer(session)
    assert pairings.redeem(guess) is None
    assert slept == [1]
    assert len(pairings) == 1


def test_a_right_code_does_not_wait_for_those_who_guess(session, clock):
    guessing, done = threading.Event(), threading.Event()

    def sleep(_seconds):
        guessing.set()
        assert done.wait(20)

    pairings = Pairings(clock=clock, sleep=sleep)
    code = pairings.offer(session)
    thread = threading.Thread(target=pairings.redeem, args=("wrong",))
    thread.start()
    assert guessing.wait(20)
    assert pairings.redeem(code) is session
    done.set()
    thread.join()


def test_a_lost_phone_can_be_replaced(pairings, session):
    assert pairings.redeem(pairings.offer(session)) is session
    assert pairings.redeem(pairings.offer(session)) is session
    assert pairings.taken(session)


def test_nothing_shows_a_code(pairings, session):
    code = pairings.offer(session)
    assert code not in repr(vars(pairings))
