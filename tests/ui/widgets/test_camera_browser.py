"""The capture component in a real browser, with a fake camera whose frames are known bit by bit."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveness.models import LANDMARKER
from testing.browser.driver import CHROMIUM
from tests import needs
from tests.ui.live import clip
from tests.ui.live.conftest import jpeg
from ui.live.reported_time import MOST_S

ROOT = needs.ROOT
FAKE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
OURS = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")

APP = """
import streamlit as st
from ui.live.http import ROUTES
app = st.App("page.py", routes=ROUTES)
"""
PAGE = """
import dataclasses
import json
from pathlib import Path
import streamlit as st
from tests.ui.live.director import Filer
from ui.widgets.camera import capture
from ui.live import webrtc
from ui.live.run import LiveRun
from ui.shell.garbage import calm
folder = Path("seen") / st.query_params["who"]
folder.mkdir(parents=True, exist_ok=True)
if st.button("Leave"):
    st.stop()

def note(status):
    with (folder / "status.jsonl").open("a") as file:
        file.write(json.dumps(dataclasses.asdict(status)) + chr(10))

def camera(now):
    (folder / "token").write_text(now.session.token)
    status = capture(now.session.token, key="camera", transport=st.query_params.get("transport", "auto"))
    webrtc.stream(now.session, status)
    note(status)
    return False

if "watch" in st.query_params:
    token = (Path("seen") / st.query_params["watch"] / "token").read_text()
    title = st.query_params.get("title", "")
    note(capture(token, key="watch", source="watch", caption="Simulated", title=title))
    calm()
else:
    run = LiveRun("test", lambda _: (Filer(folder), None), camera, camera, judge=lambda _: None)
    if not run.running:
        run.begin("")
    run.show()
"""

KEEP_TRACKS = """
const media = navigator.mediaDevices, open = media.getUserMedia.bind(media);
window.tracks = [];
media.getUserMedia = async (wish) => {
    const stream = await open(wish);
    tracks.push(...stream.getTracks());
    return stream;
};
window.sources = [];
window.EventSource = class extends EventSource {
    constructor(url) {
        super(url);
        sources.push(this);
    }
};
"""

playwright = needs.playwright()
pytestmark = needs.BROWSER


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """An app with nothing but the component, on a free port; gives its folder and address."""
    needs.models(LANDMARKER)
    folder = tmp_path_factory.mktemp("app")
    (folder / "app.py").write_text(APP)
    (folder / "page.py").write_text(PAGE)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
    }
    options |= {"browser.gatherUsageStats": "false"}
    flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    log = (folder / "server.log").open("w")
    started = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *flags],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health") or started.poll() is not None)
        assert started.poll() is None, "the app did not start"
        yield folder, f"http://127.0.0.1:{port}"
    finally:
        started.terminate()
        started.wait(20)
        log.close()
    assert "Traceback" not in (folder / "server.log").read_text()


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    return f"--use-file-for-fake-video-capture={clip.write(tmp_path_factory.mktemp('clip') / 'camera.y4m')}"


@dataclass
class Visit:
    """A page with the component, and what the server noted of it."""

    page: Any
    folder: Path

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def noted(self) -> list[dict]:
        file = self.folder / "seen.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def frames(self) -> list[dict]:
        return [note for note in self.noted() if "t" in note]

    def stills(self) -> list[dict]:
        return [note for note in self.noted() if "still" in note]

    def status(self) -> dict:
        return json.loads((self.folder / "status.jsonl").read_text().splitlines()[-1])

    def burst(self, stills: int) -> None:
        """Have the director ask for stills, and wait until they are there."""
        before = len(self.stills())
        (self.folder / "order").write_text(str(stills))
        (self.folder / "order").rename(self.folder / "burst")
        until(lambda: len(self.stills()) == before + stills)

    def say(self, **view: object) -> None:
        """Have the director show something."""
        (self.folder / "new.json").write_text(json.dumps(view))
        (self.folder / "new.json").rename(self.folder / "view.json")


@pytest.fixture(scope="module")
def launch():
    """Starts browsers, one for all visits with the same flags."""
    with playwright.sync_playwright() as driver:

        @cache
        def start(*flags: str):
            arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", *flags]
            return driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)

        yield start


@pytest.fixture
def visit(server, launch, request):
    """Opens the page in a window of its own; afterwards, no script may have failed."""
    folder, address = server
    failures: list[str] = []
    contexts: list[Any] = []

    def make(
        *flags: str, script: str = "", transport: str = "auto", allowed: bool = True, watch: str = "", **options
    ) -> Visit:
        contexts.append(launch(*flags).new_context(permissions=["camera"] if allowed else [], **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.add_init_script(script)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("request", lambda sent: None if sent.url.startswith(OURS) else failures.append(sent.url))
        who = f"{request.node.name}-{len(contexts)}"
        if watch:
            page.goto(f"{address}/?who={who}&watch={watch}")
            page.get_by_text("Simulated").wait_for(state="attached")
        else:
            page.goto(f"{address}/?who={who}&transport={transport}")
            page.get_by_role("button", name="Start camera").wait_for()
        return Visit(page, folder / "seen" / who)

    yield make
    for context in contexts:
        context.close()
    assert not failures


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def until(true: Callable[[], object], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def drawn(page) -> dict:
    """What is drawn over the preview: number of coloured pixels, and whether the eyes' blue is among them."""
    return page.evaluate("""() => {
        const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".capture"));
        const canvas = host.shadowRoot.querySelector("canvas");
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0, eyes = 0;
        for (let i = 0; i < pixels.length; i += 4) {
            count += pixels[i + 3] > 200;
            eyes += pixels[i + 3] > 200 && pixels[i] < 160 && pixels[i + 2] > 220;
        }
        return { count, eyes };
    }""")


