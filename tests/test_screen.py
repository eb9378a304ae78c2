"""The screener: records and Arrow data in, hits with evidence out; limits and wrong calls are told."""

import threading

import pyarrow as pa
import pytest

from sito import Index, ScreenConfig, Screener, build_index
from sito.clearing import party_fingerprint
from sito.entries import Identifier, Kind
from sito.errors import ScreenError
from sito.formats.parties import field_parties
from sito.records import Party, Record, RecordKind, Role
from sito.screen import DEFAULT_SCORE_MIN, HIT_LIMIT_MAX, IDENTIFIER_TARGET, NAME_LENGTH_MAX, _Found, best_cut

COLUMNS = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,"
    "sanctions,phones,emails,program_ids,dataset,first_seen,last_seen,last_change\n"
)
ROWS = '''\
P-1,Person,Лестников Аркадий Павлович,ЛЕСТНИК,1975-03-04,ru,,7707083893,,,,,test,,,
P-2,Person,Zherebtsov Yuri,,1980,,,,,,,,test,,,
O-1,Company,"ООО ""Полынья-Экспорт""",Polynya Export LLC,,,,,,,,,test,,,
V-1,Vessel,Ладожская Заря,,,,,IMO9074729,,,,,test,,,
V-2,Vessel,Сиверка,,,,,,,,,,test,,,
'''


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("index")
    (folder / "list.csv").write_text(COLUMNS + ROWS, encoding="utf-8")
    build_index([folder / "list.csv"], folder / "a.sito")
    return Index.open(folder / "a.sito")


@pytest.fixture(scope="module")
def screener(index: Index) -> Screener:
    return Screener(index)


def payment(debtor: str = "", creditor: str = "", purpose: str = "") -> Record:
    parties = [
        Party(role, text)
        for role, text in ((Role.DEBTOR, debtor), (Role.CREDITOR, creditor), (Role.PURPOSE, purpose))
        if text
    ]
    return Record("r", RecordKind.PAYMENT, tuple(parties))


@pytest.mark.parametrize(
    ("name", "entry_id"),
    [
        ("Лестников Аркадий Павлович", "P-1"),
        ("ЛЕСТНИКОВ АРКАДИЙ", "P-1"),
        ("Lestnikov Arkadiy Pavlovich", "P-1"),
        ("Аркадий Лестникoв", "P-1"),
        ("Лестниковым Аркадием Павловичем", "P-1"),
        ("Жеребцов Юрий", "P-2"),
        ("ПОЛЫНЬЯ ЭКСПОРТ", "O-1"),
        ("Ladozhskaya Zarya", "V-1"),
    ],
)
def test_spellings_of_a_listed_name_are_hit(screener: Screener, name: str, entry_id: str) -> None:
    result = screener.check(name)
    assert [hit.entry_id for hit in result.hits] == [entry_id]
    assert result.verdict == "review"
    assert result.hits[0].reasons


@pytest.mark.parametrize("name", ["Лестников Борис Андреевич", "Экспорт", "Сергеев Сергей", "Yuri"])
def test_other_names_pass(screener: Screener, name: str) -> None:
    result = screener.check(name)
    assert result.verdict == "pass"
    assert result.hits == ()


def test_one_is_kept_for_identical_folded_names(screener: Screener) -> None:
    assert screener.check("Лестников, Аркадий Павлович").hits[0].score == 1.0
    assert screener.check("Лестников Аркадий").hits[0].score < 1.0


def test_names_in_free_text_are_found(screener: Screener) -> None:
    results = screener.screen(
        payment("Иванова Анна", "ООО Мир", "Возврат долга Лестникову Аркадию Павловичу по расписке 5")
    )
    assert [(result.role, result.verdict) for result in results] == [
        ("debtor", "pass"),
        ("creditor", "pass"),
        ("purpose", "review"),
    ]
    assert results[2].hits[0].entry_id == "P-1"


def test_a_bare_word_in_free_text_is_no_vessel_but_a_quoted_one_is(screener: Screener) -> None:
    assert screener.screen(payment(purpose="доставка сиверка до склада"))[0].verdict == "pass"
    assert screener.screen(payment(purpose='Агентирование т/х "Сиверка"'))[0].hits[0].entry_id == "V-2"


@pytest.mark.parametrize("purpose", ["оплата за ИНН 7707083893 по счету", "IMO 9074729 freight", "фрахт IMO9074729"])
def test_numbers_in_free_text_are_found(screener: Screener, purpose: str) -> None:
    hits = screener.screen(payment(purpose=purpose))[0].hits
    assert [(hit.grade, hit.score) for hit in hits] == [("exact", 0.99)]


