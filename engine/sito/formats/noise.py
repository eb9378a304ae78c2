"""What payment systems put into a name field besides the name, and how to tell it from the name.

Every rule needs a mark that no real name has (a tag followed by a number of the right length, `//`, an account of
20 digits, words of an address after a comma); without the mark the text stays as it is. Nothing is lost: numbers
become identifiers, a bank becomes an agent, an address is kept, and the party keeps the field as received. Where it is
not certain that a piece is an address, it is screened too, as an alias.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from sito.entries import Identifier, Kind
from sito.formats.base import FieldError, birth_date


class CleanParty(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts of one name field.

    Attributes:
        name: The name; the whole text where nothing else would be left.
        kind: `PERSON` where a tag of a natural person stood beside the name, else unknown.
        identifiers: INN, KPP (type `kpp`), OGRN, account numbers found in the field.
        address: Found after `//`, after a comma, or in a numbered address line.
        birth_date: ISO, empty if none was marked as such.
        country: ISO alpha-2 where the field gives the code.
        agent: Name of the bank that stands in the same field.
        aliases: Further pieces that may be names.
    """

    name: str
    kind: Kind = Kind.UNKNOWN
    identifiers: tuple[Identifier, ...] = ()
    address: str = ""
    birth_date: str = ""
    country: str = ""
    agent: str = ""
    aliases: tuple[str, ...] = ()


# One anchored match decides for the common clean name: a tag at the start, else one run over characters that no
# rule below needs, which then must end the text. Case is spelled out because IGNORECASE is three times slower.
_NOISY = re.compile(
    r"(?:[^\w]"
    r"|(?:ИП|ип)(?![А-Яа-яЁё])|[Ии][Нн][Дд][Ии][Вв][Ии][Дд][Уу][Аа][Лл][Ьь][Нн]|[Гг][Лл][Аа][Вв][Аа]\s"
    r"|[Фф]\.?[Лл](?![А-Яа-яЁё])|[Фф][Ии][Зз](?:\.|[Ии]|\s)"
    r"|[Аа][Дд][Вв][Оо][Кк][Аа][Тт]\s|[Нн][Оо][Тт][Аа][Рр][Ии][Уу][Сс]\s|[Аа][Рр][Бб][Ии][Тт][Рр][Аа][Жж][Нн]"
    r"|[Сс][Аа][Мм][Оо][Зз][Аа][Нн][Яя][Тт]|[Гг][Рр]\.|[Гг][Рр][Аа][Жж][Дд][Аа][Нн]|[Чч][Аа][Сс][Тт][Нн][Ыы][Йй]\s"
    r"|[^0-9/{}()\\\n\r\t|]*+(?:[0-9/{}()\\\n\r\t|]|(?<=[\-–—\s_*])\Z|(?<=[\s,]ИП)\Z|(?<=[\s,]ип)\Z"
    r"|(?<=[\s,][Аа][Дд][Вв][Оо][Кк][Аа][Тт])\Z|(?<=[\s,][Нн][Оо][Тт][Аа][Рр][Ии][Уу][Сс])\Z|(?<=[Яя][Тт][Ыы][Йй])\Z))"
)
_FLAGS = re.IGNORECASE

