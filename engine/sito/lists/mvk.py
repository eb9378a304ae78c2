"""RU-MVK as XML: decisions of the inter-agency commission to freeze.

Root `СписокРешений`; subjects sit inside decisions, and one subject may sit in several: it is one entry with several
grounds. The code values of `ТипРешения` and `ВидРешения` are not public, so a decision whose words speak of
cancelling is not dropped: its subjects are yielded, marked in `raw` under `Решение/отмена`, and counted in a warning.
A person decides whether they are still frozen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from sito.entries import Entry
from sito.lists.dates import iso_date
from sito.lists.source import Facts, Source, children, local, xml_records
from sito.lists.subjects import Draft, Intake, JoinedDrafts, add, full_text, keep_raw, named, read_subject, xml_root

FORMAT = "mvk-xml"
LIST_ID = "RU-MVK"

_TAGS = frozenset(("Решение",))
_HEADERS = frozenset(("ДатаСписка", "ДатаПредыдущегоСписка"))
_CANCEL = re.compile(r"отмен|прекра[тщ]|исключ|размор|разблок|снят|утрат", re.IGNORECASE)
_KNOWN = frozenset(("ТипРешения", "НомерРешения", "ДатаРешения", "Орган", "ВидРешения", "СписокСубъектов", "Субъект"))


def detect(head: bytes, name: str) -> str | None:
    """Recognise the root element; see `sito.lists.source` for the protocol."""
    return LIST_ID if xml_root(head) == "СписокРешений" else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield each subject once, with all decisions about it; the whole list is held in memory, it is small.

    Raises:
        ListError: LST110 to LST113 for XML that is broken or refused.
    """
    intake = Intake(source, facts)
    drafts = JoinedDrafts()
    cancelled = empty = 0
    for element in xml_records(source, _TAGS, headers=_HEADERS):
        tag = local(element)
        if tag == "ДатаСписка":
            facts.edition_date = iso_date(full_text(element))
        elif tag == "ДатаПредыдущегоСписка":
            facts.previous_date = iso_date(full_text(element))
        elif tag in _TAGS:
            subjects = [one for one in element.iter() if isinstance(one.tag, str) and local(one) == "Субъект"]
            empty += not subjects
            for subject in subjects:
                draft = _decided(element, subject)
                cancelled += any(path == "Решение/отмена" for path, _ in draft.raw)
                drafts.add(draft)
    for draft in drafts:
        yield from intake.take(draft)
    intake.finish()
    if cancelled:
        facts.warnings.append(
            f"{cancelled} subjects stand in decisions whose words speak of cancelling; they are still in the index"
        )
    if empty:
        facts.warnings.append(f"{empty} decisions name no subject")


def _decided(decision: etree._Element, subject: etree._Element) -> Draft:
    """Read a subject together with the decision around it."""
    draft = read_subject(subject)
    words = dict.fromkeys(_KNOWN, "")
    for child in decision:
        name = local(child)
        if name in ("ТипРешения", "ВидРешения"):
            words[name] = named(child)
            codes = children(child, "Идентификатор")
            if codes and full_text(codes[0]):
                draft.raw.append((f"Решение/{name}/Идентификатор", full_text(codes[0])))
        elif name not in _KNOWN:
            keep_raw(draft, child, f"Решение/{name}")
        elif name not in ("СписокСубъектов", "Субъект"):
            words[name] = full_text(child)
    day = iso_date(words["ДатаРешения"]) or words["ДатаРешения"]
    parts = [
        words["ТипРешения"],
        f"№ {words['НомерРешения']}" if words["НомерРешения"] else "",
        f"от {day}" if day else "",
    ]
    ground = ", ".join(
        text for text in (" ".join(part for part in parts if part), words["Орган"], words["ВидРешения"]) if text
    )
    add(draft.programmes, ground)
    texts = [text for path, text in draft.raw if path == "РешениеПоСубъекту"]
    draft.raw = [pair for pair in draft.raw if pair[0] != "РешениеПоСубъекту"]
    for text in texts:
        add(draft.remarks, text)
    doubt = next((t for t in (words["ТипРешения"], words["ВидРешения"], *texts) if _CANCEL.search(t)), "")
    if doubt:
        draft.raw.append(("Решение/отмена", f"{doubt} ({ground})" if ground != doubt else doubt))
    draft.add_day(draft.changed_on if doubt else draft.listed_on, words["ДатаРешения"], "Решение/ДатаРешения")
    return draft
