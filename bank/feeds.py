"""Threat feeds: what others have reported about a network address.

A feed is asked only if there is a key for it, is sent nothing but the address, and answers in time or counts as silent.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import ssl
import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bank.errors import PolicyError
from bank.settings import FeedSettings

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Status = Literal["listed", "clear", "not-asked", "unavailable"]

ABUSEIPDB_KEY, OTX_KEY = "LENSLOCK_ABUSEIPDB_KEY", "LENSLOCK_OTX_KEY"
"""Environment variables that hold the feeds' keys."""

_REMEMBERED = 1_000  # addresses, by each feed
_KEY = re.compile(r"[!-~]{8,512}")  # what may stand in a header

logging.getLogger("httpx").setLevel(logging.WARNING)  # below, it writes each address that is asked about into the log


@dataclass(frozen=True)
class FeedAnswer:
    """What a feed said about an address.

    Attributes
    ----------
    feed : str
        Its name.
    status : {"listed", "clear", "not-asked", "unavailable"}
        ``not-asked``: the address is private or none that the internet knows. ``unavailable``: the feed gave no answer.
    score : float
        The feed's own figure; 0 if there is none.
    text : str
        One sentence for a person.
    """

    feed: str
    status: Status
    score: float
    text: str


class ThreatFeed(Protocol):
    """Something that knows addresses. `lookup` never raises and never takes long."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    def lookup(self, address: str) -> FeedAnswer:
        """Tell what is known of an IPv4 or IPv6 address."""
        ...


def canonical(address: str) -> Address:
    """Read an address: without a scope, and an IPv4 address as such even where IPv6 wraps it.

    Raises
    ------
    ValueError
        If it is none.
    """
    found = ipaddress.ip_address(address.strip())
    if isinstance(found, ipaddress.IPv6Address):
        return found.ipv4_mapped or ipaddress.IPv6Address(int(found))
    return found


def ask(feeds: Sequence[ThreatFeed], address: str) -> list[FeedAnswer]:
    """Ask all feeds at the same time; answers come in the feeds' order."""
    if not feeds:
        return []
    with ThreadPoolExecutor(len(feeds), thread_name_prefix="feed") as pool:
        return list(pool.map(lambda feed: feed.lookup(address), feeds))


def feeds_from_environment(settings: FeedSettings, environ: Mapping[str, str] = os.environ) -> tuple[ThreatFeed, ...]:
    """Make the feeds that the environment has keys for; none without.

    Raises
    ------
    PolicyError
        If a key cannot be one. It does not show the key.
    """
    kinds: tuple[tuple[str, type[_HttpFeed]], ...] = ((ABUSEIPDB_KEY, AbuseIPDB), (OTX_KEY, OTX))
    feeds: list[ThreatFeed] = []
    for variable, kind in kinds:
        if key := environ.get(variable, "").strip():
            try:
                feeds.append(kind(key, settings))
            except ValueError as error:
                raise PolicyError(f"{variable}: {error} Copy it again from your account, or unset it.") from None
    return tuple(feeds)


