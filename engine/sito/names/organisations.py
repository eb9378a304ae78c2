"""Other spellings of an organisation's name, made when an index is built.

A listed name such as «Научно-исследовательский институт "Ромашка"» is met as «НИИ Ромашка», "Research Institute
Romashka" or, a long one, as the letters of its words. Words that say the same one by one are the business of the
groups in `sito.names.words`; here is what needs more than one word: phrases and their abbreviations, acronyms of whole
names, and the proper name inside a long description. A query is never rewritten, so it costs nothing.

A list has very many names, and nearly all rules say nothing about nearly all of them. So what a rule asks of a single
word is found once for each word, names are folded natively, and a rule is only tried on names that hold a word or a
sign that it needs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache, reduce
from importlib import resources
from operator import or_
from typing import Literal, NamedTuple

from sito.entries import Kind as Subject
from sito.names.facts import special, special_words
from sito.names.fold import Token, table
from sito.names.words import Kind
from sito_ext.fold import Folder

WORD_LETTERS_MAX = 35  # a longer one is a code
COMPANY_WORDS_MIN = 2  # that make a company of a subject whose kind is not known
DERIVED_LIMIT = 6  # other spellings of one name
NAME_LENGTH_MAX = 200  # characters; longer spellings are not kept, longer names not looked at beyond
ACRONYM_WORDS_MIN = 3
ACRONYM_LENGTH_MIN, ACRONYM_LENGTH_MAX = 3, 8
CORE_WORDS_MIN = 3  # words outside the proper name that make a name a long description
LONE_CORE_WORDS_MIN = 5  # if the proper name is one word, which many may share
CORE_LENGTH_MIN = 4  # letters of at least one ordinary word of a proper name
PHRASE_WORDS_MAX = 6
MEANINGS_MAX = 3  # of one abbreviation
PART_REST_MIN = 3  # letters beside a part of a compound; fewer, and the part is hardly one
# Parts of compounds that Russian firms write as they are spoken and English ones as they are spelt, plain folded, where
# the two share no key: Техносервис, Technoservice. Whole words of this sort are groups of `sito.names.words`.
# Parts that many firms share (trade, food, line) are left out: they alarm more than they find.
FIRST_PARTS = (("tekhno", "techno"), ("tekh", "tech"), ("avto", "auto"), ("khim", "chem"))
LAST_PARTS = (("servis", "service"), ("finans", "finance"), ("tekh", "tech"), ("khim", "chem"), ("farm", "pharm"))
FIRST_SPELLINGS = tuple(spelling for part in FIRST_PARTS for spelling in part)
LAST_SPELLINGS = tuple(spelling for part in LAST_PARTS for spelling in part)
NUMBER_DIGITS_MAX = 2  # of a number that is met in words
BASE = 10
WORD_CACHE_SIZE = 1 << 16
CONNECTING_LETTERS = ("i", "s", "v", "y", "e", "k", "a")

# What a folded word is to the rules; a bit each.
FORM = 1  # a legal form
CONNECTOR = 2
GENERIC = 4  # a company word
NUMERIC = 8  # it has a digit, or is a number in words
BODY = 16  # the letters of a body, see `BODIES`
SHORT = 32  # an abbreviation of `phrase_groups`
OPENING = 64  # a phrase may begin with it
COMPOUND = 128  # it is spelt in another way, too

# Short forms of one name and its long form are nearly the name itself; an acronym is shared by many, the more the
# shorter it is.
PHRASE_FACTOR, CORE_FACTOR, WHOLE_FACTOR = 0.98, 0.9, 0.85
ACRONYM_FACTORS = {3: 0.78, 4: 0.88}
ACRONYM_FACTOR = 0.93  # of five letters or more

_QUOTED = re.compile(
    r"«([^«»]{2,200})»?|“([^“”„]{2,200})[”“]|„([^“”„]{2,200})[“”]|\"{1,2}([^\"]{2,200})\"{1,2}|''([^']{2,200})''"
    r"|<<([^<>]{2,200})>>"
)
# The letters may have one blank between them, and the last one may lack its dot: S. A., L.L.C
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.\s?){1,5}[^\W\d_]\b\.?")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{2,80})[)\]]")
# Signs without one of which a pattern finds nothing.
DOTS, APOSTROPHES, QUOTES, BRACKETS = frozenset("."), frozenset("'’ʼ`"), frozenset("«“„\"'<"), frozenset("([")
SIGNS = DOTS | APOSTROPHES | QUOTES | BRACKETS

_OTHER_SCRIPT = re.compile("[\u0590-\u06ff\u3040-\u9fff\uac00-\ud7af]")
_SYLLABIC = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_GLUED = re.compile("و?(?:لل|ال|ل)?")
_ARTICLE = re.compile("^([اأ]ل)(?=[\u0620-\u06ff]{3})")
_POSSESSIVE = re.compile(r"(?<=[^\W\d_])['’ʼ`]s(?![^\W_])", re.IGNORECASE)
# Bodies that lists name by their letters alone; other abbreviations are only known within a name.
BODIES = {
    "aqap": "Al-Qaida in the Arabian Peninsula", "aqim": "Al-Qaida in the Islamic Maghreb",
    "dflp": "Democratic Front for the Liberation of Palestine", "eln": "Ejército de Liberación Nacional",
    "farc": "Fuerzas Armadas Revolucionarias de Colombia", "fsb": "Federal Security Service",
    "gru": "Main Intelligence Directorate", "irgc": "Islamic Revolutionary Guard Corps",
    "isil": "Islamic State of Iraq and the Levant", "isis": "Islamic State of Iraq and Syria",
    "kpa": "Korean People's Army", "lra": "Lord's Resistance Army", "ltte": "Liberation Tigers of Tamil Eelam",
    "mek": "Mujahedin-e Khalq", "pflp": "Popular Front for the Liberation of Palestine",
    "pij": "Palestinian Islamic Jihad", "pkk": "Kurdistan Workers Party", "pla": "People's Liberation Army",
    "plo": "Palestine Liberation Organization", "svr": "Foreign Intelligence Service",
    "ttp": "Tehrik-e Taliban Pakistan", "фсб": "Федеральная служба безопасности",
    "фсо": "Федеральная служба охраны", "свр": "Служба внешней разведки",
}  # fmt: skip
_COUNTRIES = ("香港", "中国", "中國")
_NATIVE_LETTERS = str.maketrans("ٱىیکةۀ", "اييكهه")
NATIVE_LENGTH_MAX = 6  # letters of a company word without gaps
# Numbers up to 99, as names of firms, units and ships have them. Words that are often written so are added.
_UNITS = {
    word: number
    for number, words in enumerate(
        (
            "zero ноль", "one один одна", "two два две", "three три", "four четыре", "five пять", "six шесть",
            "seven семь", "eight восемь", "nine девять", "ten десять", "eleven одиннадцать", "twelve двенадцать",
            "thirteen тринадцать", "fourteen четырнадцать", "fifteen пятнадцать", "sixteen шестнадцать",
            "seventeen семнадцать", "eighteen восемнадцать", "nineteen девятнадцать",
        )
    )
    for word in words.split()
}  # fmt: skip
_TENS = {
    word: 10 * number
    for number, words in enumerate(
        (
            "twenty двадцать", "thirty тридцать", "forty fourty сорок", "fifty пятьдесят", "sixty шестьдесят",
            "seventy семьдесят", "eighty восемьдесят", "ninety ninty девяносто",
        ),
        2,
    )
    for word in words.split()
}  # fmt: skip
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th",
    "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th", "thirteenth": "13th",
    "fourteenth": "14th", "fifteenth": "15th", "sixteenth": "16th", "seventeenth": "17th", "eighteenth": "18th",
    "nineteenth": "19th", "twentieth": "20th",
}  # fmt: skip
_CARDINALS = {ordinal: word for word, ordinal in _ORDINALS.items()}

Why = Literal["acronym", "expansion", "translation", "short"]


class Derived(NamedTuple):
    """Another spelling of a name.

    Attributes:
        text: 1 to `NAME_LENGTH_MAX` characters.
        factor: In (0, 1]; scales the score of a hit on this spelling.
        why: `acronym` letters of the words or a bracket that holds them; `expansion` an abbreviation written out;
            `translation` a phrase in its abbreviated form, which is one in many languages, a compound as another
            language spells it, or a number in words for one in digits or the other way round; `short` the proper name
            alone, or legal forms without their dots.
    """

    text: str
    factor: float
    why: Why


class Phrase(NamedTuple):
    """A phrase of company names and the abbreviation that is used for it.

    Attributes:
        words: Plain folded words without connecting words, 1 to `PHRASE_WORDS_MAX`.
        short: Abbreviation as written.
        long: First wording of the phrase, as written.
    """

    words: tuple[str, ...]
    short: str
    long: str


@cache
def common_words() -> frozenset[str]:
    """Return short words that people write in earnest, plain folded: no acronym spells one of them."""
    return frozenset(word for line in _data_lines("common_words.txt") for word in line.split())


@cache
def phrase_groups() -> list[Phrase]:
    """Return the phrases of `data/phrases.tsv`, in its order; several may share one abbreviation or one wording."""
    phrases: list[Phrase] = []
    for line in _data_lines("phrases.tsv"):
        short, wordings = line.split("\t")
        many = wordings.split("|")
        for wording in many:
            words = tuple(plain for plain in _plains(wording) if not _is_connector(plain))
            phrases.append(Phrase(words, short, many[0]))
    return phrases


@cache
def _by_sense() -> dict[tuple[str, ...], Phrase]:
    """Phrases by the sense of their words; the first of equal ones wins."""
    table: dict[tuple[str, ...], Phrase] = {}
    for phrase in phrase_groups():
        table.setdefault(tuple(map(_sense, phrase.words)), phrase)
    return table


@cache
def _by_short() -> dict[str, list[str]]:
    """Meanings of each folded abbreviation: КБ is конструкторское бюро and коммерческий банк."""
    table: dict[str, list[str]] = {}
    for phrase in phrase_groups():
        meanings = table.setdefault(_plains(phrase.short)[0], [])
        if phrase.long not in meanings:
            meanings.append(phrase.long)
    return table


@cache
def _openings() -> dict[str, list[int]]:
    """How many words the phrases have that begin with a sense; those of one word are only written out."""
    table: dict[str, set[int]] = {}
    for senses in _by_sense():
        if 1 < len(senses) <= PHRASE_WORDS_MAX:
            table.setdefault(senses[0], set()).add(len(senses))
    return {sense: sorted(lengths) for sense, lengths in table.items()}


@cache
def _folder() -> Folder:
    return Folder(table())


@cache
def _numbers_in_words() -> frozenset[str]:
    return frozenset(plain for words in (_UNITS, _TENS, _ORDINALS) for word in words for plain in _plains(word))


@cache
def _bodies() -> frozenset[str]:
    return frozenset(plain for word in BODIES for plain in _plains(word))


@lru_cache(maxsize=WORD_CACHE_SIZE)
def _traits(plain: str) -> int:
    """Return what a folded word is to the rules."""
    found = 0 if plain.isalpha() and plain not in _numbers_in_words() else NUMERIC
    said = special(plain)
    if said is not None:
        found |= {Kind.LEGAL_FORM: FORM, Kind.CONNECTOR: CONNECTOR, Kind.GENERIC: GENERIC}.get(said.kind, 0)
    elif _is_connector(plain):
        found |= CONNECTOR
    elif plain.startswith(FIRST_SPELLINGS) or plain.endswith(LAST_SPELLINGS):
        found |= 0 if plain == _respelt(plain, 0, 1) == _respelt(plain, 1, 0) else COMPOUND
    if plain in _bodies():
        found |= BODY
    if plain in _by_short():
        found |= SHORT
    if _sense(plain) in _openings():
        found |= OPENING
    return found


def derived_names(text: str, kind: Subject, *, every_rule: bool = False) -> list[Derived]:
    """Return other spellings under which a listed organisation is met.

    Args:
        text: One name as the list prints it; any text at all is safe.
        kind: Only organisations have other spellings, and subjects of unknown or other kind whose name holds a legal
            form or two company words.
        every_rule: Try rules on names without what they need, too. That finds no more; it is here to be compared.

    Returns:
        At most `DERIVED_LIMIT`, best first, without those that fold like the name or like one another.
    """
    if kind not in (Subject.ORGANISATION, Subject.OTHER, Subject.UNKNOWN):
        return []
    data = text[: 4 * NAME_LENGTH_MAX].encode(errors="replace")
    text = data.decode()
    name = _folder().plains(data)
    traits = [_traits(plain) for plain in name]
    if not name or (kind is not Subject.ORGANISATION and not _looks_like_company(traits)):
        return []
    words = reduce(or_, traits)
    signs = SIGNS.intersection(text)
    if every_rule:
        words, signs = -1, SIGNS
    found: list[Derived] = []
    if signs & DOTS:
        found += _without_dots(text)
    if signs & APOSTROPHES:
        found += _without_possessive(text)
    if words & BODY:
        found += _written_out(text, name)
    found += _translated(text)
    if words & NUMERIC:
        found += _with_numbers_changed(data, _tokens(data))
    phrases = _phrases(name, traits) if words & OPENING else []
    if phrases or words & SHORT:
        found += _with_phrases_changed(data, _tokens(data), phrases)
    if words & COMPOUND:
        found += _with_parts_changed(name)
    # A description of some words, and at least one behind a legal form or in quotes.
    own = len(traits) - sum([trait & FORM for trait in traits])
    if every_rule or (own > CORE_WORDS_MIN and (words & FORM or signs & QUOTES)):
        found += _proper_names(text, data, _tokens(data))
    if signs & BRACKETS:
        found += _bracketed(text)
        found += _without_place(text)
        outside = _BRACKETED.sub(" ", text)
        if outside != text:
            data = outside.encode(errors="replace")
            traits = [_traits(plain) for plain in _folder().plains(data)]
    spoken = len([trait for trait in traits if not trait & CONNECTOR])
    telling = len([trait for trait in traits if not trait & (CONNECTOR | FORM)])
    if every_rule or telling >= ACRONYM_WORDS_MIN or spoken > ACRONYM_WORDS_MIN:
        found += _acronyms(data, _tokens(data), traits)
    return _distinct(tuple(name), found) if found else []


def rule_words(more: Iterable[str] = ()) -> tuple[dict[str, tuple[int, int]], list[int]]:
    """Return what words are to the rules, for whoever wants to know which names they may say something about.

    Args:
        more: Words to look at besides those that the rules know.

    Returns:
        (bits and the number of the sense, 0 for none, of each word that is more to the rules than its letters tell;
        `sense << 16 | sense` of the first two words of every phrase).
    """
    phrases = [senses for senses in _by_sense() if len(senses) > 1]
    numbers = {sense: number for number, sense in enumerate(sorted({one for senses in phrases for one in senses}), 1)}
    words = {*special_words(), *_numbers_in_words(), *_bodies(), *_by_short(), *CONNECTING_LETTERS, *more}
    words.update(sense for sense in numbers if not sense.startswith("#"))
    found = {plain: (_traits(plain), numbers.get(_sense(plain), 0)) for plain in sorted(words)}
    return found, sorted({numbers[senses[0]] << 16 | numbers[senses[1]] for senses in phrases})


def numbers_in_words() -> list[str]:
    """Return 0 to 99 in English, then in Russian words."""
    return [_in_words(number, latin=latin) for latin in (True, False) for number in range(BASE * BASE)]


def meanings() -> dict[str, list[str]]:
    """Return what each abbreviation of phrases means, by its folded letters; at most `MEANINGS_MAX` texts."""
    return {plain: found[:MEANINGS_MAX] for plain, found in _by_short().items()}


def _data_lines(name: str) -> Iterator[str]:
    text = resources.files("sito.names").joinpath("data", name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _sense(plain: str) -> str:
    said = special(plain)
    return f"#{said.group}" if said and said.group else plain


def _is_connector(plain: str) -> bool:
    said = special(plain)
    # The Russian words "и", "с" and "в" fold to one letter, which the table of words has not.
    return plain in CONNECTING_LETTERS or (said is not None and said.kind is Kind.CONNECTOR)


def _is_legal_form(plain: str) -> bool:
    said = special(plain)
    return said is not None and said.kind is Kind.LEGAL_FORM


def _looks_like_company(traits: Sequence[int]) -> bool:
    generic = sum(trait & GENERIC != 0 for trait in traits)
    return generic >= COMPANY_WORDS_MIN or any(trait & FORM for trait in traits)


@lru_cache(maxsize=4)
def _tokens(data: bytes) -> list[Token]:
    """Return the tokens of a name; several rules ask for them."""
    return [Token(*token) for token in _folder().fold(data)[0]]


def _raw(data: bytes, token: Token) -> str:
    return data[token.start : token.end].decode(errors="replace")


@lru_cache(maxsize=4096)
def _plains(text: str) -> tuple[str, ...]:
    """Return the plain folded words of a short text; the same ones are asked for again and again."""
    return tuple(_folder().plains(text.encode(errors="replace")))


def _distinct(name: tuple[str, ...], found: Iterable[Derived]) -> list[Derived]:
    seen = {name}
    out: list[Derived] = []
    for derived in found:
        text = " ".join(derived.text.split())
        folded = _plains(text)
        if folded and folded not in seen and len(text) <= NAME_LENGTH_MAX:
            seen.add(folded)
            out.append(derived if text == derived.text else derived._replace(text=text))
    return out[:DERIVED_LIMIT]


def _without_dots(text: str) -> list[Derived]:
    """Write S.A. de C.V. as SA de CV, A.B.C. as ABC: dotted letters fold to single letters, which count as initials."""
    joined = _DOTTED.sub(_undotted, text)
    return [Derived(joined, PHRASE_FACTOR, "short")] if joined != text else []


def _without_possessive(text: str) -> list[Derived]:
    """Write Miller's Mills as Miller Mills."""
    bare = _POSSESSIVE.sub("", text)
    return [Derived(bare, PHRASE_FACTOR, "short")] if bare != text else []


