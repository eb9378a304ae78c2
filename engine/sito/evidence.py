"""Why a hit is a hit: what aligned, what spoke for it, what against.

The name part is computed by the kernel that gave the score; here it is put into words, and birth date, numbers and kind
are weighed on top. Nothing here searches.
"""

from __future__ import annotations

import datetime
import re

import msgspec

from sito.entries import BirthDate, Entry, Kind, ListEdition, Name
from sito.index import Index
from sito.names.align import Rule
from sito.records import Party, Role

GRADE_STRONG_MIN = 0.95
GRADE_MEDIUM_MIN = 0.88
GRADE_EXACT_NAME_MIN = 0.98
IDENTIFIER_SCORE = 0.99
BIRTH_DATE_AGAINST = 0.15
KIND_AGAINST = 0.10
IDENTIFIER_AGAINST = 0.10
RULE_WORDS = {
    Rule.SAME: "same letters",
    Rule.SAME_KEY: "another spelling of the same word",
    Rule.SIMILAR: "similar",
    Rule.INITIAL: "initial",
}
ISO_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[ T].{0,40})?)?)?")
UNIQUE_TYPES = frozenset({"inn", "ogrn", "snils"})  # one subject has one, so that another one speaks against


class Alignment(msgspec.Struct, frozen=True):
    """A word of the text and its partner in the listed name; `query` is empty where the name word found none."""

    query: str
    name: str
    similarity: float
    rule: str


class Explanation(msgspec.Struct, frozen=True):
    """All that speaks for and against one hit."""

    role: Role
    entry: Entry
    edition: ListEdition
    name: Name | None
    score: float
    grade: str
    query_tokens: tuple[str, ...]
    name_tokens: tuple[str, ...]
    alignments: tuple[Alignment, ...]
    evidence_for: tuple[str, ...]
    evidence_against: tuple[str, ...]

    def reasons(self) -> tuple[str, ...]:
        """Return everything as short sentences, what speaks against last."""
        return (
            tuple(
                f"{a.query} = {a.name}: {a.rule}"
                + (f" {a.similarity:.2f}" if a.rule == RULE_WORDS[Rule.SIMILAR] else "")
                for a in self.alignments
                if a.query
            )
            + self.evidence_for
            + tuple(f"against: {text}" for text in self.evidence_against)
        )


def explain(
    index: Index, party: Party, text: str, position: int, *, name: int = -1, words: tuple[int, int] = (0, 0),
    free_text: bool = False, score: float = 0.0, identifiers: tuple[int, ...] = (),
) -> Explanation:  # fmt: skip
    """Put one hit into words and weigh what else is known of the two sides.

    Args:
        index: Where the hit was found.
        party: What was screened.
        text: The text of the party in which the name was found.
        position: Of the entry in the index.
        name: Number of the listed name in the index, -1 if only identifiers were found.
        words: Half-open range of text words that were compared.
        free_text: Was the text searched as free text?
        score: Of the name, from the kernel; 0 without a name.
        identifiers: Numbers of the entry's identifiers in the index that were found.
    """
    entry = index.entry(position)
    pro: list[str] = []
    contra: list[str] = []
    alignments: list[Alignment] = []
    query_tokens: tuple[str, ...] = ()
    name_tokens: tuple[str, ...] = ()
    listed: Name | None = None
    if name >= 0:
        listed = entry.names[index.name_of(position, name)]
        data = text.encode("utf-8", "surrogatepass")
        _, spans, listed_words, pairs = index.matcher.explain(data, *words, name, free_text)
        query_tokens = tuple(data[start:end].decode("utf-8", "replace") for start, end, _, _ in spans)
        name_tokens = tuple(plain for plain, _ in listed_words)
        for (plain, _), (query, rule, similarity, _) in zip(listed_words, pairs, strict=True):
            alignments.append(
                Alignment(query_tokens[query] if query >= 0 else "", plain, similarity, RULE_WORDS.get(Rule(rule), ""))
            )
        partners = {i for query, _, _, span in pairs for i in range(query, query + span)}
        missing = [plain for (plain, weight), pair in zip(listed_words, pairs, strict=True) if pair[0] < 0]
        if missing:
            contra.append("not in the text: " + " ".join(missing))
        if not free_text:
            extra = [token for i, token in enumerate(query_tokens) if i not in partners]
            if extra:
                contra.append("not in the listed name: " + " ".join(extra))
    found = [entry.identifiers[index.identifier_of(position, identifier)] for identifier in identifiers]
    if found:
        score = max(score, IDENTIFIER_SCORE)
        pro += [f"{identifier.type} {identifier.number} is the same" for identifier in found]
    date_agrees = _weigh_birth_date(party.birth_date, entry.birth_dates, pro, contra)
    cost = BIRTH_DATE_AGAINST if date_agrees is False else 0.0
    if party.kind not in (Kind.UNKNOWN, entry.kind) and entry.kind not in (Kind.UNKNOWN, Kind.OTHER):
        contra.append(f"the party is a {party.kind.value}, the entry a {entry.kind.value}")
        cost += KIND_AGAINST
    for kind in sorted(UNIQUE_TYPES):
        ours = {_bare(i.number) for i in party.identifiers if i.type == kind}
        theirs = {_bare(i.number) for i in entry.identifiers if i.type == kind}
        if ours and theirs and not ours & theirs:
            contra.append(f"another {kind}")
            cost += IDENTIFIER_AGAINST
    if party.country and entry.countries:
        same = party.country.casefold() in {country.casefold() for country in entry.countries}
        (pro if same else contra).append(f"country {party.country} {'is listed too' if same else 'is not listed'}")
    if not found:
        score = max(0.0, score - cost)
    score = round(score, 4)
    grade = "weak"
    if found or (date_agrees and score >= GRADE_EXACT_NAME_MIN and not cost):
        grade = "exact"
    elif score >= GRADE_STRONG_MIN:
        grade = "strong"
    elif score >= GRADE_MEDIUM_MIN:
        grade = "medium"
    return Explanation(
        party.role, entry, index.edition(position), listed, score, grade, query_tokens, name_tokens, tuple(alignments),
        tuple(pro), tuple(contra),
    )  # fmt: skip


