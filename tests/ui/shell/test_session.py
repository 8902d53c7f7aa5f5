"""Who knows what a session remembers."""

from __future__ import annotations

import ast

import pytest

from tests import needs
from ui.shell import session as shell_session
from ui.shell.session import Slot

OWNER = needs.ROOT / "ui" / "shell" / "session.py"
MODULES = sorted(path for folder in ("ui", "pages") for path in (needs.ROOT / folder).rglob("*.py"))


def touches(source: str) -> bool:
    """Whether a module reads or writes `st.session_state`."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Attribute):
            names = [node.attr]
        if "session_state" in names:
            return True
    return False


@pytest.mark.parametrize("source", ["st.session_state['a'] = 1", "from streamlit import session_state as s"])
def test_a_touch_is_found(source):
    assert touches(source)


def test_only_one_module_knows_keys_of_the_sessions_state():
    assert [path for path in MODULES if touches(path.read_text(encoding="utf-8"))] == [OWNER]


def test_no_two_slots_have_one_key():
    slots = [value for value in vars(shell_session).values() if isinstance(value, Slot)]
    assert len({slot.key for slot in slots}) == len(slots) > 20


def test_a_slot_remembers_until_it_is_cleared(monkeypatch):
    monkeypatch.setattr("ui.shell.session.st.session_state", {})
    slot: Slot[int] = Slot("number")
    assert slot.get() is None
    assert slot.put(0) == 0
    assert slot.get() == 0
    assert slot.pop() == 0
    assert slot.pop() is None
    slot.put(5)
    slot.clear()
    assert slot.get() is None
