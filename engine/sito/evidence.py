"""Why a hit is a hit: what aligned, what spoke for it, what against, and what each of it cost.

The name part is computed by the kernel that gave the score; here it is put into words, and birth date, numbers, kind,
country and gender are weighed on top. Nothing here searches, and nothing here runs for a record without hits.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec

from sito.delta import AnyIndex
from sito.entries import BirthDate, Entry, Gist, GistName, Identifier, Kind, ListEdition, Name
from sito.numbers import Standing, bare, standing
from sito.phrases import FIELD_LENGTH_MIN, FREE_TEXT_DIGITS_MIN, telling
from sito.records import Party, Role
from sito.said import AGAINST_WORDS, Alignment, Said, said, wording
from sito_ext.readings import joined, layout
from sito_ext.said import Window

PERSON, OTHER, UNKNOWN = Kind.PERSON, Kind.OTHER, Kind.UNKNOWN
GRADES = ("exact", "strong", "medium", "weak")
GRADE_STRONG_MIN = 0.95
GRADE_MEDIUM_MIN = 0.88
GRADE_EXACT_NAME_MIN = 0.98
IDENTIFIER_SCORE = 0.99
IDENTIFIER_UNSURE_SCORE = 0.90  # a short number that may mean something else
BIRTH_DATE_AGAINST = 0.15
BIRTH_DATE_NEAR_AGAINST = 0.06
KIND_AGAINST = 0.10
IDENTIFIER_AGAINST = 0.10
GENDER_AGAINST = 0.05
COUNTRY_AGAINST = 0.02
READING_JOINED, READING_LAYOUT = 1, 2
READING_WORDS = {
    0: "",
    READING_JOINED: "the text was read with its letters joined or in another spelling",
    READING_LAYOUT: "the text was read in the other keyboard layout",
}
ISO_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[ T].{0,40})?)?)?")
FULL_DATE_LENGTH = 10
UNIQUE_LENGTHS = {"inn": (10, 12), "ogrn": (13,), "snils": (11,), "lei": (20,), "imo": (7,)}  # one subject has one
# Types that say exactly what a number is: two different ones are two different numbers, whatever their digits.
SPECIFIC_TYPES = frozenset(
    {"inn", "ogrn", "snils", "passport", "imo", "mmsi", "lei", "bic", "wallet", "iban", "account", "kpp", "phone"}
)
_DIGIT = re.compile(r"[0-9]")
IMO_WORD = r"(?:imo|имо)"
DIGEST_SHOWN = 12  # hexadecimal digits of a file that stand for an edition without a date
NAME_CACHE_SIZE, SCORE_CACHE_SIZE = 1 << 12, 1 << 10
BESIDE_MAX = 64  # identifiers of one entry that are looked for beside its name
_DECLINED_MALE, _DECLINED_FEMALE = "(?:а|у|ем|е|a|u|em|e)?", "(?:а|ы|е|у|ой|a|y|e|u|oy|oi)"
# Patronymics only: a surname that ends in -ova is a woman's, or the genitive of a man's.
_MALE = re.compile(
    rf"(?:[оеё]вич|^(?:иль|кузьм|лук|фом|никит|сав)ич|[oe]vi(?:ch|c|č|tch|tsch)){_DECLINED_MALE}$|^(?:огл[ыу]|уулу|угли|o[gğ]l[uyi]|uulu|u[gğ]li)$"
)
_FEMALE = re.compile(rf"(?:[оеё]вн|ичн|(?:[oe]v|ich)n){_DECLINED_FEMALE}$|^(?:[кг]ызы|[kgq][yiı]z[yiı])$")
PATRONYMIC_WORDS_MIN = 3


class Fit(IntEnum):
    """How two birth dates go together, the best first."""

    SAME = 0  # two equal full dates
    FITS = 1  # one is known less exactly, and the other lies within
    SWAPPED = 2  # day and month changed places
    NEAR = 3  # a slip of one digit, or a year next door
    OTHER = 4


class Explanation(msgspec.Struct, frozen=True):
    """All that speaks for and against one hit.

    Attributes:
        name: The listed name that was compared, with its quality; None if only a number was found.
        name_score: Similarity of the name alone, from the kernel; 0 without a name.
        score: `name_score` less the sum of `costs`, not below 0; by an equal number at least its score, which nothing
            lowers. Four decimals.
        grade: exact, strong, medium or weak.
        evidence_for, evidence_against: Short sentences.
        costs: What each sentence of `evidence_against` takes off the score; those about words stand in `name_score`
            already and cost 0.
        identifiers: The listed numbers that were found.
        reading: How the text was read, empty if as it is written.
    """

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
    costs: tuple[float, ...] = ()
    name_score: float = 0.0
    identifiers: tuple[Identifier, ...] = ()
    reading: str = ""

    def reasons(self) -> tuple[str, ...]:
        """Return everything as short sentences, what speaks against last."""
        told = [one.sentence() for one in self.alignments if one.query]
        if self.reading:
            told.append(self.reading)
        told += self.evidence_for
        told += [AGAINST_WORDS + text for text in self.evidence_against]
        return tuple(told)


class Hit(msgspec.Struct, frozen=True, gc=False):
    """One (party, entry) pair.

    Attributes:
        name: The listed name that matched as the list prints it; the primary one if only a number matched.
        score: Similarity in [0, 1] after weighing the evidence, four decimals.
        grade: exact, strong, medium or weak.
        reasons: Short sentences, what speaks against last.
        position: Of the entry in the index.
        quality: How far the list trusts that name, a word of `NameQuality`.
        edition: Edition of the list: its date, else the beginning of the SHA-256 of its file.
        entry_fingerprint: Only where the config asks for fingerprints.
    """

    entry_id: str
    list_id: str
    name: str
    score: float
    grade: str
    reasons: tuple[str, ...]
    position: int
    quality: str = ""
    edition: str = ""
    entry_fingerprint: str = ""


class _Scale:
    """Collects what speaks for and against a hit."""

    __slots__ = ("contra", "costs", "pro")

    def __init__(self, contra: list[str]) -> None:
        self.pro: list[str] = []
        self.contra = contra
        self.costs = [0.0] * len(contra)

    def against(self, text: str, cost: float = 0.0) -> None:
        self.contra.append(text)
        self.costs.append(cost)


def edition_name(edition: ListEdition) -> str:
    """Return what tells this edition of a list from others: its date, else the beginning of its file's SHA-256."""
    if edition.edition_date or not edition.files:
        return edition.edition_date
    return f"sha256:{edition.files[0][1][:DIGEST_SHOWN]}"