_LETTER = r"[^\W\d_]"
_ACCOUNT_NUMBER = r"\d{5}[0-9ABCEHKMPTX]\d{14}"
_ACCOUNT_TAG = (
    r"(?:(?<!\w)(?:р\s*/\s*сч?|р\.\s*сч?\.?|л\s*/\s*сч?|л\.\s*сч?\.?|к\s*/\s*сч?|р/счет|сч\.|c/a|a/c|acc\.?|account|"
    r"(?:(?:расч[её]тный|лицевой|текущий|банковский)\s+)?сч[её]т[ау]?|№|no?\.?)[\s:.№#]*+){0,4}+"
)
_ACCOUNT = re.compile(rf"[\s,;(/]{{0,8}}{_ACCOUNT_TAG}(?<![\w])({_ACCOUNT_NUMBER})(?!\w)\)?", _FLAGS)
_LEADING_ACCOUNT = re.compile(rf"/({_ACCOUNT_NUMBER}|[A-Z]{{2}}\d\d[A-Z0-9]{{11,30}}|\d{{6,34}})(?:/+|\s+|\Z)")
_INN = re.compile(
    r"[\s,;(]{0,8}(?<!\w)(?:ИНН|INN)\s*(?P<both>/\s*(?:КПП|KPP))?[\s:№.#]*"
    r"(\d{12}|\d{10}|\d{5})(?!\d)(?:\s*/\s*(?:КПП|KPP)?[\s:]*(\d{9})(?!\d))?\)?",
    _FLAGS,
)
_KPP = re.compile(r"[\s,;(/]{0,8}(?<!\w)(?:КПП|KPP)[\s:№.]*(\d{9}|0)(?!\d)\)?", _FLAGS)
_OGRN = re.compile(r"[\s,;(]{0,8}(?<!\w)(?:ОГРН(?:ИП)?|OGRN(?:IP)?)[\s:№.]*(\d{15}|\d{13})(?!\d)\)?", _FLAGS)
_SNILS = re.compile(r"[\s,;(]{0,8}(?<!\w)СНИЛС[\s:№.]*(\d{3}-?\d{3}-?\d{3}[\s-]?\d\d)(?!\d)\)?", _FLAGS)
# Cheap gates: the patterns above cost some 2 µs each, and most fields need one of them or none.
_NUMBER_TAG = re.compile(r"(?:[иi][нn][нn]|[кk][пp][пp]|огрн|ogrn|снилс|паспорт)", _FLAGS)
_BORN_TAG = re.compile(r"р(?:ож|од|\.|\b)|o\.?b|born", _FLAGS)
_LONG_NUMBER = re.compile(_ACCOUNT_NUMBER)
_PASSPORT = re.compile(
    r"[\s,;(]{0,8}(?<!\w)паспорт(?:\s+(?:гражданина\s+)?рф)?(?:\s+сери[яи])?[\s:№.]*(\d\d\s?\d\d\s*(?:(?:№|номер)\s*)?\d{6})(?!\d)"
    r"\)?",
    _FLAGS,
)
_NUMBERS = ((_INN, "inn"), (_KPP, "kpp"), (_OGRN, "ogrn"), (_SNILS, "snils"), (_PASSPORT, "passport"))

_LONG_GAP = re.compile(r"\s{9}")
_DIGIT = re.compile(r"\d")
_FOUR_DIGITS = re.compile(r"\d{4}|\d{3}-\d{3}")  # no tagged number and no birth date has less
_DAY = r"(\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d\d-\d\d)"
_BORN_AFTER = re.compile(
    rf"[\s,;(]{{0,8}}(?<![\w.]){_DAY}\s*(?:г(?:ода)?\.?\s*р(?:ожд(?:ения)?)?(?!\w)\.?|рожд(?:ения)?(?!\w)\.?)\)?",
    _FLAGS,
)
_BORN_BEFORE = re.compile(
    r"[\s,;(]{0,8}(?<!\w)(?:дата\s+рожд(?:ения)?\.?|д\.?\s?р\.|род(?:ился|илась)\.?|г\.\s?р\.|d\.?o\.?b\.?"
    r"|born)[\s:]*"
    rf"{_DAY}(?:\s*г\.?)?(?!\w)\)?",
    _FLAGS,
)
_BORN_YEAR = re.compile(
    r"[\s,;(]{0,8}(?<![\w.])((?:19|20)\d\d)\s*г(?:ода)?\.?\s*р(?:ожд(?:ения)?)?(?!\w)\.?\)?", _FLAGS
)

