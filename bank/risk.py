"""Risk: what is unusual about an attempt. Signals advise people; by themselves they decide nothing.

No signal holds an address, a device or a place: the record keeps pseudonyms only.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from bank.errors import EvidenceError, PolicyError
from bank.feeds import ThreatFeed, ask, canonical
from bank.settings import RiskSettings
from bank.validation import describe

Level = Literal["info", "warn", "high"]
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Degrees: TypeAlias = tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]

_EARTH_KM = 6371.0  # mean radius (IUGG)
_ROUNDING = 0.05  # degrees: stored places are rounded to a tenth
_DAY_S = 86_400.0


class RequestContext(BaseModel):
    """Where a request comes from, as far as it is known.

    Attributes
    ----------
    address : str
        IPv4 or IPv6, in its usual spelling; empty if not known.
    device : str
        User agent or device id, at most 300 printable characters; empty if not known.
    location : (float, float) or None
        Latitude and longitude in degrees.
    at : datetime or None
        With a time zone. None: the moment of the assessment.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    address: str = Field(default="", max_length=100)
    device: str = Field(default="", max_length=300)
    location: Annotated[Degrees, Field(strict=False)] | None = None
    at: AwareDatetime | None = None

    @field_validator("address")
    @classmethod
    def _is_address(cls, text: str) -> str:
        try:
            return str(canonical(text)) if text else ""
        except ValueError:
            raise ValueError("expected an IPv4 or IPv6 address, or nothing") from None

    @field_validator("device")
    @classmethod
    def _is_printable(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("expected printable characters only")
        return text

    @classmethod
    def read(cls, request: object, at: datetime | None = None) -> RequestContext:
        """Check what a request says of itself.

        Parameters
        ----------
        request : mapping
            May have "address" (as the server saw it, not as a browser says), "device" and "location".
        at : datetime, optional
            When it came, by the bank's own clock.

        Raises
        ------
        EvidenceError
            If something is unknown, too long or out of range. It names the key and does not repeat what came.
        """
        if not isinstance(request, Mapping):
            raise EvidenceError(f"Request context: expected names with values, got {type(request).__name__}.")
        if "at" in request:
            raise EvidenceError("Request context: at: the bank has its own clock. Leave it out.")
        try:
            return cls.model_validate({**request, "at": at})
        except ValidationError as error:
            raise EvidenceError(f"Request context: {describe(error, show_values=False)}. Leave it out.") from None

    @property
    def origin(self) -> str:
        """The address, or of IPv6 its first 64 bits: a household has as many addresses as it likes behind these."""
        if ":" not in self.address:
            return self.address
        return str(ipaddress.ip_network((self.address, 64), strict=False))


@dataclass(frozen=True)
class Past:
    """An earlier attempt, as it is kept.

    Attributes
    ----------
    at : datetime
    address, device : str
        Pseudonyms; empty if not known.
    location : str
        "latitude,longitude", each rounded to a tenth of a degree; empty if not known.
    outcome : str
        "accepted", "refused", "step-up", or empty.
    """

    at: datetime
    address: str = ""
    device: str = ""
    location: str = ""
    outcome: str = ""

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None if not known."""
        if not self.location:
            return None
        latitude, longitude = self.location.split(",")
        return float(latitude), float(longitude)


@dataclass(frozen=True)
class Signal:
    """Something that people should know about an attempt.

    Attributes
    ----------
    code : str
        Short and stable, for programs.
    level : {"info", "warn", "high"}
    text : str
        One sentence for a person.
    value : float or str
        For the record.
    """

    code: str
    level: Level
    text: str
    value: float | str


class Blocklist:
    """Addresses and networks that a bank wants to hear of.

    Parameters
    ----------
    lines : iterable of str
        One address or network (192.0.2.7, 192.0.2.0/24, 2001:db8::/32) a line. What follows a # is a comment.
    name : str
        What to call the list in errors.

    Raises
    ------
    PolicyError
        If a line is neither. It names the line.
    """

    def __init__(self, lines: Iterable[str] = (), name: str = "Block list") -> None:
        self._lines: dict[Network, int] = {}
        for number, line in enumerate(lines, 1):
            entry = line.partition("#")[0].strip()
            if not entry:
                continue
            try:
                self._lines.setdefault(_network(entry), number)
            except ValueError as error:
                raise PolicyError(
                    f"{name}, line {number}: expected an address or a network such as 192.0.2.0/24, but {error}. "
                    "Correct the line, or put a # before it."
                ) from None
        self._prefixes = sorted({(network.version, network.prefixlen) for network in self._lines}, reverse=True)

    def __len__(self) -> int:
        return len(self._lines)

    @classmethod
    def load(cls, path: Path) -> Blocklist:
        """Read a list from a text file in UTF-8.

        Raises
        ------
        PolicyError
            If it cannot be read, or a line is malformed.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")  # some editors write a byte order mark
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"{path}: cannot be read as text ({error}). Name a text file in UTF-8.") from error
        return cls(text.splitlines(), str(path))

    def line_of(self, address: str) -> int | None:
        """Tell which line lists an address, the narrowest network first; None if none does."""
        found = canonical(address)
        for version, prefix in self._prefixes:
            if version == found.version:
                number = self._lines.get(ipaddress.ip_network(f"{found}/{prefix}", strict=False))
                if number is not None:
                    return number
        return None