class _Silent(Exception):
    """No answer. Says why, and for how long to leave the feed alone."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class _HttpFeed(ABC):
    """Asks over HTTPS with a key in a header. May be used by several threads.

    Parameters
    ----------
    key : str
    settings : FeedSettings
    base : str
        Address of the service; https, but for this very machine.
    clock : callable
        Seconds that only grow.

    Raises
    ------
    ValueError
        If the key has characters that no key has, or the base is not https.
    """

    label: str
    header: str
    home: str

    def __init__(
        self, key: str, settings: FeedSettings, base: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not _KEY.fullmatch(key):
            raise ValueError("expected a key of 8 to 512 printable ASCII characters, got something else (not shown).")
        self._base = (base or self.home).rstrip("/")
        parts = urlsplit(self._base)
        at_home = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme != "https" and not at_home:
            raise ValueError(f"expected an address with https, got {self._base!r}.")
        self._key, self._settings, self._clock = key, settings, clock
        self._trust = ssl.create_default_context()  # the system's authorities, as a company's proxy needs
        self._lock = threading.Lock()
        self._known: OrderedDict[Address, tuple[float, FeedAnswer]] = OrderedDict()
        self._silent_until, self._why = -float("inf"), ""

    @property
    def name(self) -> str:
        """Name for people."""
        return self.label

    def lookup(self, address: str) -> FeedAnswer:
        """Tell what the feed knows of an address. Never raises.

        Parameters
        ----------
        address : str

        Returns
        -------
        FeedAnswer
        """
        try:
            found = canonical(address)
        except ValueError:
            return FeedAnswer(self.label, "not-asked", 0.0, f"{self.label} was not asked: there is no address.")
        if not found.is_global or found.is_multicast:
            return FeedAnswer(self.label, "not-asked", 0.0, f"{self.label} was not asked: the address is private.")
        with self._lock:
            now = self._clock()
            if (known := self._known.get(found)) and now < known[0]:
                return known[1]
            why = self._why if now < self._silent_until else ""
        if not why:
            try:
                return self._remember(found, self._in_time(found))
            except _Silent as error:
                why = str(error)
                with self._lock:
                    self._why = why
                    self._silent_until = self._clock() + max(error.wait_s, self._settings.retry_s)
        return FeedAnswer(self.label, "unavailable", 0.0, f"{self.label} could not be asked: {why}.")

    def _remember(self, address: Address, answer: FeedAnswer) -> FeedAnswer:
        with self._lock:
            self._known[address] = (self._clock() + self._settings.cache_s, answer)
            self._known.move_to_end(address)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return answer

    def _in_time(self, address: Address) -> FeedAnswer:
        """Ask, and stop waiting when time is up: neither looking up a name nor slow headers have a time limit."""
        results: list[FeedAnswer | _Silent] = []

        def work() -> None:
            try:
                results.append(self._read(self._fetch(address)))
            except _Silent as error:
                results.append(error)

        thread = threading.Thread(target=work, name=f"feed {self.label}", daemon=True)
        thread.start()
        thread.join(self._settings.timeout_s)
        if not results:
            raise _Silent(f"no answer within {self._settings.timeout_s:g} seconds")
        if isinstance(results[0], _Silent):
            raise results[0]
        return results[0]

    def _fetch(self, address: Address) -> bytes:
        headers = {self.header: self._key, "Accept": "application/json", "User-Agent": "LensLock"}
        headers["Accept-Encoding"] = "identity"  # what is unpacked could be longer than any limit
        url, limit = self._base + self._path(address), self._settings.timeout_s
        content = bytearray()
        try:
            # Redirects are not followed: the key would be sent along.
            with httpx.stream("GET", url, headers=headers, timeout=limit, verify=self._trust) as answer:
                if not answer.is_success:
                    raise self._refused(answer)
                for chunk in answer.iter_raw():
                    content += chunk
                    if len(content) > self._settings.max_bytes:
                        raise _Silent(f"its answer is longer than {self._settings.max_bytes:,} bytes")
        except httpx.TimeoutException:
            raise _Silent(f"no answer within {limit:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError):  # some of it by a proxy's setting
            raise _Silent("it cannot be reached") from None  # the cause could quote the request
        return bytes(content)

    def _refused(self, answer: httpx.Response) -> _Silent:
        code = answer.status_code
        if code in (401, 403):
            return _Silent(f"it refuses the key (HTTP {code}), check it")
        if code == 429:
            wait = answer.headers.get("Retry-After", "")
            seconds = float(wait) if re.fullmatch(r"[0-9]{1,9}", wait) else 0.0
            return _Silent("too many questions for this key (HTTP 429)", min(seconds, self._settings.cache_s))
        return _Silent(f"it answers with HTTP {code}")

    def _read(self, content: bytes) -> FeedAnswer:
        try:
            return self._judge(content)
        except ValidationError:
            raise _Silent("its answer is not what its documentation says") from None

    @abstractmethod
    def _path(self, address: Address) -> str: ...

    @abstractmethod
    def _judge(self, content: bytes) -> FeedAnswer:
        """Understand an answer; may raise pydantic's ValidationError."""


class _Answer(BaseModel):
    """A part of an answer that matters. Services add fields as they like."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _AbuseData(_Answer):
    abuseConfidenceScore: int = Field(ge=0, le=100)
    totalReports: int = Field(ge=0)


class _AbuseAnswer(_Answer):
    data: _AbuseData


class _Pulses(_Answer):
    count: int = Field(ge=0)


class _OtxAnswer(_Answer):
    pulse_info: _Pulses
    validation: list[Any] = []


class AbuseIPDB(_HttpFeed):
    """AbuseIPDB's check endpoint, API version 2: how sure its users' reports make it that an address is abusive."""

    label, header, home = "AbuseIPDB", "Key", "https://api.abuseipdb.com/api/v2"

    def _path(self, address: Address) -> str:
        query = {"ipAddress": str(address), "maxAgeInDays": self._settings.abuse_days}
        return f"/check?{urlencode(query)}"

    def _judge(self, content: bytes) -> FeedAnswer:
        data = _AbuseAnswer.model_validate_json(content).data
        score = data.abuseConfidenceScore
        listed = score >= self._settings.abuse_score
        text = f"AbuseIPDB gives the address {score} of 100 for abuse, from {data.totalReports:,} reports."
        return FeedAnswer(self.label, "listed" if listed else "clear", float(score), text)


class OTX(_HttpFeed):
    """AlienVault's Open Threat Exchange, API version 1, section "general": reports ("pulses") that name an address."""

    label, header, home = "AlienVault OTX", "X-OTX-API-KEY", "https://otx.alienvault.com/api/v1"

    def _path(self, address: Address) -> str:
        return f"/indicators/IPv{address.version}/{quote(str(address), safe='')}/general"

    def _judge(self, content: bytes) -> FeedAnswer:
        answer = _OtxAnswer.model_validate_json(content)
        count = answer.pulse_info.count
        if answer.validation:  # as the service's own example does: white-listed addresses are in many pulses
            return FeedAnswer(self.label, "clear", float(count), "AlienVault OTX has the address on a white list.")
        listed = count >= self._settings.pulses
        text = f"AlienVault OTX knows {count:,} threat reports that name the address."
        return FeedAnswer(self.label, "listed" if listed else "clear", float(count), text)
