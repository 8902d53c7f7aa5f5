"""Everything about customers but their verification: enrol, list, export, delete, and what is to be tidied up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, select

from bank import audit
from bank.crypto.master_key import MasterKey
from bank.enrol import CameraSample, Photo, camera_sample, face_template
from bank.errors import EnrolmentError
from bank.factors import Candidate
from bank.policy import Policy
from bank.records import (
    CustomerInfo,
    decrypt,
    describe,
    find,
    find_camera,
    fingerprint,
    fold,
    keep_camera,
    keep_face,
    keep_published,
    name_key,
    unknown,
)
from bank.store import Store
from bank.tables import Attempt, Customer, Face, Published, new_id
from bank.versions import versions
from liveness.identity import FaceTemplate
from prnu import gather

TIDY = timedelta(hours=1)
"""Between two rounds of tidying up; and how long after its end an attempt may still be at work."""


class Customers:
    """The bank's side that knows who is enrolled. `bank.Bank` adds verification.

    Parameters
    ----------
    store : Store
    policy : Policy
    """

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store, self.policy = store, policy
        self._tidied: datetime | None = None

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def enrol(
        self,
        name: str,
        *,
        faces: FaceTemplate | Iterable[Photo | npt.NDArray[np.uint8]] | None = None,
        photos: CameraSample | Iterable[Photo] | None = None,
        label: str = "Camera",
        crop: tuple[int, int] | None = None,
        replace: bool = False,
        allow_shared: bool = False,
    ) -> CustomerInfo:
        """Enrol a customer's face and camera together, or one of them for a customer who is enrolled already.

        All of it is kept, or nothing.

        Parameters
        ----------
        name : str
            Of the customer, 1 to 80 printable characters; capitals do not matter.
        faces : FaceTemplate, or iterable of paths, bytes or RGB arrays, optional
            Photos of the customer's face, or what was made of them.
        photos : CameraSample, or iterable of paths or bytes, optional
            15 to 25 photos by the camera, or what was made of them.
        label : str
            What to call the camera, where photos are given.
        crop : (int, int), optional
            Height and width of the photos' centre to use.
        replace : bool
            Whether a face, or a camera of that label, that is enrolled already gives way.
        allow_shared : bool
            Whether the camera may be registered to somebody else, too, as in a family.

        Returns
        -------
        CustomerInfo

        Raises
        ------
        EnrolmentError
            If something cannot be used, is there already, or is somebody else's.
        """
        self.tidy()
        name, key = name_key(name)
        if faces is None and photos is None:
            raise EnrolmentError(f"{name}: give photos of the face, of the camera, or both.")
        rules = self.policy.enrolment
        sample = photos if isinstance(photos, CameraSample | None) else camera_sample(photos, label, rules, crop)
        template = faces if isinstance(faces, FaceTemplate | None) else face_template(faces, rules)
        with self.store.write() as session:
            customer = session.scalar(select(Customer).where(Customer.name_key == key).with_for_update())
            if customer is None:
                customer = Customer(id=new_id(), name=name, name_key=key, created_at=self.store.clock())
                customer.last_accepted_at = None
                session.add(customer)
                session.flush()
            if template is not None:
                keep_face(session, customer, template, replace, self.store.clock())
            body: dict[str, Any] = {"face frames": template.frames if template else None}
            if sample is not None:
                camera = keep_camera(session, customer, sample, replace, allow_shared, self.store.clock())
                body |= {"camera": camera.id, "images": camera.images, "expected PCE": camera.expected_pce}
                body |= {"width": camera.width, "height": camera.height, "pixel format": camera.pixel_format}
            audit.append(session, "enrolled", customer_id=customer.id, body=body | versions(self.policy))
            session.flush()
            return describe(session, customer)

    def customers(self) -> list[CustomerInfo]:
        """All customers, sorted by name."""
        with self.store.read() as session:
            rows = session.scalars(select(Customer).order_by(Customer.name_key))
            return [describe(session, customer) for customer in rows]

    def customer(self, name: str) -> CustomerInfo:
        """One customer.

        Raises
        ------
        NotFound
        """
        with self.store.read() as session:
            return describe(session, find(session, name))

    def publish(self, name: str, label: str, photos: Iterable[Photo]) -> int:
        """Tell the bank of photos by a customer's camera that others may have, so that copies of its pattern show.

        They must not be among those that the camera was enrolled with: see `prnu.forgery.triangle_test`.

        Parameters
        ----------
        name, label : str
            Of the customer and the camera.
        photos : iterable of paths or bytes
            Of the camera's size.

        Returns
        -------
        int
            How many are kept now.

        Raises
        ------
        NotFound, ImageError
        """
        gathered = [gather(photo) for photo in photos]
        with self.store.write() as session:
            customer = self.store.lock(session, find(session, name).id)
            camera = find_camera(session, customer, label)
            for evidence in gathered:
                keep_published(session, camera, evidence, self.store.clock())
            session.flush()
            audit.append(session, "published", customer_id=customer.id, body={"photos": len(gathered)})
            return len(session.scalars(select(Published.id).where(Published.camera_id == camera.id)).all())

    def unlock_camera(self, name: str, label: str) -> Candidate:
        """Decrypt a camera's fingerprint to compare and draw with, in this process: never send or store it.

        Raises
        ------
        NotFound, Tampered
        """
        with self.store.read() as session:
            camera = find_camera(session, find(session, name), label)
            return Candidate(camera.id, camera.label, fingerprint(session, camera))

    def remove_camera(self, name: str, label: str) -> None:
        """Forget one camera of a customer.

        Raises
        ------
        NotFound
        """
        with self.store.write() as session:
            customer = self.store.lock(session, find(session, name).id)
            camera = find_camera(session, customer, label)
            session.delete(camera)
            session.flush()
            audit.append(session, "camera-removed", customer_id=customer.id, body={"camera": camera.id})

    def export(self, name: str) -> dict[str, Any]:
        """Return everything of a customer, as JSON takes it.

        All but the camera's fingerprint: whoever has it can forge with it, so it does not leave the bank.

        Raises
        ------
        NotFound
        """
        with self.store.write() as session:
            customer = find(session, name)
            face = session.scalar(select(Face).where(Face.customer_id == customer.id))
            attempts = session.scalars(
                select(Attempt).where(Attempt.customer_id == customer.id).order_by(Attempt.issued_at)
            )
            audit.append(session, "exported", customer_id=customer.id, body={})
            template = decrypt(session, face).hex() if face else None
            return {
                "customer": _jsonable(describe(session, customer)),
                "face template": template,
                "left out": "Fingerprints, noise sketches and published photos: whoever has them can forge with them.",
                "attempts": [
                    {
                        "id": row.id,
                        "at": row.issued_at.isoformat(),
                        "outcome": row.outcome,
                        "location": row.location,
                        "decision": json.loads(row.decision) if row.decision else None,
                    }
                    for row in attempts
                ],
                "audit": [_jsonable(entry) for entry in audit.entries(session, customer_id=customer.id)],
            }

    def delete(self, name: str) -> None:
        """Delete a customer with everything that is theirs. The audit keeps ids and figures, which now name nobody.

        Raises
        ------
        NotFound
        """
        with self.store.write() as session:
            # By column: a row that was changed outside the bank can still be deleted.
            number = session.scalar(select(Customer.id).where(Customer.name_key == fold(name)))
            if number is None:
                raise unknown(name)
            session.execute(delete(Customer).where(Customer.id == number))
            audit.append(session, "deleted", customer_id=number, body={})

    def tidy(self) -> None:
        """Delete what has passed its retention limit, and close attempts that nobody finished; at most hourly."""
        now = self.store.clock()
        if self._tidied and now - self._tidied < TIDY:
            return
        self._tidied = now
        with self.store.write() as session:
            left = select(Attempt).where(Attempt.outcome == "", Attempt.expires_at < now - TIDY)
            for attempt in session.scalars(left.with_for_update(skip_locked=True)):
                attempt.outcome = "interrupted" if attempt.used_at else "abandoned"
                audit.append(session, attempt.outcome, customer_id=attempt.customer_id, attempt_id=attempt.id, body={})
        self.store.housekeeping(self.policy.retention, now)

    def rotate_key(self, new: MasterKey | None = None) -> None:
        """Encrypt everything anew with a new key: see `bank.store.Store.rotate_key`."""
        self.store.rotate_key(new)


def _jsonable(info: Any) -> Any:
    return json.loads(json.dumps(asdict(info), default=str))
