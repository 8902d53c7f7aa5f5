from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from bank import limits
from bank.errors import LimitReached, NotFound, Tampered, TokenError
from bank.settings import Limits
from bank.store import Store
from bank.tables import Attempt, Customer, Lockout
from tests.bank.crowd import PROCESSES, Crowd, meet
from tests.bank.rows import ON_SQLITE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 86_400
ADDRESSES = [f"{number:032x}" for number in range(16)]


RULES = Limits(
    failures=5,
    window_s=180,
    lock_s=60,
    lock_factor=2,
    max_lock_s=3600,
    forget_s=DAY,
    token_s=180,
    per_customer=10,
    per_customer_s=600,
    per_address=30,
    per_address_s=600,
)
NO_RATES = RULES.model_copy(update={"per_customer": 10_000, "per_address": 10_000})


@pytest.fixture(scope="module")
def crowd():
    made = Crowd()
    yield made
    made.close()


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def enrol(store, name="Anna"):
    with store.write() as session:
        customer = Customer(name=name, name_key=name.casefold(), created_at=NOW)
        session.add(customer)
        session.flush()
        return customer.id


def issue(store, customer, seconds=0.0, rules=RULES, **changes):
    given = {"profile": "demo", "challenge_json": "{}", **changes}
    with store.write() as session:
        row = session.get_one(Customer, customer)
        attempt, token = limits.issue(session, row, limits=rules, now=after(seconds), **given)
        return attempt.id, token


def redeem(store, customer, token, seconds=0.0):
    with store.write() as session:
        return limits.redeem(session, customer, token, now=after(seconds)).id


def settle(store, attempt, outcome="refused", seconds=0.0, rules=RULES):
    with store.write() as session:
        row = session.get_one(Attempt, attempt)
        lockout = limits.settle(session, row, outcome, limits=rules, now=after(seconds))
        return (lockout.locked_until - lockout.locked_at).total_seconds() if lockout else None


def attempt(store, customer, outcome="refused", seconds=0.0, rules=NO_RATES):
    """A whole attempt; returns for how long it locked the customer out, or None."""
    _, token = issue(store, customer, seconds, rules)
    return settle(store, redeem(store, customer, token, seconds), outcome, seconds, rules)


def attempts(store):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Attempt))


# Tokens


def test_a_token_is_kept_as_its_hash_only(store):
    customer = enrol(store)
    known = {
        "challenge_json": '["blink twice"]',
        "address": ADDRESSES[1],
        "device": ADDRESSES[2],
        "location": "1.0,2.0",
    }
    number, token = issue(store, customer, **known)
    assert re.fullmatch("[A-Za-z0-9_-]{43}", token)
    assert issue(store, customer)[1] != token
    with store.read() as session:
        row = session.get_one(Attempt, number)
        assert row.token_hash == hashlib.sha256(token.encode()).digest()
        assert token not in str(vars(row))
        assert (row.customer_id, row.profile, row.issued_at, row.expires_at) == (customer, "demo", NOW, after(180))
        assert (row.challenge, row.address, row.device, row.location) == tuple(known.values())
        assert (row.used_at, row.outcome, row.reason, row.decision) == (None, "", "", "")


def test_a_token_can_be_used_once(store):
    customer = enrol(store)
    number, token = issue(store, customer)
    assert redeem(store, customer, token, 5) == number
    with store.read() as session:
        assert session.get_one(Attempt, number).used_at == after(5)
    for _ in range(2):
        with pytest.raises(TokenError, match="each counts once") as refused:
            redeem(store, customer, token, 6)
        assert refused.value.code == "used"


def test_a_token_is_spent_only_if_the_transaction_ends_well(store):
    customer = enrol(store)
    _, token = issue(store, customer)
    with pytest.raises(ZeroDivisionError), store.write() as session:
        raise ZeroDivisionError(limits.redeem(session, customer, token, now=NOW))
    assert redeem(store, customer, token)


