"""Somebody else in front of a browser's fake camera, who moves the victim's photo."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from attacks.face.behaviour import CALM, Actor
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.face.stranger import stranger
from attacks.media.upload import i420
from liveness.landmarks import FaceTracker
from prnu import scenes
from testing.browser.driver import in_camera, start_camera
from testing.browser.studio import ANSWER_S, CHALLENGE, RATE, Film

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHAPE = (480, 640)
FRAMES = 204
LOOP_S = FRAMES / RATE
"""Shorter than a step's limit: an answer that was missed comes again in time."""

ANSWERS_S = (5.4, 8.2, 11.0)

_RECORD = """
window.puppet = { pictures: [], changes: [] };
const hosts = [...document.querySelectorAll("*")];
const onlooker = hosts.find((one) => one.shadowRoot?.querySelector("[data-source=watch]"));
const img = onlooker.shadowRoot.querySelector("img");
const canvas = document.createElement("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
const small = [96, 72];
let last = "";
const look = () => {
    if (!window.puppet) return;
    requestAnimationFrame(look);
    if (!img.naturalWidth) return;
    [canvas.width, canvas.height] = small;
    pen.drawImage(img, 0, 0, ...small);
    const shown = pen.getImageData(0, 0, ...small).data.join();
    if (shown === last) return;
    last = shown;
    puppet.changes.push(performance.now() / 1000);
    if (!KEEP) return;
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    pen.drawImage(img, 0, 0);
    puppet.pictures.push(canvas.toDataURL("image/jpeg", 0.9));
};
look();
"""


def film_stranger(path: Path) -> Film:
    """A face that is not the victim's answers `CHALLENGE`, again and again."""
    assert CHALLENGE.seconds > LOOP_S
    with FaceTracker(stills=True) as tracker:
        puppet = Puppet(selfie(stranger(scenes.photo("astronaut", (512, 512)), tracker), SHAPE, tracker), tracker)
    actor, film = Actor(3, CALM), Film(path, SHAPE, FRAMES)
    with path.open("wb") as file:
        file.write(film.header)
        for number in range(film.frames):
            now_s = number / RATE
            asked = [step for step, at in zip(CHALLENGE.steps, ANSWERS_S, strict=True) if 0 <= now_s - at < ANSWER_S]
            actor.asked(asked[0] if asked else None, now_s)
            file.write(b"FRAME\n" + i420(puppet.frame(actor.expression(now_s))).tobytes())
    return film


def begin_moving(page: Page, address: str) -> None:
    """Open the live puppet and start the camera; gives back once the photo follows."""
    page.goto(f"{address}/attack_lab")
    page.locator(".st-key-attack-live button").click()
    start_camera(page)
    page.get_by_text("the photo does it, too").first.wait_for()


def wait_for_loop(page: Page) -> None:
    """Wait until the film begins again."""
    in_camera(page, "window.puppeteer = video")
    page.wait_for_function(f"puppeteer.currentTime > {LOOP_S} && puppeteer.currentTime % {LOOP_S} < 0.5")


def record(page: Page, *, keep: bool = True) -> None:
    """Note each picture of the puppet that the page shows from now on; keep them, too, if wanted."""
    page.evaluate(f"() => {{ {_RECORD.replace('KEEP', str(keep).lower())} }}")


def recorded(page: Page) -> tuple[list[float], list[np.ndarray]]:
    """When pictures were shown since `record`, in seconds, and those that were kept: RGB, as the visitor saw them."""
    said = page.evaluate("() => { const all = window.puppet; window.puppet = null; return all; }")
    files = [base64.b64decode(url.partition(",")[2]) for url in said["pictures"]]
    return said["changes"], [np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in files]
