from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from testing.selfie import Device
from tests.ui.attempting import enrol, verify
from ui.match_view.report import report
from ui.results.still_view import sight

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&${title}{{ script }}"


class Page(HTMLParser):
    """Takes a page apart: its tags, its text, its scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: dict[str, list[str]] = {"script": [], "style": [], "": []}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        last = self.tags[-1][0] if self.tags else ""
        self.parts[last if self.cdata_elem else ""].append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts[""]).split())

    @property
    def own_scripts(self) -> str:
        return "\n".join(script for script in self.parts["script"] if script != get_plotlyjs())

    def figures(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if str(attributes.get("id")).startswith("figure-")]


@pytest.fixture(scope="module")
def html(own):
    return report(own)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def check_self_contained(page: Page) -> None:
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "a"), tag
        for name in ("src", "href", "srcset", "action", "data", "background", "poster"):
            assert (attributes.get(name) or "data:").startswith("data:"), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "url(" not in (attributes.get("style") or "")
    styles = "".join(page.parts["style"])
    assert "url(" not in styles
    assert "@import" not in styles
    assert not re.search(r"https?:|//cdn", page.own_scripts)
    policy = str(next(attributes["content"] for _, attributes in page.tags if "http-equiv" in attributes))
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_it_asks_nothing_of_the_network(page):
    check_self_contained(page)


def test_plotly_is_in_it_once_and_it_stays_small(html, page):
    assert sum(len(script) > 1_000_000 for script in page.parts["script"]) == 1
    assert len(html.encode()) < 8_000_000


def test_it_shows_every_figure_and_every_still(page, own):
    assert page.figures() == [f"figure-{name}" for name in ("selfie", "detail", "peak", "course", "chance", "timeline")]
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == len(own.stills)
    assert all(len(str(attributes["src"])) < 20_000 and attributes["alt"] for attributes in pictures)


def test_it_says_what_was_decided_by_what_and_what_that_does_not_stop(page, own):
    for words in (
        "Is it Anna, with a registered camera?",
        "✓ Accepted",
        "✓ Passed: Camera in the face",
        "less than 1 in 10¹² such checks",
        "at least 50 is needed (PCE)",
        "steered live",
        "it is no proof",
        "Give it to nobody who may not see them",
        "Policy",
        "demo",
        own.decision["attempt"],
        own.decision["context"]["policy"],
        own.decision["context"]["prnu settings"],
        "Did somebody answer?",
        "✓ After 0.",
        "frames a second were looked at, which is enough",
        "Taken just now?",
        "None was handed in before",
        "✓ As in the video, and the head is turned",
        "Phone",  # the camera's label in place of its id
    ):
        assert words in page.text
    assert "Simulated" not in page.text
    assert own.finding.camera.id not in page.text


def test_simulated_material_is_labelled_and_its_truth_told(own):
    text = Page(report(replace(own, simulated=True, truth="A puppet & a portrait", source="sample"))).text
    assert "Simulated: made by a program" in text
    assert "What is true of this sample: A puppet & a portrait" in text
    assert "Sample check" in text


def test_hostile_names_and_words_stay_text(own):
    spoiled = json.loads(json.dumps(own.decision))
    for factor in spoiled["factors"]:
        factor |= {"advice": HOSTILE, "reason": HOSTILE, "name": HOSTILE, "details": {HOSTILE: HOSTILE}}
    spoiled |= {"advice": HOSTILE, "outcome": HOSTILE, "signals": [{"level": HOSTILE, "text": HOSTILE}]}
    spoiled["context"] = {"software": HOSTILE, "models": {HOSTILE: HOSTILE}}
    stills = tuple(replace(still, name=HOSTILE) for still in own.stills)
    page = Page(report(replace(own, customer=HOSTILE, truth=HOSTILE, decision=spoiled, stills=stills)))
    check_self_contained(page)
    assert f"Is it {HOSTILE}, with" in page.text
    assert "alert(" not in page.own_scripts
    assert [tag for tag, attributes in page.tags if attributes.get("src") == "x"] == []


def test_hostile_names_of_customer_and_camera_come_through_the_bank_as_text(annas_bank):
    phone = Device(9)
    enrol(annas_bank, phone, "<b>Mallory</b>", "<script>label</script>")
    page = Page(report(verify(annas_bank, phone.selfie, "<b>Mallory</b>")))
    check_self_contained(page)
    assert "<b>Mallory</b>" in page.text
    assert "<script>label</script>" in page.text
    annas_bank.delete("<b>Mallory</b>")


def arrays(html: str) -> list[np.ndarray]:
    """All arrays of numbers in the page's figures."""
    found = re.findall(r'\{"dtype":"(\w+)","bdata":"([^"]*)"', html.replace(get_plotlyjs(), ""))
    return [np.frombuffer(base64.b64decode(json.loads(f'"{data}"')), kind) for kind, data in found]


def test_no_more_of_the_fingerprint_than_a_detail_is_in_it(html, own):
    """A pattern has both signs: whatever is larger than the detail has one, as strengths and correlations do."""
    found = arrays(html)
    assert max(len(numbers) for numbers in found) > 96 * 96
    assert not re.search(r"\[[-\d.,e]{20000,}\]", html.replace(get_plotlyjs(), ""))
    left, top, width, height = sight(own).window
    part = own.finding.camera.fingerprint.pattern[top + (height - 96) // 2 :, left + (width - 96) // 2 :][:96, :96]
    assert sum(len(n) == part.size and abs(np.corrcoef(n, part.ravel())[0, 1]) > 0.99 for n in found) == 1
    for numbers in found:
        assert len(numbers) <= 96 * 96 or numbers.min() >= 0 or looks_smooth(numbers, own)


def looks_smooth(numbers: np.ndarray, attempt) -> bool:
    """Whether these are local correlations: far fewer than there are pixels."""
    return len(numbers) < attempt.stills[0].luma.size / 50


@pytest.mark.parametrize("kind", ["foreign", "no_stills", "other_size"])
def test_attempts_that_failed_or_lack_something_have_a_report_too(kind, request):
    attempt = request.getfixturevalue(kind)
    page = Page(report(attempt))
    check_self_contained(page)
    assert ("figure-peak" in page.figures()) == (kind == "foreign")
    assert ("figure-selfie" in page.figures()) == (kind != "no_stills")
    assert ("The camera could not be compared" in page.text) == (kind != "foreign")
    assert "Accepted" not in page.text


def test_a_report_tells_the_visitors_time_and_names_its_zone(own):
    page = Page(report(own, ZoneInfo("Asia/Tokyo")))
    assert f"{own.when.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M} JST" in page.text
    assert "UTC" not in page.text


def test_without_curves_or_a_video_the_report_says_so(own):
    bare = Page(report(replace(own, timeline=None)))
    assert "never written down" in bare.text
    assert "figure-timeline" not in bare.figures()
    assert "Did somebody answer?" not in Page(report(replace(own, source="photos"))).text


def test_the_reason_comes_first_in_a_report_too(own):
    text = Page(report(replace(own, decision={**own.decision, "reason": "liveness: timeout"}))).text
    assert text.index("Did somebody answer?") < text.index("The peak")


def test_an_odd_decision_has_a_report(own):
    page = Page(report(replace(own, decision={"factors": [1, {"details": 3}], "signals": "x", "outcome": None})))
    check_self_contained(page)
    assert "unknown" in page.text


def test_pictures_are_no_copies_of_the_stills(html, own):
    assert own.stills[0].luma.tobytes()[:200].hex() not in html
    assert np.prod(own.stills[0].shape) > 200 * 150
