"""One thing that was noticed about a file, in words that are safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["info", "warn", "good"]

GENERATED = {
    "trainedAlgorithmicMedia": "made by a generative AI",
    "trainedAlgorithmicData": "made by a generative AI",
    "compositeWithTrainedAlgorithmicMedia": "put together with parts made by a generative AI",
    "compositeSynthetic": "put together with synthetic parts",
    "algorithmicMedia": "made by a program without a camera",
}
"""Digital source types of the IPTC and C2PA that name no camera, and what they mean."""


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed about a file.

    Attributes
    ----------
    code : str
        Stable word for it.
    level : {"info", "warn", "good"}
        "warn" is worth a look by a person, never proof of anything; "good" is no proof either.
    text : str
        What was found and how far to trust it, for a newcomer. Words from the file are in quotes, cut and cleaned of
        control characters, but may hold any mark-up: escape it.
    """

    code: str
    level: Level
    text: str


def quoted(value: object, limit: int = 60) -> str:
    """Text of a file in quotes: on one line, without control characters, and not longer than `limit`."""
    return f'"{cleaned(value, limit)}"'


def cleaned(value: object, limit: int = 60) -> str:
    """Text of a file on one line, without control characters, and not longer than `limit`."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
