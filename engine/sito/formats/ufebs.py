"""UFEBS payment documents of the Bank of Russia: ED101, ED103, ED104, ED105, alone or in a PacketEPD.

Elements are found by local name, never by position: the order inside ED101 changed between editions (DepartmentalInfo
and Purpose swapped places from 2017 to 2021). What the edition 2021.1.0 demands of the fields that are screened is
checked here in any case; the whole schema is enforced where a folder with the official XSD files is given.

Source of the limits: schemas cbr_ed101_v2021.1.0 and cbr_ed_leaftypes_v2021.1.0 (urn:cbr-ru:ed:v2.0).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from lxml import etree

from sito.entries import Identifier, Kind
from sito.errors import RecordError
from sito.formats.base import FieldError, RecordFile, iso_date, refuse, reject
from sito.formats.budget import budget_operation
from sito.formats.parties import agent_party, field_parties, purpose_party
from sito.formats.xmlstream import child, children, local, raw_of, stream_elements, text_of
from sito.records import ClientSide, Operation, Party, Record, RecordKind, Reject, Role

FORMAT = "ufebs"
PACKET = "PacketEPD"
# Document -> its fixed @TransKind (field 18 of the form).
DOCUMENTS = {"ED101": "01", "ED103": "02", "ED104": "06", "ED105": "16"}
# Documents that may stand in a packet and are not read: each is refused by name, none is passed over.
OTHER_DOCUMENTS = ("ED107", "ED108", "ED109", "ED110", "ED111", "ED113", "ED114")
NAME_LENGTH_MAX = 160
PURPOSE_LENGTH_MAX = 210
XSD_COUNT_MAX = 200

_ED_NUMBER = re.compile(r"0*[1-9]\d{0,8}\Z", re.ASCII)
_AUTHOR = re.compile(r"\d{10}\Z", re.ASCII)
_SUM = re.compile(r"\d{1,18}\Z", re.ASCII)
_PRIORITY = re.compile(r"[0-5]\Z")
_SYSTEM = re.compile(r"\d{2}\Z", re.ASCII)
_DOCUMENT_NUMBER = re.compile(r"(?!0+\Z)\d{1,6}\Z", re.ASCII)
_ACCOUNT = re.compile(r"\d{5}[0-9ABCEHKMPTX]\d{14}\Z", re.ASCII)
_INN = re.compile(r"[0-9A-Za-zА-Яа-я]{1,12}\Z")
_KPP = re.compile(r"[0-9A-Za-zА-Яа-я]{1,9}\Z")
_BIC = re.compile(r"\d{9}\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)

# attribute -> (pattern, what it wants, required)
_ATTRIBUTES = (
    ("EDNo", _ED_NUMBER, "1 to 9 digits, not zero", True),
    ("EDDate", _DATE, "YYYY-MM-DD", True),
    ("EDAuthor", _AUTHOR, "10 digits", True),
    ("EDReceiver", _AUTHOR, "10 digits", False),
    ("Sum", _SUM, "kopecks, 1 to 18 digits", True),
    ("Priority", _PRIORITY, "0 to 5", True),
    ("SystemCode", _SYSTEM, "2 digits", True),
)
# Messages of libxml2 quote the value, which may be a name or a number of somebody.
_QUOTED_VALUE = re.compile(r"(value )'.*?'(?= (?:is|has|does|of|must))|'[^']*'(?= is not a valid value)", re.DOTALL)


class UfebsFile(RecordFile):
    """A file with one ED document or a packet of them.

    Args:
        path: The file.
        schema_dir: Folder with the official XSD files; None or an empty folder leaves the built-in checks alone.

    Raises:
        RecordError: REC110 the folder does not exist or a schema in it cannot be used.
    """

    format = FORMAT

    def __init__(self, path: Path, schema_dir: Path | None = None) -> None:
        super().__init__(path)
        self._schemas = load_schemas(schema_dir) if schema_dir is not None else {}

    def __iter__(self) -> Iterator[Record | Reject]:
        def report(position: int) -> None:
            self._position = position

        counts: Counter[str] = Counter()
        kopecks = 0
        complete = True
        names = (*DOCUMENTS, *OTHER_DOCUMENTS, PACKET)
        for item in stream_elements(self.path, names, report):
            if isinstance(item, Reject):
                complete = False
                yield item
                continue
            name = local(item)
            if name == PACKET:
                yield from self._check_packet(item, sum(counts.values()), kopecks, complete)
                continue
            counts[name] += 1
            parent = item.getparent()
            place = f"{local(parent)}/{name}[{counts[name]}]" if parent is not None else name
            if _SUM.match(amount := item.get("Sum", "")):
                kopecks += int(amount)
            yield self._record(item, name, place)
        if complete and not counts:
            yield refuse(
                self.name, "REC305", expected="ED101, ED103, ED104 or ED105", got="no payment document", raw=""
            )

    def _record(self, element: etree._Element, name: str, place: str) -> Record | Reject:
        if name not in DOCUMENTS:
            return refuse(
                place, "REC304", expected="ED101, ED103, ED104 or ED105", got=name, raw=raw_of(element),
                todo="this kind of document is not screened here",
            )  # fmt: skip
        schema = self._schemas.get(name)
        try:
            if schema is not None and not schema.validate(element):
                # The stubs of the error log lack its sequence methods.
                error = next(iter(cast("Iterable[etree._LogEntry]", schema.error_log)))
                message = _QUOTED_VALUE.sub(r"\1'…'", error.message)
                raise FieldError("REC303", f"{name} valid by its schema", f"line {error.line}: {message}")
            return _read(element, name, place)
        except FieldError as error:
            return reject(place, error, raw_of(element))

    def _check_packet(self, packet: etree._Element, count: int, kopecks: int, complete: bool) -> Iterator[Reject]:
        """Compare what the packet declares with what came: a missing document must not go unnoticed."""
        for attribute, got, what in (("EDQuantity", count, "documents"), ("Sum", kopecks, "kopecks in all")):
            declared = packet.get(attribute, "")
            if complete and declared and (not declared.isdecimal() or int(declared) != got):
                shown = declared if declared.isdecimal() else "no number"
                yield refuse(
                    PACKET, "REC305", expected=f"{attribute} {shown} {what}", got=str(got), raw="",
                    todo="the packet is incomplete or changed; its documents were read all the same",
                )  # fmt: skip


def _read(element: etree._Element, name: str, place: str) -> Record:
    strict = name == "ED101"
    for attribute, pattern, wanted, required in _ATTRIBUTES:
        value = element.get(attribute)
        if value is None:
            # Only ED101 is known in full; the others must at least be identifiable and carry a sum.
            if required and (strict or attribute in {"EDNo", "EDDate", "EDAuthor", "Sum"}):
                raise FieldError("REC302", f"attribute {attribute}", "none")
        elif not pattern.match(value):
            raise FieldError("REC302", f"{attribute} of {wanted}", f"{len(value)} characters that do not fit")
    kind = element.get("TransKind")
    if (strict and kind is None) or (kind is not None and kind != DOCUMENTS[name]):
        raise FieldError("REC302", f"TransKind {DOCUMENTS[name]} in {name}", "another or none")
    _check_document(child(element, "AccDoc"), strict)
    parties: list[Party] = []
    for role, agent, tag in (
        (Role.DEBTOR, Role.DEBTOR_AGENT, "Payer"),
        (Role.CREDITOR, Role.CREDITOR_AGENT, "Payee"),
    ):
        parties.extend(_parties(child(element, tag), role, agent, tag, strict))
    purpose = child(element, "Purpose")
    parties.extend(purpose_party(_text(purpose, "Purpose", PURPOSE_LENGTH_MAX, strict)))
    if not parties:
        raise FieldError("REC205", "a payment with a payer, a payee or a purpose", "none of them")
    kopecks = int(element.get("Sum", "0"))
    author, date, number = element.get("EDAuthor", ""), element.get("EDDate", ""), element.get("EDNo", "")
    return Record(
        record_id=f"{author}-{date}-{number}",
        kind=RecordKind.PAYMENT,
        parties=tuple(parties),
        amount=f"{kopecks // 100}.{kopecks % 100:02d}",
        currency="RUB",
        date=iso_date(date),
        position=place,
        operation=_operation(element),
        operation_side=ClientSide.DEBTOR,
    )


def _operation(element: etree._Element) -> Operation:
    """Read the fields of a payment to the budget; two sets of them contradict each other."""
    fields = children(element, "DepartmentalInfo")
    if not fields:
        return Operation.OTHER
    return budget_operation(
        [item.get("PersonalAcc", "") for item in children(element, "Payee")],
        [item.get("CBC", "") for item in fields], [item.get("DrawerStatus", "") for item in fields],
        income_code=element.get("CodePurpose", ""),
    )  # fmt: skip


def _check_document(document: etree._Element | None, strict: bool) -> None:
    if document is None:
        if strict:
            raise FieldError("REC302", "element AccDoc", "none")
        return
    for attribute, pattern, wanted in (
        ("AccDocNo", _DOCUMENT_NUMBER, "1 to 6 digits, not all zero"),
        ("AccDocDate", _DATE, "YYYY-MM-DD"),
    ):
        value = document.get(attribute)
        if value is None:
            if strict:
                raise FieldError("REC302", f"attribute {attribute}", "none")
        elif not pattern.match(value):
            raise FieldError("REC302", f"{attribute} of {wanted}", f"{len(value)} characters that do not fit")


def _parties(element: etree._Element | None, role: Role, agent: Role, tag: str, strict: bool) -> Iterator[Party]:
    if element is None:
        if strict:
            raise FieldError("REC302", f"element {tag}", "none")
        return
    name = _text(child(element, "Name"), f"{tag}/Name", NAME_LENGTH_MAX, strict)
    identifiers: list[Identifier] = []
    for attribute, pattern, type, wanted in (
        ("INN", _INN, "inn", "1 to 12 letters or digits"),
        ("KPP", _KPP, "kpp", "1 to 9 letters or digits"),
        ("PersonalAcc", _ACCOUNT, "account", "20 digits"),
    ):
        value = element.get(attribute)
        if not value:
            continue
        if not pattern.match(value):
            raise FieldError("REC302", f"{tag}/{attribute} of {wanted}", f"{len(value)} characters that do not fit")
        if value.strip("0"):
            identifiers.append(Identifier(type, value))
    bank = child(element, "Bank")
    bic = bank.get("BIC") if bank is not None else None
    if bic is None:
        if strict:
            raise FieldError("REC302", f"attribute {tag}/Bank/BIC", "none")
    elif not _BIC.match(bic):
        raise FieldError("REC302", f"{tag}/Bank/BIC of 9 digits", f"{len(bic)} characters that do not fit")
    else:
        identifiers.append(Identifier("bic", bic, "RU"))
    yield from field_parties(role, name, kind=Kind.UNKNOWN, identifiers=tuple(identifiers))
    if bank is not None and (bank_name := text_of(bank, "Name")):
        yield from agent_party(agent, bank_name, bic or "")


def _text(element: etree._Element | None, name: str, length_max: int, required: bool) -> str:
    if element is None:
        if required:
            raise FieldError("REC302", f"element {name}", "none")
        return ""
    text = element.text or ""
    if not text.strip() and required:
        raise FieldError("REC302", f"{name} with text", "an empty one")
    if len(text) > length_max:
        raise FieldError("REC302", f"{name} of at most {length_max} characters", str(len(text)))
    return text.strip()


def load_schemas(folder: Path) -> dict[str, etree.XMLSchema]:
    """Compile the official schemas of a folder.

    A file belongs to the document whose element it declares at its top level, whatever the file is called, so that
    the XSD files of any edition can be put there as the Bank of Russia publishes them. Files that a schema imports must
    lie in the same folder.

    Args:
        folder: Folder with `.xsd` files; other files are ignored.

    Returns:
        Document name (`ED101`, …) -> schema; empty if the folder has no `.xsd` file.

    Raises:
        RecordError: REC110 no such folder, too many files, a schema that does not compile, or files of which none
            declares a document that is read here.
    """
    if not folder.is_dir():
        raise RecordError("REC110", expected="a folder with XSD files", got="no such folder", where=str(folder.name))
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".xsd")
    if len(files) > XSD_COUNT_MAX:
        raise RecordError("REC110", expected=f"at most {XSD_COUNT_MAX} XSD files", got=str(len(files)))
    schemas: dict[str, etree.XMLSchema] = {}
    for path in files:
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            tree = etree.parse(str(path), parser)
            declared = {item.get("name", "") for item in tree.getroot() if str(item.tag).endswith("XMLSchema}element")}
            found = [name for name in DOCUMENTS if name in declared]
            if found:
                schema = etree.XMLSchema(tree)
                schemas.update(dict.fromkeys(found, schema))
        except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError) as error:
            raise RecordError(
                "REC110", expected="an XSD file that compiles with the files beside it", got=str(error)[:300],
                where=path.name, todo="put all files of the edition into one folder",
            ) from None  # fmt: skip
    if files and not schemas:
        raise RecordError(
            "REC110", expected=f"a schema of {', '.join(DOCUMENTS)}", got=f"{len(files)} XSD files without one",
            where=str(folder.name),
        )  # fmt: skip
    return schemas