@pytest.mark.parametrize(("seconds", "in_time"), [(179.999999, True), (180, False), (10_000, False)])
def test_a_token_expires(store, seconds, in_time):
    customer = enrol(store)
    _, token = issue(store, customer)
    if in_time:
        assert redeem(store, customer, token, seconds)
    else:
        with pytest.raises(TokenError, match="longer than the 3 minutes allowed") as refused:
            redeem(store, customer, token, seconds)
        assert refused.value.code == "expired"


def test_a_token_of_another_customer_is_refused_and_stays_good(store):
    anna, ben = enrol(store, "Anna"), enrol(store, "Ben")
    _, token = issue(store, anna)
    with pytest.raises(TokenError) as refused:
        redeem(store, ben, token)
    assert refused.value.code == "other-customer"
    assert redeem(store, anna, token)


def test_garbage_is_no_token(store):
    customer = enrol(store)
    _, token = issue(store, customer)

    @settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text() | st.sampled_from(["", "\ud800", "\0", "x" * 100_000, token[:-1], token + "=", token.swapcase()]))
    def holds(garbage):
        with pytest.raises(TokenError) as refused:
            redeem(store, customer, garbage)
        assert refused.value.code == "unknown"
        assert len(garbage) < 8 or garbage not in str(refused.value)

    holds()
    assert redeem(store, customer, token)


def test_a_customer_who_is_gone_has_no_attempts(store):
    customer = enrol(store)
    number, token = issue(store, customer)
    redeem(store, customer, token)
    with store.write() as session:
        row = session.get_one(Attempt, number)
        gone = session.get_one(Customer, customer)
        session.expunge(row)
        session.delete(gone)
        session.flush()
        with pytest.raises(NotFound):
            limits.issue(session, gone, limits=RULES, now=NOW, profile="demo", challenge_json="{}")
        with pytest.raises(NotFound):
            limits.redeem(session, customer, token, now=NOW)
        with pytest.raises(NotFound):
            limits.settle(session, row, "refused", limits=RULES, now=NOW)


def test_a_token_whose_row_was_changed_is_not_taken(store):
    customer = enrol(store)
    _, token = issue(store, customer)
    redeem(store, customer, token)
    with store.write() as session:
        session.execute(text("UPDATE attempts SET used_at = NULL"))
    with pytest.raises(Tampered, match="attempts"):
        redeem(store, customer, token)


def redeem_at_once(number, url, folder, customers, tokens):
    """In a process of the crowd: try all tokens for all customers; return what was won, and how the others failed."""
    won, codes = [], []
    with Store(url, folder=folder) as store:
        meet()
        for token in tokens:
            for customer in customers:
                try:
                    redeem(store, customer, token)
                    won.append((customer, token))
                except TokenError as error:
                    codes.append(error.code)
    return won, codes


@pytest.mark.slow
def test_eight_processes_that_redeem_the_same_tokens_win_each_once(store, crowd, database_url, home):
    anna, ben = enrol(store, "Anna"), enrol(store, "Ben")
    owners = {issue(store, owner, rules=NO_RATES)[1]: owner for owner in (anna, ben) * 5}
    results = crowd.run(redeem_at_once, database_url, home, (anna, ben), list(owners))
    won = [pair for pairs, _ in results for pair in pairs]
    assert sorted(won) == sorted((owner, token) for token, owner in owners.items())
    codes = [code for _, codes in results for code in codes]
    assert codes.count("other-customer") == PROCESSES * len(owners)
    assert codes.count("used") == (PROCESSES - 1) * len(owners)


# Lock-out


# The rules of lock-outs, one by one; `test_lock_outs_follow_the_rules_whatever_happens` holds both databases to all of
# them.
def test_five_refused_in_three_minutes_lock_out(store):
    customer = enrol(store)
    assert [attempt(store, customer, seconds=second) for second in (0, 44, 88, 132)] == [None] * 4
    assert attempt(store, customer, seconds=179) == 60
    for second, left in ((179, "60 seconds"), (200, "39 seconds"), (238.5, "1 second")):
        with pytest.raises(LimitReached, match=f"locked out. Try again in {left}.$") as refused:
            issue(store, customer, second, NO_RATES)
        assert refused.value.code == "locked-out"
        assert refused.value.retry_after_s == pytest.approx(239 - second)
    assert issue(store, customer, 239, NO_RATES)


