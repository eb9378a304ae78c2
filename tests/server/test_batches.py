"""The short way of a batch, natively, and the long one, through protobuf's classes, give the same answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito import Index, ScreenConfig, Screener
from sito.changes import build_delta
from sito.clearing import Clearances
from sito.client import ScreeningClient
from sito.delta import over
from sito.errors import SitoError
from sito.formats.noise import CleanParty, clean_party
from sito.records import Record
from sito.screen import PartyResult
from sito.v1 import screening_pb2 as wire
from sito_ext.wire import Request, is_surely_clean
from sito_server import batches
from sito_server.batches import BadRequestError, is_told, read_message, screen_message
from sito_server.convert import (
    VERDICTS,
    FieldViolationError,
    checked_parties,
    gravest,
    read_clearances,
    read_record,
    write_party,
)
from sito_server.verdicts import Sitting, Verdicts

LISTED = "Дробышкин Еремей Фаддеевич"
VERDICTS_OF = Verdicts(today=lambda: date(2026, 11, 23))
INDEX = wire.IndexReference(index_id="0" * 64, built_at="2024-05-02T00:00:00")


def answer_of(request: wire.ScreenBatchRequest, screener: Screener) -> wire.ScreenBatchResponse:
    """Answer natively."""
    read = read_message(request.SerializeToString())
    answer = screen_message(
        read, screener, VERDICTS_OF, request_id=read.request_id, index=INDEX.SerializeToString(), engine_version="1"
    )
    response = wire.ScreenBatchResponse.FromString(answer.data)
    assert response.SerializeToString(deterministic=True) == answer.data
    return response


def long_answer_of(request: wire.ScreenBatchRequest, screener: Screener) -> wire.ScreenBatchResponse:
    """Answer with protobuf's classes, record by record."""
    records: list[Record] = []
    errors = []
    verdicts = [VERDICTS["pass"]] * len(request.records)
    for place, item in enumerate(request.records):
        try:
            records.append(read_record(item, str(place)))
        except FieldViolationError as error:
            wrong = error.violation
            verdicts[place] = wire.VERDICT_UNSPECIFIED
            errors.append(
                wire.RecordError(
                    position=place, record_id="" if wrong.field == "record_id" else item.record_id, code=wrong.code,
                    field=wrong.field, expected=wrong.expected, got=wrong.got,
                )
            )  # fmt: skip
    cleared = Clearances(read_clearances(request.cleared, [item.record_id for item in request.records]))
    found: dict[int, list[Any]] = {}
    for result in screener.screen_batch(records, cleared).results():
        if result.verdict != "pass" or result.suppressed:
            place = int(result.record_id)
            record = next(record for record in records if record.record_id == result.record_id)
            judgement = Sitting(VERDICTS_OF).of_record(result, record)
            if is_told(result, judgement):
                found.setdefault(place, []).append((result, judgement))
    results = []
    for place, parties in found.items():
        verdicts[place] = VERDICTS[gravest(judgement for _, judgement in parties)]
        results.append(
            wire.RecordResult(
                position=place, record_id=request.records[place].record_id, verdict=verdicts[place],
                parties=[write_party(*party) for party in parties], truncated=any(one.truncated for one, _ in parties),
            )
        )  # fmt: skip
    return wire.ScreenBatchResponse(
        verdicts=verdicts, results=results, errors=errors, index=INDEX, engine_version="1",
        request_id=request.request_id, truncated=any(result.truncated for result in results),
        policy=VERDICTS_OF.reference,
        rulings=map(wire.Ruling.FromString, VERDICTS_OF.messages(one for some in found.values() for _, one in some)),
    )  # fmt: skip


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any], share: int = 16) -> st.SearchStrategy[Any]:
    """Draw one odd value among `share`: a record of many fields shall often have none."""
    return st.integers(1, share).flatmap(lambda n: odd if n == share else usual)


def of(words: str) -> st.SearchStrategy[str]:
    """Draw one of some texts, parted by bars."""
    return st.sampled_from(words.split("|"))


