"""Korean names: one spelling for what Revised Romanisation, McCune-Reischauer, the North and passports write apart.

The readable twin of the Korean part of `sito_ext.readings`. 김은주 is Kim Eun-joo, Gim Eunju, Kim Un Ju. A name is
taken for Korean if it is a surname and a given name of two syllables, in either order; it is spelled as its surname
with the given name in one word behind it: gim, eunju. Strong, aspirated and plain consonants are not told apart,
because the older spellings do not; nor are vowels that sound alike today (ae, e).

Given names that differ in one letter are different ones, and one syllable more often than not is another person's, too.
So the given name is written as a code, a made-up word that is similar to no other.

A Latin o may be ㅗ or ㅓ, a u may be ㅜ, ㅓ or ㅡ. A text is read by its letters; a listed name has all spellings with
which another spelling of it may be read.

Sources: Revised Romanisation of 2000, McCune-Reischauer of 1939, spellings of passports of both states; surnames of the
census of 2015 (Statistics Korea).
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

TEXT_MIN, TEXT_MAX = 5, 64  # bytes of a name
GIVEN_SYLLABLES = 2
CHUNKS_MAX = 3
GAPS = " -,."
APOSTROPHES = "'`\u2018\u2019\u02bc"
GLIDES_AND_VOWELS = "aeiouwy"
CODE_LENGTH = 14
CODE_LETTERS = "bdgklmnprt"  # no key rule changes them, and they make no ending
HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3
SPELLINGS_MAX = 24  # of one listed name

# What is written for a surname, and all its spellings, the most frequent surname first. One letter would be an initial.
SURNAMES = (
    "gim:kim,gim,ghim,gym yi:lee,yi,ri,rhee,i,rhie,li bag:park,pak,bak,pack,bag jwe:choi,choe,choy,jwe "
    "jeong:jung,jeong,chung,jong,chong,cheong,joung gang:kang,gang jo:cho,jo,joh yun:yoon,yun,youn "
    "jang:jang,chang im:lim,im,rim,yim,leem han:han,hahn oh:oh,o seo:seo,so,suh sin:shin,sin "
    "gwon:kwon,gwon,kweon hwang:hwang,whang an:ahn,an song:song yu:yoo,yu,ryu,you,ryoo hong:hong "
    "jeon:jeon,jun,chon,chun,jon,cheon go:ko,go,koh,goh mun:moon,mun yang:yang,ryang son:son,sohn "
    "be:bae,pae,bai,be beg:baek,paek,baik,paik,beg heo:heo,hur,huh,ho no:noh,no,roh,ro nam:nam "
    "sim:sim,shim ju:joo,ju,chu,choo wu:woo,u,wu gu:koo,ku,gu,goo min:min na:na,ra ji:ji,jee,chi "
    "eom:eom,om,um,uhm won:won,weon bang:bang,pang gong:kong,gong hyeon:hyun,hyon,hyeon ham:ham,hahm "
    "yeom:yeom,yom,ryom,yum byeon:byun,byeon,pyon yeo:yeo,yo,ryo do:do,to,doh seog:seok,sok,suk,seog "
    "ma:ma,mah gir:gil,kil,gir byo:pyo,byo myeong:myung,myong,myeong gi:ki,gi,kee ban:ban,pan "
    "geum:keum,geum,kum og:ok,ock,og yug:yook,yuk,ryuk,yug meng:maeng,meng je:chae,je mo:mo dag:tak,dag "
    "gug:kook,guk,kuk,gook,gug eun:eun yong:yong,ryong seong:seong,sung gwag:kwak,gwak,gwag ja:cha,ja "
    "jin:jin,chin ha:ha de:tae,de"
)
# Letters of a syllable and what is written for them; the first that fits is taken.
INITIALS = (
    "tch:j kk:g gg:g kh:g ch:j jj:j tt:d dd:d th:d pp:b bb:b ph:b ss:s sh:s k:g g:g d:d t:d b:b p:b j:j "
    "s:s h:h n:n m:m r:r l:r"
)
VOWELS = (
    "yeo:yeo you:you yoo:yu yae:ye weo:wo woo:u wae:we wai:we wei:we wee:wi eui:i yu:yu yo:yo ye:ye ya:ya "
    "yi:i wo:wo wa:wa we:we wi:wi wu:u oe:we oi:we eo:eo eu:eu ui:i uy:i uh:eo ae:e ai:e ay:e eh:e ah:a "
    "oh:o oo:u ou:u ee:i ie:i a:a e:e o:o u:u i:i"
)
FINALS = "ng:ng n:n m:m l:r r:r k:g g:g t:d d:d p:b b:b"
# Initials, vowels and finals in the order of Unicode's Hangul syllables, - is none.
HANGUL = (
    "g g n d d r m b b s s - j j j g d b h | a e ya ye eo e yeo ye o wa we we yo u wo we wi yu eu i i | - "
    "g g g n n n d r g m b r r b r m b b d d ng d d g d b d"
)


def _rules(table: str) -> list[tuple[str, str]]:
    return [(written, one) for written, _, one in (rule.partition(":") for rule in table.split())]


SURNAME_OF = {
    spelling: (rank, one) for rank, (one, spellings) in enumerate(_rules(SURNAMES)) for spelling in spellings.split(",")
}
INITIAL_RULES, VOWEL_RULES, FINAL_RULES = _rules(INITIALS), _rules(VOWELS), _rules(FINALS)
HANGUL_PARTS = [[part.strip("-") for part in parts.split()] for parts in HANGUL.split("|")]


class Syllable(NamedTuple):
    """Letters written for one syllable; the vowel is never empty."""

    initial: str
    vowel: str
    final: str


class Parts(NamedTuple):
    """A name as a Korean one; a lower rank is a more frequent surname."""

    rank: int
    surname: str
    given: list[Syllable]


def settled(initial: str, vowel: str, final: str) -> Syllable:
    """Return the syllable with its vowel as the letters around it have it: Kyung, Kyong and Young have yeo."""
    if vowel in ("yu", "yo", "you"):
        if final and (initial or vowel == "you"):
            vowel = "yeo"
        elif vowel == "you":
            vowel = "yu"
    return Syllable(initial, vowel, final)


def syllables(word: str) -> list[Syllable]:
    """Cut small Latin letters, or Hangul, into syllables; empty where they are not Korean."""
    if word and all(HANGUL_FIRST <= ord(character) <= HANGUL_LAST for character in word):
        places = [ord(character) - HANGUL_FIRST for character in word]
        initials, vowels, finals = HANGUL_PARTS
        return [settled(initials[n // 588], vowels[n % 588 // 28], finals[n % 28]) for n in places]
    found: list[Syllable] = []
    at = 0
    while at < len(word):
        initial = final = ""
        for written, one in INITIAL_RULES:
            if word.startswith(written, at):
                at, initial = at + len(written), one
                break
        for written, one in VOWEL_RULES:
            if word.startswith(written, at):
                at, vowel = at + len(written), one
                break
        else:
            return []
        for written, one in FINAL_RULES:
            if word.startswith(written, at):
                after = word[at + len(written) : at + len(written) + 1]
                if written == "ng" or not after or after not in GLIDES_AND_VOWELS:
                    at, final = at + len(written), one
                break
        found.append(settled(initial, vowel, final))
    return found


def parts(text: str) -> list[Parts]:
    """Return how a name may be a Korean one, the more frequent surname first; empty for all other names."""
    words: list[str] = []
    hyphens: list[bool] = []  # behind each word
    inside = False
    hangul = bool(text) and HANGUL_FIRST <= ord(text[0]) <= HANGUL_LAST
    for character in text:
        if character in GAPS:
            inside = False
            if words and character == "-":
                hyphens[-1] = True
        elif not hangul and character in APOSTROPHES:
            continue  # McCune-Reischauer's breathing, or a breve lost: Ch'ŏl, So'k
        elif hangul == (HANGUL_FIRST <= ord(character) <= HANGUL_LAST) and (
            hangul or (character.isascii() and character.isalpha())
        ):
            if not inside:
                words.append("")
                hyphens.append(False)
            inside = True
            words[-1] += character.lower()
        else:
            return []
    if hangul and len(words) == 1:
        words, hyphens = [words[0][:1], words[0][1:]], [False, False]
    if not 2 <= len(words) <= CHUNKS_MAX:
        return []
    found: list[Parts] = []
    last = len(words) - 1
    for surname, given, apart in ((0, words[1:], not hyphens[0]), (last, words[:-1], not hyphens[last - 1])):
        name = words[surname]
        spelled = "".join(syllables(name)[0]) if hangul and len(name) == 1 else name
        cut = [syllables(word) for word in given]
        if apart and spelled in SURNAME_OF and all(cut) and sum(map(len, cut)) == GIVEN_SYLLABLES:
            found.append(Parts(*SURNAME_OF[spelled], [syllable for word in cut for syllable in word]))
    return sorted(found, key=lambda one: one.rank)


def coded(surname: str, given: str) -> str:
    """Return the two words that a spelling of a name is written as: the given name by its 64-bit FNV-1a checksum."""
    checksum = 0xCBF29CE484222325
    for letter in given.encode():
        checksum = (checksum ^ letter) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    code = ""
    for _ in range(CODE_LENGTH):
        checksum, choice = divmod(checksum, len(CODE_LETTERS))
        code += CODE_LETTERS[choice]
    return f"{surname} {code}"


def korean(text: str) -> str | None:
    """Return the one spelling of a Korean name, None for all other texts."""
    found = parts(text) if TEXT_MIN <= len(text.encode("utf-8", "surrogatepass")) <= TEXT_MAX else []
    return coded(found[0].surname, "".join(map("".join, found[0].given))) if found else None


def vowels(syllable: Syllable) -> list[str]:
    """Return the vowels with which another spelling of a syllable may be read, the written one first."""
    glide, vowel = ("y", syllable.vowel[1:]) if syllable.vowel[0] == "y" else ("", syllable.vowel)
    if glide and syllable.initial and syllable.final:
        return [syllable.vowel]
    closed = bool(syllable.final)
    others = {
        "o": ["eo", *["u"] * closed], "eo": ["o", *["u"] * closed], "eu": ["u"] if not glide else [],
        "u": ["eo", *([] if glide else ["eu"]), "o"] if closed else [],
    }.get(vowel, [])  # fmt: skip
    return [syllable.vowel, *(glide + other for other in others)]


def spellings(text: str) -> list[str]:
    """Return what other spellings of a listed Korean name are read as, best first, at most `SPELLINGS_MAX`."""
    found: dict[str, None] = {}
    for one in parts(text) if TEXT_MIN <= len(text.encode("utf-8", "surrogatepass")) <= TEXT_MAX else []:
        first, second = one.given
        for left, right in product(vowels(first), vowels(second)):
            given = "".join(first._replace(vowel=left)) + "".join(second._replace(vowel=right))
            found[coded(one.surname, given)] = None
    return list(found)[:SPELLINGS_MAX]
