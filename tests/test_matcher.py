"""The native matcher finds what its slow twin finds, with the same scores; limits are flags."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sito.build import READING_FACTOR, SPELLING_FACTOR_MIN, Builder
from sito.entries import Entry, Identifier, Kind, Name
from sito.index import Index, write_index
from sito.names import korean
from sito.names.fold import fold
from sito.names.organisations import derived_names
from sito.names.readings import cut, spelled, voiced
from sito.names.search import Listed, Listing, search
from sito_ext.matcher import Matcher

PIECES = (  # noqa: SIM905  (one word a line would hide the table)
    "Иванов Иван Иванович Ivanov Ivanovich Петров Пётр Petrov Магомедов Магомед Магомедович Magomedova ООО Ромашка "
    'Romashka LLC Банк Волга Volga Али аль Хасан Hassan И П 2 «Волга» "Ромашка" Иванову оплата договор Смирнова Елена '
    "Trading House Мухаммад Muhammad Петра Петру Елены И.И. ИИ ИП ПП ЗАО Завод Строительная Компания Управление НИИ "
    "Бдфг Кызыл Кум Кызылкум Магомедали теплоход 17 М-17 محمد علي Bdfyjd Ghfljkm abd Abdul al el abu Buпетров "
    "Isnalun Фулзулло Фулзуло Ходжаев Фулзуллоходжаев Siarhei Сергей Mikalaevich Николаевич Кумилов Кумирлтов "
    "Жвамшович Isnilon 12345 2000000017"
).split()
WORD = st.sampled_from(PIECES) | st.sampled_from(PIECES) | st.text("иванофмaeg", min_size=1, max_size=9)
NAME = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
GAP = st.sampled_from(
    (" ", " ", " ", " ", ", ", "; ", ". ", " (", ") ", "/", ": ", "|", "\n", ".", "-", "! ", " и ", " and ")
)
TEXT = st.lists(st.tuples(WORD, GAP), max_size=14).map(lambda pieces: "".join(word + gap for word, gap in pieces))
NAMES = st.lists(st.tuples(NAME, st.integers(0, 3), st.booleans()), min_size=1, max_size=12)


def index_of(names: list[tuple[str, int, bool]], folder: Path, numbers: tuple[Identifier, ...] = ()) -> Index:
    """Build an index in which name i belongs to entry i: one name an entry keeps numbering plain."""
    builder = Builder()
    builder.add(
        (
            Entry(
                "T",
                str(i),
                Kind.PERSON if person else Kind.ORGANISATION,
                (Name(text),),
                identifiers=numbers if i == 0 else (),
            )
            for i, (text, _, person) in enumerate(names)
        ),
        0,
    )
    path = folder / "t.sito"
    write_index(path, builder.finish(), {"engine": "0", "built_at": "", "editions": [{"list_id": "T", "format": "t"}]})
    return Index.open(path)


def spellings(names: list[tuple[str, int, bool]]) -> list[Listed]:
    """Return the names as the builder numbers them: behind each what it is read as, or an organisation's spellings."""
    out = []
    for entry, (text, _, person) in enumerate(names):
        out.append(Listed(text, entry, person))
        data = text.encode("utf-8", "replace")
        gapless = [voiced(data), cut(data) if person else None]
        read = [*(korean.spellings(text) if person else ()), *(other.decode() for other in gapless if other)]
        initials = spelled(text) if person else None
        read += [initials] if initials else []
        out += [Listed(other, entry, person, READING_FACTOR) for other in dict.fromkeys(read)]
        seen = {text.casefold()}
        for other in () if person else derived_names(text, Kind.ORGANISATION):
            if other.factor >= SPELLING_FACTOR_MIN and other.text.casefold() not in seen:
                seen.add(other.text.casefold())
                out.append(Listed(other.text, entry, False, round(100 * other.factor), other.why == "acronym"))
    return out


def vocabulary(index: Index) -> list[str]:
    arrays = index._open().arrays
    starts, data = arrays["key_starts"], arrays["key_bytes"].tobytes()
    return [data[a:b].decode() for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]