def check_stills(visit: Visit, count: int, pixel_format: str) -> None:
    found = visit.stills()
    assert all(note["received_s"] - 2.0 < note["taken_s"] <= note["received_s"] for note in found)
    assert [note["still"] for note in found] == list(range(1, count + 1))
    assert {note["format"] for note in found} == {pixel_format}
    numbers = []
    for note in found:
        luma = np.load(visit.folder / f"{note['still']}.npy")
        assert luma.shape == (clip.HEIGHT, clip.WIDTH)
        numbers.append(clip.number_of(luma))
        assert (luma == clip.luma()[numbers[-1]]).all()
    assert len(set(numbers)) > 1  # where the clip begins anew, its first frame comes twice


@pytest.mark.parametrize("transport", ["post", "webrtc"])
def test_stream_and_exact_stills_come_from_one_camera(visit, camera, transport):
    here = visit(*FAKE, camera, transport=transport)
    assert here.page.evaluate("navigator.mediaDevices.getUserMedia.toString()").endswith("{ [native code] }")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 10)
    here.see("Look straight into the camera")
    here.see("1280 × 720 pixels")
    until(lambda: drawn(here.page)["eyes"] > 50)
    here.burst(3)
    here.see("3 stills")
    here.burst(2)
    check_stills(here, 5, "I420")
    frames = here.frames()
    assert {tuple(note["size"]) for note in frames[5:]} == {(360, 640)}
    assert {note["faces"] for note in frames[5:]} == {1}
    status = here.status()
    assert (status["width"], status["height"], status["native"]) == (clip.WIDTH, clip.HEIGHT, True)
    assert (status["transport"], status["started"], status["problem"]) == (transport, True, "")


def test_the_camera_is_not_opened_before_the_click_and_closed_by_the_button(visit, camera):
    here = visit(*FAKE, camera, transport="post", script=KEEP_TRACKS)
    assert here.page.evaluate("tracks.length") == 0
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    here.click("Stop camera")
    here.page.get_by_role("button", name="Start camera").wait_for()
    assert here.page.evaluate("tracks.every((track) => track.readyState === 'ended')")
    until(lambda: here.status()["started"] is False)
    before = len(here.frames())
    here.click("Start camera")
    until(lambda: len(here.frames()) > before + 3)


