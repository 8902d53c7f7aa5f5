"""Contradictions in metadata are noticed, what honest cameras write is not, and hostile text harms nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from provenance.finding import cleaned, quoted
from provenance.metadata import PREVIEW_LIMIT, preview_difference
from provenance.report import examine
from provenance.software import program, xmp_values
from tests import needs
from tests.provenance.exif import SHAPE, camera_file, encode, exif, photo, preview_of

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DATA = needs.DATA / "cameras"
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description {}</rdf:RDF></x:xmpmeta>'
NONE = (0x9003, 0x9004, 0x9010, 0x9011, 0x9290, 0x9291, 0x9292)


def codes(data: bytes, *levels: str) -> set[str]:
    found = examine(data, now=NOW).findings
    return {finding.code for finding in found if not levels or finding.level in levels}


def warned(**changes) -> set[str]:
    return codes(camera_file(**changes), "warn")


def text_of(data: bytes, code: str) -> str:
    return next(finding.text for finding in examine(data, now=NOW).findings if finding.code == code)


# Honest files


def test_a_consistent_camera_file_raises_no_warning():
    found = examine(camera_file(), now=NOW)
    assert not [finding for finding in found.findings if finding.level == "warn"]
    assert {"camera-named", "times-agree", "size-agrees", "preview-agrees"} <= codes(camera_file())
    assert "LensLock Camera 1" in text_of(camera_file(), "camera-named")


def test_the_summary_names_the_camera_and_the_shot_but_no_place():
    assert examine(camera_file(gps={0x0002: [(52, 1), (31, 1), (0, 1)]}), now=NOW).exif == {
        "Make": "LensLock",
        "Model": "Camera 1",
        "DateTime": "2024:05:14 11:30:00",
        "Orientation": "1",
        "ExposureTime": "0.01",
        "DateTimeOriginal": "2024:05:14 11:30:00",
        "OffsetTimeOriginal": "+02:00",
        "SubsecTimeOriginal": "25",
        "ExifImageWidth": "360",
        "ExifImageHeight": "270",
        "GPSInfo": "present",
    }


@pytest.mark.data
def test_real_camera_files_raise_no_warning():
    for path in (*DATA.glob("phone-*/probe/*"), *DATA.glob("phone-*/enrol/flat_01.jpg")):
        found = examine(path)
        assert not [finding for finding in found.findings if finding.level == "warn"]
        assert {"camera-named", "times-agree", "size-agrees", "preview-agrees"} <= {f.code for f in found.findings}
    found = examine(next(DATA.glob("gopro-hero4/probe/*")))
    assert "software-exporter" in {finding.code for finding in found.findings}


def test_a_file_without_metadata_names_no_camera_and_raises_no_warning():
    found = examine(encode(photo(), quality=90), now=NOW)
    assert found.exif == {}
    assert "camera-missing" in {finding.code for finding in found.findings}
    assert not [finding for finding in found.findings if finding.level != "info"]


@pytest.mark.parametrize(
    "changes",
    [
        {"main": {0x0132: "2024:05:14 11:30:45"}},
        {"shot": {0x9011: None, 0x9010: None}},
        {"shot": {0x9290: None, 0x9291: None, 0x9292: None}},
        {"shot": {0x9290: "250", 0x9291: "25"}},  # the same fraction
        {"main": {0x0132: "2024:05:14 10:30:00"}, "shot": {0x9010: "+01:00"}},  # the same moment
        {"gps": {0x0007: [(9, 1), (25, 1), (0, 1)]}},
        {"shot": {0x9011: None}, "gps": {0x0007: [(21, 1), (25, 1), (0, 1)], 0x001D: "2024:05:13"}},
        {"gps": {0x0007: [(9, 0), (0, 0), (0, 0)]}},
        {"gps": {0x001D: "no date"}},
        {"shot": {0x9011: "   :  "}},
        {"main": {0x0112: 6}},
        {"main": {0x0112: 0}},
        {"shot": {0xA002: 0, 0xA003: 0}},
        {"shot": {0xA002: None}},
    ],
    ids=str,
)
def test_what_honest_cameras_write_too_is_not_warned_of(changes):
    assert warned(**changes) == set()


# Contradictions


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"main": {0x0132: "2024:05:14 11:32:00"}}, "time-changed"),
        ({"main": {0x0132: "2024:05:14 11:30:00"}, "shot": {0x9010: "+00:00"}}, "time-changed"),
        ({"main": {0x0132: "2024:05:14 11:28:00"}}, "time-order"),
        ({"shot": {0x9003: "14 May 2024"}}, "time-malformed"),
        ({"shot": {0x9003: "2024:02:30 11:30:00"}}, "time-malformed"),
        ({"shot": {0x9291: "x5"}}, "time-malformed"),
        ({"shot": {0x9011: "+25:00"}}, "time-malformed"),
        ({"shot": {0x9010: "CEST"}}, "time-malformed"),
        ({"gps": {0x0007: [(11, 1), (30, 1), (0, 1)]}}, "time-gps"),
        ({"gps": {0x001D: "2024:05:12"}, "shot": {0x9011: None}}, "time-gps"),
        ({"shot": {0xA002: 4000, 0xA003: 3000}}, "size-differs"),
        ({"shot": {0xA002: 361}}, "size-differs"),
        ({"main": {0x0112: 9}}, "orientation-malformed"),
        ({"main": {0x0112: "up"}}, "orientation-malformed"),
        ({"main": {0x0131: "Adobe Photoshop 25.1 (Windows)"}}, "software-editor"),
        ({"main": {0x0131: "Stable Diffusion XL"}}, "software-generator"),
    ],
    ids=str,
)
def test_a_contradiction_is_noticed_and_nothing_else(changes, code):
    assert warned(**changes) == {code}
    assert "times-agree" not in codes(camera_file(**changes)) or not code.startswith("time")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shot": {0x9004: "2024:05:14 11:32:00"}}, "time-stored"),
        ({"shot": {0x9290: "26"}}, "time-fraction"),
        ({"shot": {0x9003: "0000:00:00 00:00:00"}}, "clock-unset"),
        ({"shot": {0x9003: "1970:01:01 00:00:00"}}, "clock-unset"),
        ({"shot": {0x9003: "    :  :     :  :  "}}, "clock-unset"),
        ({"shot": {0xA002: SHAPE[0], 0xA003: SHAPE[1]}}, "size-turned"),
        ({"main": {0x0131: "Photos 1.5"}}, "software-exporter"),
        ({"main": {0x0131: "G991BXXU3AUE1"}}, "software-unknown"),
    ],
    ids=str,
)
def test_an_oddity_that_may_be_honest_is_told_without_a_warning(changes, code):
    assert warned(**changes) == set()
    assert code in codes(camera_file(**changes), "info")


@pytest.mark.parametrize(
    ("taken", "zone", "future"),
    [
        ("2024:06:01 02:05:00", "+02:00", False),
        ("2024:06:01 03:00:00", "+02:00", True),
        ("2024:05:31 22:30:00", "-03:00", True),
        ("2024:06:01 13:00:00", None, False),
        ("2024:06:01 15:00:00", None, True),
        ("9999:12:31 23:59:59", "-14:00", True),
    ],
)
def test_a_date_in_the_future_of_its_own_time_zone_is_noticed(taken, zone, future):
    shot = {0x9003: taken, 0x9004: taken, 0x9011: zone, 0x9010: zone, 0x9291: "999999999"}
    found = codes(camera_file(main={0x0132: taken}, shot=shot, gps={0x001D: None}))
    assert ("time-future" in found) == future


def test_no_times_agree_where_there_is_but_one():
    only = camera_file(shot=dict.fromkeys(NONE), gps={0x001D: None})
    assert not {code for code in codes(only) if code.startswith("time")}


@pytest.mark.parametrize(
    "damaged",
    [
        b"Exif\0\0no tags here",
        b"Exif\0\0II*\0\xff\xff\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\xff\xff\xff\0\0\0\0\0",
        exif({0x010F: "LensLock"}, {}, {})[:24],
    ],
    ids=["no TIFF", "nothing where it points", "no shot", "cut short"],
)
def test_damaged_exif_is_told(damaged):
    assert codes(encode(photo(), quality=90, exif=damaged), "warn") == {"exif-damaged"}


# The preview


def test_a_preview_of_another_picture_is_noticed():
    data = camera_file(preview=preview_of(photo("astronaut")))
    assert codes(data, "warn") == {"preview-differs"}


def test_a_patched_picture_no_longer_fits_its_preview():
    pixels = photo().copy()
    pixels[100:170, 150:240] = photo("gravel")[100:170, 150:240] // 2
    assert warned(pixels=pixels) == {"preview-differs"}


def test_a_cut_picture_no_longer_fits_its_preview():
    pixels = np.ascontiguousarray(photo()[:, :300])
    assert warned(pixels=pixels) == {"size-differs", "preview-differs"}


def wide_photo() -> np.ndarray:
    return np.concatenate([photo(), photo()[:, :120, ::-1]], axis=1)  # 16:9


def test_a_squeezed_a_turned_and_a_barred_preview_are_honest():
    wide = wide_photo()
    small = Image.fromarray(wide).resize((160, 90), Image.Resampling.BOX)
    barred = Image.new("RGB", (160, 120))
    barred.paste(small, (0, 15))
    for preview in (np.asarray(small.resize((160, 120))), np.rot90(np.asarray(small)), np.asarray(barred)):
        data = camera_file(pixels=wide, shot={0xA002: wide.shape[1]}, preview=encode(preview, quality=75))
        assert codes(data, "warn") == set()
        assert "preview-agrees" in codes(data)


def test_bright_bars_are_no_bars():
    wide = wide_photo()
    barred = Image.new("RGB", (160, 120), "white")
    barred.paste(Image.fromarray(wide).resize((160, 90), Image.Resampling.BOX), (0, 15))
    data = camera_file(pixels=wide, shot={0xA002: wide.shape[1]}, preview=encode(np.asarray(barred), quality=75))
    assert codes(data, "warn") == {"preview-differs"}


@pytest.mark.parametrize(
    "preview", [b"no picture", preview_of(photo())[:300], encode(photo()), encode(np.zeros((2001, 2000), np.uint8))]
)
def test_a_preview_that_is_none_is_told(preview):
    good = preview == encode(photo())  # a large one is fine
    assert warned(preview=preview) == (set() if good else {"preview-damaged"})


def test_preview_difference_is_the_largest_of_an_eighth_by_an_eighth():
    luma = np.full((400, 800), 100, np.float32)
    small = np.full((80, 160), 100, np.float32)
    assert preview_difference(luma, small) == 0
    luma[50:100, 200:300] = 120
    assert preview_difference(luma, small) == pytest.approx(20)
    luma[50:100, 200:250] = 100
    assert preview_difference(luma, small) == pytest.approx(10)
    assert PREVIEW_LIMIT < 10


# Programs


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Adobe Photoshop CC 2017 (Macintosh)", "editor"),
        ("Adobe Photoshop Lightroom Classic 9.2", "exporter"),
        ("GIMP 2.10.34", "editor"),
        ("Snapseed 2.0", "editor"),
        ("FaceApp 3.4", "editor"),
        ("Photos 1.5", "exporter"),
        ("Microsoft Windows Photo Viewer 10.0", "exporter"),
        ("Midjourney", "generator"),
        ("DALL-E 3", "generator"),
        ("ChatGPT", "generator"),
        ("Stable-Diffusion v1.5", "generator"),
        ("Adobe Firefly", "generator"),
        ("Made with Google AI", "generator"),
        ("DeepFaceLab", "generator"),
    ],
)
def test_programs_are_known_by_kind(text, kind):
    found = program(text)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(
    "text", ["", "I9300XXUGOL2", "17.4.1", "HDR+ 1.0.540104767zd", "My Photos 2", "Camera Firefly", "Imagen"]
)
def test_other_words_are_no_program(text):
    assert program(text) is None


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ('xmp:CreatorTool="Adobe Photoshop 25.1"/>', "software-editor"),
        ("><xmp:CreatorTool>Adobe Photoshop 25.1</xmp:CreatorTool></rdf:Description>", "software-editor"),
        ("stEvt:softwareAgent='GIMP' />", "software-editor"),
        ('photoshop:Credit="Made with Google AI"/>', "software-generator"),
        ('e:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>', "generated"),
        ("><e:DigitalSourceType>x/compositeSynthetic/</e:DigitalSourceType></rdf:Description>", "generated"),
        ('e:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"/>', None),
    ],
)
def test_what_xmp_says_is_noticed(description, code):
    data = camera_file(xmp=XMP.format(description).encode())
    assert codes(data, "warn") == ({code} if code else set())


@pytest.mark.parametrize(
    ("format_", "options"), [("JPEG", {}), ("PNG", {}), ("WEBP", {}), ("HEIF", {}), ("TIFF", {})], ids=str
)
def test_xmp_is_read_from_every_format(format_, options):
    xmp = XMP.format('xmp:CreatorTool="GIMP"/>')
    if format_ == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp)
        options = {"pnginfo": info}
    elif format_ == "TIFF":
        options = {"tiffinfo": {700: xmp.encode()}}
    else:
        options = {"xmp": xmp.encode()}
    assert "software-editor" in codes(encode(photo(), format_, **options))


def test_steps_of_a_history_are_counted():
    steps = '<rdf:li stEvt:action="saved"/>' * 2 + "<rdf:li><stEvt:action>derived</stEvt:action></rdf:li>"
    assert "lists 3 steps" in text_of(camera_file(xmp=XMP.format(f">{steps}</rdf:Description>").encode()), "history")


def test_entities_in_xmp_are_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "GIMP"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + XMP
    data = camera_file(xmp=bomb.format("><xmp:CreatorTool>&b;</xmp:CreatorTool></rdf:Description>").encode())
    assert codes(data, "warn") == set()
    assert xmp_values("<xmp:CreatorTool>A &amp; B</xmp:CreatorTool>", "CreatorTool") == ["A & B"]


@pytest.mark.parametrize("key", ["parameters", "prompt", "Workflow"])
def test_text_fields_of_generators_are_noticed_in_png(key):
    info = PngInfo()
    info.add_text(key, "a cat", zip=key == "prompt")
    assert codes(encode(photo(), "PNG", pnginfo=info), "warn") == {"generator-text"}


def test_text_after_the_picture_of_a_png_is_read():
    info = PngInfo()
    info.add_text("Software", "NovelAI")
    before = encode(photo(), "PNG", pnginfo=info)
    start = before.index(b"tEXt") - 4
    chunk = before[start : start + 12 + len(b"Software\0NovelAI")]
    bare = before.replace(chunk, b"")
    after = bare[:-12] + chunk + bare[-12:]
    assert codes(after, "warn") == {"software-generator"}


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7".encode("utf-16-be"),
        b"UNICODE\0" + "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7".encode("utf-16-le"),
        b"ASCII\0\0\0a cat, Negative prompt: dog",
    ],
)
def test_settings_of_a_generator_in_a_comment_are_noticed(comment):
    assert warned(shot={0x9286: comment}) == {"generator-text"}


def test_an_ordinary_comment_is_no_generators():
    assert warned(shot={0x9286: b"ASCII\0\0\0five steps: 20, then left"}) == set()


# Hostile text


def test_text_from_a_file_is_shown_on_one_short_line():
    assert quoted("a\nb\x1b[31m\u202ec\0d") == '"a b [31m c d"'
    assert cleaned("x" * 100) == "x" * 57 + "..."
    data = camera_file(main={0x010F: "evil\n\n# Title\x07" + "x" * 500, 0x0131: "\r\n".join("ab")})
    found = examine(data, now=NOW)
    assert len(found.exif["Make"]) <= 60
    for text in (*found.exif.values(), *(finding.text for finding in found.findings)):
        assert text.isprintable()
        assert len(text) < 400
