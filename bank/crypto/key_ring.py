"""All keys that a store may try, and the change from one to the next that a crash cannot break."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bank.crypto.master_key import (
    KEY_FILE,
    KEY_VARIABLE,
    MAKE_ONE,
    NEW_KEY_FILE,
    NEW_KEY_VARIABLE,
    MasterKey,
    sync_folder,
)
from bank.errors import KeyProblem


class KeyRing:
    """The master key, wherever it is kept.

    Parameters
    ----------
    folder : path
        Where the key file is.
    given : MasterKey, optional
        Used instead of environment and key file.
    environ : mapping

    Notes
    -----
    A change goes: `stage` the new key, commit what is encrypted with it, `settle`. Whenever a crash comes, one of the
    two files holds the key in use, and the next `settle` puts it in its place.
    """

    def __init__(self, folder: Path, given: MasterKey | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._given, self._environ = given, environ
        self._file, self._new_file = folder / KEY_FILE, folder / NEW_KEY_FILE
        self._staged: MasterKey | None = None

    @property
    def in_file(self) -> bool:
        """Whether the key file is used."""
        return self._given is None and KEY_VARIABLE not in self._environ

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing for `settle` to do."""
        return not (self.in_file and self._new_file.exists())

    def first(self) -> MasterKey:
        """Find the key for a new bank, or make one.

        Raises
        ------
        KeyProblem
            See `MasterKey.load`.
        """
        return self._given or MasterKey.load(self._file.parent, self._environ)

    def keys(self) -> list[MasterKey]:
        """All keys that may open the vault: the current one, and one that a rotation is changing to.

        Raises
        ------
        KeyProblem
            If there is none.
        """
        if self._given is not None:
            keys = [self._given]
        elif not self.in_file:
            names = (name for name in (KEY_VARIABLE, NEW_KEY_VARIABLE) if name in self._environ)
            keys = [MasterKey.parse(self._environ[name], name) for name in names]
        else:
            keys = self._in_files()
        return keys + ([self._staged] if self._staged else [])

    def _in_files(self) -> list[MasterKey]:
        keys: list[MasterKey] = []
        problem: KeyProblem | None = None
        # The first again, since the second may just have become the first.
        for path in (self._file, self._new_file, self._file):
            try:
                key = MasterKey.read(path)
            except KeyProblem as error:
                problem = problem or error
            else:
                keys += [key] if key else []
        if not keys:
            raise problem or KeyProblem(
                f"There is no key: {KEY_VARIABLE} is not set and {self._file} is missing. What is in this bank can "
                "only be read with the key that it was made with: put it back."
            )
        return keys

    def following(self, new: MasterKey | None) -> MasterKey:
        """Tell which key to change to.

        Raises
        ------
        KeyProblem
            If the current key is not in the key file, and there is no new one.
        """
        if new is not None or self.in_file:
            return new or MasterKey.new()
        if self._given is not None:
            raise KeyProblem("This bank was opened with a key of yours: give the new one, too. Nothing was changed.")
        if NEW_KEY_VARIABLE not in self._environ:
            raise KeyProblem(
                f"The key is in {KEY_VARIABLE}: set {NEW_KEY_VARIABLE} to the new one. Nothing was changed. {MAKE_ONE}"
            )
        return MasterKey.parse(self._environ[NEW_KEY_VARIABLE], NEW_KEY_VARIABLE)

    def stage(self, new: MasterKey) -> None:
        """Keep the new key, on the disk if the old one is there, before anything is encrypted with it.

        Raises
        ------
        KeyProblem
            If it cannot be written.
        """
        if self.in_file:
            new.write(self._new_file)
        self._staged = new

    def settle(self, key_id: bytes) -> None:
        """Make the key file hold the key in use, whatever a crash left behind. Only call it while nobody else writes.

        Raises
        ------
        KeyProblem
            If a file cannot be written, renamed or removed.
        """
        if not self.in_file or (self.is_settled and _id(self._file) == key_id):
            return
        try:
            if _id(self._file) == key_id:
                self._new_file.unlink()
            else:
                if self._staged and self._staged.id == key_id != _id(self._new_file):
                    self._staged.write(self._new_file)
                if _id(self._new_file) == key_id:
                    self._new_file.replace(self._file)
            sync_folder(self._file.parent)
        except OSError as error:
            raise KeyProblem(f"{self._new_file} cannot be renamed ({error.strerror}). Allow it.") from error


def _id(path: Path) -> bytes | None:
    """Tell which key a file holds; None if none that can be used."""
    try:
        key = MasterKey.read(path)
    except KeyProblem:
        return None
    return key.id if key else None
