"""What the check of a browser means: one line for each thing, with what to do about it. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from liveness.quality import MIN_RATE
from prnu.images import MIN_SIDE
from ui.text.scores import count
from ui.widgets.browser_check import CameraCheck, Diagnosis, StillCheck

Kind: TypeAlias = Literal["good", "limited", "bad", "unknown"]

SIGNS: dict[Kind, str] = {"good": "✓", "limited": "!", "bad": "✗", "unknown": "?"}
WORDS: dict[Kind, str] = {"good": "Fine", "limited": "Limited", "bad": "Fails", "unknown": "Not tried"}

SLOW_TRIP_MS = 300
"""Round trip from which prompts and pictures lag noticeably: the stream's own lag is about as long."""

SLOW_STILL_MS = 5_000
"""Time to hand in a still from which it comes too late: `max_delay_s` of the policy's demo profile."""

GOOD_SIZE = (1280, 720)

_CURRENT = "Use a current Chrome, Edge, Firefox or Safari."
_CAMERA_PROBLEMS = {
    "NotAllowedError": "Allow the camera for this page, in the browser (sign beside the address) and in the system.",
    "NotFoundError": "Connect a camera, or use a phone.",
    "NotReadableError": "Close other programs and tabs that use the camera.",
    "AbortError": "Close other programs and tabs that use the camera.",
    "OverconstrainedError": "Choose another camera.",
    "TypeError": f"This page cannot open cameras: see the lines above. {_CURRENT}",
}


@dataclass(frozen=True)
class Finding:
    """One line of the result.

    Attributes
    ----------
    kind : {"good", "limited", "bad", "unknown"}
    subject : str
        What was looked at; the term in brackets.
    found : str
    remedy : str
        What it means or what to do, empty if all is well.
    """

    kind: Kind
    subject: str
    found: str
    remedy: str = ""


def findings(said: Diagnosis) -> list[Finding]:
    """All that a check found, in the order of a live check; without what was not tried yet."""
    lines: list[Finding] = []
    if said.checked:
        lines += [_secure(said), _media(said), _cameras(said), _server(said), _events(said), _connection(said)]
        lines += [_copying(said), _timing(said), *_stills(said)]
    if said.camera != CameraCheck():
        lines += _camera(said.camera)
    return lines


def as_text(lines: list[Finding], heading: str) -> str:
    """The result for a report of a fault: plain text, nothing that names anybody or any device."""
    rows = [f"{SIGNS[one.kind]} {one.subject}: {one.found}" + (f" {one.remedy}" if one.remedy else "") for one in lines]
    return "\n".join([heading, *rows])


def _secure(said: Diagnosis) -> Finding:
    subject = "Protected page (secure context)"
    if said.secure:
        return Finding("good", subject, "Yes.")
    remedy = "Open the address that begins with https, or http://localhost: no browser opens a camera elsewhere."
    return Finding("bad", subject, "No.", remedy)


def _media(said: Diagnosis) -> Finding:
    subject = "Access to cameras (getUserMedia)"
    return Finding("good", subject, "There.") if said.media else Finding("bad", subject, "Missing.", _CURRENT)


def _cameras(said: Diagnosis) -> Finding:
    if problem := said.errors.get("cameras"):
        return Finding("bad", "Cameras", f"{problem}.", _CURRENT)
    if said.cameras:
        return Finding("good", "Cameras", f"{count(int(said.cameras), 'camera')} listed.")
    return Finding("bad", "Cameras", "None listed.", "Connect one or open the lid; or use a phone's, or upload photos.")


def _server(said: Diagnosis) -> Finding:
    subject = "To the server and back (round trip)"
    if problem := said.errors.get("server"):
        return Finding("bad", subject, f"{problem}.", "Check the connection and whether LensLock still runs.")
    found = f"{said.round_trip_ms:.0f} ms."
    if said.round_trip_ms > SLOW_TRIP_MS:
        return Finding("limited", subject, found, "Prompts come late. Use a nearer network, or a cable.")
    return Finding("good", subject, found)


def _events(said: Diagnosis) -> Finding:
    subject = "Messages from the server (EventSource)"
    if problem := said.errors.get("events"):
        return Finding("bad", subject, f"{problem}.", "Prompts cannot come. A proxy or filter may hold them back.")
    found = f"{count(int(said.events), 'message')} within {said.events_spread_ms:.0f} ms."
    if said.events_spread_ms < 100:  # ui.widgets.browser_check.http sends them over 450 ms
        return Finding("limited", subject, found, "They came all at once: a proxy collects them. Go without it.")
    return Finding("good", subject, found)


