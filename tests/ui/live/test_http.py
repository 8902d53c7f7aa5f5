"""The routes, asked by good clients and by bad ones, over real connections."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import math
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from types import SimpleNamespace

import numpy as np
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from testing.some import some
from tests import needs
from tests.ui.live.conftest import headers_of, i420, jpeg, messages, until
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live import http as http_
from ui.live import preview
from ui.live.decode import FRAME_BYTES, STILL_BYTES
from ui.live.director import View
from ui.live.registry import SESSIONS

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def port():
    """A server with the routes, in a thread."""
    app = Starlette(routes=http_.ROUTES)
    config = uvicorn.Config(app, ws="none", lifespan="off", access_log=False, log_level="warning", backlog=2048)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started)
        yield listener.getsockname()[1]
        server.should_exit = server.force_exit = True
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def opened(begin):
    """Begins sessions that the routes know, with their notes."""

    def make(sight=None, **options):
        notes = Notes()
        return begin(notes, sight or Glance(), registry=SESSIONS, **options), notes

    return make


@pytest.fixture
def session(opened):
    return opened()[0]


def send(port: int, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> tuple[int, dict]:
    """Send a request; return the status, and the JSON of the answer or nothing."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if "json" in answer.getheader("content-type", "") else {}


def send_frame(port: int, session, body: bytes | None = None, headers: dict | None = None) -> tuple[int, dict]:
    path = f"/live/frame?token={session.token}"
    return send(port, "POST", path, jpeg() if body is None else body, {**JPEG, **(headers or {})})


def send_still(
    port: int, session, number: object, body: bytes | None = None, headers: dict | None = None
) -> tuple[int, dict]:
    path = f"/live/still?token={session.token}&number={number}"
    return send(
        port, "POST", path, i420().tobytes() if body is None else body, headers_of() if headers is None else headers
    )


def ask(session, notes, stills: int) -> None:
    notes.wanted = stills
    session.take_frame(np.zeros((360, 640, 3), np.uint8))
    until(lambda: messages(session, "stills"))


def listen(port: int, session, after: int | None = None) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    connection.request("GET", f"/live/events?token={session.token}", headers=headers)
    return connection, connection.getresponse()


