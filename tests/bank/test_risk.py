from __future__ import annotations

import ipaddress
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from bank.errors import EvidenceError, PolicyError
from bank.feeds import FeedAnswer
from bank.policy import Policy
from bank.risk import Blocklist, Past, RequestContext, Signal, assess, distance_km

SETTINGS = Policy.load().risk
NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)
HOME, PHONE = "home-pseudonym", "phone-pseudonym"
PARIS, NEW_YORK, LONDON = (48.86, 2.35), (40.71, -74.01), (51.51, -0.13)


def past(hours: float = 24.0, place: tuple[float, float] | None = None, outcome: str = "accepted", **other) -> Past:
    location = "{:.1f},{:.1f}".format(*place) if place else ""
    return Past(NOON - timedelta(hours=hours), HOME, PHONE, location, outcome, **other)


def judge(history=(), *, address=HOME, device=PHONE, reactions=(), blocklist=None, feeds=(), now=NOON, **context):
    return assess(
        RequestContext(**{"address": "9.9.9.9", **context}),
        history,
        address=address,
        device=device,
        reactions_s=reactions,
        settings=SETTINGS,
        blocklist=blocklist,
        feeds=feeds,
        now=now,
    )


def codes(signals: tuple[Signal, ...]) -> list[str]:
    return [signal.code for signal in signals]


class Feed:
    """A feed that answers as it is told."""

    def __init__(self, status, score=0.0) -> None:
        self.name = "Feed"
        self.asked: list[str] = []
        self.given = FeedAnswer("Feed", status, score, f"Feed says {status}.")

    def lookup(self, address: str) -> FeedAnswer:
        self.asked.append(address)
        return self.given


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
moments = st.floats(-1e4, 1e4).map(lambda hours: NOON + timedelta(hours=hours))


# What a request says of itself


@pytest.mark.parametrize(
    ("given", "kept", "origin"),
    [
        ("", "", ""),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("2001:DB8:1:2:0:0:0:9", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
    ],
)
def test_an_address_is_kept_in_one_spelling(given, kept, origin):
    context = RequestContext.read({"address": given})
    assert (context.address, context.origin) == (kept, origin)


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ({"address": "localhost"}, "address"),
        ({"address": "192.0.2.7; drop table"}, "address"),
        ({"address": "192.0.2.0/24"}, "address"),
        ({"address": 3221225985}, "address"),
        ({"address": None}, "address"),
        ({"address": "1" * 101}, "address"),
        ({"device": "x" * 301}, "device"),
        ({"device": "two\nlines"}, "device"),
        ({"device": "\x1b[2J"}, "device"),
        ({"device": b"bytes"}, "device"),
        ({"location": (91.0, 0.0)}, "location.0"),
        ({"location": (0.0, -180.5)}, "location.1"),
        ({"location": (math.nan, 0.0)}, "location.0"),
        ({"location": (0.0, math.inf)}, "location.1"),
        ({"location": ("48", "2")}, "location.0"),
        ({"location": (True, 2.0)}, "location.0"),
        ({"location": (48.0,)}, "location.1"),
        ({"location": (48.0, 2.0, 35.0)}, "location"),
        ({"location": "48,2"}, "location"),
        ({"at": "2025-01-01T00:00:00Z"}, "at"),
        ({"role": "admin"}, "role"),
        ({7: "seven"}, "7"),
    ],
)
def test_what_is_not_agreed_is_refused_by_name_and_not_repeated(request_, key):
    with pytest.raises(EvidenceError, match=rf"Request context: {key}: .+\.$") as caught:
        RequestContext.read(request_)
    (value,) = request_.values()
    assert not isinstance(value, str) or value not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize("request_", [None, [], "address", 7])
def test_a_request_that_is_no_mapping_is_refused(request_):
    with pytest.raises(EvidenceError, match="expected names with values"):
        RequestContext.read(request_)


def test_all_of_a_context_may_be_missing():
    assert RequestContext.read({}) == RequestContext(address="", device="", location=None, at=None)


