"""Native kernels and their twins on very many seeded inputs; hypothesis looks for corners, this looks at the crowd.

Small in the normal suite; `make long` compares ten million times: words folded, word pairs judged, name pairs scored,
case forms told, facts looked up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sito.build import Builder
from sito.entries import Entry, Kind, Name
from sito.index import Index, knowledge, write_index
from sito.names import align, distance, facts, lexicon
from sito.names import fold as twin
from sito.names import forms as forms_twin
from sito.names.keys import key
from sito_ext import forms
from sito_ext.fold import Folder
from sito_ext.lexicon import Lexicon
from sito_ext.scorer import compare
from sito_ext.vocabulary import Vocabulary

FOLDER = Folder(twin.table())
LEXICON = Lexicon(lexicon.table())
SYLLABLES = (  # noqa: SIM905  (one word a line would hide the table)
    "ма го мед ов ова ев ич на ко ск ий щер ба ша ха жо лу ци юн ья ё ъе э ma go med ov off eff sky shch tch kh zh x "
    "ck qu ah al el ou oo iy yu ya ї є ґ ў ß ø ł é ñ ü 1 7 ' - ’ № ООО LLC И П\u0301 \u200b"
).split(" ")
STRANGE = (b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xd0", "𝐀".encode(), "ﬁ".encode(), b"\x00")
LETTERS = "aeiouvklmnrst"
# Russian names in all cases: a stem and its endings; the stem of a man's patronymic takes any of them.
SURNAMES = [
    "Иванов",
    "Петров",
    "Жеребцов",
    "Щукин",
    "Ельцын",
    "Ярославцев",
    "Магомедов",
    "Юсупов",
    "Лестников",
    "Ёлкин",
    "Цыбин",
    "Хомяков",
]
SURNAME_ENDS = ("", "", "", "а", "у", "ым", "е", "а", "ой", "у", "ою", "ы", "ых", "ым", "ыми")
ADJECTIVES = ["Полянск", "Жерновск", "Троицк", "Высоцк", "Мал", "Толст", "Луцк"]
ADJECTIVE_ENDS = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ої", "ій", "ої")
SOFT = [
    "Коваленко",
    "Бондаренко",
    "Шевчук",
    "Мельник",
    "Гриценко",
    "Ким",
    "Цой",
    "Саакян",
    "Ткач",
    "Гайдай",
    "Мороз",
    "Заяц",
    "Лев",
    "Павел",
]
SOFT_ENDS = ("", "", "а", "у", "ом", "е", "я", "ю", "ем", "и")
GIVEN = (  # noqa: SIM905  (one word a line would hide the table)
    "Иван Пётр Юрий Сергей Илья Лука Анна Мария Ольга Любовь Зоя Магомед Мухаммад Жанна Христина Ян Щек Эрик Яша Оля "
    "Ivan Pyotr Yury Sergei Serhii George Muhammad Mohammed John محمد علي Γεώργιος გიორგი 志明"
).split()
GIVEN_ENDS = ("", "", "", "а", "у", "ом", "е", "ы", "и", "ю", "ей", "я", "ью", "ем")
FATHERS = ["Иван", "Петр", "Серге", "Магомед", "Никола", "Юрь", "Дмитри", "Ильич", "Мыкол", "Іван", "Кузьм", "Хасан"]
FATHER_ENDS = tuple(
    stem + end
    for stem, ends in (
        ("ович", ("", "", "а", "у", "ем", "е")),
        ("евич", ("", "а", "у", "ем")),
        ("овн", ("а", "ы", "е", "у", "ой", "ою")),
        ("евн", ("а", "ы", "е", "ой")),
        ("івн", ("а", "и", "і", "у", "ою")),
        ("ич", ("", "а", "у", "ом")),
        ("иничн", ("а", "ы", "ой")),
    )
    for end in ends
)
OTHERS = (  # noqa: SIM905  (one word a line would hide the table)
    'ООО «Волга» Завод Банк №7 М-17 17 123456789012 ИП ЧП Trading LLC GmbH теплоход танкер von al-Hasan аль "К" '
    "Абд эль Ён Чен Ким e é İ ı ß"
).split()
CLUSTERS = ("И", "И.", "И.И.", "ИИ", "ЮА", "А.Б.В.", "АБВ", "Yu", "Zh", "Kh.", "Ю", "i.", "и", "I.I.", "ИП", "Iu.", "Щ")


def name(generator: random.Random, words: int) -> str:
    return " ".join("".join(generator.choices(SYLLABLES, k=generator.choice((1, 2, 2, 3, 3, 4)))) for _ in range(words))


def person(generator: random.Random) -> str:
    """Return the words of one person's name, in a case or another, with initials, glued or apart."""
    match generator.randrange(3):
        case 0:
            surname = generator.choice(SURNAMES) + generator.choice(SURNAME_ENDS)
        case 1:
            surname = generator.choice(ADJECTIVES) + generator.choice(ADJECTIVE_ENDS)
        case _:
            surname = generator.choice(SOFT) + generator.choice(SOFT_ENDS)
    given = generator.choice(GIVEN) + generator.choice(GIVEN_ENDS)
    father = generator.choice(FATHERS) + generator.choice(FATHER_ENDS)
    words = [surname]
    match generator.randrange(6):
        case 0 | 1:
            words += [given, father]
        case 2:
            words += [given]
        case 3:
            words += [generator.choice(CLUSTERS)]
        case 4:
            words += [generator.choice(CLUSTERS), generator.choice(CLUSTERS)]
        case _:
            words += [given, generator.choice(CLUSTERS)]
    for _ in range(generator.choice((0, 0, 0, 1, 2))):
        words.insert(generator.randrange(len(words) + 1), generator.choice(OTHERS))
    if generator.random() < 0.2:
        generator.shuffle(words)
    if generator.random() < 0.1:
        words[0] = words[0].upper()
    glue = "" if generator.random() < 0.1 else generator.choice((" ", " ", " ", "-", "."))
    return words[0] + glue + " ".join(words[1:])


