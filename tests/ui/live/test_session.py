from __future__ import annotations

import logging

import numpy as np
import pytest

from liveness.models import LANDMARKER, RECOGNISER, ModelError
from liveness.watcher import Watcher
from tests import needs
from tests.ui.live.conftest import i420, messages, until
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live.decode import RawStill
from ui.live.director import View
from ui.live.inbox import PENDING
from ui.live.limits import Refused

FRAME = np.zeros((360, 640, 3), np.uint8)


def frame(grey: int) -> np.ndarray:
    return np.full((360, 640, 3), grey, np.uint8)


def still(number: int, received_s: float = 1.0, width: int = 320, height: int = 256) -> RawStill:
    return RawStill(number, received_s, "I420", i420(width, height, number))


def ask(session, notes, stills: int) -> None:
    """Have the director ask for stills, as it does after a frame."""
    notes.wanted = stills
    before = len(notes.ledger)
    session.take_frame(FRAME)
    until(lambda: len(notes.ledger) == before + stills and len(messages(session, "stills")) and not notes.wanted)
    until(lambda: messages(session, "stills")[-1]["numbers"][-1] == len(notes.ledger))


def code_of(refused) -> tuple[int, str]:
    return refused.value.status, refused.value.code


def test_of_the_frames_that_wait_only_the_newest_is_looked_at(begin, notes, glance):
    session = begin(notes, glance)
    glance.gate.clear()
    session.take_frame(frame(1))
    assert glance.busy.wait(20)
    for grey in (2, 3, 4):
        session.take_frame(frame(grey))
    glance.gate.set()
    until(lambda: len(notes.times) == 2)
    assert glance.looked == [1, 4]


def test_frames_have_one_thread_and_stills_another(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 2)
    for number in (1, 2):
        session.claim(number)
    session.take_still(still(1))
    session.turn_down(2, "It is torn.")
    until(lambda: notes.stills and notes.refusals)
    session.close()
    assert notes.closed.wait(20)
    assert notes.threads == {"frame": {"live-frames"}, "still": {"live-stills"}}


def test_a_frames_time_is_when_it_was_captured_or_else_when_it_came(begin, notes, glance, clock):
    session = begin(notes, glance, clock=clock)
    clock.now += 2.5
    session.take_frame(FRAME)
    until(lambda: notes.times)
    session.take_frame(FRAME, time_s=2.75)
    until(lambda: len(notes.times) == 2)
    assert notes.times == [2.5, 2.75]


def test_the_browser_is_told_what_the_director_says_and_where_the_face_is(begin, notes, glance):
    session = begin(notes, glance)
    session.take_frame(FRAME)
    until(lambda: messages(session, "view"))
    said = messages(session, "view")[0]
    assert (said["prompt"], said["progress"], said["remaining_s"], said["votes"]) == ("Look here", 0.5, 3.2, ["live"])
    assert (said["growth"], said["enough"]) == ([], None)
    assert said["face"]["box"] == [0.3125, 0.2778, 0.375, 0.5]
    assert [len(eye) for eye in said["face"]["eyes"]] == [16, 16]
    assert all(0 <= n <= 1 for point in said["face"]["oval"] for n in point)
    glance.faces = 0
    session.take_frame(FRAME)
    until(lambda: messages(session, "view")[0]["face"] is None)


def test_the_view_that_was_told_last_is_kept(begin, notes, glance, monkeypatch):
    views = [View("waiting", "One"), View("prompting", "Two", step="turn left")]
    monkeypatch.setattr(notes, "frame", lambda seen, *_: views[len(glance.looked) - 1])
    session = begin(notes, glance)
    assert session.view is None
    for view in views:
        session.take_frame(FRAME)
        until(lambda view=view: session.view is view)


def asking(number: int | None) -> View:
    return View("prompting", "Turn", step=None if number is None else "turn left", number=number)