blanks = mostly(of("|| "), of("\n|\x1c|\u00a0|\u2003|\u3000|\t"))
cores = of(
    f"{LISTED}|Хворостинин Архип Пантелеевич|Drobyshkin Yeremey|ООО «Тюльпанстройгамма»|Zephyrine Quokka|Quokka|"
    "Гусев Г|Адвокатов Пётр|Самойлов И. П.|Ивано|Тюльпанстройгамма ООО|Фёдоров Еремей"
)
odd_cores = of(
    "ООО Ландыш-2|ип|ФЛ|я|★|𒀀𒀁|.|ИП|Drobyshkin\x00|№ 7|Глава КФХ Дробышкин Е Ф|ИНН 9999000126 Лютик|ქართული|"
    "Дробышкин Е.Ф. (ИП)|АО БАНК//Дробышкин Еремей Фаддеевич//40817810900000000001|Физ.лицо Лютикова|"
    "Дробышкин Еремей Фаддеевич, г. Энск, ул. Садовая, д. 1|Тюльпанстройгамма нотариус|гр. Дробышкин Еремей|"
    "Дробышкин Еремей Фаддеевич –"
)
tags = of(
    "ИП |ип|Индивидуальный предприниматель |Ф/Л |фл |Физлицо |адвокат |нотариус |Гр.|граждан|Частный нотариус |"
    'самозанятый |Арбитражный управляющий |глава |"|«|7 |Физик |Гражданов |Частухин '
)
tails = of(" ИП| адвокат| нотариус|, самозанятый|-| *|»|_| –|”|.|, РФ")
nothing = st.just("")
names = st.builds(
    lambda *parts: "".join(parts),
    blanks, mostly(nothing, tags, 6), mostly(cores, odd_cores, 8), mostly(nothing, tails, 8), blanks,
)  # fmt: skip
dates = mostly(
    of("|1971-03-09|09.03.1971|1971-03-09"),
    of(
        "1971|1971-03|03.1971|1971-13|0000|31.02.1970| 1971-03-09 |29.02.2000|29.02.1900|1971-3-9|0000-01-01|"
        "09/03/1971|19710309|вчера|1971-03-09T12:00:00"
    ),
    8,
)
numbers = st.builds(
    wire.Identifier,
    type=mostly(st.sampled_from([1, 1, 9, 16, 17]), st.sampled_from([0, 18, 99, -1])),
    number=mostly(
        of("9999000126|9999000126|7707083893|x"), of("9999 000126| 9999000126 |-||ИНН9999000126|" + "7" * 1001)
    ),
    country=mostly(of("|RU"), of(" ru |\x00")),
)
parties = st.builds(
    wire.Party,
    role=mostly(st.sampled_from([2, 3, 4, 7, 8, 11]), st.sampled_from([0, 1, 12, 13, -1])),
    name=names,
    kind=mostly(st.sampled_from([0, 0, 1, 2, 5]), st.sampled_from([6, -1])),
    birth_date=dates,
    identifiers=mostly(st.just([]), st.lists(numbers, max_size=3), 4),
    country=mostly(of("|RU| ru"), of("\x00|" + "x" * 1001)),
    address=mostly(of("|Энск"), of("\x00")),
    aliases=mostly(st.just([]), st.lists(st.one_of(cores, odd_cores), max_size=2)),
)
customers = parties.map(lambda party: wire.Party(**{**fields_of(party), "role": party.role % 2}))


def fields_of(message: Any) -> dict[str, Any]:
    return {field.name: value for field, value in message.ListFields()}


payments = st.builds(
    wire.Payment,
    parties=mostly(st.lists(parties, min_size=1, max_size=3), st.just([])),
    purpose=mostly(st.one_of(of(f"|за товар|аванс {LISTED} | "), names), of("оплата\x00|★|\u2003аванс")),
    amount=mostly(of("|1500.00|1500| 7 "), of(f"1 500,00|1500-00|много|.5|5.|1.1234567|{'9' * 19}")),
    currency=mostly(of("|RUB|rub|643| USD "), of("рубль|РУБ|R1B|RU")),
    date=dates,
    client_side=mostly(st.integers(0, 3), st.sampled_from([4, -1])),
    operation=mostly(st.integers(0, 7), st.sampled_from([8, -1, 1 << 30])),
)
occasions = mostly(st.integers(0, 3), st.sampled_from([4, -1]))
whole_customers = st.builds(wire.Customer, party=customers, occasion=occasions)
record_ids = mostly(of("|1|0|a"), of("\x00|" + "x" * 1001 + "|" + "я" * 1000))
records = mostly(
    st.one_of(
        st.builds(wire.Record, record_id=record_ids, payment=payments),
        st.builds(
            wire.Record, record_id=record_ids, customer=st.builds(wire.Customer, party=customers, occasion=occasions)
        ),
    ),
    st.sampled_from([wire.Record(), wire.Record(customer=wire.Customer()), wire.Record(payment=wire.Payment())]),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(records, min_size=1, max_size=6))
