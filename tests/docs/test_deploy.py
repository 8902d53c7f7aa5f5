"""The files in deploy/ are well-formed, and set only what there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import uvicorn.config
import yaml

from docs.imports import ROOT
from tests.docs.test_configuration import variables

DEPLOY = ROOT / "deploy"
OF_OTHERS = {
    "app": {"FORWARDED_ALLOW_IPS"},
    "database": {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"},
    "proxy": {"SITE"},
}
"""Variables of each service that are not LensLock's own."""


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_the_compose_file_has_the_services_that_the_document_promises(compose):
    assert {"app", "database", "proxy", "turn"} == set(compose["services"])
    assert compose["services"]["turn"]["profiles"] == ["turn"]
    used = {mount.partition(":")[0] for one in compose["services"].values() for mount in one.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(compose["volumes"])
    for mount in used:
        assert not mount.startswith(".") or (DEPLOY / mount).is_file()


def test_only_the_proxy_opens_ports(compose):
    opened = {name for name, one in compose["services"].items() if "ports" in one}
    assert opened == {"proxy"}


def test_every_variable_that_is_set_exists(compose):
    for name, one in compose["services"].items():
        for variable in one.get("environment", {}):
            assert variable in (variables() if variable.startswith("LENSLOCK_") else OF_OTHERS[name]), variable
    assert "FORWARDED_ALLOW_IPS" in inspect.getsource(uvicorn.config)


def test_images_are_named_without_a_host(compose):
    images = [one["image"] for one in compose["services"].values() if "image" in one]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(images) == 4
    assert not [image for image in images if "/" in image and "." in image.split("/")[0]]


def test_the_example_names_every_variable_that_the_compose_file_asks_for():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    named = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == asked


def test_the_dockerfile_copies_and_sets_what_there_is():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists()
    assert set(re.findall(r"LENSLOCK_[A-Z_]+", text)) <= variables()
    assert (ROOT / "app.py").is_file()
    assert "python3-venv" in (ROOT / "packages.txt").read_text().splitlines()


def test_the_caddyfile_leads_to_the_app(compose):
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    assert re.search(r"reverse_proxy app:8501\b", text)
    assert "{$SITE}" in text
    assert "8501" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_secrets_stay_out_of_image_and_repository():
    assert ".env" in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ".env" in Path(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not (DEPLOY / ".env").exists() or (DEPLOY / ".env").stat().st_mode & 0o077 == 0