def test_a_prompt_counts_as_shown_when_it_is_sent_and_then_when_the_browser_painted_it(
    begin, notes, glance, clock, monkeypatch
):
    views = [asking(None), *3 * [asking(0)], *2 * [asking(1)]]
    monkeypatch.setattr(notes, "frame", lambda seen, *_: views[len(glance.looked) - 1])
    session = begin(notes, glance, clock=clock)

    def next_frame() -> None:
        clock.now += 0.1
        session.take_frame(FRAME)
        session.settle()

    next_frame()
    next_frame()
    assert notes.shown_at == [(0, pytest.approx(0.2))]
    session.prompt_shown(1, 0.25, 0.3)  # of a step that nobody asked for yet
    session.prompt_shown(0, 0.5, 0.6)
    next_frame()
    assert notes.shown_at[1:] == [(0, 0.5)]
    next_frame()
    next_frame()
    assert notes.shown_at[2:] == [(1, pytest.approx(0.5))]
    session.prompt_shown(0, 0.5, 0.6)  # too late: the next step is asked for
    next_frame()
    assert len(notes.shown_at) == 3


def test_a_prompt_that_is_asked_again_after_a_pause_is_measured_anew(begin, notes, glance, clock, monkeypatch):
    views = [asking(0), asking(None), asking(0)]
    monkeypatch.setattr(notes, "frame", lambda seen, *_: views[len(glance.looked) - 1])
    session = begin(notes, glance, clock=clock)
    for now in (101.0, 120.0, 121.0):
        clock.now = now
        session.take_frame(FRAME)
        session.settle()
    assert notes.shown_at == [(0, 1.0), (0, 21.0)]


def test_the_face_is_embedded_about_once_a_second(begin, notes, glance, clock):
    session = begin(notes, glance, clock=clock)
    for count in range(1, 31):
        clock.now += 0.1
        session.take_frame(FRAME)
        until(lambda count: len(notes.times) == count, count)
    assert notes.embeddings == 3


def test_onlookers_of_a_session_with_pictures_of_its_own_never_see_the_camera(begin, notes, glance, monkeypatch):
    put: list[int] = []
    views = [View("waiting", "", picture=frame(200)), View("waiting", ""), View("waiting", "", picture=frame(201))]
    monkeypatch.setattr(notes, "frame", lambda seen, *_: views[len(glance.looked) - 1])
    session = begin(notes, glance, own_pictures=True)
    monkeypatch.setattr(session.showing, "put", lambda rgb: put.append(int(rgb[0, 0, 0])))
    for count in (1, 2, 3):
        session.take_frame(frame(count))
        until(lambda count: len(glance.looked) == count, count)
    until(lambda: len(put) == 2)
    assert put == [200, 201]


def test_pictures_of_a_view_are_not_shown_by_a_session_that_shows_the_camera(begin, notes, glance, monkeypatch):
    put: list[int] = []
    monkeypatch.setattr(notes, "frame", lambda *_: View("waiting", "", picture=frame(200)))
    session = begin(notes, glance)
    monkeypatch.setattr(session.showing, "put", lambda rgb: put.append(int(rgb[0, 0, 0])))
    session.take_frame(frame(1))
    until(lambda: messages(session, "view"))
    assert put == [1]


def test_a_still_that_was_asked_for_reaches_the_director_exactly(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 2)
    assert messages(session, "stills")[-1]["numbers"] == [1, 2]
    for number in (2, 1):
        session.claim(number)
        session.take_still(still(number, received_s=0.5 + number))
    until(lambda: len(notes.stills) == 2)
    numbers, pictures, times = zip(*notes.stills, strict=True)
    assert numbers == (2, 1)
    assert times == (2.5, 1.5)
    assert (pictures[0].luma == i420(seed=2)[:256]).all()
    assert pictures[0].rgb.shape == (256, 320, 3)


@pytest.mark.parametrize("number", [0, 2, -1, 10**11])
def test_a_still_that_nobody_asked_for_is_refused(begin, notes, glance, number):
    session = begin(notes, glance)
    ask(session, notes, 1)
    with pytest.raises(Refused) as refused:
        session.claim(number)
    assert code_of(refused) == (409, "number")