def read_as(text: bytes, reading: int) -> bytes:
    """Return a text as the kernel read it, see `READING_WORDS`."""
    other = joined(text) if reading == READING_JOINED else layout(text) if reading == READING_LAYOUT else None
    return text if other is None else other


def explain(
    index: AnyIndex, party: Party, text: str, position: int, *, name: int = -1, words: tuple[int, int] = (0, 0),
    free_text: bool = False, score: float = 0.0, identifiers: tuple[int, ...] = (), reading: int = 0,
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
        reading: How the text was read, see `READING_WORDS`.
    """
    entry = index.entry(position)
    listed = entry.names[index.name_of(position, name, len(entry.names))] if name >= 0 else None
    query_tokens: list[str] = []
    listed_plains: list[str] = []
    words_said = Said([], [], False)
    if name >= 0:
        data = read_as(text.encode("utf-8", "surrogatepass"), reading)
        _, factor, spans, listed_words, pairs, apart = index.pairing(data, *words, name, free_text)
        query_tokens = [data[start:end].decode("utf-8", "replace") for start, end, _, _ in spans]
        listed_plains = [word[0] for word in listed_words]
        words_said = said(
            query_tokens, [span[2] for span in spans], listed_plains, pairs, apart, factor=factor, free_text=free_text,
            firm=entry.kind is not Kind.PERSON, score=score,
        )  # fmt: skip
    scale = _Scale(words_said.against)
    found = [entry.identifiers[index.identifier_of(position, identifier)] for identifier in identifiers]
    weighed = _weigh(
        party, entry, listed, text, found, free_text=free_text, name_score=score,
        initials_alone=words_said.initials_alone, scale=scale,
    )  # fmt: skip
    return Explanation(
        party.role, entry, index.edition(position), listed, weighed.score, GRADES[weighed.grade], tuple(query_tokens),
        tuple(listed_plains), tuple(words_said.alignments), tuple(scale.pro), tuple(scale.contra),
        tuple(scale.costs), round(score, 4), weighed.identifiers, READING_WORDS.get(reading, f"reading {reading}"),
    )  # fmt: skip


def tell(
    index: AnyIndex, party: Party, text: str, position: int, *, edition: str, window: Window,
    name: int = -1, low: int = 0, high: int = 0, free_text: bool = False, score: float = 0.0,
    identifiers: tuple[int, ...] = (), reading: int = 0,
) -> Hit | None:  # fmt: skip
    """Return the short form of `explain`, for which the kernel puts the words into sentences.

    Args:
        edition: Name of the entry's edition.
        window: Of the party; keeps its words from one hit to the next.
        low, high: Half-open range of text words that were compared.

    The others are those of `explain`.

    Returns:
        None if no name was found, and all numbers are somebody else's.
    """
    entry = index.gist(position)
    listed = entry.names[0]
    reasons: list[str] = []
    count = 0
    initials_alone = False
    if name >= 0:
        listed = entry.names[index.name_of(position, name, len(entry.names))]
        data = text.encode("utf-8", "surrogatepass")
        if reading:
            data = read_as(data, reading)
        reasons, count, initials_alone = index.said(
            data, low, high, name, free_text, firm=entry.kind is not PERSON, score=score, window=window,
            wording=wording(),
        )  # fmt: skip
    # Of most parties and entries nothing but a name is known.
    if (
        name < 0 or identifiers or entry.identifiers or reading or party.birth_date or party.identifiers
        or party.country or party.kind is not UNKNOWN
        or (not free_text and text != listed.text and entry.kind in (PERSON, UNKNOWN) and gender_of(text))
    ):  # fmt: skip
        scale = _Scale([])
        found = [entry.identifiers[index.identifier_of(position, identifier)] for identifier in identifiers]
        weighed = _weigh(
            party, entry, listed if name >= 0 else None, text, found, free_text=free_text, name_score=score,
            initials_alone=initials_alone, scale=scale,
        )  # fmt: skip
        if name < 0 and not weighed.identifiers:
            return None
        if reading:
            scale.pro.insert(0, READING_WORDS.get(reading, f"reading {reading}"))
        reasons[count:count] = scale.pro
        reasons += [AGAINST_WORDS + text for text in scale.contra]
        score, grade = weighed.score, GRADES[weighed.grade]
    else:
        score, grade = _plain_worth(score, initials_alone)
    return Hit(
        entry.entry_id, entry.list_id, listed.text, score, grade, tuple(reasons), position, listed.quality, edition
    )


class _Weighed(NamedTuple):
    """What a hit is worth; `identifiers` are the listed numbers that say so."""

    score: float
    grade: int
    identifiers: tuple[Identifier, ...]


def _weigh(
    party: Party, entry: Entry | Gist, listed: Name | GistName | None, text: str, found: Sequence[Identifier], *,
    free_text: bool, name_score: float, initials_alone: bool, scale: _Scale,
) -> _Weighed:  # fmt: skip
    """Weigh what is known of the two sides beside the words of the name; most parties and entries have nothing more."""
    sure: list[Identifier] = []
    unsure: list[Identifier] = []
    if found:
        sure, unsure = _weigh_found(party, found, scale)
    if listed is None and (sure or unsure) and party.role is not Role.PURPOSE and party.name.strip():
        scale.against("the name differs")
    if listed is not None and len(entry.identifiers) > len(found):
        _tell_numbers_beside(text, entry.identifiers, found, scale)
    fit = _weigh_birth_date(party.birth_date, entry.birth_dates, scale) if entry.birth_dates else None
    kind = entry.kind
    if kind is not UNKNOWN and kind is not OTHER and party.kind not in (UNKNOWN, kind):
        scale.against(f"the party is {_a(party.kind.value)}, the entry {_a(kind.value)}", KIND_AGAINST)
    contradicted = False
    if party.identifiers and entry.identifiers:
        contradicted = _weigh_unique(party.identifiers, entry.identifiers, scale)
    if listed is not None and not free_text and (kind is PERSON or kind is UNKNOWN) and text != listed.text:
        _weigh_gender(gender_of(text), listed.text, entry.gender, scale)
    if party.country and entry.countries:
        _weigh_country(party.country, entry.countries, scale)

    cost = sum(scale.costs)
    score = max(0.0, name_score - cost)
    if sure:
        score = max(name_score, IDENTIFIER_SCORE)
    elif unsure:
        score = max(score, IDENTIFIER_UNSURE_SCORE)
    score = round(score, 4)
    grade = _grade(score, initials_alone=initials_alone and fit is not Fit.SAME and not sure and not unsure)
    if sure or (unsure and name_score - cost >= GRADE_STRONG_MIN):
        grade = 0
    elif unsure:
        grade = max(grade, GRADES.index("medium"))
    elif fit is Fit.SAME and score >= GRADE_EXACT_NAME_MIN and not cost:
        grade = 0
    if contradicted:
        grade = min(grade + 1, len(GRADES) - 1)
    return _Weighed(score, grade, (*sure, *unsure))


@lru_cache(maxsize=SCORE_CACHE_SIZE)
def _plain_worth(score: float, initials_alone: bool) -> tuple[float, str]:
    """Return the score and grade of a hit of which nothing but a name is known; few scores are met most of the time."""
    score = round(score, 4)
    return score, GRADES[_grade(score, initials_alone=initials_alone)]


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _grade(score: float, *, initials_alone: bool) -> int:
    """Return the place in `GRADES` of a score without an identity proven; a name of initials is no strong one."""
    if score >= GRADE_STRONG_MIN and not initials_alone:
        return 1
    return 2 if score >= GRADE_MEDIUM_MIN else 3


def _weigh_found(party: Party, found: Sequence[Identifier], scale: _Scale) -> tuple[list[Identifier], list[Identifier]]:
    """Sort the listed numbers that were met into those that prove, and those that may mean something else."""
    sure: list[Identifier] = []
    unsure: list[Identifier] = []
    for listed in found:
        number = _key(listed.number)
        ours = [i for i in party.identifiers if _key(i.number) == number]
        ours = ours or [i for i in party.identifiers if _alike(_key(i.number), number)]
        in_text = number in "".join(_key(text) for text in (party.name, *party.aliases)) if ours else True
        kinds = {i.type for i in ours}
        if ours and not in_text and not any(_compatible(kind, listed.type) for kind in kinds):
            continue  # the account that has the digits of a passport
        checked = standing(listed.type, listed.number)
        short = sum(c.isdigit() for c in number) < FREE_TEXT_DIGITS_MIN and number.isdigit()
        if listed.type in kinds:
            proven = True
        elif ours:
            proven = telling(number, listed.type, checked)
        else:
            proven = not short or (listed.type == "imo" and _named_imo(party, number))
        (sure if proven else unsure).append(listed)
        doubt = "" if proven else ", but it is short and may mean something else"
        scale.pro.append(f"{listed.type} {listed.number} is the same{doubt}")
    return sure, unsure


def _key(number: str) -> str:
    return bare(number).casefold()


def _alike(ours: str, theirs: str) -> bool:
    """Say whether one number is the other, perhaps with its word before or a branch code behind."""
    return ours == theirs or ours.endswith(theirs) or ours.startswith(theirs) or theirs.endswith(ours)


def _compatible(one: str, other: str) -> bool:
    return one == other or one not in SPECIFIC_TYPES or other not in SPECIFIC_TYPES


def _named_imo(party: Party, number: str) -> bool:
    """Say whether a text calls the digits an IMO number."""
    digits = r"[\W_]{0,2}".join("".join(c for c in number if c.isdigit()))
    return any(
        re.search(IMO_WORD + r"[\W_]{0,5}" + digits, text, re.IGNORECASE) for text in (party.name, *party.aliases)
    )


def _tell_numbers_beside(text: str, listed: Sequence[Identifier], found: Sequence[Identifier], scale: _Scale) -> None:
    """Tell of numbers too weak to be searched for alone that stand in the text where the name was found.

    They lift no score: what they are worth is for a person to say.
    """
    if len(listed) == len(found):
        return
    packed = _key(text)
    numbered = _DIGIT.search(packed) is not None
    for identifier in listed[:BESIDE_MAX]:
        if not numbered and _DIGIT.search(identifier.number):  # most texts hold no number at all
            continue
        number = _key(identifier.number)
        if identifier in found or len(number) < FIELD_LENGTH_MIN or number not in packed:
            continue
        spaced = r"[\W_]{0,2}".join(re.escape(character) for character in number)
        if re.search(rf"(?<![^\W_]){spaced}(?![^\W_])", text, re.IGNORECASE):
            scale.pro.append(f"{identifier.type} {identifier.number} stands in the text too")


def _weigh_unique(ours: Sequence[Identifier], theirs: Sequence[Identifier], scale: _Scale) -> bool:
    """Tell of numbers of which one subject has one, and the two sides different ones.

    Numbers that fail their check digits are left out: another number by a slip of the pen is no other subject. So are
    numbers that one subject may have several of (an entrepreneur gets a new OGRNIP with each registration).
    """
    contradicted = False
    for kind, lengths in UNIQUE_LENGTHS.items():
        mine, listed = (
            {
                _key(i.number)
                for i in side
                if i.type == kind and len(bare(i.number)) in lengths and standing(kind, i.number) is not Standing.FAILED
            }
            for side in (ours, theirs)
        )
        if mine and listed and not mine & listed:
            scale.against(f"another {kind}", IDENTIFIER_AGAINST)
            contradicted = True
    return contradicted


@lru_cache(maxsize=NAME_CACHE_SIZE)
def gender_of(name: str) -> str:
    """Return `male` or `female` if the patronymic of a name of three or more words says so, else an empty text.

    The first word is taken for a surname, and some surnames look like patronymics.
    """
    words = re.findall(r"[^\W\d_]+", name.casefold())
    if len(words) < PATRONYMIC_WORDS_MIN:
        return ""
    male = any(_MALE.search(word) for word in words[1:])
    female = any(_FEMALE.search(word) for word in words[1:])
    return "" if male == female else "male" if male else "female"


def _weigh_gender(ours: str, listed: str, gender: str, scale: _Scale) -> None:
    """Weigh what a patronymic of the party says against one of the listed name, or against what the list says."""
    if not ours:
        return
    theirs = gender_of(listed) or gender
    if theirs in ("male", "female") and ours != theirs:
        scale.against(f"a {ours} patronymic, the entry is {theirs}", GENDER_AGAINST)


def _weigh_country(ours: str, theirs: Sequence[str], scale: _Scale) -> None:
    """Weigh countries, if both sides give codes: people move, so another one costs little, the same nothing."""
    if ours.casefold() in {country.casefold() for country in theirs}:
        scale.pro.append(f"country {ours} is listed too")
    else:
        codes = all(len(country) == len("RU") for country in (ours, *theirs))
        scale.against(f"country {ours} is not listed", COUNTRY_AGAINST if codes else 0.0)


class DateFit(NamedTuple):
    """How a birth date goes with the best of the listed ones."""

    fit: Fit
    birth: BirthDate


def compare_birth_dates(date: str, listed: Sequence[BirthDate]) -> DateFit:
    """Compare a birth date with all listed ones, of which the best counts.

    Args:
        date: As `iso` returns it, not empty.
        listed: At least one.
    """
    return min((DateFit(_fit(date, birth), birth) for birth in listed), key=lambda one: one.fit)


def _fit(date: str, birth: BirthDate) -> Fit:
    low, high = _wide(birth)
    start, end = span(date)
    exact = len(date) == FULL_DATE_LENGTH and birth.start == birth.end and not birth.circa
    if exact and date == birth.start:
        return Fit.SAME
    if start <= high and end >= low:
        return Fit.FITS
    if exact:
        if date == f"{birth.start[:5]}{birth.start[8:]}-{birth.start[5:7]}":
            return Fit.SWAPPED
        return Fit.NEAR if _slip(date, birth.start) else Fit.OTHER
    # Of dates that are known in part only the years are compared: the one next door is a slip.
    year = int(date[:4])
    return Fit.NEAR if int(low[:4]) - 1 <= year <= int(high[:4]) + 1 else Fit.OTHER


def _slip(one: str, other: str) -> bool:
    """Say whether two full dates differ by one digit, by two neighbours that changed places, or by one year."""
    apart = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(apart) == 1:
        return True
    if one[4:] == other[4:] and abs(int(one[:4]) - int(other[:4])) == 1:
        return True
    left, right = apart[0], apart[-1]
    return len(apart) == 2 and right == left + 1 and one[left] == other[right] and one[right] == other[left]


def _weigh_birth_date(date: str, listed: Sequence[BirthDate], scale: _Scale) -> Fit | None:
    """Weigh a birth date; None if one side has none that can be read."""
    if not date or not listed:
        return None
    date = iso(date)
    if not date:
        scale.against("the birth date of the party cannot be read and was not compared")
        return None
    fit, birth = compare_birth_dates(date, listed)
    if fit is Fit.SAME:
        scale.pro.append(f"born on {date} is the same")
    elif fit is Fit.FITS:
        scale.pro.append(f"born {date} fits {birth.start}" + (f" to {birth.end}" if birth.end != birth.start else ""))
    elif fit is Fit.SWAPPED:
        scale.pro.append(f"born {date}, listed {birth.start}: day and month may have changed places")
    elif fit is Fit.NEAR:
        scale.against(f"born {date}, listed {birth.start}: nearly the same", BIRTH_DATE_NEAR_AGAINST)
    else:
        dates = sorted({one.start for one in listed})[:3]
        scale.against(f"born {date}, listed " + ", ".join(dates), BIRTH_DATE_AGAINST)
    return fit


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
