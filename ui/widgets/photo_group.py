"""Several photos that were checked at a time: the verdict on all, and each with its picture, score and verdict."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.figures import scores
from ui.figures.theme import HOVER
from ui.results.photo import data_url
from ui.results.photo_group import Member, PhotoGroup
from ui.text import photo_group as wording
from ui.text.photo_group import PhotoRow
from ui.text.plain import in_figure, plain, table
from ui.text.scores import count, literal, score
from ui.widgets import cards, reading

_ROW = 72  # pixels: pictures of people can be told apart


def show_group(group: PhotoGroup) -> None:
    """The verdict on all of them, then one row for each."""
    told = wording.verdict(group)
    with st.container(key=reading.verdict_key(group.key)):
        cards.show_verdict(told)
    if group.simulated:
        cards.simulated_badge()
    if group.counted:
        marks = [(in_figure(one.photo.name), one.check.match.pce) for one in group.counted if one.check]
        needed = max(one.check.threshold for one in group.counted if one.check)
        least, most = (score(pick(pce for _, pce in marks)) for pick in (min, max))
        alt = f"Scores of {count(len(marks), 'photo')}, from {least} to {most}; the threshold is {score(needed)}"
        cards.draw(scores.gauges(marks, needed), "gauges", alt, config=HOVER)
    show_rows(wording.rows(group))
    cards.show_reasons(told)
    if group.truth:
        st.caption(f":material/science: What is true of this sample: {literal(group.truth)}")


def show_rows(rows: Sequence[PhotoRow]) -> None:
    """A row for each photo: picture, score, verdict, and what is to be said of it. They can be sorted."""
    columns = {
        "No.": st.column_config.NumberColumn(width=48),
        "": st.column_config.ImageColumn(width=100),
        "Photo": st.column_config.TextColumn(width="medium"),
        "Score (PCE)": st.column_config.NumberColumn(format="localized", width=110),
        "Verdict": st.column_config.TextColumn(width=150),
        "Camera": st.column_config.TextColumn(width="medium"),
        "What it means": st.column_config.TextColumn(width="large"),
    }
    shown = [
        {
            "No.": row.number or None,
            "": data_url(row.small),
            "Photo": row.name,
            "Score (PCE)": None if row.score is None else round(row.score, 1 if abs(row.score) < 9.95 else None),
            "Verdict": row.verdict,
            "Camera": row.camera,
            "What it means": row.text,
        }
        for row in rows
    ]
    if not any(row.camera for row in rows):
        for row in shown:
            del row["Camera"]
    st.dataframe(table(shown), column_config=columns, hide_index=True, row_height=_ROW, placeholder="")


def choose_member(group: PhotoGroup) -> Member | None:
    """Ask which photo to look at; first one that does not belong. None if none could be compared."""
    there = [number for number, member in enumerate(group.members) if member.check]
    if not there:
        return None
    strange = (number for number in there if group.members[number] in group.counted)
    first = next((number for number in strange if not group.belongs(group.members[number])), there[0])
    chosen = st.selectbox(
        "Look at one photo",
        there,
        index=there.index(first),
        format_func=lambda number: plain(wording.called(group.members[number])),
        key=f"photo-of-{group.key}",
        persist_state="session",
    )
    return group.members[chosen]
