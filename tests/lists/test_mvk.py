"""RU-MVK: subjects inside decisions, several grounds, cancelled decisions."""

from __future__ import annotations

from sito.entries import Kind
from sito.lists import mvk
from sito.lists.source import Facts, Source


def subject(number: str, text: str = "Приостановить операции", name: str = "ПРИМЕР ТЕСТОВ") -> str:
    return (
        f"<Субъект><ИдСубъекта>{number}</ИдСубъекта><ФЛ><ФИО>{name}</ФИО></ФЛ>"
        f"<РешениеПоСубъекту>{text}</РешениеПоСубъекту></Субъект>"
    )


def decision(number: str, *subjects: str, kind: str = "Замораживание", more: str = "") -> str:
    return (
        "<Решение><ТипРешения><Идентификатор>1</Идентификатор><Наименование>Решение МВК</Наименование></ТипРешения>"
        f"<НомерРешения>{number}</НомерРешения><ДатаРешения>2024-01-0{number}</ДатаРешения><Орган>Комиссия</Орган>"
        f"<ВидРешения><Идентификатор>7</Идентификатор><Наименование>{kind}</Наименование></ВидРешения>{more}"
        f"<СписокСубъектов>{''.join(subjects)}</СписокСубъектов></Решение>"
    )


def run(*decisions: str):
    data = (
        "<СписокРешений><ВерсияФормата>1.0</ВерсияФормата><ДатаСписка>2024-05-02</ДатаСписка>"
        "<ДатаПредыдущегоСписка>2024-05-01</ДатаПредыдущегоСписка>"
        f"<СписокАктуальныхРешений>{''.join(decisions)}</СписокАктуальныхРешений></СписокРешений>"
    ).encode()
    assert mvk.detect(data, "x") == "RU-MVK"
    facts = Facts()
    return list(mvk.read(Source("mvk.xml", data, "", "RU-MVK"), facts)), facts


def test_subject_carries_its_decision():
    (entry,), facts = run(decision("1", subject("A"), more="<Новое>x</Новое>"))
    assert (entry.entry_id, entry.kind, entry.names[0].text) == ("A", Kind.PERSON, "ПРИМЕР ТЕСТОВ")
    assert entry.programmes == ("Решение МВК № 1 от 2024-01-01, Комиссия, Замораживание",)
    assert (entry.remarks, entry.listed_on) == ("Приостановить операции", ("2024-01-01",))
    assert dict(entry.raw) == {
        "Решение/ТипРешения/Идентификатор": "1",
        "Решение/ВидРешения/Идентификатор": "7",
        "Решение/Новое": "x",
    }
    assert (facts.edition_date, facts.previous_date, facts.warnings) == ("2024-05-02", "2024-05-01", [])


def test_subject_of_several_decisions_is_one_entry():
    entries, _ = run(
        decision("1", subject("A"), subject("B")), decision("2", subject("A", "Продлить", name="ПРИМЕР ТЁСТОВ"))
    )
    assert [entry.entry_id for entry in entries] == ["A", "B"]
    assert (len(entries[0].programmes), entries[0].listed_on) == (2, ("2024-01-01", "2024-01-02"))
    assert [name.text for name in entries[0].names] == ["ПРИМЕР ТЕСТОВ", "ПРИМЕР ТЁСТОВ"]
    assert entries[0].remarks == "Приостановить операции\nПродлить"


def test_cancelling_words_are_flagged_and_never_drop_a_subject():
    for cancelled in (
        decision("2", subject("A", "Отменить решение")),
        decision("2", subject("A"), kind="Прекращение действия"),
    ):
        (entry,), facts = run(decision("1", subject("A")), cancelled)
        assert any(path == "Решение/отмена" for path, _ in entry.raw)
        assert (entry.listed_on, entry.changed_on) == (("2024-01-01",), ("2024-01-02",))
        assert "speak of cancelling" in facts.warnings[0]


def test_decision_without_subjects_is_counted():
    _, facts = run(decision("1", subject("A")), decision("2"))
    assert facts.warnings == ["1 decisions name no subject"]


def test_subjects_without_id_stay_apart():
    entries, _ = run(decision("1", subject(""), subject("")))
    assert len({entry.entry_id for entry in entries}) == 2
