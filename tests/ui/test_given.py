"""What people and files give goes into a sentence only by the functions of `ui.text.plain`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from docs.imports import modules

GIVEN = {"name", "label", "customer", "owner", "camera", "about", "saved_as", "refusal", "problem", "remedy"}
"""Attributes that hold what people gave, or repeat it."""

SAFE = {"plain", "literal", "in_figure", "file_name", "code"}
COUNTED = {"len", "count"}

BELOW = ("ui.results.", "ui.live.", "ui.shell.lan", "ui.shell.session")
"""Shelves that put nothing on a page: who shows what they say makes it safe there."""

EXCEPT = {
    ("ui.audit_log.trail", "status.problem"): "the whole of it is made safe where it is shown",
    ("ui.sample.bank", "self._folder.name"): "a temporary folder that nobody is told of",
    ("ui.settings.overview", "path.name"): "a model's, which is ours",
    ("ui.settings.overview", "row.name"): "a number's of the policy, which is ours",
    ("ui.text.match_view", "shown.camera"): "for a list of choices, which makes it safe",
    ("ui.text.match_view", "shown.customer"): "likewise",
    ("ui.text.match_view", "attempt.stills[index].name"): "for a list of choices, which makes it safe",
    ("ui.text.photo_group", "member.photo.name"): "likewise",
    ("ui.verify.from_photos", "upper(error.problem)"): "the whole of it is made safe where it is shown",
    ("ui.verify.from_photos", "error.remedy"): "likewise",
    ("ui.verify.from_photos", "photo.name"): "likewise",
    ("ui.widgets.browser_check.findings", "camera.problem"): "likewise, on the settings page",
    ("ui.widgets.browser_check.findings", "one.remedy"): "for text to be copied, which is shown as code",
}
"""Module and expression of what goes in as it is, and why it may."""


def called(node: ast.AST) -> str:
    """Name of what is called, without what it belongs to; empty if it is no call."""
    return str(getattr(node.func, "attr", getattr(node.func, "id", ""))) if isinstance(node, ast.Call) else ""


def put_in(node: ast.AST) -> Iterator[ast.expr]:
    """What goes into f-strings as it is; those for keys of widgets, and inside a function that makes safe, aside."""
    if called(node) in SAFE or (isinstance(node, ast.keyword) and node.arg == "key"):
        return
    if isinstance(node, ast.FormattedValue) and given(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from put_in(child)


def given(node: ast.AST) -> bool:
    """Whether it holds what somebody gave, neither made safe nor counted."""
    if called(node) in SAFE | COUNTED:
        return False
    return (isinstance(node, ast.Attribute) and node.attr in GIVEN) or any(map(given, ast.iter_child_nodes(node)))


def found() -> set[tuple[str, str]]:
    return {
        (name, ast.unparse(expression))
        for name, path in modules().items()
        if name.startswith(("pages.", "ui.")) and not name.startswith(BELOW)
        for expression in put_in(ast.parse(path.read_bytes()))
    }


def test_nothing_that_people_gave_goes_into_a_sentence_as_it_is():
    assert found() - EXCEPT.keys() == set()


def test_no_exception_is_left_over():
    assert EXCEPT.keys() <= found()


def test_the_reader_sees_what_slips_through_and_nothing_else():
    lines = ["f'{a.name}'", "f'{upper(a.label)}'", "f'{literal(a.name)} {len(a.name)}'", "literal(f'{a.name}')"]
    seen = [ast.unparse(one) for line in [*lines, "f(key=f'{a.name}')"] for one in put_in(ast.parse(line))]
    assert seen == ["a.name", "upper(a.label)"]
