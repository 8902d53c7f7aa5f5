from __future__ import annotations

import io

import av
import numpy as np
import pytest

from liveness.film import FilmWriter


def picture(level: int, shape: tuple[int, int] = (64, 96)) -> np.ndarray:
    return np.full((*shape, 3), level, np.uint8)


def frames(file) -> list[av.VideoFrame]:
    with av.open(file) as film:
        return list(film.decode(video=0))


def test_pictures_come_back_in_order_at_their_times(tmp_path):
    times = [0.0, 0.067, 0.5, 2.0]
    with FilmWriter(tmp_path / "film.mp4") as film:
        for number, time_s in enumerate(times):
            film.add(picture(50 * number + 20), time_s)
    found = frames(str(tmp_path / "film.mp4"))
    assert [frame.time for frame in found] == pytest.approx(times, abs=0.002)
    assert [int(frame.to_ndarray(format="rgb24").mean()) for frame in found] == pytest.approx([20, 70, 120, 170], abs=4)


def test_two_pictures_of_one_time_are_both_kept():
    file = io.BytesIO()
    with FilmWriter(file) as film:
        for time_s in (0.0, 0.1, 0.1, 0.05, 0.2):
            film.add(picture(100), time_s)
    times = [frame.time for frame in frames(io.BytesIO(file.getvalue()))]
    assert len(times) == 5
    assert times == sorted(set(times))


def test_odd_sides_lose_their_last_row_and_column():
    file = io.BytesIO()
    with FilmWriter(file) as film:
        film.add(picture(100, (65, 97)), 0.0)
    (frame,) = frames(io.BytesIO(file.getvalue()))
    assert (frame.height, frame.width) == (64, 96)


def test_title_comment_and_encoder_options_arrive():
    files: dict[str, bytes] = {}
    noise = np.random.default_rng(1).integers(0, 255, (64, 96, 3), np.uint8)
    for crf in ("10", "45"):
        file = io.BytesIO()
        film = FilmWriter(file, "a title", "a comment", crf=crf)
        film.add(noise, 0.0)
        film.close()
        film.close()
        files[crf] = file.getvalue()
    assert len(files["10"]) > 2 * len(files["45"])
    with av.open(io.BytesIO(files["45"])) as found:
        assert found.metadata["title"] == "a title"
        assert found.metadata["comment"] == "a comment"
