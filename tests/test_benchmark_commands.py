"""Benchmarks are run by people: each says how it is called, and begins nothing when it is called wrongly."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
COMMANDS = sorted(path.stem for path in FOLDER.glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))
WITH_FOLDER = ["customers", "estimators", "faces", "liveness", "people", "regions", "robustness", "shots", "swap"]


@pytest.fixture
def call(monkeypatch, capsys):
    """Call a benchmark as from the command line, in this process; return its exit code, output and errors."""

    def called(name: str, *words: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", [str(FOLDER / f"{name}.py"), *words])
        monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)
        with pytest.raises(SystemExit) as left:
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return called


@pytest.mark.parametrize("name", COMMANDS)
def test_each_benchmark_explains_itself_and_runs_nothing(call, name):
    code, out, _ = call(name, "--help")
    assert code == 0
    assert out.startswith("usage: ")
    assert len(out.split()) > 20  # its docstring, too


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_argument_gets_the_usage_and_runs_nothing(call, name):
    code, out, err = call(name, "--no-such-option")
    assert (code, out) == (2, "")
    assert err.startswith("usage: ")


@pytest.mark.parametrize("name", WITH_FOLDER)
@pytest.mark.parametrize("words", [(), ("no such folder",)])
def test_a_benchmark_without_its_folder_gets_the_usage_and_runs_nothing(call, name, words):
    code, out, err = call(name, *words)
    assert (code, out) == (2, "")
    assert err.startswith("usage: ")
    assert "no such folder" in err or "DIR" in err.splitlines()[-1]
