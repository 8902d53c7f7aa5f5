from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from bank import Bank
from testing.selfie import Device as Phone
from testing.selfie import Table
from tests.pages.conftest import APP, ROOT
from tests.ui.attempting import enrol, verify
from ui.results.sample import CAMERAS, PERSON
from ui.shell.session import MATCH_VIEW_OF


def test_nothing_checked_yet_offers_a_sample(app, act):
    press, open_page, said = act
    app = open_page(app, "match_view")
    assert "Nothing was checked yet" in said(app)
    app = press(app, "Look at a doctored photo")
    assert "one area is not" in said(app)
    assert "In this region the camera's pattern should show, and it does not" in said(app)


def test_without_anything_to_show_there_are_doors(app, act):
    _, open_page, said = act
    app = open_page(app, "match_view")
    links = {link.label: link.page for link in (element.proto for element in app.get("page_link"))}
    assert {"Verify a selfie", "Play a sample check", "Check a photo", "Audit log"} <= set(links)
    assert "Of earlier attempts the figures are kept" in said(app)


@pytest.fixture(scope="module")
def attempts(tmp_path_factory):
    """Attempts that a bank decided on, by what is special about them."""
    folder = tmp_path_factory.mktemp("bank")
    bank, phone = Bank(f"sqlite:///{folder / 'bank.db'}", folder=folder), Phone(7)
    enrol(bank, phone)
    made = {
        "own": verify(bank, phone.selfie),
        "one still": verify(bank, phone.selfie, stills=1),
        "other camera": verify(bank, Phone(8).selfie),
        "no stills": verify(bank, phone.selfie, stills=0),
        "other size": verify(bank, Phone(7, (512, 640)).selfie),
    }
    bank.remove_camera("Anna", "Phone")
    made["no camera"] = verify(bank, phone.selfie)
    yield made
    bank.close()


@pytest.fixture
def look(app, act):
    """Open the page with attempts, the newest first."""
    _, open_page, _ = act

    def open_with(*kept):
        app.session_state["attempts"] = list(kept)
        return open_page(app, "match_view")

    return open_with


LIVE = ["Did somebody answer? (liveness)", "Taken just now? (freshness)"]
SECTIONS = ["The selfie", "The peak", "Still by still", "Could it be chance?", *LIVE]


@pytest.mark.parametrize(
    ("kind", "sections", "words"),
    [
        ("own", SECTIONS, "All 8 together"),
        ("one still", ["The selfie", "The peak", "Could it be chance?", *LIVE], "1 still is too few"),
        ("other camera", SECTIONS, "agree nowhere more than chance explains"),
        ("other size", ["The selfie", *LIVE], "do not have the size of any registered camera's pictures"),
        ("no camera", ["The selfie", *LIVE], "No camera is registered for this customer"),
        ("no stills", LIVE, "No usable still arrived"),
    ],
)
def test_what_there_is_is_shown_and_what_is_missing_is_said(attempts, look, act, kind, sections, words):
    *_, said = act
    app = look(attempts[kind])
    assert [heading.value for heading in app.subheader] == sections
    text = said(app) + " ".join(str(option) for pills in app.get("button_group") for option in pills.options)
    assert words in text
    assert "**Camera:** Did a registered camera take it?" in text
    assert app.download_button[0].label == "Download as a report"
    assert not app.exception


def test_steps_curves_and_stills_of_a_live_check_are_shown(attempts, look, act):
    *_, said = act
    attempt = attempts["own"]
    app = look(attempt)
    steps, checks, stills = (one.value for one in app.table)
    assert len(steps) == len(attempt.timeline.steps) == 3
    assert all(answer.startswith("✓ After") for answer in steps["Answer"])
    assert "frames a second were looked at, which is enough" in said(app)
    assert checks["Result"].tolist() == ["✓ Passed"] * 4 + [r"– Not checked\: no such photos are known"]
    assert stills["Still"].tolist() == [str(number) for number in range(1, 9)]
    assert "✓ As in the video, and the head is turned" in stills["Result"].tolist()
    assert len(app.get("plotly_chart")) == len(look(replace(attempt, timeline=None)).get("plotly_chart")) + 1


def test_of_an_attempt_without_curves_it_is_said_where_they_stayed(attempts, look, act):
    *_, said = act
    text = said(look(replace(attempts["own"], timeline=None, moments=(), refusals=())))
    assert "never written down" in text


