"""An emulator for each test that asks for one, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.portal.service import Service, client_of, put_lists, rules, write_settings

from sito.portal import PortalClient


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    put_lists(tmp_path / "service")
    made = Service(tmp_path / "service", rules())
    yield made
    made.close()


@pytest.fixture
def client(service: Service, tmp_path: Path) -> Callable[..., PortalClient]:
    """Give what makes a client with some settings."""

    def make(**settings: Any) -> PortalClient:
        return client_of(write_settings(tmp_path, service.emulator.url, **settings))

    return make
