"""How alike a text and a listed name are: the readable twin of `sito_ext.scorer`.

Every word of the name looks for its partner among the words of the text, in rounds from the surest to the weakest:
equal letters, equal keys, other forms of one name (Магомед, Muhammad are one; Юрий, Георгий are not), case forms,
surnames of the other gender, words written together or apart, equal consonants where a script leaves vowels out,
similar letters (best pairs first), a last word that the field has cut, initials.

Then is weighed: how similar the partners are; what of the name the text leaves out, which costs little ("Иванов Иван"
for "Иванов Иван Петрович"); what the text holds besides, which costs more; what is missing on both sides, for such
words contradict each other; whether the surname was found at all; numbers, which must agree in names of firms and
ships; and how much the words found say together: a common name with a word missing is somebody else's name too. In free
text only the name and its neighbours count.

The numbers are this version's calibration on public lists and ordinary names. The similarity of two words is
rapidfuzz's normalised indel ratio of their letters or of their merged keys, within a number of edits that grows with
the length of the word. docs/decisions/0005-matches-and-scores.md has the whole in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import islice, product
from typing import NamedTuple

from rapidfuzz import fuzz

from sito.names.distance import merged
from sito.names.facts import Facts, Trait, know
from sito.names.fold import Token, fold
from sito.names.forms import is_form

SIMILAR_MIN = 70.0  # per cent; less alike words are strangers
EDITS_SHORT, EDITS_MIDDLE, EDITS_LONG = 1, 2, 4  # indel edits of words of 3, 4, 8 letters
EDITS_MORE, EDITS_MORE_MIN = 3, 6  # of words of 6 letters that are not both known
PATRONYMIC_LOSS_MAX = 1  # letters by which a patronymic may differ from a mistyped one; a surname differs by two
PATRONYMIC_ENDING = 3  # letters of a patronymic that say nothing about whose
FIRST_LETTER_FACTOR = 0.94
BOTH_SURNAMES_FACTOR = 0.92  # both are surnames as they stand: hardly a slip
BOTH_KNOWN_FACTOR = 0.94  # both are words that people are called by
NEAR_VOWELS = {"a": "aeo", "e": "eai", "i": "ie", "o": "oau", "u": "uo"}  # what may be written for one
VOWELS_SIMILARITY = 0.94  # in a person's name only vowels within the word differ (Isnilon, Isnilun)
VOWELS_LENGTH_MIN = 4
KEY_SIMILARITY = 0.97  # equal keys, other letters
VARIANT_SIMILARITY = 0.94
SHORT_MAX = 4  # letters of a key up to which
SHORT_FACTOR = 0.92  # another spelling or form of the name is less sure
LISTED_INITIAL_SIMILARITY = 0.72  # the list has the letter, the text the word
FORM_SIMILARITY = 0.96
FIRM_FORM_SIMILARITY = 0.88
GENDER_SIMILARITY = 0.88  # a surname's other gender
MERGED_SIMILARITY = 0.94  # keys but for letters that stand for each other
JOINED_SIMILARITY, FIRM_JOINED_SIMILARITY = 0.97, 0.96
PART_KEY_MIN = 3  # letters of keys that are written together
SERVANT = "abd"  # Abd al- is Abdul
KUNYA = "abu"  # may lose its a where it is written together (Bukhattala)
FATHER_SIMILARITY = 0.94  # Рашид оглы for Рашидович
FATHER_MIN = 2  # letters of a father's name
SKELETON_SIMILARITY = 0.92
CUT_SIMILARITY = 0.86  # the field ended in the middle of the word
CUT_LETTERS_MIN = 2
SKELETON_MIN, BONES_SURE_MIN = 2, 3
ARTICLED_MIN = 6  # letters of a key from which al- in front is an article
SOFT = "aeiouv"  # vowels, and what scripts without short vowels write like one
ARTICLES = {"al", "el", "ol", "ul"}
BONES = str.maketrans("cp", "sf")
BONE_READINGS_MAX = 16
# What a letter of a script without vowels is read as besides: Rivka has a v for bet, Zuckerman a z and Rosenthal an s
# for what others write tz and z, Ramadan is Ramazan, Chaim has a ch and Melekh a kh, Gaddafi a g for a q;
# a gimel with a sign that vanishes is the j of George.
BARE_LETTERS: dict[str, tuple[str, ...]] = {
    "b": ("b", ""), "c": ("s", "z"), "d": ("d", "z"), "g": ("g", ""), "h": ("h", "s"), "k": ("k", "h", "g"),
    "z": ("z", "s", "d"),
}  # fmt: skip
INITIAL_SIMILARITY = 0.88
CONTRADICTION_COST = 1.3
RARE_RARITY = 136  # of two words that hardly anybody bears
SURE_RARITY, SURE_COST, SURE_KNEE = 160, 0.5, 0.25  # what so much is found of is meant: one word beside it is a slip
OMITTED_COST, EXTRA_COST, ONE_SIDED_KNEE, ONE_SIDED_STEEP = 0.12, 0.25, 0.34, 1.2
OMITTED_KNEE = 0.51  # of a patronymic, of what stands behind initials, or beside words that hardly anybody bears
FIRM_COST = 0.5  # words one-sided in names that are no person's
TEXT_MISSING_COST, TEXT_MISSING_STEEP, TEXT_GAP_COST = 0.25, 1.5, 0.04
TEXT_CONTRADICTION_COST = 0.3
RIVAL_LENGTH_MIN = 4  # letters of another surname beside a find in free text
TEXT_FIRM_COST = 1.0
CONNECTING_WEIGHT, PERSON_WEIGHT_MIN = 3, 40  # "in" and "de" connect the words of firms, but are names of people
FORM_WEIGHT_MAX, FORM_CLASS_WEIGHT = 10, 3  # of legal forms, and of those that exclude each other; more is of ships
LONE_COST = 0.02  # a firm of one telling word and a word more or less: Горизонт is no Горизонт Центр
PLACE_WEIGHT, BRANCH_WEIGHT = 50, 10  # of a place, and of one behind the whole name of a firm: Ромашка Европа
FORM_REACH = 2  # words beside a find in free text that may be its legal form
FORM_COST, FORM_OMITTED_COST = 0.12, 0.03  # another legal form; one on one side only
PARTICLE_WEIGHT, FIRM_PARTICLE_WEIGHT = 41, 10  # de and al are parts of people's names, and little in those of firms
FATHER_WEIGHT, FATHER_SHIFT = 42, 2  # bin and its like; forefathers that one side leaves out count a fourth
SMALL_LETTERS = frozenset((*"aeikosuvy", "ya"))  # а в и к о с у я: in capitals throughout they may be no initials
CONNECTING_LETTERS = frozenset("eisvy")  # и, с, в and y do so, too; a person's are initials
ORDER_COST, FIRM_ORDER_COST = 0.01, 0.02
NO_SURNAME_COST = 0.15
STRANGE_RARITY = 56  # quarter bits from which an unknown word may be the surname beside a known one
NUMBER_COST = 0.15
SWAPPED_COST = 0.15  # И. О. for О. И.
INITIALS_ALONE_FACTOR = 0.85
INITIALS_ALONE_MIN = 0.92  # least similarity of the only whole word beside initials
RARITY_FULL = 88  # quarter bits from which a name is rare enough
RARITY_COST, FIRM_RARITY_COST, RARITY_COST_MAX = 0.0018, 0.002, 0.1  # for each quarter bit below
INITIAL_RARITY = 16
NAMELESS_RARITY_MAX = 60  # a given name and a patronymic as common as that are no name to be listed by
TELLING_MIN, CONTAINED_COST, CONTAINED_SIMILARITY_MIN = 50, 0.08, 0.9
CONTAINED_WORDS_MIN, CONTAINED_RARITY_MIN = 3, 80
NOT_IDENTICAL_MAX = 0.99

# "Son of" and "daughter of" as Turkic peoples say it, folded: оглы, oğlu, oʻgʻli, уулу, ұлы; кызы, gızı, qizi.
CHILDREN = dict.fromkeys(
    ("ogly", "oglu", "ogli", "oghlu", "oghly", "oghli", "oglou", "ugli", "uulu", "uly"), Trait.SON
) | dict.fromkeys(("kyzy", "kizi", "kizy", "kyzi", "gyzy", "gizi", "qyzy", "qizi"), Trait.DAUGHTER)
# The same at the end of a key, where it is written together with the father's name.
GLUED = {
    "ogli": Trait.SON, "oglu": Trait.SON, "ugli": Trait.SON, "kizi": Trait.DAUGHTER, "gizi": Trait.DAUGHTER,
}  # fmt: skip
CLUSTER_LETTERS_MAX = 3
STEMS = ("ovn", "evn", "ivn", "avn", "aun", "eun", "icn")  # of the patronymics of daughters
DIGRAPH_HEADS = "szkc"  # before an h: one Cyrillic letter

# Two Latin letters that stand for one Cyrillic one, as people write their initials.
DIGRAPHS = frozenset(("yu", "ya", "ye", "yo", "zh", "kh", "ts", "ch", "sh", "iu", "ia", "ju", "ja"))


class Rule(IntEnum):
    """Why two words are partners."""

    NONE = 0
    SAME = 1
    SAME_KEY = 2
    SIMILAR = 3
    INITIAL = 4
    VARIANT = 5
    FORM = 6
    JOINED = 7
    SKELETON = 8
    CUT = 9
    FATHER = 10


NAMELIKE_RULES = (Rule.VARIANT, Rule.SKELETON)  # a word written small where others are not is no such name


class Initial(NamedTuple):
    """One letter that stands for a word.

    Attributes:
        plain, key: As folded, at most four letters.
        latin: Was it typed in Latin, where one letter may begin what Cyrillic writes in one (Y for Ю)?
    """

    plain: str
    key: str
    latin: bool


class Word(NamedTuple):
    """One folded word and what is known of it.

    Attributes:
        initials: One for an initial, two or three for a cluster ("ИИ"), none for a word.
        capital: Does it begin with a capital letter? In free text only such letters are initials.
    """

    plain: str
    key: str
    facts: Facts
    initials: tuple[Initial, ...] = ()
    capital: bool = True

    @property
    def weight(self) -> int:
        """How much the word says, per cent."""
        return self.facts.weight


class Pair(NamedTuple):
    """Partner of one name word.

    Attributes:
        query: Place of the text word, -1 none.
        rule, similarity: Why they are partners, and how alike they are, in [0, 1].
        span: How many text words it takes.
    """

    query: int
    rule: Rule
    similarity: float
    span: int = 1


NOBODY = Pair(-1, Rule.NONE, 0.0)


def short(left: Word, right: Word) -> float:
    """Return the factor for short words: there is little in them that could differ, unless vowels are left out."""
    if (left.facts.traits | right.facts.traits) & Trait.VOWELLESS:
        return 1.0
    return SHORT_FACTOR if min(len(left.key), len(right.key)) <= SHORT_MAX else 1.0


def father(word: Word) -> int:
    """Return which kind of patronymic a word is, 0 none."""
    return word.facts.traits & (Trait.SON | Trait.DAUGHTER)


def child(word: Word) -> int:
    """Return whose child a word calls its bearer: `Trait.SON` for оглы, `Trait.DAUGHTER` for кызы, else 0."""
    return CHILDREN.get(word.plain, 0)


def fathers_name(key: str) -> str:
    """Return what a patronymic is made from, or a word that ends in оглы or its like; empty for other words.

    Рашидович and Рашидоглы give Рашид, Алиевна gives Али; Сергеевич gives Серге.
    """
    if key[-4:] in GLUED:
        return key[:-4]
    bare = key
    for ending in ("oiu", "em", "am", "oi", "ai", "a", "u", "e", "i"):
        if key.endswith(ending):
            bare = key.removesuffix(ending)
            break
    return bare[:-4] if bare.endswith(("ovic", "evic", "ivic", "avic")) else bare[:-3] if bare.endswith(STEMS) else ""


def begets(parent: Word, word: Word, sex: int) -> bool:
    """Return whether a word is the patronymic that the father's name gives a son or a daughter.

    By the lexicon, where the group of the sons follows that of the father and that of the daughters comes next, else
    by letters: but for a last vowel, a patronymic begins with the name of the father (Али, Алиевич; Сергей, Сергеевич).
    """
    group = parent.facts.groups[0]
    if group and father(word) and group + (1 if sex == Trait.SON else 2) in word.facts.groups:
        return True
    stem = fathers_name(word.key)
    return len(stem) >= FATHER_MIN and (
        parent.key == stem or (parent.key[-1] in "aeiu" and parent.key[:-1] == stem)
    )  # fmt: skip


def calls(word: Word) -> int:
    """Return `Trait.SON` or `Trait.DAUGHTER` for a patronymic or a word that ends in оглы or кызы, else 0."""
    return father(word) or GLUED.get(word.key[-4:], 0)


def edits_max(left: Word, right: Word) -> int:
    """Return how many letters may be put in or taken out between two words."""
    size = min(len(left.key), len(right.key)) - (PATRONYMIC_ENDING if father(left) and father(right) else 0)
    if size < 3:
        return 0
    if EDITS_MORE_MIN <= size < 8 and not left.facts.traits & right.facts.traits & Trait.KNOWN:
        return EDITS_MORE
    return EDITS_SHORT if size == 3 else EDITS_MIDDLE if size < 8 else EDITS_LONG


def same_but_vowels(left: str, right: str) -> bool:
    """Return whether two keys differ in vowels within the word only, which writers of names put as they hear them.

    Between two consonants one side has none, or both begin and end with near ones: a and e, a and o, e and i, o and u.
    """
    if min(len(left), len(right)) < VOWELS_LENGTH_MIN or left[0] != right[0] or merged(left[-1]) != merged(right[-1]):
        return False
    (bare, runs), (other, other_runs) = _parted(left[1:-1]), _parted(right[1:-1])
    return (
        bool(bare)
        and bare == other
        and all(
            not (run and other_run) or (other_run[0] in NEAR_VOWELS[run[0]] and other_run[-1] in NEAR_VOWELS[run[-1]])
            for run, other_run in zip(runs, other_runs, strict=True)
        )
    )


def _parted(letters: str) -> tuple[str, list[str]]:
    """Return the consonants of a piece of a key, and the vowels before each of them and behind the last."""
    bare, runs = "", [""]
    for letter in letters:
        if letter in NEAR_VOWELS:
            runs[-1] += letter
        else:
            bare += letter
            runs.append("")
    return bare, runs


def same_but_article(left: str, right: str) -> bool:
    """Return whether two keys are equal but for the vowel of an article glued to their front (Alshafi, Elshafi)."""
    articles = ARTICLES - {"ol"}  # Олейник is no Алейник
    return len(left) >= ARTICLED_MIN and {left[:2], right[:2]} <= articles and left[2:] == right[2:]


def similarity(left: Word, right: Word, *, lenient: bool = False) -> float:
    """Return how alike two words are by letters and by keys; 0 where they are strangers.

    Args:
        left, right: The words.
        lenient: Do vowels within the word count little? In names of people.
    """
    apart = min(abs(len(left.plain) - len(right.plain)), abs(len(left.key) - len(right.key)))
    if father(left) != father(right) and ((father(left) and father(right)) or apart > PATRONYMIC_LOSS_MAX):
        return 0.0
    if left.facts.traits & Trait.NUMBER or right.facts.traits & Trait.NUMBER:
        return 0.0
    limit = float(edits_max(left, right))
    if limit == 0.0:  # too short for a slip, and for letters that sound alike, too
        return 0.0
    best = 0.0
    for a, b, factor in (
        (left.plain, right.plain, 1.0),
        (merged(left.key), merged(right.key), MERGED_SIMILARITY if left.key != right.key else KEY_SIMILARITY),
    ):
        size = float(len(a) + len(b))
        ratio = fuzz.ratio(a, b, score_cutoff=SIMILAR_MIN)
        if ratio >= SIMILAR_MIN and (100.0 - ratio) * size <= 100.0 * limit + 0.001:
            best = max(best, ratio * factor)
    if best >= SIMILAR_MIN and same_but_article(left.key, right.key):
        best = 100.0 * KEY_SIMILARITY
    elif merged(left.key[:1]) != merged(right.key[:1]):
        best *= FIRST_LETTER_FACTOR
    elif SIMILAR_MIN <= best < 100.0 * VOWELS_SIMILARITY and lenient and same_but_vowels(left.key, right.key):
        best = 100.0 * VOWELS_SIMILARITY
    shared = left.facts.traits & right.facts.traits
    if shared & Trait.KNOWN:
        best *= BOTH_SURNAMES_FACTOR if shared & Trait.SURNAME else BOTH_KNOWN_FACTOR
    return best / 100.0 if best >= SIMILAR_MIN else 0.0


def written_together(parts: Sequence[str], whole: str) -> bool:
    """Return whether words written together are another one; an article within may have any vowel (Abd al-, Abdul)."""
    if len(parts) == 2 and parts[0] == KUNYA and len(whole) == len(parts[1]) + 2:
        parts = [KUNYA[1:], parts[1]]
    if sum(map(len, parts)) != len(whole):
        return False
    pieces = [whole[sum(map(len, parts[:n])) :][: len(part)] for n, part in enumerate(parts)]
    return all(
        part == piece or (n > 0 and {part, piece} <= ARTICLES)
        for n, (part, piece) in enumerate(zip(parts, pieces, strict=True))
    )


def is_servant(first: Word, article: Word, whole: Word) -> bool:
    """Return whether "servant of" and an article are the word, which has any vowel in it (Abdul, Abdel)."""
    return (
        first.plain == SERVANT and article.plain[1:] == "l" and written_together([SERVANT, article.plain], whole.plain)
    )  # fmt: skip


def keys_together(first: str, second: str, whole: str) -> bool:
    """Return whether two keys written together are the third: a letter that repeats its left neighbour is dropped."""
    if min(len(first), len(second)) < PART_KEY_MIN:
        return False
    return first + second[first[-1] == second[0] :] == whole


def one_word(first: Word, second: Word, whole: Word) -> bool:
    """Return whether two words, written together, are the third."""
    return written_together([first.plain, second.plain], whole.plain) or keys_together(first.key, second.key, whole.key)


class Bones(NamedTuple):
    """Consonants of a word, and the soft letters before each of them and behind the last one."""

    letters: str
    between: tuple[str, ...]


def boned(parts: Iterable[tuple[str, str]]) -> Bones:
    """Put the consonants of a word together; a last h is none.

    Args:
        parts: Letters of a key, each with the consonant it is read as, nothing for none.
    """
    letters, between = [], [""]
    for letter, bone in parts:
        if bone:
            letters.append(bone)
            between.append("")
        else:
            between[-1] += letter
    if letters and letters[-1] == "h":
        del letters[-1]
        between[-2:] = ["".join(between[-2:])]
    return Bones("".join(letters), tuple(between))


def skeleton(key: str) -> Bones:
    """Return the consonants of a key, as far as scripts without short vowels write them.

    No vowel, no w, no last h, no article in front; ch and sh, p and f are one.
    """
    return boned((c, "" if c in SOFT else c.translate(BONES)) for c in without_article(key))


def without_article(key: str) -> str:
    """Return a key without an Arabic article that is glued to it."""
    return key[2:] if len(key) >= ARTICLED_MIN and key[0] in "ae" and key[1] == "l" else key


def bare_skeletons(key: str) -> list[Bones]:
    """Return the skeletons that a word of a script without vowels may have in others; the first is its own.

    The readings of earlier letters change fastest, and after `BONE_READINGS_MAX` there are no more.
    """
    word = without_article(key)
    bones = [("",) if c in SOFT else BARE_LETTERS.get(c, (c.translate(BONES),)) for c in word]
    if word[:1] == "b":
        bones[0] = ("b",)
    choices = islice(product(*reversed(bones)), BONE_READINGS_MAX)
    return [boned(zip(word, reversed(choice), strict=True)) for choice in choices]


def fitting(bare: str, other: str) -> bool:
    """Return whether soft letters of a script without vowels may be written as those of another one.

    It has no short vowels, but others must have what it has: u or w for waw, i for ya, v for a bet that is no b, a j
    (in keys an i) for a gimel that is no g. And it leaves out no w.
    """
    rounded = any(c in "ouv" for c in bare)
    return not (
        (rounded and not any(c in "ouve" for c in other))
        or (any(c in "ig" for c in bare) and not any(c in "ie" for c in other))
        or ("b" in bare and "v" not in other)
        or ("v" in other and not rounded and "b" not in bare)
    )


def agree(bare: Bones, other: Bones) -> bool:
    """Return whether a word without vowels may be written with these consonants and soft letters in another script."""
    return bare.letters == other.letters and all(map(fitting, bare.between, other.between))


def same_bones(left: Word, right: Word) -> int:
    """Return how many consonants two words agree in, one of them written without vowels; 0 if they do not."""
    bare, other = (left, right) if left.facts.traits & Trait.VOWELLESS else (right, left)
    if not bare.facts.traits & Trait.VOWELLESS:
        return 0
    bones = skeleton(other.key)
    return len(bones.letters) if any(agree(reading, bones) for reading in bare_skeletons(bare.key)) else 0


def fits(initial: Initial, word: Word) -> bool:
    """Return whether a letter may stand for a word.

    In Latin one letter may begin what Cyrillic writes in one of its own (Y for Ю, K for Х); a Cyrillic К stands for no
    Х, a С for no Ш, a Т for no Ц, an И for no Ю.
    """
    by_key, by_plain = word.key.startswith(initial.key), word.plain.startswith(initial.plain)
    if not initial.latin and len(initial.plain) == 1:
        if (word.plain[1:2] == "h" and word.plain[0] in DIGRAPH_HEADS) or word.plain.startswith("ts"):
            return False
        if not by_plain and initial.key == "i" and word.key[1:2] in ("a", "u"):
            return False
    return by_key or by_plain


def initials_of(word: Word) -> tuple[Initial, ...]:
    """Return the initial that a listed word is, if it is one: lists do not tell their script."""
    return (Initial(word.plain, word.key, True),) if len(word.plain) == 1 and word.plain.isalpha() else ()


def pair(query: Sequence[Word], name: Sequence[Word], *, free_text: bool, person: bool) -> list[Pair]:
    """Find the partner of every name word.

    Args:
        query: At most 64 words of the text.
        name: At most 32 words of the listed name.
        free_text: Is it free text, where a single small letter is a preposition?
        person: Is the name a person's? Others have no initials.
    """
    letters = [() if not person or (free_text and not word.capital) else word.initials for word in query]
    partners = [NOBODY] * len(name)
    used: set[int] = set()

    cased = free_text and any(word.capital for word in query)
    small = {i for i, word in enumerate(query) if cased and not word.capital}

    def take(j: int, i: int, rule: Rule, value: float, span: int = 1) -> None:
        partners[j] = Pair(i, rule, value, span)
        used.update(range(i, i + span))

    def first(j: int, rule: Rule, value: float, fitting: list[bool]) -> None:
        for i, fit in enumerate(fitting):
            if i not in used and fit and (i not in small or rule not in NAMELIKE_RULES):
                weak = rule is Rule.VARIANT or (rule is Rule.SAME_KEY and not person)
                if rule is Rule.FORM and not person and not free_text:  # a firm's own field has its name uninflected
                    value = FIRM_FORM_SIMILARITY
                few = rule is Rule.SKELETON and same_bones(query[i], name[j]) < BONES_SURE_MIN
                factor = short(query[i], name[j]) if weak else SHORT_FACTOR if few else 1.0
                take(j, i, rule, value * factor)
                return

    # Abd al- is Abdul, before another article of the name takes this one.
    for j, word in enumerate(name) if person and min(len(query), len(name)) > 2 else ():
        for i, other in enumerate(query) if partners[j].query < 0 else ():
            if i in used:
                continue
            if i + 1 < len(query) and i + 1 not in used and is_servant(other, query[i + 1], word):
                take(j, i, Rule.JOINED, JOINED_SIMILARITY, 2)
                break
            if j + 1 < len(name) and partners[j + 1].query < 0 and is_servant(word, name[j + 1], other):
                take(j, i, Rule.JOINED, JOINED_SIMILARITY)
                partners[j + 1] = partners[j]
                break
    for j, word in enumerate(name):
        if partners[j].query < 0:
            first(j, Rule.SAME, 1.0, [other.plain == word.plain for other in query])
    for j, word in enumerate(name):
        if partners[j].query < 0:
            first(j, Rule.SAME_KEY, KEY_SIMILARITY, [other.key == word.key for other in query])
    for j, word in enumerate(name):
        if partners[j].query < 0:
            groups = {group for group in word.facts.groups if group}
            first(j, Rule.VARIANT, VARIANT_SIMILARITY, [bool(groups & set(other.facts.groups)) for other in query])
    for j, word in enumerate(name):
        if partners[j].query < 0:
            first(j, Rule.FORM, FORM_SIMILARITY, [bool(is_form(other.key, word.key) & 3) for other in query])
    for j, word in enumerate(name):
        if partners[j].query < 0:
            first(j, Rule.FORM, GENDER_SIMILARITY, [bool(is_form(other.key, word.key) & 4) for other in query])
    together = JOINED_SIMILARITY if person else FIRM_JOINED_SIMILARITY
    for j, word in enumerate(name):  # two words of the text are one of the name
        if partners[j].query < 0:
            for i in range(len(query) - 1):
                if i not in used and i + 1 not in used and one_word(query[i], query[i + 1], word):
                    take(j, i, Rule.JOINED, together, 2)
                    break
    # And the other way round; a surname that stands first is written behind the other names, too.
    neighbours = [[j, (j + 1) % len(name)] for j in range(len(name)) if j + 1 < len(name) or (person and j > 0)]
    for parts in [*neighbours, *([j, j + 1, j + 2] for j in range(len(name) - 2))]:
        for i, other in enumerate(query) if all(partners[j].query < 0 for j in parts) else ():
            if i not in used and (
                one_word(name[parts[0]], name[parts[1]], other) if len(parts) == 2
                else written_together([name[j].plain for j in parts], other.plain)
            ):  # fmt: skip
                take(parts[0], i, Rule.JOINED, together)
                for j in parts:
                    partners[j] = partners[parts[0]]
                break
    for j, word in enumerate(name) if person else ():  # Рашид оглы, or оглы Рашид, for Рашидович
        sex = calls(word)
        for i, other in enumerate(query) if sex and partners[j].query < 0 else ():
            if i in used:
                continue
            for place in (i - 1, i + 1) if child(other) == sex else ():
                free = 0 <= place < len(query) and place not in used and place not in small and partners[j].query < 0
                if free and begets(query[place], word, sex):
                    take(j, min(place, i), Rule.FATHER, FATHER_SIMILARITY, 2)
            if partners[j].query < 0 and calls(other) == sex and (father(word) == 0) != (father(other) == 0):
                stem = fathers_name(word.key)
                if len(stem) >= FATHER_MIN and fathers_name(other.key) == stem:  # Рашидоглы
                    take(j, i, Rule.FATHER, FATHER_SIMILARITY)
            if partners[j].query >= 0:
                break
    for j, word in enumerate(name) if person else ():  # and the other way round
        sex = child(word)
        for place in (j - 1, j + 1) if sex else ():
            if partners[j].query >= 0 or not 0 <= place < len(name) or partners[place].query >= 0:
                continue
            for i, other in enumerate(query):
                if i not in used and i not in small and calls(other) == sex and begets(name[place], other, sex):
                    take(j, i, Rule.FATHER, FATHER_SIMILARITY)
                    partners[place] = partners[j]
                    break
    for j, word in enumerate(name):
        if partners[j].query < 0:
            first(j, Rule.SKELETON, SKELETON_SIMILARITY, [same_bones(i, word) >= SKELETON_MIN for i in query])
    lenient = person and not free_text and (len(name) > 1 or len(query) == 1)
    scores = {
        (j, i): similarity(query[i], name[j], lenient=lenient)
        for j in range(len(name))
        for i in range(len(query))
        if partners[j].query < 0
        and i not in used
        and i not in small
        and len(name[j].plain) > 1
        and len(query[i].plain) > 1
    }
    while True:
        best = max(
            ((value, -j, -i) for (j, i), value in scores.items() if partners[j].query < 0 and i not in used),
            default=(0.0, 0, 0),
        )
        if best[0] <= 0.0:
            break
        take(-best[1], -best[2], Rule.SIMILAR, best[0])
    end = len(query) - 1  # the field may have been too short for its last word
    whole = end > 0 and len(query[end].initials) != 1
    if not free_text and whole and end not in used and len(query[end].plain) >= CUT_LETTERS_MIN:
        cut = query[end].plain
        for j, word in enumerate(name):
            if partners[j].query < 0 and word.plain.startswith(cut) and not query[end].facts.traits & Trait.NUMBER:
                take(j, end, Rule.CUT, CUT_SIMILARITY)
                break
    for j, word in enumerate(name):
        if partners[j].query < 0:
            mine = initials_of(word) if person else ()
            if mine:
                fitting = [not some and fits(mine[0], other) for other, some in zip(query, letters, strict=True)]
                first(j, Rule.INITIAL, LISTED_INITIAL_SIMILARITY, fitting)
            else:
                fitting = [len(some) == 1 and len(word.plain) > 1 and fits(some[0], word) for some in letters]
                first(j, Rule.INITIAL, INITIAL_SIMILARITY, fitting)
    for i, some in enumerate(letters):
        if i not in used and len(some) > 1:
            places: list[int] = []
            for j in range(len(name)):
                free = partners[j].query < 0 and name[j].weight >= TELLING_MIN and len(name[j].plain) > 1
                if free and len(places) < len(some) and fits(some[len(places)], name[j]):
                    places.append(j)
            if len(places) == len(some):
                for j in places:
                    take(j, i, Rule.INITIAL, INITIAL_SIMILARITY)
    return partners


def word_of(token: Token, raw: str) -> Word:
    """Return the word of a text that a token is.

    Args:
        token: As folded.
        raw: Its letters in the text.
    """
    facts = know(token.plain, token.key, letters=token.letters, vowelless=token.vowelless)
    latin = raw[:1].isascii()
    initials: tuple[Initial, ...] = ()
    if token.plain.isalpha():
        if token.letters == 1 or (token.letters == len(token.plain) and token.plain in DIGRAPHS):
            initials = (Initial(token.plain[:4], token.key[:4], latin),)
        elif token.letters <= CLUSTER_LETTERS_MAX and token.capitals == token.letters:
            parts = [part for letter in raw for part in fold(letter.encode("utf-8", "surrogatepass")).tokens]
            if len(parts) == token.letters:
                initials = tuple(Initial(part.plain[:4], part.key[:4], latin) for part in parts)
    return Word(token.plain, token.key, facts, initials, token.capitals > 0)


def listed_word(plain: str, key: str, *, person: bool, vowelless: bool = False) -> Word:
    """Return the word of a listed name: of it only the folded letters are kept."""
    return Word(plain, key, know(plain, key, vowelless=vowelless, person=person))


def weight_in(word: Word, *, person: bool) -> int:
    """Return what a word weighs in a name of this kind, per cent."""
    if person and word.facts.weight == CONNECTING_WEIGHT and not word.facts.traits & Trait.VOUCHING:
        return PERSON_WEIGHT_MIN
    if not person and word.plain in CONNECTING_LETTERS:
        return CONNECTING_WEIGHT
    if not person and PARTICLE_WEIGHT <= word.facts.weight <= FATHER_WEIGHT:
        return FIRM_PARTICLE_WEIGHT
    return word.facts.weight


def rarity_of(word: Word, partner: Pair) -> float:
    """Return what a pair says about who is meant, in quarter bits."""
    if partner.rule is Rule.INITIAL:
        return min(float(INITIAL_RARITY), float(word.facts.rarity))
    share = word.facts.weight * word.facts.rarity / 100.0
    if partner.rule is Rule.SIMILAR or partner.rule is Rule.SKELETON:
        return share * max(0.0, 1.0 - 2.5 * (1.0 - partner.similarity))
    return share * partner.similarity


def may_be_surname(word: Word, *, with_father: bool) -> bool:
    """Return whether a word is one that a surname could be: no patronymic, number, initial or word that says little.

    Args:
        word: Of a listed name.
        with_father: Has the name a patronymic? If not, its given names are its bearer's and his father's, no surname.
    """
    other = word.facts.traits & (Trait.SON | Trait.DAUGHTER | Trait.NUMBER)
    if not with_father and word.facts.traits & Trait.GIVEN and not word.facts.traits & Trait.SURNAME:
        return False
    return word.facts.weight >= TELLING_MIN and len(word.plain) > 1 and not other


def is_surname(word: Word, *, marked: bool) -> bool:
    """Return whether a word is taken for the surname.

    Args:
        word: Of a listed name.
        marked: Is a word of the name known as a surname? Then unknown words are only taken for one if they are rare.
    """
    if word.facts.weight < TELLING_MIN or len(word.plain) == 1:
        return False
    return bool(word.facts.traits & Trait.SURNAME) or (
        (not marked or word.facts.rarity >= STRANGE_RARITY)
        and not word.facts.traits & (Trait.GIVEN | Trait.SON | Trait.DAUGHTER | Trait.NUMBER)
    )


def score(
    query: Sequence[Word], name: Sequence[Word], partners: Sequence[Pair], *, free_text: bool, person: bool
) -> float:
    """Return the similarity of a text and a name in [0, 1]; 1.0 only for identical folded names."""
    bare = not person and not all(map(is_legal, name)) and not all(map(is_legal, query))
    name_total = sum(weight_in(word, person=person) for word in name if not (bare and is_legal(word)))
    query_total = sum(weight_in(word, person=person) for word in query if not (bare and is_legal(word)))
    marked = any(word.facts.traits & Trait.SURNAME and is_surname(word, marked=True) for word in name)
    with_father = any(father(word) or (person and child(word)) for word in name)
    name_found = query_found = 0
    weighed = rarity = 0.0
    count = telling = whole = initials = again = turns = 0
    begin = last = last_initial = -1
    swapped = False
    first_at, last_at = len(query), -1
    used: set[int] = set()
    surname_found = surname_missing = number_missing = named = False
    missing = 0  # traits of words that were not found
    alone = 0.0
    for word, partner in zip(name, partners, strict=True):
        if bare and is_legal(word):
            for i in range(partner.query, partner.query + partner.span) if partner.query >= 0 else ():
                if i not in used:
                    used.add(i)
                    if not is_legal(query[i]):  # a misspelled one
                        query_total -= weight_in(query[i], person=person)
            continue
        if partner.query < 0:
            surname_missing = surname_missing or may_be_surname(word, with_father=with_father)
            missing |= word.facts.traits if word.weight >= TELLING_MIN else 0  # "al" is no surname that is missing
            number_missing = number_missing or bool(word.facts.traits & Trait.NUMBER and word.weight >= TELLING_MIN)
            continue
        name_found += weight_in(word, person=person)
        parts = word.facts.traits & (Trait.SURNAME | Trait.GIVEN | Trait.SON | Trait.DAUGHTER)
        named = named or parts == Trait.SURNAME
        for i in range(partner.query, partner.query + partner.span):
            if i not in used:
                used.add(i)
                if not (bare and is_legal(query[i])):
                    query_found += weight_in(query[i], person=person)
        weighed += weight_in(word, person=person) * partner.similarity
        rarity += rarity_of(word, partner)
        count += 1
        if partner.rule is Rule.INITIAL:
            initials += 1
            swapped = swapped or partner.query < last_initial
            last_initial = partner.query
        elif not person and len(word.plain) == 1 and word.plain not in CONNECTING_LETTERS:  # A.B.C. is no C.B.A.
            swapped = swapped or partner.query < last_initial
            last_initial = partner.query
        elif word.weight >= TELLING_MIN:
            whole += 1
            alone = 0.0 if partner.rule is Rule.FORM and not free_text else partner.similarity
            # A mistyped given name is no surname, though nothing is known of it.
            given = query[partner.query].facts.traits & Trait.GIVEN and not word.facts.traits & Trait.SURNAME
            surname_found = surname_found or (is_surname(word, marked=marked) and not given)
        telling += word.weight >= TELLING_MIN and partner.similarity >= CONTAINED_SIMILARITY_MIN
        again += partner.query == last  # one word of the text may be several of the name
        turns += partner.query < last
        begin = partner.query if begin < 0 else begin
        last = partner.query
        first_at, last_at = min(first_at, partner.query), max(last_at, partner.query + partner.span - 1)
    if name_found == 0 or query_total == 0:
        return 0.0
    counted = set(used)
    if not free_text:  # a field that says a word twice
        said = {query[i].plain for i in used}
        counted |= {i for i, word in enumerate(query) if word.weight >= TELLING_MIN and word.plain in said}
        query_total -= sum(weight_in(query[i], person=person) for i in counted - used)
    if person and not free_text:
        if name_found == name_total:
            query_total -= forefathers(query, counted)
        elif query_found == query_total:
            name_total -= forefathers(name, {j for j, partner in enumerate(partners) if partner.query >= 0})
    if not person and not free_text and name_found == name_total:
        places = sum(
            i not in counted and weight_in(query[i], person=False) == PLACE_WEIGHT
            for i in range(last_at + 1, len(query))
        )
        query_total -= places * (PLACE_WEIGHT - BRANCH_WEIGHT)
    if not free_text and [word.plain for word in query] == [word.plain for word in name]:
        return 1.0
    mean = weighed / name_found
    name_missing = 1.0 - name_found / name_total
    # Nothing may be left of a field that says a form and a name in one word twice: then nothing is missing.
    query_missing = 1.0 - query_found / query_total if query_total else 0.0
    gap = sum(i not in used for i in range(first_at, last_at + 1))
    rate = RARITY_COST if person else FIRM_RARITY_COST
    common = min(RARITY_COST_MAX, rate * max(0.0, RARITY_FULL - rarity))
    if free_text:
        mild = name_missing <= ONE_SIDED_KNEE and count >= 2
        each = TEXT_MISSING_STEEP if not mild else TEXT_MISSING_COST if person else TEXT_FIRM_COST
        cost = name_missing * each
        cost += TEXT_GAP_COST * gap
        missing &= ~Trait.SURNAME if named else ~0  # of two surnames one is enough (García, García López)
        if person and contradicted(query, missing, used, first_at, last_at, initials=initials > 0):
            cost += TEXT_CONTRADICTION_COST
    else:
        low, high = min(name_missing, query_missing), max(name_missing, query_missing)
        apart = high - low
        omitted = name_missing > query_missing
        knows = initials or (with_father and whole >= 2) or rarity >= RARE_RARITY
        knee = OMITTED_KNEE if person and omitted and knows else ONE_SIDED_KNEE
        mild_cost = FIRM_COST if not person else OMITTED_COST if omitted else EXTRA_COST
        each = SURE_COST if person and rarity >= SURE_RARITY and low <= SURE_KNEE else CONTRADICTION_COST
        if apart <= knee:
            cost = each * low + mild_cost * apart
        else:
            cost = each * low + mild_cost * knee + ONE_SIDED_STEEP * (apart - knee)
    value = mean * (1.0 - cost)
    if (
        not free_text and count == len(name) == telling and gap == 0
        and (telling - again >= CONTAINED_WORDS_MIN or (telling - again >= 2 and rarity >= CONTAINED_RARITY_MIN))
    ):  # fmt: skip
        value = max(value, mean - CONTAINED_COST)
    value -= common
    nameless = with_father and len(name) <= 2 and rarity < NAMELESS_RARITY_MAX
    sure = rarity >= SURE_RARITY and query_missing == 0.0
    if person and (surname_missing or nameless) and not surname_found and not sure:
        value -= NO_SURNAME_COST
    if not person and (number_missing or number_beside(query, used, first_at, last_at)):
        value -= NUMBER_COST
    if not person:
        low_at, high_at = (first_at - FORM_REACH, last_at + FORM_REACH) if free_text else (0, len(query) - 1)
        if telling == 1 and (name_missing > 0.0 or query_missing > 0.0):
            value -= LONE_COST
        value -= form_cost(query[max(0, low_at) : high_at + 1], name)
    if swapped:  # other initials than his
        value -= SWAPPED_COST
    # A person's surname stands before or behind the other names.
    if turns and not (person and turns == 1 and last < begin):
        value -= ORDER_COST if person else FIRM_ORDER_COST
    if initials and whole <= 1 and alone < INITIALS_ALONE_MIN:
        value *= INITIALS_ALONE_FACTOR
    return min(max(value, 0.0), NOT_IDENTICAL_MAX)


def forefathers(words: Sequence[Word], found: set[int]) -> int:
    """Return by how much less words count that the other side leaves out: forefathers (Osman bin Salim) and particles.

    Abd and Abu are no such particles: they make another name of what follows.
    """
    less = 0
    for i, word in enumerate(words):
        behind = i > 0 and words[i - 1].facts.weight == FATHER_WEIGHT
        particle = word.facts.weight == PARTICLE_WEIGHT and not word.plain.startswith("ab")
        if i not in found and (behind or particle or word.facts.weight == FATHER_WEIGHT):
            weight = weight_in(word, person=True)
            less += weight - (weight >> FATHER_SHIFT)
    return less


def is_legal(word: Word) -> bool:
    """Return whether a word is (part of) a legal form, which counts nothing beside other words of a firm."""
    return bool(word.facts.traits & Trait.VOUCHING) and word.facts.weight <= FORM_WEIGHT_MAX


def forms_of(words: Sequence[Word]) -> int:
    """Return the classes of legal forms among words, a bit for each: they stand first in the table of words."""
    bits = 0
    for word in words:
        if is_legal(word) and word.facts.weight == FORM_CLASS_WEIGHT and word.facts.groups[0]:
            bits |= 1 << (word.facts.groups[0] & 63)
    return bits


def form_cost(query: Sequence[Word], name: Sequence[Word]) -> float:
    """Return what it costs that a firm has another legal form, or that one side alone has one."""
    mine, theirs = forms_of(name), forms_of(query)
    if mine and theirs:
        return 0.0 if mine & theirs else FORM_COST
    return FORM_OMITTED_COST if mine or theirs else 0.0


def contradicted(query: Sequence[Word], missing: int, used: set[int], first: int, last: int, *, initials: bool) -> bool:
    """Return whether a word in or beside a find in free text takes the place of a part of the name that is missing.

    A patronymic follows its given name: one before the find is somebody else's. Where initials were found, another one
    is of a given name or patronymic that is not the listed one. Small words, places and legal forms are surnames, too,
    and stand beside a find in capitals: they say nothing (От, Москва).
    """
    given, fathers = missing & Trait.GIVEN, missing & (Trait.SON | Trait.DAUGHTER)
    for i in range(max(0, first - 1), min(len(query), last + 2)):
        word = query[i]
        parts = given if i < first else given | fathers
        if i not in used and (
            word.facts.traits & parts
            or (
                word.capital
                and word.weight > PLACE_WEIGHT
                and len(word.plain) >= RIVAL_LENGTH_MIN
                and word.facts.traits & missing & Trait.SURNAME
            )
            or (
                initials
                and word.capital
                and len(word.initials) == 1
                and given | fathers
                and word.plain not in SMALL_LETTERS
            )
        ):
            return True
    return False


def number_beside(query: Sequence[Word], used: set[int], first: int, last: int) -> bool:
    """Return whether a short number that the name lacks stands in or beside the words found."""
    return any(
        i not in used and bool(query[i].facts.traits & Trait.NUMBER) and query[i].weight >= TELLING_MIN
        for i in range(max(0, first - 1), min(len(query), last + 2))
    )
