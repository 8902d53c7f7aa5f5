"""Models that let nothing through which was not agreed, and what to say of what they refuse."""

from __future__ import annotations

from itertools import pairwise

from pydantic import BaseModel, ConfigDict, ValidationError

_MOST_PROBLEMS = 5  # that one error lists


class Part(BaseModel):
    """Numbers that belong together. Nothing is converted, nothing unknown let through, nothing changed later."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def describe(error: ValidationError, *, show_values: bool = True) -> str:
    """Say what is wrong: each key, what was expected and what came. Without the full stop.

    Parameters
    ----------
    error : ValidationError
    show_values : bool
        Whether what came may be shown: not if it could be personal.
    """
    lines = []
    for problem in error.errors(include_url=False):
        key, kind, limits = ".".join(map(str, problem["loc"])), problem["type"], problem.get("ctx", {})
        if kind == "missing":
            text = "expected a value, it is missing"
        elif kind == "extra_forbidden":
            text = "this key is not known"
        elif kind == "value_error":
            text = str(limits["error"])
        else:
            said = {"greater_than_equal": "expected {ge:.15g} or more", "less_than_equal": "expected {le:.15g} or less"}
            text = said.get(kind, "").format(**limits) or problem["msg"].replace("Input should", "expected to", 1)
            text = text.replace("expected to be", "expected")
            if show_values:
                text += f", got {repr(problem['input'])[:80]}"
        lines.append(f"{key}: {text}" if key else text)
    more = len(lines) - _MOST_PROBLEMS
    return "; ".join(lines[:_MOST_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")


def in_order(part: Part, *names: str) -> None:
    """Check that each of these numbers of a part is at least as large as the one before.

    Raises
    ------
    ValueError
        If one is not. It names both, as a pydantic validator does.
    """
    for smaller, larger in pairwise(names):
        if getattr(part, larger) < getattr(part, smaller):
            raise ValueError(
                f"{larger}: expected {smaller} ({getattr(part, smaller):g}) or more, got {getattr(part, larger):g}"
            )
