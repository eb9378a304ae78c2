"""An index of invented subjects, a server on a free loopback port, and a client of it."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import sys
import threading
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sito import Index, Screener, build_index
from sito.client import ScreeningClient
from sito_server.config import ServeConfig, check
from sito_server.host import Host
from sito_server.service import Fixed, ScreenerSource

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


def settings(**options: object) -> ServeConfig:
    """Settings of a server of tests: two threads, a free port."""
    config = ServeConfig(**{"index": Path("none"), "listen": "127.0.0.1:0", "threads": 2, **options})  # type: ignore[arg-type]
    check(config)
    return config


class Gate:
    """A source that holds back those who lease while it is shut; `entered` counts them from then on."""

    def __init__(self, screener: Screener) -> None:
        self._screener = screener
        self._open = threading.Event()
        self._open.set()
        self.entered = threading.Semaphore(0)
        self.leases = 0

    def shut(self) -> None:
        while self.entered.acquire(blocking=False):  # those whom the host made while it started
            pass
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    @contextmanager
    def lease(self) -> Iterator[Screener]:
        self.leases += 1
        self.entered.release()
        assert self._open.wait(60)
        yield self._screener


@pytest.fixture
def gate(screener: Screener) -> Iterator[Gate]:
    made = Gate(screener)
    yield made
    made.open()


@pytest.fixture
def serving() -> Iterator[Callable[..., Host]]:
    """Start hosts that are stopped after the test."""
    with ExitStack() as stack:

        def start(source: Screener | ScreenerSource, *, clock: Any = None, **options: object) -> Host:
            host = Host(Fixed(source) if isinstance(source, Screener) else source, settings(**options), clock=clock)
            host.start()
            stack.callback(host.stop, 1.0)
            return host

        yield start


@pytest.fixture(scope="session")
def address(screener: Screener) -> Iterator[str]:
    host = Host(Fixed(screener), settings())
    host.start()
    yield str(host.address)
    host.stop(1.0)


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[ScreeningClient]:
    with ScreeningClient(address, timeout_s=20) as client:
        yield client


# --- servers in processes of their own ------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
# `sito`, with the packages and the entry point of the checkout whether they are installed or not.
START = "import sys; sys.path[:0] = {path!r}; from sito.cli import main; sys.exit(main())"


@pytest.fixture(scope="session")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("metadata")
    (folder / "sito-0.1.0.dist-info").mkdir()
    (folder / "sito-0.1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: sito\nVersion: 0.1.0\n")
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["sito.commands"]
    text = "[sito.commands]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
    (folder / "sito-0.1.0.dist-info/entry_points.txt").write_text(text)
    return folder


class Process:
    """`sito serve` in a process of its own, and its log."""

    def __init__(self, metadata: Path, patience: float, *arguments: str) -> None:
        path = [str(metadata), *(str(ROOT / name) for name in ("engine", "ext", "server"))]
        command = [sys.executable, "-W", "error", "-c", START.format(path=path), "serve", *arguments]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.patience = patience
        self.lines: list[dict[str, Any]] = []

    def line(self, timeout_s: float = 60.0) -> dict[str, Any]:
        """Read the next line of the log."""
        assert self.process.stderr is not None
        assert select.select([self.process.stderr], [], [], timeout_s * self.patience)[0], f"no line: {self.lines}"
        text = self.process.stderr.readline()
        assert text.startswith(b"{"), text
        self.lines.append(json.loads(text))
        return self.lines[-1]

    def until(self, event: str) -> dict[str, Any]:
        """Read lines until one tells of an event."""
        while self.line()["event"] != event:
            pass
        return self.lines[-1]

    def end(self, timeout_s: float = 60.0) -> int:
        """Wait for the end and read the rest of the log."""
        output, rest = self.process.communicate(timeout=timeout_s * self.patience)
        assert output == b""
        self.lines += map(json.loads, rest.splitlines())
        return self.process.returncode

    @property
    def children(self) -> list[int]:
        """Process ids of the workers."""
        ids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(id_) for id_ in ids if "spawn_main" in Path(f"/proc/{id_}/cmdline").read_text()]


@pytest.fixture
def running(metadata: Path, patience: float) -> Iterator[Callable[..., Process]]:
    """Start servers that are killed after the test, if they have not ended."""
    started: list[Process] = []

    def start(*arguments: str | Path) -> Process:
        started.append(Process(metadata, patience, *map(str, arguments)))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.communicate()


# --- certificates ---------------------------------------------------------------------------------------------


class Authority:
    """Makes certificates with the openssl command."""

    def __init__(self, folder: Path) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("the openssl command is missing: no certificates to test TLS with")
        self.openssl = openssl
        self.folder = folder

    def run(self, *arguments: str) -> None:
        subprocess.run([self.openssl, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=20)

    def root(self, name: str) -> None:
        """Make an authority."""
        self.run(
            "req", "-x509", *CURVE, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
            "-subj", f"/CN={name}",
        )  # fmt: skip

    def issue(self, name: str, *, authority: str = "ca", names: str = "IP:127.0.0.1", days: int = 2) -> None:
        """Make a certificate with `names` as its other names; none if they are empty."""
        self.run("req", *CURVE, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (self.folder / "names").write_text(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        self.run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", str(days), "-extfile", "names", "-out", f"{name}.pem",
        )  # fmt: skip


CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authorities; a server and clients of the first, a client of the second."""
    made = Authority(tmp_path_factory.mktemp("keys"))
    made.root("ca")
    made.root("other")
    made.issue("server")
    made.issue("renewed", days=9)
    made.issue("client")
    made.issue("pay", names="DNS:Pay.Bank.example,URI:spiffe://bank.example/pay,email:a@bank.example")
    made.issue("ops", names="DNS:ops.bank.example")
    made.issue("named", names="")
    made.issue("stranger", authority="other")
    made.run("ec", "-in", "server.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key")
    (made.folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    return made.folder


@pytest.fixture
def scraped() -> Callable[[object], dict[tuple[str, tuple[tuple[str, str], ...]], float]]:
    """Read a page of metrics: values by name and sorted labels."""

    def read(address: object) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return {
            (one.name, tuple(sorted(one.labels.items()))): one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
        }

    return read