_VO = re.compile(r"^\s*[{(]\s*VO\s?\d{5}[^{}()]{0,60}[})]\s*", _FLAGS)
_ENTREPRENEUR = (
    r"(?:(?-i:ИП|ип)|индивидуальн(?:ый|ого|ому|ым|ом)\s+предпринимател(?:ь|я|ю|ем|е))(?![^\W\d_])[\s.,:]*"
    r"(?:[-–—]\s*)?(?:глав[аыеу]\s+(?:к\(?ф\)?х|крестьянского\s*\(?\s*фермерского\s*\)?\s*хозяйства)(?!\w)[\s.,:]*)?"
)
# What a person signs as, beside the name; a firm may be called so too, hence only before what can be a person's name.
_CALLING = (
    r"адвокат(?:а|у|ом)?|нотариус(?:а|у|ом)?|арбитражн(?:ый|ого|ому|ым)\s+управляющ(?:ий|его|ему|им)|"
    r"частн(?:ый|ого|ому)\s+нотариус(?:а|у)?|самозанят(?:ый|ая|ого|ой|ому)|гр\.|граждан(?:ин|ка|ина|ки|ину|ке)"
)
_TAG_BEFORE = re.compile(
    rf"^(?:\(\s*(?:ИП|индивидуальный\s+предприниматель)\s*\)[\s.,:-]*|{_ENTREPRENEUR}"
    r"|глав[аы]\s+(?:к\(?ф\)?х|крестьянского\s*\(?\s*фермерского\s*\)?\s*хозяйства)(?!\w)[\s.,:]*"
    r"|(?:ф\s?/\s?л|ф\.\s?л\.|фл|физ(?:ическое|\.)?\s*лицо|физ\.?\s?л\.?)(?![^\W\d_])[\s.,:]*"
    rf"|(?:{_CALLING})(?![^\W\d_])[\s.,:]*)",
    _FLAGS,
)
_TAG_AFTER = re.compile(
    r"[\s,]{0,8}(?:\(\s*(?:ИП|ФЛ|индивидуальный\s+предприниматель)\s*\)"
    r"|(?<=[\s,])(?:(?-i:ИП|ип)|индивидуальный\s+предприниматель|адвокат|нотариус|самозанятый))\s*$",
    _FLAGS,
)
# After a person's tag there must be a person: words and initials, nothing that companies write.
_PERSONAL = re.compile(rf"{_LETTER}(?:{_LETTER}|[\s.,'’ʼ`-]|\({_LETTER}+\))*$")
_COMPANY_FORM = re.compile(
    r"(?<!\w)(?:ООО|ОАО|ЗАО|ПАО|НАО|АО|ТОО|ОДО|ЧУП|ГУП|МУП|ФГУП|LLC|LTD|INC|GMBH|общество|компания|предприятие)(?!\w)",
    _FLAGS,
)
_BANK = re.compile(
    r"банк|(?<!\w)(?:bank|kb|кб|ркц|нко)(?!\w)|(?<!\w)(?:отделение|гу)\s.{0,60}(?<!\w)(?:цб|банка)(?!\w)", _FLAGS
)
# "… for crediting to the account 408…": words that only lead to the number.
_LEADING_TO = re.compile(
    r"[\s,;]*(?<!\w)(?:для\s+)?(?:зачислени[еяю]|перечислени[еяю]|пополнени[еяю])(?:\s+(?:на|средств|денежных|банковск\w+|"
    r"карт\w*|счет\w*|счёт\w*)){0,5}\s*$",
    _FLAGS,
)
_IN_BANK = re.compile(r"^(?:в|in|at)\s+(.*)$", _FLAGS | re.DOTALL)
_ADDRESS_WORD = (
    r"(?:г(?:ор(?:од)?)?\.?|ул(?:ица)?\.?|обл(?:асть)?\.?|респ(?:ублика)?\.?|край|р-н|район|пр-?к?т\.?|просп(?:ект)?\.?|"
    r"пер(?:еулок)?\.?|ш(?:оссе)?\.|наб(?:ережная)?\.?|мкр\.?|пос(?:[её]лок)?\.?|пгт\.?|дер(?:евня)?\.?|село|"
    r"д(?:ом)?\.|кв(?:артира)?\.?|россия|рф|str(?:eet|\.)|st\.|ave(?:nue|\.)|road|rd\.|p\.?o\.?\s?box)"
)
_ADDRESS = re.compile(rf"(?<!\w){_ADDRESS_WORD}(?!\w)|\d", _FLAGS)
_COMMA_ADDRESS = re.compile(
    rf"\s{{0,8}},\s*(?=(?:([A-Z]{{2}})\s*,\s*)?\d{{5,6}}(?!\d)\s*,|(?<!\w){_ADDRESS_WORD}\s*{_LETTER}|\d{{6}}\s+{_LETTER})",
    _FLAGS,
)
# An address without any sign before it: two words of an address with a name each, and a number behind.
_BARE_ADDRESS = re.compile(
    rf"\s+(?=(?:\d{{6}}\s+)?(?:г|гор|город|обл|респ|республика|с|пос|пгт|дер|ул|улица|пр-?к?т|просп)\.?\s+{_LETTER}"
    rf"[^\d]{{0,80}}(?<!\w)(?:ул|улица|пр-?к?т|просп|пер|наб|ш|мкр|д|дом|кв)\.?\s*[\w.-]+)",
    _FLAGS,
)
_FULL_WORD = re.compile(
    r"(?:город|улица|область|республика|край|район|проспект|переулок|шоссе|набережная|пос[её]лок|деревня|село|дом|"
    r"квартира|россия|рф|street|avenue|road)(?!\w)",
    _FLAGS,
)
_COUNTRY_FIRST = re.compile(r"([A-Z]{2})\s*,\s*(.*)$", re.DOTALL)
_NUMBERED = re.compile(r"(?:^|(?<=\s))([1-8])/")
_NUMBERED_START = re.compile(rf"1/\s*{_LETTER}")
_COUNTRY_CODE = re.compile(r"[A-Z]{2}\Z")
_CARE_OF = re.compile(r"(?<!\w)c/o\s+([^\s,;][^,;]{1,199})", _FLAGS)
_NAME_LIKE = re.compile(rf"{_LETTER}[\w.'’-]*(?:\s+{_LETTER}[\w.'’-]*){{1,4}}\Z")

