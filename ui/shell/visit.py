"""How a visitor came here."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import streamlit as st


def at_this_computer() -> bool:
    """Whether the visitor's browser runs on the machine that runs this app, as far as the page's address tells.

    What has to be typed there is told to nobody else. Without an address, as where no browser is, it is taken for so.
    """
    host = urlsplit(st.context.url or "").hostname
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
