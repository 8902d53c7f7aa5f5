"""The rooms of the house: imports go down, never in a circle, and no page's folder reaches into another's."""

from __future__ import annotations

import ast
from collections import defaultdict
from itertools import pairwise

import pytest

from docs.imports import PACKAGES, ROOT, Import, circle, modules, own_imports, picture, read_imports, room, rooms

MAY_IMPORT = {
    "app": {"pages", "ui"},
    "pages": {"ui", "attacks", "bank", "qa", "prnu", "liveness", "provenance"},
    "ui": {"attacks", "bank", "qa", "prnu", "liveness", "provenance"},
    "attacks": {"bank", "prnu", "liveness", "provenance"},
    "bank": {"prnu", "liveness", "provenance"},
    "qa": {"prnu"},
    "prnu": set(),
    "liveness": set(),
    "provenance": set(),
}
"""Kinds of evidence know nothing of each other, but for `EXCEPTIONS`."""

EXCEPTIONS = {("provenance", "prnu.images"): "one reader of image files, with one limit on their size, for all"}

UI_LEVELS = (("results",), ("text",), ("figures", "shell"), ("live",), ("widgets",))
"""Bottom to top; then the page folders. Neighbours on one level do not import each other."""

SHOW_OTHERS_RESULTS = {"attack_lab", "match_view"}

ATTACK_LEVELS = (
    ("types", "face", "media", "sample_person"),
    ("camera", "show"),
    ("target",),
    ("trial",),
    ("malware", "recipe"),
    ("recipes",),
    ("evaluation",),
)
"""Bottom to top. Neighbours on one level may import each other."""

SAME_ATTACK = {
    (
        "attacks.recipes.copied_known_pattern",
        "attacks.recipes.copied_pattern",
    ): "the same, of photos that the bank knows"
}
"""Recipes that may import another, and why."""

NO_STREAMLIT = ("attacks", "bank", "qa", "prnu", "liveness", "provenance", "ui.results", "ui.text", "ui.live")
BUT = {
    "ui.live.run": "what every page with a live session does, which is to show it",
    "ui.live.webrtc": "shows the widget that the video comes through",
}

MOST_LINES = 400
LONGER: dict[str, str] = {}
"""Modules that are longer, and why."""

ALL = own_imports()
UI_SHELVES = {shelf: level for level, shelves in enumerate(UI_LEVELS) for shelf in shelves}
ATTACK_SHELVES = {shelf: level for level, shelves in enumerate(ATTACK_LEVELS) for shelf in shelves}


def told(wrong: list[Import]) -> str:
    return "".join(f"\n{one.module.replace('.', '/')}.py:{one.line} imports {one.imported}" for one in wrong)


def excepted(one: Import) -> bool:
    return any(one.module.split(".")[0] == here and one.imported == there for here, there in EXCEPTIONS)


def packages(one: Import) -> tuple[str, str]:
    return one.module.split(".")[0], one.imported.split(".")[0]


def shelves(one: Import, package: str) -> tuple[str, str] | None:
    """Folders or modules of the package that an import goes from and to, if it goes from one to another of them."""
    (here, *inside), (there, *further) = one.module.split("."), one.imported.split(".")
    if here == there == package and inside and further and inside[0] != further[0]:
        return inside[0], further[0]
    return None


def test_no_import_goes_up_from_one_package_to_another():
    wrong = [one for one in ALL if len({*packages(one)}) == 2 and packages(one)[1] not in MAY_IMPORT[packages(one)[0]]]
    wrong = [one for one in wrong if not excepted(one)]
    assert not wrong, told(wrong)


def test_each_exception_is_used():
    used = {(packages(one)[0], one.imported) for one in ALL if excepted(one)}
    assert used == EXCEPTIONS.keys(), "an exception that nobody needs has to go"
    shown = {one.module for one in read_imports() if one.imported.split(".")[0] == "streamlit"}
    assert shown >= BUT.keys(), "so does one for a module that is not there or needs no Streamlit"


def test_no_modules_import_each_other_in_a_circle():
    arrows = defaultdict(set)
    for one in ALL:
        arrows[one.module].add(one.imported)
    found = circle(arrows)
    assert not found, " -> ".join(found)


def test_no_rooms_import_each_other_in_a_circle():
    found = circle(rooms(ALL))
    assert not found, " -> ".join(found)


def test_tests_and_benchmarks_do_not_import_each_other_and_nothing_imports_them():
    beside = ("tests", "benchmarks", "testing")
    may = {"tests": {"tests", "testing"}, "benchmarks": {"benchmarks", "testing"}, "testing": {"testing"}}
    found = own_imports(ROOT, (*PACKAGES, *beside))
    wrong = [
        one for one in found if packages(one)[1] in beside and packages(one)[1] not in may.get(packages(one)[0], ())
    ]
    assert not wrong, told(wrong)
    assert len([one for one in found if packages(one) == ("benchmarks", "testing")]) > 3