def _bare(number: str) -> str:
    return "".join(character for character in number if character.isalnum()).casefold()


def _weigh_birth_date(date: str, listed: tuple[BirthDate, ...], pro: list[str], contra: list[str]) -> bool | None:
    """Compare a birth date with all listed ones: True if a full date is equal, False if all contradict, else None."""
    if not date or not listed:
        return None
    date = iso(date)
    if not date:
        contra.append("the birth date of the party cannot be read and was not compared")
        return None
    if any(date == birth.start == birth.end and not birth.circa for birth in listed):
        pro.append(f"born on {date} is the same")
        return True
    start, end = span(date)
    near = [birth for birth in listed if start <= _wide(birth)[1] and end >= _wide(birth)[0]]
    if near:
        pro.append(f"born {date} fits {near[0].start}" + (f" to {near[0].end}" if near[0].end != near[0].start else ""))
        return None
    contra.append(f"born {date}, listed " + ", ".join(sorted({birth.start for birth in listed})[:3]))
    return False


def iso(date: str) -> str:
    """Return the `YYYY`, `YYYY-MM` or `YYYY-MM-DD` at the start of a text, empty if there is none.

    Readers hand over nothing else, but records and Arrow columns made by others do: a time of day after the date, zeros
    for what is unknown, another notation. A date that cannot be read must not speak against a hit.
    """
    found = ISO_DATE.fullmatch(date.strip())
    if not found:
        return ""
    year, month, day = found.group(1), found.group(2) or "00", found.group(3) or "00"
    if month == "00":
        return year if day == "00" else ""
    try:
        datetime.date(int(year), int(month), int(day) or 1)
    except ValueError:
        return ""
    return f"{year}-{month}" if day == "00" else f"{year}-{month}-{day}"


def span(date: str) -> tuple[str, str]:
    """Return the first and last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; days compare as text."""
    return (date + "-01-01"[len(date) - 4 :], date + "-12-31"[len(date) - 4 :]) if 4 <= len(date) < 10 else (date, date)


def _wide(birth: BirthDate) -> tuple[str, str]:
    """Return the days a listed date may mean: an approximate one two years either way."""
    if not birth.circa:
        return birth.start, birth.end
    return f"{int(birth.start[:4]) - 2:04d}{birth.start[4:]}", f"{int(birth.end[:4]) + 2:04d}{birth.end[4:]}"
