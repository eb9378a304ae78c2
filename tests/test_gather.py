"""The names of a build are those of a slow listing: folded alike, with the same other spellings in the same order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito import build
from sito.build import NEEDS_READING, NEEDS_SPELLING, READING_FACTOR, Builder
from sito.entries import Entry, Kind, Name
from sito.names.fold import fold, table
from sito.names.hints import hints
from sito_ext.fold import Folder
from sito_ext.gather import Gatherer
from sito_ext.sorting import sorted_by_key

FORM_HEAD = 19
WORDS = (  # noqa: SIM905  (one word a line would hide the table)
    "ООО Ромашка FZE LTD Техносервис Tekhnoservis 42 7 007 №5 4G 19th First Forty-Four один ТД Торговый дом НИИ "
    'Научно-исследовательский институт IRGC Iran S.A. A.B.C. Miller\'s Miller’s «Ромашка» "Ромашка-2" (Ясень) (ABC) '
    "Technoservice Технофарм Avtotekh Autotech Автосервис Техавто Tekhab Pharmservis Тех сервис "
    'Завод Фабрика научный комбинат JSC «Ясный берёз» "Берёза 7" ""Клён"" « »Клён “Дуб” '
    "Alpha Beta Company of и Trading 天津远航贸易有限公司 شركة النخيل ГосНИИ Ёлка ʼs ßeta ǅ"
).split()
PEOPLE = (  # noqa: SIM905
    "Wang Xiao Ming Kim Eun-joo Uladzimir Rybakou Алексеевіч Siarhei Abdul Rehman Гълъбинов ИвановПётр JC Verneuil "
    "Сергей, Sao Lin Htun, Tun عبد الرحمن Russian: English: МК XIN li O’Brien Иванов-Петров Ян Щъм"
).split()
GAP = st.sampled_from([" ", "  ", "\u00a0", ", ", "-"])


@st.composite
def names(draw: st.DrawFn, words: list[str]) -> str:
    parts = draw(st.lists(st.sampled_from(words) | st.text("ABабвXщЪ1. ", max_size=4), min_size=1, max_size=6))
    return "".join(part + draw(GAP) for part in parts)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([Kind.PERSON, Kind.ORGANISATION, Kind.UNKNOWN, Kind.VESSEL]))
        texts = draw(st.lists(names(PEOPLE if kind is Kind.PERSON else WORDS), min_size=1, max_size=3))
        if draw(st.booleans()):
            texts.append(texts[0].upper() if draw(st.booleans()) else texts[0].lower())
        found.append(Entry("T", str(number), kind, tuple(map(Name, texts))))
    return found


def listing(found: list[Entry]) -> list[tuple[tuple[str, ...], int, int, int]]:
    """Return the folded words, kind, factor and origin of each name, every rule asked about every name."""
    out: list[tuple[tuple[str, ...], int, int, int]] = []
    for entry in found:
        first, person = len(out), int(entry.kind is Kind.PERSON)
        wanted = [(number, NEEDS_READING | NEEDS_SPELLING) for number in range(len(entry.names))]
        rows = [(name.text, number, person, 100) for number, name in enumerate(entry.names)]
        rows += [(text, number, person, READING_FACTOR) for text, number in build._readings(entry, wanted)]
        if not person:
            rows += build._spellings(entry, wanted)
        for text, number, kind, factor in rows:
            tokens = fold(text.encode("utf-8", "surrogatepass")).tokens
            out.append((tuple(token.plain for token in tokens[:32]), kind, factor, first + number))
    return out


def built(found: list[Entry]) -> tuple[list[tuple[tuple[str, ...], int, int, int]], dict[str, np.ndarray]]:
    builder = Builder()
    builder.add(found, 0)
    sections = builder.finish()
    data, forms = sections["name_bytes"].tobytes(), sections["form_bytes"].tobytes()
    origins = dict(zip(sections["other_names"].tolist(), sections["other_origins"].tolist(), strict=True))
    out = []
    for number, (start, end) in enumerate(pairwise(sections["name_starts"].tolist())):
        count, kind, factor = data[start : start + 3]
        places = np.frombuffer(data[start + 3 : end], dtype="<u4")
        assert len(places) == count
        plains = tuple(
            forms[4 * at + FORM_HEAD : 4 * at + FORM_HEAD + forms[4 * at]].decode() for at in places.tolist()
        )
        out.append((plains, kind, factor, origins.get(number, number)))
    return out, sections


@settings(max_examples=400, deadline=None)
@given(entries())
@example([Entry("T", "1", Kind.ORGANISATION, (Name('ООО "Ромашка 42"'), Name("ооо ромашка сорок два")))])
@example([Entry("T", "1", Kind.ORGANISATION, (Name("Ромашка FZE"), Name("ТД Ромашка 7"), Name("ТД РОМАШКА 7")))])
@example([Entry("T", "1", Kind.ORGANISATION, (Name("Техносервис 7 ТД"), Name("Technoservice"), Name("Avtofarm OOO")))])
@example(
    [Entry("T", "1", Kind.PERSON, (Name("Kim Eun-joo"),)), Entry("T", "2", Kind.PERSON, (Name("عبد الرحمن علي"),))]
)
def test_a_build_has_the_names_of_the_listing(found: list[Entry]) -> None:
    assert built(found)[0] == listing(found)


def test_batches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        Entry("T", str(n), kind, (Name(f"{word} {WORDS[n % 9]} {n % 50}"), Name(f"{word} Павел")))
        for n, (kind, word) in enumerate([(Kind.PERSON, "Wang Xiao"), (Kind.ORGANISATION, "ТД FZE Волна")] * 40)
    ]
    whole = built(found)[1]
    monkeypatch.setattr(build, "BATCH", 3)
    pieces = built(found)[1]
    assert whole.keys() == pieces.keys()
    assert all(np.array_equal(whole[name], pieces[name]) for name in whole)


def gathered(texts: list[str], token_max: int = 32):
    data = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.cumsum([0, *map(len, data)], dtype=np.int64)
    gatherer = Gatherer(Folder(table()), *hints())
    firsts, counts, flags, *_ = gatherer.fold(
        np.frombuffer(b"".join(data), dtype=np.uint8), starts, None, None, token_max
    )
    return gatherer.laid_out(firsts, counts), flags


@settings(max_examples=200)
@given(st.lists(st.text(max_size=40) | names(WORDS) | names(PEOPLE), max_size=8))
@example(["a" * 70, "b c", "\ud800x"])
def test_words_fold_as_the_twin_folds_them(texts: list[str]) -> None:
    (starts, words, tokens, plain_starts, plain, bare, key_starts, keys, counts), flags = gathered(texts)
    expected = [fold(text.encode("utf-8", "surrogatepass")) for text in texts]
    numbers: dict[str, int] = {}
    for number, (one, (start, end)) in enumerate(zip(expected, pairwise(starts.tolist()), strict=True)):
        kept = one.tokens[:32]
        assert len(kept) == end - start
        for token, form in zip(kept, words[start:end].tolist(), strict=True):
            assert plain[plain_starts[form] : plain_starts[form + 1]].tobytes().decode() == token.plain
            assert bare[form] == token.vowelless
            assert tokens[form] == numbers.setdefault(token.key, len(numbers))
        if len(one.tokens) <= 32:
            assert flags[number] == one.malformed | one.cut << 1
    assert [keys[a:b].tobytes().decode() for a, b in pairwise(key_starts.tolist())] == list(numbers)
    assert counts.sum() == len(words)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*WORDS, *PEOPLE, "new", "\ud800", "b" * 70, "«"]) | st.text(max_size=3), max_size=45),
        max_size=90,
    ),
    st.integers(1, 32),
)
@example([["a"] * 31 + ["\ud800"], ["a"] * 32 + ["\ud800"], ["a"] * 33 + ["\ud800"], ["a"] * 45], 32)
@example([[f"word{number % 50}", "same"] for number in range(90)], 32)
def test_names_fold_alike_alone_and_among_others(rows: list[list[str]], token_max: int) -> None:
    texts = [" ".join(row) for row in rows]
    (starts, words, _, plain_starts, plain, *_), flags = gathered(texts, token_max)
    letters = [plain[a:b].tobytes() for a, b in pairwise(plain_starts.tolist())]
    for number, text in enumerate(texts):
        (_, own_words, _, own_starts, own_plain, *_), own_flags = gathered([text], token_max)
        own = [own_plain[a:b].tobytes() for a, b in pairwise(own_starts.tolist())]
        assert [letters[form] for form in words[starts[number] : starts[number + 1]]] == [own[n] for n in own_words]
        assert flags[number] == own_flags[0]
        one = fold(text.encode("utf-8", "surrogatepass"))
        assert bool(flags[number] & 4) == (len(one.tokens) > token_max)
        if len(one.tokens) <= token_max:
            assert flags[number] == one.malformed | one.cut << 1


def test_it_reports_what_it_leaves_out() -> None:
    (starts, *_), flags = gathered(["a b c", "a b", "b" * 70], token_max=2)
    assert starts.tolist() == [0, 2, 4, 5]
    assert flags.tolist() == [4, 0, 2]


def test_it_grows() -> None:
    words = [f"{a}{b}{c}{n}" for a in "bdfgklm" for b in "aeiou" for c in "bdfgklmnprst" for n in range(300)]
    (_, forms, *_), _ = gathered([*words, *words])
    assert forms.tolist() == [*range(len(words))] * 2


@pytest.mark.parametrize(
    "wrong", [{"starts": [0, 3, 2]}, {"starts": [0, 4]}, {"owned": [1]}, {"owned": [3]}, {"subjects": [1]}]
)
def test_columns_that_do_not_fit_are_refused(wrong: dict[str, list[int]]) -> None:
    gatherer = Gatherer(Folder(table()), *hints())
    given_starts = np.asarray(wrong.get("starts", [0, 1, 3]), dtype=np.int64)
    subjects = np.asarray(wrong.get("subjects", [1, 1]), dtype=np.uint8)
    with pytest.raises(ValueError, match=r"starts|fit"):
        gatherer.fold(
            np.zeros(3, dtype=np.uint8), given_starts, subjects, np.asarray(wrong.get("owned", [2]), np.uint32), 32
        )


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1) | st.integers(0, 3), st.integers(0, 9)), max_size=60))
def test_sorting_is_stable(rows: list[tuple[int, int]]) -> None:
    keys = np.asarray([key for key, _ in rows], dtype=np.uint64)
    values = np.asarray([value for _, value in rows], dtype=np.uint32)
    ordered = np.argsort(keys, kind="stable")
    found = sorted_by_key(keys, values)
    assert np.array_equal(found[0], keys[ordered])
    assert np.array_equal(found[1], values[ordered])
