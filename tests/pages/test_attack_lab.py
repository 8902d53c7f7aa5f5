from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from attacks.face.portrait import PortraitError
from attacks.recipe import Recipe, Way
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import EnrolmentError, LimitReached
from bank.policy import Policy
from liveness.identity import FaceTemplate
from liveness.models import ModelError
from testing.selfie import Device, Person, Table, embedding, perform
from testing.some import some
from tests.pages.conftest import under_way
from tests.ui.attempting import verify
from tests.ui.live.sight import Glance
from ui.attack_lab import live_puppet, run, why
from ui.attack_lab import victim as victim_
from ui.attack_lab.making_steps import Step
from ui.live import SESSIONS, RegistryFull
from ui.live.directors.verify import Verified
from ui.results import attack_offers
from ui.sample import bank as sample_bank
from ui.sample.bank import SampleBank
from ui.shell.session import _ATTEMPTS, LAB_VICTIM

CONSENT = "This is a photo of me, or the person in it agreed to be attacked here"


class Victim:
    """Somebody with a photo and a camera, without networks."""

    name, label = "Victim (simulated)", "Phone (simulated)"

    def __init__(self, device, sample):
        self.device, self.sample, self.portrait = device, sample, np.full((90, 90, 3), 100, np.uint8)

    def enrol(self, bank):
        bank.enrol(self.name, faces=FaceTemplate(embedding(1)), photos=self.sample)

    def genuine(self, seed):
        return Shown()


class Ways(Way):
    WEAK = "weak", "Weakly"
    STRONG = "strong", "Strongly"


class Shown:
    """Shows grey."""

    def frame(self, step, now_s):
        return np.full((480, 640, 3), 100, np.uint8)

    def still(self):
        return np.full((480, 640, 3), 100, np.uint8)

    def close(self):
        pass


class Own:
    """Keeps the attempt's bank as Streamlit's cache does, which AppTest would share among tests."""

    made: SampleBank | None = None

    def __call__(self, victim):
        self.made = self.made or SampleBank(victim)
        return self.made

    def clear(self):
        if self.made:
            self.made.close()
        self.made = None


@pytest.fixture(scope="module")
def victim():
    device = Device(7)
    return Victim(device, camera_sample(device.walls(12), "Phone (simulated)", Policy.load().enrolment))


@pytest.fixture(scope="module")
def genuine(victim, tmp_path_factory):
    """A genuine attempt of the victim's."""
    folder = tmp_path_factory.mktemp("genuine")
    bank = Bank(f"sqlite:///{folder / 'bank.db'}", folder=folder)
    victim.enrol(bank)
    yield verify(bank, victim.device.selfie, victim.name)
    bank.close()


@pytest.fixture(autouse=True)
def laboratory(monkeypatch, victim, genuine):
    """Attacks that take no time: one that needs nothing, with two ways, and two steps to make it."""
    tried = []

    def make(target, way, seed):
        tried.append(way)
        return Shown()

    attack = Recipe(
        order=1,
        code="swap",
        group="swap",
        title="A swapped face",
        teaser="One face over another.",
        needs="One photo.",
        ways=Ways,
        make=make,
    )
    own = Own()
    steps = [Step("The photo", "Found.", _png()), Step("The swapped face", "Blended.", _png())]
    monkeypatch.setattr(attack_offers, "ATTACKS", (attack,))
    monkeypatch.setattr(run, "own", own)
    monkeypatch.setattr(sample_bank, "person", lambda: victim)
    monkeypatch.setattr(why, "_try_genuine", lambda target: genuine)
    monkeypatch.setattr("ui.attack_lab.making_steps.steps", lambda *_: iter(steps))
    monkeypatch.setattr("ui.live.session.Watcher", Glance)
    yield SimpleNamespace(tried=tried, own=own)
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)
    own.clear()


@pytest.fixture
def page(app, act):
    _, open_page, _ = act
    return open_page(app, "attack_lab")


def _png(size=(90, 90), level=100):
    file = io.BytesIO()
    Image.fromarray(np.full((*size, 3), level, np.uint8)).save(file, "PNG")
    return file.getvalue()


def attack(page, code="swap"):
    page = page.button(key=f"attack-{code}").click().run()
    assert not page.exception
    return page


