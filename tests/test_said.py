"""The words of a hit: the kernel says what its readable twin says, and hits what their explanations do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito import Index, ScreenConfig, Screener, build_index
from sito.entries import Identifier, Kind
from sito.evidence import edition_name
from sito.records import Party, Record, RecordKind, Role
from sito.said import AGAINST_WORDS, CLASS_SHIFT, IS_CONNECTING, IS_FORM, formal_words, said, wording
from sito_ext.said import Window, Wording

PIECES = (  # noqa: SIM905  (one word a line would hide the table)
    "Журавлинский Ермолай Саввич Zhuravlinski Ermolai Журавлинская Саввична Журавлинскому Ермолаю И. И.И. ЕС Е.С. Э "
    "ООО АО ЗАО LLC JSC Ltd Общество с ограниченной ответственностью Ромашкин Луч Romashkin и and в дом Торговый "
    "Trading House теплоход м/в Волгарь 17 М-17 abd al Rahman Abdul Abdurrahman Магомед Али Магомедали оглы "
    "Саввич-оглы bin Cfddbx Thvjkfq 500100732259 счёт 907 4729 оплата договор 金 محمد \ud800 № of the de Компания ПАО"
).split(" ")
GAP = st.sampled_from((" ", " ", " ", " ", ", ", "; ", ". ", " (", ") ", "/", "-", "\n"))
WORD = st.sampled_from(PIECES) | st.text("журавлинскйеmolai", min_size=1, max_size=9)
TEXT = st.lists(st.tuples(WORD, GAP), max_size=16).map(lambda pieces: "".join(word + gap for word, gap in pieces))
NAMES: list[tuple[str, str, dict[str, list[str]]]] = [
    ("Person", "Журавлинский Ермолай Саввич", {"birthDate": ["1980-03-04"], "gender": ["male"], "country": ["ru"]}),
    ("Person", "Журавлинская Саввична", {"gender": ["female"], "innCode": ["500100732259"]}),
    ("Person", "Zhuravlinski Ermolai", {"passportNumber": ["500100732259", "А 17"]}),
    ("Person", "Магомедали Саввич оглы", {"country": ["ru", "kz"]}),
    ("Person", "Abd al Rahman bin Магомед", {}),
    ("Person", "Журавлинский Е. С.", {}),
    ("Person", "Ермолай Саввич Журавлинский", {"weakAlias": ["Ермолай Али"], "birthDate": ["1980"]}),
    ("Company", "ООО Ромашкин Луч", {"innCode": ["500100732259"]}),
    ("Company", "Romashkin and Trading House LLC", {"jurisdiction": ["ru"]}),
    ("Company", "Торговый дом Журавлинский и Компания", {}),
    ("Company", "Общество с ограниченной ответственностью", {}),
    ("Company", "АО Луч", {}),
    ("LegalEntity", "Luch Ермолай JSC", {}),
    ("Vessel", "Волгарь 17", {"imoNumber": ["9074729"]}),
    ("Vessel", "М-17", {}),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("said")
    lines = [
        json.dumps({"id": f"e-{number}", "schema": schema, "properties": {"name": [name], **facts}})
        for number, (schema, name, facts) in enumerate(NAMES)
    ]
    (folder / "entities.ftm.json").write_text("\n".join(lines) + "\n", "utf-8")
    build_index([folder / "entities.ftm.json"], folder / "a.sito", list_id="INVENTED")
    with Index.open(folder / "a.sito") as opened:
        yield opened


def in_short(index: Index, data: bytes, low: int, high: int, name: int, **how: Any) -> tuple[list[str], int, bool]:
    """Say by the twin what the kernel says."""
    _, factor, spans, listed, pairs, apart = index.pairing(data, low, high, name, how["free_text"])
    tokens = [data[start:end].decode("utf-8", "replace") for start, end, _, _ in spans]
    told = said(tokens, [span[2] for span in spans], [word[0] for word in listed], pairs, apart, factor=factor, **how)
    sentences = [one.sentence() for one in told.alignments if one.query]
    return [*sentences, *(AGAINST_WORDS + text for text in told.against)], len(sentences), told.initials_alone


@settings(max_examples=150, deadline=None)
@given(
    TEXT,
    st.integers(0, 4),
    st.integers(0, 70),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.3, 0.9, 0.989, 0.99, 1]),
)
@example("АО «Ромашкин Луч»", 0, 64, False, True, 0.9)
@example("ООО и АО Ромашкин и Луч", 0, 64, True, True, 0.9)
@example("за и АО слово Ромашкин Луч слово ПАО и ещё", 0, 64, True, True, 0.9)
@example("Ермолай Е.С. Журавлинский", 0, 64, False, False, 0.9)
@example("слово " * 70, 3, 70, False, True, 0.3)
@example("", 0, 0, False, True, 0.3)
@example("Журавлинский Саввич; Ермолай Иной", 0, 64, True, False, 0.5)
def test_the_kernel_says_what_its_twin_says(
    index: Index, text: str, low: int, high: int, free_text: bool, firm: bool, score: float
) -> None:
    data = text.encode("utf-8", "surrogatepass")
    window = Window()  # one for all: what it keeps must not stick
    for name in range(len(index.arrays["name_entries"])):
        for first in (low, 0):
            how = {"free_text": free_text, "firm": firm, "score": score}
            native = index.said(
                data, first, high, name, free_text, firm=firm, score=score, window=window, wording=wording()
            )
            assert native == in_short(index, data, first, high, name, **how)


ROLES = st.sampled_from([Role.DEBTOR, Role.CREDITOR, Role.PURPOSE])
NUMBERS = st.sampled_from(
    [Identifier("inn", "500100732259"), Identifier("inn", "772200332240"), Identifier("other", "А17")]
)
PARTIES = st.builds(
    Party, ROLES, TEXT, st.sampled_from([Kind.UNKNOWN, Kind.UNKNOWN, Kind.PERSON, Kind.ORGANISATION]),
    st.sampled_from(["", "", "1980-03-04", "1980", "1980-04-03", "1971-01-01", "gestern"]),
    st.just(()) | st.lists(NUMBERS, max_size=2).map(tuple), st.sampled_from(["", "", "RU", "FR"]),
    aliases=st.just(()) | st.lists(TEXT, max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PARTIES, min_size=1, max_size=5))
@example([Party(Role.DEBTOR, "Журавлинская Ермолай Саввична", country="FR")])
@example([Party(Role.DEBTOR, "ИП Журавлинский Ермолай Саввич", birth_date="1980-03-04")])
@example([Party(Role.PURPOSE, "Журавлинский Ермолай, паспорт А-17, ИНН 500100732259"), Party(Role.DEBTOR, "Луч АО")])
@example([Party(Role.DEBTOR, ";hfdkbycrbq Thvjkfq")])
@example([Party(Role.PURPOSE, "IMO 907-4729")])
def test_hits_are_their_explanations_in_short(index: Index, parties: list[Party]) -> None:
    screener = Screener(index, ScreenConfig(score_min=0.3, hit_limit=1000))
    batch = screener.screen_batch([Record("r", RecordKind.PAYMENT, tuple(parties))])
    for number in range(batch.party_count):
        hits = batch.result(number).hits
        explained = sorted(
            (
                (
                    one.entry.entry_id, one.entry.list_id, (one.name or one.entry.names[0]).text, one.score, one.grade,
                    one.reasons(), position, (one.name or one.entry.names[0]).quality.value, edition_name(one.edition),
                )
                for position, one in batch.explanations(number)
            ),
            key=lambda told: (-told[3], told[0]),
        )  # fmt: skip
        assert [
            (h.entry_id, h.list_id, h.name, h.score, h.grade, h.reasons, h.position, h.quality, h.edition) for h in hits
        ] == explained


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(PARTIES, min_size=1, max_size=3), min_size=2, max_size=8))
def test_records_of_a_batch_have_the_hits_that_each_has_alone(index: Index, records: list[list[Party]]) -> None:
    screener = Screener(index, ScreenConfig(score_min=0.3))
    made = [Record(str(i), RecordKind.PAYMENT, tuple(parties)) for i, parties in enumerate(records)]
    together = list(screener.screen_batch(made).results(all=True))
    assert together == [result for record in made for result in screener.screen(record)]


def test_entries_are_read_in_short_as_in_full(index: Index) -> None:
    for position in range(len(NAMES)):
        entry, gist = index.entry(position), index.gist(position)
        for word in gist.__struct_fields__:
            if word != "names":
                assert getattr(gist, word) == getattr(entry, word)
        assert [(one.text, one.quality) for one in gist.names] == [(one.text, one.quality) for one in entry.names]


def test_formal_words_are_told_apart() -> None:
    words = formal_words()
    assert words["ooo"] & IS_FORM and words["ooo"] >> CLASS_SHIFT != words["ao"] >> CLASS_SHIFT
    assert words["i"] == IS_CONNECTING and "luc" not in words


def test_wrong_words_and_names_are_refused(index: Index) -> None:
    with pytest.raises(ValueError, match="256 rules"):
        Wording((), (), {}, against="", missing="", extra="", other_form="", one_form="", apart="")
    rules, measured = ("",) * 256, (False,) * 256
    for value in (-1, 65 << CLASS_SHIFT):
        with pytest.raises(ValueError, match="a class below 64"):
            Wording(
                rules, measured, {"a": value}, against="", missing="", extra="", other_form="", one_form="", apart=""
            )
    how = {"firm": True, "score": 0.5, "window": Window(), "wording": wording()}
    with pytest.raises(ValueError, match="no such name"):
        index.said(b"", 0, 1, 99, False, **how)


def test_the_words_of_an_index_that_was_closed_are_refused(tmp_path: Path) -> None:
    (tmp_path / "entities.ftm.json").write_text(
        json.dumps({"id": "a", "schema": "Person", "properties": {"name": ["Ермолай Саввич"]}}) + "\n", "utf-8"
    )
    build_index([tmp_path / "entities.ftm.json"], tmp_path / "a.sito", list_id="INVENTED")
    index = Index.open(tmp_path / "a.sito")
    batch = Screener(index).screen_batch([Record("r", RecordKind.PAYMENT, (Party(Role.DEBTOR, "Ермолай Саввич"),))])
    assert batch.result(0).hits
    index.close()
    with pytest.raises(Exception, match="IDX108"):
        batch.result(0)
