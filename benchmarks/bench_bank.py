"""How long a person waits for the decision: from the last still's arrival on."""

from __future__ import annotations

import pytest

from bank.bank import Bank
from bank.capture import Capture
from bank.enrol import camera_sample
from bank.face_reader import Reader
from bank.pictures import Picture
from liveness.models import ModelError
from prnu import scenes
from prnu.sensor import SimulatedCamera
from testing.selfie import Device, Person, Table, perform

SHAPE = (720, 1280)
STILLS = 20


@pytest.fixture(scope="module")
def device():
    made = Device(5, SHAPE)
    made.camera = SimulatedCamera.preset("webcam", seed=5, shape=SHAPE)
    return made


@pytest.fixture(scope="module")
def reader():
    try:
        made = Reader()
    except ModelError as error:
        pytest.skip(f"the face models are not to be had here: {error}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def bank(tmp_path_factory, device):
    made = Bank(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}", folder=tmp_path_factory.mktemp("home"))
    person = Person(1)
    made.enrol("Anna", faces=person.template, photos=camera_sample(device.walls(20), "Laptop", made.policy.enrolment))
    published = [device.camera.photograph_jpeg(scene, shot=70 + n) for n, scene in enumerate(scenes.varied(SHAPE, 3))]
    made.publish("Anna", "Laptop", published)
    yield made
    made.close()


def test_decision_after_the_last_of_20_stills(benchmark, bank, device, reader):
    """Residual, face and embedding of the last still, then every factor, the record, and the store."""
    shots = [device.selfie() for _ in range(STILLS)]

    def performed() -> tuple[tuple, dict]:
        table = Table()
        ongoing = bank.begin("Anna", reader=table)
        perform(ongoing.capture, table, Person(1), shots[:-1], stills=STILLS - 1)
        number = ongoing.capture.ask(60.0)
        ongoing.capture._reader = reader
        return (ongoing, shots[-1], number), {}

    def finish(ongoing, picture: Picture, number: int):
        ongoing.capture.add(picture, number, 60.1)
        return bank.verify(ongoing)

    decision = benchmark.pedantic(finish, setup=performed, rounds=5)
    assert decision.factor("camera").verdict == "passed"


def test_one_still_as_it_arrives(benchmark, bank, device, reader):
    picture = device.selfie()
    capture = Capture(bank.policy.profile("demo"), None, reader)
    benchmark.pedantic(lambda: capture.upload(picture), rounds=10)