def test_a_context_from_json_is_taken_and_cannot_be_changed():
    context = RequestContext.read({"device": "Firefox", "location": [48.5, 2]}, at=NOON)
    assert (context.location, context.at) == ((48.5, 2.0), NOON)
    with pytest.raises(ValidationError, match="frozen"):
        context.device = "Chrome"


def test_the_error_of_the_model_itself_repeats_nothing_either():
    with pytest.raises(ValidationError) as caught:
        RequestContext(address="not-an-address", device=17)  # type: ignore[arg-type]
    assert "not-an-address" not in str(caught.value)
    assert "17" not in str(caught.value)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValidationError, match="timezone"):
        RequestContext(at=datetime(2025, 1, 1))  # noqa: DTZ001 - the case in question


@given(st.one_of(st.text(max_size=120), st.ip_addresses().map(str)))
def test_any_text_is_an_address_or_refused(text):
    try:
        context = RequestContext.read({"address": text})
    except EvidenceError:
        return
    assert context.address == "" or str(ipaddress.ip_address(context.address)) == context.address
    assert RequestContext.read({"address": context.address}) == context


# New addresses and devices


def test_a_known_customer_on_the_usual_way_raises_no_signal():
    assert judge([past(), past(48)]) == ()


def test_a_new_device_is_a_warning_and_a_new_address_a_remark():
    signals = judge([past(), past(48)], address="elsewhere", device="another")
    assert [(signal.code, signal.level, signal.value) for signal in signals] == [
        ("new-address", "info", 2.0),
        ("new-device", "warn", 2.0),
    ]


def test_refused_attempts_make_no_address_or_device_known():
    foreign = [
        replace(past(1, outcome=outcome), address="evil", device="bad") for outcome in ("refused", "step-up", "")
    ]
    assert codes(judge([past(), *foreign], address="evil", device="bad")) == ["new-address", "new-device"]


def test_nothing_is_new_where_nothing_is_known():
    assert codes(judge([], address="elsewhere", device="another")) == ["cannot-tell"]
    unknown = [replace(past(), address="", device="")]
    assert judge(unknown, address="elsewhere", device="another") == ()
    assert judge([past()], address="", device="") == ()


@pytest.mark.parametrize(
    ("address", "history", "said"),
    [
        ("", [past()], ["no network address"]),
        ("9.9.9.9", [], ["no accepted attempt"]),
        ("9.9.9.9", [past(outcome="refused")], ["no accepted attempt"]),
        ("", [], ["no network address", "no accepted attempt"]),
    ],
)
def test_what_cannot_be_told_is_said_once(address, history, said):
    context = RequestContext(address=address)
    pseudonym = HOME if address else ""
    (signal,) = assess(context, history, address=pseudonym, device=PHONE, settings=SETTINGS, now=NOON)
    assert (signal.code, signal.level) == ("cannot-tell", "info")
    assert all(part in signal.text for part in said)
    assert len(said) == 1 + signal.text.count(" and ")


# Travel


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((0.0, 0.0), (1.0, 0.0), math.pi * 6371 / 180),
        ((60.0, 10.0), (61.0, 10.0), math.pi * 6371 / 180),
        ((0.0, 179.5), (0.0, -179.5), math.pi * 6371 / 180),
        ((90.0, 0.0), (0.0, 77.0), math.pi * 6371 / 2),
        ((90.0, 13.0), (90.0, -100.0), 0.0),
        ((12.0, 34.0), (-12.0, -146.0), math.pi * 6371),
        ((36.12, -86.67), (33.94, -118.40), 2886.444),  # Nashville to Los Angeles, the usual example of the formula
    ],
)
def test_distances_are_great_circles(a, b, km):
    assert distance_km(a, b) == pytest.approx(km, rel=1e-6, abs=1e-6)
    assert distance_km(b, a) == distance_km(a, b)


@pytest.mark.parametrize(("hours", "raised"), [(0.0, True), (1.0, True), (5.0, True), (6.0, False), (24.0, False)])
def test_paris_to_new_york_takes_an_airliner_hours(hours, raised):
    signals = judge([past(hours, PARIS)], location=NEW_YORK)
    assert codes(signals) == (["impossible-travel"] if raised else [])
    assert all(signal.level == "high" and math.isfinite(signal.value) for signal in signals)