CLEAN_LENGTH_MAX = 2_000  # characters; no field that long is a name with noise, it is screened as it stands
_WORD = re.compile(r"[^\W_]")
_QUOTES = '"«»„“”'
_EDGE = " \t\r\n,;:|\\/_*-–—"  # may be cut where something was taken out
_OUTER = " \t\r\n|\\/_*-–—"  # may be cut anywhere


def is_clean(text: str) -> bool:
    """Tell at once (about 0.2 µs) that `clean_party` would change nothing; False means "look closer".

    Args:
        text: A name field, not empty, without outer blanks.
    """
    return _NOISY.match(text) is None


def strip_currency_control(text: str) -> str:
    """Return `text` without the currency-control prefix `{VO12345…}`; used for name fields, never for purposes."""
    return _VO.sub("", text) if text[:1] in "{( " else text


def clean_party(text: str) -> CleanParty:
    """Separate a name from what else stands in its field.

    Understands the tags of sole proprietors and natural persons (`ИП`, `(ИП)`, `Ф/Л`, `ИП Глава КФХ`, `адвокат`),
    `name//address//`, `bank//name//account`, numbered lines (`1/name 2/street 3/RU/city`), tagged INN, KPP, OGRN,
    SNILS, account numbers of 20 digits with or without a tag and the bank after them, birth dates marked as such,
    addresses after a comma that start with a postal code or a word like `ул.`, the prefix `{VO…}`, outer quotes and
    dashes, line breaks.

    Args:
        text: The field, at most `TEXT_LENGTH_MAX` characters.

    Returns:
        The parts. A text without any mark comes back unchanged.
    """
    name = text.strip()
    if not name or len(name) > CLEAN_LENGTH_MAX or is_clean(name):
        return CleanParty(name)
    return _clean(name)


# Payers and payees come again and again in one day's file; the same field is taken apart once.
@lru_cache(maxsize=16_384)
def _clean(name: str) -> CleanParty:
    return _Cleaner(name).result()


