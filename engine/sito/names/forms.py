"""Which key may be a case form of which other key: the readable twin of `sito_ext.forms`.

Payments and news say "Ивановой Марии Сергеевне" where the list says "Иванова Мария Сергеевна". A *form* is a word in
an oblique case, its *base* the nominative. Both are keys (`keys.py`), so one table serves Cyrillic text and every
romanisation of it (Ivanovoy, Ivanovoi, Ivanovoj).

The table is made out of paradigms written in Cyrillic: the letters a stem may end in, the ending of the nominative, the
endings of the other cases. Each is folded with a stand-in for the rest of the stem, and what is left of form and base
behind their common beginning, with the two letters before that place, is a rule. So the table follows any change of
letters.py or keys.py: run `python -m sito.names.forms ext/sito_ext/forms.pyx` afterwards; a test compares both tables.

A key has lost what the writing told (Марии and Марий share one, so do -ый and -ий), therefore every answer is a "may
be". It says nothing about words that exist: whoever asks knows the words of the list.

Sources: Zaliznyak's grammatical dictionary for the Russian types of declension, with Rosenthal's handbook (surnames and
given names); the Ukrainian orthography of 2019 (first and second declension, surnames); the Belarusian rules of 2008.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from sito.names.keys import key
from sito.names.letters import CYRILLIC

MASCULINE, FEMININE, COUNTERPART = 1, 2, 4
EITHER = MASCULINE | FEMININE
BASES_MAX = 16  # no word has more: a test tries all endings
FORM_LENGTH_MIN = 4  # shorter words differ from too many others by an ending; see `_long_enough`
WORD_LENGTH_MAX = 128  # letters of a key
BEGINNING = "^"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Ranks order the bases of one form: what most names are declined by, what some are, what few are.
SURE, USUAL, RARE, LAST = 0, 1, 2, 3

HARD = "б в г д ж з к л м н п р с т ф х ц ч ш щ адж едж идж одж удж ндж"
HUSHING = "ж ц ч ш щ адж едж идж одж удж ндж"
SOFT = "б в д з л м н п р с т ф"
VOWELS = "а е и о у ы э ю я"
# Stems of adjectives, without those of surnames in -ов, -ев, -ин, -ын.
ADJECTIVE = (
    "б г д з к л м п р с т х ж ц ч ш щ ав ив ув ыв рв лв св тв "
    "ан ен он ун ян бн вн гн дн жн зн йн кн лн ьн мн пн рн сн тн хн чн шн щн"
)
SURNAME = "ов ев ин ын"
# The stem of any -ва but -ова, -ева: those have no form in -е, which is the masculine -ове, -еве.
NOT_SURNAME = (
    "б г д ж з к л м н п р с т ф х ц ч ш щ "
    "ав ив ув ыв юв яв бв дв зв кв лв мв нв рв св тв чв шв адж едж идж одж удж ндж"
)


class Paradigm(NamedTuple):
    """One way to decline, in Cyrillic.

    Attributes:
        stems: What stems may end in, words divided by blanks; `^` is the beginning of the word.
        base: Ending of the nominative.
        forms: Endings of the other cases, divided by blanks; `-` is no ending.
        bits: What `is_form` says of such a pair.
        rank: Place among the bases of one form, `SURE` to `LAST`.
    """

    stems: str
    base: str
    forms: str
    bits: int
    rank: int


class Rule(NamedTuple):
    """Two keys are a pair if they end in `form` and `base`, are equal before that, and `before` has what stands there.

    Attributes:
        form, base: Endings behind the longest common beginning, so their first letters differ; at most
            `ENDING_LENGTH_MAX` letters.
        before: Pairs of letters, the last but one and the last before the ending; the first may be `BEGINNING`.
        bits, rank: As in `Paradigm`.
    """

    form: str
    base: str
    bits: int
    rank: int
    before: frozenset[str]


ENDING_LENGTH_MAX = 6


def _without(stems: str, letters: str) -> str:
    """Leave stems out: behind a letter the same letter is lost in the key, and Шевчука is no form of Шевчукок."""
    return " ".join(stem for stem in stems.split() if stem not in letters)


PARADIGMS: tuple[Paradigm, ...] = (
    # Surnames in -ов, -ев, -ин, -ын: Иванова, Иванову, Ивановым, Иванове; Ивановой, Иванову, Ивановою; Ивановы, -ых.
    Paradigm(SURNAME, "", "а у ым е", MASCULINE, SURE),
    Paradigm(SURNAME, "а", "ой у ою ій", FEMININE, SURE),
    Paradigm(SURNAME, "", "ы ых ыми", EITHER, USUAL),
    Paradigm(SURNAME, "а", "ы ых ым ыми", EITHER, USUAL),
    Paradigm(SURNAME, "", "а", COUNTERPART, SURE),
    Paradigm(SURNAME, "а", "-", COUNTERPART, SURE),
    # Belarusian: Іванова, Іванову, Івановым, Іванове of Іваноў; Міхайлавай of Міхайлава.
    Paradigm("о е а", "ў", "ва ву вым ве", MASCULINE, RARE),
    Paradigm("о е а", "ў", "вы вых вымі", EITHER, LAST),
    Paradigm("о е а", "ў", "ва", COUNTERPART, RARE),
    Paradigm("ав", "а", "ай у аю", FEMININE, SURE),
    Paradigm("ов ев ін", "а", "ай аю", FEMININE, USUAL),
    # Belarusian writes an unstressed o as a: Пруднічаў is Прудничев, Сідараў Сидоров, Цімафееў Тимофеев.
    Paradigm(HUSHING, "ев", "аў", EITHER, LAST),
    Paradigm(HARD, "ов", "аў", EITHER, LAST),
    Paradigm(f"{SOFT} {VOWELS}", "ев", "еў", EITHER, LAST),
    Paradigm(HUSHING, "аў", "ев", COUNTERPART, LAST),
    Paradigm(HARD, "аў", "ов", COUNTERPART, LAST),
    Paradigm(f"{SOFT} {VOWELS}", "еў", "ев", COUNTERPART, LAST),
    # Ukrainian: Ковалева, Коваліва of Ковалів.
    Paradigm("ів", "", "а у им ові", MASCULINE, RARE),
    # Adjectives, and surnames that are declined like them: Вишневский, Белый, Горький, Синий.
    Paradigm("ск цк зк", "ий", "ого ому им ом ім", MASCULINE, SURE),
    Paradigm("ск цк зк", "ая", "ой ую ою", FEMININE, SURE),
    Paradigm("ск цк зк", "ий", "ага аму", MASCULINE, RARE),
    Paradigm("ск цк зк", "ая", "ай аю", FEMININE, RARE),
    Paradigm("ськ цьк зьк", "а", "ої у ою ій", FEMININE, SURE),
    Paradigm("ск цк зк", "ий", "ая а", COUNTERPART, SURE),
    Paradigm("ск цк зк", "ая", "ий", COUNTERPART, SURE),
    Paradigm("ск цк зк", "а", "ий", COUNTERPART, SURE),
    Paradigm("ск цк зк", "ий", "ие их ими і", EITHER, RARE),
    Paradigm("ск цк зк", "ая", "ие их им ими", EITHER, RARE),
    Paradigm(ADJECTIVE, "ый", "ого ому ым ом ім", MASCULINE, USUAL),
    Paradigm(ADJECTIVE, "ая", "ой ую ою", FEMININE, USUAL),
    Paradigm(ADJECTIVE, "ый", "ые ых ыми", EITHER, LAST),
    Paradigm(ADJECTIVE, "ая", "ые ых ым ыми", EITHER, LAST),
    Paradigm(ADJECTIVE, "ый", "ага аму", MASCULINE, LAST),
    Paradigm(ADJECTIVE, "ая", "ай", FEMININE, LAST),
    Paradigm(SURNAME, "ый", "ого ому ым ом", MASCULINE, LAST),
    Paradigm(SURNAME, "ая", "ой ую ою", FEMININE, LAST),
    Paradigm(ADJECTIVE + " " + SURNAME, "ый", "ая", COUNTERPART, USUAL),
    Paradigm(ADJECTIVE + " " + SURNAME, "ая", "ый", COUNTERPART, USUAL),
    Paradigm("н ж ч ш щ", "ий", "его ему им ем", MASCULINE, USUAL),
    Paradigm("н", "яя", "ей юю ею", FEMININE, USUAL),
    Paradigm("ж ч ш щ", "ая", "ей ую ею", FEMININE, USUAL),
    Paradigm("н", "ий", "яя", COUNTERPART, USUAL),
    Paradigm("н", "яя", "ий", COUNTERPART, USUAL),
    # Толстой, Толстого, Толстая.
    Paradigm(ADJECTIVE, "ой", "ого ому ым ом", MASCULINE, USUAL),
    Paradigm(ADJECTIVE, "ой", "ая", COUNTERPART, USUAL),
    Paradigm(ADJECTIVE, "ая", "ой", COUNTERPART, USUAL),
    Paradigm(ADJECTIVE, "ой", "ые ых ыми", EITHER, LAST),
    Paradigm("ов ев", "ой", "ого ому ым ом", MASCULINE, RARE),
    Paradigm("ов ев", "ой", "ая", COUNTERPART, RARE),
    Paradigm("ов ев", "ая", "ой", COUNTERPART, RARE),
    Paradigm("ов ев", "ая", "ой", FEMININE, RARE),
    # Neuter words of company names: Российское, Предприятие, Общество.
    Paradigm("ск цк н ов ев", "ое", "ого ому ым ом", MASCULINE, LAST),
    Paradigm("н т", "ие", "ия ию ием ии", MASCULINE, RARE),
    Paradigm("ств", "о", "а у ом е", MASCULINE, RARE),
    # Men: Иван, Магомед, Ткач, Шевчук, Иванович; Иваном, Ткачом, Ивановичем. Belarusian: Іванам.
    Paradigm(HARD, "", "а у ом е", MASCULINE, USUAL),
    Paradigm("ович евич ич", "", "а у ем е", MASCULINE, SURE),
    Paradigm(HUSHING, "", "ем", MASCULINE, USUAL),
    Paradigm(HARD, "", "ові", MASCULINE, RARE),
    Paradigm(HUSHING + " р", "", "еві", MASCULINE, RARE),
    Paradigm("к ч н л др тр", "", "ам", MASCULINE, LAST),
    # Patronymics as they are said: Иваныч, Алексеич, Василич, Николавна.
    Paradigm(HARD, "ович", "ыч ыча ычу ычем ыче", MASCULINE, RARE),
    Paradigm("а е " + SOFT, "евич", "ич ича ичу ичем иче", MASCULINE, RARE),
    Paradigm("а", "евна", "вна вны вне вну вной вною", FEMININE, RARE),
    # Игорь, Коваль.
    Paradigm(SOFT, "ь", "я ю ем е", MASCULINE, USUAL),
    Paradigm(SOFT, "ь", "еві ём", MASCULINE, RARE),
    # Николай, Сергей, Юрий, Цой.
    Paradigm(VOWELS, "й", "я ю ем", MASCULINE, USUAL),
    Paradigm("а е о у э ю я", "й", "е", MASCULINE, USUAL),
    Paradigm("и", "й", "и", MASCULINE, RARE),
    Paradigm("і а е о у", "й", "єм єві ї ю я", MASCULINE, RARE),
    # Воробей, Соловей, Ильей.
    Paradigm("б в р л н", "ей", "ья ью ьем ье", MASCULINE, RARE),
    # Шевченко, Павло, Данило: declined in Ukrainian. Belarusian Лукашэнка.
    Paradigm("енк", "о", "а у ом", MASCULINE, SURE),
    Paradigm("к", "о", "а у ом ові ам", MASCULINE, USUAL),
    Paradigm("л р", "о", "а у ом ові", MASCULINE, RARE),
    Paradigm("к", "а", "ам", MASCULINE, RARE),
    # Women and men in -а: Анна, Ольга, Никита, Мустафа; Маша, Ганжа.
    Paradigm("овн евн івн ичн аўн", "а", "ы е у ой ою і ай", FEMININE, SURE),
    Paradigm(NOT_SURNAME, "а", "ы е у ой ою", EITHER, USUAL),
    Paradigm(HUSHING, "а", "ей ею", EITHER, USUAL),
    Paradigm("н р к г ц", "а", "ай аю", EITHER, LAST),
    # Таня, Илья, Наталья.
    Paradigm("д з л н р с т", "я", "и е ю ей ею", EITHER, USUAL),
    Paradigm("б в м п ф", "я", "и е ю ей ею", EITHER, RARE),
    Paradigm(SOFT, "я", "яй яю", EITHER, LAST),
    # Зоя, Мария, Рея.
    Paradigm("е", "я", "и е ю ей ею", EITHER, USUAL),
    Paradigm("а о у э ю я", "я", "и е ю ей ею", EITHER, RARE),
    Paradigm("и", "я", "и ю ей ею", EITHER, USUAL),
    Paradigm("і а е о", "я", "ї ю єю", EITHER, RARE),
    Paradigm("ы", "я", "і ю яй яю", EITHER, LAST),
    # Любовь, Айгуль, Юдифь; words like нефть.
    Paradigm("в л ф ст фт ть ир", "ь", "и", FEMININE, RARE),
    Paradigm("в л ф ст фт ир", "ь", "ью", FEMININE, USUAL),
    # A vowel that flees: Павел, Лев, Коробец, Боец, Мазурок, Чуб'як, Коренек, Гребень, Огонь, Орёл, Бугор.
    *(
        Paradigm(_without(stem, last), vowel + last, f"{last}а {last}у {last}ом {last}е", MASCULINE, rank)
        for stem, vowel, last, rank in (
            (HARD, "е", "л", RARE),
            (HARD, "е", "к", RARE),
            (HARD, "о", "к", RARE),
            (HARD, "о", "л", LAST),
            (HARD, "о", "р", LAST),
        )
    ),
    Paradigm("^л", "ев", "ьва ьву ьвом ьве", MASCULINE, SURE),
    Paradigm(_without(HARD, "цч"), "ец", "ца цу цом це цем", MASCULINE, USUAL),
    Paradigm("л н", "ец", "ьца ьцу ьцом ьце ьцем", MASCULINE, USUAL),
    Paradigm("а е о у я", "ец", "йца йцу йцом йце йцем", MASCULINE, USUAL),
    Paradigm("а е о у я", "яц", "йца йцу йцом йце йцем", MASCULINE, RARE),
    Paradigm("а е и о у", "ек", "йка йку йком йке", MASCULINE, RARE),
    Paradigm(_without(HARD, "н"), "ень", "ня ню нем не", MASCULINE, RARE),
    Paradigm(_without(HARD, "л"), "ель", "ля лю лем ле", MASCULINE, LAST),
    # Ukrainian і for о or е in a closed syllable: Федір, Антін, Яків, Прокіп.
    *(
        Paradigm(_without(HARD, last), "і" + last, f"о{last}а о{last}у о{last}ом о{last}і о{last}ові", MASCULINE, LAST)
        for last in ("р", "н", "в", "п")
    ),
    # The third declension of consonants before і, е: Ользі, Вользе, Галці.
    Paradigm("", "га", "зі зе", EITHER, RARE),
    Paradigm("", "ка", "ці цы", EITHER, RARE),
    Paradigm("", "ха", "сі се", EITHER, LAST),
    Paradigm("", "да", "дзе", EITHER, LAST),
    # A listed Abdullah has lost its h in the key, Абдуллаха has not.
    Paradigm("а", "h", "ха ху хом хе", MASCULINE, LAST),
)

# Stand-ins for the letters of a stem that do not matter; two, because a key has no letter twice in a row.
_ANY = "#?"


def _written(text: str) -> Iterator[str]:
    """Yield the Latin spellings of a Cyrillic text whose keys may differ: е behind a vowel is e or ye."""
    yield "".join(CYRILLIC.get(letter, letter) for letter in text)
    vowels = "аеёиоуыэюяіїєьй"
    if any(letter == "е" and before in vowels for before, letter in pairwise(text)):
        yield "".join(
            "ye" if letter == "е" and before in vowels else CYRILLIC.get(letter, letter)
            for before, letter in zip(" " + text, text, strict=False)
        )


def _common(left: str, right: str) -> int:
    """Return how many letters two words begin with in common."""
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


def _pairs(before: str) -> Iterable[str]:
    """Return the pairs of letters that the last two of `before` stand for."""
    last = LETTERS if before[-1] in _ANY else before[-1]
    last_but_one = LETTERS if before[-2] in _ANY else before[-2]
    return (first + second for first in last_but_one for second in last)


@cache
def rules() -> tuple[Rule, ...]:
    """Make the table out of `PARADIGMS`; sorted by form, then base, then rank and bits."""
    found: dict[tuple[str, str, int, int], set[str]] = {}
    for paradigm in PARADIGMS:
        for stem in paradigm.stems.split() or [""]:
            start = stem if stem.startswith(BEGINNING) else _ANY + stem
            for ending in paradigm.forms.split():
                for form_written in _written(start + ending.strip("-")):
                    for base_written in _written(start + paradigm.base):
                        form, base = key(form_written), key(base_written)
                        if form == base:
                            continue
                        common = _common(form, base)
                        rule = form[common:], base[common:], paradigm.rank, paradigm.bits
                        found.setdefault(rule, set()).update(_pairs(form[:common]))
    return tuple(
        Rule(form, base, bits, rank, frozenset(before)) for (form, base, rank, bits), before in sorted(found.items())
    )


@cache
def _by_form() -> dict[str, list[Rule]]:
    table: dict[str, list[Rule]] = {}
    for rule in rules():
        table.setdefault(rule.form, []).append(rule)
    return table


def _is_word(word: str) -> bool:
    return len(word) <= WORD_LENGTH_MAX and all(letter in LETTERS for letter in word)


def _before(word: str, end: int) -> str:
    """Return the two letters before `end`; the beginning of the word counts as one."""
    return (BEGINNING + word)[end - 1 : end + 1]


def _long_enough(length: int, common: int, rule: Rule) -> bool:
    """Tell whether a form of `length` letters, `common` of them shared with the base, is enough for a rule.

    Three letters are enough for Льва, and for the forms of Анна, Инна, Зоя, whose bases are longer than what a man's
    name would be.
    """
    return length >= FORM_LENGTH_MIN or common == 1 or (length == 3 and rule.base.endswith("a") and rule.rank < LAST)


def bases(form: str) -> list[str]:
    """Return the keys whose oblique case a key may be.

    Args:
        form: Key of one word, as `keys.key` makes it.

    Returns:
        At most `BASES_MAX` keys, none equal to `form`; most probable first (rank, then longest ending, then alphabet).
        Nothing for words of fewer than `FORM_LENGTH_MIN` letters (but see `_long_enough`), of more than
        `WORD_LENGTH_MAX`, or with anything else than the letters a to z.
    """
    if not _is_word(form):
        return []
    ranks: dict[str, tuple[int, int, str]] = {}
    for size in range(min(ENDING_LENGTH_MAX, len(form) - 1) + 1):
        common = len(form) - size
        for rule in _by_form().get(form[common:], []):
            base = form[:common] + rule.base
            if not (rule.bits & EITHER and _before(form, common) in rule.before):
                continue
            if _long_enough(len(form), common, rule) and len(base) <= WORD_LENGTH_MAX:
                ranks[base] = min(ranks.get(base, (LAST + 1, 0, "")), (rule.rank, -size, rule.base))
    return sorted(ranks, key=lambda base: ranks[base])[:BASES_MAX]


def is_form(form: str, base: str) -> int:
    """Tell whether a key may be a form of another.

    Args:
        form: Key of the word that may be declined.
        base: Key of the nominative.

    Returns:
        0, or a sum of `MASCULINE` (may be an oblique case of a masculine base, or of a neuter), `FEMININE` (of a
        feminine one; both for plurals of a family and for words in -а and -я) and `COUNTERPART` (both are nominatives
        of one surname, of a man and of a woman). 0 for equal keys and for what `bases` takes for no word.
    """
    if not (_is_word(form) and _is_word(base)):
        return 0
    common = _common(form, base)
    bits = 0
    for rule in _by_form().get(form[common:], []):
        if rule.base == base[common:] and common and _before(form, common) in rule.before:
            bits |= rule.bits if _long_enough(len(form), common, rule) else 0
    return bits


TABLE_BEGIN = "    /* What python -m sito.names.forms wrote begins here. */\n"
TABLE_END = "    /* What it wrote ends here. */\n"
ROW_WIDTH = 110


def native_table() -> str:
    """Write the rules as C arrays, for the native twin.

    `SITO_FORM_BEFORE[n][x]` has bit y set if the letters y, x may stand before an ending; bit 26 is the beginning.
    Rules are in the order of `rules` and end with the number n.
    """
    numbers: dict[frozenset[str], int] = {}
    rows = [
        f'{{"{rule.form}", "{rule.base}", {rule.bits}, {rule.rank}, {numbers.setdefault(rule.before, len(numbers))}}},'
        for rule in rules()
    ]
    lines = [f"enum {{ SITO_FORM_RULE_COUNT = {len(rows)} }};"]
    lines.append(f"static const uint32_t SITO_FORM_BEFORE[{len(numbers)}][26] = {{")
    for before in numbers:
        masks = [0] * 26
        for pair in before:
            masks[LETTERS.index(pair[1])] |= 1 << (LETTERS + BEGINNING).index(pair[0])
        lines.append("{")
        lines.extend(_filled(f"{mask:#x}," if mask else "0," for mask in masks))
        lines.append("},")
    lines += ["};", "static const sito_form_rule SITO_FORM_RULES[] = {", *_filled(rows), "};"]
    return "".join(f"    {line}\n" for line in lines)


def _filled(items: Iterable[str]) -> Iterator[str]:
    line = ""
    for item in items:
        if line and len(line) + len(item) >= ROW_WIDTH:
            yield line
            line = ""
        line += (" " if line else "") + item
    yield line


def main(arguments: list[str]) -> int:
    """Write the table into the source of the native module, whose path is the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("expected one argument, the path of forms.pyx\n")
        return 2
    path = Path(arguments[0])
    text = path.read_text("utf-8")
    head, _, rest = text.partition(TABLE_BEGIN)
    _, end, tail = rest.partition(TABLE_END)
    if not end:
        sys.stderr.write("expected a file with the two lines the table stands between\n")
        return 2
    path.write_text(head + TABLE_BEGIN + native_table() + end + tail, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