@pytest.mark.parametrize("transport", ["post", "webrtc"])
def test_leaving_the_page_closes_camera_and_connections(visit, camera, transport):
    here = visit(*FAKE, camera, transport=transport, script=KEEP_TRACKS)
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    here.click("Leave")
    until(lambda: here.page.evaluate("tracks.every((track) => track.readyState === 'ended')"))
    assert here.page.evaluate("tracks.length") > 0
    until(lambda: here.page.evaluate("sources.every((source) => source.readyState === EventSource.CLOSED)"))
    time.sleep(0.5)
    before = len(here.frames())
    time.sleep(1)
    assert len(here.frames()) == before


def test_webrtc_that_does_not_connect_gives_way_to_posts_in_the_same_session(visit, camera):
    here = visit(
        *FAKE, camera, script="RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {});"
    )
    here.click("Start camera")
    here.see("The direct video connection did not work")
    until(lambda: len(here.frames()) > 5)
    assert here.status()["transport"] == "post"
    here.burst(3)
    check_stills(here, 3, "I420")


def test_phones_begin_with_posts(visit, camera):
    here = visit(*FAKE, camera, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    assert here.status()["transport"] == "post"
    wide, there = here.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= there


TWO_ASKINGS = """async (source) => {
    const Stills = new Function(source.replace("export default function", "return Stills; function page"))();
    const video = { shown: 0, waiting: [], requestVideoFrameCallback(call) { this.waiting.push(call); } };
    const film = setInterval(() => { video.shown++; video.waiting.splice(0).forEach((call) => call()); }, 20);
    window.VideoFrame = class {
        constructor(video) { Object.assign(this, { shown: video.shown, format: "I420" }); }
        allocationSize() { return 1; }
        get visibleRect() { return { width: 1, height: 1 }; }
        async copyTo(bytes) { bytes[0] = this.shown; return []; }
        close() {}
    };
    const handed = [];
    window.fetch = async (url, { body }) => {
        handed.push(new Uint8Array(await body.arrayBuffer())[0]);
        return { ok: true };
    };
    const stills = new Stills(video, "/still?", { allowed: () => true, taking() {}, refused() {} });
    await Promise.all([stills.take([1]), stills.take([2, 3])]);
    while (handed.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    clearInterval(film);
    return handed;
}"""


def test_two_askings_at_once_never_take_the_same_frame_twice(visit, camera):
    here = visit(*FAKE, camera)
    handed = here.page.evaluate(TWO_ASKINGS, (ROOT / "ui/widgets/camera/capture.js").read_text())
    assert len(set(handed)) == 3


def test_without_video_frames_stills_come_as_png_and_luma_is_exact_too(visit, camera):
    here = visit(*FAKE, camera, transport="post", script="delete window.VideoFrame;")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    here.burst(3)
    check_stills(here, 3, "PNG")


def test_what_the_director_shows_is_seen_and_read_out(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    here.click("Start camera")
    here.say(
        prompt="Turn your head",
        progress=0.25,
        remaining_s=4.2,
        advice="Too dark.",
        votes=["live", "not live", "unusable"],
    )
    here.see("Turn your head")
    here.see("Too dark.")
    assert here.page.get_by_role("progressbar").get_attribute("aria-valuenow") == "25"
    assert here.page.get_by_role("progressbar").inner_text() == "5"
    cells = here.page.locator(".votes li")
    assert [cell.strip() for cell in cells.all_inner_texts()] == ["✓", "✕", "–", ""]
    assert cells.nth(1).get_attribute("aria-label") == "10 frames: not live"
    until(lambda: here.page.locator("[aria-live=assertive]").inner_text() == "Turn your head")
    until(lambda: here.page.locator(".told").inner_text() == "Too dark.")
    here.say(prompt="Thanks", done=True, outcome="passed", text="All pictures are there.")
    here.see("All pictures are there.")
    until(lambda: here.status()["outcome"] == "passed")
    assert here.status()["started"] is False


def test_the_browser_says_when_it_captured_a_frame_and_when_it_painted_a_prompt(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    said: list[tuple[float, float]] = []

    def hear(request) -> None:
        if "/live/frame" in request.url:
            said.append((float(request.headers["x-captured"]), float(request.headers["x-sent"])))

    here.page.on("request", hear)
    here.click("Start camera")
    until(lambda: here.page.wait_for_timeout(50) or len(said) > 20)  # requests are heard of while Playwright waits
    captured, sent = np.array(said).T
    assert (np.diff(captured) > 0).all()
    assert (captured <= sent).all()

    def ask(number: int) -> None:
        here.say(prompt=f"Turn {number}", step="turn left", number=number)
        until(lambda: [note["shown"] for note in here.noted() if "shown" in note].count(number) == 2)

    ask(0)
    ask(1)
    times = [note["at"] for note in here.noted() if "shown" in note]
    for sent_s, painted_s in zip(times[::2], times[1::2], strict=True):
        assert sent_s < painted_s <= sent_s + MOST_S, "it was painted after it was sent"


LISTEN = """
window.said = [];
window.speechSynthesis.speak = (one) => said.push(one.text);
"""


def test_prompts_are_read_aloud_on_request_and_a_step_can_be_declined(visit, camera):
    here = visit(*FAKE, camera, script=LISTEN, transport="post")
    here.click("Start camera")
    here.say(prompt="Turn your head to your left", step="turn left", number=0, can_decline=True)
    here.see("Turn your head to your left")
    read_aloud = here.page.get_by_label("Read prompts aloud")
    assert not read_aloud.is_checked()
    assert here.page.evaluate("said") == [], "it is silent until somebody asks for it"
    read_aloud.check()
    here.say(prompt="Blink twice", step="blink twice", number=1, can_decline=True, advice="Too dark.")
    here.see("Blink twice")
    time.sleep(1)
    assert here.page.evaluate("said") == ["Turn your head to your left", "Blink twice"], "each prompt once"
    here.click("I cannot do this")
    here.see("another movement instead")
    here.click("I cannot do this")
    assert [note["declined"] for note in here.noted() if "declined" in note] == ["blink twice"]
    here.say(prompt="Look straight into the camera")
    here.page.get_by_role("button", name="I cannot do this").wait_for(state="hidden")
    read_aloud.uncheck()
    here.say(prompt="Done", phase="passed")
    here.see("Done")
    assert here.page.evaluate("said.length") == 3
    assert here.page.evaluate("sessionStorage.getItem('lenslock.aloud')") == "off"


def test_what_becomes_of_each_still_and_how_the_fingerprint_grows_are_shown(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    here.burst(1)
    here.see("1 still, fine")
    (here.folder / "problem").write_text("It is blurred. Hold still.")
    here.burst(1)
    here.see("2 stills, the last one not used")
    here.see("It is blurred. Hold still.")
    assert here.page.locator(".growth").is_hidden()
    here.say(growth=[12.0, 80.4], enough=240.0)
    here.see("A later photo would score about 80 (expected PCE); 240 is clear enough.")
    chart = here.page.locator(".growth svg")
    assert chart.get_attribute("aria-label").endswith("growing to 80; dashed line: 240")
    assert chart.locator("rect").count() == 2
    here.say(growth=[12.0, 80.4, 251.0], enough=240.0)
    here.see("A later photo would score about 251 (expected PCE); that is clear enough.")


def test_a_camera_that_is_denied_is_explained_and_can_be_tried_again(visit):
    here = visit("--use-fake-device-for-media-stream", allowed=False)
    here.click("Start camera")
    here.see("The camera is blocked")
    here.see("Click the icon left of the address, allow the camera for this page, then try again.")
    until(lambda: here.status()["problem"] == "denied")
    here.page.context.grant_permissions(["camera"])
    here.page.keyboard.press("Enter")  # the focus is on "Try again"
    until(lambda: len(here.status()["camera"]) > 0)


@pytest.mark.parametrize(
    ("flags", "script", "title", "code"),
    [
        ((), "", "No camera found", "no-camera"),
        (
            FAKE,
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotReadableError'); };",
            "The camera is busy",
            "busy",
        ),
        (
            FAKE,
            "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });",
            "This browser cannot use a camera",
            "unsupported",
        ),
        (
            FAKE,
            "Object.defineProperty(window, 'isSecureContext', { value: false });",
            "This page cannot use a camera",
            "insecure",
        ),
    ],
)
def test_what_stands_in_the_way_is_told(visit, flags, script, title, code):
    here = visit(*flags, script=script)
    here.click("Start camera")
    here.see(title)
    until(lambda: here.status()["problem"] == code)


TRACK = """() => {
    const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".capture"));
    const video = host.shadowRoot.querySelector("video");
    const track = video.srcObject.getVideoTracks()[0];
    %s
}"""


def test_an_unplugged_camera_is_told_and_the_session_goes_on(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    here.page.evaluate(TRACK % "track.dispatchEvent(new Event('ended'));")
    here.see("The camera was disconnected")
    until(lambda: here.status()["problem"] == "ended")
    before = len(here.frames())
    here.click("Try again")
    until(lambda: len(here.frames()) > before + 3)
    assert here.status()["problem"] == ""


def test_a_turned_phone_gives_no_stills_until_it_is_turned_back(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    turned = "for (const [name, value] of [['videoWidth', 720], ['videoHeight', 1280]])"
    turned += "Object.defineProperty(video, name, { value, configurable: true });"
    here.page.evaluate(TRACK % f"{turned} video.dispatchEvent(new Event('resize'));")
    here.see("The picture has another size now")
    before = len(here.frames())
    time.sleep(1)
    assert len(here.frames()) <= before + 2
    here.page.evaluate(
        TRACK % "delete video.videoWidth; delete video.videoHeight; video.dispatchEvent(new Event('resize'));"
    )
    until(lambda: len(here.frames()) > before + 5)
    here.burst(1)


def test_a_tab_in_the_background_pauses_and_goes_on(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    change = "document.dispatchEvent(new Event('visibilitychange'));"
    here.page.evaluate(f"Object.defineProperty(document, 'hidden', {{ value: true, configurable: true }}); {change}")
    here.see("This tab is in the background")
    before = len(here.frames())
    time.sleep(1)
    assert len(here.frames()) <= before + 2
    here.page.evaluate(f"delete document.hidden; {change}")
    here.see("It was paused while this tab was in the background")
    until(lambda: len(here.frames()) > before + 5)


def test_a_lost_connection_is_told_and_found_again(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    here.click("Start camera")
    until(lambda: len(here.frames()) > 3)
    here.page.context.set_offline(True)
    here.see("The server cannot be reached")
    here.page.context.set_offline(False)
    here.see("The server is back")
    before = len(here.frames())
    until(lambda: len(here.frames()) > before + 5)


def test_two_visitors_do_not_disturb_each_other(visit, camera):
    one, two = visit(*FAKE, camera, transport="post"), visit(*FAKE, camera, transport="post")
    for here in (one, two):
        here.click("Start camera")
    until(lambda: min(len(one.frames()), len(two.frames())) > 5)
    one.page.context.close()
    before = len(two.frames())
    until(lambda: len(two.frames()) > before + 20)
    two.burst(3)
    check_stills(two, 3, "I420")


PICTURE = """() => {
    const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".capture"));
    const img = host.shadowRoot.querySelector("img");
    %s
}"""


def is_live(page) -> bool:
    """Whether the onlooker's picture changes."""
    look = (
        PICTURE
        % """
        if (!img.naturalWidth) return "";
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
        const pen = canvas.getContext("2d");
        pen.drawImage(img, 0, 0);
        return pen.getImageData(0, 0, 256, 16).data.join();"""
    )
    before = page.evaluate(look)
    time.sleep(0.4)
    return bool(before) and page.evaluate(look) != before


@pytest.mark.parametrize("transport", ["post", "webrtc"])
def test_an_onlooker_sees_what_the_camera_sees_without_touching_one(visit, camera, transport):
    here = visit(*FAKE, camera, transport=transport)
    there = visit(script=KEEP_TRACKS, watch=here.folder.name)
    there.see("Waiting for the camera")
    here.click("Start camera")
    there.see("Look straight into the camera")
    until(lambda: is_live(there.page))
    until(lambda: drawn(there.page)["eyes"] > 50)
    size = "return [img.naturalWidth, img.naturalHeight, img.alt, getComputedStyle(img).transform];"
    assert there.page.evaluate(PICTURE % size) == [
        640,
        360,
        "What the camera sees, mirrored",
        "matrix(-1, 0, 0, 1, 0, 0)",
    ]
    here.burst(2)
    there.see("2 stills, the last one fine")
    here.say(prompt="Blink twice", progress=0.5, remaining_s=3.0, advice="Too dark.", votes=["live", "unusable"])
    there.see("Blink twice")
    there.see("Too dark.")
    assert there.page.get_by_role("progressbar").get_attribute("aria-valuenow") == "50"
    assert there.page.locator(".votes li").count() == 3
    assert there.page.evaluate("tracks.length") == 0
    assert there.page.get_by_role("button", name="Stop camera").count() == 0
    here.say(prompt="Thanks", done=True, outcome="passed", text="All pictures are there.")
    there.see("All pictures are there.")
    until(lambda: there.status()["outcome"] == "passed")
    assert there.status()["started"] is False


def test_pictures_with_a_title_are_shown_as_they_are_without_prompts(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    there = visit(watch=f"{here.folder.name}&title=The%20photo")
    there.see("The photo")
    here.click("Start camera")
    until(lambda: is_live(there.page))
    here.say(prompt="Blink twice", progress=0.5, remaining_s=3.0, advice="Too dark.", votes=["live", "unusable"])
    here.see("Too dark.")
    until(lambda: drawn(here.page)["eyes"] > 50)
    until(lambda: is_live(there.page))
    assert there.page.evaluate(PICTURE % "return [img.alt, getComputedStyle(img).transform];") == ["The photo", "none"]
    assert drawn(there.page)["eyes"] == 0
    for text in ("Blink twice", "Too dark."):
        assert there.page.get_by_text(text).count() == 0
    assert there.page.locator(".votes li").count() == 0
    there.see("The photo")


def test_the_first_picture_is_shown_before_there_is_another(visit, camera, server):
    _, address = server
    here = visit(*FAKE, camera, transport="post")
    token = (here.folder / "token").read_text()
    request = urllib.request.Request(f"{address}/live/frame?token={token}", jpeg(), {"Content-Type": "image/jpeg"})
    there = visit(watch=here.folder.name)
    urllib.request.urlopen(request, timeout=5).close()
    until(lambda: there.page.evaluate(PICTURE % "return img.naturalWidth;") == 640)


def test_the_page_of_an_onlooker_is_complete_before_there_is_a_picture(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    there = visit(watch=here.folder.name)
    for _ in range(3):
        there.page.reload(wait_until="load")
        there.see("Waiting for the camera")
        assert there.page.evaluate("document.readyState") == "complete"
    here.click("Start camera")
    until(lambda: is_live(there.page))


def test_an_onlooker_is_told_when_the_camera_rests_and_sees_it_again(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    there = visit(watch=here.folder.name)
    here.click("Start camera")
    until(lambda: is_live(there.page))
    here.click("Stop camera")
    there.see("No picture at the moment")
    here.click("Start camera")
    there.page.get_by_text("No picture at the moment").first.wait_for(state="hidden")
    until(lambda: is_live(there.page))


def test_pictures_that_break_off_come_again(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    there = visit(watch=here.folder.name)
    here.click("Start camera")
    until(lambda: is_live(there.page))
    there.page.evaluate(PICTURE % "img.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';")
    until(lambda: is_live(there.page))


def test_an_onlooker_who_leaves_or_comes_back_disturbs_nobody(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    there = visit(watch=here.folder.name)
    here.click("Start camera")
    until(lambda: is_live(there.page))
    there.click("Leave")
    before = len(here.frames())
    until(lambda: len(here.frames()) > before + 10)
    there.page.reload()
    there.page.get_by_text("Simulated").wait_for()
    until(lambda: is_live(there.page))
    assert here.status()["problem"] == ""


def test_a_session_that_is_unknown_is_told_to_an_onlooker_too(visit, camera):
    here = visit(*FAKE, camera, transport="post")
    (here.folder / "token").write_text("of yesterday")
    there = visit(watch=here.folder.name)
    there.see("This session has expired")
    until(lambda: there.status()["problem"] == "expired")
