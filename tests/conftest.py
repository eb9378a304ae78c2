"""What all tests share: hypothesis profiles, and the switch that makes a skipped test a failure."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from sito_ext import cpu

# Machines under load miss deadlines; what is slow is caught by the timeout of the test instead.
settings.register_profile(
    "default", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("default"), derandomize=False, max_examples=5_000)
settings.load_profile("default")

# A shell starts background jobs with the interrupt ignored, and programs started by tests would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Warnings are errors in the programs that tests start, too.
os.environ.setdefault("PYTHONWARNINGS", "error")

BYTES_SHOWN_MAX = 16


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fail-on-skip", action="store_true", help="a skipped test fails the run: nothing may be missing in CI"
    )
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files anew; review the difference before a commit"
    )


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long bytes by their length: packed data holds the time, and workers must agree on the names of tests."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) and len(val) > BYTES_SHOWN_MAX else None


@pytest.fixture(scope="session")
def patience() -> float:
    """How many times longer than usual a test may wait: instrumented builds are slow."""
    return float(os.environ.get("SITO_TEST_PATIENCE", "1"))


@pytest.fixture
def paths() -> Iterator[tuple[str, ...]]:
    """Name the loops of kernels that this processor can run, and put the best ones back afterwards."""
    yield cpu.paths()
    cpu.use_path(cpu.paths()[-1])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if not session.config.getoption("--fail-on-skip") or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"\n{len(skipped)} skipped, and --fail-on-skip was given", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