def test_an_equal_number_is_a_hit_whatever_the_name(screener: Screener) -> None:
    result = screener.check("Совсем Другой", identifiers=[Identifier("inn", "7707083893")])
    assert [(hit.entry_id, hit.grade) for hit in result.hits] == [("P-1", "exact")]
    assert "inn 7707083893 is the same" in result.hits[0].reasons


def test_another_number_speaks_against(screener: Screener) -> None:
    plain = screener.check("Лестников Аркадий Павлович").hits[0]
    other = screener.check("Лестников Аркадий Павлович", identifiers=[Identifier("inn", "500100732259")]).hits[0]
    assert other.score < plain.score
    assert "against: another inn" in other.reasons


@pytest.mark.parametrize(
    ("birth_date", "grade", "less"),
    [("1975-03-04", "exact", False), ("1975", "strong", False), ("1990-01-01", None, True), ("", "strong", False)],
)
def test_birth_dates_weigh(screener: Screener, birth_date: str, grade: str | None, less: bool) -> None:
    hits = screener.check("Лестников Аркадий Павлович", birth_date=birth_date).hits
    assert (hits[0].score < 1.0) is less
    if grade:
        assert hits[0].grade == grade
    else:
        assert any(reason.startswith("against: born") for reason in hits[0].reasons)


def test_another_kind_speaks_against(screener: Screener) -> None:
    hit = screener.check("Лестников Аркадий Павлович", kind=Kind.ORGANISATION).hits[0]
    assert hit.score == 0.9


def test_the_verdict_follows_the_default_threshold_not_the_one_asked_for(index: Index) -> None:
    wide = Screener(index, ScreenConfig(score_min=0.3)).check("Лестников Борис Павлович")
    assert wide.hits
    assert wide.hits[0].score < DEFAULT_SCORE_MIN
    assert wide.verdict == "pass"


def test_a_cut_result_is_never_a_pass(index: Index) -> None:
    result = Screener(index, ScreenConfig(score_min=0.05, hit_limit=1)).check("Лестников Аркадий Жеребцов Юрий")
    assert result.truncated
    assert result.limits == ("hits",)
    assert result.verdict == "review"


def test_arrow_and_records_give_the_same(screener: Screener) -> None:
    rows = [
        ("1", "Лестников Аркадий", "ООО Мир", "за товар"),
        ("2", "Кто-то", "Полынья Экспорт", "ИНН 7707083893"),
        ("3", None, "Никто", ""),
    ]
    table = pa.table(
        {name: [row[i] for row in rows] for i, name in enumerate(("id", "debtor_name", "creditor_name", "purpose"))}
    )
    records = [
        Record(
            row[0],
            RecordKind.PAYMENT,
            tuple(
                Party(role, text or "")
                for role, text in zip((Role.DEBTOR, Role.CREDITOR, Role.PURPOSE), row[1:], strict=True)
            ),
        )
        for row in rows
    ]
    expected = list(screener.screen_batch(records).results(all=True))
    for data in (
        table,
        table.to_reader(),
        table.combine_chunks().to_batches()[0],
        pa.concat_tables([table.slice(0, 1), table.slice(1)]),
    ):
        batch = screener.screen_batch(data)
        assert list(batch.results(all=True)) == expected
        assert batch.party_count == 9
    assert batch.alert_count == 3
    assert [result.record_id for result in batch.results()] == ["1", "2", "2"]


def test_arrow_customers(screener: Screener) -> None:
    table = pa.table(
        {
            "id": ["1"],
            "name": ["Лестников Аркадий Павлович"],
            "birth_date": ["1975-03-04"],
            "inn": ["7707083893"],
            "kind": ["person"],
        }
    )
    hits = next(screener.screen_batch(table).results()).hits
    assert [(hit.entry_id, hit.grade) for hit in hits] == [("P-1", "exact")]


def test_empty_batches_are_fine(screener: Screener) -> None:
    assert list(screener.screen_batch([]).results(all=True)) == []
    assert list(screener.screen_batch(pa.table({"name": pa.array([], pa.string())})).results(all=True)) == []


def test_purposes_can_be_left_out(index: Index) -> None:
    screener = Screener(index, ScreenConfig(screen_purpose=False))
    assert not screener.screen(payment(purpose="Лестникову Аркадию Павловичу"))[0].hits


