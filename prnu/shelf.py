"""A folder of fingerprints, by the names that people gave their cameras."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote

from prnu.fingerprint import SUFFIX, Fingerprint, FingerprintError

_MAX_NAME = 60
_MAX_FILE = 240  # characters; file systems allow 255, and saving adds some for a temporary name


class Shelf:
    """Keeps fingerprints as files in one folder, which is made on first use and readable by its owner only.

    Parameters
    ----------
    folder : path
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def names(self) -> list[str]:
        """Names of all cameras, sorted. Files that were not made here are left out."""
        names = filter(None, map(self._name, self.folder.glob(f"*{SUFFIX}")))
        return sorted(names, key=lambda name: (name.casefold(), name))

    def path(self, name: str) -> Path:
        """Tell where a camera's file is, or would be.

        Raises
        ------
        FingerprintError
            If the name is empty, too long, or has characters that cannot be printed.
        """
        name = name.strip()
        if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
            raise FingerprintError(f"Camera name {name[:_MAX_NAME]!r}: give it 1 to {_MAX_NAME} printable characters.")
        file = quote(name, safe=" ()+,-_").replace(".", "%2E") + SUFFIX
        if len(file) > _MAX_FILE:
            raise FingerprintError(f"Camera name {name!r}: too long for a file. Choose a shorter one.")
        return self.folder / file

    def save(self, name: str, fingerprint: Fingerprint, *, replace: bool = False) -> Path:
        """Keep a fingerprint.

        Raises
        ------
        FingerprintError
            If the name cannot be used, there is one of that name and `replace` is not set, or the folder cannot be
            written.
        """
        path = self.path(name)
        if path.exists() and not replace:
            raise FingerprintError(f"There is a camera named {name.strip()!r} already. Choose another name.")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fingerprint.save(path)
        except OSError as error:
            problem = f"{self.folder}: cannot be written ({error.strerror})"
            raise FingerprintError(f"{problem}. Make room or change its permissions.") from error
        return path

    def load(self, name: str) -> Fingerprint:
        """Read a fingerprint.

        Raises
        ------
        FingerprintError
            If there is none of that name, or its file is damaged.
        """
        path = self.path(name)
        if not path.exists():
            known = ", ".join(self.names()) or "none yet"
            raise FingerprintError(f"There is no camera named {name!r}. Registered: {known}.")
        return Fingerprint.load(path)

    def delete(self, name: str) -> None:
        """Forget a fingerprint; nothing happens if there is none of that name."""
        self.path(name).unlink(missing_ok=True)

    def _name(self, path: Path) -> str | None:
        name = unquote(path.stem)
        try:
            return name if path == self.path(name) and path.is_file() else None
        except FingerprintError:
            return None
