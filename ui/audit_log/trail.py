"""Sections of the audit log: whether it is intact, what is in it, one entry in full, and downloads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

import streamlit as st

from bank import Bank, audit
from bank.audit import ChainStatus, Entry, Filters
from bank.errors import Tampered
from ui.shell import addresses, clock
from ui.shell.bank import bank_errors_told, the_bank
from ui.shell.session import AUDIT_LIMIT
from ui.text import decision as wording
from ui.text import live_check as live_check_words
from ui.text.plain import plain, table
from ui.text.scores import literal, minute, second
from ui.widgets import cards, live_check

PAGE = 50
"""Entries shown at first, and with each "Show more"."""

_ALL = "All"
_ADVICE = "Keep a copy as it is now, restore a backup, and find out who can write to the database."


class Known(NamedTuple):
    """Names by ids, of customers and of cameras. None: they cannot be read."""

    customers: Mapping[str, str] | None
    cameras: Mapping[str, str]


def show_chain() -> ChainStatus | None:
    """Whether the record is as it was written, and the head to be noted. None if nothing is written down yet."""
    status_place = st.container()
    with st.expander("Compare with a head that you noted earlier", icon=":material/compare_arrows:"):
        st.markdown(
            "Each entry is chained to the one before, so that a change anywhere shows at the newest one: the **head**. "
            "Somebody who puts back an old copy of the whole database has a record that is intact in itself. Only a "
            "head that was noted elsewhere, on paper or in a message to yourself, gives that away."
        )
        noted = st.text_input("Head noted earlier", placeholder="12:5f3a…", key="noted", persist_state="session")
    status = _verify()
    if status.intact and not status.entries:
        return None
    with status_place:
        _show_status(status)
        if (noted or "").strip() and status.intact:
            _compare(str(noted))
        if status.head:
            st.caption("The newest entry's number and digest (head). Note it elsewhere, and compare it next time.")
            st.code(status.head, language=None, wrap_lines=True)
    return status


def _verify(noted: str | None = None) -> ChainStatus:
    with the_bank().store.read() as session:
        return audit.verify_chain(session, noted)


def _show_status(status: ChainStatus) -> None:
    if status.intact:
        told = f"{wording.entries(status.entries)}: none changed, removed, added or moved."
        st.success(told, icon=":material/verified:", title="The record is intact")
        return
    relied = f"The {wording.entries(status.entries)} before it are as they were written. " if status.first_bad else ""
    told = f"{status.problem} {relied if status.entries else ''}{_ADVICE}"
    st.error(literal(told), icon=":material/report:", title="The record is not intact")


def _compare(noted: str) -> None:
    """Tell whether an earlier head is part of a record that is intact in itself."""
    try:
        status = _verify(noted)
    except ValueError as error:
        st.error(literal(str(error)), icon=":material/error:", title="This is no head")
        return
    if status.intact:
        st.success("The head that you noted is part of it.", icon=":material/check_circle:", title="The same record")
    elif status.first_bad:
        told = f"{status.problem} {_ADVICE}"
        st.error(literal(told), icon=":material/report:", title="This is not the record that you noted the head of")
    else:
        st.warning(literal(status.problem), icon=":material/help:", title="This head cannot be compared any more")


def names() -> Known:
    """Names of customers and cameras; where these cannot be read, the record is shown with ids alone."""
    try:
        customers = the_bank().customers()
    except Tampered as error:
        st.warning(literal(str(error)), icon=":material/report:", title="Names cannot be shown")
        return Known(None, {})
    cameras = {camera.id: camera.label for customer in customers for camera in customer.cameras}
    return Known({customer.id: customer.name for customer in customers}, cameras)


@st.fragment
def browse(known: Known, status: ChainStatus) -> None:
    """Filters, the entries that fit them, downloads, and one entry in full."""
    with bank_errors_told():
        filters = _choose(known)
        limit = AUDIT_LIMIT.get() or PAGE
        found = _read(limit + 1, filters)
        shown, more = found[:limit], len(found) > limit
        if not shown:
            st.info("No entry fits these filters.", icon=":material/filter_alt_off:")
            _show_addressed(known)
            return
        st.caption(f"{wording.summary(len(shown), more)} Tick one to see it in full.")
        picked = st.dataframe(
            table(_row(entry, known, status) for entry in shown),
            hide_index=True,
            key="audit_entries",
            on_select=_forget_address,  # a tick counts, not what the address says
            selection_mode="single-row",
            column_config={
                "No.": st.column_config.NumberColumn(width=50),
                "When": st.column_config.TextColumn(width=170),
                "What happened": st.column_config.TextColumn(width=120),
                "Outcome": st.column_config.TextColumn(width=90),
            },
        )
        with st.container(horizontal=True):
            if more:
                st.button(f"Show {PAGE} more", icon=":material/expand_more:", on_click=_show_more)
            _offer_downloads(filters)
        rows = picked["selection"]["rows"]
        if rows and rows[0] < len(shown):
            addresses.ENTRY.put(shown[rows[0]].seq)
            show_entry(shown[rows[0]], known)
        else:
            _show_addressed(known)


def _forget_address() -> None:
    addresses.ENTRY.clear()
    addresses.ATTEMPT.clear()


def _show_addressed(known: Known) -> None:
    """The entry that the page's address names, if it names one."""
    number, attempt = addresses.ENTRY.get(), addresses.ATTEMPT.get()
    if number is None and attempt is None:
        return
    found = _read(1, Filters(seq=number) if number else Filters(attempt_id=attempt))
    if found:
        show_entry(found[0], known)
    else:
        what = f"no entry {number}" if number else "no entry of this attempt"
        st.warning(
            f"There is {what} in this record. Old entries are dropped, and another bank has a record of its own.",
            icon=":material/link_off:",
            title="Nothing at this address",
        )


