"""Sections of the settings page: rules of the live check, this installation, and the check of a browser."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import streamlit as st

from bank.database import DATABASE_FILE, URL_VARIABLE
from bank.policy import PACKAGED, VARIABLE
from bank.store import HOME_VARIABLE
from bank.versions import software_version
from liveness.models import MODELS, models_folder
from ui.live.webrtc import ICE_VARIABLE, IceSettingError, ice_servers
from ui.shell.bank import FEEDS, feeds_on, the_bank
from ui.shell.session import CAMERA_SIZE, PROFILE, chosen_profile, live_profiles
from ui.shell.visit import at_this_computer
from ui.text.plain import code
from ui.text.policy import PARTS, thresholds
from ui.text.scores import count, literal
from ui.widgets.browser_check import diagnose
from ui.widgets.browser_check.findings import SIGNS, WORDS, Finding, Kind, as_text, findings

_PACKAGES = ("streamlit", "streamlit-webrtc", "aiortc", "mediapipe", "opencv-python", "numpy", "cryptography")
_COLOURS: dict[Kind, str] = {"good": "green", "limited": "orange", "bad": "red", "unknown": "gray"}


def choose_profile() -> None:
    """The profiles, with what each is for."""
    policy = the_bank().policy
    names = live_profiles(policy)
    if names:
        st.radio(
            "Rules for live checks in this browser (policy profile)",
            names,
            index=names.index(chosen_profile()),
            format_func=literal,
            captions=[literal(policy.profiles[name].about) for name in names],
            key=PROFILE.key,
            persist_state="session",
        )
    else:
        st.warning("No profile of the policy asks for liveness and freshness, as a live check should.")
    for name in [name for name in policy.profiles if name not in names]:
        st.caption(f"Not for live checks: **{literal(name)}**. {literal(policy.profiles[name].about)}")


def show_thresholds() -> None:
    """Every number of the chosen profile, explained."""
    name, policy = chosen_profile(), the_bank().policy
    profile = policy.profile(name)
    required = ", ".join(PARTS[factor.replace(" ", "_")] for factor in profile.required)
    st.markdown(f"With **{name}** these must pass: {required}. Its numbers, to read:")
    path = policy_file()
    rows = thresholds(profile, name, path.read_text(encoding="utf-8"))
    for part, group in groupby(rows, key=lambda row: row.part):
        with st.expander(PARTS[part], icon=":material/tune:"):
            for row in group:
                source = f"  \n:gray[Why this value: {literal(row.source)}]" if row.source else ""
                told = f"**{row.name}: {literal(row.value)}** (`{row.key}`). {row.what}"
                st.markdown(f"{told}  \nIf it is raised: {row.raised}{source}")
    change = "To change it, copy the file, change the copy and its version, name it in "
    change = f"{change}`{VARIABLE}`, and start LensLock again." if at_this_computer() else ""
    st.caption(f"Policy {literal(policy.version)}, {policy.fingerprint}, from {code(path)}. {change}")


def policy_file() -> Path:
    """The file that the policy comes from."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen).expanduser() if chosen else PACKAGED


def show_installation() -> None:
    """Where everything is, which versions run, and which models are there."""
    bank = the_bank()
    if os.environ.get(URL_VARIABLE, "").startswith("postgres"):
        database = f"PostgreSQL, as `{URL_VARIABLE}` names it"
    elif os.environ.get(URL_VARIABLE):
        database = f"SQLite, as `{URL_VARIABLE}` names it"
    else:
        database = f"SQLite, {code(bank.store.folder / DATABASE_FILE)}"
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    st.markdown(
        f"- **Database:** {database}\n"
        f"- **Folder:** {code(bank.store.folder)}; `{HOME_VARIABLE}` names another\n"
        f"- **Versions:** LensLock {software_version()}, Python {platform.python_version()}, {versions}\n"
        f"- **Threat feeds:** {_threat_feeds()}\n"
        f"- **Video servers** (ICE, for visitors from other networks): {_video_servers()}"
    )
    st.markdown(f"**Models** for the face, in {code(models_folder())}")
    st.markdown("\n".join(_model(models_folder() / model.name, model.size) for model in MODELS.values()))


def _model(path: Path, size: int) -> str:
    if path.is_file() and path.stat().st_size == size:
        return f"- :material/check_circle: {path.name}: there"
    remedy = "The first live check fetches it, where there is an internet connection."
    if at_this_computer():
        remedy = "`make setup` fetches it; so does the first live check, where there is an internet connection."
    return f"- :material/cancel: {path.name}: **missing**. {remedy}"


def _threat_feeds() -> str:
    if feeds := feeds_on():
        return f"{feeds}; each check's network address is sent there, and nothing else"
    variables = " or ".join(f"`{variable}`" for variable in FEEDS)
    return f"none; a key in {variables} turns one on, and each check's network address is then sent there"


def _video_servers() -> str:
    try:
        servers = ice_servers()
    except IceSettingError as error:
        return f":material/error: {literal(str(error))}"
    return f"{count(len(servers), 'server')} in `{ICE_VARIABLE}`" if servers else "none, so nothing leaves this network"


def check_browser() -> None:
    """Buttons that measure what browser, connection and camera can do, and what that means."""
    st.markdown(
        "Can this browser do a live check? **Check my browser** measures without a camera: connection, video, and "
        "whether stills arrive exactly. **Check my camera** opens it for three seconds. Nothing is kept."
    )
    said = diagnose(key="diagnosing")
    if said.camera.width:
        CAMERA_SIZE.put((int(said.camera.width), int(said.camera.height)))
    lines = findings(said)
    if not lines:
        return
    if bad := sum(one.kind == "bad" for one in lines):
        st.error(f"{count(bad, 'line')} below must be mended for a live check.", icon=":material/cancel:")
    elif said.checked and said.camera.width:
        st.success("A live check should work here.", icon=":material/check_circle:")
    else:
        missing = "camera" if said.checked else "browser"
        st.info(f"So far all is well. Check the {missing}, too.", icon=":material/pending:")
    st.table([_row(one) for one in lines], border="horizontal", hide_index=True, hide_header=True)
    agent = st.context.headers.get("User-Agent", "")[:300]
    with st.expander("Copy as text, for a report of a fault", icon=":material/content_copy:"):
        st.code(as_text(lines, f"LensLock {software_version()} · {agent}"), language=None, wrap_lines=True)


def _row(one: Finding) -> dict[str, str]:
    badge = f":{_COLOURS[one.kind]}-badge[{SIGNS[one.kind]} {WORDS[one.kind]}]"
    remedy = f" **{literal(one.remedy)}**" if one.remedy else ""
    return {"result": badge, "what": f"{literal(one.subject)}: {literal(one.found)}{remedy}"}
