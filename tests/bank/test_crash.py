from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests import needs

ROOT = needs.ROOT
KILLS = 50


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9 on Windows")
def test_killed_fifty_times_in_mid_work_nothing_is_half_lost_or_changed(database_url, home):
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.bank.crash", database_url, str(home), str(KILLS), "7"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    done = json.loads(ran.stdout)
    assert done["kills"] == KILLS
    for word in ("enrolled", "decided", "rotated", "deleted"):
        assert done[word] >= 5, done
    # Some kills must have hit something under way, or they prove nothing.
    assert done["trying"] > done["enrolled"]
