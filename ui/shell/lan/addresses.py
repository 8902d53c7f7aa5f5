"""Names and addresses of this machine in its own network. Nobody outside is asked, and nothing is sent."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address

import ifaddr

_ELSEWHERE = ("198.51.100.1", 9)  # RFC 5737: an address that nobody has
_DNS_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def lan_addresses() -> list[str]:
    """IPv4 addresses under which other devices reach this machine, the one with the way out first.

    The server listens on IPv4 only. Loopback and self-assigned addresses (169.254) are left out.
    """
    own = [IPv4Address(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    first = _way_out()
    usable = {address for address in own if not (address.is_loopback or address.is_link_local)}
    return [str(address) for address in sorted(usable, key=lambda address: (address != first, address))]


def host_names() -> list[str]:
    """Names by which browsers may ask for this machine: localhost, its own, and the one that mDNS gives it."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return [name for name in dict.fromkeys(["localhost", name, short, f"{short}.local"]) if _DNS_NAME.fullmatch(name)]


def _way_out() -> IPv4Address | None:
    """Address of the default route, if there is one. To connect a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:  # in a network without a way out
            return None
        return IPv4Address(probe.getsockname()[0])