@pytest.mark.parametrize(
    ("config", "code"),
    [
        (ScreenConfig(score_min=1.01), "SCR101"),
        (ScreenConfig(score_min=float("nan")), "SCR101"),
        (ScreenConfig(score_min="0.9"), "SCR101"),  # type: ignore[arg-type]
        (ScreenConfig(score_min=True), "SCR101"),
        (ScreenConfig(score_min=-0.0001), "SCR101"),
        (ScreenConfig(score_min=[0.9]), "SCR101"),  # type: ignore[arg-type]
        (ScreenConfig(hit_limit=0), "SCR102"),
        (ScreenConfig(hit_limit=True), "SCR102"),
        (ScreenConfig(hit_limit=5.0), "SCR102"),  # type: ignore[arg-type]
        (ScreenConfig(hit_limit="5"), "SCR102"),  # type: ignore[arg-type]
        (ScreenConfig(screen_purpose="no"), "SCR113"),  # type: ignore[arg-type]
        (ScreenConfig(fingerprints=None), "SCR113"),  # type: ignore[arg-type]
        (ScreenConfig(score_min_by_list=[0.9]), "SCR113"),  # type: ignore[arg-type]
        (ScreenConfig(score_min_by_role={1: 0.9}), "SCR113"),  # type: ignore[dict-item]
        (ScreenConfig(score_min_by_role={"purpose": True}), "SCR106"),
        (ScreenConfig(score_min_by_role={"purpose": -1}), "SCR106"),
        (ScreenConfig(hit_limit=HIT_LIMIT_MAX + 1), "SCR102"),
        (ScreenConfig(score_min_by_list={"OS-TEST": 1.01}), "SCR106"),
        (ScreenConfig(score_min_by_role={"purpose": float("nan")}), "SCR106"),
        (ScreenConfig(score_min_by_role={"purpose": "0.9"}), "SCR106"),  # type: ignore[dict-item]
        (ScreenConfig(score_min_by_role={"payer": 0.9}), "SCR107"),
        (ScreenConfig(score_min_by_list={"OS-TSET": 0.9}), "SCR108"),
    ],
)
def test_wrong_settings_stop_the_start(index: Index, config: ScreenConfig, code: str) -> None:
    with pytest.raises(ScreenError) as caught:
        Screener(index, config)
    assert caught.value.code == code
    assert caught.value.expected
    assert caught.value.got
    assert caught.value.where


def test_wrong_calls_are_told(screener: Screener) -> None:
    for call, code in (
        (lambda: screener.check(" .- "), "SCR103"),
        (lambda: screener.check("а" * (NAME_LENGTH_MAX + 1)), "SCR104"),
        (lambda: screener.screen(payment("а" * (NAME_LENGTH_MAX + 1))), "SCR104"),
        (lambda: screener.screen_batch(pa.table({"x": ["a"]})), "SCR105"),
        (lambda: screener.screen_batch(pa.table({"name": [1]})), "SCR105"),
    ):
        with pytest.raises(ScreenError) as caught:
            call()
        assert caught.value.code == code
        assert "а" * 20 not in str(caught.value)


def test_text_that_is_no_unicode_is_screened_and_told(screener: Screener) -> None:
    result = screener.screen(payment("Лестников \ud800Аркадий Павлович"))[0]
    assert result.hits[0].entry_id == "P-1"
    assert result.limits == ("malformed_text",)
    assert not result.truncated


def test_explanations_give_the_numbers_of_the_score(screener: Screener) -> None:
    record = payment("Lestnikov Arkadij", purpose="Лестникову Аркадию Павловичу")
    explanations = screener.explain(record, "P-1")
    assert [explanation.role for explanation in explanations] == [Role.DEBTOR, Role.PURPOSE]
    results = screener.screen(record)
    assert explanations[0].score == results[0].hits[0].score
    assert [(a.query, a.name, a.rule) for a in explanations[0].alignments] == [
        ("Lestnikov", "lestnikov", "same letters"),
        ("Arkadij", "arkadiy", "another spelling of the same word"),
        ("", "pavlovich", ""),
    ]
    assert explanations[0].evidence_against == ("not in the text: pavlovich",)


def test_threads_share_a_screener(screener: Screener) -> None:
    record = payment("Лестников Аркадий", "Polynya Export", 'т/х "Сиверка", ИНН 7707083893')
    expected = screener.screen(record)
    wrong: list[object] = []

    def work() -> None:
        for _ in range(50):
            if screener.screen(record) != expected:
                wrong.append(record)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("name", ["★★★", "𒀀𒁀", "---"])
def test_a_party_without_a_word_is_never_a_pass(screener: Screener, name: str) -> None:
    result = screener.screen(payment(name))[0]
    assert result.verdict == "review"
    assert result.limits == ("no_word",)


