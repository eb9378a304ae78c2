"""RU-OMU as XML: the former Russian list of persons involved in the spread of weapons of mass destruction.

Root `СписокОМУ`. The list was taken over by the UN lists of the same service; the reader is for archives.
"""

from __future__ import annotations

from collections.abc import Iterator

from sito.entries import Entry
from sito.lists.dates import iso_date
from sito.lists.source import Facts, Source, local, xml_records
from sito.lists.subjects import Intake, full_text, read_subject, xml_root

FORMAT = "omu-xml"
LIST_ID = "RU-OMU"

_TAGS = frozenset(("Субъект",))
_HEADERS = frozenset(("ДатаСписка", "ДатаПредыдущегоСписка"))


def detect(head: bytes, name: str) -> str | None:
    """Recognise the root element; see `sito.lists.source` for the protocol."""
    return LIST_ID if xml_root(head) == "СписокОМУ" else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the subjects.

    Raises:
        ListError: LST110 to LST113 for XML that is broken or refused.
    """
    intake = Intake(source, facts)
    for element in xml_records(source, _TAGS, headers=_HEADERS):
        tag = local(element)
        if tag == "ДатаСписка":
            facts.edition_date = iso_date(full_text(element))
        elif tag == "ДатаПредыдущегоСписка":
            facts.previous_date = iso_date(full_text(element))
        elif tag in _TAGS:
            yield from intake.take(read_subject(element))
    intake.finish()
