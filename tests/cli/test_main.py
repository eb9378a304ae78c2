"""The command line as a whole: exit codes, one line for every error, signals, pipes, commands of other packages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from cli_fixtures import Call

from sito.cli import app
from sito.version import VERSION

SITO = (sys.executable, "-m", "sito.cli")


def test_version_is_printed(call: Call) -> None:
    assert call("--version") == (0, f"sito {VERSION}\n", "")


def test_help_lists_the_commands(call: Call) -> None:
    answer = call("--help")
    assert answer.code == 0
    assert all(f"  {name} " in answer.out for name in ("build", "info", "check", "screen"))


def test_nothing_to_do_shows_the_help_and_is_wrong_use(call: Call) -> None:
    answer = call()
    assert (answer.code, answer.err) == (2, "")
    assert "Commands:" in answer.out


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch"], ["--nosuch"], ["check"], ["check", "a", "--nosuch"], ["screen", "a"], ["info"], ["build", "a"],
        ["info", "a", "b"], ["check", "a", "--index", "i", "--hit-limit", "many"],
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(call: Call, words: list[str]) -> None:
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("sito: CLI101 expected ")
    assert answer.err.count("\n") == 1


def test_fault_of_sito_is_told_from_bad_input_and_shows_no_data(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(words: list[str]) -> int:
        raise KeyError("Secret Name")

    monkeypatch.setattr(app, "invoke", fail)
    from sito.cli import run

    assert run([]) == 3
    err = capfd.readouterr().err
    assert err.startswith("sito: CLI900 ")
    assert "KeyError" in err
    assert "Secret" not in err


def plugins(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    points = {name: EntryPoint(name, value, app.PLUGIN_GROUP) for name, value in values.items()}
    monkeypatch.setattr(app, "_plugins", lambda: points)


def test_commands_of_other_packages_are_added(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    plugins(monkeypatch, where="os:getcwd")
    assert " where " in call("--help").out
    assert call("where").code == 0


def test_help_of_a_command_ends_before_the_words_for_programmers(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    plugins(monkeypatch, serve="cli_fixtures:documented")
    out = call("serve", "--help").out
    assert "Does something." in out
    assert "More of it." in out
    assert "UsageError" not in out


def test_command_that_cannot_be_loaded_breaks_no_other(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    plugins(monkeypatch, broken="no_such_package:serve")
    assert "broken" in call("--help").out
    assert call("--version").code == 0
    answer = call("broken")
    assert answer.code == 2
    assert answer.err.startswith("sito: CLI108 ")


def test_other_packages_cannot_replace_a_command(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    plugins(monkeypatch, info="os:getcwd")
    assert call("info").err.startswith("sito: CLI101 ")


def test_closed_pipe_is_quiet(index_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("name\n" + "Thistle Holding\n" * 3_000)
    words = [*SITO, "screen", str(path), "--index", str(index_path), "--output", "-"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, b"interrupted"), (signal.SIGTERM, 143, b"terminated")]
)
@pytest.mark.parametrize("workers", [1, 2])
def test_signal_ends_a_run_without_a_trace(
    index_path: Path, tmp_path: Path, number: signal.Signals, code: int, word: bytes, workers: int
) -> None:
    path, folder = tmp_path / "many.csv", tmp_path / "out"
    folder.mkdir()
    with path.open("w") as stream:
        stream.write("name,ignored\n" + f"Thistle Holding,{'x' * 100}\n" * 120_000)
    words = [*SITO, "screen", str(path), "--index", str(index_path), "--workers", str(workers)]
    words += ["--output", str(folder / "hits.jsonl")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        while process.poll() is None and sum(part.stat().st_size for part in folder.iterdir()) == 0:
            time.sleep(0.02)
        os.killpg(process.pid, number)  # as a terminal or a service manager does: the workers get it too
        err = process.communicate()[1]
    assert (process.returncode, err.count(b"\n")) == (code, 1), err
    assert word in err
    assert list(folder.iterdir()) == []
