"""What is handed over: a message in a file of its own, with its signature and the powers of whoever signed."""

from __future__ import annotations

import msgspec


class Power(msgspec.Struct, frozen=True):
    """A machine-readable power of attorney: the names of its files are `name` and `name.sig`."""

    name: str
    data: bytes
    signature: bytes


class Parcel(msgspec.Struct, frozen=True):
    """One message on its way.

    Attributes:
        parcel_id: Of this very attempt, as `fes-12-5f0c`: letters, digits and hyphens.
        file_name: As the format wants it. xml, signature: Bytes of the two files.
        portal_ids: What the other side has called messages with this record number before: none of them is this one.
        known_record: Record number of another message that the other side has: a search that works finds it.
    """

    parcel_id: str
    file_name: str
    record_number: str
    xml: bytes
    signature: bytes
    powers: tuple[Power, ...] = ()
    portal_ids: tuple[str, ...] = ()
    known_record: str = ""
