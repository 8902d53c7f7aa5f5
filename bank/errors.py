"""What can go wrong in the bank. Every message says what was expected, what came and what to do."""

from __future__ import annotations

from typing import Literal, TypeAlias

InTheWay: TypeAlias = Literal["", "face-there", "label-taken", "own-camera", "shared-camera"]


class BankError(Exception):
    """Base of all errors that the bank raises on purpose."""


class NotFound(BankError):
    """There is no customer, camera or attempt of that name."""


class EnrolmentError(BankError):
    """A face or camera cannot be enrolled as asked. Nothing was kept.

    Attributes
    ----------
    code : {"", "face-there", "label-taken", "own-camera", "shared-camera"}
        What stands in the way: a face or a camera of that label that this customer has already, the same camera under
        another label, or as another customer's. Empty where something else is wrong.
    """

    def __init__(self, message: str, code: InTheWay = "") -> None:
        super().__init__(message)
        self.code: InTheWay = code


class EvidenceError(BankError):
    """What was handed in for a verification is not what was agreed."""


class PolicyError(BankError):
    """The policy file is missing, malformed or contradicts itself."""


class StoreError(BankError):
    """The database cannot be opened, reached or migrated."""


class KeyProblem(BankError):
    """The key is missing, malformed, or not the one of these records. Nothing is ever kept in plain instead."""


class Tampered(BankError):
    """A row or record is not as the bank wrote it.

    Attributes
    ----------
    table, row : str
        Where.
    """

    def __init__(self, table: str, row: str, what: str) -> None:
        super().__init__(
            f"{table} {row}: {what}. It was changed outside LensLock or is damaged; nothing is decided on it. "
            "Restore a backup, or delete the customer and register again."
        )
        self.table, self.row = table, row


class LimitReached(BankError):
    """Too many attempts.

    Attributes
    ----------
    code : {"locked-out", "rate-customer", "rate-address"}
    retry_after_s : float
        Seconds after which it makes sense to try again.
    """

    def __init__(self, code: str, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.code, self.retry_after_s = code, retry_after_s


class TokenError(BankError):
    """An attempt's token is unknown, used, expired, or another customer's.

    Attributes
    ----------
    code : {"unknown", "used", "expired", "other-customer"}
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