def native(
    index: Index, texts: list[bytes], mode: int, score_min: float = 0.3, hit_limit: int = 1000, memo: bool = True
):
    starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    work = index.matcher.workspace(memo=memo)
    return index.matcher.screen(
        work, np.frombuffer(b"".join(texts) or b" ", dtype=np.uint8), starts, mode, score_min, hit_limit
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, TEXT, st.booleans(), st.sampled_from([0.3, 0.6, 0.85, 0.95]))
@example([("ООО Волга", 0, False)], 'перевод "Волга" Волга', True, 0.3)
@example([("Иванов Иван Иванович", 0, True)], "Иванов Иван x x x x x x x x Иванову Ивану", True, 0.3)
@example([("а", 0, True)], "а " * 70 + "а", False, 0.3)
@example([("Иванов Иван Иванович", 0, True)], "Иванов ИИ", True, 0.3)
@example([("Иванов Иван Иванович", 0, True)], "Bdfyjd Bdfy", False, 0.3)
@example([("Волга", 0, False)], 'стоянка т/х "Волга"', True, 0.85)
@example([("Волга", 0, False)], "M/V VOLGA", True, 0.85)
@example([("Магомедали Иванов", 0, True)], "Магомед Али Иванов", False, 0.3)
@example([("ООО Строительная Компания Волга", 0, False)], "СК Волга", False, 0.3)
@example([("Петров Иван", 0, True)], "Смирнова Елена; Иванов Иван (Петров Магомед); Петров, Иван", True, 0.3)
@example([("Петров Иван", 0, True)], "Иванов Иван" + " " * 63 + "; Петров Пётр", True, 0.3)
@example([("Петров Иван", 0, True)], "Иванов Иван" + " " * 64 + "; Петров Пётр", True, 0.3)
@example([("Волга 17", 0, False)], "счёт 17. Волга, 17 теплоход Волга, 17", True, 0.3)
def test_matcher_equals_its_twin(
    tmp_path: Path, names: list[tuple[str, int, bool]], text: str, free_text: bool, score_min: float
) -> None:
    index = index_of(names, tmp_path)
    data = text.encode("utf-8", "surrogatepass")
    listing = Listing(spellings(names), vocabulary(index))
    expected = [
        (found.entry, found.name, found.low, found.high, found.score, found.reading)
        for found in search(listing, data, free_text=free_text, score_min=score_min)
    ]
    for memo in (True, False):
        _, targets, entries, ranges, scores, readings, flags = native(
            index, [data], int(free_text), score_min, memo=memo
        )
        columns = (targets, *ranges.T, scores, readings)
        found = list(zip(entries.tolist(), *(column.tolist() for column in columns), strict=True))
        assert found == expected
        assert int(flags[0]) & ~(1 | 2 | 4 | 128) == 0
        assert bool(flags[0] & 128) == (bool(data) and not free_text and not fold(data).tokens)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, TEXT, st.booleans(), st.sampled_from([0.5, 0.8, 0.85, 0.95]))
