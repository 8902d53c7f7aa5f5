"""Start LensLock for this network, over https: ``python -m ui.shell.lan [--port 8501] [options of Streamlit]``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from streamlit.web import cli

from ui.shell.lan import SERVING_VARIABLE, door
from ui.shell.lan.addresses import host_names, lan_addresses
from ui.shell.lan.certificate import LOOPBACK, CertificateError, ServerCertificate, folder, server_certificate

APP = Path(__file__).parents[3] / "app.py"

MESSAGE = """
LensLock for this network

  On this machine   https://localhost:{port}
  On a phone        {addresses}

  The certificate {state}, and is good until {until:%Y-%m-%d}. Its fingerprint (SHA-256):
  {first}
  {second}

Your browser will warn. It knows no authority that vouches for this certificate: the machine made it for itself
(self-signed). What is sent is encrypted all the same. To be sure that nobody stands between you and this machine,
open the certificate in the browser and compare its SHA-256 fingerprint with the one above. If it is the same, go on.

Whoever is in this network can open LensLock with all its pages now. Stop it with Ctrl+C when you are done.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the certificate if need be, tell where to find LensLock, and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m ui.shell.lan", description=__doc__)
    parser.add_argument("--port", type=_port, default=8501, help="on which to listen (default: %(default)s)")
    options, others = parser.parse_known_args(arguments)
    try:
        certificate = server_certificate(folder(), host_names(), [*LOOPBACK, *lan_addresses()])
    except CertificateError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    os.environ[SERVING_VARIABLE] = f"{options.port} {certificate.fingerprint}"
    print(_message(options.port, certificate), flush=True)
    cli.main([*_streamlit(options.port, certificate.path), *others], prog_name="streamlit")
    return 0


def _streamlit(port: int, certificate: Path) -> list[str]:
    # Only the address is opened. Cross-site protection (server.enableCORS, server.enableXsrfProtection) stays on:
    # pages, websocket and uploads come from the address that was typed, which Streamlit takes for its own site, and
    # ui.live.http compares Origin with Host likewise. Names that others point here fail at the certificate.
    flags = {
        "server.port": port,
        "server.address": "0.0.0.0",  # IPv4 only
        "server.sslCertFile": certificate,
        "server.sslKeyFile": certificate,
        # Streamlit's own would ask a server on the internet for this machine's address.
        "logger.hideWelcomeMessage": "true",
    }
    return ["run", str(APP), *(word for name, value in flags.items() for word in (f"--{name}", str(value)))]


def _message(port: int, certificate: ServerCertificate) -> str:
    found = door()
    addresses = found.addresses if found else ()
    lines = ["connect this machine to a network, then start again"] if not addresses else list(addresses)
    public = [address for address in lan_addresses() if ip_address(address).is_global]
    half = len(certificate.fingerprint) // 2
    text = MESSAGE.format(
        port=port,
        addresses=("\n" + " " * 20).join(lines),
        state=f"was made just now ({certificate.news})" if certificate.news else "is the one of the last start",
        until=certificate.until,
        first=certificate.fingerprint[:half],
        second=certificate.fingerprint[half + 1 :],
    )
    if public:
        text += (
            f"\nWARNING: {', '.join(public)} can be reached from the whole internet, unless a firewall forbids it.\n"
        )
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 65535, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