def nudged(generator: random.Random, text: str) -> str:
    """Return a text with up to three changes: letters dropped, doubled, swapped, replaced, words in another order."""
    letters = list(text)
    for _ in range(generator.choice((0, 1, 1, 2, 3))):
        i = generator.randrange(len(letters)) if letters else 0
        match generator.randrange(5):
            case 0:
                del letters[i : i + 1]
            case 1:
                letters[i:i] = letters[i : i + 1]
            case 2:
                letters[i : i + 2] = reversed(letters[i : i + 2])
            case 3:
                letters[i : i + 1] = generator.choice(SYLLABLES)
            case _:
                words = "".join(letters).split(" ")
                generator.shuffle(words)
                letters = list(" ".join(words))
    return "".join(letters)


def folded_words(generator: random.Random) -> Iterator[int]:
    """Fold texts until told to stop; gives the words compared by each."""
    while True:
        data = name(generator, generator.randrange(1, 12)).encode()
        if generator.random() < 0.2:
            at = generator.randrange(len(data) + 1)
            data = data[:at] + generator.choice(STRANGE) + data[at:]
        tokens, malformed, cut = FOLDER.fold(data)
        assert twin.Folded([twin.Token(*token) for token in tokens], malformed, cut) == twin.fold(data)
        yield len(tokens) + 1


def near_words(generator: random.Random) -> Iterator[int]:
    """Look words up in small vocabularies; gives the word pairs judged by each look-up."""
    while True:
        stems = ["".join(generator.choices(LETTERS, k=generator.randrange(2, 12))) for _ in range(40)]
        words = sorted({generator.choice(stems) + generator.choice(("", "ov", "ova", "s", "i")) for _ in range(100)})
        starts = np.cumsum([0, *map(len, words)], dtype=np.uint32)
        vocabulary = Vocabulary(starts, np.frombuffer("".join(words).encode(), dtype=np.uint8))
        for _ in range(20):
            letters = list(generator.choice(words))
            for _ in range(generator.randrange(4)):
                i = generator.randrange(len(letters))
                letters[i : i + generator.randrange(2)] = generator.choices(LETTERS, k=generator.randrange(3))
                letters = letters or ["a"]
            query = "".join(letters)
            assert vocabulary.expand(query) == distance.expand(query, words)
            yield len(words)


