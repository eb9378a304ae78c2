"""Write data/lexicon.bin.z: run `python -m sito.names.makelexicon SOURCES` after a change of keys, variants or sources.

The file is committed, because the sources are not part of the project. SOURCES is a folder with these files, each
plain or with `.xz` behind its name:

    names_ru/{names,surnames,midnames}.tsv      package russiannames (BSD-3-Clause): word, counts of people
    names_en/us_surnames.json                   United States Census 2000, surnames by frequency (public domain)
    names_en/names.csv                          carltonnorthern/nicknames (Apache-2.0): name, relation, nickname
    names_world/{first_names,surnames}_all.txt  smashew/NameDatabases (Unlicense): a name a line
    transliteration/wd_*_80.tsv                 NETransliteration (CC0): Latin word, native letters, count of people
    transliteration/wd_*_fullnames_dev.tsv      the same: Latin full name, native full name
    ofac/{sdn,alt}_20240502.csv                 lists of the United States Treasury (public domain)

How it is made, in short: *Shares* are counts over the people counted; the highest of all populations is kept, because
a name that is common somewhere is common there. Both genders of a Russian surname or patronymic count together. *Roles*
compare the share of the word as a given name with its share as a surname. *Variants* are the groups of
`sito.names.variants`, joined by English nicknames, by Latin spellings that share one native spelling, and by
spellings that replace each other in the aliases of listed people; what is not put together by hand must be close in
its consonants and is kept to `GROUP_SIZE_MAX`.
"""

from __future__ import annotations

import csv
import json
import lzma
import math
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from sito.names import lexicon, variants
from sito.names.fold import table
from sito.names.lexicon import BITS, KEY_LENGTH_MAX, RARITY_UNKNOWN, ROLE_MAX, Known
from sito_ext.fold import Folder

WORDS_MAX = 200_000
GROUP_SIZE_MAX = 40
DERIVED_LENGTH_MIN = 3  # letters of a word in a group that nobody looked at
CHILD_SHARE_MAX = 2**-14  # a patronymic that is rarer in another role has none
NICKNAME_SHARE_MIN = 2**-17  # rarer short forms are of other times
KEY_LENGTH_MIN = 2  # a single letter is an initial
NATIVE = 1.0  # bits by which a Ukrainian or Belarusian form is rarer than the most common form of its name
FOREIGN = 4.0  # the same for other forms without a count
# Share of people at some ranks of the Census 2000 surname file; between them the logarithms are interpolated.
CENSUS_SHARES = ((1, 8.8e-3), (10, 2.9e-3), (100, 9.2e-4), (1_000, 1.2e-4), (10_000, 1.0e-5), (50_000, 1.3e-6),
                 (151_671, 3.7e-7))  # fmt: skip