def _written_out(text: str, name: Sequence[str]) -> list[Derived]:
    """Write the letters of a body out that stand alone or beside the place it is of: IRGC, IRGC Iran."""
    out = []
    for word in text.split():
        body = BODIES.get(word.casefold()) if word.isupper() else None
        if body is None:
            continue
        rest = [plain for plain in name if plain not in _plains(word)]
        if all(_is_place(plain) for plain in rest):
            out.append(Derived(body, CORE_FACTOR if rest else PHRASE_FACTOR, "expansion"))
    return out


def _without_place(text: str) -> list[Derived]:
    """Leave out a place in brackets: the branch of a firm goes by the name of the firm."""
    out = text
    for match in _BRACKETED.finditer(text):
        inner = _plains(match.group(1))
        if inner and all(map(_is_place, inner)):
            out = out.replace(match.group(), " ")
    return [Derived(out, CORE_FACTOR, "short")] if out != text and len(_plains(out)) > 1 else []


def _is_place(plain: str) -> bool:
    said = special(plain)
    return said is not None and said.kind is Kind.PLACE


def _undotted(match: re.Match[str]) -> str:
    letters = "".join(c for c in match.group() if c.isalpha())
    known = len(letters) >= ACRONYM_LENGTH_MIN or any(map(_is_legal_form, _plains(letters)))
    return f"{letters} " if known else match.group()


