"""What the bank keeps: rows of customers and cameras, the encrypted records in them, and what people may see."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bank.enrol import CameraSample, same_camera
from bank.errors import EnrolmentError, NotFound
from bank.factors import Candidate
from bank.tables import ENCRYPTED, Camera, Customer, Face, Published, Seen, new_id
from liveness.identity import FaceTemplate
from prnu import Evidence, Fingerprint
from prnu.sketch import OLD_BITS, Sketch

NAME_LENGTH, LABEL_LENGTH = 80, 60


@dataclass(frozen=True)
class CameraInfo:
    """What people may know of an enrolled camera: all but its fingerprint."""

    id: str
    label: str
    width: int
    height: int
    pixel_format: str
    images: int
    expected_pce: float | None
    created_at: datetime
    mirrored: bool = False


@dataclass(frozen=True)
class CustomerInfo:
    """What people may know of a customer: all but the face template."""

    id: str
    name: str
    created_at: datetime
    last_accepted_at: datetime | None
    face_frames: int
    cameras: tuple[CameraInfo, ...]


@dataclass(frozen=True, eq=False)
class Unlocked:
    """Everything of a customer that a decision needs, decrypted.

    Attributes
    ----------
    template : FaceTemplate or None
    cameras : tuple of Candidate
    seen : tuple of bytes
        Noise sketches of stills that were enrolled or handed in.
    published : tuple of Evidence
        Photos of the cameras that others may have.
    """

    template: FaceTemplate | None
    cameras: tuple[Candidate, ...]
    seen: tuple[bytes, ...]
    published: tuple[Evidence, ...]


def name_key(name: str, what: str = "customer", most: int = NAME_LENGTH) -> tuple[str, str]:
    """Return a name as it is kept, and the key under which it is unique: capitals do not matter.

    Raises
    ------
    EnrolmentError
        If it is empty, too long, or cannot be printed.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= most or not name.isprintable():
        raise EnrolmentError(f"{what} name {name[:most]!r}: give 1 to {most} printable characters.")
    return name, fold(name)


def fold(name: str) -> str:
    """Return the key of a name: capitals and runs of spaces do not matter."""
    return " ".join(name.split()).casefold()


def unknown(name: str) -> NotFound:
    """Make the error for a customer who is not there."""
    return NotFound(f"There is no customer named {name!r}. Enrol them first, or check the spelling.")


def find(session: Session, name: str) -> Customer:
    """Find a customer by name; NotFound if there is none."""
    found = session.scalar(select(Customer).where(Customer.name_key == fold(name)))
    if found is None:
        raise unknown(name)
    return found


def find_camera(session: Session, customer: Customer, label: str) -> Camera:
    """Find a customer's camera by label; NotFound, with those that there are, if there is none."""
    rows = session.scalars(select(Camera).where(Camera.customer_id == customer.id)).all()
    key = fold(label)
    for row in rows:
        if row.label_key == key:
            return row
    known = ", ".join(f"“{row.label}”" for row in rows) or "none yet"
    raise NotFound(f"{customer.name} has no camera {label!r}. Enrolled: {known}.")


def describe(session: Session, customer: Customer) -> CustomerInfo:
    """Tell what people may know of a customer."""
    face = session.scalar(select(Face).where(Face.customer_id == customer.id))
    rows = session.scalars(select(Camera).where(Camera.customer_id == customer.id).order_by(Camera.label_key))
    cameras = [
        CameraInfo(
            r.id, r.label, r.width, r.height, r.pixel_format, r.images, r.expected_pce, r.created_at, bool(r.mirrored)
        )
        for r in rows
    ]
    return CustomerInfo(
        customer.id,
        customer.name,
        customer.created_at,
        customer.last_accepted_at,
        face.frames if face else 0,
        tuple(cameras),
    )


def keep_face(session: Session, customer: Customer, template: FaceTemplate, replace: bool, now: datetime) -> None:
    """Keep a face template, encrypted.

    Raises
    ------
    EnrolmentError
        If there is one and it is not to be replaced.
    """
    old = session.scalar(select(Face).where(Face.customer_id == customer.id))
    if old and not replace:
        raise EnrolmentError(f"{customer.name} has a face enrolled already. Say that it is to be replaced.")
    if old:
        session.delete(old)
        session.flush()
    face = Face(id=new_id(), customer_id=customer.id, frames=template.frames, created_at=now)
    face.record = encrypt(session, face, template.to_bytes())
    session.add(face)


