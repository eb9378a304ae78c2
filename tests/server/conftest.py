"""An index of invented subjects, a server on a free loopback port, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sito import Index, Screener, build_index
from sito.client import ScreeningClient
from sito_server.host import Address, Host

LIST = '''id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset,last_seen
inv-1,Person,Дробышкин Еремей Фаддеевич,Drobyshkin Yeremey,1971-03-09,ru,,,,,,Invented,2024-05-02
inv-2,Company,"ООО ""Тюльпанстройгамма""",Tyulpanstroygamma LLC,,ru,,9999000126,,,,Invented,2024-05-02
inv-3,Vessel,Zephyrine Quokka,,,pa,,,,,,Invented,2024-05-02
'''


@pytest.fixture(scope="session")
def index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    (folder / "targets.simple.csv").write_text(LIST, "utf-8")
    build_index([folder / "targets.simple.csv"], folder / "index.sito")
    return folder / "index.sito"


@pytest.fixture(scope="session")
def screener(index_path: Path) -> Iterator[Screener]:
    with Index.open(index_path) as index:
        yield Screener(index)


@pytest.fixture
def serving() -> Iterator[Callable[..., Host]]:
    """Start hosts that are stopped after the test."""
    with ExitStack() as stack:

        def start(screener: Screener, **options: object) -> Host:
            host = Host(screener, Address("127.0.0.1", 0), **{"workers": 2, **options})  # type: ignore[arg-type]
            host.start()
            stack.callback(host.stop, 1.0)
            return host

        yield start


@pytest.fixture(scope="session")
def address(screener: Screener) -> Iterator[str]:
    host = Host(screener, Address("127.0.0.1", 0), workers=2)
    host.start()
    yield str(host.address)
    host.stop(1.0)


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[ScreeningClient]:
    with ScreeningClient(address, timeout_s=20) as client:
        yield client
