"""What an adversary, or plain bad luck, does to a screening engine; every case once got through."""

import datetime
import random
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sito.build import Builder
from sito.entries import BirthDate, Entry, Identifier, Kind, Name
from sito.index import Index, knowledge, write_index
from sito.names.fold import fold
from sito.records import Party, Record, RecordKind, Role
from sito.screen import Screener
from sito_ext.fold import Folder
from sito_ext.matcher import Matcher
from sito_ext.vocabulary import Vocabulary

FACTS = {"engine": "0", "built_at": "", "editions": [{"list_id": "T", "format": "t"}]}
PERSON, ORGANISATION = Kind.PERSON, Kind.ORGANISATION


def index_of(folder: Path, *names: tuple[str, Kind], numbers: tuple[Identifier, ...] = ()) -> Index:
    """Build an index in which name i is the only one of entry i; the numbers belong to entry 0."""
    builder = Builder()
    builder.add(
        (
            Entry("T", str(i), kind, (Name(text),), identifiers=numbers if i == 0 else ())
            for i, (text, kind) in enumerate(names)
        ),
        0,
    )
    write_index(folder / "t.sito", builder.finish(), FACTS)
    return Index.open(folder / "t.sito")


def screened(index: Index, text: str, role: Role = Role.PURPOSE) -> tuple[str, list[str]]:
    """Return the verdict and the hit entries of one text."""
    result = Screener(index).screen(Record("r", RecordKind.PAYMENT, (Party(role, text),)))[0]
    return result.verdict, [hit.entry_id for hit in result.hits]


@pytest.mark.parametrize(
    "text",
    [
        "Лестников перевод средств по договору Лестников Аркадий Павлович",
        "Лестников: Аркадий, за услуги связи Лестников Аркадий Павлович",
        "Аркадий и брат его Лестников Аркадий Павлович",
        "Лестников, перевод по договору для Лестникова Аркадия Павловича",
    ],
)
def test_a_word_of_the_name_before_the_name_does_not_hide_it(tmp_path: Path, text: str) -> None:
    index = index_of(tmp_path, ("Лестников Аркадий Павлович", PERSON))
    assert screened(index, text) == ("review", ["0"])


@pytest.mark.parametrize(
    "name", ["Zherebtsov Shah", "Abu Zherebets", "Аль-Жеребец", "Mullah Abd al-Zherebets", "S. M. Lestnik"]
)
def test_people_with_one_telling_word_are_found_in_free_text(tmp_path: Path, name: str) -> None:
    index = index_of(tmp_path, (name, PERSON))
    assert screened(index, f"Оплата по договору 15 для {name} согласно счету") == ("review", ["0"])


def test_a_surname_with_one_initial_is_no_phrase(tmp_path: Path) -> None:
    index = index_of(tmp_path, ("А. Лестников", PERSON))
    assert screened(index, "за материал, а Лестников доставит") == ("pass", [])


@pytest.mark.parametrize(
    "name",
    [
        "Lestnik of the and for general trading company for international services Polynya",
        "Lestnik Polynya S. de P.R. de R.L. de C.V.",
        " ".join(f"слово{chr(97 + i // 8) * 3}{chr(97 + i % 8) * 3}" for i in range(32)),
    ],
)
def test_long_names_are_found_in_free_text(tmp_path: Path, name: str) -> None:
    index = index_of(tmp_path, (name, ORGANISATION))
    assert screened(index, f"Перевод средств по договору {name} без налога") == ("review", ["0"])


@pytest.mark.parametrize("count", [33, 53, 60, 64, 65, 80])
@pytest.mark.parametrize("role", [Role.DEBTOR, Role.PURPOSE])
def test_names_longer_than_what_is_kept_find_themselves(tmp_path: Path, count: int, role: Role) -> None:
    words = [a + b + c for a in ("ba", "ke", "lo") for b in ("dum", "fir", "gan", "hos") for c in "mnprstvz"]
    name = " ".join(words[:count])
    index = index_of(tmp_path, (name, ORGANISATION))
    assert screened(index, name, role) == ("review", ["0"])
    result = Screener(index).screen(Record("r", RecordKind.PAYMENT, (Party(role, name),)))[0]
    assert result.hits[0].score < 1.0  # nobody compared the rest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("سالار", ["salar"]),
        ("محـمد علي", ["mhmd", "ali"]),
        ("\u05d0\u05d1\u05e8", ["abr"]),
        ("x\u3164y", ["x", "y"]),
    ],
)
def test_letters_without_a_sound_do_not_tear_words(text: str, words: list[str]) -> None:
    assert [token.plain for token in fold(text.encode()).tokens] == words
    assert [token[2] for token in Folder(_table()).fold(text.encode())[0]] == words