def next_event(answer: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in iter(answer.readline, b""):
        if line == b"\n":
            return found
        name, _, value = line.decode().rstrip("\n").partition(": ")
        found[name] = value
    return found


def test_a_frame_is_taken_and_looked_at(port, opened):
    glance = Glance()
    session, notes = opened(glance)
    assert send_frame(port, session, jpeg(grey=55)) == (204, {})
    until(lambda: notes.times)
    assert abs(glance.looked[0] - 55) <= 1


def test_a_frames_time_is_what_the_browser_says_as_far_as_it_can_be(port, opened, clock):
    session, notes = opened(clock=clock)
    for now, captured, sent in ((1.0, 70.9, 71.0), (1.5, 71.0, 71.1), (2.5, 1.0, 2.0), (2.6, "x", "\u00b2")):
        clock.now = 100.0 + now
        headers = {"X-Captured": str(captured).encode(), "X-Sent": str(sent).encode()}
        before = len(notes.times)
        assert send_frame(port, session, headers=headers)[0] == 204
        until(lambda before: len(notes.times) > before, before)
    # The second one took .4 s longer than the first. The third says nonsense, the last one nothing.
    assert notes.times == [pytest.approx(one) for one in (0.9, 1.0, 1.5, 2.6)]


def test_a_prompt_was_shown_when_the_browser_painted_it(port, opened, clock, monkeypatch):
    session, notes = opened(clock=clock)
    monkeypatch.setattr(notes, "frame", lambda *_: View("prompting", "Turn", step="turn left", number=2))

    def next_frame() -> None:
        session.take_frame(np.zeros((360, 640, 3), np.uint8))
        session.settle()

    clock.now = 101.0
    next_frame()
    path = f"/live/shown?token={session.token}&number="
    clock.now = 101.6
    assert send(port, "POST", f"{path}2", headers={"X-Painted": "70.3", "X-Sent": "70.5"})[0] == 204
    next_frame()
    assert notes.shown_at == [(2, 1.0), (2, pytest.approx(1.4))], "when it was sent, and what the browser says"
    assert send(port, "POST", f"{path}x")[0] == 409


class Asking(Notes):
    """Asks for a step that can be declined once."""

    step = "turn left"

    def decline(self, step: str) -> bool:
        found, self.step = step == self.step, "turn right"
        return found


def test_who_cannot_do_a_step_is_heard_once_and_only_where_that_can_be_said(port, opened, begin):
    asking = begin(Asking(), Glance(), registry=SESSIONS)
    path = f"/live/decline?token={asking.token}&step=turn%20left"
    assert send(port, "POST", path) == (204, {})
    status, refusal = send(port, "POST", path)
    assert (status, refusal["code"]) == (409, "step"), "it is not asked for any more"
    session, _ = opened()
    assert send(port, "POST", f"/live/decline?token={session.token}&step=turn%20left")[0] == 409
    asking.close()
    assert send(port, "POST", path.replace("left", "right"))[0] == 409, "it is over"


def test_a_still_is_taken_exactly(port, opened):
    session, notes = opened()
    ask(session, notes, 1)
    assert send_still(port, session, 1) == (204, {})
    until(lambda: notes.stills)
    assert (notes.stills[0][1].luma == i420()[:256]).all()


def test_a_stills_time_is_when_the_browser_says_that_it_took_it(port, opened, clock):
    session, notes = opened(clock=clock)
    ask(session, notes, 2)
    clock.now = 105.0
    said = {"X-Captured": "70.6", "X-Sent": "71.0"}
    assert send_still(port, session, 1, headers=headers_of() | said)[0] == 204
    assert send_still(port, session, 2)[0] == 204
    until(lambda: len(notes.stills) == 2)
    assert notes.taken == [pytest.approx(4.6), pytest.approx(math.nan, nan_ok=True)]


def test_a_still_comes_as_png_too(port, opened, tmp_path):
    session, notes = opened()
    ask(session, notes, 1)
    Image.new("RGB", (320, 256), (90, 120, 150)).save(tmp_path / "still.png")
    body = (tmp_path / "still.png").read_bytes()
    assert send_still(port, session, 1, body, headers_of(pixel_format="PNG"))[0] == 204
    until(lambda: notes.stills)
    assert notes.stills[0][1].pixel_format == "PNG"


def test_messages_come_as_events_and_can_be_resumed(port, opened):
    session, notes = opened()
    connection, answer = listen(port, session)
    assert some(answer.getheader("content-type")).startswith("text/event-stream")
    codes = [json.loads(next_event(answer)["data"])["code"] for _ in range(2)]
    assert codes == ["loading", "ready"]
    ask(session, notes, 2)
    kinds = [json.loads(next_event(answer)["data"])["type"] for _ in range(2)]
    assert kinds == ["view", "stills"]
    connection.close()
    connection, answer = listen(port, session, after=3)
    with closing(connection):
        event = next_event(answer)
        assert event["id"] == "4"
        assert json.loads(event["data"]) == {"type": "stills", "numbers": [1, 2]}


def test_the_events_end_with_the_session_and_need_not_be_asked_for_again(port, session):
    connection, answer = listen(port, session)
    with closing(connection):
        until(lambda: len(messages(session)) == 2)
        session.close()
        events = [json.loads(event["data"]) for event in iter(lambda: next_event(answer), {})]
        assert events[-1]["type"] == "done"
    connection, answer = listen(port, session, after=session.outbox.last)
    with closing(connection):
        assert answer.status == 204


def test_a_silent_server_is_still_heard_of(port, session, monkeypatch):
    monkeypatch.setattr(http_, "BEAT_S", 0.1)
    connection, answer = listen(port, session, after=100)
    with closing(connection):
        assert next_event(answer) == {"event": "beat", "data": "0"}


def test_a_listener_who_leaves_makes_room(port, session):
    for _ in range(8):
        connection, answer = listen(port, session)
        assert answer.status == 200
        next_event(answer)
        connection.close()
        answer.close()
        until(lambda: session.listener_slots._taken == 0 or session.take_frame(np.zeros((360, 640, 3), np.uint8)))


def test_more_listeners_than_one_visitor_needs_are_refused(port, session):
    with ExitStack() as stack:
        for _ in range(3):
            connection, answer = listen(port, session)
            stack.enter_context(closing(connection))
            assert answer.status == 200
            next_event(answer)
        connection, answer = listen(port, session)
        stack.enter_context(closing(connection))
        assert answer.status == 429


@pytest.mark.parametrize(
    "path",
    [
        "/live/frame?token={}",
        "/live/shown?token={}&number=1",
        "/live/still?token={}&number=1",
        "/live/events?token={}",
        "/live/picture?token={}",
    ],
)
@pytest.mark.parametrize("token", ["", "wrong", "a" * 5000, "%00%ff"])
def test_an_unknown_token_is_refused_unread(port, path, token):
    method = "GET" if "events" in path or "picture" in path else "POST"
    status, said = send(port, method, path.format(token), headers=JPEG)
    assert (status, said["code"]) == (401, "token")
    assert "Start a new one" in said["text"]


def test_an_expired_token_is_refused(port, opened, clock):
    session, _ = opened(clock=clock, lifetime_s=30)
    clock.now += 100
    assert send_frame(port, session)[0] == 204  # it has just ended
    assert session.outcome == "expired"
    clock.now += 31
    assert send_frame(port, session)[0] == 401


@pytest.mark.parametrize("number", [0, 2, 77, "", "x", "-1", "1.0", "%C2%B2", "9" * 30])
def test_a_still_nobody_asked_for_is_refused(port, opened, number):
    session, notes = opened()
    ask(session, notes, 1)
    status, said = send_still(port, session, number)
    assert (status, said["code"]) == (409, "number")
    assert not notes.stills


def test_a_number_is_good_for_one_still(port, opened):
    session, notes = opened()
    ask(session, notes, 1)
    assert send_still(port, session, 1)[0] == 204
    assert send_still(port, session, 1)[0] == 409
    until(lambda: len(notes.stills) == 1)


def test_another_sessions_number_is_no_use(port, opened):
    (one, notes), (other, _) = opened(), opened()
    ask(one, notes, 1)
    assert send_still(port, other, 1)[0] == 409
    assert send_still(port, one, 1)[0] == 204


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        (headers_of(pixel_format="RGBA"), None, 415, "format"),
        ({}, None, 415, "format"),
        (headers_of(322, 256), None, 422, "layout"),
        (headers_of(1000, 100), None, 422, "dimensions"),
        (headers_of(3000, 3000), None, 422, "dimensions"),
        ({**headers_of(), "X-Layout": "[]"}, None, 422, "layout"),
        (headers_of(), b"", 422, "layout"),
        (headers_of(), b"just some text", 422, "layout"),
        (headers_of(), i420().tobytes()[:-9000], 422, "layout"),
        (headers_of(pixel_format="PNG"), b"just some text", 422, "not-an-image"),
    ],
)
def test_what_is_no_still_is_refused_and_told_to_the_director(port, opened, headers, body, status, code):
    session, notes = opened()
    ask(session, notes, 1)
    found, said = send_still(port, session, 1, body, headers)
    assert (found, said["code"]) == (status, code)
    until(lambda: notes.refusals)
    assert notes.refusals == [(1, said["text"])]
    assert send_still(port, session, 1)[0] == 409


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, None, 415, "format"),
        ({}, b"just some text", 422, "not-an-image"),
        ({}, jpeg()[:-100], 422, "not-an-image"),
        ({}, jpeg(800, 600), 422, "dimensions"),
    ],
)
def test_what_is_no_frame_is_refused(port, opened, headers, body, status, code):
    session, notes = opened()
    found, said = send_frame(port, session, body, headers)
    assert (found, said["code"]) == (status, code)
    assert not notes.times


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_is_refused(port, session, headers):
    status, said = send_frame(port, session, headers=headers)
    assert (status, said["code"]) == (403, "origin")


