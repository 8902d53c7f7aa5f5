"""What people and files gave, such as names, shown as they gave it: one function for each kind of place it is shown in.

Nothing in it is taken for mark-up, and nothing in it hides: what a browser would not show, or would turn round, is
written out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

_JOINER = "\u2060"
"""Takes no room and breaks no line (word joiner). A backslash does not stop those parts of Markdown that look at text
once it was parsed: icons, emoji, bare addresses, arrows. This does."""

_ISOLATE, _POP = "\u2068", "\u2069"  # keep what is written from right to left from turning what stands around it

_ESCAPED, _BEGINNING = re.compile(r"[\\`*_\[\]<>$:~|&#!]"), re.compile(r"^(\d*)([-+=.)])")  # of a list, or a line
_PARSED_LATE = re.compile(r":(?=[\w+-]|//)|www(?=\.)|@|(?<!\S)[<>~-](?=[>=-]+(?!\S))", re.IGNORECASE)
_ROOM = re.compile(r"^ |(?<= ) | $")  # spaces that Markdown would drop, or make code of
_WRITTEN_OUT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_PART_OF_WRITING = {"\u200c", "\u200d"}  # (zero width (non-)joiner): Persian and emoji need them
_UNSEEN = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}  # letters and signs without any ink
_FROM_THE_RIGHT = {"R", "AL", "AN"}


def plain(text: str) -> str:
    """For places that know no mark-up: choices, cells of tables, alternative texts, a tab's title, HTML that escapes.

    Control characters, new lines, and characters that are not seen or change the direction are written out, as "␊" or
    "⟨U+202E⟩". Text from right to left is set apart from what stands around it.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(map(_seen, text))
    turned = any(unicodedata.bidirectional(letter) in _FROM_THE_RIGHT for letter in shown)
    return f"{_ISOLATE}{shown}{_POP}" if turned else shown


def literal(text: str) -> str:
    """For Markdown, as in Streamlit's texts, labels, titles and captions: no icon, colour, formula, link or layout."""
    held = _PARSED_LATE.sub(rf"\g<0>{_JOINER}", _ROOM.sub("\u00a0", plain(text)))
    return _BEGINNING.sub(r"\1\\\2", _ESCAPED.sub(r"\\\g<0>", held))


def code(text: object) -> str:
    """For Markdown, where it is to be set as code: a path, for example."""
    shown = plain(str(text))
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence} {shown} {fence}" if len(fence) > 1 else f"`{shown}`"


def table(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a table, each text in them as `plain` shows it."""
    return [{name: plain(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]


def in_figure(text: str) -> str:
    """For plotly, which knows a little HTML, and values in braces."""
    safe = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe.replace("%{", f"%{_JOINER}{{")


def file_name(text: str, otherwise: str) -> str:
    """For a file that is offered: letters and digits of it, else another name."""
    return "".join(letter if letter.isalnum() else "-" for letter in text).strip("-") or otherwise


def _seen(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    out = unicodedata.category(letter) in _WRITTEN_OUT and letter not in _PART_OF_WRITING
    return f"\u27e8U+{code:04X}\u27e9" if out or letter in _UNSEEN else letter
