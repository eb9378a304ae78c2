"""An emulator on a free port of this machine, settings that lead to it, and invented lists and messages."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sito.portal import Envelopes, Portal, PortalClient
from sito.portal.emulator import Emulator
from sito.portal.rules import Fault, FaultKind, Rules

PASSWORD = "open-sesame-7"
TE = (
    '<?xml version="1.0" encoding="utf-8"?><Перечень><ВерсияФормата>2.1</ВерсияФормата>'
    "<ДатаПеречня>{date}</ДатаПеречня>"
    "<АктуальныйПеречень>{subjects}</АктуальныйПеречень></Перечень>"
)
PERSON = "<Субъект><ИдСубъекта>{}</ИдСубъекта><ФЛ><ФИО>{}</ФИО></ФЛ><Террорист>1</Террорист></Субъект>"
UN = (
    '<?xml version="1.0" encoding="utf-8"?><CONSOLIDATED_LIST dateGenerated="{date}T00:00:00"><INDIVIDUALS>{people}'
    "</INDIVIDUALS></CONSOLIDATED_LIST>"
)
INDIVIDUAL = "<INDIVIDUAL><DATAID>{}</DATAID><FIRST_NAME>{}</FIRST_NAME></INDIVIDUAL>"
MVK = (
    "<СписокРешений><ВерсияФормата>1.0</ВерсияФормата><ДатаСписка>{date}</ДатаСписка><СписокАктуальныхРешений><Решение>"
    "<НомерРешения>1</НомерРешения><ДатаРешения>2026-01-01</ДатаРешения><Орган>Комиссия</Орган><СписокСубъектов>"
    "<Субъект><ИдСубъекта>M-1</ИдСубъекта><ФЛ><ФИО>БУЗИНКИНА АГРАФЕНА</ФИО></ФЛ></Субъект></СписокСубъектов></Решение>"
    "</СписокАктуальныхРешений></СписокРешений>"
)


def te(*people: tuple[str, str], date: str = "2026-11-20") -> str:
    return TE.format(date=date, subjects="".join(PERSON.format(*one) for one in people))


def un(*people: tuple[str, str], date: str = "2026-11-20") -> str:
    return UN.format(date=date, people="".join(INDIVIDUAL.format(*one) for one in people))


def put_lists(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    put(folder, "te21", te(("T-1", "ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ САВВАТЕЕВИЧ"), ("T-2", "ЛЕСТНИКОВ АРКАДИЙ ФИЛОПЕРТОВИЧ")))
    put(folder, "te2", te(("T-1", "ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ САВВАТЕЕВИЧ")))
    put(folder, "mvk", MVK.format(date="2026-11-19"))
    put(folder, "un", un(("6900001", "THISTLE EVLAMPIY")))
    put(folder, "un-rus", un(("6900001", "РЕПЕЙНИКОВ ЕВЛАМПИЙ")))


def put(folder: Path, name: str, text: str) -> None:
    part = folder / f".{name}.part"
    part.write_text(text, "utf-8")
    part.replace(folder / f"{name}.xml")


def message(record: str, text: str = "", record_type: str = "1") -> bytes:
    """Return a file that looks like a message as far as the service's emulator looks."""
    return (
        f'<?xml version="1.0" encoding="windows-1251"?><Сообщение><НомерЗаписи>{record}</НомерЗаписи>'
        f"<ТипЗаписи>{record_type}</ТипЗаписи><Текст>{text}</Текст></Сообщение>"
    ).encode("windows-1251")


def fault(kind: str, method: str = "*", **more: Any) -> Fault:
    return Fault(method=method, kind=FaultKind(kind), **more)


class Service:
    """An emulator that runs in a thread."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.emulator = Emulator(folder, rules=rules)
        self.emulator.is_recording = True
        self.thread = threading.Thread(target=self.emulator.serve)
        self.thread.start()

    @property
    def methods(self) -> list[str]:
        return [call.method.split("/")[-1] for call in self.emulator.seen]

    def close(self) -> None:
        self.emulator.close()
        self.thread.join(10)
        assert self.emulator.broken == []


class Program:
    """An emulator as a program, on one port for all its lives."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        words = ["portal", "emulate", "--folder", str(self.folder), "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sito.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None and self.process.stdout.readline().startswith("url = ")

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()


def rules(**more: Any) -> Rules:
    return Rules(**({"password": PASSWORD} | more))


def write_settings(folder: Path, url: str, **more: Any) -> Path:
    (folder / "portal.password").write_text(PASSWORD + "\n", "utf-8")
    (folder / "portal.password").chmod(0o600)
    told = {
        "url": url, "user_name": "rfm", "password_file": "portal.password", "envelopes": "envelopes", "answer_s": 5.0,
        "download_s": 5.0, "connect_s": 2.0, "backoff_s": 0.01, "attempts_max": 3,
    } | more  # fmt: skip
    path = folder / "portal.toml"
    path.write_text("".join(f"{name} = {_toml(value)}\n" for name, value in told.items()), "utf-8")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(list(value) if isinstance(value, tuple) else value)


def client_of(path: Path, sleep: Callable[[float], bool] = lambda _: False) -> PortalClient:
    portal = Portal.read(path)
    return PortalClient(portal, Envelopes(portal.envelopes), random=lambda: 0.5, sleep=sleep)
