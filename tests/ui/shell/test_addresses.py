"""What an address may say."""

from __future__ import annotations

import pytest

from ui.shell import addresses
from ui.shell.addresses import CHECK, ENTRY

KEY = "0123456789abcdef" * 2


@pytest.fixture
def query(monkeypatch):
    given: dict[str, str] = {}
    monkeypatch.setattr("ui.shell.addresses.st.query_params", given)
    return given


@pytest.mark.parametrize(
    "text", ["", "../../etc", KEY.upper(), KEY + "0", f"{KEY}\n", "<script>", "٣" * 32, "x" * 5000]
)
def test_what_is_no_id_counts_as_not_given(query, text):
    query["check"] = text
    assert CHECK.get() is None


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "1e3", "٣", "9" * 19, " 1", "1\n"])
def test_what_is_no_number_counts_as_not_given(query, text):
    query["entry"] = text
    assert ENTRY.get() is None


def test_what_was_put_is_read_again_until_it_is_cleared(query):
    ENTRY.put(12)
    CHECK.put(KEY)
    assert query == {"entry": "12", "check": KEY}
    assert (ENTRY.get(), CHECK.get()) == (12, KEY)
    ENTRY.clear()
    ENTRY.clear()
    assert ENTRY.get() is None
    assert CHECK.given(KEY) == {"check": KEY}


def test_no_two_parameters_have_one_name():
    names = [one.name for one in vars(addresses).values() if isinstance(one, addresses.Parameter)]
    assert len(set(names)) == len(names) == 4
