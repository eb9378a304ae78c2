"""What the emulator holds: lists out of files, and the messages that were sent to it, on the disk before it answers."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import io
import os
import threading
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from lxml import etree

from sito.errors import PortalError
from sito.portal.rules import Rules

MESSAGE_SIZE_MAX = 64 << 20  # bytes of a file that is sent
NEW = "1"  # type of a record that is no correction of another; of the formats
SENT, CHECKED = (1, "Отправлено"), (3, "Проверка ФЛК")  # the two states that the guide shows


class Held(msgspec.Struct, frozen=True):
    """A message that was sent.

    Attributes:
        number: In the order in which they came. external_id: Number of its first record [K]; empty without one.
        reject: Code and text, if its receipt will be a rejection.
    """

    number: int
    message_id: str
    external_id: str
    file_name: str
    record_type: str
    received_at: datetime
    sha256: str
    reject: tuple[str, str] | None
    parts: tuple[tuple[str, str, str], ...]  # field, file name, content in base64


class Holdings:
    """A folder of lists and messages; one emulator at a time.

    Raises:
        PortalError: PRT402 it cannot be used, or another emulator does.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._messages = folder / "messages"
        self._polls: dict[str, int] = {}
        self.lock = threading.RLock()
        try:
            self._messages.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(folder / ".emulator.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = [msgspec.json.decode(path.read_bytes(), type=Held) for path in self._messages.glob("*.json")]
        except (OSError, msgspec.MsgspecError) as error:
            raise PortalError(
                "PRT402", expected="a folder for one emulator alone", where=folder.name,
                got=getattr(error, "strerror", None) or type(error).__name__,
            ) from None  # fmt: skip
        self.held = sorted(found, key=lambda one: one.number)

    def close(self) -> None:
        """Let another emulator use the folder."""
        os.close(self._handle)

    # --- lists --------------------------------------------------------------------------------------------------------

    def edition(self, name: str) -> tuple[str, str] | None:
        """Return id and date of a list's file of now: other bytes are another edition. None if there is no file."""
        path = self.folder / f"{name}.xml"
        try:
            data, at = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return None
        file_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name}:{hashlib.sha256(data).hexdigest()}"))
        date = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        # As the examples of the guide: with a zone, and without.
        return file_id, (date[:-7] if name.startswith("un") else date[:-1] + "Z")

    def file(self, names: tuple[str, ...], file_id: str) -> bytes | None:
        """Return the list with an id; None if there is none of that id any more."""
        for name in names:
            found = self.edition(name)
            if found is not None and found[0] == file_id:
                return (self.folder / f"{name}.xml").read_bytes()
        return None

    # --- messages -----------------------------------------------------------------------------------------------------

    def take(self, parts: tuple[tuple[str, str, bytes], ...], rules: Rules) -> Held:
        """Keep a message, durably, and judge it."""
        with self.lock:
            _, file_name, xml = next(part for part in parts if part[0] == "file")
            root = parsed(xml)
            external_id, record_type = _text(root, "НомерЗаписи"), _text(root, "ТипЗаписи") or NEW
            held = Held(
                max((one.number for one in self.held), default=0) + 1, str(uuid.uuid4()), external_id, file_name,
                record_type, datetime.now(UTC), hashlib.sha256(xml).hexdigest(),
                self._judged(xml, root, external_id, record_type, rules),
                tuple((field, name, base64.b64encode(data).decode()) for field, name, data in parts),
            )  # fmt: skip
            path = self._messages / f"{held.number:06d}.json"
            part = path.with_suffix(".part")
            with part.open("wb") as stream:
                stream.write(msgspec.json.encode(held))
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
            handle = os.open(self._messages, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            self.held.append(held)
            return held

    def _judged(
        self, xml: bytes, root: etree._Element | None, external_id: str, record_type: str, rules: Rules
    ) -> tuple[str, str] | None:
        if root is None:
            return "1001", "Файл не читается как XML"
        if rules.schema:
            schema = etree.XMLSchema(etree.parse(self.folder / rules.schema, parser()))
            if not schema.validate(root):
                return "1002", "Файл не соответствует схеме"
        # A record that was taken before is there; a correction is another matter, and so is one after a rejection.
        if external_id and record_type == NEW and any(
            one.external_id == external_id and one.reject is None for one in self.held
        ):  # fmt: skip
            return "1004", "Запись с таким номером уже есть"
        text = xml.decode("windows-1251" if b"1251" in xml[:100] else "utf-8", "replace")
        return next(((rule.code, rule.text) for rule in rules.reject if rule.holds in text), None)

    def find(self, message_id: str, external_id: str, rules: Rules) -> Held | None:
        """Return a message by its id, or by the bank's number where that is searched for."""
        with self.lock:
            found = next((one for one in self.held if message_id and one.message_id == message_id), None)
            if found is None and external_id and rules.external_search:
                found = next((one for one in reversed(self.held) if one.external_id == external_id), None)
            return found

    def status(self, held: Held, rules: Rules, *, is_poll: bool) -> tuple[int, str]:
        """Return number and name of a message's state; each poll brings it on."""
        with self.lock:
            polls = self._polls.get(held.message_id, 0)
            if is_poll:
                self._polls[held.message_id] = polls + 1
        if polls >= rules.polls_before_ticket and is_poll:
            return rules.final_status
        return CHECKED if is_poll else SENT

    def ticket(self, held: Held, rules: Rules) -> bytes | None:
        """Return a receipt; None as long as the message was not asked for often enough."""
        with self.lock:
            polls = self._polls.get(held.message_id, 0)
            if polls < rules.polls_before_ticket:
                self._polls[held.message_id] = polls + 1
                return None
        # No document shows a ticket: this one is invented, with words that `sito.fes.receipts` knows [K].
        root = etree.Element("Квитанция")
        cells = {"ИмяФайла": held.file_name, "НомерЗаписи": held.external_id}
        cells |= {"Результат": "не принято" if held.reject else "принято"}
        if held.reject:
            cells |= {"КодОшибки": held.reject[0], "ТекстОшибки": held.reject[1]}
        cells["ДатаКвитанции"] = held.received_at.date().isoformat()
        for name, text in cells.items():
            etree.SubElement(root, name).text = text
        text = '<?xml version="1.0" encoding="windows-1251"?>' + etree.tostring(root, encoding="unicode")
        data = text.encode("windows-1251", "xmlcharrefreplace")
        return zipped("Квитанция.xml", data) if rules.ticket_form == "zip" else data


def zipped(name: str, data: bytes) -> bytes:
    """Return a zip of one file with a Russian name in cp866 and without the mark of UTF-8, as the service writes it."""
    stand_in = "x" * len(name)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(stand_in, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    found = made.getvalue()
    # The name stands before the data and in the table behind it; `zipfile` itself writes such names in UTF-8.
    first, last = found.find(stand_in.encode()), found.rfind(stand_in.encode())
    raw = name.encode("cp866")
    found = found[:first] + raw + found[first + len(raw) :]
    return found[:last] + raw + found[last + len(raw) :]


def parser() -> etree.XMLParser:
    """Return a parser that fetches nothing and unfolds nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parsed(xml: bytes) -> etree._Element | None:
    """Read XML; None if it is none."""
    try:
        return etree.fromstring(xml, parser())
    except (etree.LxmlError, ValueError, LookupError):
        return None


def _text(root: etree._Element | None, name: str) -> str:
    found: Iterator[etree._Element] = iter(()) if root is None else root.iter("{*}" + name)
    return next((element.text.strip() for element in found if element.text), "")
