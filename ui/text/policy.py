"""Every number of a policy's profile in words: what it is, what raising it does, and why it is as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bank.policy import Profile

_HEADER = re.compile(r"\[(?P<table>[^]]+)\]")
_NUMBER = re.compile(r"(?P<key>\w+)\s*=\s*[^#]+?#\s*(?P<comment>.+)")
_CONTINUED = re.compile(r"\s+#\s*(?P<comment>.+)")

PARTS = {
    "face": "Face",
    "liveness": "Liveness",
    "camera": "Camera",
    "face_region": "Camera in the face",
    "freshness": "Freshness",
    "capture": "How much is taken in",
    "step_up": "When it cannot tell",
}
"""Parts of a profile, in the order in which they are shown."""


@dataclass(frozen=True)
class _Words:
    name: str
    what: str
    raised: str
    form: str = "{:g}"


_WORDS: dict[str, dict[str, _Words]] = {
    "face": {
        "similarity": _Words(
            "Likeness",
            "How alike the face and the enrolled one must be (cosine similarity, at most 1).",
            "Fewer strangers pass, but poor light or new glasses keep the right person out more often.",
        ),
    },
    "liveness": {
        "steps": _Words(
            "Prompts",
            "How many movements are asked for (challenge).",
            "A video that was recorded before fits less often, but the check takes longer.",
        ),
        "step_seconds": _Words(
            "Time for a prompt",
            "So long each prompt waits for its answer.",
            "Slow visitors manage, but an attacker has more time to steer a deepfake.",
            "{:g} s",
        ),
        "min_windows": _Words(
            "Votes",
            "Groups of ten frames that must be judged (windows).",
            "The vote is surer, but the check takes longer.",
        ),
        "session_s": _Words(
            "Longest check",
            "From the first frame to the last.",
            "More time to find light, and for an attacker to prepare.",
            "{:g} s",
        ),
    },
    "camera": {
        "pce": _Words(
            "Score",
            "How sharply the noise of all stills must agree with the fingerprint (peak-to-correlation energy, PCE).",
            "Fewer pictures of other cameras pass by chance, but more genuine ones fail, dark ones first.",
        ),
        "false_alarm": _Words(
            "Probability of a false alarm",
            "At most so likely may another camera score as high (p-value).",
            "More genuine checks pass, and more of other cameras, too.",
            "1 in {:,}",
        ),
        "min_stills": _Words(
            "Stills",
            "Lossless pictures that must be usable; with fewer it cannot tell.",
            "The pattern stands out better, most of all in the face, but the check takes longer.",
        ),
    },
    "face_region": {
        "p_value": _Words(
            "Probability of a false alarm",
            "The same for the place of the face alone, which tells a face that was pasted in (p-value).",
            "More genuine faces pass, and more pasted ones, too.",
            "1 in {:,}",
        ),
        "min_share": _Words(
            "Stills with the face in place",
            "The share of stills that must show the face at one place.",
            "The test is surer, but visitors must keep still for longer.",
            "{:.0%}",
        ),
    },
    "freshness": {
        "max_delay_s": _Words(
            "Latest arrival of a still",
            "From the moment it was asked for.",
            "Slow networks work, but there is more time to make a forgery.",
            "{:g} s",
        ),
        "moment_s": _Words(
            "What counts as the same moment",
            "Frames of the video so near to a still are compared with it.",
            "Streams that lag more pass, but a still of another moment may, too.",
            "{:g} s",
        ),
        "yaw_deg": _Words(
            "Turn of the head",
            "So much it may differ between still and video (yaw).",
            "Fast turns pass, but a still of another moment may, too.",
            "{:g}°",
        ),
        "pitch_deg": _Words(
            "Nod of the head",
            "So much it may differ between still and video (pitch).",
            "Fast nods pass, but a still of another moment may, too.",
            "{:g}°",
        ),
        "roll_deg": _Words(
            "Tilt of the head",
            "So much it may differ between still and video (roll).",
            "Fast tilts pass, but a still of another moment may, too.",
            "{:g}°",
        ),
        "offset": _Words(
            "Place of the face",
            "So far apart it may be in still and video, as a share of its width.",
            "People who move pass, but a still of another moment may, too.",
            "{:.0%}",
        ),
        "scale": _Words(
            "Size of the face",
            "So much it may differ between still and video, as a ratio.",
            "People who come nearer pass, but a still of another moment may, too.",
        ),
        "similarity": _Words(
            "Likeness of still and video",
            "How alike the face in both must be (cosine similarity, at most 1).",
            "Another person's stills are found more surely, but blurred ones of the same person fail more often.",
        ),
        "duplicate": _Words(
            "Known shot",
            "Two stills whose noise agrees so much are one shot used twice (correlation).",
            "Fewer false finds, but a shot that was changed a little more is not known again.",
        ),
        "copy_false_alarm": _Words(
            "False alarm of the copy test",
            "So likely an innocent still fails the test for a planted pattern (triangle test).",
            "More planted patterns are found, but more genuine stills are suspected.",
            "1 in {:,}",
        ),
        "min_matched": _Words(
            "Stills that agree with the video",
            "The share that must.",
            "Foreign stills are found sooner, but a blink at the wrong moment counts more.",
            "{:.0%}",
        ),
        "min_telling": _Words(
            "Stills that show the answer",
            "So many must show the head turned, as no old still does by itself.",
            "Old stills are found more surely, but visitors must hold the turn for longer.",
        ),
    },
    "capture": {
        "max_stills": _Words(
            "Stills at most",
            "More are not asked for.",
            "More evidence, but more work for the server.",
        ),
        "max_megapixels": _Words(
            "Megapixels at most",
            "Of all stills together.",
            "Larger cameras give more evidence, but take more memory.",
        ),
    },
    "step_up": {
        "tries": _Words(
            "Undecided tries",
            "After so many the customer confirms in another way.",
            "More patience with poor light, and with attackers who try.",
        ),
        "window_s": _Words(
            "Tries that belong together",
            "Within so long.",
            "Tries are counted for longer, so that another way is asked for sooner.",
            "{:g} s",
        ),
    },
}


@dataclass(frozen=True)
class Threshold:
    """A number of a profile, explained.

    Attributes
    ----------
    part, key : str
        Where it stands in the policy file: ``[profiles.NAME.part]``, ``key``.
    name, value, what, raised : str
        What people call it, how it is set, what it is, and what raising it does.
    source : str
        Where the number comes from, as the policy file says beside it; empty if it says nothing.
    """

    part: str
    key: str
    name: str
    value: str
    what: str
    raised: str
    source: str


def thresholds(profile: Profile, name: str, text: str) -> list[Threshold]:
    """Explain every number of a profile.

    Parameters
    ----------
    profile : Profile
    name : str
        Of the profile.
    text : str
        Of the policy file that it was read from, with its comments.
    """
    said = comments(text)
    rows = []
    for part, rules in ((part, getattr(profile, part)) for part in PARTS):
        for key in type(rules).model_fields:
            words = _WORDS[part][key]
            number = getattr(rules, key)
            value = words.form.format(round(1 / number) if words.form.startswith("1 in") else number)
            source = said.get((f"profiles.{name}.{part}", key), "")
            rows.append(Threshold(part, key, words.name, value, words.what, words.raised, source))
    return rows


def comments(text: str) -> Mapping[tuple[str, str], str]:
    """What a TOML file says beside each number, by table and key. A line that begins with the sign goes on."""
    found: dict[tuple[str, str], str] = {}
    table, last = "", None
    for line in text.splitlines():
        if header := _HEADER.match(line):
            table, last = header["table"], None
        elif number := _NUMBER.match(line):
            last = table, number["key"]
            found[last] = number["comment"]
        elif (more := _CONTINUED.match(line)) and last:
            found[last] += f" {more['comment']}"
        else:
            last = None
    return found