def test_both_ways_give_the_same_answer(screener: Screener, items: list[wire.Record]) -> None:
    request = wire.ScreenBatchRequest(records=items, request_id="r-1")
    assert answer_of(request, screener) == long_answer_of(request, screener)


@pytest.mark.parametrize("size", [1, 120, 140, 260, 400, 3_000])
def test_both_ways_take_a_long_field_of_a_sole_proprietor_alike(screener: Screener, size: int) -> None:
    # Two thousand characters are the most that are taken apart; beyond them the tag stays.
    party = wire.Party(role=wire.ROLE_DEBTOR, name=f"ИП {LISTED}{' Евлампий' * size}")
    request = wire.ScreenBatchRequest(records=[wire.Record(payment=wire.Payment(parties=[party]))])
    assert answer_of(request, screener) == long_answer_of(request, screener)


@settings(max_examples=60, deadline=None)
@given(st.lists(records, min_size=1, max_size=4), st.sampled_from(["a", "1", "*"]), st.sampled_from([0, 1, 2, 12]))
def test_both_ways_look_at_clearances(screener: Screener, items: list[wire.Record], record_id: str, role: int) -> None:
    config = ScreenConfig(fingerprints=True, score_min=0.5, screen_purpose=len(items) % 2 == 0)
    showing = Screener(screener.index, config)
    first = answer_of(wire.ScreenBatchRequest(records=items), showing)
    hits = [(party, hit) for result in first.results for party in result.parties for hit in party.hits]
    cleared = [
        wire.Clearance(
            list_id=hit.list_id, entry_id=hit.entry_id, record_id=record_id, role=role,  # type: ignore[arg-type]
            party_fingerprint=party.party_fingerprint if len(items) > 1 else "0" * 64,
            entry_fingerprint=hit.entry_fingerprint,
        )
        for party, hit in hits
    ]  # fmt: skip
    request = wire.ScreenBatchRequest(records=items, cleared=cleared)
    assert answer_of(request, showing) == long_answer_of(request, showing)


@settings(max_examples=200, deadline=None)
@given(records)
def test_a_record_that_needs_no_check_has_the_parties_that_a_checked_one_has(item: wire.Record) -> None:
    request = Request(wire.ScreenBatchRequest(records=[item]).SerializeToString(), 1, 1000)
    if request.forms()[0]:
        assert checked_parties(request.record(0)) == read_record(item, "0").parties


@pytest.fixture(scope="module")
def updated(index_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screener]:
    """Over an index with a delta that adds somebody whom the records name, and takes another away."""
    folder = tmp_path_factory.mktemp("updated")
    lines = (index_path.parent / "targets.simple.csv").read_text("utf-8").splitlines()
    added = lines[1].replace("inv-1", "inv-9")
    (folder / "targets.simple.csv").write_text("\n".join([lines[0], lines[1], *lines[3:], added, ""]), "utf-8")
    build_delta(index_path, [folder / "targets.simple.csv"], folder / "index.delta", force=True)
    with Index.open(index_path) as base, over(base, folder / "index.delta") as index:
        assert len(index.segments()) == 2
        yield Screener(index)


def single_and_batch(item: wire.Record, screener: Screener) -> tuple[list[PartyResult], list[PartyResult]] | None:
    """Screen one record the short way and as a record object; None if there is no short way."""
    request = read_message(wire.ScreenRequest(record=item).SerializeToString())
    texts = request.single()
    if texts is None:
        return None
    found = screener.screen_single(texts, lambda: batches._Single(request))
    short = [] if found is None else list(found.results())
    long = list(screener.screen_batch([read_record(item, "0")]).results())
    return short, long