def test_the_speed_is_the_distance_over_the_time():
    (signal,) = judge([past(2, PARIS)], location=NEW_YORK)
    assert signal.value == pytest.approx(5837 / 2, rel=0.01)
    assert "2.0 h apart" in signal.text


def test_the_latest_attempt_counts_whatever_became_of_it_and_in_any_order():
    history = [past(30, NEW_YORK), past(1, PARIS, outcome="refused"), past(60, NEW_YORK), past(0.5)]
    assert codes(judge(history, location=NEW_YORK)) == ["impossible-travel"]
    assert codes(judge([*history, past(0.9, NEW_YORK)], location=NEW_YORK)) == []


def test_clocks_that_disagree_neither_hide_nor_invent_travel():
    assert codes(judge([past(-0.5, PARIS)], location=NEW_YORK)) == ["impossible-travel"]
    assert codes(judge([past(-24.0, PARIS)], location=NEW_YORK)) == []


def test_without_places_nothing_is_said_of_travel():
    assert judge([past(0.1)], location=NEW_YORK) == ()
    assert judge([past(0.1, PARIS)]) == ()


def test_a_short_way_is_no_travel_however_short_the_time():
    assert judge([past(0, PARIS)], location=(PARIS[0] + 0.8, PARIS[1])) == ()
    assert codes(judge([past(0, PARIS)], location=(PARIS[0] + 1.2, PARIS[1]))) == ["impossible-travel"]


@given(degrees, degrees, st.floats(0.001, 1.0))
@example((0.0, 0.049), (0.0, 2.0), 1.0)
def test_rounding_of_places_never_makes_a_traveller_impossible(a, b, share):
    hours = distance_km(a, b) / (SETTINGS.speed_kmh * share)
    assert codes(judge([past(min(hours, 9e6), a)], location=b)) == []


@given(degrees, degrees, st.floats(1.5, 100.0))
def test_a_real_jump_is_found_in_spite_of_the_rounding(a, b, times):
    if (distance := distance_km(a, b)) > 2 * SETTINGS.distance_km:
        assert codes(judge([past(distance / (SETTINGS.speed_kmh * times), a)], location=b)) == ["impossible-travel"]


# Time of day


def days(hours: list[float]) -> list[Past]:
    return [
        Past(datetime(2025, 2, day, tzinfo=UTC) + timedelta(hours=hour), HOME, PHONE, "", "accepted")
        for day, hour in enumerate(hours, 1)
    ]


@pytest.mark.parametrize(
    ("usual", "hour", "raised"),
    [
        ([9, 10, 11, 9.5, 10.5], 12, False),
        ([9, 10, 11, 9.5, 10.5], 3, True),
        ([9, 10, 11, 9.5, 10.5], 15.0, False),
        ([9, 10, 11, 9.5, 10.5], 15.1, True),
        ([23.5, 23.8, 23, 22.9, 23.2], 0.5, False),
        ([23.5, 23.8, 23, 22.9, 23.2], 12, True),
        ([0.2, 0.5, 0.1, 0.3, 0.4], 23.9, False),
        ([8, 8, 20, 20, 8], 21, False),
        ([8, 8, 20, 20, 8], 14, True),
        ([9, 10, 11, 9.5], 3, False),  # too few to speak of habits
    ],
)
def test_an_hour_is_unusual_if_no_attempt_was_ever_near_it(usual, hour, raised):
    signals = judge(days(usual), now=datetime(2025, 3, 4, tzinfo=UTC) + timedelta(hours=hour))
    assert codes(signals) == (["unusual-hour"] if raised else [])


def test_hours_off_are_those_to_the_nearest_attempt():
    (signal,) = judge(days([9, 10, 11, 9.5, 10.5]), now=datetime(2025, 3, 4, 16, tzinfo=UTC))
    assert (signal.level, signal.value) == ("warn", 5.0)
    assert "5.0 hours off" in signal.text


def test_only_the_customers_own_attempts_make_habits():
    night = [replace(one, outcome="refused") for one in days([3, 3, 3, 3, 3])]
    signals = judge([*days([9, 10, 11, 9.5, 10.5]), *night], now=datetime(2025, 3, 4, 3, tzinfo=UTC))
    assert codes(signals) == ["unusual-hour"]