@example([("Киме ß محمدи №7", 0, True)], "Кмие ß مckمدи №7", True, 0.8)
@example([("Верескулматил Жеребцов Зульдабар", 0, True)], "Верескул Матил Жеребцов Матил", False, 0.85)
@example([("Каримов Жербод Ботир угли", 0, True)], "Каримов Жербод Ботирогли", False, 0.85)
@example([("Каримов Жербод Ботиргизи", 0, True)], "Каримов Жербод Ботир кызы", False, 0.85)
@example([("Касимбаев Карим Магомедович", 0, True)], "Касимбаев CM", False, 0.85)
@example([("Касимов Роман Николаевич", 0, True)], "Касимов РN", False, 0.85)
@example([("Иван Рашидович Брихахак Чен", 0, True)], "РашидовичБри Чен Чен РашидовичБри", False, 0.85)
@example([("Оборонметаллпром Строй Волга Урал", 0, False)], "Оборонм Волга Урал Оборонм", False, 0.8)
@example([("GmbH Romashka", 0, False)], "GmbhRomashka GmbhRomashka", False, 0.85)
@example([("GmbH Николай", 0, False)], "GmbНиколай GmbНиколай", False, 0.85)
@example([("Volgatrans Limited", 0, False)], "Volgatrans Limitde", False, 0.85)
@example([("Qaoglzhi", 0, True)], "Qaoglz hi Qaoglz hi Qaoglz hi", False, 0.85)
@example([("Полянської Iu. Iu.", 0, True)], "Yu Жерновски Johnю Иванович Полянскої.Щ М-17 ИИ", True, 0.5)
def test_a_hit_does_not_depend_on_the_threshold_below_it(
    tmp_path: Path, names: list[tuple[str, int, bool]], text: str, free_text: bool, score_min: float
) -> None:
    index = index_of(names, tmp_path)
    data = [text.encode("utf-8", "surrogatepass")]
    _, _, entries, _, scores, _, _ = native(index, data, int(free_text), 0.001)
    every = [pair for pair in zip(entries.tolist(), scores.tolist(), strict=True) if pair[1] >= score_min]
    _, _, entries, _, scores, _, _ = native(index, data, int(free_text), score_min)
    assert list(zip(entries.tolist(), scores.tolist(), strict=True)) == every


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.lists(NAME, max_size=20), st.booleans())
def test_a_batch_is_many_singles(
    tmp_path: Path, names: list[tuple[str, int, bool]], texts: list[str], free_text: bool
) -> None:
    index = index_of(names, tmp_path)
    data = [text.encode("utf-8", "surrogatepass") for text in texts]
    items, targets, _, _, scores, _, flags = native(index, data, int(free_text))
    together = list(zip(items.tolist(), targets.tolist(), scores.tolist(), strict=True))
    apart = []
    for number, text in enumerate(data):
        _, targets, _, _, scores, _, own = native(index, [text], int(free_text))
        apart += [(number, target, score) for target, score in zip(targets.tolist(), scores.tolist(), strict=True)]
        assert own[0] == flags[number]
    assert together == apart


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.lists(st.tuples(TEXT, st.integers(0, 2)), min_size=2, max_size=12))
@example([("Магомедов Магомед", 0, True)], [("Магомедев Магомет", 1), ("Магомедев Магомет", 0), ("магомедев", 1)])
@example([("Магомедов Магомед", 0, True)], [("Мгомедев Магомет", 0), ("Мгомедев Магомет", 1), ("мгомедев", 0)])
def test_what_a_workspace_remembers_changes_nothing(
    tmp_path: Path, names: list[tuple[str, int, bool]], texts: list[tuple[str, int]]
) -> None:
    index = index_of(names, tmp_path)
    worn = index.matcher.workspace()
    for text, mode in texts:
        data = np.frombuffer(text.encode("utf-8", "surrogatepass") or b" ", dtype=np.uint8)
        starts = np.array([0, len(data)], dtype=np.int64)
        for got, expected in zip(
            index.matcher.screen(worn, data, starts, mode, 0.3, 1000),
            index.matcher.screen(index.matcher.workspace(), data, starts, mode, 0.3, 1000),
            strict=True,
        ):
            assert got.tolist() == expected.tolist()


def test_a_slot_that_is_written_over_in_between_is_seen(tmp_path: Path) -> None:
    # Every text holds a name that the memo knows and new words, of which some push names out that wait for their text.
    generator = random.Random(7)
    words = ["".join(generator.choices("аеикнорст", k=generator.randint(3, 19))).title() for _ in range(13_000)]
    names = [(f"{words.pop()} {words.pop()}", 0, True) for _ in range(300)]
    index = index_of(names, tmp_path)
    texts = [name.encode() for name, _, _ in names]
    for _ in range(590):
        texts.append(" ".join([words.pop() for _ in range(20)] + [generator.choice(names)[0]]).encode())
    starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    data = np.frombuffer(b"".join(texts), dtype=np.uint8)
    for mode in (1, 0):
        bare = index.matcher.workspace(memo=False)
        expected = index.matcher.screen(bare, data, starts, mode, 0.6, 1000)
        assert len(expected[0]) >= len(texts)
        for bits in (0, 1, 4, 14):
            small = index.matcher.workspace(small=True, bits=bits)
            for got, column in zip(index.matcher.screen(small, data, starts, mode, 0.6, 1000), expected, strict=True):
                assert got.tolist() == column.tolist()
    with pytest.raises(ValueError, match="bits"):
        index.matcher.workspace(bits=25)


