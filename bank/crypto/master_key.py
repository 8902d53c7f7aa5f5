"""The master key: where it comes from, and the file that it is kept in."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bank.errors import KeyProblem

KEY_VARIABLE = "LENSLOCK_KEY"
"""Environment variable with the master key. Where it is set, no key file is used."""

NEW_KEY_VARIABLE = "LENSLOCK_NEW_KEY"
"""Environment variable with the key to change to, where `KEY_VARIABLE` is set."""

KEY_FILE = "bank.key"
NEW_KEY_FILE = "bank.key.new"

_BYTES = 32
_FEWEST_VALUES = 8  # different bytes in a key; in 2^190 random keys one has fewer
_SPELLING = "expected 32 random bytes in base64, or as 64 hexadecimal digits"
MAKE_ONE = "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def derive(secret: bytes, use: str, length: int = _BYTES) -> bytes:
    """Derive a key for one use from a secret (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), length, salt=None, info=f"lenslock 1 {use}".encode()).derive(secret)


class MasterKey:
    """The key that opens the vault.

    Parameters
    ----------
    secret : bytes
        32 random bytes.
    source : str
        Where it is from, for messages.

    Attributes
    ----------
    id : bytes
        8 bytes that name the key and tell nothing about it.

    Raises
    ------
    KeyProblem
        If there are not 32 bytes.
    """

    __slots__ = ("_secret", "id", "source")

    def __init__(self, secret: bytes, source: str = "the key that was given") -> None:
        if len(secret) != _BYTES:
            raise KeyProblem(f"{source[:1].upper()}{source[1:]} has {len(secret)} bytes: expected {_BYTES}.")
        self._secret, self.source = bytes(secret), source
        self.id = derive(self._secret, "key id", 8)

    def __repr__(self) -> str:
        return f"MasterKey(<hidden>, source={self.source!r})"

    @classmethod
    def new(cls) -> MasterKey:
        """Make a random key."""
        return cls(secrets.token_bytes(_BYTES))

    @classmethod
    def parse(cls, text: str, source: str) -> MasterKey:
        """Read a key that a person wrote.

        Raises
        ------
        KeyProblem
            If it is not 32 bytes in base64 (either alphabet) or as 64 hexadecimal digits, or plainly not random. The
            message does not show it.
        """
        text = text.strip()
        secret = b""
        if re.fullmatch("[0-9a-fA-F]{64}", text):
            secret = bytes.fromhex(text)
        elif re.fullmatch("[-_+/0-9a-zA-Z]{43}=?", text):
            try:
                secret = base64.b64decode(text.translate({45: 43, 95: 47})[:43] + "=", validate=True)
            except binascii.Error:
                secret = b""
        if len(secret) != _BYTES:
            came = f"{len(text)} characters came that are not that" if text else "it is empty"
            raise KeyProblem(f"{source}: {_SPELLING}; {came}. {MAKE_ONE}")
        if len(set(secret)) < _FEWEST_VALUES:
            raise KeyProblem(f"{source} is no random key: it repeats itself. {MAKE_ONE}")
        return cls(secret, source)

    @classmethod
    def load(
        cls, folder: str | os.PathLike[str], environ: Mapping[str, str] = os.environ, *, make: bool = True
    ) -> MasterKey:
        """Find the key: ``LENSLOCK_KEY`` if set, else the key file, which is made if there is none.

        Parameters
        ----------
        folder : path
            Where the key file is.
        environ : mapping
        make : bool
            Make a key file if there is none. Two processes that do so at once agree on one key.

        Raises
        ------
        KeyProblem
            If the key is malformed, its file can be read by others or not at all, or there is none and none is to be
            made.
        """
        if KEY_VARIABLE in environ:
            return cls.parse(environ[KEY_VARIABLE], KEY_VARIABLE)
        path = Path(folder) / KEY_FILE
        key = cls.read(path)
        if key is None and make:
            _create(path)
            key = cls.read(path)
        if key is None:
            raise KeyProblem(f"There is no key: {KEY_VARIABLE} is not set and {path} is missing. Put the key back.")
        return key

    @classmethod
    def read(cls, path: Path) -> MasterKey | None:
        """Read a key file; None if there is none.

        Raises
        ------
        KeyProblem
            If it is damaged, cannot be read, or others than its owner can read it.
        """
        try:
            with path.open("rb") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    raise KeyProblem(f"{path} can be read by others than its owner. Run: chmod 600 '{path}'")
                content = file.read(2 * _BYTES + 2)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyProblem(f"{path} cannot be read ({error.strerror}). It must be a file of yours.") from error
        # One spelling only, so that no change goes unnoticed: in hexadecimal, a flipped bit can turn "a" into "A".
        if not re.fullmatch(rb"[0-9a-f]{64}\n", content):
            raise KeyProblem(f"{path} is damaged: expected 64 hexadecimal digits and a line's end. Restore a backup.")
        return cls(bytes.fromhex(content.decode()), str(path))

    def write(self, path: Path) -> None:
        """Write a key file that only its owner can read, and wait until it is on the disk.

        Raises
        ------
        KeyProblem
            If it cannot be written.
        """
        try:
            path.unlink(missing_ok=True)
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(file, "w") as stream:
                stream.write(self._secret.hex() + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            sync_folder(path.parent)
        except OSError as error:
            raise KeyProblem(f"{path} cannot be written ({error.strerror}). Make room or allow it.") from error

    def derive(self, use: str) -> bytes:
        """Derive 32 bytes for one use."""
        return derive(self._secret, use)


def sync_folder(folder: Path) -> None:
    """Wait until the names of a folder's files are on the disk. Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _create(path: Path) -> None:
    """Make a key file, whole at once and only if there is none: a name is linked to a file that is on the disk."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".key-") as folder:
            draft = Path(folder) / path.name
            MasterKey.new().write(draft)
            try:
                os.link(draft, path)
            except FileExistsError:
                return  # another process was first; its key is the key
            sync_folder(path.parent)
    except OSError as error:
        raise KeyProblem(f"{path} cannot be made ({error.strerror}). Set {KEY_VARIABLE} instead.") from error