def any_name(generator: random.Random) -> str:
    return person(generator) if generator.random() < 0.75 else name(generator, generator.randrange(1, 6))


def text_words(data: bytes) -> list[align.Word]:
    return [align.word_of(t, data[t.start : t.end].decode("utf-8", "replace")) for t in twin.fold(data).tokens]


def scored_names(generator: random.Random) -> Iterator[int]:
    """Score name pairs; gives 1 for each."""
    while True:
        listed = any_name(generator).encode()
        text = nudged(generator, listed.decode()) if generator.random() < 0.7 else any_name(generator)
        text += generator.choice(("", "", " " + name(generator, 2), " " + generator.choice(CLUSTERS)))
        data = text.encode()
        if generator.random() < 0.05:
            at = generator.randrange(len(data) + 1)
            data = data[:at] + generator.choice(STRANGE) + data[at:]
        words = text_words(data)
        free_text, is_person = generator.random() < 0.4, generator.random() < 0.7
        own = [align.listed_word(token.plain, token.key, person=is_person) for token in twin.fold(listed).tokens]
        pairs = align.pair(words, own, free_text=free_text, person=is_person)
        score = align.score(words, own, pairs, free_text=free_text, person=is_person)
        native = compare(FOLDER, knowledge(), data, listed, free_text, is_person)
        assert native == ([tuple(pair) for pair in pairs], score), (data, listed, free_text, is_person)
        yield 1


def known_words(generator: random.Random) -> Iterator[int]:
    """Look facts and lexicon entries of words up; gives 1 for each word."""
    while True:
        data = any_name(generator).encode()
        for token in twin.fold(data).tokens:
            expected = facts.know(token.plain, token.key, letters=token.letters, vowelless=token.vowelless)
            assert knowledge().know(token.plain, token.key, token.letters, token.vowelless) == tuple(expected), token
            assert LEXICON.look(token.key) == lexicon.look(token.key), token
            yield 1
        word = "".join(generator.choices("aeiouvcklmnrst1", k=generator.randrange(1, 20)))
        assert knowledge().know(word, key(word)) == tuple(facts.know(word, key(word))), word
        yield 1


def case_forms(generator: random.Random) -> Iterator[int]:
    """Look for the nominatives of keys, and judge pairs of keys; gives 1 for each judgement."""
    while True:
        keys = [token.key for token in twin.fold(f"{person(generator)} {person(generator)}".encode()).tokens]
        keys += ["".join(generator.choices("aeiouvcklmnrst", k=generator.randrange(1, 12)))]
        for form in keys:
            bases = forms_twin.bases(form)
            assert forms.bases(form) == bases, form
            yield 1
            for base in (*bases, generator.choice(keys)):
                assert forms.is_form(form, base) == forms_twin.is_form(form, base), (form, base)
                yield 1


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        pytest.param(folded_words, 20_000, id="folded words, some"),
        pytest.param(near_words, 50_000, id="near words, some"),
        pytest.param(scored_names, 2_500, id="scored names, some"),
        pytest.param(known_words, 20_000, id="known words, some"),
        pytest.param(case_forms, 10_000, id="case forms, some"),
        pytest.param(folded_words, 2_800_000, id="folded words, many", marks=pytest.mark.long),
        pytest.param(near_words, 3_000_000, id="near words, many", marks=pytest.mark.long),
        pytest.param(scored_names, 700_000, id="scored names, many", marks=pytest.mark.long),
        pytest.param(known_words, 2_000_000, id="known words, many", marks=pytest.mark.long),
        pytest.param(case_forms, 1_500_000, id="case forms, many", marks=pytest.mark.long),
    ],
)
def test_twins_agree_on_a_crowd(kind, count: int) -> None:
    done = 0
    for compared in kind(random.Random(count)):
        done += compared
        if done >= count:
            break