def test_a_number_is_good_for_one_still_even_while_it_is_on_its_way(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 1)
    session.claim(1)
    with pytest.raises(Refused):
        session.claim(1)
    session.take_still(still(1))
    session.release(1)
    with pytest.raises(Refused) as refused:
        session.claim(1)
    assert code_of(refused) == (409, "number")


def test_a_number_whose_body_did_not_come_may_be_sent_again(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 1)
    session.claim(1)
    session.release(1)
    session.claim(1)
    session.take_still(still(1))
    until(lambda: notes.stills)


def test_a_still_that_cannot_be_read_is_told_to_the_director_and_used_up(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 1)
    session.claim(1)
    session.turn_down(1, "It is torn.")
    until(lambda: notes.refusals == [(1, "It is torn.")])
    with pytest.raises(Refused):
        session.claim(1)


def test_stills_of_two_sizes_do_not_go_together(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 2)
    session.claim(1)
    session.take_still(still(1))
    session.claim(2)
    with pytest.raises(Refused, match=r"256x320 pixels, the first one 320x256") as refused:
        session.take_still(still(2, width=256, height=320))
    assert code_of(refused) == (422, "other-size")


def test_stills_do_not_pile_up(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, PENDING + 2)
    notes.gate.clear()
    for number in range(1, PENDING + 2):
        session.claim(number)
        session.take_still(still(number))
        assert notes.busy.wait(20)
    with pytest.raises(Refused) as refused:
        session.claim(PENDING + 2)
    assert code_of(refused) == (429, "busy")
    notes.gate.set()
    until(lambda: len(notes.stills) == PENDING + 1)
    session.claim(PENDING + 2)


def test_a_still_that_is_examined_holds_no_frame_up(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 1)
    notes.gate.clear()
    session.claim(1)
    session.take_still(still(1))
    assert notes.busy.wait(20)
    before = len(notes.times)
    for count in range(1, 6):
        session.take_frame(FRAME)
        until(lambda count: len(notes.times) == count, before + count)
    assert not notes.stills
    notes.gate.set()
    until(lambda: notes.stills)


def test_a_frame_that_is_looked_at_holds_no_still_up(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 1)
    glance.gate.clear()
    glance.busy.clear()
    session.take_frame(FRAME)
    assert glance.busy.wait(20)
    session.claim(1)
    session.take_still(still(1))
    until(lambda: notes.stills)
    glance.gate.set()


def test_what_becomes_of_each_still_is_told(begin, notes, glance):
    session = begin(notes, glance)
    ask(session, notes, 3)
    for number in (1, 2, 3):
        session.claim(number)
    session.take_still(still(1))
    until(lambda: notes.stills)
    notes.problem = "It is blurred."
    session.take_still(still(2))
    session.turn_down(3, "It is torn.")
    until(lambda: len(messages(session, "still")) == 3)
    assert messages(session, "still") == [
        {"type": "still", "number": 1, "count": 1, "text": ""},
        {"type": "still", "number": 2, "count": 2, "text": "It is blurred."},
        {"type": "still", "number": 3, "count": 3, "text": "It is torn."},
    ]


def test_a_session_that_is_done_says_so_and_frees_its_models(begin, glance):
    session = begin(Notes(done_after=1), glance)
    session.take_frame(FRAME)
    until(lambda: session.over)
    assert glance.closed.wait(20)
    assert messages(session)[-1] == {"type": "done", "outcome": "passed", "text": "All done."}
    assert (session.outcome, session.text) == ("passed", "All done.")
    assert session.outbox.closed
    session.take_frame(FRAME)  # too late, and no harm
    with pytest.raises(Refused) as refused:
        session.claim(1)
    assert code_of(refused) == (409, "over")


def test_an_error_ends_its_session_is_logged_and_hurts_no_other(begin, glance, caplog):
    class Broken(Notes):
        def frame(self, *seen):
            raise ZeroDivisionError("in the director")

    other_notes, other_glance = Notes(), Glance()
    other = begin(other_notes, other_glance)
    session = begin(Broken(), glance)
    with caplog.at_level(logging.ERROR):
        session.take_frame(FRAME)
        until(lambda: session.over)
        assert session.join(20)
    assert messages(session)[-1]["outcome"] == "internal"
    assert "ZeroDivisionError: in the director" in caplog.text
    assert session.token not in caplog.text
    assert glance.closed.is_set()
    other.take_frame(FRAME)
    until(lambda: other_notes.times)
    assert not other.over