@ON_SQLITE
def test_refusals_further_apart_do_not_lock_out(store):
    customer = enrol(store)
    assert [attempt(store, customer, seconds=45.1 * number) for number in range(20)] == [None] * 20


@ON_SQLITE
def test_other_customers_are_not_locked_out(store):
    anna, ben = enrol(store, "Anna"), enrol(store, "Ben")
    assert [attempt(store, anna) for _ in range(4)] == [None] * 4
    assert attempt(store, ben) is None
    assert attempt(store, anna) == 60
    assert attempt(store, ben) is None


@ON_SQLITE
def test_an_accepted_attempt_clears_the_refused_ones(store):
    customer = enrol(store)
    for number, outcome in enumerate(["refused"] * 4 + ["accepted"] + ["refused"] * 4):
        assert attempt(store, customer, outcome, number) is None
    assert attempt(store, customer, seconds=10) == 60


@ON_SQLITE
def test_a_step_up_neither_counts_nor_clears(store):
    customer = enrol(store)
    for number, outcome in enumerate(["refused", "step-up"] * 4):
        assert attempt(store, customer, outcome, number) is None
    assert attempt(store, customer, seconds=10) == 60


def lock_out(store, customer, seconds, rules=NO_RATES):
    """Fail until locked out; return the delay."""
    delays = [attempt(store, customer, seconds=seconds, rules=rules) for _ in range(rules.failures)]
    assert delays[:-1] == [None] * (rules.failures - 1)
    return delays[-1]


@ON_SQLITE
def test_the_delay_grows_to_its_cap(store):
    customer = enrol(store)
    seconds, delays = 0.0, []
    for _ in range(9):
        delays.append(lock_out(store, customer, seconds))
        seconds += delays[-1]
    assert delays == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


@ON_SQLITE
def test_refused_attempts_before_a_lock_out_do_not_count_twice(store):
    customer = enrol(store)
    assert lock_out(store, customer, 0) == 60
    assert attempt(store, customer, seconds=61) is None
    assert [attempt(store, customer, seconds=62) for _ in range(3)] == [None] * 3
    assert attempt(store, customer, seconds=63) == 120


@ON_SQLITE
def test_lock_outs_are_forgotten_after_a_day_without_one(store):
    customer = enrol(store)
    assert lock_out(store, customer, 0) == 60
    assert lock_out(store, customer, 60) == 120
    assert lock_out(store, customer, 180 + DAY - 1) == 240
    assert lock_out(store, customer, 180 + DAY - 1 + 240 + DAY) == 60


@ON_SQLITE
def test_a_delay_never_overflows(store):
    customer = enrol(store)
    rules = NO_RATES.model_copy(update=dict(failures=1, lock_factor=100.0))
    assert attempt(store, customer, rules=rules) == 60
    with store.write() as session:
        session.get_one(Lockout, customer).level = 1_000_000
    assert attempt(store, customer, seconds=60, rules=rules) == 3600


@ON_SQLITE
def test_a_token_from_before_a_lock_out_waits_with_the_others(store):
    customer = enrol(store)
    _, token = issue(store, customer, 0, NO_RATES)
    assert lock_out(store, customer, 1) == 60
    with pytest.raises(LimitReached) as refused:
        redeem(store, customer, token, 2)
    assert refused.value.code == "locked-out"
    assert redeem(store, customer, token, 61)


def test_a_changed_row_lets_nobody_out(store):
    customer = enrol(store)
    lock_out(store, customer, 0)
    with store.write() as session:
        session.execute(text("UPDATE lockouts SET locked_until = locked_until - 60000000"))
    with pytest.raises(Tampered, match="lockouts"):
        issue(store, customer, 1, NO_RATES)