class NativeWord(NamedTuple):
    """What a company word of another script is in English.

    Attributes:
        english: The words; empty for a place, which is spelled and not translated.
        head: Does it stand first in its own language and last in English?
    """

    english: str
    head: bool


def _native(word: str) -> str:
    """Return a word without marks, Arabic and Persian forms of one letter as one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if c.isalpha() and not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).translate(_NATIVE_LETTERS)


@cache
def native_words() -> dict[str, NativeWord]:
    """Return the words of `data/native_words.tsv` by `_native`; the first of equal ones wins."""
    words: dict[str, NativeWord] = {}
    for line in _data_lines("native_words.tsv"):
        english, natives = line.split("\t")
        for native in natives.split():
            word = NativeWord(english.removeprefix("< ").replace("-", ""), english.startswith("< "))
            words.setdefault(_native(native), word)
    return words


def _translated(text: str) -> list[Derived]:
    """Write the company words of a name in English, and a name without gaps with them.

    شركة النخيل للتجارة is "ال نخيل trading company", its article apart as in al-Nakhil; 天津远航贸易有限公司 is
    "tianjin yuanhang trading co ltd" and "tianjin yuanhang maoyi youxiangongsi".
    """
    if text.isascii() or not _OTHER_SCRIPT.search(text):
        return []
    english: list[str] = []
    heads: list[str] = []
    spelled: list[str] = []
    known = own = 0
    for word in text.split():
        parts = _syllabic_parts(word) if _SYLLABIC.search(word) else [(word, _meaning(word))]
        for part, meaning in parts:
            sound = "".join(_plains(part)) if len(parts) > 1 else _ARTICLE.sub(r"\1 ", part)
            spelled.append(sound)
            known += meaning is not None and bool(meaning.english)
            own += meaning is None and bool(_plains(part))
            if meaning is None or not meaning.english:
                english.append(sound)
            else:
                (heads if meaning.head and not english else english).append(meaning.english)
    if not own:
        return []
    out = [Derived(" ".join(english + heads), PHRASE_FACTOR, "translation")] if known else []
    return [*out, Derived(" ".join(spelled), PHRASE_FACTOR, "translation")] if _SYLLABIC.search(text) else out


def _meaning(word: str) -> NativeWord | None:
    """Return what a word of a script with gaps is, with or without an article or a preposition glued to it."""
    native = _native(word)
    found = native_words().get(native)
    match = None if found else _GLUED.match(native)
    return native_words().get(native[match.end() :]) if match else found


def _syllabic_parts(word: str) -> list[tuple[str, NativeWord | None]]:
    """Cut a name without gaps: a place in front, company words behind, between them the proper name."""
    words = native_words()
    front: list[tuple[str, NativeWord | None]] = []
    back: list[tuple[str, NativeWord | None]] = []
    place = next((word[:n] for n in (4, 3, 2) if len(word) > n and word[:n] in words), "")
    if place and (not words[place].english or place in _COUNTRIES):
        front.append((place, words[place]))
        rest = word[len(place) :]
        word = rest[1:] if rest[:1] in "市省" and len(rest) > 1 else rest
    while size := next((n for n in range(NATIVE_LENGTH_MAX, 1, -1) if len(word) >= n and word[-n:] in words), 0):
        back.insert(0, (word[-size:], words[word[-size:]]))
        word = word[:-size]
    return [*front, *([(word, None)] if word else []), *back]


def _with_phrases_changed(data: bytes, tokens: Sequence[Token], phrases: Sequence[_Found]) -> list[Derived]:
    """Abbreviate the phrases of a name, and write its abbreviations out."""
    out = []
    whole = _phrase_spans(phrases, {})
    # Центральный научно-исследовательский институт is ЦНИИ and Центральный НИИ.
    inner = _phrase_spans(phrases, {(first, after): short for first, after, short in whole})
    for spans in (whole, inner):
        if spans and any(len(t.plain) >= CORE_LENGTH_MIN or t.plain.isdigit() for t in _kept(tokens, spans)):
            out.append(Derived(_replaced(data, tokens, spans), PHRASE_FACTOR, "translation"))
    short = [i for i, token in enumerate(tokens) if token.plain in _by_short()]
    places = [i for i in short if _is_abbreviation(tokens[i].plain, _raw(data, tokens[i]))]
    if 0 < len(places) < len(tokens):
        for meaning in range(MEANINGS_MAX):
            spans = [
                (i, i + 1, meanings[min(meaning, len(meanings) - 1)])
                for i in places
                for meanings in [_by_short()[tokens[i].plain]]
            ]
            out.append(Derived(_replaced(data, tokens, spans), PHRASE_FACTOR, "expansion"))
    return out


def _with_parts_changed(name: Sequence[str]) -> list[Derived]:
    """Spell the parts of compounds as they are spoken in Russian, or as English spells them."""
    out = []
    for here, there in ((0, 1), (1, 0)):
        words = [_respelt(plain, here, there) if _traits(plain) & COMPOUND else plain for plain in name]
        if words != name:
            out.append(Derived(" ".join(words), PHRASE_FACTOR, "translation"))
    return out


def _respelt(plain: str, here: int, there: int) -> str:
    """Change the first and the last part of a compound from one spelling to the other; the longest one that fits."""
    fitting = [part for part in FIRST_PARTS if plain.startswith(part[here])]
    first = max(fitting, key=lambda part: len(part[here])) if fitting else None
    if first is not None and len(plain) - len(first[here]) >= PART_REST_MIN:
        plain = first[there] + plain.removeprefix(first[here])
    fitting = [part for part in LAST_PARTS if plain.endswith(part[here])]
    last = max(fitting, key=lambda part: len(part[here])) if fitting else None
    if last is not None and len(plain) - len(last[here]) >= PART_REST_MIN:
        plain = plain.removesuffix(last[here]) + last[there]
    return plain


def _with_numbers_changed(data: bytes, tokens: Sequence[Token]) -> list[Derived]:
    """Write numbers in words as digits, and digits as words: Brigade Forty-Four, Brigade 44; First Bank, 1st Bank."""
    raws = [_raw(data, token).casefold() for token in tokens]
    digits: list[tuple[int, int, str]] = []
    words: list[tuple[int, int, str]] = []
    i = 0
    while i < len(raws):
        after = i + 1
        number = _UNITS.get(raws[i])
        if raws[i] in _TENS:
            unit = _unit(raws[after]) if after < len(raws) else 0
            number = _TENS[raws[i]] + unit
            after += unit > 0
        if number is not None:
            digits.append((i, after, str(number)))
        elif raws[i] in _ORDINALS:
            digits.append((i, after, _ORDINALS[raws[i]]))
        elif raws[i] in _CARDINALS:
            words.append((i, after, _CARDINALS[raws[i]]))
        elif raws[i].isascii() and raws[i].isdigit() and len(raws[i]) <= NUMBER_DIGITS_MAX:
            words.append((i, after, _in_words(int(raws[i]), latin=_is_latin(data))))
        i = after
    return [
        Derived(_replaced(data, tokens, spans), PHRASE_FACTOR, "translation")
        for spans in (digits, words)
        if spans and len(spans) < len(tokens)
    ]


def _unit(raw: str) -> int:
    """Return the number behind tens, 1 to 9, in words or as a digit; 0 if it is none."""
    number = int(raw) if raw.isascii() and raw.isdigit() else _UNITS.get(raw, 0)
    return number if number < BASE else 0


def _is_latin(data: bytes) -> bool:
    return not any("а" <= c <= "я" for c in data.decode(errors="replace").casefold())


@cache
def _in_words(number: int, *, latin: bool) -> str:
    """Write a number below 100 in English, or in Russian."""
    units = [word for word in _UNITS if word.isascii() == latin and word not in ("одна", "две")]
    tens = [word for word in _TENS if word.isascii() == latin and word not in ("fourty", "ninty")]
    if number < 2 * BASE:
        return units[number]
    return tens[number // BASE - 2] + (f" {units[number % BASE]}" if number % BASE else "")


def _is_abbreviation(plain: str, raw: str) -> bool:
    """Tell whether the letters of an abbreviation are one: in capitals, and a short one in its own script."""
    if not raw[:1].isupper():
        return False
    return len(plain) >= ACRONYM_LENGTH_MIN or not raw.isascii() or plain in ("kb", "td")


def _kept(tokens: Sequence[Token], spans: Sequence[tuple[int, int, str]]) -> list[Token]:
    inside = {i for first, after, _ in spans for i in range(first, after)}
    return [t for i, t in enumerate(tokens) if i not in inside and not _is_legal_form(t.plain)]


class _Found(NamedTuple):
    """A phrase in a name: its words without connecting ones, the token range around them, and its abbreviation."""

    words: list[int]
    first: int
    after: int
    short: str


def _phrases(name: Sequence[str], traits: Sequence[int]) -> list[_Found]:
    """Return all phrases of a name, long ones first, then from left to right."""
    meant = [i for i, trait in enumerate(traits) if not trait & CONNECTOR]
    senses = [_sense(name[i]) for i in meant]
    found: list[_Found] = []
    for at, sense in enumerate(senses):
        for length in _openings().get(sense, ()):
            phrase = _by_sense().get(tuple(senses[at : at + length]))
            if phrase is not None and at + length <= len(senses):
                words = meant[at : at + length]
                found.append(_Found(words, words[0], words[-1] + 1, phrase.short))
    return sorted(found, key=lambda one: -len(one.words))


def _phrase_spans(phrases: Sequence[_Found], without: dict[tuple[int, int], str]) -> list[tuple[int, int, str]]:
    """Return token ranges that are phrases, with their abbreviations, left to right without overlap.

    Long phrases go first. Ranges of `without` are not taken, nor are shorter ones inside them that have the same
    abbreviation.
    """
    spans: list[tuple[int, int, str]] = []
    taken: set[int] = set()
    for words, first, after, short in phrases:
        if not taken.isdisjoint(words):
            continue
        if any(a <= first and after <= b and short == other for (a, b), other in without.items()):
            continue
        if (first, after) not in without:
            spans.append((first, after, short))
            taken.update(range(first, after))
    return sorted(spans)


def _replaced(data: bytes, tokens: Sequence[Token], spans: Sequence[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for first, after, other in spans:
        before = data[at : tokens[first].start].decode(errors="replace")
        # ГосНИИ is two words without anything between them.
        parts += [before, " " if before[-1:].isalnum() or (not before and parts) else "", other]
        at = tokens[after - 1].end
    rest = data[at:].decode(errors="replace")
    parts += [" " if rest[:1].isalnum() else "", rest]
    return "".join(parts)


def _is_distinctive(plains: Iterable[str]) -> bool:
    """Tell whether a part of a name can stand for the whole: one ordinary word of some length, not a number."""
    return any(len(p) >= CORE_LENGTH_MIN and not p.isdigit() and special(p) is None for p in plains)


def _proper_names(text: str, data: bytes, tokens: Sequence[Token]) -> list[Derived]:
    """Return the quoted part of a long description, and what follows a legal form in its middle."""
    out = []
    for match in _QUOTED.finditer(text):
        part = next(group for group in match.groups() if group is not None)
        inner = _plains(part)
        outside = len(tokens) - len(inner) - sum(_is_legal_form(t.plain) for t in tokens)
        words_min = CORE_WORDS_MIN if len(inner) > 1 else LONE_CORE_WORDS_MIN
        if outside >= words_min and _is_distinctive(inner):
            out.append(Derived(part, CORE_FACTOR, "short"))
    plains = [t.plain for t in tokens]
    forms = [i for i, plain in enumerate(plains) if _is_legal_form(plain)]
    for i in forms:
        rest = tokens[i + 1 :]
        before = sum(not _is_legal_form(t.plain) and not _is_connector(t.plain) for t in tokens[:i])
        if (
            before >= CORE_WORDS_MIN
            and not any(_is_legal_form(t.plain) for t in rest)
            and _is_distinctive(plains[i + 1 :])
        ):
            start = rest[0].start
            # Only where the description before the form has no proper name of its own.
            if not _is_distinctive(plains[:i]):
                out.append(Derived(data[start : rest[-1].end].decode(errors="replace"), CORE_FACTOR, "short"))
    return out


def _acronym_factor(length: int) -> float:
    return ACRONYM_FACTORS.get(length, ACRONYM_FACTOR)


def _is_good_acronym(letters: str) -> bool:
    if not ACRONYM_LENGTH_MIN <= len(letters) <= ACRONYM_LENGTH_MAX:
        return False
    plains = _plains(letters)
    if len(plains) != 1 or not plains[0].isalpha() or special(plains[0]) is not None or plains[0] in common_words():
        return False
    (token,) = _tokens(plains[0].encode())
    return len(token.key) >= ACRONYM_LENGTH_MIN


def _bracketed(text: str) -> list[Derived]:
    """Return acronyms that stand in brackets behind the words that they are made of."""
    out = []
    for match in _BRACKETED.finditer(text):
        part = match.group(1).strip(" \"'«»“”„")
        letters = "".join(c for c in part if c.isalpha())
        before = text[: match.start()]
        if part == letters and letters.isupper() and _is_good_acronym(letters) and _stands_for(letters, before):
            out.append(Derived(letters, _acronym_factor(len(letters)), "acronym"))
    return out


def _stands_for(letters: str, words: str) -> bool:
    """Tell whether most letters are first letters of the words, in their order, the first one included."""
    firsts = [plain[0] for plain in _plains(words)]
    plain = _plains(letters)[0]
    at = 0
    agreeing = 0
    for letter in plain:
        if letter in firsts[at:]:
            at = firsts.index(letter, at) + 1
            agreeing += 1
    return plain[0] in firsts and agreeing * 3 >= len(plain) * 2


def _acronyms(data: bytes, tokens: Sequence[Token], traits: Sequence[int]) -> list[Derived]:
    """Return the first letters of the words: without connecting words, with them, and with legal forms written out."""
    if any(not t.plain.isalpha() or len(t.plain) > WORD_LETTERS_MAX for t in tokens):
        return []
    firsts = [_first_letter(_raw(data, token)) for token in tokens]
    significant = [i for i, trait in enumerate(traits) if not trait & (FORM | CONNECTOR)]
    out = []
    if len(significant) >= ACRONYM_WORDS_MIN:
        own = [i for i, trait in enumerate(traits) if not trait & FORM]
        for chosen in (significant, own) if len(own) > len(significant) else (significant,):
            letters = "".join([firsts[i] for i in chosen]).upper()
            if _is_good_acronym(letters):
                out.append(Derived(letters, _acronym_factor(len(letters)), "acronym"))
    spoken = [
        i
        for i, (trait, token) in enumerate(zip(traits, tokens, strict=True))
        if not trait & CONNECTOR and (not trait & FORM or len(token.plain) > CORE_LENGTH_MIN)
    ]
    if len(spoken) > max(len(significant), ACRONYM_WORDS_MIN):
        letters = "".join([firsts[i] for i in spoken]).upper()
        if _is_good_acronym(letters):
            out.append(Derived(letters, WHOLE_FACTOR, "acronym"))
    return out


def _first_letter(word: str) -> str:
    return word[0] if word[0].isalpha() else next((c for c in word if c.isalpha()), "")
