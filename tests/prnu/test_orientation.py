"""Photos that were turned or mirrored are found and named; other cameras' are not."""

from __future__ import annotations

import numpy as np
import pytest

from prnu import ImageError, gather, match
from prnu.fingerprint import Fingerprint
from prnu.images import centre_crop
from prnu.match import THRESHOLD
from prnu.orientation import TURNS, turned_back
from testing.some import some


def turned(turn, luma):
    """What `turn.undo` brings back."""
    back = np.rot90(luma, -turn.quarters)
    return np.ascontiguousarray(back[:, ::-1] if turn.mirrored else back)


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.words)
def test_every_way_to_turn_a_photo_over_is_found_and_named(rig, turn):
    photo = rig.photos[0]
    found = some(turned_back(rig.fingerprint, turned(turn, photo)))
    assert found.turn is turn
    assert found.match.passed()
    assert found.match.pce > 0.8 * match(rig.fingerprint, photo).pce
    assert found.evidence.shape == rig.fingerprint.shape
    assert np.array_equal(found.evidence.luma, photo)


def test_words_say_what_became_of_the_photo():
    photo = np.arange(12, dtype=np.float32).reshape(3, 4)
    by_words = {turn.words: turned(turn, photo) for turn in TURNS}
    assert np.array_equal(by_words["mirrored"], photo[:, ::-1])
    assert np.array_equal(by_words["mirrored top to bottom"], photo[::-1])
    assert np.array_equal(by_words["turned by 180 degrees"], photo[::-1, ::-1])
    assert by_words["turned by 90 degrees clockwise"][0].tolist() == [8, 4, 0]
    assert by_words["turned by 90 degrees counter-clockwise"][0].tolist() == [3, 7, 11]
    assert len(by_words) == len({array.tobytes() + bytes(array.shape) for array in by_words.values()}) == 7


def test_threshold_and_p_value_are_raised_for_the_tries(rig):
    found = some(turned_back(rig.fingerprint, rig.photos[0][:, ::-1].copy()))
    assert found.match.searched == 4
    assert found.match.threshold() == pytest.approx(THRESHOLD + 2 * np.log(4))


def test_other_cameras_match_in_no_orientation(rig, other):
    for photo in other.photos[:3]:
        for pixels in (photo, np.ascontiguousarray(np.rot90(photo))):
            assert not some(turned_back(rig.fingerprint, pixels)).match.passed()


def test_turned_photos_count_together(rig):
    mirrored = [photo[:, ::-1].copy() for photo in rig.photos[:2]]
    together = some(turned_back(rig.fingerprint, gather(mirrored)))
    alone = some(turned_back(rig.fingerprint, mirrored[0]))
    assert together.match.images == 2
    assert together.match.pce > 1.2 * alone.match.pce


def test_of_a_square_all_seven_are_tried(rig):
    square = Fingerprint(rig.fingerprint.pattern[:480, 80:560].copy(), 12, 0.1)
    found = some(turned_back(square, np.rot90(rig.photos[0][:480, 80:560], -1).copy()))
    assert (found.turn.words, found.match.searched) == ("turned by 90 degrees clockwise", 8)
    assert found.match.passed()


def test_a_cropped_fingerprint_is_met_by_the_centre_of_the_photo_turned_back(rig):
    crop = (400, 600)
    fingerprint = Fingerprint(np.ascontiguousarray(centre_crop(rig.fingerprint.pattern, crop)), 12, 0.1)
    photo = rig.photos[0][::-1, ::-1].copy()
    found = some(turned_back(fingerprint, photo, crop))
    assert found.turn.words == "turned by 180 degrees"
    assert found.match.passed()


def test_no_orientation_of_another_size_is_tried(rig):
    assert turned_back(rig.fingerprint, rig.photos[0][:400]) is None


def test_pictures_that_cannot_be_used_are_refused(rig):
    with pytest.raises(ImageError, match="no noise"):
        turned_back(rig.fingerprint, np.full((480, 640), 255, np.uint8))