def _table() -> bytes:
    from sito.names.fold import table

    return table()


PEOPLE = (("Волга", ORGANISATION), ("Лестников Аркадий Павлович", PERSON), ("ООО Завод Ибрагим 17", ORGANISATION))


def sections_of(folder: Path) -> dict[str, np.ndarray]:
    index = index_of(folder, *PEOPLE, numbers=(Identifier("inn", "7707083893"),))
    return {name: array.copy() for name, array in index._open().arrays.items()}


@pytest.mark.parametrize(
    ("section", "place", "value", "told"),
    [
        ("node_links", -1, "a node without output", "node_masks"),
        ("node_links", 0, "a node with output", "node_masks"),
        ("name_bytes", 0, 33, "name_bytes"),
        ("name_bytes", 6, 255, "name_bytes"),  # a form behind the last
        ("form_bytes", 0, 0, "name_bytes"),  # a folded word without letters
        ("form_bytes", 1, 129, "name_bytes"),
        ("form_bytes", 12, 101, "name_bytes"),  # of more weight than there is
        ("form_bytes", 19, 128, "name_bytes"),
        ("name_starts", 1, 2, "name_bytes"),
        ("name_entries", 0, 3, "name_entries"),
        ("group_starts", 7, 1 << 31, "group_starts"),
        ("group_starts", 0, 1, "group_starts"),
        ("group_tokens", 0, 1 << 20, "group_tokens"),
        ("single_starts", 1, 1 << 30, "single_starts"),
        ("single_names", 0, 99, "single_names"),
        ("pair_names", 0, 99, "pair_names"),
        ("key_bytes", 0, 200, "key_bytes"),
        ("pattern_targets", 0, 99, "pattern_targets"),
        ("identifier_entries", 0, 99, "identifier_entries"),
    ],
)
def test_an_index_that_would_lead_a_kernel_outside_is_refused(
    tmp_path: Path, section: str, place: int, value: int | str, told: str
) -> None:
    sections = sections_of(tmp_path)
    with_output = np.flatnonzero(sections["node_outputs"])
    if isinstance(value, str):
        value = with_output[0] if "with " in value else np.flatnonzero(sections["node_outputs"][:-1] == 0)[-1]
    sections[section][place] = value
    with pytest.raises(ValueError, match=told):
        Matcher(Folder(_table()), knowledge(), sections).check()


@pytest.mark.parametrize(
    "section", ["group_starts", "group_tokens", "name_bytes", "name_starts", "key_starts", "slots"]
)
def test_an_index_with_a_short_section_is_refused(tmp_path: Path, section: str) -> None:
    sections = sections_of(tmp_path)
    sections[section] = sections[section][:-1]
    with pytest.raises(ValueError, match=r"key|group|name|slots"):
        Matcher(Folder(_table()), knowledge(), sections).check()


def test_what_is_not_refused_can_be_screened(tmp_path: Path) -> None:
    # Every section with a few bytes changed: refused, or all kernels stay inside (the sanitizers watch this test).
    sections = sections_of(tmp_path)
    generator = random.Random(7)
    names = [name for name, array in sections.items() if len(array) and not name.startswith("entry_")]
    texts = [
        "Лестникову А. П.",
        "Лестников Аркадий",
        "оплата Волга по договору 7707083893 Лестников АП",
        "заводы Ибрагима",
    ]
    data = [text.encode() for text in texts]
    starts = np.cumsum([0, *map(len, data)], dtype=np.int64)
    text = np.frombuffer(b"".join(data), dtype=np.uint8)
    screened_count = 0
    for _ in range(600):
        damaged = dict(sections)
        name = generator.choice(names)
        damaged[name] = damaged[name].copy()
        raw = damaged[name].view(np.uint8)
        used = np.flatnonzero(raw) if generator.random() < 0.5 else np.arange(len(raw))
        for _ in range(generator.choice((1, 1, 4))):
            raw[used[generator.randrange(len(used))] if len(used) else 0] = generator.choice(
                (0, 1, 2, 255, 127, 97, 64)
            )
        try:
            matcher = Matcher(Folder(_table()), knowledge(), damaged)
            matcher.check()
        except ValueError:
            continue
        for mode in (0, 1, 2):
            matcher.screen(matcher.workspace(), text, starts, mode, 0.1, 50)
        screened_count += 1
    assert 50 < screened_count < 600