# Rounded shares where the counts above say little: Statistics Korea 2015, Ministry of Public Security of China 2020,
# surnames of Viet Nam by L. T. Hoang 2005; given names of the Muslim world are estimates.
SURNAME_SHARES = {
    "kim": 0.21, "lee": 0.15, "yi": 0.15, "ri": 0.15, "park": 0.08, "pak": 0.08, "choi": 0.047, "choe": 0.047,
    "jung": 0.043, "jong": 0.043, "kang": 0.023, "cho": 0.021, "jo": 0.021, "yoon": 0.021, "yun": 0.021,
    "jang": 0.02, "lim": 0.016, "im": 0.016, "han": 0.015, "oh": 0.015, "seo": 0.015, "shin": 0.015, "kwon": 0.014,
    "hwang": 0.014, "ahn": 0.014, "song": 0.014, "hong": 0.011, "wang": 0.072, "li": 0.072, "zhang": 0.068,
    "liu": 0.054, "chen": 0.045, "yang": 0.031, "zhao": 0.023, "huang": 0.022, "zhou": 0.021, "wu": 0.02,
    "xu": 0.014, "sun": 0.015, "hu": 0.013, "zhu": 0.013, "ma": 0.013, "gao": 0.01, "lin": 0.011, "he": 0.012,
    "guo": 0.011, "luo": 0.009, "nguyen": 0.38, "tran": 0.12, "le": 0.095, "pham": 0.07, "hoang": 0.05,
    "huynh": 0.05, "phan": 0.045, "vu": 0.039, "vo": 0.039, "dang": 0.021, "bui": 0.02, "do": 0.014, "ngo": 0.013,
    "singh": 0.02, "kaur": 0.015, "khan": 0.015,
}  # fmt: skip
GIVEN_SHARES = {
    "muhammad": 0.05, "mohammed": 0.04, "mohamed": 0.05, "mohammad": 0.05, "ahmed": 0.02, "ahmad": 0.02,
    "ali": 0.02, "hassan": 0.01, "hussein": 0.008, "hossein": 0.015, "abdullah": 0.01, "ibrahim": 0.01,
    "omar": 0.008, "khalid": 0.007, "khaled": 0.007, "yusuf": 0.006, "youssef": 0.006, "mahmoud": 0.008,
    "mustafa": 0.008, "mostafa": 0.006, "hasan": 0.008, "fatima": 0.02, "maryam": 0.01, "aisha": 0.008,
    "zainab": 0.006, "mehmet": 0.03, "reza": 0.01, "hamid": 0.004, "magomed": 0.004, "said": 0.004, "abdul": 0.01,
    "osman": 0.004, "saleh": 0.004,
}  # fmt: skip
UKRAINIAN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "y",
    "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "iu",
    "я": "ia", "'": "",
}  # fmt: skip
BELARUSIAN = UKRAINIAN | {"е": "e", "ё": "io", "ы": "y", "э": "e", "ў": "u", "і": "i"}
# Words between the parts of a name: counted with a name, they are no part of it.
PARTICLES = frozenset(
    [
        "al",
        "bin",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "dos",
        "du",
        "el",
        "ibn",
        "ii",
        "iii",
        "of",
        "the",
        "und",
        "van",
        "vom",
        "von",
        "y",
        "zu",
    ]
)
# Letters of one sound, in the order in which they are replaced.
SOUNDS = (
    ("tch", "s"), ("sch", "s"), ("sh", "s"), ("ch", "s"), ("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("qu", "k"),
)  # fmt: skip
FOLDER = Folder(table())


class Group(NamedTuple):
    """One variant group while the table is made."""

    words: list[str]  # keys, the most important first
    kind: str  # masculine, feminine, patronymic, family, element, derived
    own: frozenset[str] = frozenset()  # keys of Ukrainian and Belarusian forms


def key_of(word: str) -> str:
    """Return the key of a text that is one word of letters, else an empty one."""
    tokens = FOLDER.fold(word.encode("utf-8", "replace"))[0]
    key = tokens[0][3] if len(tokens) == 1 else ""
    return key if KEY_LENGTH_MIN <= len(key) <= KEY_LENGTH_MAX and key.isalpha() and key.isascii() else ""


def plain_of(word: str) -> str:
    """Return the folded letters of a text that is one word, else nothing."""
    tokens = FOLDER.fold(word.encode("utf-8", "replace"))[0]
    return tokens[0][2] if len(tokens) == 1 else ""


def lines(sources: Path, name: str) -> Iterator[str]:
    """Yield the lines of one source file, plain or packed."""
    path = sources / name
    text = path.read_bytes() if path.exists() else lzma.decompress(path.with_name(path.name + ".xz").read_bytes())
    yield from text.decode("utf-8-sig").splitlines()


def rows(sources: Path, name: str) -> Iterator[list[str]]:
    """Yield the rows of a tab-separated file with a head line, without the head."""
    return (line.split("\t") for n, line in enumerate(lines(sources, name)) if n)


# --- shares and roles -----------------------------------------------------------------------------------------


class Shares(NamedTuple):
    """Share of people who bear a word (by key), as given name, surname and patronymic; `listed` has no share."""

    given: dict[str, float]
    surname: dict[str, float]
    patronymic: dict[str, float]
    listed: dict[str, tuple[int, int]]


def raise_to(shares: dict[str, float], key: str, share: float) -> None:
    """Keep the higher share."""
    if key and share > shares.get(key, 0.0):
        shares[key] = share


def russian(sources: Path, shares: Shares) -> None:
    """Add Russian counts; the two genders of a surname or patronymic count together."""
    for name, into in (("names", shares.given), ("surnames", shares.surname), ("midnames", shares.patronymic)):
        counts: dict[str, int] = {}
        pair_of: dict[str, str] = {}
        fathers: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows(sources, f"names_ru/{name}.tsv"):
            count = int(row[-2])
            counts[row[0]] = counts.get(row[0], 0) + count
            if name == "surnames" and row[1]:
                pair_of[row[0]] = row[1]
                pair_of[row[1]] = row[0]
            if name == "midnames" and row[1]:
                fathers[row[1]][row[2]] += count
                pair_of[row[0]] = row[1]
        total = sum(counts.values())
        summed: Counter[str] = Counter()
        for word, count in counts.items():
            if name == "midnames":
                # Both patronymics of a father's name, in the spelling that most sons or daughters have.
                family = sum(fathers[pair_of[word]].values()) if word in pair_of and count * 10 > max(
                    fathers[pair_of[word]].values()) else count  # fmt: skip
            else:
                family = count + counts.get(pair_of.get(word, ""), 0)
            if family > 1:
                summed[key_of(word)] += family
        for key, count in summed.items():
            raise_to(into, key, count / total)


def census(sources: Path, shares: Shares) -> None:
    """Add American surnames by their rank."""
    names = json.loads("\n".join(lines(sources, "names_en/us_surnames.json")))
    for rank, word in enumerate(names, 1):
        for (low, low_share), (high, high_share) in pairwise(CENSUS_SHARES):
            if low <= rank <= high:
                part = math.log(rank / low) / math.log(high / low)
                raise_to(shares.surname, key_of(word), low_share * (high_share / low_share) ** part)
                break


def world(sources: Path, shares: Shares) -> None:
    """Add words of people in an encyclopaedia: they have no role, so the place in full names and word lists give it."""
    places: dict[str, list[float]] = defaultdict(lambda: [0.5, 0.5])
    for kind, column in (("first_names", 0), ("surnames", 1)):
        for word in set(map(key_of, lines(sources, f"names_world/{kind}_all.txt"))) - {""}:
            places[word][column] += 1
            given, surname = shares.listed.get(word, (0, 0))
            shares.listed[word] = (1, surname) if column == 0 else (given, 1)
    for language in ("hebrew", "korean"):
        for line in lines(sources, f"transliteration/wd_{language}_fullnames_dev.tsv"):
            words = line.split("\t")[0].split(" ")
            if 2 <= len(words) <= 3 and all(word[:1].isupper() and word.isalpha() for word in words):
                places[key_of(words[0])][0] += 2
                places[key_of(words[-1])][1] += 2
    for language in ("russian", "arabic", "hebrew", "korean", "chinese"):
        counts: Counter[str] = Counter()
        total = 0
        for line in lines(sources, f"transliteration/wd_{language}_80.tsv"):
            word, _, count = line.split("\t")
            counts[key_of(word)] += int(count)
            total += int(count)
        for key, number in counts.items():
            if not key or number < 3 or key in PARTICLES:
                continue
            share = (number - math.sqrt(number)) / (total / 2)  # two words a person; less for what few bear
            first, last = places[key]
            raise_to(shares.given, key, share * first / (first + last))
            raise_to(shares.surname, key, share * last / (first + last))


def role(share: float, other: float) -> int:
    """Return 0 to 3 for the part of the people bearing a word who bear it in this role."""
    part = share / (share + other) if share else 0.0
    return 3 if part > 0.9 else 2 if part > 0.6 else 1 if part > 0.1 else 0


def rarity(share: float) -> int:
    """Return quarter bits of a share."""
    return min(RARITY_UNKNOWN, max(0, round(-BITS * math.log2(share)))) if share > 0 else RARITY_UNKNOWN


# --- variants -------------------------------------------------------------------------------------------------


def groups_of(text: str) -> Iterator[tuple[list[tuple[str, str]], list[str]]]:
    """Read the notation of `variants.py`: full forms with their language ("" for any), and short forms."""
    for paragraph in text.strip("\n").replace("\n    ", " ").split("\n"):
        full, _, short = paragraph.partition("|")
        forms = [tuple(word.rpartition(":")[::2]) for word in full.split()]
        yield [(language, word) for language, word in forms], short.split()


def romanised(language: str, word: str) -> list[str]:
    """Romanise a Ukrainian or Belarusian word, as passports of the country do and as BGN/PCGN does."""
    table = UKRAINIAN if language == "uk" else BELARUSIAN
    word = word.lower().replace("зг", "zgh") if language == "uk" else word.lower()
    forms = []
    for signs in ({}, {"й": "y", "ї": "yi", "є": "ye", "ю": "yu", "я": "ya", "ё": "yo"}):
        letters = table | signs
        start = {"є": "ye", "ї": "yi", "ю": "yu", "я": "ya"}.get(word[:1], "") if language == "uk" else ""
        forms.append(start + "".join(letters.get(c, c) for c in word[1 if start else 0 :]))
    if language == "be":  # е is heard with its glide at the beginning and behind a vowel: Яўген, Сяргееўна
        glides = re.sub("(^|(?<=[аеёіоуыэюя]))е", "йе", word)
        forms.append("".join((letters | {"й": "y"}).get(c, c) for c in glides))
        forms.append("".join((letters | {"е": "ie", "й": "j"}).get(c, c) for c in word))  # Siarhiej
    return forms


def patronymics(language: str, name: str) -> tuple[list[str], list[str]]:
    """Return the masculine and feminine patronymics of a Ukrainian or Belarusian father's name."""
    stem, end = name[:-1], name[-1]
    own = {
        "Григорій": (["Григорович", "Григорійович"], ["Григорівна", "Григоріївна"]),
        "Лев": (["Львович", "Левович"], ["Львівна", "Левівна"]),
        "Яків": (["Якович"], ["Яківна"]),
        "Микола": (["Миколайович", "Миколович"], ["Миколаївна", "Миколівна"]),
        "Леў": (["Львовіч", "Левавіч"], ["Львоўна", "Леваўна"]),
        "Якаў": (["Якаўлевіч"], ["Якаўлеўна"]),
    }
    if name in own:
        return own[name]
    if language == "uk":
        if end in "йї":
            return [stem + "йович"], [stem + "ївна"]
        if name in ("Ілля", "Лука", "Кузьма", "Хома", "Сава", "Микита"):
            # Ілліч; the others drop their vowel: Лукич, Кузьмич, Хомич, Савич, Микитович
            bare = {"Ілля": "Ілл", "Лука": "Лук", "Кузьма": "Кузьм", "Хома": "Хом", "Сава": "Сав", "Микита": "Микит"}
            soft = "і" if name == "Ілля" else "и"
            return [bare[name] + soft + "ч", bare[name] + "ович"], [bare[name] + soft + "вна", bare[name] + "івна"]
        if end == "о":
            return [stem + "ович"], [stem + "івна"]
        if end == "ь":
            return [stem + "ьович"], [stem + "івна"]
        irregular = {"Антін": "Антон", "Федір": "Федор", "Прохір": "Прохор", "Семен": "Семен"}
        stem = irregular.get(name, name)
        return [stem + "ович"], [stem + "івна"]
    if end in "йь":
        return [stem + "евіч", stem + "ьевіч"], [stem + "еўна"]
    if end in "ая":
        return [stem + "авіч", stem + "іч", stem + "евіч"], [stem + "аўна", stem + "інічна"]
    if end in "оі":
        return [stem + "авіч", stem + "евіч"], [stem + "аўна", stem + "еўна"]
    irregular = {"Пётр": "Пятр", "Павел": "Паўл", "Раман": "Раман", "Фёдар": "Фёдар", "Сымон": "Сымон"}
    stem = irregular.get(name, name)
    return [stem + "авіч", stem + "овіч"], [stem + "аўна", stem + "оўна"]


def distinct(words: Iterable[str]) -> list[str]:
    """Return the words that are not empty, each once, in their order."""
    return [word for word in dict.fromkeys(words) if word]


def curated(sources: Path) -> list[Group]:
    """Read the groups made by hand, and add patronymics to those of men."""
    children: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for child, father, gender, count, _ in rows(sources, "names_ru/midnames.tsv"):
        if int(count) > 1:
            children[father].append((child, gender, int(count)))
    found: list[Group] = []
    for kind in ("masculine", "feminine", "family", "element"):
        attribute = {"family": "FAMILIES", "element": "ELEMENTS"}.get(kind, kind.upper())
        for full, short in groups_of(getattr(variants, attribute)):
            words: list[str] = []
            own: set[str] = set()
            parents: dict[str, list[str]] = {"m": [], "f": []}
            for language, word in full:
                words.append(key_of(word))
                if language:
                    spelled = list(map(key_of, romanised(language, word)))
                    words += spelled
                    own |= {key_of(word), *spelled}
                if kind != "masculine":
                    continue
                for child, gender, _ in children.get(word.replace("ё", "е"), ()):
                    if gender in parents:
                        parents[gender].append(key_of(child))
                if language:
                    for gender, made in zip("mf", patronymics(language, word), strict=True):
                        spelled = [key_of(form) for one in made for form in (one, *romanised(language, one))]
                        parents[gender] += spelled
                        own |= set(spelled)
            found.append(Group(distinct([*words, *map(key_of, short)]), kind, frozenset(own)))
            found += [Group(distinct(one), "patronymic", frozenset(own)) for one in parents.values() if one]
    return found


def skeleton(plain: str) -> str:
    """Return what scribes of one sound agree on: consonant classes in their order, first vowels as one class."""
    for pair, one in SOUNDS:
        plain = plain.replace(pair, one)
    classes = str.maketrans("qcxvwzy", "kkkvvsi")
    plain = plain.translate(classes)
    bare = "".join(c for n, c in enumerate(plain) if c not in "aeiou" and (n == 0 or c != plain[n - 1]))
    return ("a" if plain[:1] in tuple("aeiou") else "") + bare.rstrip("h")


def bones(plain: str) -> str:
    """Return the consonants that Semitic letters and Latin spellings have in common."""
    return "".join(c for c in skeleton(plain) if c not in "aihv")


def edits(left: str, right: str) -> int:
    """Return the Levenshtein distance."""
    before = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
        before = row
    return before[-1]


def close(left: str, right: str) -> bool:
    """Tell whether two folded words can be spellings of one sound."""
    if skeleton(left) == skeleton(right):
        return edits(left, right) <= max(2, min(len(left), len(right)) // 2)
    return min(len(left), len(right)) > 4 and left[0] == right[0] and edits(left, right) <= 1


def nicknames(sources: Path, shares: Shares) -> list[Group]:
    """Join English names with their short forms; formal names that are spellings of each other are one group."""
    short_of: dict[str, set[str]] = defaultdict(set)
    for line in list(lines(sources, "names_en/names.csv"))[1:]:
        name, _, short = line.split(",")
        if plain_of(name) and plain_of(short):
            short_of[plain_of(name)].add(plain_of(short))
    merged: dict[str, list[str]] = {}
    for name in sorted(short_of, key=lambda name: (-shares.given.get(key_of(name), 0), name)):
        for head, alike in merged.items():
            common = short_of[name] & short_of[head]
            if len(common) * 2 >= len(short_of[name]) and close(name, head):
                alike.append(name)
                break
        else:
            merged[name] = [name]
    found = []
    for names in merged.values():
        shorts: set[str] = set().union(*(short_of[name] for name in names))
        # A short form that is an unlike and more common formal name of its own (Aaron, Erin) says nothing.
        shorts = {s for s in shorts if s not in short_of or s[:4] == names[0][: len(s)][:4]}
        good = [s for s in shorts if shares.given.get(key_of(s), 0) > NICKNAME_SHARE_MIN]
        good.sort(key=lambda s: (-shares.given.get(key_of(s), 0), s))
        found.append(Group(distinct(map(key_of, [*names, *good])), "derived"))
    return found


def transliterated(sources: Path, by_hand: dict[str, list[int]], groups: list[Group]) -> list[tuple[float, Group]]:
    """Join Latin spellings of one native spelling; a native word of a name that has a group by hand joins that."""
    found: list[tuple[float, Group]] = []
    for language, least in (("russian", 4), ("arabic", 3), ("hebrew", 3), ("korean", 4), ("chinese", 5)):
        spellings: dict[str, Counter[str]] = defaultdict(Counter)
        totals: Counter[str] = Counter()
        for line in lines(sources, f"transliteration/wd_{language}_80.tsv"):
            word, letters, number = line.split("\t")
            native = letters.replace(" ", "")
            spellings[native][plain_of(word)] += int(number)
            totals[plain_of(word)] += int(number)
        for native, latin in spellings.items():
            latin.pop("", None)
            if not latin:
                continue
            head, count = latin.most_common(1)[0]
            good = [
                word for word, n in latin.most_common(GROUP_SIZE_MAX)
                if n >= least and n * 5 >= totals[word] and (word == head or close(word, head))
            ]  # fmt: skip
            # The syllables of Chinese and Korean say too little of the sounds of a foreign name.
            own = key_of(native) if count >= least and language not in ("chinese", "korean") else ""
            if language == "russian":
                own = own if count * 4 >= totals[head] else ""
            elif len(own) < DERIVED_LENGTH_MIN or edits(bones(plain_of(native)), bones(head)) > 1:
                own = ""
            words = distinct([*map(key_of, good), own])
            masses: Counter[int] = Counter()
            for word, number_of in latin.items():
                homes = by_hand.get(key_of(word), [])
                if len(homes) == 1 and groups[homes[0]].kind in ("masculine", "feminine"):
                    masses[homes[0]] += number_of
            home, mass = masses.most_common(1)[0] if masses else (-1, 0)
            if mass >= least and mass * 2 >= sum(latin.values()):
                groups[home].words.extend(word for word in words if word not in by_hand)
                continue
            if len(words) > 1:
                found.append((sum(latin[word] for word in good), Group(words, "derived")))
    return found


def listed(sources: Path) -> list[tuple[float, Group]]:
    """Join words that replace each other in names of at least four listed people, all other words being equal."""
    names: dict[str, list[frozenset[str]]] = defaultdict(list)
    people: set[str] = set()
    for row in csv.reader(lines(sources, "ofac/sdn_20240502.csv")):
        if len(row) > 2 and row[2] == "individual":
            people.add(row[0])
            names[row[0]].append(frozenset(token[2] for token in FOLDER.fold(row[1].encode())[0]))
    for row in csv.reader(lines(sources, "ofac/alt_20240502.csv")):
        if len(row) > 3 and row[0] in people:
            names[row[0]].append(frozenset(token[2] for token in FOLDER.fold(row[3].encode())[0]))
    pairs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry, forms in names.items():
        for n, left in enumerate(forms):
            for right in forms[n + 1 :]:
                if len(left) == len(right) > 1 and len(left - right) == 1:
                    a, b = sorted((next(iter(left - right)), next(iter(right - left))))
                    pairs[a, b].add(entry)
    return [
        (len(entries), Group(distinct([key_of(a), key_of(b)]), "derived"))
        for (a, b), entries in pairs.items()
        if len(entries) >= 4 and key_of(a) != key_of(b) and close(a, b)
    ]  # fmt: skip


def united(found: list[tuple[float, Group]], places: dict[str, list[int]]) -> list[Group]:
    """Join derived groups that share most of their words; those that say nothing new are left out."""
    out: list[Group] = []
    where: dict[str, list[int]] = defaultdict(list)
    for _, group in sorted(found, key=lambda one: (-one[0], one[1].words)):
        words = long_enough(group).words
        if len(words) < 2:
            continue
        if any(set(words) <= {w for w in words if n in places.get(w, ())} for n in places.get(words[0], ())):
            continue
        best = max(
            (n for word in words for n in where[word]), key=lambda n: len(set(words) & set(out[n].words)), default=-1
        )
        if best >= 0 and len(set(words) & set(out[best].words)) * 2 >= len(words) and len(out[best].words) < 12:
            fresh = [word for word in words if word not in out[best].words]
            out[best].words.extend(fresh)
            for word in fresh:
                where[word].append(best)
            continue
        for word in words:
            where[word].append(len(out))
        out.append(Group(list(words), "derived"))
    return out


def long_enough(group: Group) -> Group:
    """Drop words of a derived group that are too short to mean one name."""
    return group._replace(words=[word for word in group.words if len(word) >= DERIVED_LENGTH_MIN])


def numbered(groups: list[Group]) -> tuple[list[Group], dict[str, list[int]]]:
    """Give every word at most two groups, the first ones; groups left with one word fall away."""
    slots: dict[str, list[int]] = defaultdict(list)
    kept: list[Group] = []
    for group in groups:
        words = [word for word in distinct(group.words) if len(slots[word]) < 2][:GROUP_SIZE_MAX]
        if len(words) > 1 and not any(set(words) <= set(kept[n].words) for n in slots[words[0]]):
            for word in words:
                slots[word].append(len(kept))
            kept.append(group._replace(words=words))
    return kept, slots


# --- the table ------------------------------------------------------------------------------------------------


def collect(sources: Path) -> tuple[dict[str, Known], list[Group]]:
    """Make all words of the table out of the sources, and the groups for a report."""
    shares = Shares({}, {}, {}, {})
    russian(sources, shares)
    census(sources, shares)
    world(sources, shares)
    for shared, into in ((SURNAME_SHARES, shares.surname), (GIVEN_SHARES, shares.given)):
        for word, share in shared.items():
            raise_to(into, key_of(word), share)
    by_hand = curated(sources)
    positions: dict[str, list[int]] = defaultdict(list)
    for n, group in enumerate(by_hand):
        for word in group.words:
            positions[word].append(n)
    derived = transliterated(sources, positions, by_hand)
    derived += listed(sources)
    names = [(shares.given.get(group.words[0], 0) * 1e6, group) for group in nicknames(sources, shares) if group.words]
    joined: list[tuple[float, Group]] = []
    for value, group in names:
        homes = positions.get(group.words[0], [])
        if len(homes) == 1 and by_hand[homes[0]].kind in ("masculine", "feminine"):
            by_hand[homes[0]].words.extend(word for word in group.words if word not in positions)
        else:
            joined.append((value, group))
    groups, slots = numbered(by_hand + united(joined, positions) + united(derived, positions))
    return words_of(shares, groups, slots), groups


def words_of(shares: Shares, groups: list[Group], slots: dict[str, list[int]]) -> dict[str, Known]:
    """Join shares, roles and groups; the most frequent words, and all that have a group."""
    made: dict[str, float] = {}  # share of words that nobody counted, from the name they are a form of
    given_words: set[str] = set()
    children: set[str] = set()
    native: set[str] = set()
    for group in groups:
        best = max((max(s.get(word, 0.0) for s in shares[:3]) for word in group.words), default=0.0)
        for word in group.words:
            if group.kind in ("masculine", "feminine"):
                given_words.add(word)
            if group.kind == "patronymic":
                children.add(word)
            if word in group.own:
                native.add(word)
            if group.kind != "derived":
                raise_to(made, word, best * 2 ** -(NATIVE if word in group.own else FOREIGN))
    everything = set(shares.given) | set(shares.surname) | set(shares.patronymic) | set(slots) | set(shares.listed)
    words: dict[str, Known] = {}
    for key in everything:
        given, surname, patronymic = (s.get(key, 0.0) for s in shares[:3])
        share = max(given, surname, patronymic)
        numbers = [*sorted(n + 1 for n in slots.get(key, ())), 0, 0]
        if patronymic > 4 * (given + surname) or (key in children and given + surname < CHILD_SHARE_MAX):
            roles = 0, 0
        elif given or surname:
            roles = role(given, surname), role(surname, given)
        else:
            roles = shares.listed.get(key, (0, 0))
        if not share and key in given_words:
            roles = ROLE_MAX - 1, 0
        if key in native or not share:  # nobody counted people in Ukraine and Belarus
            share = max(share, made.get(key, 0.0))
        words[key] = Known(*roles, rarity(share), (numbers[0], numbers[1]))
    order = sorted(
        words, key=lambda key: (words[key].variants == (0, 0), -max(s.get(key, 0.0) for s in shares[:3]), key)
    )
    return {key: words[key] for key in order[:WORDS_MAX]}


def main(arguments: list[str]) -> int:
    """Write the table beside this module."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m sito.names.makelexicon SOURCES\n")
        return 2
    words, groups = collect(Path(arguments[0]))
    data = lexicon.pack(words)
    lexicon.read(data)
    target = Path(__file__).parent / "data" / "lexicon.bin.z"
    target.write_bytes(zlib.compress(data, 9))
    edition = lexicon.VERSION.partition("-")[0]
    sys.stdout.write(
        f"{len(words)} words, {len(groups)} groups, {len(data)} bytes, {target.stat().st_size} packed\n"
        f'set VERSION in lexicon.py to "{edition}-{zlib.crc32(data):08x}"\n'
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
