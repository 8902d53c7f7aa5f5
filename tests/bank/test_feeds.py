"""Answers are recordings of our own making, in the form that the services document, served by this machine."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from bank import feeds as module
from bank.errors import PolicyError
from bank.feeds import ABUSEIPDB_KEY, OTX, OTX_KEY, AbuseIPDB, ask, canonical, feeds_from_environment
from bank.policy import Policy
from tests.bank.feed_service import KEY, V4, Service, abuse, otx

OTHER_V4, V6 = "8.8.4.4", "2620:fe::fe"
KINDS = [AbuseIPDB, OTX]


FINE = {AbuseIPDB: abuse(0), OTX: otx(0)}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def settings(**changes: float):
    return Policy.load().feeds.model_copy(update={"timeout_s": 20.0, **changes})


def make(kind, service, **changes):
    return kind(KEY, settings(**changes), service.base, Clock())


@pytest.mark.parametrize(("score", "status"), [(0, "clear"), (49, "clear"), (50, "listed"), (100, "listed")])
def test_abuseipdb_lists_an_address_from_the_policys_score_on(service, score, status):
    service.answer(abuse(score, 1234))
    answer = make(AbuseIPDB, service).lookup(V4)
    assert (answer.feed, answer.status, answer.score) == ("AbuseIPDB", status, score)
    assert answer.text == f"AbuseIPDB gives the address {score} of 100 for abuse, from 1,234 reports."
    ((path, headers),) = service.asked
    assert urlsplit(path).path == "/api/check"
    assert parse_qs(urlsplit(path).query) == {"ipAddress": [V4], "maxAgeInDays": ["90"]}
    assert (headers["Key"], headers["Accept"]) == (KEY, "application/json")


@pytest.mark.parametrize(
    ("count", "validation", "status"),
    [(0, [], "clear"), (1, [], "listed"), (50, [], "listed"), (50, [{"source": "whitelist"}], "clear")],
)
def test_otx_lists_an_address_by_its_pulses_unless_it_is_on_the_white_list(service, count, validation, status):
    service.answer(otx(count, validation))
    answer = make(OTX, service).lookup(V4)
    assert (answer.feed, answer.status, answer.score) == ("AlienVault OTX", status, count)
    ((path, headers),) = service.asked
    assert path == f"/api/indicators/IPv4/{V4}/general"
    assert {name.lower(): value for name, value in headers.items()}["x-otx-api-key"] == KEY


def test_ipv6_is_asked_in_its_own_form(service):
    service.answer(otx(0))
    assert make(OTX, service).lookup("2620:FE:0:0::FE").status == "clear"
    service.answer(abuse(0))
    assert make(AbuseIPDB, service).lookup(V6).status == "clear"
    (first, _), (second, _) = service.asked
    assert first == "/api/indicators/IPv6/2620%3Afe%3A%3Afe/general"
    assert parse_qs(urlsplit(second).query)["ipAddress"] == [V6]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "address",
    [
        *("", "somewhere", "9.9.9.9, 10.0.0.1", "010.0.0.1"),
        *("127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.1.1", "100.64.0.1", "192.0.2.1", "0.0.0.0"),
        *("224.0.0.251", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "2001:db8::1", "ff02::1", "::ffff:10.0.0.1"),
    ],
)
def test_what_the_internet_does_not_know_is_never_sent(service, kind, address):
    answer = make(kind, service).lookup(address)
    assert answer.status == "not-asked"
    assert "not asked" in answer.text
    assert service.asked == []


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_remembered_for_an_hour_whatever_the_spelling(service, kind):
    service.answer(FINE[kind])
    feed = make(kind, service)
    first = feed.lookup(V4)
    feed._clock.now += 3599
    assert feed.lookup(f"::ffff:{V4}") == first
    assert len(service.asked) == 1
    feed._clock.now += 2
    assert feed.lookup(V4) == first
    assert len(service.asked) == 2


def test_memory_for_answers_is_bounded_and_the_oldest_goes_first(service, monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    service.answer(abuse(0))
    feed = make(AbuseIPDB, service)
    for address in (V4, OTHER_V4, V6, OTHER_V4, V6):
        feed.lookup(address)
    assert len(service.asked) == 3
    feed.lookup(V4)
    assert len(service.asked) == 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (401, "it refuses the key (HTTP 401), check it"),
        (403, "it refuses the key (HTTP 403), check it"),
        (404, "it answers with HTTP 404"),
        (429, "too many questions for this key (HTTP 429)"),
        (500, "it answers with HTTP 500"),
        (503, "it answers with HTTP 503"),
    ],
)
def test_a_refusal_is_an_answer_that_says_so(service, kind, code, said):
    detail = {"errors": [{"detail": f"Your key {KEY} is bad.", "status": code}]}
    service.answer(json.dumps(detail).encode(), code)
    answer = make(kind, service).lookup(V4)
    assert answer.status == "unavailable"
    assert answer.text == f"{answer.feed} could not be asked: {said}."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[]", b"null", b"<html>", b"\xff\xfe", b'{"data": null}', b'{"data": []}'),
        *(100_000 * b"[", b'{"data":' * 50_000),
        *(abuse(101), abuse(-1), abuse("50"), abuse(49.5), abuse(True), abuse(None), abuse(50, None), abuse(50, -1)),
        *(otx(-1), otx("1"), otx(None), otx(1.5), otx(True), otx(1, None), otx(1, {"source": "x"})),
        abuse(7).replace(b"7", b"NaN"),
        otx(3).replace(b"3", b"1e999"),
        b'{"pulse_info": 7}',
    ],
)
def test_garbage_is_no_answer(service, kind, content):
    service.answer(content)
    answer = make(kind, service).lookup(V4)
    assert answer.status == "unavailable"
    assert answer.text == f"{answer.feed} could not be asked: its answer is not what its documentation says."


@pytest.mark.parametrize("kind", KINDS)
def test_an_endless_answer_is_cut_off(service, kind):
    sent = 0

    def endless(handler):
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while not service.released.is_set():
            sent += handler.wfile.write(bytes(1 << 16))

    service.reply = endless
    answer = make(kind, service, max_bytes=100_000).lookup(V4)
    assert answer.text == f"{answer.feed} could not be asked: its answer is longer than 100,000 bytes."


def test_an_answer_of_the_longest_length_is_read_whole(service):
    content = abuse(60)
    service.answer(content + b" " * (5_000 - len(content)))
    assert make(AbuseIPDB, service, max_bytes=5_000).lookup(V4).status == "listed"
    assert make(AbuseIPDB, service, max_bytes=4_999).lookup(V4).status == "unavailable"


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_connection_is_no_answer(service, kind):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"data"')
        handler.close_connection = True

    def nonsense(handler):
        handler.wfile.write(b"hello\r\n\r\n")
        handler.close_connection = True

    def hang_up(handler):
        handler.close_connection = True

    for reply in (cut, nonsense, hang_up):
        service.reply = reply
        answer = make(kind, service).lookup(V4)
        assert answer.status == "unavailable"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("when", ["before the answer", "within the headers", "within the answer"])
def test_a_slow_feed_is_not_waited_for(service, kind, when):
    def slow(handler):
        if when == "within the answer":
            handler.send_response(200)
            handler.end_headers()
        if when == "before the answer":
            service.released.wait(60)
        else:
            first, rest = (b"HTTP/1.0 200 OK\r\nA:", b"a") if when == "within the headers" else (b" ", b" ")
            handler.wfile.write(first)
            while not service.released.wait(0.01):  # each byte is in time: only the whole is not
                handler.wfile.write(rest)

    service.reply = slow
    answer = make(kind, service, timeout_s=0.3).lookup(V4)
    assert answer.status == "unavailable"
    assert answer.text == f"{answer.feed} could not be asked: no answer within 0.3 seconds."


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_that_is_not_there_is_told(service, kind):
    elsewhere = kind(KEY, settings(), service.base.replace("http:", "https:"))  # no TLS spoken here
    assert elsewhere.lookup(V4).text == f"{elsewhere.name} could not be asked: it cannot be reached."
    closed = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    closed.server_close()
    gone = kind(KEY, settings(), f"http://127.0.0.1:{closed.server_port}")
    assert gone.lookup(V4).text == f"{gone.name} could not be asked: it cannot be reached."


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_that_failed_is_left_alone_for_a_while(service, kind):
    service.answer(b"", 500)
    feed = make(kind, service, retry_s=60)
    failed = feed.lookup(V4)
    service.answer(FINE[kind])
    feed._clock.now += 59
    assert feed.lookup(OTHER_V4) == failed
    assert len(service.asked) == 1
    feed._clock.now += 2
    assert feed.lookup(OTHER_V4).status == "clear"
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    ("retry_after", "wait_s"), [("600", 600), ("5", 60), ("999999999", 3600), ("soon", 60), ("-600", 60), ("", 60)]
)
def test_a_feed_that_names_a_time_is_left_alone_until_then(service, retry_after, wait_s):
    service.answer(b"", 429, Retry_After=retry_after)
    feed = make(AbuseIPDB, service, retry_s=60, cache_s=3600)
    feed.lookup(V4)
    service.answer(abuse(0))
    feed._clock.now += wait_s - 1
    assert feed.lookup(V4).status == "unavailable"
    feed._clock.now += 2
    assert feed.lookup(V4).status == "clear"


def test_what_is_remembered_outlasts_a_failure(service):
    service.answer(abuse(80))
    feed = make(AbuseIPDB, service)
    listed = feed.lookup(V4)
    service.answer(b"", 500)
    assert feed.lookup(OTHER_V4).status == "unavailable"
    assert feed.lookup(V4) == listed


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_follows_no_redirect(service, kind):
    other = Service()
    try:
        service.answer(b"", 302, Location=f"{other.base}/elsewhere")
        assert make(kind, service).lookup(V4).text.endswith("it answers with HTTP 302.")
        assert other.asked == []
    finally:
        other.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_is_in_no_text(service, kind, caplog):
    caplog.set_level(0)
    texts = []
    for code, content in ((200, FINE[kind]), (200, KEY.encode()), (401, KEY.encode()), (429, b""), (500, KEY.encode())):
        service.answer(content, code)
        feed = make(kind, service)
        texts += [repr(feed), str(feed), repr(feed.lookup(V4))]
    assert len(service.asked) == 5
    assert KEY not in "".join(texts) + caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_no_address_that_is_asked_about_is_logged(service, kind, caplog):
    caplog.set_level(0)
    for code in (200, 500):
        service.answer(FINE[kind], code)
        make(kind, service).lookup(V4)
    assert len(service.asked) == 2
    assert V4 not in caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_packed_answer_is_not_unpacked(service, kind):
    service.answer(gzip.compress(FINE[kind]), Content_Encoding="gzip")
    assert make(kind, service).lookup(V4).text.endswith("its answer is not what its documentation says.")
    assert service.asked[0][1]["Accept-Encoding"] == "identity"


def test_a_proxy_that_cannot_be_used_is_no_answer(service, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert make(AbuseIPDB, service).lookup(V4).text == "AbuseIPDB could not be asked: it cannot be reached."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "key", ["", "short", "with space in it", "line\r\nX-Other: header", "schlüssel-schlüssel", "k" * 513]
)
def test_what_cannot_be_a_key_is_refused_and_not_shown(kind, key):
    with pytest.raises(ValueError, match="8 to 512 printable ASCII characters") as caught:
        kind(key, settings())
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("base", ["http://example.org", "ftp://127.0.0.1", "file://localhost/etc", "example.org"])
def test_a_key_is_only_sent_over_https(base):
    with pytest.raises(ValueError, match="expected an address with https"):
        AbuseIPDB(KEY, settings(), base)


def test_the_services_are_asked_at_their_own_https_addresses():
    assert AbuseIPDB(KEY, settings())._base == "https://api.abuseipdb.com/api/v2"
    assert OTX(KEY, settings())._base == "https://otx.alienvault.com/api/v1"


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, []),
        ({ABUSEIPDB_KEY: "", OTX_KEY: "  "}, []),
        ({ABUSEIPDB_KEY: f" {KEY}\n"}, ["AbuseIPDB"]),
        ({OTX_KEY: KEY, ABUSEIPDB_KEY: KEY}, ["AbuseIPDB", "AlienVault OTX"]),
    ],
)
def test_feeds_are_off_without_a_key(environ, names):
    assert [feed.name for feed in feeds_from_environment(settings(), environ)] == names


def test_the_process_environment_is_the_default(monkeypatch):
    monkeypatch.delenv(ABUSEIPDB_KEY, raising=False)
    monkeypatch.delenv(OTX_KEY, raising=False)
    assert feeds_from_environment(settings()) == ()
    monkeypatch.setenv(OTX_KEY, KEY)
    assert [feed.name for feed in feeds_from_environment(settings())] == ["AlienVault OTX"]


def test_a_malformed_key_in_the_environment_names_the_variable_alone():
    with pytest.raises(PolicyError, match=rf"{OTX_KEY}: expected a key .* or unset it\.") as caught:
        feeds_from_environment(settings(), {OTX_KEY: "my secret\nkey"})
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_feeds_are_asked_at_the_same_time_and_answer_in_order(service):
    meeting = threading.Barrier(2)

    def together(handler):
        meeting.wait(20)
        content = abuse(90) if "check" in handler.path else otx(0)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)

    service.reply = together
    answers = ask([make(OTX, service), make(AbuseIPDB, service)], V4)
    assert [(answer.feed, answer.status) for answer in answers] == [
        ("AlienVault OTX", "clear"),
        ("AbuseIPDB", "listed"),
    ]
    assert ask([], V4) == []


def test_one_feed_serves_many_threads(service):
    service.answer(abuse(75))
    feed = make(AbuseIPDB, service)
    addresses = [f"9.9.9.{n % 8}" for n in range(64)]
    answers = []
    threads = [threading.Thread(target=lambda a=a: answers.append(feed.lookup(a).score)) for a in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [75.0] * 64
    assert {parse_qs(urlsplit(path).query)["ipAddress"][0] for path, _ in service.asked} == set(addresses)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_has_one_spelling(text, expected):
    assert str(canonical(text)) == expected