def test_in_ui_no_import_goes_up_or_sideways():
    top = len(UI_LEVELS)
    wrong = []
    for one in ALL:
        if (pair := shelves(one, "ui")) and pair[1] in UI_SHELVES:
            here, there = (UI_SHELVES.get(name, top) for name in pair)
            wrong += [one] if there >= here else []
    assert not wrong, told(wrong)


def test_no_page_folder_imports_another():
    wrong = []
    for one in ALL:
        if (pair := shelves(one, "ui")) and pair[1] not in UI_SHELVES and pair[0] not in SHOW_OTHERS_RESULTS:
            wrong.append(one)
    assert not wrong, told(wrong)


def test_ui_has_no_flat_module():
    # The script that Streamlit runs stands alone: its folder is put in front of the path of imports.
    flat = [path.name for path in (ROOT / "ui").glob("*.py") if path.stem not in ("__init__", "navigation")]
    assert not flat, f"to be put on a shelf or into a page's folder: {', '.join(sorted(flat))}"


def test_in_attacks_no_import_goes_up():
    wrong = []
    for one in ALL:
        pair = shelves(one, "attacks")
        if pair and pair[0] != "__main__":
            assert {*pair} <= ATTACK_SHELVES.keys(), f"{pair} is not all in ATTACK_LEVELS: say where it belongs"
            here, there = (ATTACK_SHELVES[name] for name in pair)
            wrong += [one] if there > here else []
    assert not wrong, told(wrong)


def test_no_attack_imports_another():
    inside = "attacks.recipes."
    wrong = [one for one in ALL if one.module.startswith(inside) and one.imported.startswith(inside)]
    wrong = [one for one in wrong if (one.module, one.imported) not in SAME_ATTACK]
    assert not wrong, told(wrong)


def test_packages_that_need_no_streamlit_import_none():
    wrong = []
    for one in read_imports():
        inside = any(one.module == name or one.module.startswith(f"{name}.") for name in NO_STREAMLIT)
        wrong += [one] if inside and one.module not in BUT and one.imported.split(".")[0] == "streamlit" else []
    assert not wrong, told(wrong)


def test_a_key_of_the_session_state_that_two_modules_share_is_known_to_the_session_module_alone():
    users = defaultdict(set)
    for name, path in modules().items():
        for key in session_keys(ast.parse(path.read_bytes())):
            users[key].add(name)
    shared = {key: sorted(names) for key, names in users.items() if len(names) > 1}
    assert not shared


def session_keys(tree: ast.Module) -> set[str]:
    """Keys that stand as strings in ``session_state["key"]``, ``session_state.get("key")`` and the like."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            place, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            place, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Compare):
            place, key = node.comparators[0], node.left
        else:
            continue
        if ast.unparse(place).endswith("session_state") and isinstance(key, ast.Constant):
            found.add(str(key.value))
    return found


def test_keys_of_the_session_state_are_seen_wherever_they_stand():
    text = "st.session_state['a'] = 1\nst.session_state.get('b')\nprint('c' in st.session_state, 'd' in other)\n"
    assert session_keys(ast.parse(text)) == {"a", "b", "c"}


def test_no_module_passes_400_lines_but_for_a_stated_reason():
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}
    longer = {name: length for name, length in lengths.items() if length >= MOST_LINES}
    assert longer.keys() == LONGER.keys(), longer


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_reader_sees_every_kind_of_import(tmp_path):
    text = "from typing import TYPE_CHECKING\nimport b.one\nif TYPE_CHECKING:\n    from b import two\n"
    text += "def f():\n    from b import name\n"
    write(tmp_path, {"a/x.py": text, "b/__init__.py": "", "b/one.py": "", "b/two.py": ""})
    assert own_imports(tmp_path, ("a", "b")) == [
        Import("a.x", "b", 6),
        Import("a.x", "b.one", 2),
        Import("a.x", "b.two", 4),
    ]
    assert Import("a.x", "typing", 1) in read_imports(tmp_path, ("a", "b"))


def test_the_reader_refuses_a_relative_import(tmp_path):
    write(tmp_path, {"a/__init__.py": "", "a/x.py": "from . import y\n", "a/y.py": ""})
    with pytest.raises(ValueError, match=r"x\.py:1: expected an absolute import"):
        own_imports(tmp_path, ("a",))


def test_a_circle_is_found_and_named_along_its_arrows():
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    found = circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    arrows = list(pairwise(found))
    assert found[0] == found[-1]
    assert {*arrows} == {("a", "b"), ("b", "c"), ("c", "a")}


def test_a_room_is_a_package_or_a_shelf():
    assert room("prnu.match") == "prnu"
    assert room("ui.live.session") == "ui/live"
    assert room("ui.verify.live") == room("ui.customers") == "ui page folders"
    assert room("app") in PACKAGES


def test_the_picture_leaves_out_what_a_chain_of_arrows_says_and_lists_it_all():
    text = picture({"pages": {"bank": 1, "prnu": 2}, "bank": {"prnu": 3}})
    assert "pages --> bank" in text
    assert "bank --> prnu" in text
    assert "pages --> prnu" not in text
    assert "| pages | bank, prnu |" in text
    assert "| prnu | nothing of ours |" in text