@given(st.lists(moments, min_size=5, max_size=12), moments, st.integers(-1440, 1440), st.permutations(range(5)))
def test_the_clock_has_no_midnight_and_the_history_no_order(times, at, minutes, order):
    history = [Past(time, HOME, PHONE, "", "accepted") for time in times]
    moved = [replace(one, at=one.at + timedelta(minutes=minutes)) for one in history]
    moved = [moved[index] for index in order] + moved[5:]
    assert judge(history, now=at) == judge(moved, now=at + timedelta(minutes=minutes))


def test_the_contexts_own_time_and_zone_count():
    history = days([9, 10, 11, 9.5, 10.5])
    tokyo = datetime(2025, 3, 4, 19, tzinfo=timezone(timedelta(hours=9)))  # 10 in UTC
    assert judge(history, at=tokyo, now=datetime(2025, 3, 4, 3, tzinfo=UTC)) == ()


# Reactions


@pytest.mark.parametrize(
    ("reactions", "expected"),
    [
        ([], []),
        ([1.2, 2.4, 1.7], []),
        ([0.26, 2.4, 1.7], []),
        ([0.24, 2.4, 1.7], [("reaction-too-fast", "high", 0.24)]),
        ([-1.0, 2.0], [("reaction-too-fast", "high", -1.0)]),
        ([0.3, 0.35, 2.0], [("reactions-fast", "warn", 0.35)]),
        ([0.3, 0.45, 2.0], []),
        ([0.39], [("reactions-fast", "warn", 0.39)]),
        ([1.5, 1.5, 1.5], [("reactions-alike", "warn", 0.0)]),
        ([1.5, 1.51, 1.525], [("reactions-alike", "warn", 0.025)]),
        ([1.5, 1.51, 1.54], []),
        ([1.5, 1.5], []),
        ([0.1, 0.1, 0.1], [("reaction-too-fast", "high", 0.1), ("reactions-alike", "warn", 0.0)]),
        ([math.nan, 1.5, math.nan], []),
        ([math.nan, 0.1, math.inf], [("reaction-too-fast", "high", 0.1)]),
        ([math.nan], []),
    ],
)
def test_answers_that_no_person_gives_are_told(reactions, expected):
    signals = judge([past()], reactions=reactions)
    assert [(signal.code, signal.level, signal.value) for signal in signals] == expected


# Local block list


def test_a_block_list_knows_addresses_and_networks_and_names_the_line():
    lines = [
        "# Ours",
        "",
        "192.0.2.7  # a bot",
        "198.51.100.0/24",
        "2001:db8::/32",
        "198.51.100.128/25",
        "::ffff:9.9.9.9",
    ]
    blocklist = Blocklist(lines)
    assert len(blocklist) == 5
    found = {
        "192.0.2.7": 3,
        "192.0.2.8": None,
        "198.51.100.1": 4,
        "198.51.100.200": 6,  # the narrower one
        "198.51.101.1": None,
        "::ffff:198.51.100.1": 4,
        "2001:db8:ffff::1": 5,
        "2001:db9::1": None,
        "9.9.9.9": 7,
        "::1": None,
        "0.0.0.1": None,
    }
    assert {address: blocklist.line_of(address) for address in found} == found


networks = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), st.tuples(st.ip_addresses(v=6), st.integers(0, 128))
).map(lambda pair: ipaddress.ip_network(f"{pair[0]}/{pair[1]}", strict=False))


@given(st.lists(networks, max_size=8), st.ip_addresses(), st.data())
def test_a_block_list_agrees_with_looking_through_it(listed, address, data):
    if listed and data.draw(st.booleans()):
        network = data.draw(st.sampled_from(listed))
        address = network[data.draw(st.integers(0, network.num_addresses - 1))]
    listed = [network for network in listed if network.version == 4 or not network[0].ipv4_mapped]
    expected = any(address in network for network in listed if network.version == address.version)
    if address.version == 4 or not address.ipv4_mapped:  # the test above has IPv4 wrapped in IPv6
        assert (Blocklist(map(str, listed)).line_of(str(address)) is not None) == expected