FORMS = ("ООО", "ЗАО", "LLC", "GmbH", "Limited", "Ltd", "S.A.", "Завод")
SCRIPTS = dict(zip("АВЕКМНОРСТХ", "ABEKMHOPCTX", strict=True))  # letters that look alike


def listed_like(generator: random.Random) -> tuple[str, bool]:
    """Return a name of a person, or of a firm with a form, and which of both it is."""
    if generator.random() < 0.6:
        return any_name(generator), True
    words = [generator.choice(SURNAMES), *generator.sample(OTHERS, generator.randrange(3)), generator.choice(FORMS)]
    generator.shuffle(words)
    return " ".join(words), False


def written_like(generator: random.Random, listed: str) -> str:
    """Return a text that a listed name may stand in: nudged, cut, glued, parted, said twice, with initials in a row."""
    words = nudged(generator, listed).split() or ["x"]
    for _ in range(generator.choice((1, 1, 2, 3))):
        at = generator.randrange(len(words))
        match generator.randrange(6):
            case 0:
                words[at : at + 2] = ["".join(words[at : at + 2])]
            case 1:
                cut = generator.randrange(1, len(words[at]) + 1)
                words[at : at + 1] = [words[at][:cut], words[at][cut:]] if cut < len(words[at]) else [words[at]]
            case 2:
                words[-1] = words[-1][: generator.randrange(1, len(words[-1]) + 1)]
            case 3:
                words.append(words[at])
            case 4:
                letters = [word[0].upper() for word in generator.sample(words, min(len(words), 3))][-2:]
                words.append("".join(SCRIPTS.get(one, one) if generator.random() < 0.5 else one for one in letters))
                words.remove(words[at])
            case _:
                generator.shuffle(words)
    return " ".join(words)


@pytest.mark.parametrize(
    "count", [pytest.param(6_000, id="some"), pytest.param(300_000, id="many", marks=pytest.mark.long)]
)
def test_no_bound_hides_a_hit_of_a_crowd(tmp_path: Path, count: int) -> None:
    """What a high threshold shows is what the lowest one shows above it: the bounds before pairing promise no less."""
    generator = random.Random(count)
    path = tmp_path / "crowd.sito"
    done = 0
    while done < count:
        names = [listed_like(generator) for _ in range(generator.randrange(1, 7))]
        builder = Builder()
        builder.add(
            (
                Entry("T", str(place), Kind.PERSON if is_person else Kind.ORGANISATION, (Name(text),))
                for place, (text, is_person) in enumerate(names)
            ),
            0,
        )
        write_index(
            path, builder.finish(), {"engine": "0", "built_at": "", "editions": [{"list_id": "T", "format": "t"}]}
        )
        texts = [written_like(generator, generator.choice(names)[0]).encode() for _ in range(40)]
        data = np.frombuffer(b"".join(texts), dtype=np.uint8)
        starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        with Index.open(path) as index:
            for mode in (0, 1):
                shown: list[dict[tuple[int, int], float]] = []
                for score_min in (0.001, 0.6, 0.75, 0.85):
                    found = index.matcher.screen(index.matcher.workspace(), data, starts, mode, score_min, 1000)
                    pairs = zip(found[0].tolist(), found[2].tolist(), strict=True)
                    shown.append(dict(zip(pairs, found[4].tolist(), strict=True)))
                for score_min, hits in zip((0.6, 0.75, 0.85), shown[1:], strict=True):
                    expected = {pair: score for pair, score in shown[0].items() if score >= score_min}
                    assert hits == expected, (
                        score_min,
                        mode,
                        names,
                        [texts[i].decode() for i, _ in expected.keys() ^ hits],
                    )
        done += 2 * len(texts)
