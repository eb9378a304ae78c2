"""Which code point becomes which Latin letters.

One romanisation is chosen per letter, the one closest to today's passports and press; what other
schemes write differently is made equal by `keys.py`. Scripts without a table here take the
romanisation of the `anyascii` package.

Sources: ICAO Doc 9303 part 3 section 6 (recommended transliteration of Cyrillic) and BGN/PCGN 1947 for Russian,
Resolution 55 of 2010 for Ukrainian, the 2007 instruction for Belarusian, national practice for Kazakh, Uzbek, Tajik,
Bulgarian, Serbian and Macedonian letters; ELOT 743 for Greek; Unicode confusables for look-alikes.
"""

from __future__ import annotations

CYRILLIC: dict[str, str] = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    # Ukrainian, Belarusian
    "і": "i", "ї": "i", "є": "ye", "ґ": "g", "ў": "u",
    # Kazakh, Uzbek, Tajik, Kyrgyz, Tatar, Bashkir
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ҳ": "h", "ӣ": "i", "ӯ": "u",
    "ҷ": "j", "җ": "j", "ҙ": "z", "ҡ": "k", "ҫ": "s",
    # Serbian, Macedonian
    "ђ": "dj", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "ch", "џ": "dzh", "ѓ": "gj", "ќ": "kj", "ѕ": "dz",
    # North Caucasus, and letters before the reform of 1918
    "ӏ": "", "Ӏ": "", "ѣ": "e", "ѳ": "f", "ѵ": "i",
}  # fmt: skip

# Latin letters that Unicode does not take apart into a letter and a mark.
LATIN: dict[str, str] = {
    "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "þ": "th", "ð": "d", "ı": "i", "ə": "a", "ħ": "h",
    "ŋ": "n", "ĸ": "k", "ŧ": "t", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y",
}  # fmt: skip

# Other scripts, where anyascii gives something else than names are written with.
OTHER_SCRIPTS: dict[str, str] = {
    # Arabic: signs that carry vowels. In names they mostly stand where romanisations write an a (Abd, Ali, Salar); a
    # word must not lose its first letter, nor fall apart at them. Waw and ya are vowels more often than consonants
    # (Yusuf, Musa, Karim); final ta marbuta is heard as a (Fatima); the emphatic z is written z (Nazim, Zafar).
    "ا": "a", "ٱ": "a", "ع": "a", "إ": "i", "ة": "a", "ۃ": "a", "و": "u", "ي": "i", "ی": "i", "ظ": "z",
    # Hebrew: the same with alef, ayin, vav (o: Yosef, Shimon) and yod; he, which is silent at the end as in Latin
    # spellings; bet, kaf and pe as at the start of a word, where names have them most; shin, as sin is rare.
    "א": "a", "ע": "a", "ה": "h", "ו": "o", "י": "i", "ב": "b", "כ": "k", "פ": "p", "ש": "sh",
    # Greek: upsilon stands in ou more often than alone, and there it is u (ELOT 743 writes Papadopoulos, Pavlos).
    "υ": "u",
    # Armenian: the second half of the digraph for u (Poghosyan, Rubinyan); the trilled r is an r in passports.
    "ւ": "u", "ռ": "r",
}  # fmt: skip

# Signs inside a word that are neither letters nor gaps: they vanish and do not end the word.
# Apostrophes stand for soft signs, ayn and hamza (Наталь'я, Qa'ida, O'Neil).
VANISHING = frozenset("'’‘ʼʻ`´ʹʺʾʿ′\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c\u180e\u034f")

# Letters of one script that look like a letter of the other (same glyph in common fonts), lower and upper case apart.
LATIN_AS_CYRILLIC: dict[str, str] = {
    "a": "а", "c": "с", "e": "е", "o": "о", "p": "р", "x": "х", "y": "у", "i": "і", "k": "к", "m": "м", "t": "т",
    "A": "А", "B": "В", "C": "С", "E": "Е", "H": "Н", "K": "К", "M": "М", "O": "О", "P": "Р", "T": "Т", "X": "Х",
    "Y": "У", "I": "І",
}  # fmt: skip
CYRILLIC_AS_LATIN: dict[str, str] = {
    "а": "a", "с": "c", "е": "e", "о": "o", "р": "p", "х": "x", "у": "y", "і": "i", "к": "k", "м": "m", "т": "t",
    "А": "A", "В": "B", "С": "C", "Е": "E", "Н": "H", "К": "K", "М": "M", "О": "O", "Р": "P", "Т": "T", "Х": "X",
    "У": "Y", "І": "I", "ѕ": "s", "Ѕ": "S", "ј": "j", "Ј": "J", "һ": "h", "ԁ": "d", "ԛ": "q", "ԝ": "w",
}  # fmt: skip