def test_a_matcher_keeps_its_own_sections(tmp_path: Path) -> None:
    index = index_of(tmp_path, ("Волга", ORGANISATION))
    sections = dict(index._open().arrays)
    matcher = Matcher(Folder(_table()), knowledge(), sections)
    sections.clear()
    matcher.check()


def listed_person(folder: Path) -> Screener:
    """Screen against one person with a birth date and numbers printed without gaps."""
    builder = Builder()
    builder.add(
        [
            Entry(
                "T", "0", PERSON, (Name("Лестников Аркадий Павлович"),),
                birth_dates=(BirthDate("1975-03-04", "1975-03-04"),),
                identifiers=(Identifier("snils", "12345678900"), Identifier("passport", "45 08 123456")),
            )
        ],
        0,
    )  # fmt: skip
    write_index(folder / "t.sito", builder.finish(), FACTS)
    return Screener(Index.open(folder / "t.sito"))


@pytest.mark.parametrize("date", ["04.03.1975", "1975-3-4", "1975-13-40", "75", "1975-00-00", "1975-03-00", "19750304"])
def test_a_birth_date_that_cannot_be_read_speaks_against_nobody(tmp_path: Path, date: str) -> None:
    result = listed_person(tmp_path).check("Лестников Аркадий", birth_date=date)
    assert result.verdict == "review"


def test_a_time_of_day_does_not_change_a_birth_date(tmp_path: Path) -> None:
    born = pa.array([datetime.datetime(1975, 3, 4)])
    table = pa.table({"name": ["Лестников Аркадий Павлович"], "birth_date": born})
    result = listed_person(tmp_path).screen_batch(table).result(0)
    assert [(hit.grade, hit.score) for hit in result.hits] == [("exact", 1.0)]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("snils", "123-456-789 00"),
        ("snils", "12345678900"),
        ("passport", "4508 123456"),
        ("passport", "45-08 №123456"),
        ("passport", "4508123456"),
    ],
)
def test_gaps_in_a_number_hide_nobody(tmp_path: Path, kind: str, number: str) -> None:
    result = listed_person(tmp_path).check("Другой Человек", identifiers=[Identifier(kind, number)])
    assert [hit.grade for hit in result.hits] == ["exact"]


def test_a_number_of_very_many_entries_is_told_and_quick(tmp_path: Path, patience: float) -> None:
    builder = Builder()
    number = (Identifier("other", "BANKRUMM123"),)
    builder.add((Entry("T", str(i), ORGANISATION, (Name("Полынья"),), identifiers=number) for i in range(20_000)), 0)
    write_index(tmp_path / "t.sito", builder.finish(), FACTS)
    screener = Screener(Index.open(tmp_path / "t.sito"))
    payment = Record("r", RecordKind.PAYMENT, (Party(Role.PURPOSE, "BANKRUMM123 " * 500),))
    start = time.process_time()
    result = screener.screen(payment)[0]
    # One find for each entry and place, each compared with all before it, would take minutes.
    assert time.process_time() - start < 5.0 * patience
    assert (result.verdict, result.limits, len(result.hits)) == ("review", ("hits",), 50)
    other = screener.screen(Record("r", RecordKind.PAYMENT, (Party(Role.PURPOSE, "BANKRUMM124"),)))[0]
    assert other.verdict == "pass"


def test_very_many_words_that_begin_alike_are_told() -> None:
    letters = "abdegiklmnoprstuv"
    words = sorted({"polynyan" + a + b + c for a in letters for b in letters for c in letters})
    starts = np.cumsum([0, *map(len, words)], dtype=np.uint32)
    vocabulary = Vocabulary(starts, np.frombuffer("".join(words).encode(), dtype=np.uint8))
    found, cut = vocabulary.expand("polynyanabd")
    assert found[0] == (0, words.index("polynyanabd"))
    assert cut