@pytest.mark.parametrize(("count", "told"), [(4096, False), (4097, True)])
def test_a_text_of_too_many_words_is_told(tmp_path: Path, count: int, told: bool) -> None:
    index = index_of([("Иванов Иван", 0, True)], tmp_path)
    for gap in (" ", " № "):
        *_, flags = native(index, [gap.join(["а"] * count).encode() + b" \xff"], 1)
        assert bool(flags[0] & 4) == told
        assert bool(flags[0] & 1) != told


@pytest.mark.parametrize("count", [1023, 1024, 1025])
def test_words_that_fill_the_room_ahead_are_cut_once(tmp_path: Path, count: int) -> None:
    index = index_of([("Иванов Иван", 0, True)], tmp_path)
    text = " ".join(["а"] * (count - 2)) + " Иванов Иван"
    items, *_, flags = native(index, [text.encode(), "Иванов Иван".encode(), text.encode()], 1, score_min=0.9)
    assert items.tolist() == [0, 1, 2]
    assert not flags.any()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.lists(st.tuples(TEXT | NAME, st.integers(0, 2)), max_size=5), st.sampled_from([0.3, 0.6, 0.85, 0.95]))
@example([("Магомедов Магомед", 0, True)], [("Смирнова Елена", 0), ("Магомедов Магомед", 1)], 0.85)
@example([("Магомедов Магомед", 0, True)], [("Смирнова Елена", 0), ("оплата", 1), ("17", 2)], 0.85)
@example([("Магомедов Магомед", 0, True)], [("!", 0)], 0.85)  # no word: a limit, though no hit
@example([("Магомедов Магомед", 0, True)], [("оплата " * 300, 1)], 0.85)  # long enough to let the GIL go
@example([("Люпушцев Александр Алексеевич", 0, True)], [("Лтпушцев Александр Алексеевич", 0)], 0.85)  # near
def test_the_texts_of_a_record_are_found_as_in_a_batch(
    tmp_path: Path, names: list[tuple[str, int, bool]], texts: list[tuple[str, int]], score_min: float
) -> None:
    index = index_of(names, tmp_path)
    given_texts = tuple((mode, text.encode("utf-8", "surrogatepass"), 7) for text, mode in texts)
    work = index.matcher.workspace()
    for hit_limit in (1000, 1):
        expected = []
        for mode, data, _ in given_texts:
            _, targets, entries, ranges, scores, readings, flags = native(index, [data], mode, score_min, hit_limit)
            columns = (entries, targets, ranges[:, 0], ranges[:, 1], scores, readings)
            expected.append((int(flags[0]), list(zip(*(column.tolist() for column in columns), strict=True))))
        loud = [flags & ~1 != 0 or hits != [] for flags, hits in expected]
        for _ in range(2):  # what the workspace remembers changes nothing
            found = index.matcher.find(work, given_texts, score_min, hit_limit)
            if not any(loud):
                assert found is None
                continue
            assert found == expected and work.busy is None


def test_texts_of_a_record_with_wrong_arguments_are_refused(tmp_path: Path) -> None:
    index = index_of([("Петров Иван", 0, True)], tmp_path)
    other = index_of([("Петров Иван", 0, True)], tmp_path)
    work = index.matcher.workspace()
    assert index.matcher.find(work, (), 0.85, 9) is None
    for mode in (-1, 3):
        with pytest.raises(ValueError, match="wrong arguments"):
            index.matcher.find(work, ((mode, b"", 0),), 0.85, 9)
    with pytest.raises(ValueError, match="wrong arguments"):
        index.matcher.find(work, (), 0.85, 0)
    with pytest.raises(ValueError, match="another index"):
        other.matcher.find(work, (), 0.85, 9)
    with pytest.raises(TypeError):
        index.matcher.find(work, ((0, "text", 0),), 0.85, 9)
    assert index.matcher.find(work, ((0, b"x", 0),), 0.85, 9) is None


