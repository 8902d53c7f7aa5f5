"""The routes of the browser's check, over real connections."""

from __future__ import annotations

import http.client
import io
import json
import socket
import threading
from contextlib import ExitStack, closing

import cv2
import numpy as np
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from tests.ui.live.conftest import layout_of, until
from ui.live.decode import STILL_BYTES
from ui.widgets.browser_check import http as http_
from ui.widgets.browser_check.pattern import STEPS, luma

WIDTH, HEIGHT = 320, 256


@pytest.fixture(scope="module")
def port():
    """A server with the routes, in a thread."""
    config = uvicorn.Config(Starlette(routes=http_.ROUTES), ws="none", lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started)
        yield listener.getsockname()[1]
        server.should_exit = server.force_exit = True
        thread.join(20)
    assert not thread.is_alive()


def send(port: int, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def planes(step: int) -> np.ndarray:
    return np.concatenate([luma(WIDTH, HEIGHT, step), np.full((HEIGHT // 2, WIDTH), 128, np.uint8)])


def headers(pixel_format: str = "I420") -> dict[str, str]:
    layout = json.dumps(layout_of(WIDTH, HEIGHT))
    return {"X-Format": pixel_format, "X-Width": str(WIDTH), "X-Height": str(HEIGHT), "X-Layout": layout}


def png(step: int) -> bytes:
    """The test picture as a canvas gives it: grey, converted from limited range."""
    grey = np.rint((luma(WIDTH, HEIGHT, step).astype(float) - 16) * 255 / 219).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("step", STEPS)
def test_the_pattern_has_all_its_levels_and_no_structure(step):
    made = luma(1280, 720, step)
    levels, counts = np.unique(made, return_counts=True)
    assert list(levels) == list(range(16, 236, step))
    assert counts.max() < 1.1 * counts.min()
    for moved in (np.roll(made, 1, 0), np.roll(made, 1, 1)):
        assert abs(np.corrcoef(made.ravel(), moved.ravel())[0, 1]) < 0.01


@pytest.mark.parametrize("step", STEPS)
def test_exact_stills_are_found_exact(port, step):
    wanted = {"pixels": WIDTH * HEIGHT, "differing": 0, "largest": 0}
    for body, form in ((planes(step).tobytes(), "I420"), (png(step), "PNG")):
        status, text = send(port, "POST", f"/diagnosing/still?step={step}", body, headers(form))
        assert (status, json.loads(text)) == (200, wanted), form


def test_a_single_pixel_that_differs_is_found(port):
    changed = planes(1)
    changed[100, 50] += 3
    _, text = send(port, "POST", "/diagnosing/still?step=1", changed.tobytes(), headers())
    assert json.loads(text) == {"pixels": WIDTH * HEIGHT, "differing": 1, "largest": 3}


def test_a_rescaled_picture_is_found(port):
    small = cv2.resize(cv2.resize(planes(1)[:HEIGHT], (300, 240)), (WIDTH, HEIGHT))
    body = np.concatenate([small, planes(1)[HEIGHT:]]).tobytes()
    _, text = send(port, "POST", "/diagnosing/still?step=1", body, headers())
    assert json.loads(text)["differing"] > 0.9 * WIDTH * HEIGHT


@pytest.mark.parametrize(
    ("path", "body", "changes", "status"),
    [
        ("?step=2", b"", {}, 422),
        ("", b"", {}, 422),
        ("?step=1", b"xxx", {}, 422),
        ("?step=1", b"xxx", {"X-Format": "BGRX"}, 415),
        ("?step=1", b"", {"Content-Length": str(STILL_BYTES + 1)}, 413),
        ("?step=1", b"", {"Content-Length": "9" * 15}, 413),
        ("?step=1", b"", {"Transfer-Encoding": "chunked"}, 411),
        ("?step=1", b"xxx", {"Origin": "https://elsewhere.example"}, 403),
    ],
)
def test_what_is_no_still_is_refused_with_a_reason(port, path, body, changes, status):
    found, text = send(port, "POST", f"/diagnosing/still{path}", body, {**headers(), **changes})
    assert found == status
    assert json.loads(text)["text"]


def test_more_at_once_than_there_are_places_are_refused(port, monkeypatch):
    for path, slots, places in (("/diagnosing/still?step=1", "_STILLS", 4), ("/diagnosing/events", "_LISTENERS", 20)):
        with ExitStack() as taken:
            for _ in range(places):
                taken.enter_context(getattr(http_, slots).take())
            body = planes(1).tobytes() if "still" in path else b""
            status, _ = send(port, "POST" if body else "GET", path, body, headers())
            assert status == 429, path


def test_events_come_and_end(port):
    status, text = send(port, "GET", "/diagnosing/events")
    assert status == 200
    assert text.count("data: ") == http_.EVENTS + 1
    assert text.rstrip().endswith("event: last\ndata: 0")
