from __future__ import annotations

import os

import pytest
from streamlit.web import cli

from ui.shell import lan
from ui.shell.lan import __main__ as main

FINGERPRINT = ":".join(["0A"] * 32)


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Starts the command without Streamlit; gives what Streamlit would be told."""
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path))
    monkeypatch.delenv(lan.SERVING_VARIABLE, raising=False)
    monkeypatch.setattr(main, "lan_addresses", lambda: ["192.168.1.5"])
    monkeypatch.setattr(lan, "lan_addresses", lambda: ["192.168.1.5", "10.8.0.2"])
    told: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda words, prog_name: told.append(words))

    def start(*words: str) -> dict[str, str]:
        assert main.main(words) == 0
        (command,) = told
        assert command[0] == "run"
        flags = command[2:]
        return dict(zip(flags[::2], flags[1::2], strict=True))

    yield start
    os.environ.pop(lan.SERVING_VARIABLE, None)


def test_without_the_variable_there_is_no_door():
    assert lan.door({}) is None


@pytest.mark.parametrize(
    "value", ["8501", f"x {FINGERPRINT}", "8501 0A:0B", f"8501 {FINGERPRINT};", f"8501{FINGERPRINT}"]
)
def test_a_variable_of_another_form_opens_no_door(value):
    assert lan.door({lan.SERVING_VARIABLE: value}) is None


def test_the_door_has_each_address_with_the_port_and_the_fingerprint(monkeypatch):
    monkeypatch.setattr(lan, "lan_addresses", lambda: ["192.168.1.5", "10.8.0.2"])
    found = lan.door({lan.SERVING_VARIABLE: f"8600 {FINGERPRINT}"})
    assert found == lan.Door(("https://192.168.1.5:8600", "https://10.8.0.2:8600"), FINGERPRINT)


def test_it_serves_all_of_the_network_over_https_with_the_protection_on(started, tmp_path):
    flags = started("--port", "8600")
    assert flags["--server.address"] == "0.0.0.0"
    assert flags["--server.port"] == "8600"
    assert flags["--server.sslCertFile"] == flags["--server.sslKeyFile"] == str(tmp_path / "lan.pem")
    assert not {"--server.enableCORS", "--server.enableXsrfProtection"} & set(flags)


def test_options_of_streamlit_are_passed_on(started):
    assert started("--server.maxUploadSize", "9")["--server.maxUploadSize"] == "9"


def test_it_tells_addresses_fingerprint_and_what_the_warning_means_and_not_the_key(started, capsys, tmp_path):
    started("--port", "8600")
    text = capsys.readouterr().out
    assert "https://192.168.1.5:8600" in text
    assert "https://10.8.0.2:8600" in text
    found = lan.door()
    assert found is not None
    assert found.fingerprint[:47] in text
    assert found.fingerprint[48:] in text
    assert "self-signed" in text
    assert "Whoever is in this network" in text
    secret = (tmp_path / "lan.pem").read_text().splitlines()[-2]
    assert secret not in text
    assert "PRIVATE" not in text


def test_an_address_on_the_internet_is_warned_of(started, capsys, monkeypatch):
    monkeypatch.setattr(main, "lan_addresses", lambda: ["8.8.4.4"])
    started()
    assert "WARNING: 8.8.4.4" in capsys.readouterr().out


def test_a_machine_in_no_network_is_told_what_to_do(started, capsys, monkeypatch):
    monkeypatch.setattr(lan, "lan_addresses", lambda: [])
    started()
    assert "connect this machine to a network" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_wrong_port_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        main.main(["--port", port])
    assert "--port" in capsys.readouterr().err


def test_a_folder_that_cannot_be_used_is_told(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "file"))
    assert main.main([]) == 2
    assert "cannot be used" in capsys.readouterr().err