@pytest.mark.parametrize("method", ["prepare", "still", "refused"])
def test_an_error_over_stills_ends_its_session_and_both_threads(begin, notes, glance, caplog, method):
    def broken(*_):
        raise ZeroDivisionError("over a still")

    session = begin(notes, glance)
    setattr(notes, method, broken)
    with caplog.at_level(logging.ERROR):
        session.start()
        if method != "prepare":
            ask(session, notes, 1)
            session.claim(1)
            session.take_still(still(1)) if method == "still" else session.turn_down(1, "It is torn.")
        until(lambda: session.over)
        assert session.join(20)
    assert session.outcome == "internal"
    assert "ZeroDivisionError: over a still" in caplog.text
    assert glance.closed.is_set()
    assert notes.closed.is_set()


def test_a_missing_model_for_stills_is_told(begin, notes, glance):
    def blind():
        raise ModelError("There is no model. Connect to the internet once.")

    notes.prepare = blind
    session = begin(notes, glance)
    session.start()
    until(lambda: session.over)
    assert session.outcome == "models"
    assert messages(session)[-1]["text"] == "There is no model. Connect to the internet once."


def test_a_missing_model_is_told(begin, notes):
    def blind():
        raise ModelError("There is no model. Connect to the internet once.")

    session = begin(notes, None)
    session._make_sight = blind
    session.take_frame(FRAME)
    until(lambda: session.over)
    assert messages(session)[-1]["text"] == "There is no model. Connect to the internet once."
    assert session.outcome == "models"


def test_a_session_ends_when_its_time_is_up(begin, notes, glance, clock):
    session = begin(notes, glance, clock=clock, lifetime_s=30.0)
    session.take_frame(FRAME)
    until(lambda: notes.times)
    clock.now += 30.5
    session.take_frame(FRAME)
    until(lambda: session.over)
    assert session.outcome == "expired"
    assert glance.closed.wait(20)
    assert len(notes.times) == 1


def test_a_session_ends_when_nobody_is_there_any_more(begin, notes, glance, clock):
    session = begin(notes, glance, clock=clock, idle_s=5.0)
    session.start()
    clock.now += 4.0
    session.start()  # as a listener does
    clock.now += 4.0
    assert not session.expired
    clock.now += 2.0
    until(lambda: session.over)
    assert session.outcome == "expired"


def test_closing_ends_both_threads_which_free_their_models(begin, notes, glance):
    session = begin(notes, glance)
    session.start()
    session.close()
    assert session.join(20)
    assert glance.closed.is_set()
    assert notes.closed.is_set()


def test_a_session_that_never_began_has_no_thread_and_can_be_closed(begin, notes, glance):
    session = begin(notes, glance)
    session.close()
    session.start()
    assert session.join(0)
    assert not glance.busy.is_set()


def test_tokens_are_random_and_not_shown(begin, notes, glance):
    one, two = begin(notes, glance), begin(notes, glance)
    assert one.token != two.token
    assert len(one.token) >= 43
    assert one.token not in repr(one)
    assert one.name not in one.token


def test_a_real_face_is_found_and_recognised(begin, notes, clock):
    import skimage.data

    needs.models(LANDMARKER, RECOGNISER)
    session = begin(notes, None, clock=clock)
    session._make_sight = Watcher
    portrait = np.ascontiguousarray(skimage.data.astronaut()[0:300, 80:380])
    for count in range(1, 4):
        clock.now += 0.1
        session.take_frame(portrait)
        until(lambda count: len(notes.times) == count, count)
    assert notes.faces == [1, 1, 1]
    assert notes.embeddings == 1
    face = messages(session, "view")[0]["face"]
    left, top, width, height = face["box"]
    for eye in face["eyes"]:
        assert all(left < x < left + width and top < y < top + height / 2 for x, y in eye)