@settings(max_examples=200, deadline=None)
@given(records, st.sampled_from([0, 1, 2]))
def test_the_short_way_of_a_single_record_says_the_same(
    screener: Screener, updated: Screener, item: wire.Record, which: int
) -> None:
    cut = ScreenConfig(score_min=0.4, hit_limit=1, fingerprints=True)
    silent = ScreenConfig(score_min_by_role={"debtor": 0.97}, screen_purpose=False)
    for one in (screener, updated):
        tried = one if which == 0 else Screener(one.index, (cut, silent)[which - 1])
        both = single_and_batch(item, tried)
        if both is not None:
            assert both[0] == both[1]


def test_the_short_way_over_a_delta_finds_what_it_adds(screener: Screener, updated: Screener) -> None:
    party = wire.Party(role=wire.ROLE_DEBTOR, name=LISTED, birth_date="1970")
    item = wire.Record(payment=wire.Payment(parties=[party], purpose=f"от {LISTED}"))
    counts = []
    for one in (screener, updated):
        both = single_and_batch(item, one)
        assert both is not None and both[0] == both[1]
        counts.append([len(result.hits) for result in both[0]])
    assert counts == [[1, 1], [2, 2]]


@settings(max_examples=60, deadline=None)
@given(records)
def test_a_single_record_is_answered_as_in_a_batch(client: ScreeningClient, item: wire.Record) -> None:
    batch = client.screen_batch([item])
    try:
        single = client.screen(item)
    except SitoError as error:
        assert [one.code for one in batch.errors] == [error.code]
        return
    assert [single.verdict] == list(batch.verdicts) and single.truncated == batch.truncated
    assert single.record_id == item.record_id and single.index == batch.index
    assert list(single.parties) == [party for result in batch.results for party in result.parties]


letters = st.text("ипИПфФлЛзЗнНаАдДвВоОкКтТрРгГжЖсСмМчЧыЫйЙуУяЯ Abz.,\"'№-–_*()/7\u2003Ё", min_size=1, max_size=14)
words = st.lists(
    of(
        "ип|ИП|Ип|инди|индивидуальный предприниматель|глава|глава |фл|ф.л.|Ф.Л|физ|физ.|адвокат|адвокат |нотариус|"
        "арбитражный|самозанятый|гр.|Гражданка|частный | |,|-|Я|Иванов|Толстый|ЯТЫЙ|Smith|.|—"
    ),
    min_size=1,
    max_size=4,
).map("".join)
pieces = st.lists(
    of(
        "ИП|ИП|ип|ООО|АО|ао|Иванов|Пётр|П.|П.С.|С|г|г.|ул|ул.|Энск|д|д.|дом|д5|5|12|345|6789|101000|№|2|ООО Ромашка|"
        'Ромашка-2|"Ромашка|Ромашка"|"Ромашка"|«Лютик 7»|Лютик»|респ|республика|Мира|пр-т|просп.|с|LLC|общество|'
        "компания|обл.|кв|Кот-д'Ивуар|Салтыков-Щедрин|А.-Б|ОКО|Цой|адвокат|глава|1/Иванов|ИНН|7707083893|р-н|шоссе|&|"
        "Ко|О'Нил|в|и|40817810900000000001|12.03.1970|1970 г.р.|Россия|, |Москва|предприятие|Компанец|Общественко|"
        "тел 8-800-555"
    ),
    min_size=1,
    max_size=7,
)
fields = st.one_of(letters, words, pieces.map(" ".join), pieces.map(lambda found: "ИП " + " ".join(found)))


@settings(max_examples=2500, deadline=None)
@given(fields)
@example("ГР.")
@example("ип7")
@example("ИП Иванов Иван")
@example("А Б г Энск.д5")
def test_what_is_surely_a_name_is_taken_as_it_stands(text: str) -> None:
    name = text.strip()
    if name and is_surely_clean(name):
        assert clean_party(name) == CleanParty(name)