@pytest.mark.parametrize(
    "line", ["192.0.2.7/33", "192.0.2.7/24", "192.0.2", "example.org", "192.0.2.7 192.0.2.8", "192.0.2.1-9", "::/129"]
)
def test_a_malformed_line_is_named(tmp_path, line):
    path = tmp_path / "blocked.txt"
    path.write_text(f"# Ours\n192.0.2.1\n{line}\n")
    with pytest.raises(PolicyError, match=r"blocked.txt, line 3: expected an address or a network .*Correct the line"):
        Blocklist.load(path)


def test_a_block_list_is_read_as_editors_write_it(tmp_path):
    path = tmp_path / "blocked.txt"
    path.write_bytes(b"\xef\xbb\xbf192.0.2.1\r\n\t192.0.2.2 # M\xc3\xbcller\r\n")
    assert [Blocklist.load(path).line_of(address) for address in ("192.0.2.1", "192.0.2.2")] == [1, 2]


@pytest.mark.parametrize("content", [None, b"192.0.2.1 # \xff"])
def test_a_block_list_that_cannot_be_read_is_an_error(tmp_path, content):
    path = tmp_path / "blocked.txt"
    if content:
        path.write_bytes(content)
    with pytest.raises(PolicyError, match=r"blocked.txt: cannot be read as text"):
        Blocklist.load(path)


def test_a_blocked_address_is_told_by_the_line_alone():
    (signal,) = judge([past()], blocklist=Blocklist(["", "9.9.9.0/24"]))
    assert signal == Signal("address-blocked", "high", "The address is on the local block list, line 2.", 2.0)
    assert judge([past()], blocklist=Blocklist(["9.9.8.0/24"])) == ()
    assert judge([past()], blocklist=Blocklist()) == ()


# Feeds


def test_what_feeds_say_becomes_signals():
    feeds = [Feed("listed", 87.0), Feed("clear"), Feed("unavailable"), Feed("not-asked")]
    assert judge([past()], feeds=feeds) == (
        Signal("address-listed", "high", "Feed says listed.", 87.0),
        Signal("feed-unavailable", "info", "Feed says unavailable.", "Feed"),
    )
    assert [feed.asked for feed in feeds] == [["9.9.9.9"]] * 4


def test_no_feed_is_asked_without_an_address():
    feed = Feed("listed")
    context = RequestContext(device="Firefox")
    signals = assess(context, [past()], address="", device=PHONE, settings=SETTINGS, feeds=[feed], now=NOON)
    assert codes(signals) == ["cannot-tell"]
    assert feed.asked == []


# All together


@given(
    st.builds(
        Past,
        moments,
        st.sampled_from(["", HOME, "b"]),
        st.sampled_from(["", PHONE, "d"]),
        st.sampled_from(["", "48.9,2.4", "-33.9,151.2"]),
        st.sampled_from(["accepted", "refused", "step-up", ""]),
    ),
    st.lists(moments, max_size=8),
    st.one_of(st.none(), degrees),
    st.lists(st.floats(0, 7) | st.just(math.nan), max_size=5),
    st.booleans(),
    moments,
)
def test_signals_hold_no_personal_data_and_only_finite_numbers(one, times, location, reactions, with_address, now):
    context = RequestContext(
        address="9.9.9.9" if with_address else "", device="Mozilla/5.0 (secret phone)", location=location
    )
    signals = assess(
        context,
        [one, *(replace(one, at=time) for time in times)],
        address=HOME if with_address else "",
        device=PHONE,
        reactions_s=reactions,
        settings=SETTINGS,
        blocklist=Blocklist(["9.9.9.9"]),
        feeds=[Feed("listed", 50.0)],
        now=now,
    )
    assert len(set(codes(signals))) == len(signals)
    assert codes(signals).count("cannot-tell") <= 1
    for signal in signals:
        record = f"{signal.text} {signal.value}"
        assert not any(word in record for word in ("9.9.9.9", "Mozilla", "secret", HOME, PHONE, "48.9", "151.2"))
        assert signal.level in ("info", "warn", "high")
        assert signal.text.endswith(".")
        assert isinstance(signal.value, str) or math.isfinite(signal.value)
