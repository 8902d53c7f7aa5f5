"""The bank: enrols customers with their face and their cameras, verifies selfies, and keeps the record.

Imports prnu and liveness, never Streamlit. Names are imported on first use, because MediaPipe takes seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bank.bank import Bank, Ongoing
    from bank.capture import Capture
    from bank.errors import BankError
    from bank.factors import Factor
    from bank.pictures import Picture
    from bank.policy import Policy
    from bank.records import CameraInfo, CustomerInfo
    from bank.risk import RequestContext
    from bank.verify import Decision

__all__ = [
    "Bank",
    "BankError",
    "CameraInfo",
    "Capture",
    "CustomerInfo",
    "Decision",
    "Factor",
    "Ongoing",
    "Picture",
    "Policy",
    "RequestContext",
]

_HOMES = {
    "Bank": "bank",
    "BankError": "errors",
    "CameraInfo": "records",
    "Capture": "capture",
    "CustomerInfo": "records",
    "Decision": "verify",
    "Factor": "factors",
    "Ongoing": "bank",
    "Picture": "pictures",
    "Policy": "policy",
    "RequestContext": "risk",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bank' has no attribute {name!r}")
    return getattr(import_module(f"bank.{_HOMES[name]}"), name)