def test_every_name_finds_itself(tmp_path: Path) -> None:
    names = [
        "Хасан Али Хасан",
        "ООО Банк",
        "И",
        "Trading House",
        "а б",
        "Волга",
        "1234567890",
        " ".join(f"слово{chr(1072 + i // 8)}м{chr(1072 + i % 8)}" for i in range(40)),
    ]
    index = index_of([(name, 0, False) for name in names], tmp_path)
    items, _, entries, *_ = native(index, [name.encode() for name in names], 0, score_min=0.85)
    assert {(i, i) for i in range(len(names))} <= set(zip(items.tolist(), entries.tolist(), strict=True))


NUMBERS = (
    Identifier("inn", "7707083893"),
    Identifier("passport", "45 08 123456"),
    Identifier("other", "A-77"),
    Identifier("phone", "84951234567"),
)


@pytest.mark.parametrize(
    ("text", "mode", "found"),
    [
        ("7707083893", 2, [0]),
        ("4508123456", 2, [1]),
        ("45 08 123456", 2, [1]),
        ("A77", 2, []),
        ("84951234567", 2, []),
        ("7707083894", 2, []),
        ("Оплата ИНН 7707083893 за товар", 1, [0]),
        ("по паспорту 4508 123456", 1, [1]),
        ("по паспорту 4508 12 3456", 1, []),
        ("по паспорту 45 08 123456", 1, [1]),
        ("Иванов", 2, []),
    ],
)
def test_identifiers_are_found_whole(tmp_path: Path, text: str, mode: int, found: list[int]) -> None:
    index = index_of([("Иванов", 0, True)], tmp_path, NUMBERS)
    _, targets, *_ = native(index, [text.encode()], mode, score_min=0.9)
    assert [target & ((1 << 30) - 1) for target in targets.tolist() if target >> 31] == found


def test_limits_are_flags(tmp_path: Path) -> None:
    index = index_of([(f"Иванов Иван {i}", 0, True) for i in range(30)], tmp_path)
    *_, flags = native(index, ["Иванов Иван".encode()], 0, hit_limit=5)
    assert flags[0] == 64
    *_, flags = native(index, ["а ".encode() * 5000], 1)
    assert flags[0] & 4
    *_, flags = native(index, [b"Iv\xff"], 0)
    assert flags[0] == 1
    *_, flags = native(index, [("б" * 70).encode()], 0)
    assert flags[0] & 2
    *_, flags = native(index, ["«?!»".encode()], 0)
    assert flags[0] == 128


@pytest.mark.parametrize("limit", [1, 4, 17, 50])
@pytest.mark.parametrize("mode", [0, 1])
def test_the_hits_that_are_kept_are_the_best_of_all(tmp_path: Path, limit: int, mode: int) -> None:
    """Candidates that cannot be among them are passed by only once more entries are hit than are kept."""
    surnames = ["Гусов", "Романов", "Орлов", "Герасимов", "Козлов", "Никитин", "Лебедев", "Комаров"]
    given_names = ["Евгений", "Дмитрий", "Юрий", "Максим", "Алексей", "Иван"]
    fathers = ["", " Петрович", " Ильич", " Львович"]
    index = index_of([(f"{s} {g}{f}", 0, True) for s in surnames for g in given_names for f in fathers], tmp_path)
    text = (
        " ".join(f"{s} {g}" for g in given_names[:4] for s in surnames) if mode else "Козлов Алексей Дмитрий Юрий"
    ).encode()
    *every, flags = native(index, [text], mode, 0.8, 100_000)
    *kept, kept_flags = native(index, [text], mode, 0.8, limit)
    assert len(every[0]) > limit + 16 or not mode
    for whole, part in zip(every, kept, strict=True):
        assert whole[:limit].tolist() == part.tolist()
    assert kept_flags[0] == flags[0] | (64 if len(every[0]) > limit else 0)


