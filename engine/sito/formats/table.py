"""Rows with named columns to records: the common half of CSV, JSON Lines and Parquet.

`RowConverter` is made once from the header and then turns rows (lists of cells) into records. It holds no file
and can be pickled, so that a main process splits rows while worker processes convert them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from sito.entries import Identifier, Kind
from sito.errors import RecordError
from sito.formats.base import (
    ALIAS_COUNT_MAX,
    COLUMN_COUNT_MAX,
    TEXT_LENGTH_MAX,
    VALUE_LENGTH_MAX,
    FieldError,
    birth_date,
    check_text,
    check_value,
    currency_code,
    decimal_amount,
    fact,
    identifier,
    iso_date,
    party_kind,
    reject,
)
from sito.formats.noise import is_clean
from sito.formats.parties import agent_party, field_parties
from sito.records import ClientSide, Occasion, Operation, Party, Record, RecordKind, Reject, Role

CUSTOMER_REQUIRED = ("name",)
PAYMENT_REQUIRED = ("purpose",)
CUSTOMER_COLUMNS = ("id", "name", "birth_date", "inn", "kind")
OPERATION = "operation"
OPERATION_UNREAD = (OPERATION,)  # `Record.unread` of a payment whose word for its operation is not known
UNKNOWN_WORD = "?"  # stands for a value of a file that is no word at all
# What a record may say of itself beside its parties; no hit depends on it, its verdict does.
PAYMENT_FACTS = ("client_side", OPERATION, "client_id")
CUSTOMER_FACTS = ("occasion",)
PAYMENT_COLUMNS = ("id", "debtor_name", "creditor_name", "purpose", "amount", "currency", "date")

# Column -> identifier type. A client base's `document` is the identity document, as a rule the passport.
CUSTOMER_IDENTIFIERS = {
    "inn": "inn",
    "ogrn": "ogrn",
    "snils": "snils",
    "document": "passport",
    "passport": "passport",
    "account": "account",
    "phone": "phone",
    "lei": "lei",
    "bic": "bic",
    "imo": "imo",
}
PARTY_ROLES = (
    Role.DEBTOR,
    Role.CREDITOR,
    Role.ULTIMATE_DEBTOR,
    Role.ULTIMATE_CREDITOR,
    Role.INITIATING_PARTY,
)
AGENT_ROLES = (
    Role.DEBTOR_AGENT,
    Role.CREDITOR_AGENT,
    Role.INTERMEDIARY_AGENT,
    Role.INSTRUCTING_AGENT,
    Role.INSTRUCTED_AGENT,
)
PARTY_IDENTIFIERS = {"inn": "inn", "ogrn": "ogrn", "account": "account", "bic": "bic", "lei": "lei"}

CLIENT_SIDES: dict[str, ClientSide] = {"": ClientSide.UNKNOWN} | {side.value: side for side in ClientSide}
OPERATIONS: dict[str, Operation] = {"": Operation.OTHER} | {operation.value: operation for operation in Operation}
OCCASIONS: dict[str, Occasion | None] = {"": None} | {
    occasion.value: occasion for occasion in Occasion if occasion is not Occasion.PAYMENT
}

_CUSTOMER_ONLY = {*CUSTOMER_COLUMNS, *CUSTOMER_IDENTIFIERS, "country", "address", "aliases"} - {"id"}
_PAYMENT_ONLY = (
    {*PAYMENT_COLUMNS}
    | {f"{role}_{part}" for role in PARTY_ROLES for part in ("name", "birth_date", "country", "address", "kind")}
    | {f"{role}_{part}" for role in PARTY_ROLES for part in PARTY_IDENTIFIERS}
    | {f"{role}_{part}" for role in AGENT_ROLES for part in ("name", "bic")}
) - {"id"}
KNOWN_COLUMNS = frozenset({"id", *PAYMENT_FACTS, *CUSTOMER_FACTS} | _CUSTOMER_ONLY | _PAYMENT_ONLY)
# Columns that alone say "payment": the others (`amount`, `date`) may stand in a client base as well.
_PAYMENT_MARKS = frozenset(column for column in _PAYMENT_ONLY if column not in {"amount", "currency", "date"})


def column_name(cell: str) -> str:
    """Return a header cell as a column name: lower case, blanks and hyphens as underscores."""
    return cell.strip().strip("\ufeff").lower().replace(" ", "_").replace("-", "_")


class RowConverter:
    """Turns rows of one header into records.

    Which kind the rows are is decided by the header: a `name` column makes customers, a `purpose` or party column
    makes payments. Columns that are not known are ignored.

    Attributes:
        columns: Column names as `column_name` gives them, in the order of the cells.
        kind: Payment or customer.

    Args:
        header: The header cells.
        where: Name of the file for errors.
        delimiter: For the raw text of a refused row.

    Raises:
        RecordError: REC104 required columns are missing; REC105 a column stands twice, or the header has columns of
            both kinds; REC111 too many columns.
    """

    def __init__(self, header: Sequence[str], *, where: str = "", delimiter: str = ",") -> None:
        if len(header) > COLUMN_COUNT_MAX:
            raise RecordError(
                "REC111", expected=f"at most {COLUMN_COUNT_MAX} columns", got=str(len(header)), where=where
            )
        self.columns = tuple(map(column_name, header))
        self.delimiter = delimiter
        self._count = len(self.columns)
        at: dict[str, int] = {}
        for position, column in enumerate(self.columns):
            if column in at and column in KNOWN_COLUMNS:
                raise RecordError(
                    "REC105", expected="each column once", got=f"column {column} twice", where=where,
                    todo="rename or remove one of them",
                )  # fmt: skip
            at.setdefault(column, position)
        self.kind = self._kind_of(at, where)
        self._id = at.get("id", -1)
        self._amount = at.get("amount", -1)
        self._currency = at.get("currency", -1)
        self._date = at.get("date", -1)
        self._purpose = at.get("purpose", -1)
        self._birth_date = at.get("birth_date", -1)
        self._kind = at.get("kind", -1)
        self._country = at.get("country", -1)
        self._address = at.get("address", -1)
        self._aliases = at.get("aliases", -1)
        self._name = at.get("name", -1)
        self._client_side = at.get("client_side", -1)
        self._operation = at.get(OPERATION, -1)
        self._client_id = at.get("client_id", -1)
        self._occasion = at.get("occasion", -1)
        self._identifiers = tuple((at[name], type) for name, type in CUSTOMER_IDENTIFIERS.items() if name in at)
        # (role, column of the name, (attribute, column)…): most files have no attributes at all.
        self._parties = tuple(
            (role, at[f"{role}_name"], tuple((part, at[f"{role}_{part}"]) for part in
             (*PARTY_IDENTIFIERS, "birth_date", "country", "address", "kind") if f"{role}_{part}" in at))
            for role in PARTY_ROLES if f"{role}_name" in at
        )  # fmt: skip
        self._agents = tuple(
            (role, at.get(f"{role}_name", -1), at.get(f"{role}_bic", -1))
            for role in AGENT_ROLES
            if f"{role}_name" in at or f"{role}_bic" in at
        )

    def _kind_of(self, at: dict[str, int], where: str) -> RecordKind:
        got = ", ".join(self._shown())
        payment = not _PAYMENT_MARKS.isdisjoint(at)
        if payment and "name" in at:
            raise RecordError(
                "REC105", expected="columns of customers (name) or of payments (purpose, debtor_name, …)",
                got=f"both: {got}", where=where, todo="split the file or rename the column `name`",
            )  # fmt: skip
        required = PAYMENT_REQUIRED if payment else CUSTOMER_REQUIRED
        missing = [column for column in required if column not in at]
        if missing:
            raise RecordError(
                "REC104",
                expected=f"columns {','.join(CUSTOMER_COLUMNS)} (customers; name is required) or "
                f"{','.join(PAYMENT_COLUMNS)} (payments; purpose is required)",
                got=f"columns {got or 'without names'}; missing {', '.join(missing)}",
                where=where,
                todo="name the columns in the first row",
            )
        return RecordKind.PAYMENT if payment else RecordKind.CUSTOMER

    def _shown(self) -> list[str]:
        # A file without a header shows its first customer here: only what looks like a column name is printed.
        return [
            column if column in KNOWN_COLUMNS or (column.isidentifier() and column.isascii() and len(column) <= 40)
            else f"<column {position}>"
            for position, column in enumerate(self.columns[:50], 1)
        ]  # fmt: skip

    def record(self, row: Sequence[str], number: int) -> Record | Reject:
        """Turn one row into a record.

        Args:
            row: The cells, one per column; without NUL and lone surrogates.
            number: Row number from 1, not counting the header.

        Returns:
            The record, or a `Reject` (REC200–REC216) with the row as raw text.
        """
        try:
            if len(row) != self._count:
                raise FieldError("REC200", f"{self._count} columns", str(len(row)))
            return self._payment(row, number) if self.kind is RecordKind.PAYMENT else self._customer(row, number)
        except FieldError as error:
            return reject(f"row {number}", error, self.raw(row))

    def raw(self, row: Sequence[str]) -> str:
        """Write a row back as one line of text, as it is kept in a `Reject`."""
        buffer = io.StringIO()
        cells = [cell[:VALUE_LENGTH_MAX] for cell in row[:COLUMN_COUNT_MAX]]
        csv.writer(buffer, delimiter=self.delimiter, lineterminator="").writerow(cells)
        return buffer.getvalue()

    def _payment(self, row: Sequence[str], number: int) -> Record:
        parties: list[Party] = []
        for role, at, extras in self._parties:
            text = row[at]
            if text:
                if extras:
                    parties.extend(self._party(role, text, row, extras))
                elif len(text) < 1000 and is_clean(text):
                    parties.append(Party(role, text))
                else:
                    parties.extend(field_parties(role, text))
        for role, name_at, bic_at in self._agents:
            parties.extend(agent_party(role, row[name_at] if name_at >= 0 else "", row[bic_at] if bic_at >= 0 else ""))
        purpose = row[self._purpose].strip()
        if purpose:
            if len(purpose) > TEXT_LENGTH_MAX:
                check_text(purpose)
            parties.append(Party(Role.PURPOSE, purpose))
        if not parties:
            raise FieldError("REC205", "a payment with a debtor, a creditor or a purpose", "none of them")
        position = f"row {number}"
        record_id = row[self._id].strip() if self._id >= 0 else ""
        if len(record_id) > VALUE_LENGTH_MAX:
            check_value(record_id)
        amount = row[self._amount].strip() if self._amount >= 0 else ""
        currency = row[self._currency].strip() if self._currency >= 0 else ""
        date = row[self._date].strip() if self._date >= 0 else ""
        # The word stands in exports for many a thing, and `OTHER` is what is known of a payment of which nothing is
        # said: an unknown word costs no record, and is told of.
        client_id = row[self._client_id].strip() if self._client_id >= 0 else ""
        if len(client_id) > VALUE_LENGTH_MAX:
            check_value(client_id)
        operation = OPERATIONS.get(row[self._operation].strip().lower()) if self._operation >= 0 else Operation.OTHER
        return Record(
            record_id or position,
            RecordKind.PAYMENT,
            tuple(parties),
            decimal_amount(amount) if amount else "",
            currency_code(currency) if currency else "",
            iso_date(date) if date else "",
            position,
            fact(row[self._client_side], "client_side", CLIENT_SIDES) if self._client_side >= 0 else ClientSide.UNKNOWN,
            Operation.OTHER if operation is None else operation,
            unread=OPERATION_UNREAD if operation is None else (),
            client_id=client_id,
        )

    def _party(
        self, role: Role, text: str, row: Sequence[str], extras: tuple[tuple[str, int], ...]
    ) -> tuple[Party, ...]:
        identifiers: list[Identifier] = []
        kind = Kind.UNKNOWN
        born = country = address = ""
        for part, at in extras:
            cell = row[at].strip()
            if not cell:
                continue
            if part in PARTY_IDENTIFIERS:
                identifiers.append(identifier(PARTY_IDENTIFIERS[part], cell))
            elif part == "birth_date":
                born = birth_date(cell)
            elif part == "kind":
                kind = party_kind(cell)
            elif part == "country":
                check_value(cell)
                country = cell
            else:
                check_text(cell)
                address = cell
        return field_parties(
            role, text, kind=kind, birth_date=born, identifiers=tuple(identifiers), country=country, address=address
        )

    def _customer(self, row: Sequence[str], number: int) -> Record:
        name = row[self._name].strip()
        if not name:
            raise FieldError("REC204", "a customer with a name", "an empty name")
        identifiers: tuple[Identifier, ...] = ()
        for at, type in self._identifiers:
            if number_text := row[at].strip():
                identifiers += (identifier(type, number_text),)
        born = row[self._birth_date].strip() if self._birth_date >= 0 else ""
        kind = row[self._kind] if self._kind >= 0 else ""
        country = row[self._country].strip() if self._country >= 0 else ""
        check_value(country)
        address = row[self._address].strip() if self._address >= 0 else ""
        check_text(address)
        aliases: tuple[str, ...] = ()
        if self._aliases >= 0 and (joined := row[self._aliases].strip()):
            check_text(joined)
            aliases = tuple(alias for part in joined.split(";") if (alias := part.strip()))
            if len(aliases) > ALIAS_COUNT_MAX:
                raise FieldError("REC216", f"at most {ALIAS_COUNT_MAX} aliases", str(len(aliases)))
        parties = field_parties(
            Role.CUSTOMER,
            name,
            kind=party_kind(kind) if kind else Kind.UNKNOWN,
            birth_date=birth_date(born) if born else "",
            identifiers=identifiers,
            country=country,
            address=address,
            aliases=aliases,
        )
        position = f"row {number}"
        record_id = row[self._id].strip() if self._id >= 0 else ""
        check_value(record_id)
        occasion = fact(row[self._occasion], "occasion", OCCASIONS) if self._occasion >= 0 else None
        return Record(record_id or position, RecordKind.CUSTOMER, parties, position=position, occasion=occasion)
