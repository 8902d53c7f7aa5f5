from __future__ import annotations

from ipaddress import IPv4Address
from types import SimpleNamespace

import pytest

from ui.shell.lan import addresses


def adapter(*ips: str | tuple[str, int, int]) -> SimpleNamespace:
    return SimpleNamespace(ips=[SimpleNamespace(ip=ip, is_IPv4=isinstance(ip, str)) for ip in ips])


@pytest.fixture
def machine(monkeypatch):
    """Give this machine other addresses."""

    def make(*adapters: SimpleNamespace, way_out: str | None = None) -> None:
        monkeypatch.setattr("ui.shell.lan.addresses.ifaddr.get_adapters", lambda: adapters)
        monkeypatch.setattr(addresses, "_way_out", lambda: IPv4Address(way_out) if way_out else None)

    return make


def test_the_address_with_the_way_out_comes_first_and_no_other_twice(machine):
    machine(adapter("172.17.0.1"), adapter("192.168.1.5", "192.168.1.5"), adapter("10.8.0.2"), way_out="192.168.1.5")
    assert addresses.lan_addresses() == ["192.168.1.5", "10.8.0.2", "172.17.0.1"]


def test_addresses_that_no_other_device_can_use_are_left_out(machine):
    machine(adapter("127.0.0.1", ("::1", 0, 0)), adapter("169.254.7.7", ("fe80::1", 0, 2), ("fd00::2", 0, 0)))
    assert addresses.lan_addresses() == []


def test_a_network_without_a_way_out_is_found(machine):
    machine(adapter("127.0.0.1"), adapter("192.168.43.7"))
    assert addresses.lan_addresses() == ["192.168.43.7"]


def test_this_machine_is_asked_without_an_error():
    assert all(IPv4Address(address) for address in addresses.lan_addresses())


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Laptop", ["localhost", "laptop", "laptop.local"]),
        ("annas-mac.local", ["localhost", "annas-mac.local", "annas-mac"]),
        ("pc.example.org", ["localhost", "pc.example.org", "pc", "pc.local"]),
        ("Annas_PC", ["localhost"]),
        ("Ännas Laptop", ["localhost"]),
    ],
)
def test_names_that_a_certificate_can_hold_are_given(monkeypatch, name, found):
    monkeypatch.setattr("ui.shell.lan.addresses.socket.gethostname", lambda: name)
    assert addresses.host_names() == found