def test_a_higher_threshold_hides_hits_but_not_the_verdict(index: Index) -> None:
    result = Screener(index, ScreenConfig(score_min=0.99)).check("Лестников Аркадий")
    assert result.hits == ()
    assert result.verdict == "review"


@pytest.mark.parametrize(
    "field",
    [
        "Лестников Аркадий Павлович, Петрова Анна Ивановна",
        "Лестников Аркадий Павлович Москва Ленина",
        "Спасибо Лестников Аркадий Павлович и все",
    ],
)
def test_a_whole_name_beside_other_words_is_hit(screener: Screener, field: str) -> None:
    assert screener.check(field).hits[0].entry_id == "P-1"


def list_id(index: Index) -> str:
    return index.info.editions[0].list_id


def test_a_threshold_of_a_list_shows_and_alarms(index: Index) -> None:
    name = "Лестников Борис Павлович"
    weak = Screener(index, ScreenConfig(score_min=0.3)).check(name)
    assert weak.verdict == "pass"
    score = weak.hits[0].score - 0.001
    told = Screener(index, ScreenConfig(score_min_by_list={list_id(index): score})).check(name)
    assert (told.hits[0], told.verdict) == (weak.hits[0], "review")
    above = Screener(index, ScreenConfig(score_min=0.3, score_min_by_list={list_id(index): score + 0.002})).check(name)
    assert (above.hits, above.verdict) == ((), "pass")
    strict = Screener(index, ScreenConfig(score_min_by_list={list_id(index): 0.999})).check("Лестников Аркадий")
    assert (strict.hits, strict.verdict) == ((), "pass")


def test_the_higher_of_list_and_role_holds_and_other_roles_are_left_alone(index: Index) -> None:
    record = payment("Лестников Аркадий", purpose="Лестникову Аркадию")
    debtor, purpose = Screener(index, ScreenConfig(score_min=0.3)).screen(record)
    config = ScreenConfig(
        score_min=0.3,
        score_min_by_role={"purpose": purpose.hits[0].score + 0.001},
        score_min_by_list={list_id(index): 0.3},
    )
    first, second = Screener(index, config).screen(record)
    assert [hit.entry_id for hit in first.hits] == [hit.entry_id for hit in debtor.hits]
    assert "P-1" not in [hit.entry_id for hit in second.hits]
    both = Screener(index, config).thresholds(Role.PURPOSE)[list_id(index)]
    assert both.shown == both.alarming == config.score_min_by_role["purpose"]
    assert Screener(index).thresholds(Role.DEBTOR)["any"] == (DEFAULT_SCORE_MIN,) * 3


def test_explanations_follow_the_thresholds_of_the_hits(index: Index) -> None:
    config = ScreenConfig(score_min=0.1, score_min_by_role={"customer": 0.95})
    batch = Screener(index, config).screen_batch([payment("Лестников Борис Павлович")])
    assert [entry for entry, _ in batch.explanations(0)] == [hit.position for hit in batch.result(0).hits]


NOISE = (
    "//г Тверь ул Садовая д 5//",
    " //170000, Тверская обл, г Тверь, ул Садовая, д 5//",
    " р/с 40802810500000000001 в ПАО Банк Луг",
    " ИНН 500100732259",
    ", 170000, г. Тверь, ул. Садовая, д. 3",
    " г Тверь ул Садовая д 5 кв 7",
    " для зачисления на счет 40817810500000000001",
    " паспорт 4510 123456",
    " (ИП)",
    "",
)


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("tag", ["", "ИП ", "Ф/Л ", "Адвокат ", "Глава КФХ "])
def test_every_door_finds_a_name_among_what_else_its_field_holds(screener: Screener, tag: str, noise: str) -> None:
    field = f"{tag}Лестников Аркадий{noise}"
    (rows,) = screener.screen(payment(field))
    (columns,) = screener.screen_batch(pa.table({"id": ["r"], "debtor_name": [field]})).results(all=True)
    assert rows == columns
    assert [hit.entry_id for hit in rows.hits] == ["P-1"]
    read = screener.screen(Record("r", RecordKind.PAYMENT, field_parties(Role.DEBTOR, field)))[0]
    assert (read.hits[0].score, read.hits[0].grade) == (rows.hits[0].score, rows.hits[0].grade)
    (explanation,) = screener.explain(payment(field), "P-1")
    assert {"Лестников", "Аркадий"} <= set(explanation.query_tokens)
    assert all(token in field for token in explanation.query_tokens)


