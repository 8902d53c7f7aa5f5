"""What the keys do: encrypt records, seal rows, chain the audit trail, and hide addresses behind pseudonyms.

Two random inner keys do all the work. They lie in the database, themselves encrypted with the master key, so that the
master key can be changed and is never used on people's data.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bank.crypto.master_key import MasterKey, derive
from bank.errors import Tampered

__all__ = ["MasterKey", "Vault"]

_VERSION = b"\x01"
_ID = 8
_NONCE = 12
_TAG = 16
_KEY = 32


class Vault:
    """Encrypts and seals.

    Parameters
    ----------
    data_key, audit_key : bytes
        32 random bytes each. The first encrypts records and seals rows, and is changed by a rotation. The second makes
        the audit trail's chain and pseudonyms, and stays.
    """

    def __init__(self, data_key: bytes, audit_key: bytes) -> None:
        self._inner = data_key, audit_key
        self._id = derive(data_key, "record key id", _ID)
        self._records = AESGCM(derive(data_key, "records"))
        self._seals = derive(data_key, "seals")
        self._chain = derive(audit_key, "audit")
        self._names = derive(audit_key, "pseudonyms")

    def __repr__(self) -> str:
        return "Vault(<hidden>)"

    @classmethod
    def new(cls) -> Vault:
        """Make one with random keys."""
        return cls(secrets.token_bytes(_KEY), secrets.token_bytes(_KEY))

    def following(self) -> Vault:
        """Make one with a new data key and the same audit key."""
        return Vault(secrets.token_bytes(_KEY), self._inner[1])

    def wrap(self, master: MasterKey) -> bytes:
        """Encrypt the inner keys with the master key, for the vault's row."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(master.derive("wrap")).encrypt(nonce, b"".join(self._inner), _bound("vault", master.id.hex()))
        return _VERSION + nonce + sealed

    @classmethod
    def unwrap(cls, wrapped: object, master: MasterKey) -> Vault:
        """Decrypt the inner keys.

        Raises
        ------
        Tampered
            If they were changed, or wrapped with another key.
        """
        damaged = Tampered("vault", "1", "the inner keys cannot be decrypted")
        if not isinstance(wrapped, bytes) or wrapped[:1] != _VERSION or len(wrapped) != 1 + _NONCE + 2 * _KEY + _TAG:
            raise damaged
        bound = _bound("vault", master.id.hex())
        try:
            inner = AESGCM(master.derive("wrap")).decrypt(wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :], bound)
        except InvalidTag:
            raise damaged from None
        return cls(inner[:_KEY], inner[_KEY:])

    @classmethod
    def opens(cls, wrapped: object, master: MasterKey) -> bool:
        """Tell whether a master key decrypts the inner keys."""
        try:
            cls.unwrap(wrapped, master)
        except Tampered:
            return False
        return True

    def encrypt(self, data: bytes, *, purpose: str, owner: str, record: str) -> bytes:
        """Encrypt a record with AES-256-GCM (NIST SP 800-38D), bound to what it is and whose.

        Parameters
        ----------
        data : bytes
        purpose, owner, record : str
            What it is for, the customer's id and the row's own. All must be given to decrypt it.

        Returns
        -------
        bytes
            Format version, id of the key (8 bytes), nonce (12, random), ciphertext, tag (16).

        Raises
        ------
        ValueError
            If one of them is empty: a record bound to nothing could be moved.
        """
        if not (purpose and owner and record):
            raise ValueError(f"a record is bound to its purpose, owner and id; got {purpose!r}, {owner!r}, {record!r}")
        nonce = secrets.token_bytes(_NONCE)
        head = _VERSION + self._id
        return head + nonce + self._records.encrypt(nonce, data, head + _bound(purpose, owner, record))

    def decrypt(self, blob: bytes, *, purpose: str, owner: str, record: str) -> bytes:
        """Decrypt a record.

        Raises
        ------
        Tampered
            If a byte of it was changed, or it is another record, another owner's, for another purpose, or was encrypted
            with another key.
        """
        head, nonce, sealed = blob[: 1 + _ID], blob[1 + _ID : 1 + _ID + _NONCE], blob[1 + _ID + _NONCE :]
        if head != _VERSION + self._id or len(sealed) < _TAG:
            raise Tampered(purpose, record, "the encrypted record does not begin as it must")
        try:
            return self._records.decrypt(nonce, sealed, head + _bound(purpose, owner, record))
        except InvalidTag:
            raise Tampered(purpose, record, "the encrypted record is not the one that was put there") from None

    def seal(self, content: bytes) -> bytes:
        """Make the seal of a row (HMAC-SHA256, 32 bytes)."""
        return hmac.digest(self._seals, content, hashlib.sha256)

    def check_seal(self, content: bytes, seal: object) -> bool:
        """Tell whether a seal is that of a row, in a time that tells nothing about it."""
        return isinstance(seal, bytes) and hmac.compare_digest(self.seal(content), seal)

    def audit_digest(self, previous: bytes, content: bytes) -> bytes:
        """Make the digest of an audit entry from the one before and its own content (HMAC-SHA256, 32 bytes)."""
        return hmac.digest(self._chain, bytes([len(previous)]) + previous + content, hashlib.sha256)

    def pseudonym(self, kind: str, text: str) -> str:
        """Name something without telling what it is.

        Parameters
        ----------
        kind : str
            Such as "address": the same text of another kind has another pseudonym.
        text : str

        Returns
        -------
        str
            32 hexadecimal digits, the same after a key rotation; empty for an empty text.
        """
        return hmac.digest(self._names, _bound(kind, text), hashlib.sha256).hex()[:32] if text else ""


def _bound(*names: str) -> bytes:
    """Spell a list of names so that no other list is spelt alike."""
    return json.dumps(names).encode()
