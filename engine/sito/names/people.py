"""Other spellings of a person's name, made when an index is built.

Words that have one partner each are the business of the lexicon and of the keys; here is what needs the whole name to
be seen, or more than one word: surnames that a Belarusian passport spells as they are spoken, which only the names
beside them tell from Romanian or African ones; the Arabic "servant of", written together with what follows; given
names of Chinese written in one; several spellings in one field, each behind the name of its language.

Sources: the assimilation of the Arabic article before sun letters; the rules of Hanyu Pinyin, which write a given name
in one word; for Belarusian see `belarusian.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from sito.names import lexicon
from sito.names.belarusian import is_belarusian, russian_word
from sito.names.fold import table
from sito_ext.fold import Folder
from sito_ext.lexicon import Lexicon

NAME_LENGTH_MAX = 200  # bytes; longer names have no other spelling
SPLIT_WORDS_MIN = 2
REPEATED_WORDS_MIN = 3
CHINESE_WORDS = 3  # a surname and the two syllables of a given name

SERVANTS = frozenset(("abd", "abdul", "abdel", "abdal", "abdol", "abdou", "abdur", "abdus", "abdu"))
ARTICLES = frozenset(("al", "el", "ul", "ol", "ur", "ar", "er", "us", "as", "un", "an", "ud", "ad", "ush", "ash", "uz"))
GLUED_LENGTH_MIN = 7  # letters of a name made with "servant of"

# Syllables of given names in Hanyu Pinyin: an initial and a final.
_PINYIN = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:i?ang|iong|u?ang|[aeio]ng|u?an|u?en|u?ai|iao|ian|[aeo]i|ao|ou|u[eino]|i[aneou]|in|un|[aeiouv])"
)
# The frequent surnames of China, which say that a name is Chinese.
_CHINESE = """
wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng
yu dong xiao cheng cao yuan deng fu shen zeng peng lu su jiang cai jia ding wei xue ye yan pan du dai xia zhong tian
ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan qian yin
chang qiao lai gong wen
"""
CHINESE_SURNAMES = frozenset(_CHINESE.split())

_SERVANT = re.compile(r"(?<!\w)عبد\s+(?=ال)")
_LABELLED = re.compile(
    r"[,;(]?\s*\b(?:Belarusian|Russian|Ukrainian|Arabic|Persian|Farsi|Chinese|English|Korean)\s*:\s*"
)


@cache
def _folder() -> Folder:
    return Folder(table())


@cache
def _lexicon() -> Lexicon:
    return Lexicon(lexicon.table())


def spellings_of(text: str) -> list[str]:
    """Return other spellings under which a listed person is met.

    Args:
        text: One name as the list prints it; any text at all is safe.

    Returns:
        A few names, without those that fold like the name; empty for nearly all names.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > NAME_LENGTH_MAX:
        return []
    parts = [part.strip(" ,;()") for part in _LABELLED.split(text)] if ":" in text else []
    if len(parts) < 2 and "," in text:
        parts = _repeated(text)
    if len(parts) > 1:  # each is a name of its own
        folded = (_folder().plains(part.encode("utf-8", "replace")) for part in parts)
        return [part for part, words in zip(parts, folded, strict=True) if len(words) >= SPLIT_WORDS_MIN]
    name = _folder().plains(data)
    found = [_russian(name), _together(name), _chinese(name)]
    out = [" ".join(words) for words in found if words and words != name]
    joined = _SERVANT.sub("عبد", text) if "عبد" in text else text
    return [*out, joined] if joined != text else out


def _repeated(text: str) -> list[str]:
    """Cut a field in two names that begin with one word: Sao Lin Htun, Sao Lynn Tun; no surname before a comma does."""
    parts = [part.split() for part in text.split(",")]
    first = parts[0][0] if parts[0] else ""
    again = all(len(part) >= REPEATED_WORDS_MIN and part[0] == first for part in parts)
    return [" ".join(part) for part in parts] if again and len(parts) > 1 else []


def _russian(plains: Sequence[str]) -> list[str]:
    """Return the words of a Belarusian name with its surname as Russian spells it; empty for other names."""
    return [russian_word(plain) for plain in plains] if is_belarusian(plains) else []


def _together(plains: Sequence[str]) -> list[str]:
    """Return the words of a name with "servant of" and what follows in one, as the lexicon has it: Abdul Rehman."""
    if SERVANTS.isdisjoint(plains):
        return []
    out: list[str] = []
    i = 0
    while i < len(plains):
        after = i + 2 if i + 2 < len(plains) and plains[i + 1] in ARTICLES else i + 1
        glued = f"abdul{plains[after]}" if plains[i] in SERVANTS and after < len(plains) else ""
        taken = len(glued) >= GLUED_LENGTH_MIN and known(glued)
        out.append(glued if taken else plains[i])
        i = after + 1 if taken else i + 1
    return out if len(out) > 1 else []  # alone it is the name of many


def known(plain: str) -> bool:
    """Return whether a word is one of several spellings of a name that the lexicon has."""
    (token,) = _folder().fold(plain.encode())[0]
    *_, variants = _lexicon().look(token[3])
    return any(variants)


def _chinese(plains: Sequence[str]) -> list[str]:
    """Return a Chinese surname in front or behind, and the two syllables of the given name in one."""
    if len(plains) != CHINESE_WORDS:
        return []
    at = 0 if plains[0] in CHINESE_SURNAMES else 2 if plains[2] in CHINESE_SURNAMES else -1
    if at < 0 or not all(_PINYIN.fullmatch(plain) for plain in plains):
        return []
    return [plains[0], plains[1] + plains[2]] if at == 0 else [plains[0] + plains[1], plains[2]]
