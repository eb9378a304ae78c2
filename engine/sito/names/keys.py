"""One key for the many romanisations of one word.

Щербаков is written Shcherbakov, Scherbakov, Shherbakov, Scerbakov; Юрий Iurii, Yuriy, Yury, Juri, Iouri. The
key of a word is what remains when such choices are taken away. Words with equal keys are candidates for the same name,
never proof of it: the score compares the folded letters too.

The rules run in one pass from left to right; at each place the longest rule that fits is taken, else the letter stays.
`$` stands for the end of the word. Afterwards a letter that repeats its left neighbour is dropped (Muhammad, Mohamad;
Anna, Ana). A word with a digit in it is a number, code or unit name and is its own key.

A rule is worth having if it joins many spellings of one name and few names: each was kept for its effect on pairs of
Latin and Cyrillic name words against the number of Russian and American surnames it joins. What did not pay is left to
the fuzzy look-up, which takes o for a and e for i (`distance.py`), and to the similarity of the scorer: h for г, o
and u for a, s for з, ch for ш or х, the German ie and English a.

Sources of the pairs: the schemes of ICAO 9303, MVD order 310 of 1997, GOST R 52535.1, GOST 7.79 (ISO 9), BGN/PCGN,
ALA-LC, German, Polish, Dutch and French-style spellings; Uzbek and Tajik letters; for names of Arabic and Turkic origin
the spellings found in the public lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_CONSONANTS: dict[str, str] = {
    # щ ш ч ц ж х; in English, German, French, Polish, Hungarian and Dutch letters
    "shch": "s", "shh": "s", "sch": "s", "sh": "s", "sz": "s", "szcz": "s", "scz": "s", "stch": "s",
    "tch": "c", "tsch": "c", "tsj": "c", "cz": "c", "ch": "c", "cs": "c", "ts": "c", "tz": "c", "tc": "c",
    "zh": "z", "zs": "z", "kh": "h", "dz": "z",
    # a soft d is dz in Belarusian (Vadzim, Dzenisenka); before another vowel dzi is Polish (Dziubinski)
    "dze": "de", "dzi": "di", "dzia": "zia", "dzie": "ze", "dzio": "ze", "dziu": "ziu",
    # ch is х before these (Bechterew, Chlebnikow), but Christina is Кристина
    "cht": "ht", "chl": "hl", "chr": "hr", "chri": "kri",
    # Polish rz behind a consonant is ж or ш, in Russian names there is no such cluster
    "prz": "ps", "krz": "ks", "trz": "ts", "grz": "gz", "brz": "bz",
    "ck": "k", "q": "k", "qu": "k", "w": "v", "ph": "f", "th": "t", "gh": "g", "dh": "d",
    # Polish and Czech -cki, -cký is -цкий; -cka is -цкая
    "cki$": "cki", "cky$": "cki", "ckii": "cki", "ckij": "cki", "ckiy": "cki", "ckyi": "cki", "ckyj": "cki",
    "ckay": "ckai", "ckaj": "ckai", "ckai": "ckai",
    # c alone is k but before a front vowel, in the Serbian -ić, and in -чук
    "ca": "ka", "co": "ko", "cu": "ku", "cl": "kl", "cr": "kr", "ct": "kt", "cc": "k", "c$": "k",
    "cuk": "cuk", "ic$": "ic", "cci": "ci", "cce": "ce", "sce": "se", "sci": "si",
    # French gue, gui before e and i (Serguei, Gueorgui)
    "gui": "gi", "gue": "ge", "gueo": "geo", "guei": "gai",
    # дж
    "dzh": "i", "dj": "i", "dsch": "i", "dzho": "e", "djo": "e", "dzhe": "e", "dje": "e",
    # the Uzbek -jon is -жон or -джон
    "zhon": "en",
    # Russian documents of Tajiks write the ҷ of -ҷон as ч, and Korean Chon, Chong are Jon, Jong
    "chon": "en",
    # т before ж, ш is no ц
    "tzh": "tz", "tsh": "ts",
}  # fmt: skip

# x is ks in Alexander, Maxim, Oxana, at the end and before most consonants; х in Uzbek, Tajik and GOST 7.79 B spellings
# (Xolmatov, Baxtiyor, Shohrux, Mixail); in Chinese pinyin, where it stands before i, Russian hears s.
_X: dict[str, str] = {
    "x": "ks", "xi": "si", "axi": "aksi", "exi": "eksi", "oxi": "oksi", "ixi": "iksi",
    "xo": "ho", "axo": "akso", "exo": "ekso", "ixo": "ikso", "oxo": "okso", "uxo": "ukso", "lixo": "liho",
    "xa": "ha", "exa": "eksa", "oxa": "oksa", "xav": "ksav", "xan": "ksan",
    "xud": "hud", "xur": "hur", "xus": "hus", "uxu": "uhu", "rux$": "ruh",
    "axm": "ahm", "uxm": "uhm", "axt": "aht", "uxt": "uht", "axr": "ahr", "exr": "ehr", "oxr": "ohr", "uxr": "uhr",
    "axn": "ahn", "oxt": "oht", "xv": "hv",
    # Waxman, where axm is no Uzbek ахм
    "waxm": "vaksm",
}  # fmt: skip

_VOWELS: dict[str, str] = {
    # я ю е ё й ы
    "y": "i", "j": "i", "ya": "ia", "ja": "ia", "yu": "iu", "ju": "iu", "you": "iu", "jou": "iu", "iou": "iu",
    "jiu": "iu", "juj": "iui", "ye": "e", "je": "e", "ie": "e", "yo": "e", "jo": "e", "io": "e",
    "yy": "i", "iy": "i", "ij": "i", "yi": "i",
    # ие, ье and е are not told apart (Dmitriyev, Dmitriev, Dmitrev)
    "iye": "e", "iie": "e", "ije": "e", "yie": "e", "yje": "e", "yye": "e", "iyye": "e", "iyie": "e", "iyo": "e",
    # ей and ай: German ei, Arabic ay (Meyer, Майер; Husain, Hussein)
    "ei": "ai", "ey": "ai", "ej": "ai", "ay": "ai", "aj": "ai",
    "aye": "ae", "aje": "ae", "aie": "ae", "ayo": "ae", "ajo": "ae", "aio": "ae",
    "eye": "e", "eje": "e", "eie": "e", "eyo": "e", "ejo": "e", "eio": "e",
    # Belarusian ў within a surname, in passports: Zhukouski is Жуковский; at its end it is a case form
    "ousk": "ovsk", "ausk": "ovsk", "eusk": "evsk", "ouev": "ovev", "auev": "avev",
    # English oo behind a j (Daneshjoo, Daneshju)
    "joo": "iu",
    # French and English vowels; ее of Андреев, Матвеенко is no English ee
    "ou": "u", "oo": "u", "eau": "o", "eaux": "o", "ee": "i", "eev": "ev", "eew": "ev", "eeff": "ev", "eenk": "enk",
}  # fmt: skip

_ENDINGS: dict[str, str] = {
    # a final h is silent: Abdullah, Fatimah; but not in Farruh, Shohruh
    "ruh$": "ruh",
    # Persian -ieh is Arabic -iyah (Razieh, Mughniyeh, Khadijeh)
    "iyeh": "ia", "ieh$": "ia", "yeh$": "ia", "ijeh": "ia", "jeh$": "ia",
    "ah$": "a", "eh$": "e", "ih$": "i", "oh$": "o", "uh$": "u",
    # French: Popoff, Marie; other silent e are left alone: Анне, Марине are cases of Анна, Марина
    "off$": "ov", "eff$": "ev", "ieff": "ev", "yeff": "ev", "of$": "ov",
    "ie$": "i",
    # women of -ский, -цкий in Ukrainian, Polish, Czech, Bulgarian
    "ska$": "skaia", "cka$": "ckaia",
}  # fmt: skip

KEY_RULES: dict[str, str] = {**_CONSONANTS, **_X, **_VOWELS, **_ENDINGS}

RULE_LENGTH_MAX = max(map(len, KEY_RULES))

# Greek writes b and d as μπ and ντ; romanised letter by letter they are these (Balomatakis, Mpalomatakis).
STARTS: dict[str, str] = {"mp": "b", "nt": "d"}
START_WORD_MIN = 6


def key(word: str, breaks: Sequence[int] = ()) -> str:
    """Return the key of one folded word.

    Args:
        word: Lower-case ASCII letters and digits, 0 to 64 of them.
        breaks: Places in the word, rising, over which no rule reaches; a letter may repeat its neighbour there.

    Returns:
        At most as long as `word` plus one character for each x in it, plus two.
    """
    if any(character.isdigit() for character in word):
        return word
    key = ""
    for first, after in pairwise([0, *breaks, len(word)]):
        marked = word[first:after] + ("$" if after == len(word) else "")
        out: list[str] = []
        i = 0
        if first == 0 and after >= START_WORD_MIN and word[:2] in STARTS:
            out.append(STARTS[word[:2]])
            i = 2
        while i < after - first:
            for length in range(min(RULE_LENGTH_MAX, len(marked) - i), 0, -1):
                replacement = KEY_RULES.get(marked[i : i + length])
                if replacement is not None:
                    break
            else:
                length, replacement = 1, marked[i]
            out.extend(replacement)
            i += length
        key += "".join(c for n, c in enumerate(out) if n == 0 or c != out[n - 1])
    return key
