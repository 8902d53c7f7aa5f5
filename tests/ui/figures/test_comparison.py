from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from testing.some import some
from ui.figures import comparison


@pytest.fixture(scope="module")
def genuine(own):
    return comparison.side(own)


@pytest.fixture(scope="module")
def attack(foreign):
    return comparison.side(foreign)


def test_a_side_holds_what_is_drawn_and_neither_stills_nor_the_fingerprint(genuine):
    arrays = [value for value in vars(genuine).values() if isinstance(value, np.ndarray)]
    assert sum(array.nbytes for array in arrays) < 500_000
    assert genuine.found.pce >= genuine.threshold
    assert not hasattr(genuine, "fingerprint")


def test_both_maps_have_one_scale_of_colours_and_the_weaker_one_no_smaller_blocks(attack, genuine):
    assert attack.agreement.block >= genuine.agreement.block
    figure = comparison.agreements([("This attack", attack), ("Genuine", genuine)])
    left, right = figure.data
    assert (left.zmin, left.zmax) == (right.zmin, right.zmax)
    assert float(np.mean(right.z)) > 5 * abs(float(np.mean(left.z)))
    assert (genuine.shown, attack.shown) == ("pattern", "chance")
    assert float(np.max(left.z)) < 0.6 * left.zmax  # what chance gives is dull everywhere


def test_the_face_is_framed_in_each_view_and_lies_on_its_picture(attack, genuine):
    figure = comparison.agreements([("This attack", attack), ("Genuine", genuine)])
    framed = [shape for shape in figure.layout.shapes if shape.line.color == "white"]
    assert [(shape.xref, shape.x0) for shape in framed] == [("x", attack.box.left), ("x2", genuine.box.left)]
    assert [image.xref for image in figure.layout.images] == ["x", "x2"]


def test_pictures_that_are_shown_say_that_they_are_simulated(genuine):
    figure = comparison.agreements([("Genuine", genuine)])
    data = base64.b64decode(figure.layout.images[0].source.partition(",")[2])
    picture = some(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE))
    corner = picture[-20:, -80:]  # white letters on black
    assert (corner < 30).mean() > 0.4
    assert (corner > 200).mean() > 0.03


def test_noise_is_drawn_in_the_pixels_of_the_stills(attack):
    figure = comparison.noises([("This attack", attack)])
    (heat,) = figure.data
    assert heat.x[-1] <= 640
    assert heat.x[1] - heat.x[0] == attack.step
    assert figure.layout.xaxis.range == (attack.window.left, attack.window.left + attack.window.width)


def test_without_a_camera_of_that_size_there_is_a_picture_but_no_map(other_size):
    side = comparison.side(other_size)
    assert side.agreement is None
    assert side.found is None
    assert not comparison.agreements([("This attack", side)]).data
