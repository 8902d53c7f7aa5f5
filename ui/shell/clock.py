"""The visitor's own time zone, as their browser tells it. What is stored and exported is in UTC."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st


def zone() -> tzinfo:
    """The zone that times are shown in; UTC where the browser does not tell, which is then said beside each time."""
    name, behind_min = st.context.timezone, st.context.timezone_offset
    if name:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            pass  # a zone that this machine does not know, or no zone at all: the browser's offset has to do
    if behind_min is None or not -24 * 60 < behind_min < 24 * 60:
        return UTC
    return timezone(-timedelta(minutes=behind_min))
