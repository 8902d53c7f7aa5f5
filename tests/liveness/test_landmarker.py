"""MediaPipe is loaded when it is needed, and asks nobody on the internet for anything."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

IMPORT_ALL = """
import importlib, pkgutil, sys
for package in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not module.name.endswith(".__main__") and "migrations" not in module.name:
            if module.name != "liveness.landmarker":
                importlib.import_module(module.name)
                loaded = {"mediapipe", "matplotlib"} & sys.modules.keys()
                assert not loaded, f"{module.name} loads {loaded}"
"""

TRACK = """
import skimage.data
from liveness.landmarks import FaceTracker
with FaceTracker() as tracker:
    assert tracker.observe(skimage.data.astronaut(), 0.0).faces == 1
"""

WITHOUT_THE_SWITCH = """
import sys
from mediapipe.tasks.python import vision
vision.FaceLandmarker.create_from_model_path(sys.argv[1]).close()
"""

ASK_TOO = """
import urllib.request
try:
    urllib.request.urlopen("https://example.invalid/", timeout=20)
except OSError:
    pass
"""

# Ends the process when it calls anybody, over whatever proxy or none.
CALL_NOBODY = """
import ctypes, platform, struct
calls = {"x86_64": (42, 44, 46, 307), "aarch64": (203, 206, 211, 269)}[platform.machine()]  # connect, send in all ways
steps = [(0x20, 0, 0, 0)]  # the call's number
steps += [(0x15, len(calls) - place, 0, call) for place, call in enumerate(calls)]
steps += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x80000000)]  # let it pass; end the process
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(len(steps), ctypes.addressof(program)))) == 0, ctypes.get_errno()
"""

linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="MediaPipe's builds for other systems do not heed the switch, nor do these filter a process's calls",
)


class Proxy:
    """Takes down what it is asked for, and does none of it."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._server.accept()
            with connection:
                line = connection.recv(4096).partition(b"\r\n")[0].decode()
            if not line:
                return
            self.asked.append(line.rpartition(" ")[0])

    def close(self) -> None:
        socket.create_connection(self._server.getsockname()).close()  # and asks for nothing
        self._thread.join(20)
        self._server.close()


@pytest.fixture
def proxy():
    made = Proxy()
    yield made
    made.close()


def run(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={**own, **environment}, capture_output=True, text=True, check=False)


def test_no_module_loads_mediapipe_or_matplotlib_before_a_tracker_is_made():
    done = run(IMPORT_ALL, "liveness", "prnu", "bank", "attacks", "ui")
    assert done.returncode == 0, done.stderr


def test_preparing_loads_mediapipe_and_needs_no_model(tmp_path):
    code = "import sys; from liveness.landmarks import prepare; prepare(); assert 'mediapipe' in sys.modules"
    done = run(code, LENSLOCK_MODELS=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr


def test_what_mediapipe_draws_with_is_loaded_by_whoever_draws(landmarker):
    code = "import sys; assert 'matplotlib.font_manager' not in sys.modules\n"
    done = run(f"{TRACK}{code}import matplotlib.pyplot\nassert matplotlib.pyplot.figure")
    assert done.returncode == 0, done.stderr


def test_several_threads_may_make_the_first_tracker_at_once(landmarker):
    threads = f"""
import threading
def track():
    exec({TRACK!r}, {{}})
    done.append(True)
done, threads = [], [threading.Thread(target=track) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(done) == 4
"""
    done = run(threads)
    assert done.returncode == 0, done.stderr


@linux
@pytest.mark.parametrize("names", [("https_proxy",), ("HTTPS_PROXY", "ALL_PROXY"), ("https_proxy", "all_proxy")])
def test_a_tracker_asks_no_proxy_for_anything_while_python_still_may(landmarker, proxy, names):
    done = run(TRACK + ASK_TOO, **dict.fromkeys(names, proxy.address))
    assert done.returncode == 0, done.stderr
    assert proxy.asked == ["CONNECT example.invalid:443"]


@linux
@pytest.mark.parametrize("exceptions", ["", "*", "googleapis.com"])
def test_a_tracker_calls_nobody_directly_either(landmarker, exceptions):
    done = run(CALL_NOBODY + TRACK, NO_PROXY=exceptions, no_proxy=exceptions)
    assert done.returncode == 0, done.stderr


@linux
def test_mediapipe_left_to_itself_would_call_its_maker(landmarker, proxy):
    """Or else these tests show nothing, and the switch may go."""
    assert run(WITHOUT_THE_SWITCH, landmarker, https_proxy=proxy.address).returncode == 0
    assert proxy.asked == ["CONNECT play.googleapis.com:443"]
    assert run(CALL_NOBODY + WITHOUT_THE_SWITCH, landmarker).returncode == -signal.SIGSYS