@settings(max_examples=2500, deadline=None)
@given(fields)
@example("ИП Иванов Иван")
@example("ип Иванов И.И.")
@example("ИП ИП Иванов")
def test_the_matcher_gets_the_name_that_a_checked_record_has(text: str) -> None:
    item = payment(text)
    request = Request(wire.ScreenBatchRequest(records=[item]).SerializeToString(), 1, 1000)
    if request.forms()[0] == 1:
        (party,) = read_record(item, "0").parties
        data, starts, _ = request.texts(request.firsts(np.zeros(1, dtype=np.int64)))[0]
        assert (bytes(data).decode(), starts.tolist(), party.aliases) == (party.name, [0, len(data)], ())


@pytest.mark.parametrize(
    "name",
    [
        *("Иванов Иван Иванович", "ООО Ромашка", 'ООО "Ромашка"', "Гусев Г. Г.", "ACME Ltd.", "Аль-Ахмад", "Наташа"),
        *('ООО "Ромашка 2"', "ООО Лютик 24", "Школа № 5"),
    ],
)
def test_usual_names_are_plain(name: str) -> None:
    assert is_surely_clean(name)


# --- limits ---------------------------------------------------------------------------------------------------


def payment(name: str = LISTED, record_id: str = "p") -> wire.Record:
    party = wire.Party(role=wire.ROLE_DEBTOR, name=name)
    return wire.Record(record_id=record_id, payment=wire.Payment(parties=[party]))


def refusal(request: wire.ScreenBatchRequest, screener: Screener) -> str:
    with pytest.raises((SitoError, BadRequestError)) as caught:
        answer_of(request, screener)
    error = caught.value
    return error.error.code if isinstance(error, BadRequestError) else error.code


def test_ten_thousand_records_are_a_batch_and_one_more_is_none(screener: Screener) -> None:
    request = wire.ScreenBatchRequest(records=[payment("Хворостинин Архип", str(i)) for i in range(9_999)])
    request.records.append(payment())
    answer = answer_of(request, screener)
    assert list(answer.verdicts) == [wire.VERDICT_PASS] * 9_999 + [wire.VERDICT_REVIEW]
    assert [result.position for result in answer.results] == [9_999]
    request.records.append(payment())
    assert refusal(request, screener) == "SCR401"
    assert refusal(wire.ScreenBatchRequest(), screener) == "SCR401"


def test_texts_of_a_batch_are_counted(screener: Screener) -> None:
    party = wire.Party(name="я", aliases=["а"] * 998, identifiers=[wire.Identifier(type=1, number="1")])
    record = wire.Record(customer=wire.Customer(party=party))  # 1 000 texts
    request = wire.ScreenBatchRequest(records=[record] * 200)
    assert Request(request.SerializeToString(), 10_000, 200_000).text_count == 200_000
    assert len(answer_of(request, screener).verdicts) == 200
    request.records.append(payment())
    assert refusal(request, screener) == "SCR402"
    request = wire.ScreenBatchRequest(records=[payment("a") for _ in range(10_000)])
    for record in request.records:
        record.payment.purpose = "b"
        record.payment.parties.extend([record.payment.parties[0]] * 18)
    assert Request(request.SerializeToString(), 10_000, 200_000).text_count == 200_000


def test_equal_record_ids_stay_apart(screener: Screener) -> None:
    request = wire.ScreenBatchRequest(records=[payment("Лютик", "0"), payment(LISTED, "0"), payment("Лютик", "0")])
    answer = answer_of(request, screener)
    assert [(one.position, one.record_id) for one in answer.results] == [(1, "0")]


def test_a_wrong_record_has_an_error_and_the_others_a_verdict(screener: Screener) -> None:
    answer = answer_of(wire.ScreenBatchRequest(records=[payment("★", "x"), payment(), wire.Record()]), screener)
    assert list(answer.verdicts) == [wire.VERDICT_UNSPECIFIED, wire.VERDICT_REVIEW, wire.VERDICT_UNSPECIFIED]
    assert [(one.position, one.record_id, one.code, one.field) for one in answer.errors] == [
        (0, "x", "REC251", "payment.parties[0].name"), (2, "", "REC251", "subject"),
    ]  # fmt: skip
    assert all(one.expected and one.got and not re.search("★", one.got) for one in answer.errors)
