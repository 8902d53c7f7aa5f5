"""The server's certificate: made at the first start, kept beside the bank, made anew when it no longer fits."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import platformdirs
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bank.store import HOME_VARIABLE

FILE = "lan.pem"
"""Certificate and key in one file, so that they are replaced together."""

VALID_DAYS = 396
"""With the day before, 397: browsers take no certificate for 398 days or more (CA/Browser Forum, Apple)."""

RENEW_DAYS = 30
"""Days before the end from which a new one is made."""

LOOPBACK = ("127.0.0.1", "::1")

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound, x509.InvalidVersion)


class CertificateError(RuntimeError):
    """The certificate cannot be kept. The message says what to do."""


@dataclass(frozen=True)
class ServerCertificate:
    """A certificate that is ready to serve with.

    Attributes
    ----------
    path : Path
        PEM file with the certificate and its key, for its owner only.
    fingerprint : str
        SHA-256, as browsers show it: pairs of hexadecimal digits.
    until : datetime
        End of its time.
    news : str
        Why it was made just now; empty if it was there already.
    """

    path: Path
    fingerprint: str
    until: datetime
    news: str


def folder() -> Path:
    """The bank's default folder."""
    home = os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("lenslock", appauthor=False)
    return Path(home).expanduser()


def server_certificate(
    where: Path, names: Sequence[str], addresses: Sequence[str], now: datetime | None = None
) -> ServerCertificate:
    """Find the certificate, or make one if there is none that fits.

    Parameters
    ----------
    where : path
        Folder; made for its owner only.
    names, addresses : sequence of str
        By which browsers may ask for this machine: DNS names and IP addresses.
    now : datetime, optional
        With a zone.

    Raises
    ------
    CertificateError
        If the folder or file cannot be written.
    """
    now, path = now or datetime.now(UTC), where / FILE
    wanted = [*(x509.DNSName(name) for name in names), *(x509.IPAddress(ip_address(one)) for one in addresses)]
    try:
        kept, news = _kept(path, wanted, now)
        if kept is None:
            where.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept = _make(path, wanted, now)
    except OSError as error:
        raise CertificateError(
            f"{path} cannot be used ({error.strerror}). Allow it, or set {HOME_VARIABLE}."
        ) from error
    digits = kept.fingerprint(SHA256()).hex(":").upper()
    return ServerCertificate(path, digits, kept.not_valid_after_utc, news)


def _kept(path: Path, wanted: Sequence[x509.GeneralName], now: datetime) -> tuple[x509.Certificate | None, str]:
    """The certificate that is there, if it fits, else why it does not."""
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                return None, "the old one could be read by others"
            content = file.read()
    except FileNotFoundError:
        return None, "there was none"
    try:
        found, key = x509.load_pem_x509_certificate(content), load_pem_private_key(content, None)
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _UNREADABLE:  # their messages may quote the file, which holds the key
        return None, "the old one was damaged"
    if _plain(found.public_key()) != _plain(key.public_key()):
        return None, "the old one had another key"
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc - timedelta(days=RENEW_DAYS):
        return None, "the old one's time is over, or nearly"
    if not set(wanted) <= set(named):
        return None, "this machine has another name or address now"
    return found, ""


def _make(path: Path, wanted: Sequence[x509.GeneralName], now: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    # For people who look at the certificate: browsers go by the alternative names.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LensLock on this network")])
    others = "content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    usage = dict.fromkeys(f"{others} encipher_only decipher_only".split(), False)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of phones differ
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    content = made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # for its owner only
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return made


def _plain(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