def test_a_refusal_that_was_changed_is_not_left_out(store):
    customer = enrol(store)
    for _ in range(4):
        attempt(store, customer)
    with store.write() as session:
        session.execute(text("UPDATE attempts SET outcome = 'accepted'"))
    with pytest.raises(Tampered, match="attempts"):
        attempt(store, customer)


@ON_SQLITE
def test_how_long_a_lock_out_lasts_can_be_asked(store):
    customer = enrol(store)
    lock_out(store, customer, 0)
    with store.read() as session:
        assert [limits.locked_for(session, customer, after(second)) for second in (0, 59.5, 60, 99)] == [60, 0.5, 0, 0]
        assert limits.locked_for(session, "nobody", NOW) == 0


@ON_SQLITE
@pytest.mark.parametrize("wrong", ["", "accept", "REFUSED"])
def test_an_attempt_ends_in_one_of_three_ways(store, wrong):
    customer = enrol(store)
    number = redeem(store, customer, issue(store, customer)[1])
    with pytest.raises(ValueError, match="expected one of accepted, refused, step-up"):
        settle(store, number, wrong)
    settle(store, number, "refused")
    with store.read() as session:
        assert session.get_one(Attempt, number).outcome == "refused"


def test_an_attempt_cannot_end_before_its_token_came_back(store):
    customer = enrol(store)
    with pytest.raises(ValueError, match="before its token was redeemed"):
        settle(store, issue(store, customer)[0], "accepted")


OUTCOMES = st.lists(st.tuples(st.sampled_from(limits.OUTCOMES + ("refused",) * 4), st.integers(0, 100)), max_size=25)


@pytest.mark.slow
def test_lock_outs_follow_the_rules_whatever_happens(store):
    numbers = iter(range(10_000))

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(OUTCOMES)
    def holds(steps):
        customer = enrol(store, f"Customer {next(numbers)}")
        now, locked_until, level = 0, 0, 0
        refused: list[int] = []
        for outcome, pause in steps:
            now += pause
            if now < locked_until:
                with pytest.raises(LimitReached):
                    issue(store, customer, now, NO_RATES)
                continue
            delay = attempt(store, customer, outcome, now)
            refused = [] if outcome == "accepted" else [*refused, now] if outcome == "refused" else refused
            recent = [second for second in refused if second > now - 180]
            if outcome == "refused" and len(recent) == 5:
                assert delay == min(60 * 2**level, 3600)
                locked_until, level, refused = now + delay, level + 1, []
            else:
                assert delay is None

    holds()


def fail_at_once(number, url, folder, customer, together):
    """In a process of the crowd: fail until locked out; return how often, and the delays that began."""
    failed, delays = 0, []
    with Store(url, folder=folder) as store:
        meet()
        while True:
            try:
                if together:
                    with store.write() as session:
                        row = session.get_one(Customer, customer)
                        _, token = limits.issue(
                            session, row, limits=NO_RATES, now=NOW, profile="demo", challenge_json="{}"
                        )
                        tried = limits.redeem(session, customer, token, now=NOW)
                        lockout = limits.settle(session, tried, "refused", limits=NO_RATES, now=NOW)
                    if lockout:
                        delays.append((lockout.locked_until - NOW).total_seconds())
                elif delay := attempt(store, customer):
                    delays.append(delay)
                failed += 1
            except LimitReached as error:
                if error.code != "locked-out":
                    raise
                return failed, delays


@pytest.mark.slow
@pytest.mark.parametrize("together", [True, False], ids=["one transaction", "three transactions"])
def test_eight_processes_that_fail_are_locked_out_once(store, crowd, database_url, home, together):
    customer = enrol(store)
    results = crowd.run(fail_at_once, database_url, home, customer, together)
    assert [delay for _, delays in results for delay in delays] == [60]
    failed = sum(count for count, _ in results)
    # Attempts that were under way when the fifth was refused may still end.
    assert failed == 5 if together else 5 <= failed < 5 + PROCESSES
    with store.read() as session:
        assert session.get_one(Lockout, customer).level == 0


# Rates


