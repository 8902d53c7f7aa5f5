"""Content credentials are checked, what does not hold is named, and nothing is asked of the network."""

from __future__ import annotations

import http.server
import io
import threading

import c2pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.credentials import UNTRUSTED, Credentials, _credentials, read_credentials
from tests.provenance.signed import SOURCE, make_signer, picture, sign

CHANGED = ("assertion.dataHash.mismatch", "assertion.bmffHash.mismatch")


@pytest.fixture(scope="module")
def signer():
    return make_signer()


@pytest.fixture(scope="module")
def signed(signer):
    return sign(picture(), signer)


@pytest.fixture
def server(monkeypatch):
    """A web server that notes what it is asked for, and has nothing."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_POST = do_HEAD = do_GET

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/", asked
        running.shutdown()
        thread.join()


def read(data: bytes, format_: str = "JPEG", trust_anchors: str = "") -> Credentials | None:
    return read_credentials(io.BytesIO(data), format_, trust_anchors)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def read_with(data: bytes, settings: dict) -> None:
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Reader("image/jpeg", io.BytesIO(data), context=context) as reader,
    ):
        reader.json()


def test_a_picture_signed_by_somebody_unknown_is_valid_and_not_trusted(signed):
    found = read(signed)
    assert found == Credentials(
        state="valid",
        failures=(UNTRUSTED,),
        generator="LensLock tests 1",
        title="A picture",
        signer="LensLock tests, Test signer",
        actions=("c2pa.created",),
        sources=("digitalCapture",),
    )
    assert not found.generative


def test_a_signer_whose_authority_was_given_is_trusted(signed, signer):
    found = read(signed, trust_anchors=signer.authority)
    assert found is not None
    assert (found.state, found.failures) == ("trusted", ())


def test_another_authority_makes_nobody_trusted(signed):
    found = read(signed, trust_anchors=make_signer().authority)
    assert found is not None
    assert (found.state, found.failures) == ("valid", (UNTRUSTED,))


def test_trust_anchors_that_are_none_are_told(signed):
    with pytest.raises(ValueError, match="trust_anchors: expected certificates in PEM"):
        read(signed, trust_anchors="trust me")


@pytest.mark.parametrize("place", [0.3, 0.5, 0.9])
def test_one_byte_changed_in_the_picture_is_named(signed, signer, place):
    found = read(flipped(signed, int(len(signed) * place)), trust_anchors=signer.authority)
    assert found is not None
    assert (found.state, found.failures) == ("invalid", ("assertion.dataHash.mismatch",))


@pytest.mark.parametrize(
    ("words", "failure"),
    [(b"A picture", "claimSignature.mismatch"), (b"digitalCapture", "assertion.hashedURI.mismatch")],
)
def test_a_changed_note_is_named(signed, signer, words, failure):
    found = read(flipped(signed, signed.index(words)), trust_anchors=signer.authority)
    assert found is not None
    assert found.state == "invalid"
    assert failure in found.failures


def test_a_picture_cut_short_is_invalid(signed):
    found = read(signed[:-500])
    assert found is not None
    assert (found.state, found.failures) == ("invalid", (UNTRUSTED, "assertion.dataHash.mismatch"))


def test_a_note_that_cannot_be_read_is_told(signed):
    found = read(flipped(signed, signed.index(b"jumb")))
    assert found is not None
    assert (found.state, found.signer) == ("unreadable", "")
    assert found.problem


def test_a_picture_without_credentials_has_none():
    assert read(picture()) is None


def test_what_a_generator_made_stays_so_after_an_edit(signer):
    made = sign(
        picture(), signer, actions=[{"action": "c2pa.created", "digitalSourceType": SOURCE + "trainedAlgorithmicMedia"}]
    )
    assert read(made) is not None
    edit: list[dict] = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": ["before"]}},
        {"action": "c2pa.color_adjustments"},
    ]
    edited = read(sign(made, signer, title="Edited", parent=made, actions=edit))
    assert edited is not None
    assert edited.state == "valid"
    assert edited.actions == ("c2pa.opened", "c2pa.color_adjustments")
    assert edited.sources == ("trainedAlgorithmicMedia",)
    assert edited.generative


@pytest.mark.parametrize(
    ("format_", "mime"),
    [("PNG", "image/png"), ("TIFF", "image/tiff"), ("WEBP", "image/webp"), ("HEIF", "image/heic")],
)
def test_other_formats_are_checked_too(signer, format_, mime):
    plain = picture(format_)
    data = sign(plain, signer, mime)
    found = read(data, format_)
    assert found is not None
    assert found.state == "valid"
    middle = plain[-2000:-1960]  # of the pixels, wherever they are now
    assert data.count(middle) == 1
    changed = read(flipped(data, data.index(middle) + 20), format_)
    assert changed is not None
    assert changed.state == "invalid"
    assert any(failure in CHANGED for failure in changed.failures)


def test_credentials_at_a_web_address_are_not_asked_for(signer, server):
    address, asked = server
    data = sign(picture(), signer, remote=address + "note.c2pa")
    with pytest.raises(c2pa.C2paError):  # or the test would say nothing
        read_with(data, {})
    assert asked == ["/note.c2pa"]
    found = read(data)
    assert found is not None
    assert (found.state, found.signer) == ("remote", "")
    assert address in found.problem
    assert asked == ["/note.c2pa"]


def test_nobody_is_asked_whether_a_certificate_was_revoked(server):
    address, asked = server
    signer = make_signer(ocsp=address)
    data = sign(picture(), signer)
    read_with(data, {"verify": {"ocsp_fetch": True}})  # or the test would say nothing
    assert len(asked) == 1
    found = read(data, trust_anchors=signer.authority)
    assert found is not None
    assert found.state == "trusted"
    assert len(asked) == 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "action",
                    "actions",
                    "data",
                    "label",
                    "code",
                    "issuer",
                    "a",
                    "assertions",
                    "claim_generator_info",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(active=ANYTHING, status=ANYTHING, other=ANYTHING, state=ANYTHING)
def test_a_note_may_say_anything(active, status, other, state):
    store = {
        "active_manifest": "a",
        "manifests": {"a": active, "b": other},
        "validation_status": status,
        "validation_state": state,
    }
    found = _credentials(store)
    assert found.state == "invalid"
    for part in ({"manifests": other}, {"active_manifest": status}, {}):
        assert _credentials({**store, **part}).state == "invalid"
