"""The policy's keys: writes the table of docs/configuration.md from the policy's model and the packaged file.

python -m docs.settings           writes the table between its markers
python -m docs.settings --check   ends with code 1 if it differs from what it would write
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bank.policy import PACKAGED, Policy
from docs.imports import written

DOCUMENT = Path(__file__).with_name("configuration.md")
BEGIN, END = "<!-- policy: begin, written by python -m docs.settings -->", "<!-- policy: end -->"

_HASH = "fingerprint"  # an attribute of a policy that is computed from its file
_OWN = {"version": "Yours to choose. The audit log notes it with each decision, so change it when you change a number."}


def policy_keys(kind: Any = Policy, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted name of each key of the policy's file, and what it is.

    Profiles stand for each other: their keys begin with ``profiles.*``.
    """
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hints = {name: (field.annotation, _told(field)) for name, field in kind.model_fields.items()}
    else:
        hints = {name: (hint, _OWN.get(name, "")) for name, hint in get_type_hints(kind).items() if name != _HASH}
    for name, (hint, text) in hints.items():
        inside = next((one for one in get_args(hint) if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if inside is not None:
            yield from policy_keys(inside, f"{before}{name}.*.")
        elif isinstance(hint, type) and issubclass(hint, BaseModel):
            yield from policy_keys(hint, f"{before}{name}.")
        else:
            yield f"{before}{name}", text


def table() -> str:
    """The keys with the packaged values as Markdown."""
    packaged = tomllib.loads(PACKAGED.read_text(encoding="utf-8"))
    profiles = packaged["profiles"]
    shared, own = [], []
    for key, text in policy_keys():
        if key.startswith("profiles.*."):
            path = key.split(".")[2:]
            values = " | ".join(_value(profile, path) for profile in profiles.values())
            own.append(f"| `{key}` | {values} | {text} |")
        else:
            shared.append(f"| `{key}` | {_value(packaged, key.split('.'))} | {text} |")
    heads = "| key | packaged value | what it is |\n|---|---|---|"
    columns = f"| key | {' | '.join(profiles)} | what it is |\n|---|{'---|' * len(profiles)}---|"
    return "\n".join(["", heads, *shared, "", columns, *own, ""])


def _told(field: FieldInfo) -> str:
    return ": ".join(part for part in (field.title, field.description) if part)


def _value(found: Mapping[str, Any], path: list[str]) -> str:
    value: Any = found
    for name in path:
        value = value[name]
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def main() -> int:
    """Write or check the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.settings", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if the table is stale")
    options = parser.parse_args()
    now = DOCUMENT.read_text(encoding="utf-8")
    wanted = written(now, table(), BEGIN, END)
    if options.check:
        return int(now != wanted)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
