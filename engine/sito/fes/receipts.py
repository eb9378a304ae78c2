"""What came back: acceptance, rejection, or something that says neither.

Receipts of the personal account have no published schema: they say yes or no only by words and elements that are
configuration (`data/receipts.toml`); whatever else comes is `unknown`, shown and kept, and nobody guesses. Those of the
Bank of Russia were seen in public programs.
"""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum
from functools import cache
from importlib.resources import files

import msgspec
from lxml import etree

from sito.errors import FesError
from sito.toml import parse_toml

SIZE_MAX = 4 << 20  # bytes of a receipt, packed or not
RECORD_COUNT_MAX = 10_000
CODE_COUNT_MAX = 1_000
CODE_LENGTH_MAX = 255  # characters; a longer one is a text, and texts may hold names


class Outcome(StrEnum):
    """What a receipt says."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class ReceiptFormat(StrEnum):
    """Whose receipt it is."""

    KVIT = "kvit"  # of the Bank of Russia, for the exchange of refusals
    TU = "tu"  # of a branch of the Bank of Russia: not accepted
    NOTICE_321P = "321-p"  # text of the old transport
    TICKET = "ticket"  # of the personal account
    UNKNOWN = "unknown"


class Receipt(msgspec.Struct, frozen=True):
    """What a receipt says.

    Attributes:
        outcome: Of the whole file. records: Of single records, where it names them.
        file_names: Of messages that it is about, as it writes them; without folders.
        codes: Of errors, as short marks that hold no text. words: What it says in words; may hold personal data.
        told_at: Its own date, as written.
    """

    format: ReceiptFormat
    outcome: Outcome
    file_names: tuple[str, ...] = ()
    records: tuple[tuple[str, Outcome], ...] = ()
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    told_at: str = ""

    def is_about(self, *, file_name: str, record_numbers: tuple[str, ...] = ()) -> bool:
        """Say whether it names a message by its file or by a record."""
        return self.names_file(file_name) or bool({name for name, _ in self.records} & set(record_numbers))

    def names_file(self, file_name: str) -> bool:
        """Say whether it names a message's file."""
        return _stem(file_name) in {_stem(name) for name in self.file_names}

    def outcome_of(self, *, file_name: str, record_numbers: tuple[str, ...]) -> Outcome:
        """Return what it says of one message: one rejected record rejects it, and so does a word about another file.

        A receipt that names files or records, and none of this message, says nothing of it.
        """
        own = {name: outcome for name, outcome in self.records if name in record_numbers}
        if own:
            if Outcome.REJECTED in {*own.values(), self.outcome}:
                return Outcome.REJECTED
            # Records that it does not name may be told of elsewhere: a yes is one to all of them.
            is_whole = own.keys() == set(record_numbers) and set(own.values()) == {Outcome.ACCEPTED}
            return Outcome.ACCEPTED if is_whole else Outcome.UNKNOWN
        if not self.names_file(file_name) and (self.file_names or self.records):
            return Outcome.UNKNOWN
        return self.outcome


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By what a ticket says yes or no: all [K], for nobody published it."""

    edition: str
    certainty: str
    source: str
    outcome_elements: tuple[str, ...]
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]
    code_elements: tuple[str, ...]
    word_elements: tuple[str, ...]
    file_elements: tuple[str, ...]
    record_elements: tuple[str, ...]
    date_elements: tuple[str, ...]


def read_receipt(data: bytes, *, where: str) -> Receipt:
    """Read a receipt of any known format; what is none of them is of outcome unknown.

    Args:
        data: As it came, perhaps in a zip of one file.
        where: Of what, for the error.

    Raises:
        FesError: FES201 too large, or packed so that it would be; FES202 it is no receipt: nothing, or a page of HTML.
    """
    data = _unpacked(data, where)
    head = data.lstrip(b"\xef\xbb\xbf\x00 \t\r\n")[:1024]
    if not head:
        raise FesError("FES202", expected="a receipt", got="nothing", where=where)
    if re.match(rb"(?i)<(!doctype\s+html|html)", head):
        raise FesError("FES202", expected="a receipt", got="a page of HTML", where=where, todo="ask again later")
    if head.startswith(b"<") or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        root = _tree(data)
        return Receipt(ReceiptFormat.UNKNOWN, Outcome.UNKNOWN) if root is None else _of_tree(root)
    return _of_text(data)


def _unpacked(data: bytes, where: str) -> bytes:
    if len(data) > SIZE_MAX:
        raise FesError("FES201", expected=f"at most {SIZE_MAX} bytes", got=f"{len(data)}", where=where)
    if not data.startswith(b"PK\x03\x04"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = [one for one in packed.infolist() if not one.is_dir()]
            if len(names) != 1:
                raise FesError("FES201", expected="one file in the zip", got=f"{len(names)}", where=where)
            with packed.open(names[0]) as stream:
                found = stream.read(SIZE_MAX + 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise FesError("FES201", expected="a zip that can be read", got=type(error).__name__, where=where) from None
    if len(found) > SIZE_MAX:
        raise FesError("FES201", expected=f"at most {SIZE_MAX} bytes in the zip", got="more", where=where)
    return found


def _tree(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError, LookupError):
        return None
    return root


def _of_tree(root: etree._Element) -> Receipt:
    name = _name(root)
    if name == "KVIT":
        return _kvit(root)
    if root.find(".//ARJ_TU") is not None or root.find(".//KOD_ERR") is not None:
        return _tu(root)
    return _ticket(root)


def _kvit(root: etree._Element) -> Receipt:
    """Read the receipt of the exchange of refusals: `REZ_ES` is 0 where a record was accepted."""
    told = [(_text(record, "IdInfoOR"), _text(record, "REZ_ES")) for record in root.iter("ES_REC")]
    codes = [code for _, code in told]
    # Also of records without a number, and beyond what is kept: a rejection there is one of the file.
    outcomes = {_of_code(code) for code in codes}
    count = _text(root, "nRec")
    whole = Outcome.UNKNOWN
    if Outcome.REJECTED in outcomes:
        whole = Outcome.REJECTED
    elif outcomes == {Outcome.ACCEPTED} and (not count or (count.isdecimal() and int(count) == len(told))):
        whole = Outcome.ACCEPTED
    records = [(number, _of_code(code)) for number, code in told if number][:RECORD_COUNT_MAX]
    return Receipt(
        ReceiptFormat.KVIT, whole, _files([_text(root, "ES")]), tuple(records),
        _codes(code for code in codes if code.strip("0")), (),
        f"{_text(root, 'DATE_KVIT')} {_text(root, 'TIME_KVIT')}".strip(),
    )  # fmt: skip


def _of_code(text: str) -> Outcome:
    if not text.isdecimal():
        return Outcome.UNKNOWN
    return Outcome.ACCEPTED if int(text) == 0 else Outcome.REJECTED


def _tu(root: etree._Element) -> Receipt:
    """Read a receipt of non-acceptance of a branch of the Bank of Russia."""
    code = _text(root, "KOD_ERR")
    # It is a receipt of non-acceptance: without an error it says nothing.
    outcome = Outcome.REJECTED if code.strip("0") else Outcome.UNKNOWN
    return Receipt(
        ReceiptFormat.TU, outcome, _files([_text(root, "ARJ_TU")]), (),
        _codes([code] if code.strip("0") else []), tuple(one for one in [_text(root, "NAM_ERR")] if one),
        f"{_text(root, 'DATE_KVIT')} {_text(root, 'TIME_KVIT')}".strip(),
    )  # fmt: skip


def _ticket(root: etree._Element) -> Receipt:
    known = words()
    told = [text.casefold() for name in known.outcome_elements for text in _texts(root, name)]
    yes, no = any(text in known.accepted for text in told), any(text in known.rejected for text in told)
    outcome = Outcome.REJECTED if no else Outcome.ACCEPTED if yes else Outcome.UNKNOWN
    if any(text not in known.accepted and text not in known.rejected for text in told) and not no:
        outcome = Outcome.UNKNOWN  # it says something besides that nobody knows
    numbers = [text for name in known.record_elements for text in _texts(root, name)]
    return Receipt(
        ReceiptFormat.TICKET, outcome, _files(text for name in known.file_elements for text in _texts(root, name)),
        tuple((number, outcome) for number in numbers[:RECORD_COUNT_MAX]),
        _codes(text for name in known.code_elements for text in _texts(root, name) if text.strip("0")),
        tuple(text for name in known.word_elements for text in _texts(root, name))[:CODE_COUNT_MAX],
        next((text for name in known.date_elements for text in _texts(root, name)), ""),
    )  # fmt: skip


_REJECTED = re.compile(r"Запись отвергнута:\s*Код\s+<?([0-9A-Za-z]{1,20})>?", re.IGNORECASE)
_RESULT = re.compile(r"^\s*(\S{1,60})\s.*Результат контроля\s+<?([0-9]{1,6})>?", re.IGNORECASE | re.MULTILINE)
_FILE = re.compile(r"\b([A-Za-z0-9_]{5,100}\.[A-Za-z0-9]{3,4})\b")


def _of_text(data: bytes) -> Receipt:
    """Read the text of the old transport: a line for the file, then one for each record; cp866 as a rule."""
    results: list[tuple[str, str]] = []
    codes: list[str] = []
    for encoding in ("utf-8", "cp866", "windows-1251"):
        text = data.decode(encoding, "replace")
        results, codes = _RESULT.findall(text), _REJECTED.findall(text)
        if results or codes:  # in another encoding the words are none
            break
    if not results and not codes:
        return Receipt(ReceiptFormat.UNKNOWN, Outcome.UNKNOWN)
    records = tuple((name, _of_code(result)) for name, result in results[:RECORD_COUNT_MAX])
    is_rejected = bool(codes) or any(outcome is Outcome.REJECTED for _, outcome in records)
    return Receipt(
        ReceiptFormat.NOTICE_321P, Outcome.REJECTED if is_rejected else Outcome.ACCEPTED, _files(_FILE.findall(text)),
        records, _codes(codes),
    )  # fmt: skip


@cache
def words() -> _Words:
    """Return by what tickets are understood."""
    data = files("sito.fes").joinpath("data", "receipts.toml").read_bytes()
    return msgspec.convert(parse_toml(data), _Words)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _texts(root: etree._Element, name: str) -> list[str]:
    """Return the texts of elements and attributes of a name, whatever their namespace and case."""
    found: list[str] = []
    wanted = name.casefold()
    for element in root.iter():
        if _name(element).casefold() == wanted and len(element) == 0 and (element.text or "").strip():
            found.append((element.text or "").strip())
        for key, value in element.attrib.items():
            if str(key).rpartition("}")[2].casefold() == wanted and str(value).strip():
                found.append(str(value).strip())
    return found


def _text(root: etree._Element, name: str) -> str:
    return (root.findtext(f".//{name}") or "").strip()


def _files(names: object) -> tuple[str, ...]:
    found = [re.split(r"[\\/]", str(name).strip())[-1] for name in names]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(name for name in found if name and len(name) <= CODE_LENGTH_MAX))


def _codes(codes: object) -> tuple[str, ...]:
    """Return short marks: whatever else stands where a code should be is a text, and stays in the receipt."""
    found = [str(code).strip() for code in codes]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(code for code in found if re.fullmatch(r"[0-9A-Za-z._:-]{1,64}", code)))[:CODE_COUNT_MAX]


def _stem(name: str) -> str:
    """Return the name of a message's file without what packing and signing add."""
    found = name.casefold()
    while found.endswith((".sig", ".xml", ".zip", ".p7s", ".enc")):
        found = found[:-4]
    return found
