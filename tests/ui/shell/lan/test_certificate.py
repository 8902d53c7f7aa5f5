from __future__ import annotations

import os
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from ui.shell.lan.certificate import RENEW_DAYS, VALID_DAYS, CertificateError, folder, server_certificate

NAMES, ADDRESSES = ["localhost", "laptop.local"], ["127.0.0.1", "::1", "192.168.1.5"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def made(home):
    return server_certificate(home, NAMES, ADDRESSES, NOW)


def parsed(certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.path.read_bytes())


def extension(certificate, kind):
    return parsed(certificate).extensions.get_extension_for_class(kind).value


def test_it_names_this_machine_and_nothing_else(made):
    names = extension(made, x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == NAMES
    assert names.get_values_for_type(x509.IPAddress) == [ip_address(address) for address in ADDRESSES]


def test_it_can_serve_but_sign_no_other_certificate(made):
    assert extension(made, x509.BasicConstraints) == x509.BasicConstraints(ca=False, path_length=None)
    assert list(extension(made, x509.ExtendedKeyUsage)) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert extension(made, x509.KeyUsage).digital_signature
    assert not extension(made, x509.KeyUsage).key_cert_sign


def test_it_is_a_p256_key_that_signed_itself(made):
    found, key = parsed(made), load_pem_private_key(made.path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert key.public_key() == found.public_key()
    found.verify_directly_issued_by(found)


def test_browsers_take_its_lifetime(made):
    found = parsed(made)
    assert found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=398)
    assert found.not_valid_before_utc < NOW - timedelta(hours=12)  # for phones whose clocks are behind


def test_the_fingerprint_is_as_browsers_show_it(made):
    assert made.fingerprint == parsed(made).fingerprint(SHA256()).hex(":").upper()
    assert made.until == parsed(made).not_valid_after_utc


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_only_its_owner_reads_the_key(made, home):
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [path.name for path in home.iterdir()] == ["lan.pem"]


def test_servers_can_load_it(made):
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.path, made.path)


def test_it_is_kept_while_it_fits(made, home):
    again = server_certificate(home, NAMES[:1], ADDRESSES[:2], NOW + timedelta(days=VALID_DAYS - RENEW_DAYS - 1))
    assert again.fingerprint == made.fingerprint
    assert not again.news
    assert "none" in made.news


@pytest.mark.parametrize(
    ("names", "addresses", "days", "news"),
    [
        (NAMES, ADDRESSES, VALID_DAYS - RENEW_DAYS + 1, "time is over"),
        (NAMES, ADDRESSES, VALID_DAYS + 100, "time is over"),
        (NAMES, ADDRESSES, -2, "time is over"),
        (NAMES, [*ADDRESSES, "10.0.0.7"], 0, "another name or address"),
        ([*NAMES, "other"], ADDRESSES, 0, "another name or address"),
    ],
)
def test_it_is_made_anew_when_it_no_longer_fits(made, home, names, addresses, days, news):
    again = server_certificate(home, names, addresses, NOW + timedelta(days=days))
    assert again.fingerprint != made.fingerprint
    assert news in again.news
    assert server_certificate(home, names, addresses, NOW + timedelta(days=days)).fingerprint == again.fingerprint


def spoil_text(path):
    path.write_bytes(path.read_bytes().replace(b"A", b"B"))


def spoil_key(path):
    other = server_certificate(path.parent / "other", NAMES, ADDRESSES, NOW).path.read_bytes()
    own = path.read_bytes()
    end = b"-----END CERTIFICATE-----\n"
    path.write_bytes(own.partition(end)[0] + end + other.partition(end)[2])


def spoil_length(path):
    path.write_bytes(path.read_bytes()[:100])


def spoil_permissions(path):
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "news"),
    [
        (spoil_text, "damaged"),
        (spoil_length, "damaged"),
        (spoil_key, "another key"),
        (spoil_permissions, "read by others"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_replaced(made, home, spoil, news):
    spoil(made.path)
    again = server_certificate(home, NAMES, ADDRESSES, NOW)
    assert news in again.news
    assert again.fingerprint != made.fingerprint
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o600


def test_two_starts_at_once_leave_a_whole_file(home):
    threads = [threading.Thread(target=server_certificate, args=(home, NAMES, ADDRESSES, NOW)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not server_certificate(home, NAMES, ADDRESSES, NOW).news
    assert [path.name for path in home.iterdir()] == ["lan.pem"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CertificateError, match="LENSLOCK_HOME"):
        server_certificate(tmp_path / "file", NAMES, ADDRESSES, NOW)


def test_it_is_kept_beside_the_bank(monkeypatch, tmp_path):
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path))
    assert folder() == tmp_path