def test_a_customer_is_checked_at_most_so_often(store):
    customer = enrol(store)
    for number in range(10):
        issue(store, customer, 10 * number)
    message = "10 checks of one customer within 10 minutes are all that is allowed. Try again in 9 minutes."
    with pytest.raises(LimitReached, match=message) as refused:
        issue(store, customer, 100)
    assert refused.value.code == "rate-customer"
    assert refused.value.retry_after_s == pytest.approx(500)
    with pytest.raises(LimitReached):
        issue(store, customer, 599.9)
    assert issue(store, customer, 600)
    with pytest.raises(LimitReached, match="Try again in 10 seconds"):
        issue(store, customer, 600)
    assert issue(store, customer, 610)
    assert issue(store, enrol(store, "Ben"), 600)


def test_an_address_begins_at_most_so_many_checks_whoever_they_are_for(store):
    rules = RULES.model_copy(update=dict(per_address=4))
    anna, ben = enrol(store, "Anna"), enrol(store, "Ben")
    for number in range(4):
        issue(store, (anna, ben)[number % 2], number, rules, address=ADDRESSES[1])
    for customer in (anna, ben):
        with pytest.raises(LimitReached, match="4 checks from one network address within") as refused:
            issue(store, customer, 10, rules, address=ADDRESSES[1])
        assert refused.value.code == "rate-address"
        assert refused.value.retry_after_s == pytest.approx(590)
    assert issue(store, anna, 10, rules, address=ADDRESSES[2])
    assert issue(store, anna, 10, rules)  # an address that is not known
    assert issue(store, ben, 600, rules, address=ADDRESSES[1])


def test_a_refused_request_is_no_attempt(store):
    customer = enrol(store)
    for _ in range(10):
        issue(store, customer)
    for _ in range(3):
        with pytest.raises(LimitReached):
            issue(store, customer, 1)
    assert attempts(store) == 10


@ON_SQLITE
@pytest.mark.parametrize("plain", ["192.0.2.7", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n"])
def test_an_address_is_never_kept_in_plain(store, plain):
    customer = enrol(store)
    for what in ("address", "device"):
        with pytest.raises(ValueError, match=f"the {what} is no pseudonym"):
            issue(store, customer, **{what: plain})
    with store.write() as session:
        pseudonym = session.info["vault"].pseudonym("address", plain)
    assert issue(store, customer, address=pseudonym)


def begin_at_once(number, url, folder, customers, rules, address):
    """In a process of the crowd: begin attempts until refused; return how many."""
    with Store(url, folder=folder) as store:
        meet()
        for count in range(100):
            try:
                issue(store, customers[number % len(customers)], 0, rules, address=address)
            except LimitReached as error:
                return count, error.code
    return 100, ""


@pytest.mark.slow
@pytest.mark.parametrize("most", [3, 10, 37])
def test_eight_processes_begin_no_more_attempts_than_a_customer_may(store, crowd, database_url, home, most):
    rules = NO_RATES.model_copy(update=dict(per_customer=most))
    results = crowd.run(begin_at_once, database_url, home, [enrol(store)], rules, "")
    assert sum(count for count, _ in results) == attempts(store) == most
    assert {code for _, code in results} == {"rate-customer"}


@pytest.mark.slow
@pytest.mark.parametrize("most", [3, 10, 37])
def test_eight_processes_begin_no_more_attempts_than_an_address_may(store, crowd, database_url, home, most):
    rules = NO_RATES.model_copy(update=dict(per_address=most))
    customers = [enrol(store, f"Customer {number}") for number in range(PROCESSES)]
    results = crowd.run(begin_at_once, database_url, home, customers, rules, ADDRESSES[3])
    assert sum(count for count, _ in results) == attempts(store) == most
    assert {code for _, code in results} == {"rate-address"}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 second"),
        (1, "1 second"),
        (1.01, "2 seconds"),
        (99, "99 seconds"),
        (99.5, "2 minutes"),
        (3600, "60 minutes"),
        (5941, "2 hours"),
        (7201, "3 hours"),
    ],
)
def test_a_wait_is_said_as_people_say_it(seconds, said):
    assert limits.spoken(seconds) == said
