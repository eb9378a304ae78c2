"""How names are found in texts: the readable twin of `sito_ext.matcher`.

It works on plain lists and compares every word with the whole vocabulary, so it is slow and short. Limits on the number
of look-ups, candidates and hits are the native side's own affair; below them the two agree to the last bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from sito.names import align
from sito.names.distance import expand
from sito.names.facts import Trait, know
from sito.names.fold import Token, fold
from sito.names.forms import bases
from sito.names.readings import joined, layout

INFORMATIVE_MIN = 50  # per cent
PAIRED_WORDS_MAX = 16
ALL_PAIRS_MAX, RAREST = 4, 3  # a name of more words is found by pairs with one of its rarest
TEXT_WINDOW, WINDOW_BEFORE, WINDOW_AFTER, WINDOW_REACH_MAX, WINDOW_WORDS_MAX = 6, 3, 4, 26, 64
NARROWINGS_MAX = 16
QUERY_WORDS_MAX, NAME_WORDS_MAX = 64, 32
LONG_WORD_MIN, PAIR_COST_MAX = 6, 3
SINGLE_WORD_FACTOR, READING_FACTOR, READING_SIZE_MAX = 0.7, 0.98, 1024
SPECIAL_MAX = 48
SPLITS_MAX = 6
SPLIT_LENGTH_MIN, PART_LENGTH_MIN = 5, 2
MIDDLE_LENGTH_MAX = 4  # letters between the two words that are found, of a word that is three
INITIAL_REACH, VOUCHING_REACH = 3, 2
PARTED_FACTOR = 0.7
GAP_MAX = 64  # bytes between two words that are looked at for a stop
STOPS, OPENING, CLOSING = frozenset(b";,:/|"), frozenset(b"([{"), frozenset(b")]}")
SENTENCE_ENDS, BLANK_MAX, SENTENCE_WORD_MIN = frozenset(b".!?"), 32, 4  # a shorter small word before a dot is cut short
CONNECTING = frozenset(("i", "and"))  # и, and between two names
PART_MAX = 16  # words of a name beyond it are no surname, and no initial is asked for; so there are no more pairs
NO_WORD, NO_TOKEN = -1, -2
SHIP_LETTERS = frozenset(
    (("t", "kh"), ("p", "kh"), ("m", "v"), ("m", "t"))
)  # т/х, п/х, M/V, M/T: two words when folded
ORDINARY_RARITY_MAX = 62  # quarter bits: a word that one of 46 000 bears, or more
OUTLINE_HEAD, OUTLINE_WORDS_MAX, STRANGER_LENGTH_MIN = 4, 6, 3
# Consonants by class: what is written for each other is one class. Vowels and v, which changes with u, are left out.
CLASSES = ("b", "csz", "d", "fp", "gh", "k", "l", "m", "n", "r", "t", "jqwxy")
OUTLINE = {letter: number for number, letters in enumerate(CLASSES, 1) for letter in letters}
INITIALS = tuple(f"{letter}." for letter in "abcdefghijklmnopqrstuvwxyz")  # stand beside token ids in the pair table


class Listed(NamedTuple):
    """One name of a list.

    Attributes:
        text: As printed, or another spelling of it.
        entry: Number of the entry.
        person: Is it a person's?
        factor: Per cent that a hit on this spelling counts.
        letters: Is it an acronym, which has no other spelling?
    """

    text: str
    entry: int
    person: bool
    factor: int = 100
    letters: bool = False


class Found(NamedTuple):
    """One hit: entry, name, score, half-open range of the text words compared, and how the text was read."""

    entry: int
    name: int
    score: float
    low: int
    high: int
    reading: int = 0


class Near(NamedTuple):
    """Vocabulary words near a text word.

    Attributes:
        found: (distance, token) pairs.
        meant: So many of them are the word itself or a base of it,
        sure: so many these, others that mean the same or have the same consonants, or parts of it,
        splits: and so many pairs of parts stand at the end of those.
    """

    found: list[tuple[int, int]]
    meant: int
    sure: int
    splits: int


class Listing:
    """All names of a list, with the words they are found by.

    Args:
        names: All names, with their other spellings.
        vocabulary: Keys by token id, rarest first, as the index has them.
    """

    def __init__(self, names: Sequence[Listed], vocabulary: Sequence[str]) -> None:
        self.vocabulary = vocabulary
        self.ids = ids = {key: token for token, key in enumerate(vocabulary)}
        self.names = names
        self.words: list[list[align.Word]] = []
        self.pairs: defaultdict[tuple[int, int | str], list[int]] = defaultdict(list)
        self.singles: defaultdict[int, list[int]] = defaultdict(list)
        self.outlines: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
        self.phrases: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        self.bones: defaultdict[tuple[str, bool], set[int]] = defaultdict(set)  # second: of vowelless words only
        groups: defaultdict[int, set[int]] = defaultdict(set)
        grouped: list[tuple[int, int, int, int, int, int]] = []
        for number, (text, _, person, *_) in enumerate(names):
            tokens = fold(text.encode("utf-8", "surrogatepass")).tokens[:NAME_WORDS_MAX]
            words = [
                align.listed_word(token.plain, token.key, person=person, vowelless=token.vowelless) for token in tokens
            ]
            self.words.append(words)
            whole = tuple(ids[token.key] for token in tokens)
            found_by = informative(whole, words)
            if len(found_by) == 1:
                self.singles[found_by[0]].append(number)
                if not person:
                    self.phrases[found_by[0],].append(number)
            if needs_phrase([token.plain for token in tokens], len(found_by), person=person):
                self.phrases[whole].append(number)
            roles = [role_of(words[whole.index(token)]) for token in found_by]
            stands = [
                word.facts.groups[0] if word.weight >= INFORMATIVE_MIN else 0
                for word in (words[whole.index(token)] for token in found_by)
            ]
            surnamed = person and 0 in roles
            for i in range(len(found_by) if len(found_by) <= ALL_PAIRS_MAX else RAREST):
                for j in range(i + 1, len(found_by)):
                    if surnamed and {roles[i], roles[j]} == {Trait.GIVEN, Trait.SON}:
                        # The names of many, and nobody's without the surname, or the beginning of it.
                        for k, role in enumerate(roles):
                            code = outline(vocabulary[found_by[k]])
                            if role == 0 and code:
                                self.outlines[*in_order(found_by[i], found_by[j]), code].append(number)
                                grouped.append((found_by[i], stands[i], found_by[j], stands[j], code, number))
                        continue
                    self.pairs[in_order(found_by[i], found_by[j])].append(number)
            if person and len(found_by) == 2:
                for i, j in ((0, 1), (1, 0)):
                    code = outline(vocabulary[found_by[j]])
                    if code and roles[i] != Trait.SON:
                        self.outlines[found_by[i], NO_WORD, code].append(number)
                        grouped.append((found_by[i], stands[i], NO_WORD, 0, code, number))
            for i, j in initial_pairs(words) if person else ():
                for letter in dict.fromkeys((words[j].key[0], words[j].plain[0])):
                    if words[j].key[0].isalpha() and words[j].plain[0].isalpha():
                        self.pairs[whole[i], f"{letter}."].append(number)
            # Both as a word of persons' names and of firms': whether a name is found asks no other name.
            others = [
                align.listed_word(token.plain, token.key, person=not person, vowelless=token.vowelless)
                for token in tokens
            ]
            for word, token in zip([*words, *others], [*whole, *whole], strict=True):
                for group in word.facts.groups:
                    if group and word.weight >= INFORMATIVE_MIN:
                        groups[group].add(token)
                if word.weight >= INFORMATIVE_MIN and not word.facts.traits & Trait.NUMBER:
                    self.bones[align.skeleton(word.key).letters, False].add(token)
                    for bones in align.bare_skeletons(word.key) if word.facts.traits & Trait.VOWELLESS else ():
                        self.bones[bones.letters, True].add(token)
        self.groups = {group: sorted(members) for group, members in groups.items()}
        for left, left_group, right, right_group, code, number in grouped:
            pair = [self.stands_for(left_group, left), self.stands_for(right_group, right)]
            if pair != [left, right]:
                self.outlines[*in_order(*pair), code].append(number)

    def stands_for(self, group: int, token: int) -> int:
        """Return the least token of a group, or the token if there is none: beside an outline it stands for all."""
        return self.groups[group][0] if self.groups.get(group) else token

    def near(self, word: align.Word) -> Near:
        """Return the vocabulary words near a text word.

        First the word itself; then, as if at distance 1, the bases it may be a case form of, the words that mean the
        same, those with the same consonants where one side has no vowels written, and the words it may be written
        together from, two or three: nearly every word is three short ones, so the middle one of three must be an
        article, or some name hold the two others; then words with few other letters, nearest first.
        """
        found = expand(word.key, self.vocabulary)[0]
        exact = [token for distance, token in found if distance == 0]
        special: list[int] = []
        based = [self.ids[base] for base in bases(word.key) if base in self.ids]
        grouped = [token for group in word.facts.groups for token in self.groups.get(group, [])]
        bare = bool(word.facts.traits & Trait.VOWELLESS)
        for bones in align.bare_skeletons(word.key) if bare else [align.skeleton(word.key)]:
            if len(bones.letters) >= align.SKELETON_MIN and not word.facts.traits & Trait.NUMBER:
                for token in sorted(self.bones.get((bones.letters, not bare), ())):
                    if bare:
                        fits = align.agree(bones, align.skeleton(self.vocabulary[token]))
                    else:
                        fits = any(align.agree(one, bones) for one in align.bare_skeletons(self.vocabulary[token]))
                    grouped += [token] if fits else []
        meant = len(exact)
        for number, token in enumerate(based + grouped):
            if token not in special and token not in exact and len(special) < SPECIAL_MAX:
                special.append(token)
                meant += number < len(based)
        splits = 0
        if len(word.key) >= SPLIT_LENGTH_MIN and not word.facts.traits & Trait.NUMBER:
            for cut in range(PART_LENGTH_MIN, len(word.key) - PART_LENGTH_MIN + 1):
                for middle in range(MIDDLE_LENGTH_MAX + 1):
                    between, last = word.key[cut : cut + middle], word.key[cut + middle :]
                    parts = [self.ids.get(word.key[:cut], -1), self.ids.get(last, -1)]
                    if len(last) < PART_LENGTH_MIN or -1 in parts or parts[0] == parts[1]:
                        continue
                    told = not middle or between in align.ARTICLES or self.pairs.get(in_order(*parts))
                    if told and splits < SPLITS_MAX and len(special) + 2 <= SPECIAL_MAX:
                        special += parts
                        splits += 1
        # If there are more ways to cut the word, the kernel tells it.
        rest = [(distance, token) for distance, token in found if distance and token not in special]
        sure = [(0, token) for token in exact] + [(1, token) for token in special]
        return Near(sure + rest, meant, len(sure), splits)


def role_of(word: align.Word) -> int:
    """Return `Trait.SON` for a patronymic, `Trait.GIVEN` for a word that is a given name only, else 0.

    An unknown word may be a surname with a father's ending (Смушкович).
    """
    if word.facts.traits & (Trait.SON | Trait.DAUGHTER) and word.facts.traits & Trait.KNOWN:
        return Trait.SON
    return Trait.GIVEN if word.facts.traits & Trait.GIVEN and not word.facts.traits & Trait.SURNAME else 0


def outline(key: str) -> int:
    """Return the classes of the first two consonants among the first letters of a key as one number, 0 for none.

    Two spellings of a name that are too far apart for the look-up mostly begin with the same consonants.
    """
    classes = [OUTLINE[letter] for letter in key[:OUTLINE_HEAD] if letter in OUTLINE]
    return sum(number << shift for number, shift in zip(classes, (4, 0), strict=False))


def in_order(left: int, right: int) -> tuple[int, int]:
    """Return two tokens as the pairs have them: the least first, but `NO_WORD` last."""
    return (left, right) if right == NO_WORD or NO_WORD != left < right else (right, left)


def is_ordinary(word: align.Word) -> bool:
    """Return whether a word is known to be a name that people do bear; the list is not asked."""
    return bool(word.facts.traits & Trait.KNOWN) and word.facts.rarity <= ORDINARY_RARITY_MAX


def is_stranger(word: align.Word) -> bool:
    """Return whether a word of a party field may be a part of a listed name that is written in a way nobody knows.

    Other listed names may well hold it as it stands: no name hides another. But a name that people do bear is hardly
    a slip for another one.
    """
    other = word.facts.traits & (Trait.NUMBER | Trait.SON | Trait.DAUGHTER)
    return (
        not other and not word.initials and word.weight >= INFORMATIVE_MIN and not is_ordinary(word)
        and len(word.plain) >= STRANGER_LENGTH_MIN
    )  # fmt: skip


def beside_stranger(key: str, near: Near) -> list[int]:
    """Return what a word beside a stranger or an initial is taken for: those near words that cost at most 1."""
    found = [(pair, place < near.sure) for place, pair in enumerate(near.found)]
    return [token for (distance, token), special in found if cost(distance, key, special=special) <= 1]


def initial_pairs(words: Sequence[align.Word]) -> list[tuple[int, int]]:
    """Say with which initials a person's name is found.

    Returns:
        (place of the word taken for the surname, place of the word whose initial stands beside it) pairs. Of two words
        either may be the surname. A longer name with one surname and given names known gives the surname with each; of
        other names the first and the last word may be the surname, and the first, second and last the given name.
    """
    parts = [
        place for place, word in enumerate(words)
        if word.weight >= INFORMATIVE_MIN and len(word.plain) > 1 and not word.facts.traits & Trait.NUMBER
    ][:PART_MAX]  # fmt: skip
    fathers = [place for place in parts if words[place].facts.traits & (Trait.SON | Trait.DAUGHTER)]
    given = [place for place in parts if place not in fathers and words[place].facts.traits & Trait.GIVEN]
    surnames = [place for place in parts if place not in fathers and place not in given]
    if len(parts) < 2:
        return []
    if len(parts) == 2:
        found = [(parts[0], parts[1]), (parts[1], parts[0])]
    elif len(surnames) == 1 and given:
        found = [(surnames[0], place) for place in given]
    else:
        found = [(i, j) for i in (parts[0], parts[-1]) for j in (parts[0], parts[1], parts[-1])]
    return [pair for pair in dict.fromkeys(found) if pair[0] != pair[1]]


def informative(tokens: Sequence[int], words: Sequence[align.Word]) -> list[int]:
    """Return the distinct tokens a name is found by, rarest first.

    How rare a word is, is known of the word itself and never asked of the list: by weight and rarity, then by key.
    """
    telling = [(token, word) for token, word in zip(tokens, words, strict=True) if word.weight >= INFORMATIVE_MIN]
    found: dict[int, tuple[int, str]] = {}
    for token, word in telling or zip(tokens, words, strict=True):
        found[token] = min(found.get(token, (0, word.key)), (-word.weight * word.facts.rarity, word.key))
    return sorted(found, key=found.__getitem__)[:PAIRED_WORDS_MAX]


def needs_phrase(words: Sequence[str], found_by: int, *, person: bool) -> bool:
    """Return whether free text must be searched for all words of a name in a row.

    Pairs of words do not find a person with one informative word, nor surely a name so long that two informative words
    may stand further apart than `TEXT_WINDOW`. A surname with one initial is left out: "а Петров" is no name.
    """
    if len(words) > TEXT_WINDOW + 1:
        return True
    return person and found_by == 1 and (len(words) > 2 or (len(words) == 2 and min(map(len, words)) > 1))


def search(listing: Listing, text: bytes, *, free_text: bool, score_min: float) -> list[Found]:
    """Find the listed names in one text in all its readings; best first, equal scores by entry."""
    best: dict[int, Found] = {}
    text = text.rstrip(b" ")
    readings = [text, None, None] if free_text or len(text) > READING_SIZE_MAX else [text, joined(text), layout(text)]
    for number, reading in enumerate(readings):
        for hit in (
            search_reading(listing, reading, number, free_text=free_text, score_min=score_min) if reading else ()
        ):
            known = best.get(hit.entry)
            if known is None or (-hit.score, *hit[1:2], *hit[3:5]) < (-known.score, *known[1:2], *known[3:5]):
                best[hit.entry] = hit
    return sorted(best.values(), key=lambda found: (-found.score, found.entry))


def search_reading(listing: Listing, text: bytes, reading: int, *, free_text: bool, score_min: float) -> list[Found]:
    """Find the listed names in one reading of a text."""
    tokens = fold(text).tokens
    words = [align.word_of(token, text[token.start : token.end].decode("utf-8", "replace")) for token in tokens]
    nears = [listing.near(word) for word in words]
    cased = any(word.capital for word in words)
    near: list[list[tuple[int, int, bool]]] = []  # with each: is it sure
    for word, (found, meant, sure, _) in zip(words, nears, strict=True):
        hidden = range(meant, len(found)) if free_text and cased and not word.capital else range(0)
        near.append([(*pair, place < sure) for place, pair in enumerate(found) if place not in hidden])
    free_text = free_text or len(words) > QUERY_WORDS_MAX
    candidates: defaultdict[int, list[list[int]]] = defaultdict(list)  # name -> [low, high] windows

    def propose(name: int, low: int, high: int) -> None:
        for window in candidates[name]:
            joined = max(high, window[1]) - min(low, window[0])
            apart = low > window[1] + TEXT_WINDOW or window[0] > high + TEXT_WINDOW
            if not free_text or (not apart and joined < 2 * TEXT_WINDOW):
                window[:] = min(low, window[0]), max(high, window[1])
                return
        candidates[name].append([low, high])

    if free_text:
        exact = [found[0][1] if found and found[0][0] == 0 else -1 for found, *_ in nears]
        lengths = sorted({len(phrase) for phrase in listing.phrases}, reverse=True)
        for i in range(len(words)):
            for length in lengths:
                for name in listing.phrases.get(tuple(exact[i + 1 - length : i + 1]), ()) if length <= i + 1 else ():
                    propose(name, max(0, i + 1 - len(listing.words[name])), i)
    for i in range(len(words)):
        if not free_text:
            for _, token, _ in near[i]:
                for name in listing.singles[token]:
                    propose(name, i, i)
        small = free_text and cased and not words[i].capital
        for first in range(nears[i].sure - 2 * nears[i].splits, nears[i].sure, 2) if not small else ():
            left, right = nears[i].found[first][1], nears[i].found[first + 1][1]
            for name in listing.pairs.get((min(left, right), max(left, right)), ()):
                propose(name, i, i)
        for j in range(i + 1, min(len(words), i + (TEXT_WINDOW if free_text else QUERY_WORDS_MAX) + 1)):
            for left_distance, left, left_sure in near[i]:
                for right_distance, right, right_sure in near[j]:
                    left_cost = cost(left_distance, words[i].key, special=left_sure)
                    right_cost = cost(right_distance, words[j].key, special=right_sure)
                    if left_cost + right_cost <= PAIR_COST_MAX and (
                        not free_text or max(left_distance, right_distance) < 2
                    ):
                        for name in listing.pairs[min(left, right), max(left, right)]:
                            propose(name, i, j)
    if not free_text:
        for i in range(len(words) - 1):
            left_word, right_word = words[i], words[i + 1]
            if min(len(left_word.plain), len(right_word.plain)) < 2:
                continue
            skip = left_word.key[-1] == right_word.key[0]  # a letter that repeats its left neighbour is dropped
            together = listing.ids.get(left_word.key + right_word.key[skip:])
            if together is None:
                continue
            for name in listing.singles.get(together, ()):
                propose(name, i, i + 1)
            for j in range(len(words)):
                for distance, other, special in near[j] if j not in (i, i + 1) else ():
                    if cost(distance, words[j].key, special=special) <= 1:
                        for name in listing.pairs.get((min(together, other), max(together, other)), ()):
                            propose(name, min(i, j), max(i + 1, j))
    for k, word in enumerate(words):
        if not free_text or word.capital:
            for i in range(len(words)):
                between = words[min(i, k) + 1 : max(i, k)]
                beside = not free_text or (
                    abs(i - k) <= INITIAL_REACH and all(other.initials for other in between)
                    and (words[i].capital or not cased)
                )  # fmt: skip
                within = i != k and len(words[i].initials) != 1 and beside
                if free_text or is_ordinary(words[i]):
                    surnames = [token for _, token in nears[i].found[: nears[i].meant]]
                else:
                    surnames = beside_stranger(words[i].key, nears[i])
                for surname in surnames if within else ():
                    # The first letter of a cluster is enough: all the others must fit, too.
                    for letter in {f"{text[0]}." for initial in word.initials[:1] for text in initial[:2] if text}:
                        for name in listing.pairs.get((surname, letter), ()):
                            propose(name, min(i, k), max(i, k))
    telling = [i for i, word in enumerate(words) if word.weight >= INFORMATIVE_MIN]
    # A word more than the name has costs so much that beside a word as different as these it leaves no likeness.
    if not free_text and len(telling) in (2, 3) and len(words) <= OUTLINE_WORDS_MAX:
        for k in telling:
            code = outline(words[k].key) if is_stranger(words[k]) else 0
            left, right = [i for i in telling if i != k] if len(telling) == 3 else [sum(telling) - k] * 2
            fathers = [words[i].facts.traits & (Trait.SON | Trait.DAUGHTER) for i in (left, right)]
            if code == 0 or (fathers[0] and fathers[1]) or not (len(telling) == 2 or any(fathers)):
                continue
            for one in beside_stranger(words[left].key, nears[left]):
                for other in [NO_WORD] if left == right else beside_stranger(words[right].key, nears[right]):
                    for name in listing.outlines.get((*in_order(one, other), code), ()):
                        propose(name, min(left, k), max(right, k))
            # And whatever means the same as those.
            stands = [listing.stands_for(words[i].facts.groups[0], NO_TOKEN) for i in (left, right)]
            meanings = [[token for _, token in nears[i].found[: nears[i].meant]] for i in (left, right)]
            if left == right:
                instead = {(stands[0], NO_WORD)}
            else:
                instead = {(stands[0], stands[1])}
                instead |= {(stands[0], other) for other in meanings[1]} | {(one, stands[1]) for one in meanings[0]}
            for one, other in instead:
                both = NO_TOKEN not in (one, other)
                for name in listing.outlines.get((*in_order(one, other), code), ()) if both else ():
                    propose(name, min(left, k), max(right, k))
    best: dict[int, Found] = {}
    for name, windows in candidates.items():
        for low, high in windows:
            listed = listing.words[name]
            first, last = 0, len(words)
            if free_text:
                reach = min(len(listed) - 2, WINDOW_REACH_MAX)
                first = max(0, low - max(WINDOW_BEFORE, reach))
                last = min(high + 1 + max(WINDOW_AFTER, reach), len(words), first + WINDOW_WORDS_MAX)
                if len(listed) == 1:
                    first, last = low, high + 1
            elif len(listed) == NAME_WORDS_MAX:  # the list may print more words than are kept
                last = min(last, NAME_WORDS_MAX + 1)
            score, first, last = compare(
                text, tokens, words, listed, window=(first, last), free_text=free_text,
                person=listing.names[name].person, letters=listing.names[name].letters,
            )  # fmt: skip
            score *= listing.names[name].factor / 100.0
            if reading:
                score *= READING_FACTOR
            hit = Found(listing.names[name].entry, name, score, first, last, reading)
            known = best.get(hit.entry)
            if (
                score >= score_min
                and score > 0.0
                and (known is None or (-score, name, first, last) < (-known.score, known.name, known.low, known.high))
            ):
                best[hit.entry] = hit
    return list(best.values())


def compare(
    text: bytes, tokens: Sequence[Token], words: Sequence[align.Word], listed: list[align.Word], *,
    window: tuple[int, int], free_text: bool, person: bool, letters: bool,
) -> tuple[float, int, int]:  # fmt: skip
    """Score the words of a window and a name; returns the score and the part that gave it.

    A word of the name may stand in free text twice, and pairing takes the first: while as many words are found without
    it, the rest is tried too, and the best wins. Where a stop parts two names, each side is tried by itself.
    """
    (first, last), best, before = window, (-1.0, *window), 0
    for _ in range(NARROWINGS_MAX + 1):
        score, used, stop, apart = weigh(
            text, tokens, words, listed, window=(first, last), free_text=free_text, person=person, letters=letters
        )
        if len(used) < before:
            break
        before = len(used)
        if score > best[0]:
            best = (score, first, last)
        if apart:
            score, *_ = weigh(
                text, tokens, words, listed, window=(first, stop), free_text=free_text, person=person, letters=letters
            )
            if score > best[0]:
                best = (score, first, stop)
            first, before = stop, 0
            continue
        if not free_text or len(used) < 2 or (used[-1] - used[0] + 1 == len(used) and not stop):
            break
        first = used[0] + 1
    return best


def weigh(
    text: bytes, tokens: Sequence[Token], words: Sequence[align.Word], listed: list[align.Word], *,
    window: tuple[int, int], free_text: bool, person: bool, letters: bool,
) -> tuple[float, list[int], int, bool]:  # fmt: skip
    """Return the score of one pairing, the places found, rising, the first stop within them (0 for none) and whether it
    parts two names.
    """
    first, last = window
    part = list(words[first:last])
    pairs = align.pair(part, listed, free_text=free_text, person=person)
    used = sorted(pair.query for pair in pairs if pair.query >= 0)
    score, stop, apart = 0.0, 0, False
    if not letters or pairs[0].rule is align.Rule.SAME:
        score = align.score(part, listed, pairs, free_text=free_text, person=person)
        if letters and not free_text and all_vouching(part, used):
            score = max(score, align.NOT_IDENTICAL_MAX)
    if free_text and len(used) == 1 and (person or not vouched(words, first + used[0])):
        score *= SINGLE_WORD_FACTOR
    if free_text and len(used) > 1:
        stop, apart = parted(part, stops(text, tokens[first:last], part), listed, pairs, person=person)
        if apart:
            score *= PARTED_FACTOR
    return score, [first + place for place in used], first + stop if stop else 0, apart


def stops(text: bytes, tokens: Sequence[Token], words: Sequence[align.Word]) -> list[bool]:
    """Say before which words a stop stands: `;,:/|`, the end of a sentence, a bracket around more than one word.

    A line break is none: fields of fixed width break within names. Nor is what stands behind `GAP_MAX` bytes.
    """
    gaps = [frozenset(text[left.end : min(right.start, left.end + GAP_MAX)]) for left, right in pairwise(tokens)]
    found = [False]
    for i, gap in enumerate(gaps):
        opened = bool(gap & OPENING) and i + 1 < len(gaps) and not gaps[i + 1] & CLOSING
        closed = bool(gap & CLOSING) and i > 0 and not gaps[i - 1] & OPENING
        small = len(words[i].plain) < SENTENCE_WORD_MIN and not words[i].capital
        short = len(words[i].initials) == 1 or (small and not words[i].facts.traits & Trait.NUMBER)
        ended = bool(gap & SENTENCE_ENDS) and min(gap) <= BLANK_MAX and not short
        found.append(bool(gap & STOPS) or opened or closed or ended)
    return found


def parted(
    words: Sequence[align.Word], stop: list[bool], listed: Sequence[align.Word], pairs: Sequence[align.Pair], *,
    person: bool,
) -> tuple[int, bool]:  # fmt: skip
    """Return the first stop within the words found, 0 for none, and whether these belong to two names on its sides.

    "Surname, Given" is written with a stop, too: what tells is a word beside those found, on the same side, that makes
    a name of its own with them: a given name or an initial beside a surname, a surname beside a given name; or words
    of which that is not known, on two sides. An "и" or "and" stands between couples of one surname, too: there only a
    word beside a given name or patronymic tells. In names of firms it is a legal form between the words found, and
    whatever stands beside a number that has no word of the name on its side.
    """
    stop, cased = list(stop), any(word.capital for word in words)
    owners = {
        i: word.facts.traits
        for word, pair in zip(listed, pairs, strict=True) if pair.query >= 0
        for i in range(pair.query, pair.query + pair.span)
    }  # fmt: skip
    inner = [i for i in owners if person or not align.is_legal(words[i])]
    if not inner:
        return 0, False
    hard = any(stop[min(inner) + 1 : max(inner) + 1])
    if person:
        for i in range(len(words) - 1):
            if i not in owners and words[i].plain in CONNECTING and not (cased and words[i].capital):
                stop[i + 1] = True
    crossed = [i for i in range(min(inner) + 1, max(inner) + 1) if stop[i]]
    if not crossed:
        return 0, False
    strange: set[int] = set()
    for i in sorted(inner):
        beside = [k for k in (i - 1, i + 1) if 0 <= k < len(words) and not stop[max(i, k)]]
        if not person and owners[i] & Trait.NUMBER:
            if beside and not any(k in owners for k in beside):
                return crossed[0], True
            continue
        shared = person and not hard and not owners[i] & (Trait.GIVEN | Trait.SON | Trait.DAUGHTER)
        for k in beside:
            if k in owners or (cased and not words[k].capital) or shared:
                continue
            if not person:
                if align.is_legal(words[k]) and min(inner) < k < max(inner):
                    return crossed[0], True
                continue
            other = own_name(words[k], owners[i], before=k < i)
            strange |= {sum(stop[: i + 1])} if other is None else set()
            if other or len(strange) > 1:
                return crossed[0], True
    return crossed[0], False


def own_name(word: align.Word, owner: int, *, before: bool) -> bool | None:
    """Return whether a word beside one that was found makes another name with it; None if that is not known.

    Args:
        word: Not of the listed name.
        owner: Traits of the listed word that was found.
        before: Does it stand before that one?
    """
    names = Trait.GIVEN | Trait.SURNAME | Trait.SON | Trait.DAUGHTER
    given, surname = bool(owner & Trait.GIVEN), not owner & (names & ~Trait.SURNAME)
    if len(word.initials) == 1:
        return word.capital and (surname or (before and not given))
    if word.weight < align.TELLING_MIN or word.facts.traits & (Trait.NUMBER | Trait.VOUCHING):
        return False
    traits = word.facts.traits & names
    for base in bases(word.key) if not traits else ():
        traits = traits or know(base, base).traits & names
    if traits & (Trait.SON | Trait.DAUGHTER):
        return surname
    if traits & Trait.GIVEN:
        return not given
    return None if not traits or not owner & names else not surname


def all_vouching(words: Sequence[align.Word], used: Sequence[int]) -> bool:
    """Return whether what stands beside the words found only says that a firm is named: the acronym is the whole name.

    The legal form says nothing against it: acronyms are made without one.
    """
    return all(i in used or word.facts.traits & Trait.VOUCHING for i, word in enumerate(words))


def cost(distance: int, key: str, *, special: bool = False) -> int:
    """Return what an expansion costs: 0 exact, 1 for one edit in a long word or for a word sure to be meant, else 2:
    short words have many neighbours, and what is two edits away has many more.
    """
    return 0 if distance == 0 else 1 if special or (distance == 1 and len(key) >= LONG_WORD_MIN) else 2


def vouched(words: Sequence[align.Word], place: int) -> bool:
    """Return whether a bare word in free text stands beside one that says that a company or a ship is named."""
    if place >= 2 and (words[place - 2].plain, words[place - 1].plain) in SHIP_LETTERS:
        return True
    beside = range(max(0, place - VOUCHING_REACH), min(len(words), place + VOUCHING_REACH))
    return any(words[i].facts.traits & Trait.VOUCHING for i in beside if i != place)
