"""A command line in this process, and a small index of invented entries."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sito import build_index
from sito.cli import run

sys.path.insert(0, str(Path(__file__).parent))  # the helper module, under `--import-mode=importlib`

from cli_fixtures import ENTRIES, Answer, Call, list_text


@pytest.fixture
def call(capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    def _call(*words: object) -> Answer:
        capfdbinary.readouterr()
        code = run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        answer = Answer(code, out.decode(), err.decode())
        assert "CLI900" not in answer.err, answer
        assert "Traceback" not in answer.err, answer
        return answer

    return _call


@pytest.fixture(scope="session")
def index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    source = folder / "list.csv"
    source.write_text(list_text(*ENTRIES), "utf-8")
    build_index([source], folder / "x.index", list_id="X-LIST")
    return folder / "x.index"


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(
        "id,name,birth_date\n1,Чертополохов Евлампий Савватеевич,14.03.1971\n2,Незабудкин Пахом,\n3,Thistle Holding,\n",
        "utf-8",
    )
    return path
