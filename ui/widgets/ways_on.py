"""Ways out of a check that cannot pass: what is missing can be added, or another camera used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from bank import CustomerInfo
from ui.shell import links
from ui.shell.session import CLAIMED, REGISTER_CAMERA, REGISTER_PERSON
from ui.text.readiness import Obstacle
from ui.text.scores import literal


def show_obstacles(customer: CustomerInfo, obstacles: Sequence[Obstacle]) -> bool:
    """Say what stands in the way, each with its way out; tell whether the check can begin all the same."""
    for obstacle in obstacles:
        box, icon = (st.error, ":material/block:") if obstacle.certain else (st.warning, ":material/help:")
        title = "This check cannot pass" if obstacle.certain else "The camera may not fit"
        box(obstacle.text, icon=icon, title=title)
        with st.container(horizontal=True, vertical_alignment="center"):
            if obstacle.kind == "sample":
                st.page_link(links.SAMPLE, label="Watch the sample person's check", icon=":material/science:")
            elif obstacle.kind == "no-face":
                add_face(customer.name)
            else:
                register(customer.name)
            if obstacle.kind == "other-size":
                test_camera()
    return not any(obstacle.certain for obstacle in obstacles)


def register(customer: str, leaving: Callable[[], None] = lambda: None) -> None:
    """A way to the live registration, with the name filled in; `leaving` puts away what this page has under way."""
    if _way(f"Register a camera of {literal(customer)} live", ":material/videocam:", f"register-{customer}"):
        leaving()
        REGISTER_PERSON.put(customer)
        REGISTER_CAMERA.clear()
        st.switch_page(links.REGISTER_LIVE)


def verify(customer: str) -> None:
    """A way to the live check, with the customer chosen."""
    if _way(f"Verify a selfie of {literal(customer)}", ":material/verified_user:", f"verify-{customer}"):
        CLAIMED.put(customer)
        st.switch_page(links.VERIFY)


def add_face(customer: str) -> None:
    """A way to where a face is added."""
    st.page_link(links.CUSTOMERS, label=f"Add the face of {literal(customer)}", icon=":material/groups:")


def test_camera() -> None:
    """A way to what the browser and its camera can do."""
    st.page_link(links.SETTINGS, label="See which size this browser's camera has", icon=":material/troubleshoot:")


def _way(label: str, icon: str, key: str) -> bool:
    return st.button(label, key=f"way-{key}", icon=icon, type="tertiary")
