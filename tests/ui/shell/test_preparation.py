from __future__ import annotations

import subprocess
import sys

from tests import needs

PROGRAM = """
import sys
from ui.shell.preparation import prepare
before = [name for name in ("mediapipe", "sqlalchemy") if name in sys.modules]
assert not before, before
thread = prepare()
assert thread.daemon
assert prepare() is thread
thread.join()
assert "mediapipe" in sys.modules and "bank.bank" in sys.modules
"""


def test_what_live_checks_need_is_loaded_in_the_background_and_once():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=needs.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
