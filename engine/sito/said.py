"""The words that a hit is told in: which words were partners and why, which found none, which legal forms differ.

`said` is the readable twin of the kernel that puts the hits of a batch into words, `sito_ext.said`; both take their
words from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from sito.names.align import (
    CONNECTING_LETTERS,
    CONNECTING_WEIGHT,
    FORM_CLASS_WEIGHT,
    FORM_REACH,
    FORM_WEIGHT_MAX,
    NOT_IDENTICAL_MAX,
    Rule,
)
from sito.names.facts import special, special_words
from sito.names.words import Kind as WordKind
from sito_ext.said import Wording

# By the names of the rules: the words of a rule that is not here are its name.
RULE_WORDS = {
    "NONE": "",
    "SAME": "same letters",
    "SAME_KEY": "another spelling of the same word",
    "SIMILAR": "similar",
    "INITIAL": "initial",
    "FORM": "case form",
    "VARIANT": "variant of the name",
    "JOINED": "written together or apart",
    "SKELETON": "same consonants",
    "CUT": "the beginning of the word",
    "FATHER": "the same father",
}
MEASURED = frozenset({RULE_WORDS["SIMILAR"], RULE_WORDS["SKELETON"]})  # rules whose similarity says something
FORM_WORDS = "legal form, does not count"  # of a listed word that the text lacks
CONNECTING_WORDS = "connecting word, hardly counts"
AGAINST_WORDS = "against: "  # before what speaks against a hit, where all sentences stand together
MISSING_WORDS, EXTRA_WORDS = "not in the text: ", "not in the listed name: "
OTHER_FORM_WORDS, ONE_FORM_WORDS = "another legal form: %s, not %s", "a legal form on one side only: %s"
APART_WORDS = "a stop stands between the words found, and names of their own on both sides"
ROUNDING = 1e-6
RULE_COUNT = 256  # numbers that a rule may have
IS_FORM, IS_CONNECTING, CLASS_SHIFT = 1, 2, 2  # what `formal_words` says


class Alignment(msgspec.Struct, frozen=True):
    """A word of the text and its partner in the listed name.

    Where the name word found none, `query` is empty, and `rule` too, unless it is a word that need not be found.
    """

    query: str
    name: str
    similarity: float
    rule: str

    def sentence(self) -> str:
        """Return the pair in words."""
        measure = f" {self.similarity:.2f}" if self.rule in MEASURED else ""
        return f"{self.query} = {self.name}: {self.rule}{measure}"


class Said(NamedTuple):
    """What the words of a hit say.

    Attributes:
        alignments: Of each word of the name.
        against: Sentences about what is missing or differs; what it costs stands in the score of the name.
        initials_alone: All but one of the words found are initials: Ivanov I. P. is many people.
    """

    alignments: list[Alignment]
    against: list[str]
    initials_alone: bool


@cache
def rule_words(rule: int) -> str:
    """Return a rule of alignment in words."""
    try:
        name = Rule(rule).name
    except ValueError:  # of a newer kernel
        return f"rule {rule}"
    return RULE_WORDS.get(name, name.lower().replace("_", " "))


@cache
def wording() -> Wording:
    """Return the words as the kernel takes them."""
    rules = tuple(rule_words(rule) for rule in range(RULE_COUNT))
    return Wording(
        rules, tuple(words in MEASURED for words in rules), formal_words(), against=AGAINST_WORDS,
        missing=MISSING_WORDS, extra=EXTRA_WORDS, other_form=OTHER_FORM_WORDS, one_form=ONE_FORM_WORDS,
        apart=APART_WORDS,
    )  # fmt: skip


def formal_words() -> dict[str, int]:
    """Return for folded words `IS_FORM`, `IS_CONNECTING`, and above `CLASS_SHIFT` one more than their class, if any."""
    found = {}
    for plain in {*special_words(), *CONNECTING_LETTERS}:
        (form,) = _form_classes([plain]) or (-1,)
        value = IS_FORM * _is_form(plain) | IS_CONNECTING * _is_connecting(plain) | (form + 1) << CLASS_SHIFT
        if value:
            found[plain] = value
    return found


def said(
    query_tokens: Sequence[str], plains: Sequence[str], listed_plains: Sequence[str],
    pairs: Sequence[tuple[int, int, float, int]], apart: bool, *, factor: int, free_text: bool, firm: bool,
    score: float,
) -> Said:  # fmt: skip
    """Say what was found of a listed name, and what was not.

    Args:
        query_tokens, plains: The words of the text that were compared, as they stand there and folded.
        listed_plains: The words of the name, folded.
        pairs, apart, factor: As `sito_ext.matcher.Matcher.explain` returns them.
        free_text: Was the text searched as free text?
        firm: Is the entry no person, so that legal forms need not be found?
        score: Of the hit; identical names have no other legal form.
    """
    why, listed_why = _formal(plains, listed_plains, firm), _formal(listed_plains, plains, firm)
    alignments: list[Alignment] = []
    used = {i for i, said in enumerate(why) if said}
    inner: list[int] = []
    for plain, said, (query, rule, likeness, length) in zip(listed_plains, listed_why, pairs, strict=True):
        if query < 0:
            alignments.append(Alignment("", plain, likeness, said))
            continue
        used.update(range(query, query + length))
        token = " ".join(query_tokens[query : query + length])
        alignments.append(Alignment(token, plain, likeness, rule_words(rule)))
        if not said:
            inner.append(query)
    against: list[str] = []
    missing = [one.name for one in alignments if not one.query and not one.rule]
    if missing:
        against.append(MISSING_WORDS + " ".join(missing))
    extra = [token for i, token in enumerate(query_tokens) if i not in used]
    if extra and not free_text:
        against.append(EXTRA_WORDS + " ".join(extra))
    if (any(why) or any(listed_why)) and inner and score < NOT_IDENTICAL_MAX * factor / 100.0 - ROUNDING:
        # In free text the words near the name are looked at, as in the score.
        reach = slice(max(0, min(inner) - FORM_REACH), max(inner) + FORM_REACH + 1) if free_text else slice(None)
        here = " ".join(token for token, said in zip(query_tokens[reach], why[reach], strict=True) if said)
        there = " ".join(plain for plain, said in zip(listed_plains, listed_why, strict=True) if said)
        against += _form_sentences(plains[reach], listed_plains, here, there)
    if apart:
        against.append(APART_WORDS)
    return Said(alignments, against, initials_alone(pairs))


def initials_alone(pairs: Sequence[tuple[int, int, float, int]]) -> bool:
    """Say whether all but one of the aligned words are initials."""
    rules = [rule for query, rule, _, _ in pairs if query >= 0]
    initials = rules.count(Rule.INITIAL)
    return initials > 0 and len(rules) - initials <= 1


def _is_form(plain: str) -> bool:
    known = special(plain) if len(plain) > 1 else None
    return (
        known is not None and known.kind in (WordKind.LEGAL_FORM, WordKind.VESSEL) and known.weight <= FORM_WEIGHT_MAX
    )


def _is_connecting(plain: str) -> bool:
    known = special(plain)
    return plain in CONNECTING_LETTERS or (known is not None and known.weight == CONNECTING_WEIGHT)


def _formal(words: Sequence[str], other: Sequence[str], firm: bool) -> list[str]:
    """Say of each word why the other side need not have it, empty if it must; see `align.is_legal`."""
    form = list(map(_is_form, words)) if firm else []
    if True not in form or all(form) or all(map(_is_form, other)):
        return [""] * len(words)
    connects = list(map(_is_connecting, words))
    return [
        FORM_WORDS if form[i] else CONNECTING_WORDS if connects[i] and any(form[max(0, i - 1) : i + 2]) else ""
        for i in range(len(words))
    ]


def _form_classes(words: Sequence[str]) -> set[int]:
    """Return the classes of legal forms among words; see `align.forms_of`."""
    known = [special(word) for word in words if _is_form(word)]
    return {one.group & 63 for one in known if one and one.group and one.weight == FORM_CLASS_WEIGHT}


def _form_sentences(theirs: Sequence[str], mine: Sequence[str], here: str, there: str) -> list[str]:
    """Say whether the legal forms among the words of the text and of the listed name differ; `here` and `there` are how
    they are shown.
    """
    text, listed = _form_classes(theirs), _form_classes(mine)
    if text and listed and not text & listed:
        return [OTHER_FORM_WORDS % (here, there)]
    if bool(text) != bool(listed):
        return [ONE_FORM_WORDS % (here if text else there)]
    return []
