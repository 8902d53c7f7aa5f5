"""Sections of the page of customers: each with what is theirs, the integrity check, and how it is all kept."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial

import streamlit as st

from bank import Bank, CustomerInfo
from bank.crypto.master_key import KEY_FILE, KEY_VARIABLE
from bank.database import DATABASE_FILE, URL_VARIABLE
from bank.errors import EnrolmentError, NotFound, Tampered
from liveness.models import ModelError
from prnu import ImageError
from ui.results.camera import Camera, cameras_of
from ui.results.photo import Photo
from ui.results.sample import PERSON
from ui.shell import addresses, clock, links
from ui.shell.bank import the_bank
from ui.shell.session import forget_customer
from ui.text.plain import code, file_name
from ui.text.scores import count, day, describe_camera, literal, minute, upper
from ui.widgets import face_photos, saving, uploads, ways_on


def nobody_yet() -> bool:
    """Two doors for an empty bank; True if the sample person is wanted."""
    st.info("Nobody is registered yet. Register a camera, or the sample person.", icon=":material/person_add:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(links.REGISTER, label="Register a camera", icon=":material/add_a_photo:")
        return st.button("Register the sample person", icon=":material/science:", type="primary")


def addressed(enrolled: Sequence[CustomerInfo]) -> Sequence[CustomerInfo]:
    """The one customer whom the page's address names, with a way to all; all, if it names none of them."""
    wanted = addresses.CUSTOMER.get()
    if wanted is None:
        return enrolled
    if found := [customer for customer in enrolled if customer.id == wanted]:
        addresses.CUSTOMER.put(wanted)
        st.page_link(links.CUSTOMERS, label=f"All customers ({len(enrolled)})", icon=":material/groups:")
        return found
    st.warning(
        "Whoever it was has been deleted, or is a customer of another bank. Here are those of this one.",
        icon=":material/link_off:",
        title="There is no customer at this address",
    )
    return enrolled