def judged(page, act, device, person=None):
    """Let what was made take the check, and let it end with a decision on stills by a device."""
    press, *_ = act
    page = press(page, "Let it take the check")
    director = under_way(page, "lab").director
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)  # or it would decide, too
    some(under_way(page, "lab").stage).join(20)
    reader = Table()
    ongoing = director._bank.begin(Victim.name, reader=reader)
    perform(ongoing.capture, reader, person or Person(1), device.selfie)
    decision, finding = director._bank.verify_showing(ongoing)
    director.verified = Verified(decision, finding, ongoing)
    page = page.run()
    assert not page.exception
    return page


def own_photo(page, agreed=True):
    page = page.segmented_control(key="lab-who").set_value("A photo of your own").run()
    if agreed:
        (box,) = (one for one in page.checkbox if one.label == CONSENT)
        page = box.check().run()
    assert not page.exception
    return page


def test_at_first_it_offers_the_sample_person_all_attacks_a_genuine_try_and_the_visitors_own_part(page, act):
    *_, said = act
    text = said(page)
    assert {"attack-swap", "attack-genuine", "attack-live"} == {one.key for one in page.button if one.key}
    assert not any(one.disabled for one in page.button)
    assert "Astronaut Eileen Collins" in text
    assert "use nobody's photo without being allowed to" in text
    assert page.radio(key="lab-way-swap").options == ["Weakly", "Strongly"]


def test_ones_own_photo_is_not_even_asked_for_before_consent(page, act):
    *_, said = act
    page = own_photo(page, agreed=False)
    assert "Nobody's photo is taken without it" in said(page)
    assert "in its memory only" in said(page)
    assert not page.get("file_uploader")
    assert all(one.disabled for one in page.button)
    page = own_photo(page)
    assert page.get("file_uploader")
    assert all(one.disabled for one in page.button), "there is no photo yet"


def test_a_photo_becomes_a_victim_and_goes_when_it_is_forgotten_or_consent_is_taken_back(
    page, act, victim, monkeypatch
):
    press, _, said = act
    monkeypatch.setattr(victim_, "_target_of", lambda photo: victim)
    page = own_photo(page)
    page = page.file_uploader(key="lab-file").set_value(("me.png", _png(), "image/png")).run()
    assert "It is registered as a customer" in said(page)
    assert not any(one.disabled for one in page.button)
    page = press(page, "Forget this photo")
    assert LAB_VICTIM.key not in page.session_state
    assert page.get("file_uploader")[0].value is None
    page = page.file_uploader(key="lab-file").set_value(("me.png", _png(), "image/png")).run()
    (box,) = (one for one in page.checkbox if one.label == CONSENT)
    page = box.uncheck().run()
    assert LAB_VICTIM.key not in page.session_state
    assert all(one.disabled for one in page.button)


@pytest.mark.parametrize(
    "error",
    [
        PortraitError("no-face", "There is no face in the photo. Choose one of a face that looks at the camera."),
        EnrolmentError("Face: it is too dark. Choose one in even light."),
    ],
)
def test_a_photo_that_does_not_do_says_why_and_is_tried_once_only(page, act, monkeypatch, error):
    *_, said = act
    tried = []

    def refuse(photo):
        tried.append(photo)
        raise error

    monkeypatch.setattr(victim_, "_target_of", refuse)
    page = own_photo(page)
    page = page.file_uploader(key="lab-file").set_value(("wall.png", _png(), "image/png")).run()
    assert str(error) in said(page)
    assert "This photo cannot be used" in said(page)
    assert all(one.disabled for one in page.button)
    assert str(error) in said(page.run())
    assert len(tried) == 1


def test_a_file_that_is_no_photo_is_told(page, act):
    *_, said = act
    page = own_photo(page)
    page = page.file_uploader(key="lab-file").set_value(("notes.png", b"no picture", "image/png")).run()
    assert not page.exception
    assert "This photo cannot be used" in said(page)
    assert "notes.png" in said(page)


def test_it_is_shown_how_an_attack_is_made_before_it_is_judged(page, act, laboratory):
    *_, said = act
    page = page.radio(key="lab-way-swap").set_value("strong").run()
    page = attack(page)
    text = said(page)
    assert "1. The photo" in text
    assert "2. The swapped face" in text
    assert "Strongly." in text
    assert len(SESSIONS) == 0
    assert not laboratory.tried, "what is judged is made when it is judged"


