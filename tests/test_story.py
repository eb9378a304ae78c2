"""The story of `make story`: real parts, the same words on SQLite and PostgreSQL, as the golden file has them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/golden/story.txt"


def test_the_story_goes_as_it_should_on_both_stores(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-W", "error", "-m", "demo.story"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(done.stdout, "utf-8")
    assert done.stdout == GOLDEN.read_text("utf-8"), "review the difference, then run with --update-golden"
    assert done.stdout.endswith("The same words on SQLite and PostgreSQL.\n")
