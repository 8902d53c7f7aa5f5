"""Whatever people call themselves, their cameras, files and rules: each page shows it as they gave it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message  # type: ignore[import-untyped]
from streamlit.testing.v1 import AppTest

from bank import audit
from bank.policy import PACKAGED
from testing.selfie import Device as Phone
from tests.ui.attempting import enrol, verify
from ui.shell.bank import _opened
from ui.text.plain import in_figure, literal, plain

NAME = "Näm :material_verified: :red[A] **B** $c$ <b>D</b> www.e.example `F` ->"
LABEL = "Läb <br> :smile: [G](http://e.example) _H_"
FILE = "Fïl\u202e\n# <b>:material_cancel: ~~x~~ $y$"
RULES = "Rül :blue[I] <i>J</i> $K$"
GIVEN = [NAME, LABEL, FILE, RULES]
MARKS = ["Näm", "Läb", "Fïl", "Rül"]

PLAIN = {
    "Selectbox.options",
    "Selectbox.raw_value",
    "Image.alt",
    "ImageList.alt",
    "Video.alt",
    "PlotlyChart.alt",
    "TextInput.default",
    "TextInput.value",
    "Json.body",
}
"""Where browsers get text that is no Markdown."""

OURS = {"id", "form_id", "user_key", "key", "url", "element_id"}
"""What nobody sees: keys of widgets, addresses."""


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Every text in a message of Streamlit's, with the kind of message and the field that it stands in."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from texts(one)
            elif field.name not in OURS and isinstance(one, str | bytes):
                text = one if isinstance(one, str) else one.decode("utf-8", "replace")
                yield f"{message.DESCRIPTOR.name}.{field.name}", text


def shown(app: AppTest) -> Iterator[tuple[str, str]]:
    for node in app._tree:
        if isinstance(proto := getattr(node, "proto", None), Message):
            yield from texts(proto)


def strings(value: Any) -> Iterator[str]:
    """All texts of a figure."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def look(app: AppTest) -> Counter[str]:
    """See that nothing that was given is taken for mark-up; tells how often each of it stands on the page."""
    assert not app.exception
    seen: Counter[str] = Counter()
    for place, text in shown(app):
        if place == "PlotlyChart.spec":
            found, safe = " ".join(strings(json.loads(text))), in_figure
        else:
            found, safe = text, plain if place in PLAIN or place.startswith("Arrow") else literal
        for given, mark in zip(GIVEN, MARKS, strict=True):
            assert found.count(mark) == found.count(safe(given)), f"{place}: {found[:500]!r}"
            seen[mark] += found.count(mark)
    return seen


@pytest.fixture
def customer(bank, camera, stranger_camera, face):
    bank.enrol(NAME, faces=face, photos=replace(camera, label=LABEL))
    return bank.enrol("Bert", photos=replace(stranger_camera, label=LABEL))


@pytest.fixture
def photo(device):
    return f"{FILE}.jpg", *device.photo("coffee")[1:]


def test_customers(app, act, bank, customer):
    seen = look(act[1](app, "customers"))
    assert seen["Näm"] > 2
    assert seen["Läb"] > 2


def test_register_from_photos(app, act, device, customer, plain_wall):
    press, open_page, _ = act
    app = open_page(app, "register")
    files = [(f"{number} {FILE}.jpg", *device.wall(number)[1:]) for number in range(4)]
    app.file_uploader(key="enrol_files").set_value([*files, plain_wall]).run()
    app = press(app, "Make the fingerprint")
    assert look(app)["Fïl"] > 5
    app.segmented_control(key="whose").set_value("A registered customer").run()
    app.selectbox(key="customer_known").set_value(NAME).run()
    app.text_input(key="camera_name").set_value(LABEL).run()
    app.file_uploader(key="faces").set_value([plain_wall]).run()
    look(app)
    for box in app.checkbox:
        box.check().run()
    app = press(app, "Save")
    assert look(app)["Fïl"] > 5


@pytest.fixture
def plain_wall(plain):
    """A photo that nothing can be made of."""
    return plain(f"{FILE}.png", level=0)