def test_it_is_judged_live_by_the_check_of_everybody_in_a_bank_of_its_own(page, act, laboratory, bank):
    press, _, said = act
    page = press(attack(page), "Let it take the check")
    assert len(SESSIONS) == 1
    assert some(under_way(page, "lab").stage)._thread.is_alive()
    assert "Now it is judged" in said(page)
    assert laboratory.tried == ["weak"]
    assert [one.name for one in laboratory.own.made.bank.customers()] == [Victim.name]
    assert not bank.customers()
    page = press(page, "Choose another attack")
    assert len(SESSIONS) == 0
    assert laboratory.own.made is None
    assert "2. How?" in [one.value for one in page.subheader]


def test_an_attack_that_was_stopped_says_by_what_and_stands_beside_a_genuine_try(page, act):
    *_, said = act
    page = judged(attack(page), act, Device(8))
    text = said(page)
    assert "The attack was stopped by: Camera" in text
    assert "These did not notice it: Face, Liveness" in text
    assert "Another camera, or none, scores around 0" in text
    assert "Its outcome: **✓ Accepted**" in text
    assert [one.label for one in page.metric] == ["This attack (PCE): ✗ too little", "Genuine (PCE): ✓ enough"]
    assert len(page.get("plotly_chart")) == 2
    (kept,) = page.session_state[_ATTEMPTS.key]
    assert (kept.simulated, kept.source) == (True, "lab")
    labels = [one.proto.label for one in page.get("download_button")]
    assert labels == ["Download the clip (MP4)", "Download the report (HTML)"]


def test_an_attack_that_got_through_is_said_to_have_got_through_in_words_and_a_sign(page, act, victim):
    *_, said = act
    page = judged(attack(page), act, victim.device)
    text = said(page)
    assert "The attack got through" in text
    assert "would have let the attacker in" in text
    (frank,) = (one for one in page.warning if one.proto.title == "The attack got through")
    assert frank.icon == ":material/warning:"
    assert "this figure alone does not tell the two apart" in text


def test_a_genuine_try_needs_no_other_beside_it(page, act, victim, monkeypatch):
    *_, said = act
    monkeypatch.setattr(why, "_try_genuine", lambda target: pytest.fail("there is nothing to compare"))
    page = judged(attack(page, "genuine"), act, victim.device)
    assert "The person was let in, as it should be" in said(page)
    assert len(page.metric) == 1


def test_the_genuine_try_is_made_once_for_each_victim(page, act, genuine, monkeypatch):
    press, *_ = act
    tries = []

    def try_genuine(target):
        tries.append(target)
        return genuine

    monkeypatch.setattr(why, "_try_genuine", try_genuine)
    page = judged(attack(page), act, Device(8))
    page = judged(press(page, "Once more"), act, Device(8))
    assert len(tries) == 1


def test_a_check_without_a_decision_says_why(page, act):
    press, _, said = act
    page = press(attack(page), "Let it take the check")
    under_way(page, "lab").director.problem = "The check was not finished in time."
    assert "not finished in time" in said(page.run())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModelError("Connect to the internet."), "The face models are missing"),
        (RegistryFull("20 live sessions are under way. Try again in a minute."), "Too many checks at once"),
        (LimitReached("locked-out", "Too many attempts failed. Try again in 42 seconds.", 42.0), "42 seconds"),
    ],
)
def test_what_stands_in_the_way_of_a_check_is_told(page, act, monkeypatch, error, words):
    def refuse(*_, **__):
        raise error

    press, _, said = act
    page = attack(page)
    monkeypatch.setattr(SESSIONS, "open", refuse)
    page = press(page, "Let it take the check")
    assert words in said(page)
    press(page, "Choose another attack")


def test_the_visitors_own_part_gets_the_victim(page, victim, monkeypatch):
    shown: list[type] = []
    monkeypatch.setattr(live_puppet, "show", shown.append)
    attack(page, "live")
    assert shown == [victim]


def test_the_start_page_leads_here(app):
    assert "attack_lab" in [one.proto.page for one in app.get("page_link")]