def test_more_candidates_than_room_are_reported(tmp_path: Path) -> None:
    index = index_of(
        [("Иванов Иван " + "".join(chr(97 + (i >> s) % 16) for s in (0, 4, 8, 12)), 0, True) for i in range(9000)],
        tmp_path,
    )
    items, *_, flags = native(index, ["Иванов Иван".encode()], 0, hit_limit=10)
    assert flags[0] & 32
    assert len(items) == 10


def test_wrong_arguments_are_refused(tmp_path: Path) -> None:
    index = index_of([("Иванов Иван", 0, True)], tmp_path)
    data = np.frombuffer(b"Ivanov", dtype=np.uint8)
    work = index.matcher.workspace()
    for starts in ([0, 9], [3, 1], [0, 5, 4]):
        with pytest.raises(ValueError, match="starts must rise"):
            index.matcher.screen(work, data, np.asarray(starts, dtype=np.int64), 0, 0.5, 10)
    for mode, limit in ((3, 1), (-1, 1), (0, 0)):
        with pytest.raises(ValueError, match="wrong arguments"):
            index.matcher.screen(work, data, np.asarray([0, 6]), mode, 0.5, limit)
    with pytest.raises(ValueError, match="another index"):
        Matcher.screen(index_of([("а", 0, True)], tmp_path).matcher, work, data, np.asarray([0, 6]), 0, 0.5, 1)
    with pytest.raises(ValueError, match="no such name"):
        index.matcher.explain(b"", 0, 1, 99, False)


def test_a_field_too_long_for_its_other_readings_is_told(tmp_path: Path) -> None:
    index = index_of([("Иванов Иван", 0, True)], tmp_path)
    field = b"Ivanov Ivan" + b"." * 1013
    for data, flag in ((field, 0), (field + b" " * 99, 0), (field + b".", 4), (b" " + field, 4)):
        *_, flags = native(index, [data], 0)
        assert flags[0] == flag
        *_, flags = native(index, [data], 1)
        assert flags[0] == 0


def test_a_name_that_may_stand_in_too_many_places_is_told(tmp_path: Path) -> None:
    first, *rest = (f"{chr(1040 + i)}{chr(1072 + 3 * i % 28)}лм{chr(1072 + 5 * i % 27)}рский" for i in range(20))
    index = index_of([(" ".join([first, *rest]), 0, False)], tmp_path)
    for count, flag in ((3, 0), (30, 32)):
        text = " ".join([first] * count + ["и", *rest])
        *_, flags = native(index, [text.encode()], 1, score_min=0.3)
        assert flags[0] == flag, count


def test_neighbours_are_tried_written_together_in_long_fields_too(tmp_path: Path) -> None:
    index = index_of([("Абдурахманов Жерех", 0, True)], tmp_path)
    for count in (0, 7, 40):
        field = " ".join(["Абдурах манов Жерех"] + [f"слово{chr(97 + i % 26)}" for i in range(count)])
        items, *_ = native(index, [field.encode()], 0, score_min=0.1)
        assert len(items) == 1, count


def test_a_long_name_in_a_short_list_is_found_by_its_rare_words(tmp_path: Path) -> None:
    index = index_of([("Mohammad Husni Haji Aslan Khan Zurvandi", 0, True)], tmp_path)
    for field in ("Haji Aslan Khan Zurvandi", "Aslan Zurvandi", "Aslan Khan Zurvandi Mohammad Husni"):
        items, *_ = native(index, [field.encode()], 0, score_min=0.1)
        assert len(items) == 1, field