@pytest.mark.parametrize("reason", ["liveness: timeout", "freshness: other-pose"])
def test_where_the_person_or_the_moment_is_the_reason_that_comes_first(attempts, look, reason):
    app = look(replace(attempts["own"], decision={**attempts["own"].decision, "reason": reason}))
    assert [heading.value for heading in app.subheader][:2] == LIVE


def test_photos_have_no_sections_of_a_video(attempts, look):
    app = look(replace(attempts["own"], source="photos"))
    assert not {heading.value for heading in app.subheader} & set(LIVE)


def test_the_score_is_put_into_words(attempts, look, act):
    *_, said = act
    text = said(look(attempts["own"]))
    assert "in **less than 1 in 10¹²** such checks (false-alarm probability)" in text
    assert "4,799 other places" in text
    assert "certain" not in text


def test_each_still_can_be_looked_at_on_its_own(attempts, look, act):
    *_, said = act
    app = look(attempts["own"])
    whole = said(app)
    (pills,) = app.get("button_group")
    app = pills.set_value(3).run()
    assert not app.exception
    assert app.session_state["sight"][0][1] == 3
    assert said(app) != whole


def test_the_detail_of_an_attempt_follows_its_sliders(attempts, look):
    app = look(attempts["own"])
    for slider in app.slider:
        slider.set_value(0)
    app.run()
    assert len(app.slider) == 2
    assert not app.exception


def test_attempts_are_offered_newest_first_and_can_be_chosen(attempts, look, act):
    *_, said = act
    newest_first = sorted(attempts.values(), key=lambda attempt: attempt.when, reverse=True)
    app = look(*newest_first)
    picker = app.selectbox(key=MATCH_VIEW_OF.key)
    assert picker.value == newest_first[0].key
    assert [label.split(" · ")[-1] for label in picker.options][-1] == "✓ Accepted"
    assert "No camera is registered" in said(app)
    app = picker.set_value(attempts["own"].key).run()
    assert "Accepted: all factors" in said(app)


def test_a_choice_that_is_gone_gives_way_to_the_newest(attempts, look, act, app):
    *_, said = act
    app.session_state[MATCH_VIEW_OF.key] = "long gone"
    assert "Accepted: all factors" in said(look(attempts["own"]))


def test_simulated_attempts_say_so_and_names_stay_text(attempts, look, act):
    *_, said = act
    attempt = replace(
        attempts["own"], customer="**Eve** [x](http://x)", simulated=True, truth="A *puppet*.", source="sample"
    )
    app = look(attempt)
    markdown = "".join(element.value for element in app.markdown)
    assert "\\*\\*Eve\\*\\* \\[x\\](http\\:\u2060//x)" in markdown
    assert "A *puppet*." in said(app)
    assert "simulated" in markdown


@pytest.mark.parametrize(
    "decision", [{}, {"factors": [7, {"name": None, "score": "x"}], "outcome": [1], "signals": 3, "required": "x"}]
)
def test_an_odd_decision_is_shown_as_far_as_it_goes(attempts, look, decision):
    app = look(replace(attempts["own"], decision=decision))
    assert [heading.value for heading in app.subheader] == SECTIONS


def test_the_latest_check_stands_beside_the_attempts(view, act, attempts):
    _, open_page, said = act
    view.session_state["attempts"] = [attempts["own"]]
    view = open_page(view, "match_view")
    assert len(view.selectbox(key=MATCH_VIEW_OF.key).options) == 2
    assert "Where in the photo the pattern is" in said(view)  # the check is the newer one
    view = view.selectbox(key=MATCH_VIEW_OF.key).set_value(attempts["own"].key).run()
    assert "Could it be chance?" in said(view)


def test_photos_that_were_verified_can_be_looked_at(app, act, bank, models, few):
    """The real way: sample photos, face models and all."""
    press, open_page, said = act
    app = press(open_page(app, "check"), "Use sample cameras")
    app.button_group(key="question").set_value("Is it this customer?").run()
    app = press(app, "Check this photo")
    app = open_page(app, "match_view")
    (attempt,) = app.session_state["attempts"]
    assert attempt.steps[-1].together.pce == attempt.finding.factor.score
    assert attempt.simulated
    text = said(app)
    assert f"Is it **{PERSON}**" in text
    assert "Taken by the registered simulated phone" in text
    app = press(open_page(app, "customers"), "Yes, delete this customer")
    assert app.session_state["attempts"] == []
    assert "Nothing was checked yet" in said(open_page(app, "match_view"))