def test_numbers_and_dates_of_a_name_field_speak_as_if_they_had_fields_of_their_own(screener: Screener) -> None:
    (found,) = screener.screen(payment("Совсем Другой ИНН 7707083893"))
    assert [(hit.entry_id, hit.grade) for hit in found.hits] == [("P-1", "exact")]
    other = screener.screen(payment("Лестников Аркадий Павлович ИНН 500100732259"))[0].hits[0]
    assert "against: another inn" in other.reasons
    born = screener.screen(payment("Лестников Аркадий Павлович 04.03.1975 г.р."))[0].hits[0]
    assert born.grade == "exact"


def test_the_bank_and_the_second_name_of_a_field_are_screened_too(screener: Screener) -> None:
    bank = screener.screen(payment("Иванов Пётр р/с 40817810500000000002 в Банк Полынья-Экспорт"))[0]
    assert [hit.entry_id for hit in bank.hits] == ["O-1"]
    (second,) = screener.screen(payment("ООО Расчёты//Лестников Аркадий Павлович//г. Тверь//"))
    assert [hit.entry_id for hit in second.hits] == ["P-1"]
    assert second.hits[0].score == 1.0


def test_a_field_that_was_cleaned_or_is_looked_up_stays_as_it_is(screener: Screener) -> None:
    text = "Лестников Аркадий Павлович //Тверь//"
    assert "against: not in the listed name: Тверь" in screener.check(text).hits[0].reasons
    party = Party(Role.DEBTOR, text, text="as received")
    assert (
        "against: not in the listed name: Тверь"
        in screener.screen(Record("r", RecordKind.PAYMENT, (party,)))[0].hits[0].reasons
    )


def test_a_clearance_is_of_the_party_as_given(screener: Screener) -> None:
    record = payment("Лестников Аркадий //Тверь//")
    cleared = screener.clearance(record, Role.DEBTOR, "P-1")
    assert cleared.party_fingerprint == party_fingerprint(record.parties[0])
    assert not screener.screen(record, [cleared])[0].hits


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Sixty people of one surname and given name."""
    folder = tmp_path_factory.mktemp("crowd")
    fathers = ("Борис", "Виктор", "Денис", "Егор", "Захар", "Павел")
    rows = "".join(
        f"P-{n},Person,Лестников Глеб {'бвгджзклмн'[n // 6] * 2}о{fathers[n % 6].lower()}ович,,,,,,,,,,test,,,\n"
        for n in range(60)
    )
    (folder / "list.csv").write_text(COLUMNS + rows, encoding="utf-8")
    build_index([folder / "list.csv"], folder / "a.sito")
    return Index.open(folder / "a.sito")


def test_the_low_threshold_of_one_role_cuts_nothing_off_another(crowd: Index) -> None:
    name = "Лестников Глеб Ильич"
    config = ScreenConfig(hit_limit=3, score_min_by_role={"purpose": 0.01})
    debtor, purpose = Screener(crowd, config).screen(payment(name, purpose=f"перевод {name}"))
    assert (debtor.verdict, debtor.hits, debtor.truncated, debtor.limits) == ("pass", (), False, ())
    assert (purpose.verdict, len(purpose.hits), purpose.truncated, purpose.limits) == ("review", 3, True, ("hits",))


def test_the_best_hits_are_kept_where_there_are_more_than_shown(crowd: Index) -> None:
    name = "Лестников Глеб Ввоборисович"
    every = Screener(crowd, ScreenConfig(hit_limit=100, score_min=0.01)).check(name)
    assert len(every.hits) > 20
    for limit in (1, 3, 20):
        kept = Screener(crowd, ScreenConfig(hit_limit=limit, score_min_by_role={"purpose": 0.01})).check(name)
        above = tuple(hit for hit in every.hits if hit.score >= DEFAULT_SCORE_MIN)
        assert kept.hits == above[:limit]
        assert kept.truncated == (len(above) > limit)
        assert kept.verdict == "review"


def test_equal_numbers_that_fill_the_limit_are_told() -> None:
    def find(score: float, target: int, text: int = 0) -> _Found:
        return _Found(1, target, 0, 1, score, text, free_text=False, reading=0)

    numbers = [find(0.99, IDENTIFIER_TARGET + n) for n in range(3)]
    names = [find(0.9, 1), find(0.5, 2), find(0.4, 3)]
    assert best_cut(names, 3) == 0.4
    assert best_cut(numbers + names, 3) == 1.0
    assert best_cut(names, 4) == 1.0  # some text was cut that is not among the finds: nothing is known of it
    assert best_cut([*names, *(find(0.7, n, text=1) for n in range(3))], 3) == 0.7
