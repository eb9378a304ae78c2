"""RU-TE as XML 2.x: the Russian list of organisations and persons involved in extremism or terrorism.

Root `Перечень`. Only `АктуальныйПеречень` is the list; `ПоследниеВключенные` and `ПоследниеИсключенные` tell what
changed and are counted, not yielded: an excluded subject is no longer listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from sito.entries import Entry
from sito.lists.dates import iso_date
from sito.lists.source import Facts, Source, child_text, local, xml_records
from sito.lists.subjects import Intake, full_text, read_subject, xml_root

FORMAT = "rosfin-xml"
LIST_ID = "RU-TE"

_INCLUDED, _EXCLUDED = "ПоследниеВключенные", "ПоследниеИсключенные"
_TAGS = frozenset(("Субъект", "ВклИсклСубъект"))
_HEADERS = frozenset(("ВерсияФормата", "ДатаПеречня", "ДатаПредыдущегоПеречня"))


def detect(head: bytes, name: str) -> str | None:
    """Recognise the root element; see `sito.lists.source` for the protocol."""
    return LIST_ID if xml_root(head) == "Перечень" else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the current subjects.

    Raises:
        ListError: LST110 to LST113 for XML that is broken or refused.
    """
    intake = Intake(source, facts)
    changed: dict[str, set[str]] = {_INCLUDED: set(), _EXCLUDED: set()}
    counts = {_INCLUDED: 0, _EXCLUDED: 0}
    current: set[str] = set()
    for element in xml_records(source, _TAGS, headers=_HEADERS):
        tag = local(element)
        if tag in _HEADERS:
            _header(tag, full_text(element), facts)
        elif tag in _TAGS:
            section = next((local(one) for one in element.iterancestors() if local(one) in counts), "")
            if section:
                counts[section] += 1
                changed[section].add(child_text(element, "ИдСубъекта"))
                continue
            draft = read_subject(element)
            current.add(draft.entry_id)
            yield from intake.take(draft)
    intake.finish()
    if counts[_INCLUDED] or counts[_EXCLUDED]:
        facts.warnings.append(
            f"the file also names {counts[_INCLUDED]} subjects as newly included and {counts[_EXCLUDED]} as newly"
            " excluded; these sections are not part of the list"
        )
    missing = len(changed[_INCLUDED] - current - {""})
    if missing:
        facts.warnings.append(f"{missing} subjects named as newly included are absent from the current list")
    left = len((changed[_EXCLUDED] & current) - {""})
    if left:
        facts.warnings.append(f"{left} subjects named as newly excluded still stand in the current list")


def _header(tag: str, text: str, facts: Facts) -> None:
    if tag == "ВерсияФормата":
        # 2.0 was seen in files and 2.1 in the names of service methods; another major version may mean other tags.
        if text and not text.startswith("2"):
            facts.warnings.append(f"format version {text[:20]} is not one this reader was made for (2.x)")
    elif tag == "ДатаПеречня":
        facts.edition_date = iso_date(text)
    else:
        facts.previous_date = iso_date(text)