def assess(
    context: RequestContext,
    history: Sequence[Past],
    *,
    address: str,
    device: str,
    reactions_s: Sequence[float] = (),
    settings: RiskSettings,
    blocklist: Blocklist | None = None,
    feeds: Sequence[ThreatFeed] = (),
    now: datetime,
) -> tuple[Signal, ...]:
    """Tell what is unusual about an attempt. Waits for the feeds, if there are any.

    What is new or unusual is judged against attempts that were accepted: the others may have been somebody else's.
    Travel is judged against the latest attempt, whatever became of it: two people at once are worth a word.

    Parameters
    ----------
    context : RequestContext
    history : sequence of Past
        The customer's earlier attempts, in any order.
    address, device : str
        Pseudonyms of those of `context`, made as those of `history`; empty if not known.
    reactions_s : sequence of float
        Seconds that each answer to the challenge took; NaN for steps without one.
    settings : RiskSettings
    blocklist : Blocklist, optional
    feeds : sequence of ThreatFeed
    now : datetime
        With a time zone; stands in where the context has no time.

    Returns
    -------
    tuple of Signal
    """
    at = context.at or now
    accepted = [past for past in history if past.outcome == "accepted"]
    signals = [
        *_unknown(context, accepted),
        *_new("address", address, [past.address for past in accepted]),
        *_new("device", device, [past.device for past in accepted]),
        *_travel(context.location, at, history, settings),
        *_hour(at, [past.at for past in accepted], settings),
        *_reactions([seconds for seconds in reactions_s if math.isfinite(seconds)], settings),
    ]
    if context.address:
        signals += [*_blocked(context.address, blocklist), *_listed(context.address, feeds)]
    return tuple(signals)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two places given as latitude and longitude in degrees, by the haversine formula."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, place)) for place in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))


def _unknown(context: RequestContext, accepted: Sequence[Past]) -> list[Signal]:
    missing = []
    if not context.address:
        missing.append("the request has no network address")
    if not accepted:
        missing.append("there is no accepted attempt to compare with")
    if not missing:
        return []
    text = " and ".join(missing)
    return [Signal("cannot-tell", "info", f"Less can be told about the risk: {text}.", text)]


def _new(what: str, pseudonym: str, known: Sequence[str]) -> list[Signal]:
    known = [one for one in known if one]
    if not pseudonym or not known or pseudonym in known:
        return []
    level: Level = "warn" if what == "device" else "info"  # phones change their address on the way to work
    text = f"No accepted attempt of this customer came from this {what} before."
    return [Signal(f"new-{what}", level, text, float(len(known)))]


