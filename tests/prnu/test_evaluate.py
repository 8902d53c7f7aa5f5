"""An evaluation tells cameras apart, counts rightly, and says what it left out."""

from __future__ import annotations

import json
import shutil

import cv2
import numpy as np
import pytest

from prnu import Fingerprint, ImageError, scenes
from prnu.evaluate import FALSE_ALARM_RATES, Evaluation, Pair, camera_folders, evaluate, identify, identify_turned
from prnu.images import load_luma
from prnu.sensor import SimulatedCamera
from testing.some import some

SHAPE = (256, 320)
LARGE = (272, 352)


def add_camera(folder, name: str, seed: int, shape=SHAPE, still: bool = False) -> None:
    """Six walls to enrol (or six photos of one unmoving scene) and two probes of other scenes."""
    camera = SimulatedCamera(shape, seed=seed)
    for kind in ("enrol", "probe"):
        (folder / name / kind).mkdir(parents=True)
    for number in range(6):
        scene = scenes.photo("gravel", shape) if still else scenes.flat(shape, seed=seed * 100 + number)
        (folder / name / "enrol" / f"{number}.jpg").write_bytes(camera.photograph_jpeg(scene))
    for number in range(2):
        scene = scenes.sky(shape, seed=seed * 100 + number)
        (folder / name / "probe" / f"{number}.jpg").write_bytes(camera.photograph_jpeg(scene))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Three cameras of one size."""
    folder = tmp_path_factory.mktemp("cameras")
    for seed, name in enumerate(("alpha", "beta", "gamma"), 1):
        add_camera(folder, name, seed)
    return folder


@pytest.fixture(scope="module")
def result(good) -> Evaluation:
    return evaluate(good)


@pytest.fixture
def mixed(good, tmp_path):
    """Two of them, and more to be found in their folder than good photos."""
    for name in ("alpha", "beta"):
        shutil.copytree(good / name, tmp_path / name)
    return tmp_path


@pytest.fixture(scope="module")
def fingerprints(good) -> dict[str, Fingerprint]:
    return {name: Fingerprint.from_images(sorted((good / name / "enrol").glob("*"))) for name in ("alpha", "beta")}


def scored(same: list[float], other: list[float], camera: str = "a") -> Evaluation:
    kinds = [(True, pce) for pce in same] + [(False, pce) for pce in other]
    return Evaluation(tuple(Pair(camera, "p.jpg", kind, pce, 0.0, 0.5, pce >= 50) for kind, pce in kinds))


# A folder of cameras


def test_every_fingerprint_meets_every_probe(result):
    names = ("alpha", "beta", "gamma")
    expected = {(camera, f"{probe}/{n}.jpg") for camera in names for probe in names for n in range(2)}
    assert {(pair.fingerprint, pair.probe) for pair in result.pairs} == expected
    assert len(result.pairs) == len(expected)
    assert all(pair.same == pair.probe.startswith(f"{pair.fingerprint}/") for pair in result.pairs)
    assert result.skipped == ()


def test_same_camera_pairs_score_above_all_others(result):
    same, other = result.scores
    assert (same.size, other.size) == (6, 12)
    assert same.min() > 100
    assert np.abs(other).max() < 30
    assert result.auc == 1
    assert all(pair.passed == pair.same for pair in result.pairs)
    assert all((pair.p_value < 1e-6) == pair.same for pair in result.pairs)
    assert min(pair.ncc for pair in result.pairs if pair.same) > max(pair.ncc for pair in result.pairs if not pair.same)


def test_dictionary_holds_plain_values_for_json(result):
    found = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert found == result.to_dict()
    assert {"fingerprint", "probe", "same", "pce", "ncc", "p_value"} <= found["pairs"][0].keys()
    assert found["auc"] == 1
    assert found["tpr_at_fpr"] == {"0": 1, "0.001": 1, "0.01": 1}
    assert found["passed"] == {"same": 6, "other": 0}
    assert (found["same_pairs"], found["other_pairs"]) == (6, 12)
    assert found["smallest_same_pce"] == result.scores[0].min()
    assert found["largest_other_pce"] == result.scores[1].max()
    assert found["median_same_pce"].keys() == {"alpha", "beta", "gamma"}
    assert found["geometric_mean_of_medians"] == pytest.approx(np.prod(list(result.medians().values())) ** (1 / 3))


def test_bad_files_are_skipped_and_named(mixed):
    (mixed / "alpha" / "probe" / "text.jpg").write_text("not a photo")
    (mixed / "alpha" / "probe" / "black.png").write_bytes(cv2.imencode(".png", np.zeros(SHAPE, np.uint8))[1].tobytes())
    (mixed / "beta" / "enrol" / "cut.jpg").write_bytes((mixed / "beta" / "enrol" / "0.jpg").read_bytes()[:900])
    (mixed / "beta" / "enrol" / "notes.txt").write_text("no photo by name and content: not even tried")
    (mixed / "beta" / "probe" / "folder.jpg").mkdir()
    found = evaluate(mixed)
    reasons = {item.name: item.reason for item in found.skipped}
    assert reasons.keys() == {
        "alpha/probe/text.jpg",
        "alpha/probe/black.png",
        "beta/enrol/cut.jpg",
        "beta/enrol/notes.txt",
        "beta/probe/folder.jpg",
    }
    assert reasons["alpha/probe/text.jpg"].startswith("this is not a picture that can be read. Use")
    assert "no noise" in reasons["alpha/probe/black.png"]
    assert "damaged or cut short" in reasons["beta/enrol/cut.jpg"]
    assert "folder" in reasons["beta/probe/folder.jpg"]
    assert reasons["beta/enrol/notes.txt"] == "neither its name nor its content is that of a picture."
    assert len(found.pairs) == 8
    assert found.auc == 1
    assert found.dropped == ()


def test_camera_of_another_size_is_compared_with_itself_only(mixed):
    add_camera(mixed, "large", 4, LARGE)
    found = evaluate(mixed)
    assert sum(pair.fingerprint == "large" for pair in found.pairs) == 2
    assert all(pair.same for pair in found.pairs if "large" in (pair.fingerprint, pair.probe.split("/")[0]))
    reasons = {item.name: item.reason for item in found.skipped}
    assert len(reasons) == 8  # two probes of each small camera with the large one, and its two with each of them
    assert reasons["alpha/0.jpg with large"] == "320x256 against 352x272 pixels: use --crop"
    assert reasons["large/1.jpg with beta"] == "352x272 against 320x256 pixels: use --crop"


def test_crop_makes_sizes_comparable(mixed):
    add_camera(mixed, "large", 4, LARGE)
    found = evaluate(mixed, crop=(256, 320))
    assert len(found.pairs) == 18
    assert found.skipped == ()
    assert found.auc == 1


def test_crop_larger_than_the_pictures_names_each(mixed):
    found = evaluate(mixed, crop=LARGE)
    assert found.pairs == ()
    assert sum("smaller than the crop of 352x272" in item.reason for item in found.skipped) == 16
    assert {"alpha", "beta"} == {item.name for item in found.dropped}


def test_camera_enrolled_with_one_still_scene_is_left_out_with_the_reason(mixed):
    add_camera(mixed, "tripod", 5, still=True)
    found = evaluate(mixed)
    assert {pair.fingerprint for pair in found.pairs} == {"alpha", "beta"}
    assert {pair.probe.split("/")[0] for pair in found.pairs} == {"alpha", "beta", "tripod"}
    (item,) = (item for item in found.skipped if item.name == "tripod")
    assert "shows the same scene in all photos" in item.reason
    assert "blank wall" in item.reason
    assert found.dropped == (item,)


def test_camera_without_usable_photos_is_left_out_with_the_reason(mixed):
    shutil.rmtree(mixed / "alpha" / "enrol")
    (mixed / "alpha" / "enrol").mkdir()
    shutil.rmtree(mixed / "beta" / "probe")
    found = evaluate(mixed)
    assert [(item.name, item.reason) for item in found.skipped] == [("alpha", "There is no usable photo yet.")]
    assert [(item.name, item.reason) for item in found.dropped] == [
        ("alpha", "There is no usable photo yet."),
        ("beta", "There is no photo in its folder probe."),
    ]
    assert [(pair.fingerprint, pair.probe) for pair in found.pairs] == [
        ("beta", "alpha/0.jpg"),
        ("beta", "alpha/1.jpg"),
    ]
    json.dumps(found.to_dict(), allow_nan=False)  # only other-camera pairs


def test_the_commonest_size_decides_so_that_one_turned_photo_loses_no_camera(mixed):
    turned = np.rot90(load_luma(mixed / "alpha" / "enrol" / "0.jpg")).astype(np.uint8)
    cv2.imwrite(str(mixed / "alpha" / "enrol" / "00_first.png"), turned)
    found = evaluate(mixed)
    assert len(found.pairs) == 8
    assert found.auc == 1
    assert found.dropped == ()
    ((name, reason),) = ((item.name, item.reason) for item in found.skipped)
    assert name == "alpha/enrol/00_first.png"
    assert "It has been turned by a quarter" in reason


def test_camera_whose_probes_are_all_of_another_size_is_dropped_with_the_reason(mixed):
    for path in (mixed / "alpha" / "probe").glob("*"):
        cv2.imwrite(str(path.with_suffix(".png")), load_luma(path)[:-8].astype(np.uint8))
        path.unlink()
    found = evaluate(mixed)
    ((name, reason),) = ((item.name, item.reason) for item in found.dropped)
    assert name == "alpha"
    assert reason.startswith("Not one of its 2 photos to probe could be compared with its own fingerprint")


def test_two_cameras_in_one_folder_are_dropped_with_their_groups(mixed):
    for path in (mixed / "beta" / "enrol").glob("*"):
        shutil.copy(path, mixed / "alpha" / "enrol" / f"beta_{path.name}")
    found = evaluate(mixed)
    ((name, reason),) = ((item.name, item.reason) for item in found.dropped)
    assert name == "alpha"
    assert "6 agree with each other (0.jpg, 1.jpg" in reason
    assert "6 agree with each other (beta_0.jpg, beta_1.jpg" in reason
    assert {pair.fingerprint for pair in found.pairs} == {"beta"}


def test_folder_without_cameras_is_refused(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere: there is no such folder\. Give a folder with <camera>/enrol"):
        evaluate(tmp_path / "nowhere")
    (tmp_path / "photos").mkdir()
    with pytest.raises(ImageError, match=r"holds no camera\. Give a folder with <camera>/enrol"):
        evaluate(tmp_path)


def test_cameras_are_the_folders_with_something_to_enrol(mixed):
    (mixed / "readme.txt").write_text("hello")
    (mixed / "other").mkdir()
    assert camera_folders(mixed) == {name: mixed / name for name in ("alpha", "beta")}


def test_enrol_takes_the_first_photos_by_name(good, result):
    few = evaluate(good, enrol=2)
    assert len(few.pairs) == len(result.pairs)
    assert few.to_dict()["geometric_mean_of_medians"] < 0.7 * result.to_dict()["geometric_mean_of_medians"]
    first = Fingerprint.from_images(good / "alpha" / "enrol" / f"{n}.jpg" for n in range(2))
    ((_, expected),) = identify({"alpha": first}, good / "alpha" / "probe" / "0.jpg")
    (pair,) = (pair for pair in few.pairs if (pair.fingerprint, pair.probe) == ("alpha", "alpha/0.jpg"))
    assert pair.pce == pytest.approx(expected.pce, rel=1e-3)


def test_transform_changes_probes_only(good, result):
    seen = []

    def moved(luma):
        seen.append(luma.shape)
        return np.roll(luma, 5, axis=0)

    found = evaluate(good, transform=moved)
    assert seen == [SHAPE] * 6
    assert np.abs(found.scores[0]).max() < 30 < result.scores[0].min()  # the pattern is not where it was enrolled


def test_transform_works_on_the_crop(good):
    seen = []

    def look(luma):
        seen.append(luma.shape)
        return luma

    evaluate(good, crop=(256, 264), enrol=1, transform=look)
    assert seen == [(256, 264)] * 6


def test_threshold_decides_what_passes(good):
    found = evaluate(good, threshold=1e6)
    assert found.threshold == 1e6
    assert not any(pair.passed for pair in found.pairs)


def test_progress_reaches_its_end(good):
    steps = []
    evaluate(good, enrol=1, progress=lambda *step: steps.append(step))
    assert steps[0] == ("enrolling alpha", 0, 9)
    assert steps[3] == ("comparing alpha", 3, 9)
    assert steps[-1] == ("done", 9, 9)
    assert [done for _, done, _ in steps] == list(range(10))


# Figures, against hand-made examples


@pytest.mark.parametrize(
    ("same", "other", "auc"),
    [
        ([3, 4], [1, 2], 1),
        ([1, 2], [3, 4], 0),
        ([1, 3], [2, 4], 0.25),  # of four comparisons, only 3 > 2
        ([2], [2], 0.5),
        ([1, 2, 2], [2, 3], 1 / 6),  # two ties of six
        ([5], [1, 5, 9], 0.5),
        ([-3, 10], [-5, -3], 3.5 / 4),
    ],
)
def test_auc_is_the_share_of_comparisons_won_with_ties_by_half(same, other, auc):
    assert scored(same, other).auc == pytest.approx(auc)


def test_auc_is_the_area_under_the_roc_curve():
    rng = np.random.default_rng(3)
    found = scored(list(rng.integers(0, 20, 40).astype(float)), list(rng.integers(-5, 12, 60).astype(float)))
    false_rate, true_rate = found.roc()
    assert np.trapezoid(true_rate, false_rate) == pytest.approx(found.auc)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(0, 0.4), (0.1, 0.4), (0.2, 0.6), (0.25, 0.6), (0.4, 0.8), (0.6, 0.8), (0.8, 1), (1, 1)],
)
def test_tpr_counts_same_pairs_above_the_highest_allowed_false_alarm(rate, expected):
    # Threshold above 9, 7, 5, 5, 1 with 0, 1, 2, 3 and 4 of the five other pairs allowed.
    assert scored([10, 12, 8, 6, 3], [9, 7, 5, 5, 1]).tpr_at(rate) == expected


def test_tie_with_another_camera_is_no_detection():
    assert scored([9, 10], [9, 1]).tpr_at(0) == 0.5


def test_allowed_false_alarms_are_not_lost_to_rounding():
    other = [float(n) for n in range(100)]  # .29 * 100 is 28.999999999999996
    assert scored([70.5], other).tpr_at(0.29) == 1
    assert scored([70.5], other).tpr_at(0.28) == 0


def test_roc_curve_rises_from_nothing_to_everything():
    false_rate, true_rate = scored([3, 5, 5], [5, 1]).roc()
    points = list(dict.fromkeys(zip(false_rate.tolist(), true_rate.tolist(), strict=True)))
    assert points == [(0, 0), (0.5, pytest.approx(2 / 3)), (0.5, 1), (1, 1)]
    assert (np.diff(false_rate) >= 0).all()
    assert (np.diff(true_rate) >= 0).all()


@pytest.mark.parametrize(("same", "other"), [([], []), ([100.0, 60.0], []), ([], [3.0])])
def test_without_both_kinds_of_pair_there_is_no_rate(same, other):
    found = scored(same, other)
    assert np.isnan(found.auc)
    assert all(np.isnan(found.tpr_at(rate)) for rate in FALSE_ALARM_RATES)
    assert [rates.size for rates in found.roc()] == [0, 0]
    summary = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (summary["auc"], summary["tpr_at_fpr"]) == (None, {})
    assert summary["smallest_same_pce"] == min(same, default=None)
    assert summary["largest_other_pce"] == max(other, default=None)


def test_medians_are_per_camera():
    pairs = scored([1, 2, 9], [50], "a").pairs + scored([4, 8], [], "b").pairs
    found = Evaluation(pairs)
    assert found.medians() == {"a": 2, "b": 6}
    assert found.to_dict()["geometric_mean_of_medians"] == pytest.approx(12**0.5)


def test_negative_median_has_no_geometric_mean():
    assert scored([-5, -1], [0]).to_dict()["geometric_mean_of_medians"] is None


# Identification


def test_the_camera_of_a_mirrored_photo_is_found(good, fingerprints):
    mirrored = load_luma(good / "beta" / "probe" / "0.jpg")[:, ::-1].copy()
    name, found = some(identify_turned(fingerprints, mirrored))
    assert (name, found.turn.words) == ("beta", "mirrored")
    assert found.match.passed()
    assert not any(one.passed() for _, one in identify(fingerprints, mirrored))
    assert identify_turned(fingerprints, SimulatedCamera(LARGE, seed=4).photograph(scenes.sky(LARGE))) is None


def test_right_camera_comes_first(good, fingerprints):
    for name in fingerprints:
        ranking = identify(fingerprints, good / name / "probe" / "0.jpg")
        assert ranking[0][0] == name
        assert [found.passed() for _, found in ranking] == [True, False]
        assert ranking[0][1].pce > ranking[1][1].pce


def test_several_photos_identify_more_clearly_than_one(good, fingerprints):
    paths = sorted((good / "beta" / "probe").glob("*"))
    single, together = identify(fingerprints, paths[0]), identify(fingerprints, [load_luma(path) for path in paths])
    assert together[0][0] == "beta"
    assert together[0][1].images == 2
    assert together[0][1].pce > 1.2 * single[0][1].pce


def test_cameras_of_another_size_are_left_out(good, fingerprints):
    large = SimulatedCamera(LARGE, seed=4)
    all_three = fingerprints | {"large": Fingerprint.from_images([large.photograph(scenes.flat(LARGE))])}
    assert {name for name, _ in identify(all_three, good / "alpha" / "probe" / "0.jpg")} == {"alpha", "beta"}
    assert [name for name, _ in identify(all_three, large.photograph(scenes.sky(LARGE)))] == ["large"]


def test_photo_of_no_known_size_is_refused_with_the_known_ones(tmp_path, fingerprints):
    path = tmp_path / "turned.jpg"
    path.write_bytes(SimulatedCamera((320, 256), seed=1).photograph_jpeg(scenes.sky((320, 256))))
    with pytest.raises(ImageError, match=r"^turned\.jpg: 256x320 pixels; registered cameras have: 320x256\. Use the"):
        identify(fingerprints, path)
    with pytest.raises(ImageError, match="registered cameras have: none"):
        identify({}, path)
