from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests import needs

ROOT = needs.ROOT

# Eight threads that each ask for memory at the same time; glibc itself tells in how many heaps it lies.
HEAPS = """
import ctypes, sys, threading
from ui.shell.allocator import share_heaps
if sys.argv[1] == "shared":
    assert share_heaps()
gate = threading.Barrier(9)
def work():
    kept = [bytes(1000) for _ in range(1000)]
    gate.wait()
    gate.wait()
for _ in range(8):
    threading.Thread(target=work).start()
gate.wait()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
gate.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")
def test_threads_share_two_heaps():
    found = {}
    for kind in ("own", "shared"):
        run = subprocess.run([sys.executable, "-c", HEAPS, kind], cwd=ROOT, capture_output=True, text=True, check=True)
        found[kind] = len(re.findall(r"<heap nr=", run.stdout))
    assert found["shared"] == 2
    assert found["own"] > 2


# Half of what was in use goes, and what stays lies between: the end of the heap cannot be cut off.
HOLES = """
import os, sys
from pathlib import Path
from ui.shell.allocator import give_back
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
kept = [bytes([1]) * 100_000 for _ in range(1000)]
full = resident()
del kept[::2]
if sys.argv[1] == "back":
    give_back()
print(full - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")
def test_holes_are_given_back():
    given = {}
    for kind in ("kept", "back"):
        run = subprocess.run([sys.executable, "-c", HOLES, kind], cwd=ROOT, capture_output=True, text=True, check=True)
        given[kind] = int(run.stdout)
    assert given["back"] > 40_000_000 > given["kept"]