def test_register_live_and_verify(app, act, customer):
    _, open_page, _ = act
    look(open_page(app, "register_live"))
    app = open_page(app, "verify")
    app = app.selectbox(key="claimed").set_value(NAME).run()
    assert look(app)["Näm"] >= 1
    app = act[0](app, "Start the check")
    look(act[0](app, "Give up"))


def test_check_a_photo(app, act, customer, photo, stranger):
    press, open_page, _ = act
    app = open_page(app, "check")
    app.selectbox(key="camera").set_value(f"{LABEL} · {NAME}")
    app.file_uploader(key="check_files").set_value([photo]).run()
    app = press(app, "Check the photo")
    seen = look(app)
    assert seen["Fïl"] > 1
    assert seen["Näm"] > 1
    assert look(open_page(app, "match_view"))["Fïl"] > 1
    app = open_page(app, "check")
    app.selectbox(key="camera").set_value(app.selectbox(key="camera").options[-1])
    app.file_uploader(key="check_files").set_value([(f"{FILE}.jpg", *stranger.photo("coffee")[1:])]).run()
    assert look(press(app, "Check 2 photos"))["Näm"] > 1, "the first one stayed"


def test_a_photo_that_cannot_be_read(app, act, customer):
    press, open_page, _ = act
    app = open_page(app, "check")
    app.file_uploader(key="check_files").set_value([(f"{FILE}.jpg", b"no picture", "image/jpeg")]).run()
    assert look(press(app, "Check the photo"))["Fïl"]
    app.segmented_control(key="question").set_value("Is it this customer?").run()
    app.selectbox(key="claimed").set_value(NAME).run()
    assert look(press(app, "Check the photo"))["Fïl"]


def test_an_attempt_in_match_view_and_report(app, act, bank):
    from ui.match_view.report import report

    phone = Phone(7)
    enrol(bank, phone, NAME, LABEL)
    attempt = verify(bank, phone.selfie, NAME, stills=2, simulated=True)
    app.session_state["attempts"] = [attempt]
    assert look(act[1](app, "match_view"))["Näm"] > 1
    page = report(attempt)
    assert page.count("Näm") == page.count("Näm :material_verified: :red[A] **B** $c$ &lt;b&gt;D&lt;/b&gt;") > 0


def test_audit_log_and_its_entries(app, act, bank, customer):
    with bank.store.read() as session:
        entry = next(audit.entries(session))
    assert look(act[1](app, "audit_log"))["Näm"]
    script = (
        "from ui.audit_log import trail\nfrom ui.shell.bank import the_bank\nfrom bank import audit\n"
        "with the_bank().store.read() as session:\n    found = list(audit.entries(session))\n"
        f"trail.show_entry(next(one for one in found if one.seq == {entry.seq}), trail.names())"
    )
    look(AppTest.from_string(script, default_timeout=60).run())


def test_settings(app, act, bank, tmp_path, monkeypatch):
    folder = tmp_path / "``` :material"
    folder.mkdir()
    text, policy = PACKAGED.read_text(encoding="utf-8"), folder / "policy.toml"
    text = text.replace("assumed:", f"{RULES} assumed:").replace("The paper's threshold,", f"{RULES},")
    policy.write_text(text.replace("an old photo", f"{RULES}, an old photo"), encoding="utf-8")
    monkeypatch.setenv("LENSLOCK_POLICY", str(policy))
    _opened.clear()
    assert look(act[1](app, "settings"))["Rül"] > 3
    policy.write_text(text.replace("[profiles.strict", f"[profiles.{json.dumps(RULES)}"), encoding="utf-8")
    _opened.clear()
    assert look(act[1](app, "settings"))["Rül"] >= 1


def test_liveness_on_a_video(app, act):
    press, open_page, _ = act
    app = open_page(app, "liveness_video")
    app.file_uploader(key="video_file").set_value([(f"{FILE}.mp4", b"no video", "video/mp4")]).run()
    assert look(press(app, "Watch the video"))["Fïl"]