def _connection(said: Diagnosis) -> Finding:
    subject = "Direct video connection (WebRTC, ICE)"
    kinds = f" Kinds of addresses: {said.candidates}." if said.candidates else ""
    if said.connected:
        return Finding("good", subject, f"Connected to itself in {said.connect_ms:.0f} ms.{kinds}")
    remedy = "The video is sent picture by picture instead: slower, but it works."
    return Finding("limited", subject, f"{said.errors.get('connection', 'No connection')}.{kinds}", remedy)


def _copying(said: Diagnosis) -> Finding:
    subject = "Copies of frames, bit by bit (VideoFrame)"
    if said.video_frame:
        return Finding("good", subject, "There.")
    return Finding("limited", subject, "Missing.", f"Stills are made as PNG instead, which takes longer. {_CURRENT}")


def _timing(said: Diagnosis) -> Finding:
    subject = "Notice of each frame (requestVideoFrameCallback)"
    if said.frame_callback:
        return Finding("good", subject, "There.")
    return Finding("limited", subject, "Missing.", f"The same frame may be sent twice. {_CURRENT}")


def _stills(said: Diagnosis) -> list[Finding]:
    subject = "Stills arrive exactly (test picture)"
    if problem := said.errors.get("still"):
        remedy = "Without exact stills no camera can be recognised. Reload the page, then try again."
        return [Finding("bad", subject, f"{problem}.", remedy)]
    levels = f"{said.levels:.0f} levels of brightness"
    return [_still(said.planes, "copied bit by bit", levels), _still(said.png, "as PNG", levels)]


def _still(still: StillCheck, way: str, levels: str) -> Finding:
    subject = f"Stills arrive exactly, {way}"
    if not still.pixels:
        form = f"The browser gives the test picture as {still.format}." if still.format else "The browser cannot."
        return Finding("unknown", subject, form, "With your camera it may differ: check the camera, too.")
    times = f"made in {still.copy_ms:.0f} ms, {still.bytes / 1e6:.1f} MB sent in {still.send_ms:.0f} ms"
    if still.differing:
        found = f"{still.differing:,.0f} of {still.pixels:,.0f} pixels differ, by {still.largest:.0f} at most; {times}."
        remedy = (
            "Something changes the pictures, and the sensor's pattern with them. Switch off protection against "
            "fingerprinting and extensions for this page, or use another browser."
        )
        return Finding("bad", subject, found, remedy)
    found = f"All {still.pixels:,.0f} pixels, {levels}; {times}."
    if still.send_ms > SLOW_STILL_MS:
        return Finding("limited", subject, found, "Stills come too late to count. Use a faster connection.")
    return Finding("good", subject, found)


def _camera(camera: CameraCheck) -> list[Finding]:
    if camera.problem or not camera.width:
        found = f"{camera.problem}: {camera.text}".strip(": ") or "No picture."
        remedy = _CAMERA_PROBLEMS.get(camera.problem, "Check its cover and cable, then try again.")
        return [Finding("bad", "Camera", f"{found.rstrip('.')}.", remedy)]
    return [_size(camera), _rate(camera), _format(camera)]


def _size(camera: CameraCheck) -> Finding:
    vouched = {True: "as the sensor gives it", False: "rescaled", None: "the browser does not say whether rescaled"}
    found = f"{camera.width:.0f} x {camera.height:.0f} pixels, {vouched[camera.native]} (resizeMode)."
    subject = "Camera: picture size"
    if camera.native is False or min(camera.width, camera.height) < MIN_SIDE:
        return Finding("bad", subject, found, "A rescaled or tiny picture has lost the pattern. Choose another camera.")
    if camera.width * camera.height < GOOD_SIZE[0] * GOOD_SIZE[1]:
        return Finding(
            "limited", subject, found, "It works, with more stills: small pictures carry less of the pattern."
        )
    return Finding("good", subject, found)


def _rate(camera: CameraCheck) -> Finding:
    subject = "Camera: pictures a second"
    if not camera.rate:
        return Finding("unknown", subject, f"It promises {camera.promised_rate:g}.", "This browser cannot count them.")
    found = f"{camera.rate:g} counted, {camera.promised_rate:g} promised."
    if camera.rate < MIN_RATE:
        return Finding(
            "bad", subject, found, f"Blinks are missed below {MIN_RATE:g}. Switch a light on: cameras slow down."
        )
    return Finding("good", subject, found)


def _format(camera: CameraCheck) -> Finding:
    subject = "Camera: form of its frames (pixel format)"
    if camera.format in ("I420", "NV12"):
        return Finding("good", subject, f"{camera.format}: stills are copied bit by bit.")
    found = f"{camera.format or 'Not told'}: stills are made as PNG."
    return Finding("limited", subject, found, "Exact but for strongly coloured spots, and slower.")
