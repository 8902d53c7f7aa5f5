"""Marks that programs leave in a picture: names, editing histories (XMP), settings of generators. Easily forged."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping

from PIL import Image

from provenance.finding import GENERATED, Finding, Level, quoted

_PROGRAMS = {  # what it is for, and by what its name is known; the first that fits counts
    "generator": {
        r"stable[ -]?diffusion|automatic1111|sd-?webui|comfyui|invokeai|novelai": "Stable Diffusion",
        r"midjourney": "Midjourney",
        r"dall[-·. ]?e|openai|chatgpt|gpt-?4o": "OpenAI",
        r"adobe firefly": "Adobe Firefly",
        r"(made|edited|created) with google ai": "Google AI",
        r"deepfacelab|faceswap|facefusion": "a face swapper",
    },
    "exporter": {
        r"lightroom": "Adobe Lightroom",
        r"camera raw|capture one|darktable|rawtherapee|dxo": "a raw converter",
        r"^photos \d[\d.]*": "Apple Photos",
        r"picasa|google photos|windows photo|microsoft photo": "a photo manager",
        r"imagemagick|graphicsmagick|ffmpeg|lavc|exiftool": "a conversion tool",
        r"instagram|whatsapp|facebook|snapchat|telegram": "a messenger or social network",
    },
    "editor": {
        r"photoshop": "Adobe Photoshop",
        r"gimp": "GIMP",
        r"snapseed": "Snapseed",
        r"faceapp|facetune|remini|meitu|beautyplus": "an app that changes faces",
        r"affinity photo|pixelmator|paint\.net|paint ?shop|picsart|canva": "a picture editor",
        r"luminar|vsco|photodirector|pixlr": "a picture editor",
    },
}
_MEANING: Mapping[str, tuple[Level, str]] = {
    "generator": ("warn", "which makes or swaps faces and pictures by AI"),
    "editor": ("warn", "with which pictures are changed; it may have been no more than a crop"),
    "exporter": ("info", "which saves photos anew, often without changing what they show"),
}
_GENERATOR_TEXTS = ("parameters", "prompt", "workflow", "sd-metadata", "invokeai_metadata", "dream")
_GENERATOR_SETTINGS = re.compile(
    r"steps: \d+, .{0,80}sampler|negative prompt:|job id: [0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE | re.DOTALL
)
_LIMIT = 1_000_000  # characters of XMP or of a comment; no photo has more


def program(text: str) -> tuple[str, str] | None:
    """Tell what program a text names.

    Returns
    -------
    kind : {"generator", "editor", "exporter"}
    name : str
        Plain name of the program or its kind. None instead of both if it is not known.
    """
    for kind, programs in _PROGRAMS.items():
        for pattern, name in programs.items():
            if re.search(rf"\b(?:{pattern})\b" if pattern[0] != "^" else pattern, text, re.IGNORECASE):
                return kind, name
    return None


def software_findings(image: Image.Image, names: Iterable[str], comments: Iterable[str]) -> Iterator[Finding]:
    """Tell which programs and generators left their mark on a picture.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened. A PNG is decoded, because its texts may follow the picture.
    names : iterable of str
        What EXIF names as software.
    comments : iterable of str
        What EXIF has in free text.
    """
    texts, xmp = _png_texts(image), _xmp(image)
    names = [*names, texts.get("software", "")]
    hidden = [*xmp_values(xmp, "CreatorTool"), *xmp_values(xmp, "softwareAgent"), *xmp_values(xmp, "Credit")]
    yield from _programs(names, hidden)
    sources = (value.rstrip("/").rpartition("/")[2] for value in xmp_values(xmp, "DigitalSourceType"))
    for source in dict.fromkeys(sources):
        if source in GENERATED:
            text = f"Its description (XMP) says that it was {GENERATED[source]}. Such a note can be removed or made up."
            yield Finding("generated", "warn", text)
    steps = len(re.findall(r"(?<!/)stEvt:action\s*[=>]", xmp))
    if steps:
        text = f"Its description (XMP) lists {steps} steps of editing or saving. It may be incomplete or made up."
        yield Finding("history", "info", text)
    for key in filter(texts.get, _GENERATOR_TEXTS):
        text = f"It has a text field {quoted(key)}, in which AI generators keep their settings. It may be made up."
        yield Finding("generator-text", "warn", text)
    if any(_GENERATOR_SETTINGS.search(text[:_LIMIT]) for text in (*comments, texts.get("description", ""))):
        text = "A comment in it holds settings such as AI generators write. It may be made up."
        yield Finding("generator-text", "warn", text)


def xmp_values(xmp: str, name: str) -> list[str]:
    """Find all values of a property, written as an attribute or as an element.

    Not parsed as XML, whose entities a hostile file could abuse.

    Parameters
    ----------
    xmp : str
    name : str
        Without its prefix.
    """
    attribute = rf"[:\s]{name}\s*=\s*[\"']([^\"'<]{{1,300}})[\"']"
    element = rf"[:<]{name}(?:\s[^<>]{{0,200}})?>([^<]{{1,300}})<"
    found = re.findall(f"{attribute}|{element}", xmp)
    return [html.unescape(first or second).strip() for first, second in found[:100]]


def _programs(names: list[str], hidden: list[str]) -> Iterator[Finding]:
    known: dict[tuple[str, str], str] = {}
    for text in filter(None, [*names, *hidden]):
        found = program(text)
        if found:
            known.setdefault(found, text)
    for (kind, name), text in known.items():
        level, meaning = _MEANING[kind]
        said = f"It names {quoted(text)} ({name}), {meaning}. Such a name can be removed or made up."
        yield Finding(f"software-{kind}", level, said)
    for text in dict.fromkeys(names):
        if text and not program(text):
            said = f"It names the software {quoted(text)}, which LensLock does not know: perhaps the camera's own."
            yield Finding("software-unknown", "info", said)


def _png_texts(image: Image.Image) -> Mapping[str, str]:
    """Texts of a PNG by key in lower case."""
    if image.format != "PNG":
        return {}
    image.load()
    return {str(key).lower(): value for key, value in image.info.items() if isinstance(value, str)}


def _xmp(image: Image.Image) -> str:
    raw = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
    return (raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw))[:_LIMIT]