@pytest.fixture
def view(app, act, bank, camera, device):
    """The view of a photo that matches."""
    press, open_page, _ = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "check")
    app.file_uploader(key="check_files").set_value([device.photo("coffee")])
    app = press(app.run(), "Check the photo")
    return open_page(press(app, "See why: match view"), "match_view")


def test_all_sections_are_there(view, act):
    *_, said = act
    titles = [heading.value for heading in view.subheader]
    assert titles == ["The peak", "Where in the photo the pattern is", "Test one region", "The noise itself"]
    assert "consistent with the registered camera **Mine · Anna**" in said(view)


def test_a_region_can_be_given_in_numbers(view, act):
    *_, said = act
    for side, value in {"left": 0, "top": 0, "width": 640, "height": 480}.items():
        view.number_input(key=f"region_{side}").set_value(value)
    view.run()
    whole = said(view)
    assert "In this region the camera's pattern is there" in whole
    view.number_input(key="region_left").set_value(592)
    view.number_input(key="region_width").set_value(48)
    view.number_input(key="region_height").set_value(48)
    view.run()
    assert not view.exception
    assert said(view) != whole


def test_a_region_past_the_edge_is_cut(view):
    view.number_input(key="region_left").set_value(590)
    view.number_input(key="region_width").set_value(640)
    view.run()
    assert not view.exception


def test_the_detail_follows_its_sliders(view):
    view.slider(key="detail_left").set_value(8)
    view.slider(key="detail_top").set_value(0)
    view.run()
    assert not view.exception


def test_a_shifted_match_has_no_maps(app, act, bank, camera, device):
    press, open_page, said = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "check")
    name, data, kind = device.photo("coffee")
    app.number_input(key="shift").set_value(8).run()
    app.checkbox(key="crop").check().run()
    app.file_uploader(key="check_files").set_value([(name, cropped(data), kind)])
    app = press(app.run(), "Check the photo")
    app = open_page(app, "match_view")
    assert "maps cannot be laid" in said(app)
    assert [heading.value for heading in app.subheader] == ["The peak"]


def cropped(data: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.crop((40, 32, 600, 448)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("button", ["Yes, delete this camera", "Yes, delete this customer"])
def test_deleting_the_camera_takes_its_check_along(view, act, bank, button):
    press, open_page, said = act
    app = press(open_page(view, "customers"), button)
    assert not [camera for customer in bank.customers() for camera in customer.cameras]
    assert "Nothing was checked yet" in said(open_page(app, "match_view"))


def test_the_sample_is_one_of_the_sample_cameras(app, act, bank, few):
    press, open_page, _ = act
    press(open_page(app, "match_view"), "Look at a doctored photo")
    assert {camera.label for camera in bank.customer(PERSON).cameras} == set(CAMERAS)


def test_a_check_has_an_address(attempts, look, act):
    *_, said = act
    app = look(attempts["no camera"], attempts["own"])
    assert app.query_params["check"] == attempts["no camera"].key
    app.query_params["check"] = attempts["own"].key
    assert "Accepted: all factors" in said(app.run())
    app = app.selectbox(key=MATCH_VIEW_OF.key).set_value(attempts["no camera"].key).run()
    assert app.query_params["check"] == attempts["no camera"].key
    assert "No camera is registered" in said(app)


def test_of_a_check_whose_pictures_are_gone_the_record_has_the_figures(app, act, bank, face):
    _, open_page, said = act
    bank.enrol("Anna", faces=face)
    ongoing = bank.begin("Anna", stream=False, reader=Table())
    bank.verify(ongoing)
    app = open_page(app, "match_view")
    app.query_params["check"] = ongoing.id
    text = said(app.run())
    assert not app.exception
    assert "The pictures of this check are gone" in text
    assert "Entry 2: Verification" in text
    assert "customer: Anna" in text


def test_of_a_check_of_photos_figures_outlive_its_session(view, act):
    *_, said = act
    assert "The peak" in said(view)
    visitor = AppTest.from_file(str(APP), default_timeout=60).run()
    visitor.switch_page(str(ROOT / "pages" / "match_view.py"))
    visitor.query_params["check"] = view.query_params["check"]
    text = said(visitor.run())
    assert not visitor.exception
    assert "The pictures of this check are gone" in text
    assert "consistent with the registered camera **Mine · Anna**" in text
    assert "coffee" not in text


def test_an_address_of_no_check_says_so(app, act):
    _, open_page, said = act
    app = open_page(app, "match_view")
    app.query_params["check"] = "f" * 32
    assert "Nothing is known of the check at this address" in said(app.run())