@pytest.mark.parametrize("form", ["АО", "ОАО", "ООО", "JSC", "LLC"])
def test_the_legal_form_beside_an_acronym_says_nothing_against_it(tmp_path: Path, form: str) -> None:
    name = "Акционерное общество Зареченский завод тонкого литья"
    index = index_of([(name, 0, False)], tmp_path)
    *_, alone, _, _ = native(index, ["ЗЗТЛ".encode()], 0)
    *_, formal, _, _ = native(index, [f"{form} ЗЗТЛ".encode()], 0)
    assert formal[0] == pytest.approx(0.99 * alone[0])
    *_, other, _, _ = native(index, [f"{form} ЗЗТЛ Полынья".encode()], 0)
    assert len(other) == 0 or other[0] < formal[0] - 0.1


def test_a_name_of_one_word_is_found_twice_or_in_two_halves(tmp_path: Path) -> None:
    index = index_of([("Чертополох", 0, True), ("Жербатова", 0, False)], tmp_path)
    # The last one in two halves, neither of which is near any word of the list.
    for text in ("Чертополох Чертополох", "Жербатова Жербатова", "Черто полох"):
        data = text.encode()
        _, _, entries, _, scores, *_ = index.matcher.screen(
            index.matcher.workspace(), np.frombuffer(data, dtype=np.uint8), np.array([0, len(data)]), 0, 0.5, 10
        )
        assert len(entries) == 1 and scores[0] > 0.8


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, TEXT)
def test_an_explanation_has_the_score_of_its_hit(tmp_path: Path, names: list[tuple[str, int, bool]], text: str) -> None:
    index = index_of(names, tmp_path)
    data = text.encode("utf-8", "surrogatepass")
    _, targets, _, ranges, scores, _, _ = native(index, [data], 1, 0.2)
    for target, (low, high), score in zip(targets.tolist(), ranges.tolist(), scores.tolist(), strict=True):
        told, factor, _, _, pairs, _ = index.matcher.explain(data, low, high, target, True)
        alone = sum(query >= 0 for query, *_ in pairs) == 1  # what stands beside one word may vouch for it, or not
        assert any(told * less * factor / 100.0 == pytest.approx(score) for less in ((1.0, 0.7) if alone else (1.0,)))


PERSONS = ("Чертополохов Евлампий", "Хреногузов Пахом Титович", "GRIMBLETHWAITE, Osbert")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # A name stands on one side of a stop: written with a comma, or beside other names in a list.
        ("Оплата за Чертополохов, Евлампий", [0]),
        ("Хреногузов, Пахом Титович", [1]),
        ("PAYMENT TO GRIMBLETHWAITE, OSBERT", [2]),
        ("GRIMBLETHWAITE, OSBERT; DOE, JOHN", [2]),
        ("Чертополохов; Евлампий", [0]),
        ("Чертополохов/Евлампий", [0]),
        ("Переводы: Сидоров Олег, Чертополохов Евлампий, Хреногузов Пахом Титович; Петров Иван", [0, 1]),
        ("Чертополохов Евлампий/Сидорова Анна", [0]),
        ("Сидоров Евлампий; Чертополохов Евлампий", [0]),
        ("Пётр Чертополохов, Евлампий Чертополохов", [0]),
        ("Чертополохов Евлампий; Хреногузова Анна", [0]),
        ("Сидорова (Чертополохов) Евлампий", [0]),
        ("Евлампий Сидоров (Чертополохов)", [0]),
        # Names wrapped at the end of a line.
        ("PAYMENT TO JOHN DOE AND OSBERT\nGRIMBLETHWAITE", [2]),
        # Words of two persons.
        ("Чертополохов Пётр; Сидоров Евлампий", []),
        ("Оплата за Сидорова Евлампия, Чертополохова Петра", []),
        ("Чертополохову Петру, Сидорову Евлампию", []),
        ("Чертополохов П.; Евлампий Сидоров", []),
        ("Пётр Чертополохов/Евлампий Сидоров", []),
        ("Платёж Сидорову Евлампию (Чертополохов Пётр)", []),
        ("Договор с Петром Чертополоховым. Евлампий Сидоров не участвует", []),
        ("Сидоров Евлампий и Чертополохов Пётр", []),
        ("Евлампий и Надежда Чертополоховы", [0]),
        ("OSBERT DOE, GRIMBLETHWAITE JOHN", []),
    ],
)
def test_words_of_two_persons_are_no_name(tmp_path: Path, text: str, found: list[int]) -> None:
    index = index_of([(name, 0, True) for name in PERSONS], tmp_path)
    _, _, entries, *_ = native(index, [text.encode()], 1, score_min=0.85)
    assert sorted(entries.tolist()) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Оплата ООО Лютик-2 за товар", True),
        ("Оплата ООО «Лютик» № 2 за товар", True),
        ("Оплата за товар, Лютик (2)", True),
        ("Оплата за товар: Лютик, 2", True),
        ("Накладная 2, Лютик, 2 шт, затем Лютик 2", True),
        ("Оплата по сч №2 от 10.05 / Лютик, 2 шт", False),
        ("Накладная №2 / Лютик", False),
        ("Оплата ООО Лютик. 2 квартал", False),
        ("Оплата ООО «Лютик», 2 этаж", False),
        ("Оплата по счету 2. Лютик, вода", False),
    ],
)
def test_the_number_of_a_firm_stands_on_its_side_of_a_stop(tmp_path: Path, text: str, found: bool) -> None:
    index = index_of([("Лютик-2", 0, False)], tmp_path)
    items, *_ = native(index, [text.encode()], 1, score_min=0.85)
    assert bool(len(items)) == found


