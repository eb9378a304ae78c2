"""An entry while it is being read: rows and elements add to it, then it becomes an `Entry`.

Error codes of this module: LST310 a name too long, LST311 too many names, LST312 an entry without
a name, LST313 an entry id that comes twice.
"""

from __future__ import annotations

import unicodedata

from lxml import etree

from sito.entries import NAME_WITHOUT_LETTER, BirthDate, Entry, Identifier, Kind, Name, NameQuality
from sito.lists.countries import country, country_code
from sito.lists.dates import iso_date, parse_birth_dates
from sito.lists.source import ALIAS_COUNT_MAX, NAME_LENGTH_MAX, Source

_RANK = {
    NameQuality.PRIMARY: 0,
    NameQuality.STRONG: 1,
    NameQuality.ORIGINAL_SCRIPT: 1,
    NameQuality.FORMER: 2,
    NameQuality.WEAK: 3,
}


def clean(text: str) -> str:
    """Remove outer white space and turn inner runs of it (line breaks, no-break spaces) into one space."""
    return " ".join(text.split())


def whole_text(element: etree._Element) -> str:
    """Return all text of an element and its descendants, white space as in `clean`."""
    return clean("".join(str(text) for text in element.itertext()))


class EntryDraft:
    """Collects what a list says about one subject; every part is kept once and in order.

    Args:
        source: The file, for errors and the list id.
        entry_id: The list's own id.
        kind: What the subject is.
    """

    def __init__(self, source: Source, entry_id: str, kind: Kind) -> None:
        self.source = source
        self.entry_id = entry_id
        self.kind = kind
        self.gender = ""
        self._names: dict[str, Name] = {}
        self._birth_dates: dict[BirthDate, None] = {}
        self._identifiers: dict[Identifier, None] = {}
        self._lists: dict[str, dict[str, None]] = {}
        self._raw: dict[tuple[str, str], None] = {}

    def name(
        self,
        text: str,
        quality: NameQuality = NameQuality.STRONG,
        *,
        surname: str = "",
        given: str = "",
        patronymic: str = "",
        script: str = "",
        language: str = "",
    ) -> None:
        """Add a name; an empty one is ignored, a repeated one keeps its best quality.

        Raises:
            ListError: LST310 longer than `NAME_LENGTH_MAX`; LST311 more than `ALIAS_COUNT_MAX` names.
        """
        text = clean(text)
        if not text:
            return
        if len(text) > NAME_LENGTH_MAX:
            raise self.source.error(
                "LST310",
                expected=f"names of at most {NAME_LENGTH_MAX} characters",
                got=str(len(text)),
                where=f"entry {self.entry_id[:100]}",
                todo="fetch the file again; no listed name is that long",
            )
        known = self._names.get(text)
        if known is None and len(self._names) >= ALIAS_COUNT_MAX:
            raise self.source.error(
                "LST311",
                expected=f"at most {ALIAS_COUNT_MAX} names of one entry",
                got=f"more than {ALIAS_COUNT_MAX}",
                where=f"entry {self.entry_id[:100]}",
                todo="fetch the file again; no listed subject has that many",
            )
        if known is None or _RANK[quality] < _RANK[known.quality]:
            self._names[text] = Name(text, quality, clean(surname), clean(given), clean(patronymic), script, language)

    def birth(self, text: str, field: str) -> None:
        """Add the birth dates of a text; what is not understood goes to the raw part under `field`."""
        text = clean(text)
        if not text:
            return
        dates, rest = parse_birth_dates(text)
        for date in dates:
            self.birth_date(date)
        if rest:
            self.raw(field, text)

    def birth_date(self, date: BirthDate) -> None:
        """Add one birth date."""
        self._birth_dates[date] = None

    def identifier(self, identifier: Identifier) -> None:
        """Add an identifier; one without a number is ignored."""
        if identifier.number:
            self._identifiers[identifier] = None

    def add(self, field: str, text: str) -> None:
        """Add a text to a field of `Entry` that is a tuple of texts; an empty text is ignored."""
        text = clean(text)
        if text:
            self._lists.setdefault(field, {})[text] = None

    def country(self, text: str) -> None:
        """Add a country, as its code where it is known; a note in brackets behind it goes to the remarks."""
        words = clean(text)
        plain = words.partition(" (")[0]
        if not country_code(words) and country_code(plain):
            self.remark(words)
            words = plain
        self.add("countries", country(words))

    def date(self, field: str, text: str, raw_field: str) -> None:
        """Add a full date to `listed_on`, `changed_on` or `delisted_on`, else keep the text raw."""
        text = clean(text)
        day = iso_date(text)
        if day:
            self.add(field, day)
        elif text:
            self.raw(raw_field, text)

    @property
    def has_primary(self) -> bool:
        """True if a primary name was added."""
        return any(name.quality is NameQuality.PRIMARY for name in self._names.values())

    @property
    def home(self) -> str:
        """`RU` if Russia is among the countries so far, else empty."""
        return "RU" if "RU" in self._lists.get("countries", ()) else ""

    def remark(self, text: str) -> None:
        """Add a remark."""
        self.add("remarks", text)

    def raw(self, field: str, text: str) -> None:
        """Keep a text that was not understood."""
        text = clean(text)
        if text:
            self._raw[field, text] = None

    def build(self) -> Entry:
        """Return the entry; its first name is the primary one.

        Raises:
            ListError: LST312 the entry has no name.
        """
        if not self._names:
            raise self.source.error(
                "LST312",
                expected="an entry with a name",
                got="none",
                where=f"entry {self.entry_id[:100]}",
                todo="fetch the file again; an entry without a name cannot be screened against",
            )
        names = sorted(self._names.values(), key=lambda name: name.quality is not NameQuality.PRIMARY)
        readable = [name for name in names if any(character.isalnum() for character in name.text)]
        for name in names:
            if readable and name not in readable:
                self.raw(NAME_WITHOUT_LETTER, name.text)
        names = readable or names

        def texts(field: str) -> tuple[str, ...]:
            return tuple(self._lists.get(field, ()))

        return Entry(
            list_id=self.source.list_id,
            entry_id=self.entry_id,
            kind=self.kind,
            names=tuple(names),
            birth_dates=tuple(self._birth_dates),
            birth_places=texts("birth_places"),
            identifiers=tuple(self._identifiers),
            countries=texts("countries"),
            addresses=texts("addresses"),
            programmes=texts("programmes"),
            listed_on=texts("listed_on"),
            changed_on=texts("changed_on"),
            delisted_on=texts("delisted_on"),
            gender=self.gender,
            titles=texts("titles"),
            remarks="; ".join(texts("remarks")),
            raw=tuple(self._raw),
        )


class EntryIds:
    """Guards that an entry id comes once in a file that prints one record per entry."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seen: set[str] = set()

    def add(self, entry_id: str, where: str) -> None:
        """Note an id.

        Raises:
            ListError: LST313 the id is empty or was seen before.
        """
        if not entry_id or entry_id in self._seen:
            raise self._source.error(
                "LST313",
                expected="every entry with an id of its own",
                got=f"id {entry_id[:100]} twice" if entry_id else "no id",
                where=where,
                todo="fetch the file again",
            )
        self._seen.add(entry_id)


def is_latin(text: str) -> bool:
    """Say whether most letters of a text are Latin (a text without letters is)."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters) * 2 >= len(letters)


def gender_word(text: str) -> str:
    """Return `male` or `female` for the lists' words and letters, else the text in lower case."""
    word = clean(text).casefold()
    return {"m": "male", "f": "female"}.get(word, word)