def _travel(
    here: tuple[float, float] | None, at: datetime, history: Sequence[Past], settings: RiskSettings
) -> list[Signal]:
    """Compare with the latest attempt from a known place, giving the benefit of the rounding of stored places."""
    places = [(past.at, past.place) for past in history if past.place]
    if here is None or not places:
        return []
    when, there = max(places, key=lambda one: one[0])
    assert there is not None
    rounding = math.radians(math.hypot(_ROUNDING, _ROUNDING)) * _EARTH_KM
    distance = distance_km(here, there) - rounding
    hours = max(abs((at - when).total_seconds()), 1.0) / 3600  # at the same moment the speed would be infinite
    speed = distance / hours
    if distance <= settings.distance_km or speed <= settings.speed_kmh:
        return []
    text = (
        f"The latest attempt before was made {distance:,.0f} km away, {_duration(hours)} apart: "
        f"nobody travels that far in that time ({speed:,.0f} km/h)."
    )
    return [Signal("impossible-travel", "high", text, float(round(speed)))]


def _duration(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.1f} h"


def _hour(at: datetime, before: Sequence[datetime], settings: RiskSettings) -> list[Signal]:
    """Compare the time of day with the nearest one of earlier attempts, on a clock that has no midnight."""
    if len(before) < settings.history:
        return []
    apart = [abs((at - past).total_seconds()) % _DAY_S for past in before]
    hours = min(min(seconds, _DAY_S - seconds) for seconds in apart) / 3600
    if hours <= settings.unusual_hours:
        return []
    text = (
        f"The customer is not known at this time of day: the nearest of {len(before)} accepted attempts was "
        f"{hours:.1f} hours off."
    )
    return [Signal("unusual-hour", "warn", text, round(hours, 2))]


def _reactions(seconds: Sequence[float], settings: RiskSettings) -> list[Signal]:
    if not seconds:
        return []
    signals = []
    fastest, middle, spread = min(seconds), median(seconds), max(seconds) - min(seconds)
    if fastest < settings.fastest_s:
        text = f"A prompt was answered after {fastest:.2f} seconds, faster than people react."
        signals.append(Signal("reaction-too-fast", "high", text, round(fastest, 3)))
    elif middle < settings.median_s:
        text = f"Half of the prompts were answered within {middle:.2f} seconds: reading and moving takes people longer."
        signals.append(Signal("reactions-fast", "warn", text, round(middle, 3)))
    if len(seconds) >= settings.alike_answers and spread <= settings.alike_s:
        text = f"All {len(seconds)} answers took the same time to within {spread:.2f} seconds, as a program's might."
        signals.append(Signal("reactions-alike", "warn", text, round(spread, 3)))
    return signals


def _blocked(address: str, blocklist: Blocklist | None) -> list[Signal]:
    line = blocklist.line_of(address) if blocklist else None
    if line is None:
        return []
    return [Signal("address-blocked", "high", f"The address is on the local block list, line {line}.", float(line))]


def _listed(address: str, feeds: Sequence[ThreatFeed]) -> list[Signal]:
    signals = []
    for answer in ask(feeds, address):
        if answer.status == "listed":
            signals.append(Signal("address-listed", "high", answer.text, answer.score))
        elif answer.status == "unavailable":
            signals.append(Signal("feed-unavailable", "info", answer.text, answer.feed))
    return signals


def _network(text: str) -> Network:
    """Read an address or network; IPv4 as such where IPv6 wraps it, as `canonical` reads addresses."""
    found = ipaddress.ip_network(text)
    if isinstance(found, ipaddress.IPv6Network) and found.prefixlen >= 96 and found.network_address.ipv4_mapped:
        return ipaddress.ip_network((found.network_address.ipv4_mapped, found.prefixlen - 96))
    return found
