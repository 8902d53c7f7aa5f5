"""Who reads the app meets one word for one thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests import needs

# Of the bank those whose sentences are shown; the command line, whose command is `enrol`, is for people of the field.
SHOWN = ("ui/**/*.py", "pages/*.py", "attacks/recipes/*.py", "liveness/identity.py")
BANK = ("errors", "factors", "freshness", "liveness_factor", "person", "records", "reuse", "unanswered", "verify")
TERM = re.compile(r"\(enrolled\)|python -m bank enrol\b")


def sentences(path: Path) -> Iterator[str]:
    """Texts in a file that hold a space, as people's sentences do and codes do not; no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value
            and id(node) not in bare
        ):
            yield node.value


def test_people_read_registered_and_the_fields_term_in_brackets_only():
    files = [file for pattern in SHOWN for file in needs.ROOT.glob(pattern)]
    files += [needs.ROOT / "bank" / f"{name}.py" for name in BANK]
    mixed = {
        f"{file.relative_to(needs.ROOT)}: {text}"
        for file in files
        for text in sentences(file)
        if re.search("enrol", TERM.sub("", text), re.IGNORECASE)
    }
    assert mixed == set()