def of_attempt(attempt: str) -> Entry | None:
    """The entry of an attempt's decision, by the attempt's id; None if there is none that can be read."""
    return next(iter(_read(1, Filters(attempt_id=attempt, kind="decision"))), None)


def _show_more() -> None:
    AUDIT_LIMIT.put((AUDIT_LIMIT.get() or PAGE) + PAGE)


def _read(limit: int, filters: Filters) -> list[Entry]:
    """The newest entries that fit; up to one that cannot be read, of which it says so."""
    found: list[Entry] = []
    try:
        with the_bank().store.read() as session:
            found.extend(audit.entries(session, limit=limit, **filters))
    except Tampered as error:
        st.error(literal(str(error)), icon=":material/report:", title="Not all entries can be read")
    return found


def _choose(known: Known) -> Filters:
    """Ask which entries are wanted."""
    what, how, who, since, until = st.columns([1.2, 1, 1.2, 1, 1])
    kind = what.selectbox("What happened", [_ALL, *wording.KINDS], format_func=_kind_word, key="audit_kind")
    outcome = how.selectbox("Outcome", [_ALL, *wording.OUTCOMES], format_func=_outcome_word, key="audit_outcome")
    people = known.customers or {}
    customer = who.selectbox(
        "Customer", [_ALL, *people], format_func=lambda one: plain(people.get(one, one)), key="audit_customer"
    )
    first = since.date_input("From", None, key="audit_since", format="YYYY-MM-DD")
    last = until.date_input("To", None, key="audit_until", format="YYYY-MM-DD")
    return Filters(
        kind=None if kind == _ALL else kind,
        outcome=None if outcome == _ALL else outcome,
        customer_id=None if customer == _ALL else customer,
        since=_midnight(first),
        until=_midnight(last, timedelta(days=1)),
    )


def _kind_word(kind: str) -> str:
    return wording.KINDS.get(kind, kind)


def _outcome_word(outcome: str) -> str:
    return wording.OUTCOMES.get(outcome, outcome)


def _midnight(chosen: object, later: timedelta = timedelta()) -> datetime | None:
    return datetime.combine(chosen + later, time(), clock.zone()) if isinstance(chosen, date) else None


def _row(entry: Entry, known: Known, status: ChainStatus) -> dict[str, str | int]:
    row: dict[str, str | int] = {
        "No.": entry.seq,
        "When": f"{entry.at.astimezone(clock.zone()):%Y-%m-%d} {second(entry.at, clock.zone())}",
        "What happened": _kind_word(entry.kind),
        "Customer": wording.people(known.customers, entry.customer_id),
        "Outcome": _outcome_word(entry.outcome),
        "Reason": wording.reason(entry.body),
    }
    return row if status.intact else {"Record": wording.trust(entry.seq, status), **row}


def _offer_downloads(filters: Filters) -> None:
    bank = the_bank()
    for word, kind, mime in (("JSONL", "jsonl", "application/jsonl"), ("CSV", "csv", "text/csv")):
        st.download_button(
            f"Download {word}",
            partial(export_text, bank, kind, filters),
            f"lenslock-audit.{kind}",
            mime,
            icon=":material/download:",
            on_click="ignore",
            help="All entries that fit the filters, the oldest first. Ids instead of names; times in UTC.",
        )


def export_text(bank: Bank, kind: str, filters: Filters) -> str:
    """The entries that fit, as JSON lines or as a table for a spreadsheet."""
    file = io.StringIO(newline="")
    with bank.store.read() as session:
        (audit.export_csv if kind == "csv" else audit.export_jsonl)(session, file, **filters)
    return file.getvalue()


def show_entry(entry: Entry, known: Known) -> None:
    """One entry with all that it says."""
    st.subheader(f"Entry {entry.seq}: {literal(_kind_word(entry.kind))}")
    person = literal(wording.people(known.customers, entry.customer_id))
    st.caption(f"{minute(entry.at, clock.zone())} · customer: {person} · attempt: {literal(entry.attempt_id) or '–'}")
    if entry.kind == "decision":
        cards.show_decision(entry.body)
        cards.show_factors(entry.body)
        if wording.factor_details(entry.body, "liveness"):
            with st.expander("What was asked, and what was checked of the stills", icon=":material/checklist:"):
                live_check.show_steps(entry.body)
                live_check.show_checks(entry.body)
                st.caption(live_check_words.NO_CURVES)
        if rows := wording.figure_rows(entry.body, known.cameras):
            with st.expander("Further figures of each factor", icon=":material/query_stats:"):
                st.dataframe(table(rows), hide_index=True)
    elif rows := wording.facts(entry.body, known.cameras):
        st.dataframe(table(rows), hide_index=True)
    if found := wording.versions(entry.body):
        with st.expander("What decided: software, policy and models", icon=":material/memory:"):
            st.dataframe(table({"What": name, "Version": value} for name, value in found.items()), hide_index=True)
    with st.expander("As it is written down (JSON)", icon=":material/data_object:"):
        st.json(entry.body)
        st.caption(f"Times in UTC. Digest: {entry.digest}")
