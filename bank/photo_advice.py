"""Advice on photos from files. Nobody is in front of a camera then, to move closer or to hold still."""

from __future__ import annotations

import re

_INSTEAD = {
    "Only you should be in them.": "Use photos of one person only.",
    "Only you should be in it.": "Use one of one person only.",
    "Look into the camera, in light.": "Use photos from the front, in good light.",
    "Look straight into the camera, in good light.": "Use photos from the front, in good light.",
    "Look straight into the camera.": "Use one from the front.",
    "Look into the camera, in even light, without dark glasses or a mask.": (
        "Use photos from the front, in even light, without dark glasses or a mask."
    ),
    "Look into the camera, with the whole face in view and in even light.": (
        "Use one from the front, with the whole face in view and in even light."
    ),
    "Take the check again.": "Add more photos by the same camera.",
    "Take it in even light.": "Use photos in even light.",
    "Take them again, of one person only.": "Use photos of one person only.",
    "Take off dark glasses or a mask, and keep hands and hair away.": (
        "Use one without dark glasses or a mask, and no hands or hair before it."
    ),
    "Hold still, in even light, and use no filters.": "Use originals in even light, without filters.",
    "Hold still, and wipe the lens.": "Use a sharper one.",
    "Try again with more light, and no filters.": "Use originals taken in more light, without filters.",
    "Switch that off and try again.": "Use the original files.",
    "Turn it when you are asked, and look ahead otherwise.": "Use photos from the front.",
    "Turn on a light in front of you.": "Use one taken in more light.",
    "Turn away from the lamp or the window.": "Use one taken in less light.",
    "Keep your head in the oval.": "Check them one by one.",
    "Move closer, into even light.": "Use photos that show it larger, in even light.",
    "Move closer.": "Use one that shows it larger.",
    "Move to its middle, and back a little.": "Use one with the whole face in it.",
    "Move a little, and try again.": "Use other photos.",
    "Do not turn the phone or change the mode.": "Check photos of another size on their own.",
}
_STILL = re.compile(r"\b([Ss])till(s?)\b")


def for_photos(advice: str) -> str:
    """Return advice as it fits photos from files: what stands in place of what only somebody present can do."""
    for live, photos in _INSTEAD.items():
        advice = advice.replace(live, photos)
    return _STILL.sub(lambda found: f"{'P' if found[1] == 'S' else 'p'}hoto{found[2]}", advice)
