"""A small index, and a file large enough to be worth cutting."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sito import build_index

sys.path.insert(0, str(Path(__file__).parent.parent / "cli"))  # the helper module, under `--import-mode=importlib`

from cli_fixtures import ENTRIES, list_text


@pytest.fixture(scope="session")
def index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    (folder / "list.csv").write_text(list_text(*ENTRIES), "utf-8")
    build_index([folder / "list.csv"], folder / "x.index", list_id="X-LIST")
    return folder / "x.index"


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    """9 000 payments; every seventh is hit, every thousandth cannot be read."""
    path = tmp_path / "payments.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,debtor_name,purpose,amount\n")
        for number in range(1, 9_001):
            name = "Thistle Holding" if number % 7 == 0 else f"Незабудкин {number}"
            amount = "many" if number % 1_000 == 0 else "5.00"
            stream.write(f"P{number},{name},Возврат Чертополохову Евлампию Савватеевичу № {number},{amount}\n")
    return path