class _Cleaner:
    """Takes one field apart, rule by rule; what remains of `name` at the end is the name."""

    def __init__(self, name: str) -> None:
        self.received = name
        # Patterns that begin with blanks try every blank of a long row: rows are made one blank first.
        uneven = any(sign in name for sign in "\r\n\t") or _LONG_GAP.search(name)
        self.name = " ".join(name.split()) if uneven else name
        self.kind = Kind.UNKNOWN
        self.identifiers: list[Identifier] = []
        self.addresses: list[str] = []
        self.aliases: list[str] = []
        self.birth_date = ""
        self.country = ""
        self.agent = ""

    def result(self) -> CleanParty:
        self.name = strip_currency_control(self.name)
        if _NUMBERED_START.match(self.name):
            self._numbered_lines()
        if match := _LEADING_ACCOUNT.match(self.name):
            self._identify("account", match[1])
            self.name = self.name[match.end() :]
        if "//" in self.name:
            self._segments()
        else:
            self.name = self._numbers(self.name)
        self._comma_address()
        self._bare_address()
        self._tags()
        # Separators may be cut where something was taken out; elsewhere they may belong to the name.
        changed = bool(self.identifiers or self.addresses or self.birth_date or self.kind is not Kind.UNKNOWN)
        self.name = _trim(self.name, _EDGE if changed else _OUTER)
        if not _WORD.search(self.name):
            # Only numbers stood there: better a strange name than a party that is not screened.
            self.name = _trim(self.received, _OUTER) or self.received
        return CleanParty(
            self.name,
            self.kind,
            tuple(self.identifiers),
            ", ".join(filter(None, self.addresses)),
            self.birth_date,
            self.country,
            self.agent,
            tuple(alias for alias in self.aliases if alias != self.name),
        )

    def _identify(self, type: str, number: str) -> None:
        item = Identifier(type, number)
        if item not in self.identifiers:
            self.identifiers.append(item)

    def _numbered_lines(self) -> None:
        """Take apart the numbered lines of SWIFT option F, also when written on one line."""
        pieces = _NUMBERED.split(self.name)
        names: list[str] = []
        for number, value in zip(pieces[1::2], map(str.strip, pieces[2::2]), strict=True):
            if number == "1":
                names.append(value)
            elif number == "3" and _COUNTRY_CODE.match(value.partition("/")[0]):
                self.country = self.country or value[:2]
                self._address(value[3:])
            elif number == "4":
                try:
                    self.birth_date = birth_date(value)
                except FieldError:
                    self.addresses.append(value)
            elif number in "67":
                # `RU/issuer/number`: country, for 6 also who issued it, and the number last.
                self._identify("national_id" if number == "7" else "other", value.rpartition("/")[2])
            else:
                self._address(value)
        self.name = " ".join(names)

    def _segments(self) -> None:
        """Take apart `name//address//` and `bank//name//account`."""
        pieces = []
        for piece in self.name.split("//"):
            rest = self._numbers(piece)
            if rest := rest.strip(_EDGE):
                pieces.append(rest)
        if not pieces:
            self.name = ""
            return
        if (
            len(pieces) > 1
            and _BANK.search(pieces[0])
            and _NAME_LIKE.match(pieces[1])
            and not _ADDRESS.search(pieces[1])
        ):
            self.agent = pieces.pop(0)
        self.name, *others = pieces
        for piece in others:
            if _COUNTRY_CODE.match(piece):
                self.country = self.country or piece
            else:
                self._address(piece)

    def _address(self, piece: str) -> None:
        """Take an address; what looks rather like a name is screened as one, too: it may stand there to hide."""
        self.addresses.append(piece)
        if care_of := _CARE_OF.search(piece):
            self.aliases.append(care_of[1].strip(_EDGE))
        if _NAME_LIKE.match(piece) and not _ADDRESS.search(piece):
            self.aliases.append(piece)

    def _numbers(self, text: str) -> str:
        """Move tagged numbers, accounts and birth dates out of `text`."""
        if not _FOUR_DIGITS.search(text):
            return text
        if _NUMBER_TAG.search(text):
            for pattern, type in _NUMBERS:
                text = self._tagged(pattern, type, text)
        if _BORN_TAG.search(text):
            text = self._born(text)
        if not _LONG_NUMBER.search(text):
            return text
        while account := _ACCOUNT.search(text):
            self._identify("account", account[1].upper())
            before, after = text[: account.start()], text[account.end() :].strip(_EDGE)
            before = _LEADING_TO.sub("", before)
            if _NAME_LIKE.match(after) and _BANK.search(before) and not _BANK.search(after):
                # `bank account name`: the bank may still be the owner of the account, it is screened either way.
                self.agent = self.agent or self._numbers(before).strip(_EDGE)
                before = ""
            bank = _IN_BANK.match(after)
            if bank and before.strip(_EDGE) and _BANK.search(bank[1]):
                self.agent = self.agent or self._numbers(bank[1]).strip(_EDGE)
                after = ""
            text = _join(before, after)
        return text

    def _tagged(self, pattern: re.Pattern[str], type: str, text: str) -> str:
        """Move the numbers of one kind of tag out of `text`."""
        found = False
        for match in pattern.finditer(text):
            found = True
            number = match[2] if pattern is _INN else match[1]
            if number != "0":
                self._identify(type, number)
            if pattern is _INN and match[3]:
                self._identify("kpp", match[3])
        return _cut(pattern, text) if found else text

    def _born(self, text: str) -> str:
        """Move birth dates that are marked as such out of `text`."""
        for pattern in (_BORN_BEFORE, _BORN_AFTER, _BORN_YEAR):
            if born := pattern.search(text):
                try:
                    self.birth_date = self.birth_date or birth_date(born[1])
                except FieldError:
                    continue  # not a day of the calendar: it stays in the name for a person to see
                text = _join(text[: born.start()], text[born.end() :])
        return text

    def _tags(self) -> None:
        """Remove the tags of sole proprietors and natural persons, where a person's name remains."""
        text = self.name.strip(_EDGE)
        rest = text
        while (match := _TAG_BEFORE.match(rest)) and match.end():
            rest = rest[match.end() :]
        if rest[-1:].casefold() in {")", "п", "ь", "т", "с", "й"} and (match := _TAG_AFTER.search(rest)):
            rest = rest[: match.start()]
        rest = rest.strip(_EDGE)
        if rest == text:
            return
        address = _COMMA_ADDRESS.search(rest)
        person = rest[: address.start()] if address else rest
        if _PERSONAL.match(person) and not _COMPANY_FORM.search(person):
            if len(person.split()) == 1:
                # `ИП МАН` may be a sole proprietor or a person whose surname is written like the tag.
                self.aliases.append(text)
            self.name = rest
            self.kind = Kind.PERSON

    def _comma_address(self) -> None:
        if "," not in self.name:
            return  # the search below would look at every blank
        for match in _COMMA_ADDRESS.finditer(self.name):
            before, tail = self.name[: match.start()], self.name[match.end() :]
            if not before or before.count('"') % 2 or before.count("«") != before.count("»"):
                continue  # inside the quotes of a company name
            if _FULL_WORD.match(tail) and not any(map(str.isdigit, tail)):
                continue  # `…, Дом моды`: only a house number makes it an address
            address = self.name[match.end() :].strip(_EDGE)
            if country := _COUNTRY_FIRST.match(address):
                self.country = self.country or country[1]
                address = country[2]
            self.addresses.append(address)
            self.name = before
            return

    def _bare_address(self) -> None:
        """Cut an address that follows the name without comma or slashes, from its first word that says so."""
        for match in _BARE_ADDRESS.finditer(self.name) if _DIGIT.search(self.name) else ():
            before, tail = self.name[: match.start()], self.name[match.end() :]
            # One word alone is too little of a name to take the rest for an address; a firm may bear a street's name.
            if len(before.split()) < 2 or before.count('"') % 2 or before.count("«") != before.count("»"):
                continue
            if _DIGIT.search(tail):
                self.addresses.append(tail.strip(_EDGE))
                self.name = before
            return


def _cut(pattern: re.Pattern[str], text: str) -> str:
    """Remove all matches, leaving one blank between what stood on both sides."""
    return " ".join(filter(None, (piece.strip() for piece in pattern.sub("\n", text).split("\n"))))


def _join(before: str, after: str) -> str:
    return f"{before.rstrip()} {after.lstrip()}".strip()


def _trim(text: str, edge: str) -> str:
    """Remove `edge` characters outside, and quotes that enclose the whole text or have no partner.

    A single apostrophe stays: it is a letter of Arabic names and, like comma and semicolon, a Russian letter on a
    keyboard left in Latin.
    """
    text = text.strip(edge)
    while len(text) > 1:
        inside = sum(text.count(quote) for quote in _QUOTES)
        first, last = text[0], text[-1]
        double_first, double_last = first in _QUOTES, last in _QUOTES
        if (double_first and double_last and inside <= 2) or (first == last == "'"):
            text = text[1:-1].strip(edge)
        elif double_first and inside == 1:
            text = text[1:].strip(edge)
        elif double_last and inside == 1:
            text = text[:-1].strip(edge)
        else:
            break
    return text