def keep_camera(
    session: Session, customer: Customer, sample: CameraSample, replace: bool, allow_shared: bool, now: datetime
) -> Camera:
    """Keep a camera with its fingerprint, encrypted, and the sketches of the pictures that it was made from.

    Raises
    ------
    EnrolmentError
        If the label is taken and it is not to be replaced, or the camera is registered already, to whomever.
    """
    label, key = name_key(sample.label, "camera", LABEL_LENGTH)
    old = session.scalar(select(Camera).where(Camera.customer_id == customer.id, Camera.label_key == key))
    if old and not replace:
        problem = f"{customer.name} has a camera “{old.label}” already"
        raise EnrolmentError(f"{problem}. Choose another label, or replace it.")
    if old:
        session.delete(old)
        session.flush()
    height, width = sample.fingerprint.shape
    alike = Camera.width == width, Camera.height == height
    number = session.scalar(select(func.count()).select_from(Camera).where(*alike)) or 1
    for other in session.scalars(select(Camera).where(*alike)):
        mine = other.customer_id == customer.id
        if (mine or not allow_shared) and same_camera(fingerprint(session, other), sample.fingerprint, number):
            whose = f"this customer's “{other.label}”" if mine else "one that is registered to another customer"
            remedy = "Replace that one" if mine else "Allow it only if they share the camera"
            raise EnrolmentError(f"“{label}” is the same camera as {whose}. {remedy}.")
    expected = sample.fingerprint.expected_pce()
    issues = [issue.code for issue in sample.quality.issues]
    camera = Camera(
        id=new_id(),
        customer_id=customer.id,
        label=label,
        label_key=key,
        width=width,
        height=height,
        pixel_format=sample.pixel_format,
        images=sample.fingerprint.images,
        expected_pce=expected if np.isfinite(expected) else None,
        quality=json.dumps({"leakage": sample.quality.leakage, "issues": issues}),
        created_at=now,
    )
    camera.record = encrypt(session, camera, sample.fingerprint.to_bytes())
    session.add(camera)
    session.flush()
    remember(session, customer.id, camera.id, sample.sketches, now)
    return camera


def keep_published(session: Session, camera: Camera, evidence: Evidence, now: datetime) -> None:
    """Keep a photo that others may have, encrypted.

    Raises
    ------
    EnrolmentError
        If it does not have the camera's size.
    """
    height, width = evidence.shape
    if (height, width) != (camera.height, camera.width):
        problem = f"{width}x{height} pixels, the camera takes {camera.width}x{camera.height}"
        raise EnrolmentError(f"{evidence.name}: {problem}. Give the original photos.")
    row = Published(
        id=new_id(), customer_id=camera.customer_id, camera_id=camera.id, name=evidence.name[:120], created_at=now
    )
    file = io.BytesIO()
    np.savez(file, pattern=evidence.pattern.astype(np.float16), luma=evidence.luma.round().astype(np.uint8))
    row.record = encrypt(session, row, file.getvalue())
    session.add(row)


def remember(session: Session, customer: str, camera: str | None, sketches: Sequence[bytes], now: datetime) -> str:
    """Keep sketches of pictures of one kind, encrypted, so that the same shots are known again. Return the row's id."""
    row = Seen(id=new_id(), customer_id=customer, camera_id=camera, stills=len(sketches), created_at=now)
    row.record = encrypt(session, row, b"".join(sketches))
    session.add(row)
    return row.id


def salts(session: Session, customer: str) -> tuple[bytes, ...]:
    """Return the salts of a customer's sketches: that of stills first, then those of the enrolled pictures."""
    own = bytes.fromhex(session.info["vault"].pseudonym("sketch", customer))
    rows = session.scalars(select(Seen).where(Seen.customer_id == customer, Seen.camera_id.is_not(None)))
    firsts = [sketch for row in rows for sketch in _seen(session, row)[:1]]
    enrolled = (Sketch.from_bytes(sketch).salt for sketch in firsts if len(sketch) != OLD_BITS // 8)
    return tuple(dict.fromkeys((own, *enrolled)))


def unlock(session: Session, customer: str, own: Collection[str] = ()) -> Unlocked:
    """Decrypt what a decision needs; Tampered if any of it is not as the bank wrote it.

    Parameters
    ----------
    session : Session
    customer : str
        Id.
    own : collection of str
        Rows of sketches that the attempt itself wrote: its stills are no copies of themselves.
    """
    face = session.scalar(select(Face).where(Face.customer_id == customer))
    cameras = session.scalars(select(Camera).where(Camera.customer_id == customer))
    seen = session.scalars(select(Seen).where(Seen.customer_id == customer))
    published = session.scalars(select(Published).where(Published.customer_id == customer))
    return Unlocked(
        FaceTemplate.from_bytes(decrypt(session, face)) if face else None,
        tuple(Candidate(row.id, row.label, fingerprint(session, row), bool(row.mirrored)) for row in cameras),
        tuple(sketch for row in seen if row.id not in own for sketch in _seen(session, row)),
        tuple(_unpack(decrypt(session, row), row.name) for row in published),
    )


def fingerprint(session: Session, camera: Camera) -> Fingerprint:
    """Decrypt a camera's fingerprint."""
    return Fingerprint.from_bytes(decrypt(session, camera), f"camera {camera.id}")


def encrypt(session: Session, row: Face | Camera | Seen | Published, data: bytes) -> bytes:
    """Encrypt a row's record, bound to its owner, its purpose and the row itself."""
    sealed: bytes = session.info["vault"].encrypt(
        data, purpose=ENCRYPTED[type(row)], owner=row.customer_id, record=row.id
    )
    return sealed


def decrypt(session: Session, row: Face | Camera | Seen | Published) -> bytes:
    """Decrypt a row's record; Tampered if it is not this row's."""
    data: bytes = session.info["vault"].decrypt(
        row.record, purpose=ENCRYPTED[type(row)], owner=row.customer_id, record=row.id
    )
    return data


def _seen(session: Session, row: Seen) -> list[bytes]:
    """Decrypt sketches; all of a row are of one length."""
    data = decrypt(session, row)
    size = len(data) // max(row.stills, 1)
    return [data[at : at + size] for at in range(0, size * row.stills, size)]


def _unpack(data: bytes, name: str) -> Evidence:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Evidence(arrays["pattern"].astype(np.float32), arrays["luma"].astype(np.float32), 1, name)
