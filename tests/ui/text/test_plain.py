from __future__ import annotations

import re

import pytest

from ui.text.plain import code, file_name, in_figure, literal, plain, table

NASTY = [
    ":material/verified:",
    ":material_verified: Anna",
    ":streamlit: and :smile: and :+1: and :100:",
    ":red[Refused] :green-badge[✓ Passed]",
    "$x^2$ and $$y$$",
    "**bold** _slanted_ ~struck~ `code`",
    "[a link](http://e.example) ![a picture](http://e.example/x.png)",
    "http://e.example www.e.example anna@e.example mailto:anna@e.example",
    "# Heading",
    "- item",
    "+ item",
    "12) item",
    "1. item",
    "> quoted",
    "--- --",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "<b>Anna</b><br><script>alert(1)</script>",
    "a | b & c &amp; &#58;",
    "C:\\new\\table",
    "    as code",
    "two  spaces",
]

PARSED_LATE = [  # what Streamlit's Markdown looks for in text that was parsed, after "material/" became "material_"
    r":material_\w+:",
    r":streamlit:",
    r":\+1:|:-1:|:[\w-]+:",
    r"(https?://|www(?=\.))[-.\w]+",
    r"[-.\w+]+@[-\w]+(\.[-\w]+)+",
    r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)",
]


def parsed(markdown: str) -> str:
    """Text as Markdown hands it on, once the backslashes have done their work."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown.replace(":material/", ":material_"))


@pytest.mark.parametrize("text", NASTY)
def test_markdown_shows_the_text_and_nothing_else(text):
    told = literal(text)
    assert parsed(told).replace("\u2060", "").replace("\u00a0", " ") == text
    for pattern in PARSED_LATE:
        assert not re.search(pattern, parsed(told), re.IGNORECASE), pattern
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "x", told)
    assert not re.search(r"[\\`*_\[\]<>$~|&!]|:\w|^\s*([-+=#]|\d+[.)])|^ | $|  ", bare)


def test_a_plain_name_stays_as_it_is():
    for name in ("Anna Smith", "Anna's phone", "Zoë Müller-Lüdenscheidt", "李小龙", "👩‍👩‍👧", "IMG 0001.jpg"):
        assert literal(name) == plain(name) == in_figure(name) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\0", "a␊b␉c␀"),
        ("photo\u202egnp.exe", "photo⟨U+202E⟩gnp.exe"),
        ("\u2066a\u2069\u200b\ufeff\u00ad", "⟨U+2066⟩a⟨U+2069⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+00AD⟩"),
        ("\x7f\x85\ud800\ue000", "␡⟨U+0085⟩⟨U+D800⟩⟨U+E000⟩"),
        ("\u3164\u2800", "⟨U+3164⟩⟨U+2800⟩"),
    ],
)
def test_what_would_hide_or_turn_the_text_round_is_written_out(text, shown):
    assert plain(text) == shown
    assert literal(text) == shown


def test_text_from_right_to_left_does_not_turn_what_stands_around_it():
    assert f"{plain('דנה')} · 12" == "\u2068דנה\u2069 · 12"


def test_plotly_finds_no_tag_no_entity_and_no_value_in_it():
    assert in_figure("<b>A</b> &lt; %{x}") == "&lt;b&gt;A&lt;/b&gt; &amp;lt; %\u2060{x}"


def test_code_ends_where_it_should():
    assert code("/home/anna") == "`/home/anna`"
    assert code("/home/a`b``c") == "``` /home/a`b``c ```"


def test_every_text_of_a_table_is_shown_as_it_is():
    assert table([{"name": "a\u202eb", "number": 3, "none": None}]) == [
        {"name": "a⟨U+202E⟩b", "number": 3, "none": None}
    ]


def test_a_file_is_offered_under_a_name_that_every_system_takes():
    assert file_name("Anna / ../x\u202e.exe", "customer") == "Anna------x--exe"
    assert file_name("../", "customer") == "customer"