def test_a_legal_form_begins_another_firm(tmp_path: Path) -> None:
    index = index_of([("ООО Сталактит Взморье", 0, False)], tmp_path)
    scores = [
        native(index, [text.encode()], 1, score_min=0.3)[4].max()
        for text in ("взаимозачёт: ООО Сталактит; АО Взморье", "взаимозачёт: ООО Сталактит Взморье; АО Ялик")
    ]
    assert scores[0] < 0.75 < 0.95 < scores[1]


@pytest.mark.parametrize(("ways", "told"), [(6, False), (7, True)])
def test_more_ways_to_cut_a_word_than_are_tried_are_told(tmp_path: Path, ways: int, told: bool) -> None:
    word = "бодугитимонура"
    parts = [part for place in range(2, 2 + ways) for part in (word[:place], word[place:])]
    index = index_of([(part, 0, True) for part in parts], tmp_path)
    *_, flags = native(index, [word.encode()], 0)
    assert bool(flags[0] & 8) == told


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Ким Чен Хва", "кимченхва"),
        ("Абд аль Жерехи", "Абдальжерехи"),
        ("Чертополохов Евлампий", "чертополоховевлампий"),
        ("Чертополохов Абд аль Жерех", "Чертополохов Абдальжерех"),
    ],
)
def test_a_name_written_together_is_found_among_chance_cuts(tmp_path: Path, name: str, field: str) -> None:
    chance = [
        "ки",
        "че",
        "нх",
        "ва",
        "аб",
        "да",
        "ер",
        "ех",
        "хи",
        "чер",
        "топ",
        "олох",
        "ов",
        "евл",
        "амп",
        "ий",
        "льж",
    ]
    index = index_of([(name, 0, True), *((part, 0, True) for part in chance)], tmp_path)
    _, _, entries, *_ = native(index, [field.encode()], 0, score_min=0.85)
    assert 0 in entries


@pytest.mark.parametrize(
    "text", ["Чертопалохов Е.А.", "Е. А. Чертопалохов", "Chertopolokhow E.A.", "Чертополоховъ Е.А."]
)
def test_a_misspelt_surname_is_found_by_its_initials(tmp_path: Path, text: str) -> None:
    index = index_of([("Чертополохов Евлампий Акакиевич", 0, True)], tmp_path)
    assert len(native(index, [text.encode()], 0, score_min=0.85)[0]) == 1
    other = text.replace("Е", "П").replace("E", "P")
    assert len(native(index, [other.encode()], 0, score_min=0.85)[0]) == 0
