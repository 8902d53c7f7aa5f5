"""How phones get in: address and code to scan, what the browser's warning means, how to open the door."""

from __future__ import annotations

import io

import segno
import streamlit as st

from ui.shell import lan
from ui.shell.visit import at_this_computer
from ui.widgets import cards

_QR_PIXELS = 220


def explain_warning(fingerprint: str) -> None:
    """Why browsers warn of this server's certificate, and what to compare before going on."""
    half = len(fingerprint) // 2
    with st.expander("The browser will warn: why, and what to compare", icon=":material/gpp_maybe:"):
        st.markdown(
            "- **Why:** no authority vouches for this server's certificate, because this computer made it for itself "
            "(self-signed). What is sent is encrypted all the same.\n"
            "- **What to compare:** open the certificate from the warning (“Advanced”, “Details” or the sign by the "
            "address) and look for its SHA-256 fingerprint. If it is this one, nobody stands between phone and "
            "computer, and you may go on:"
        )
        st.code(f"{fingerprint[:half]}\n{fingerprint[half + 1 :]}", language=None, wrap_lines=True)
        st.markdown(
            "- **If it is another one,** do not go on.\n"
            "- **If the page stays empty on an iPhone,** its browser refuses the live connection to such a "
            "certificate, as some do: use another phone or a laptop.\n"
            "- **Meanwhile, everybody in this network** can open LensLock, with all its pages. Use a network that you "
            "trust."
        )


def tell_no_network() -> None:
    """Say that no phone can reach this computer, and what to do."""
    st.warning(
        "This computer is in no network, so no phone can reach it. Connect it to one, such as the phone's own hotspot, "
        f"and start `{lan.START_WITH}` again.",
        icon=":material/wifi_off:",
    )


def show_qr(address: str, alt: str) -> None:
    """A QR code: black on white with its quiet zone, in the dark theme too, or scanners miss it."""
    drawing = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", light="white", border=4, xmldecl=False, omitsize=True)
    st.image(drawing.getvalue().decode(), width=_QR_PIXELS, alt=alt)


def lan_door() -> None:
    """How phones get in: address, QR code, and what the browser's warning means; else how to open the door."""
    found = lan.door()
    if found is None and not at_this_computer():
        return  # who is elsewhere cannot open it
    if found is None:
        st.markdown(
            f":material/smartphone: **A phone as the camera:** start LensLock with `{lan.START_WITH}` in place of "
            "`make run`. Its address for phones, and a code to scan, will be here."
        )
    elif not found.addresses:
        tell_no_network()
    elif not cards.phone():
        st.markdown("##### :material/smartphone: A phone as the camera")
        picture, words = st.columns([1, 2])
        with picture:
            show_qr(found.addresses[0], f"QR code of {found.addresses[0]}")
        with words:
            st.markdown(
                f"Scan this with a phone in the same network, or open **{found.addresses[0]}** there. "
                "A check that you begin here can then go on with the phone's camera."
            )
            if others := found.addresses[1:]:
                st.caption(f"If the phone does not find it: {', '.join(others)}")
            explain_warning(found.fingerprint)
