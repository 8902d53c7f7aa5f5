from __future__ import annotations

from ui.text.decision import FACTORS


def test_each_factor_is_explained_with_its_limit(app, act):
    _, open_page, said = act
    text = said(open_page(app, "learn"))
    for title, question in FACTORS.values():
        assert f"**{title}**: {question}" in text
    assert text.count("Its limit:") == len(FACTORS)


def test_what_is_not_stopped_and_the_words_of_the_field_are_there(app, act):
    _, open_page, said = act
    text = said(open_page(app, "learn"))
    assert "What it does not stop" in text
    for word in ("PRNU", "PCE", "APCER", "Step-up"):
        assert word in text