def test_our_own_page_is_welcome(port, session):
    own = {"Origin": f"http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}
    assert send_frame(port, session, headers=own)[0] == 204
    behind = {"Origin": "https://bank.example", "X-Forwarded-Host": "bank.example", "Sec-Fetch-Site": "same-origin"}
    assert send_frame(port, session, headers=behind)[0] == 204


def raw(port: int, head: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    return connection


def status_of(connection: socket.socket) -> int:
    return int(connection.recv(200).split()[1])


@pytest.mark.parametrize("length", [FRAME_BYTES + 1, 10**9, 10**18])
def test_a_frame_that_announces_too_much_is_refused_at_once(port, session, length):
    head = (
        f"POST /live/frame?token={session.token} HTTP/1.1\nHost: x\nContent-Type: image/jpeg\nContent-Length: {length}"
    )
    with raw(port, head) as connection:
        assert status_of(connection) == 413


def test_a_gigabyte_is_neither_read_nor_kept(port, opened):
    session, notes = opened()
    ask(session, notes, 1)
    head = f"POST /live/still?token={session.token}&number=1 HTTP/1.1\nHost: x\nContent-Length: {10**9}"
    sent, junk = 0, bytes(1 << 20)
    with raw(port, head) as connection:
        assert status_of(connection) == 413
        connection.settimeout(5)
        try:
            while sent < 10**9:
                sent += connection.send(junk)
        except OSError:
            pass  # hung up on, as it should be
    assert sent < 50 << 20  # what the two sockets hold
    assert send_still(port, session, 1)[0] == 204


@pytest.mark.parametrize("path", ["frame", "still"])
def test_a_body_of_unknown_length_is_refused(port, opened, path):
    session, notes = opened()
    ask(session, notes, 1)
    head = f"POST /live/{path}?token={session.token}&number=1 HTTP/1.1\nHost: x\nContent-Type: image/jpeg\n"
    with raw(port, head + "Transfer-Encoding: chunked") as connection:
        assert status_of(connection) == 411


@pytest.mark.parametrize("length", ["-5", "1x", "\N{SUPERSCRIPT TWO}", ""])
def test_a_length_that_is_no_number_is_refused(port, session, length):
    head = (
        f"POST /live/frame?token={session.token} HTTP/1.1\nHost: x\nContent-Type: image/jpeg\nContent-Length: {length}"
    )
    with raw(port, head) as connection:
        assert status_of(connection) in (400, 411)  # the server's own refusal, or ours


def test_a_slow_body_is_given_up_and_may_come_again(port, opened, monkeypatch):
    monkeypatch.setattr(http_, "STILL_SECONDS", 0.3)
    session, notes = opened()
    ask(session, notes, 1)
    body = i420().tobytes()
    lines = "\n".join(f"{name}: {value}" for name, value in headers_of().items())
    head = f"POST /live/still?token={session.token}&number=1 HTTP/1.1\nHost: x\nContent-Length: {len(body)}\n{lines}"
    with raw(port, head) as connection:
        connection.sendall(body[:1000])
        assert status_of(connection) == 408
    assert send_still(port, session, 1)[0] == 204


def test_a_client_who_hangs_up_half_way_gives_everything_back(port, opened):
    session, notes = opened()
    ask(session, notes, 1)
    head = f"POST /live/still?token={session.token}&number=1 HTTP/1.1\nHost: x\nContent-Length: 90000"
    with raw(port, head) as connection:
        connection.sendall(bytes(500))
        until(lambda: session.still_slots._taken == 1)
    until(lambda: session.still_slots._taken == 0)
    assert not notes.refusals
    assert send_still(port, session, 1)[0] == 204


def test_one_visitor_has_two_uploads_at_a_time_and_all_together_sixteen(port, opened):
    head = "POST /live/still?token={}&number={} HTTP/1.1\nHost: x\nContent-Length: " + str(STILL_BYTES)
    with ExitStack() as stack:
        for _ in range(8):
            session, notes = opened()
            ask(session, notes, 3)
            for number in (1, 2):
                connection = stack.enter_context(raw(port, head.format(session.token, number)))
                connection.sendall(b"1")
            until(lambda slots: slots._taken == 2, session.still_slots)
            assert status_of(stack.enter_context(raw(port, head.format(session.token, 3)))) == 429
        last, notes = opened()
        ask(last, notes, 1)
        assert send_still(port, last, 1)[0] == 429
        assert send_frame(port, last)[0] == 204
    until(lambda: http_._STILLS._taken == 0)
    assert send_still(port, last, 1)[0] == 204


def test_a_thousand_requests_at_once_are_answered_and_hurt_nobody_else(port, opened):
    (hostile, _), (good, notes) = opened(), opened()
    body = jpeg()
    head = f"POST /live/frame?token={hostile.token} HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
    request = f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    async def flood(count: int) -> Counter[int]:
        async def one() -> int:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            answer = await reader.read()
            writer.close()
            return int(answer.split()[1])

        return Counter(await asyncio.gather(*(one() for _ in range(count))))

    answers: list[int] = []
    over = threading.Event()

    def keep_sending() -> None:
        while not over.is_set():
            answers.append(send_frame(port, good)[0])
            over.wait(0.05)

    visitor = threading.Thread(target=keep_sending)
    visitor.start()
    until(lambda: answers)
    found = asyncio.run(flood(1000))
    over.set()
    visitor.join(20)
    assert sum(found.values()) == 1000
    assert set(found) <= {204, 429}
    assert found[429] > 500
    assert set(answers) == {204}
    assert len(notes.times) > 0
    assert not hostile.over
    assert not good.over


def test_faster_than_forty_frames_a_second_is_too_fast(port, opened, clock):
    session, _ = opened(clock=clock)
    answers = [send_frame(port, session)[0] for _ in range(41)]
    assert answers == [204] * 40 + [429]
    clock.now += 1.0
    assert send_frame(port, session)[0] == 204


def test_a_session_that_is_over_takes_no_more(port, opened):
    session, notes = opened()
    ask(session, notes, 1)
    session.close()
    assert send_frame(port, session)[0] == 204  # it may have been under way, and is dropped
    assert len(notes.times) == 1
    assert send_still(port, session, 1)[1]["code"] == "over"


def test_other_methods_are_not_allowed(port, session):
    assert send(port, "PUT", f"/live/still?token={session.token}&number=1")[0] == 405


def look_on(port: int, session) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", f"/live/picture?token={session.token}")
    return connection, connection.getresponse()


def next_picture(answer: http.client.HTTPResponse) -> np.ndarray | None:
    """Read one part of the answer, up to the head of the next; None at the end."""
    boundary = answer.headers["content-type"].partition("; boundary=")[2]
    opening = f"--{boundary}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
    read = b""
    while byte := answer.read(1):
        read += byte
        if read.endswith(b"\r\n" + opening):
            return np.asarray(Image.open(io.BytesIO(read.removesuffix(opening).removeprefix(opening))))
    assert read in (b"", opening)
    return None


def grey(value: int) -> np.ndarray:
    return np.full((360, 640, 3), value, np.uint8)


def test_an_onlooker_gets_each_new_picture_once(port, session):
    connection, answer = look_on(port, session)
    with closing(connection):
        media_type = some(answer.getheader("content-type")).partition(";")[0]
        assert media_type == "multipart/x-mixed-replace"
        assert answer.getheader("cache-control") == "no-store"
        for value in (50, 90, 130):
            session.take_frame(grey(value))
            found = some(next_picture(answer))
            assert found.shape == (360, 640, 3)
            assert abs(int(found.mean()) - value) <= 1
        session.close()
        assert next_picture(answer) is None


def test_frames_are_encoded_for_onlookers_only_and_once_for_all(port, session, monkeypatch):
    made: list[int] = []

    def encode(rgb):
        made.append(int(rgb[0, 0, 0]))
        return jpeg()

    monkeypatch.setattr(preview, "_jpeg", encode)
    session.take_frame(grey(1))
    session.take_frame(grey(2))
    with ExitStack() as stack:
        answers = []
        for _ in range(2):
            connection, answer = look_on(port, session)
            stack.enter_context(closing(connection))
            answers.append(answer)
        for answer in answers:
            assert next_picture(answer) is not None
    assert made == [2]


def test_onlookers_get_fifteen_pictures_a_second_at_most(port, session):
    sending = threading.Event()

    def send_many() -> None:
        while not sending.wait(0.005):
            session.take_frame(grey(100))

    camera = threading.Thread(target=send_many)
    camera.start()
    connection, answer = look_on(port, session)
    with closing(connection):
        next_picture(answer)
        begun = time.monotonic()
        for _ in range(15):
            next_picture(answer)
        took = time.monotonic() - begun
    sending.set()
    camera.join(20)
    assert took >= 0.95


def test_an_onlooker_keeps_the_session_and_is_not_its_camera(port, opened, clock):
    session, notes = opened(clock=clock, idle_s=5.0)
    connection, answer = look_on(port, session)
    with closing(connection):
        for _ in range(4):
            clock.now += 3.0
            until(lambda: session.silent_s == 0.0)
        assert not session.over
        assert not notes.times
    assert answer.status == 200


def test_more_onlookers_than_three_are_refused_and_one_who_leaves_makes_room(port, session):
    session.take_frame(grey(1))
    with ExitStack() as stack:
        for _ in range(3):
            connection, answer = look_on(port, session)
            stack.enter_context(closing(connection))
            assert next_picture(answer) is not None
        connection, answer = look_on(port, session)
        stack.enter_context(closing(connection))
        assert answer.status == 429
    until(lambda: session.watcher_slots._taken == 0)
    connection, answer = look_on(port, session)
    with closing(connection):
        assert answer.status == 200


def test_an_onlooker_who_does_not_read_is_given_up_and_holds_nobody_up(port, opened, monkeypatch):
    monkeypatch.setattr(http_, "SEND_SECONDS", 0.5)
    session, notes = opened()
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (360, 640, 3), np.uint8)  # large files
    with socket.create_connection(("127.0.0.1", port), timeout=20) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(f"GET /live/picture?token={session.token} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: session.watcher_slots._taken == 1)

        def given_up() -> bool:
            session.take_frame(noise)
            return session.watcher_slots._taken == 0

        until(given_up)
    before = len(notes.times)
    assert send_frame(port, session)[0] == 204
    until(lambda: len(notes.times) > before)


SERVER = """
import socket

import uvicorn
from starlette.applications import Starlette

from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live.http import ROUTES
from ui.live.registry import SESSIONS

session = SESSIONS.open(Notes(), sight=Glance)
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], session.token, flush=True)
    config = uvicorn.Config(Starlette(routes=ROUTES), ws="none", lifespan="off", log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
"""


def test_a_server_that_is_told_to_stop_waits_for_no_listener_and_no_onlooker():
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, cwd=needs.ROOT, stdout=subprocess.PIPE, text=True) as server, ExitStack() as stack:
        stack.callback(server.kill)
        assert server.stdout is not None
        found, token = server.stdout.readline().split()
        session = SimpleNamespace(token=token)
        connection, answer = listen(int(found), session)
        stack.enter_context(closing(connection))
        assert json.loads(next_event(answer)["data"])["type"] == "notice"
        connection, answer = look_on(int(found), session)
        stack.enter_context(closing(connection))
        assert answer.status == 200
        server.terminate()
        assert server.wait(20) in (0, -signal.SIGTERM)


def test_a_session_that_is_over_has_no_pictures(port, session):
    session.take_frame(grey(1))
    session.close()
    status, said = send(port, "GET", f"/live/picture?token={session.token}")
    assert (status, said["code"]) == (409, "over")
    assert session.showing.newest() is None