def show(customer: CustomerInfo) -> None:
    """A customer with face, cameras and dates, and what can be done."""
    with st.container(border=True, key=f"customer-{customer.id}"):
        st.markdown(f"##### {literal(customer.name)}")
        accepted = minute(customer.last_accepted_at, clock.zone()) if customer.last_accepted_at else "never"
        st.caption(f"Registered since {day(customer.created_at, clock.zone())} · last accepted: {accepted}")
        _show_face(customer)
        for info, camera in zip(customer.cameras, cameras_of([customer]), strict=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                mirrored = " It swaps left and right (mirrored)." if info.mirrored else ""
                st.markdown(describe_camera(camera, literal(camera.label)) + mirrored, width="stretch")
                _offer_camera_deletion(customer, camera, info.id)
        if not customer.cameras:
            st.markdown(
                ":material/no_photography: **No camera** is registered. Without one this person cannot be verified."
            )
        with st.container(horizontal=True):
            if not customer.cameras:
                ways_on.register(customer.name)
            elif customer.face_frames and customer.name != PERSON:
                ways_on.verify(customer.name)
            _offer_export(customer)
            _offer_deletion(customer)
            if addresses.CUSTOMER.get() != customer.id:
                st.page_link(
                    links.CUSTOMERS,
                    label="Address of this customer",
                    icon=":material/link:",
                    query_params=addresses.CUSTOMER.given(customer.id),
                )


def _show_face(customer: CustomerInfo) -> None:
    has = customer.face_frames > 0
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f":material/face: **Face** registered, from {count(customer.face_frames, 'photo')}"
        text = text if has else ":material/person_off: **No face** is registered, so this person cannot be verified yet"
        st.markdown(text, width="stretch")
        word, icon = ("Replace", ":material/autorenew:") if has else ("Add the face", ":material/add:")
        with st.popover(word, icon=icon, key=f"face-{customer.id}"):
            given = face_photos.choose("1 to 5 photos of this person's face", f"photos-{customer.id}")
            label = "Register the face"
            if loss := saving.face_loss(customer):
                st.markdown(f"This will be lost: {loss.what}. {saving.STAYS}")
                label = "Yes, replace the face"
            if st.button(label, key=f"enrol-{customer.id}", type="primary", disabled=not given):
                _enrol_face(customer, given)


def _enrol_face(customer: CustomerInfo, given: Sequence[Photo]) -> None:
    bank = the_bank()
    try:
        template = face_photos.template_of(given, bank.policy.enrolment)
        bank.enrol(customer.name, faces=template, replace=True)
    except (EnrolmentError, ImageError, ModelError) as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        uploads.forget(f"photos-{customer.id}")
        st.rerun()


def _offer_camera_deletion(customer: CustomerInfo, camera: Camera, key: str) -> None:
    with st.popover("Delete", icon=":material/delete:", key=f"delete-{key}"):
        st.markdown(f"Delete **{literal(camera.label)}**? Its photos are needed to register it again.")
        if st.button("Yes, delete this camera", key=f"yes-{key}", type="primary"):
            the_bank().remove_camera(customer.name, camera.label)
            forget_customer("", [camera.name])
            st.rerun()


def _offer_export(customer: CustomerInfo) -> None:
    with st.popover("Export", icon=":material/download:", key=f"export-{customer.id}"):
        st.markdown(
            f"Everything that is kept of **{literal(customer.name)}**: face template, cameras, attempts, record.\n\n"
            "All but the noise of the cameras (fingerprints, and sketches of earlier photos): whoever has it can forge "
            "photos with it, so it never leaves the bank. That there was an export is written down."
        )
        st.download_button(
            "Download JSON",
            partial(export_text, the_bank(), customer.name),
            f"{file_name(customer.name, 'customer')}.json",
            "application/json",
            icon=":material/download:",
            key=f"json-{customer.id}",
            on_click="ignore",
        )


def _offer_deletion(customer: CustomerInfo) -> None:
    with st.popover("Delete this customer", icon=":material/person_remove:", key=f"delete-{customer.id}"):
        st.markdown(
            f"Delete **{literal(customer.name)}** for good?\n\n"
            f"- **What goes:** name, face, {count(len(customer.cameras), 'camera')}, all attempts.\n"
            "- **What stays:** the audit log keeps ids and figures, which then name nobody."
        )
        if st.button("Yes, delete this customer", key=f"yes-{customer.id}", type="primary"):
            the_bank().delete(customer.name)
            addresses.CUSTOMER.clear()
            forget_customer(customer.name, [camera.name for camera in cameras_of([customer])])
            st.rerun()


def export_text(bank: Bank, name: str) -> str:
    """Everything of a customer but for fingerprints, as JSON. Writes down that it was exported."""
    return json.dumps(bank.export(name), indent=1, ensure_ascii=False) + "\n"


def integrity_check() -> None:
    """A button that looks at every row and record, and what it found."""
    st.subheader("Was anything changed?")
    st.markdown(
        "Every row carries a seal, and every secret is encrypted for its owner. Whoever changes the database without "
        "the key breaks one of them. Whether entries of the record were taken out, the audit log tells."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button("Check that nothing was changed", icon=":material/health_and_safety:")
        st.page_link(links.AUDIT_LOG, label="Audit log", icon=":material/history:")
    if wanted:
        with st.spinner("Looking at every row and record"):
            show_findings(the_bank().store.check())


def show_findings(findings: Sequence[Tampered]) -> None:
    """What an integrity check found."""
    if not findings:
        st.success("Every row and record is as the bank wrote it.", icon=":material/check_circle:", title="Unchanged")
        return
    lines = "\n".join(f"- {literal(upper(str(finding)))}" for finding in findings[:20])
    more = f"\n- and {len(findings) - 20} more" if len(findings) > 20 else ""
    st.error(lines + more, icon=":material/report:", title=f"{count(len(findings), 'change')} found")


def rescue(error: Tampered) -> None:
    """What can be done where the customers cannot even be listed, as something of theirs was changed."""
    show_findings(the_bank().store.check() or [error])
    st.markdown(
        "Until that is mended, customers cannot be listed. Restore a backup, or delete the customer whose data it is."
    )
    name = st.text_input("Name of the customer to delete", key="rescue")
    if st.button("Delete this customer for good", icon=":material/person_remove:", disabled=not name.strip()):
        try:
            the_bank().delete(name)
        except NotFound as problem:
            st.error(literal(str(problem)), icon=":material/error:")
        else:
            forget_customer(name, [])
            st.rerun()


def how_kept() -> None:
    """Where everything is, how it is protected, and how long it stays."""
    bank = the_bank()
    days = bank.policy.retention
    database = f"on the machine that runs this app, in the file {code(bank.store.folder / DATABASE_FILE)}"
    if os.environ.get(URL_VARIABLE):
        database = f"in the database that `{URL_VARIABLE}` names"
    key = f"in the file {code(bank.store.folder / KEY_FILE)}, which only this user may read"
    if KEY_VARIABLE in os.environ:
        key = f"in the environment variable `{KEY_VARIABLE}`"
    st.subheader("How it is kept")
    st.markdown(
        f"- **Where:** {database}.\n"
        "- **Encrypted:** face templates and camera fingerprints, each for its owner (AES-256-GCM). Names, dates and "
        "figures are not encrypted, but sealed.\n"
        f"- **The key** is {key}. **Back it up**, in another place than the database: without it nothing can be read "
        "again, and whoever has both can read everything.\n"
        f"- **How long:** attempts {days.attempts_days} days, noise of earlier photos {days.seen_days}, record "
        f"{days.audit_days}, customers who were not seen {days.inactive_days}. Then they are deleted.\n"
        "- **Not kept:** photos."
    )
