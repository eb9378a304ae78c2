"""FollowTheMoney lines: subjects, what is joined to them, and refusals."""

from __future__ import annotations

import json

import pytest

from sito.entries import BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import ftm
from sito.lists.source import ALIAS_COUNT_MAX, Facts, Source


def line(identity: str, schema: str = "Person", **properties: list[str]) -> dict:
    return {"id": identity, "caption": "", "schema": schema, "properties": properties, "datasets": ["demo"]}


def pack(*lines: dict) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines).encode()


def run(data: bytes):
    facts = Facts()
    return list(ftm.read(Source("e.json", data, "", "OS-DEMO"), facts)), facts


def refused(data: bytes) -> ListError:
    with pytest.raises(ListError) as caught:
        run(data)
    return caught.value


def test_person_becomes_entry():
    one = line(
        "NK-1",
        name=["Образцов Пример Тестович", "Primer Obraztsov"],
        weakAlias=["Кличка"],
        previousName=["Прежний"],
        firstName=["Пример"],
        lastName=["Образцов"],
        fatherName=["Тестович"],
        birthDate=["1970-02-03"],
        birthPlace=["Примерск"],
        nationality=["ru"],
        innCode=["500100732259"],
        passportNumber=["00 00 000000"],
        gender=["male"],
        notes=["Вымышлен"],
        hairColor=["нет"],
    )
    one |= {
        "caption": "Образцов Пример Тестович",
        "last_change": "2024-05-01T00:00:00",
        "last_seen": "2024-05-02T00:00",
    }
    (entry,), facts = run(pack(one))
    first = entry.names[0]
    assert (first.surname, first.given, first.patronymic) == ("Образцов", "Пример", "Тестович")
    assert [name.quality for name in entry.names] == [
        NameQuality.PRIMARY,
        NameQuality.STRONG,
        NameQuality.WEAK,
        NameQuality.FORMER,
    ]
    assert (entry.kind, entry.birth_dates) == (Kind.PERSON, (BirthDate("1970-02-03", "1970-02-03"),))
    assert entry.identifiers == (Identifier("inn", "500100732259", "RU"), Identifier("passport", "00 00 000000"))
    assert (entry.countries, entry.birth_places, entry.gender) == (("RU",), ("Примерск",), "male")
    assert (entry.remarks, entry.changed_on, facts.edition_date) == ("Вымышлен", ("2024-05-01",), "2024-05-02")
    assert ("hairColor", "нет") in entry.raw


@pytest.mark.parametrize("order", [1, -1])
def test_entities_about_a_subject_are_joined_in_any_order(order):
    lines = [
        line("S", "Sanction", entity=["P"], program=["Demo programme"], listingDate=["2020-01-02"]),
        line("A", "Address", full=["Sample street 1"]),
        line("I", "Passport", holder=["P"], number=["AB 1"], country=["xx"], type=["Passport"]),
        line("P", name=["Nemo"], addressEntity=["A"], idNumber=["AB 1"]),
    ]
    (entry,), _ = run(pack(*lines[::order]))
    assert (entry.programmes, entry.listed_on, entry.addresses) == (
        ("Demo programme",),
        ("2020-01-02",),
        ("Sample street 1",),
    )
    assert entry.identifiers == (Identifier("passport", "AB 1", "XX", "Passport"),)


def test_relations_are_counted_not_read():
    entries, facts = run(pack(line("P", name=["Nemo"]), line("O", "Ownership"), line("F", "Family")))
    assert len(entries) == 1
    assert facts.warnings == ["entities that are no subjects were left out: Family 1, Ownership 1"]


def test_name_is_made_from_parts_when_there_is_none():
    (entry,), _ = run(pack(line("P", firstName=["Пример"], lastName=["Образцов"])))
    assert entry.names[0].text == "Пример Образцов"


def test_nameless_entity_is_counted():
    entries, facts = run(pack(line("P"), line("Q", name=["Nemo"])))
    assert (len(entries), facts.warnings) == (1, ["1 entities have no name and cannot be screened"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "LST410"),
        (b"[]", "LST410"),
        (b'{"id": 1}', "LST410"),
        (b'{"id":"P","schema":"Person","properties":{"name":"x"}}', "LST410"),
        (b'{"id":"P","schema":"Person","properties":{"name":["\xff"]}}', "LST410"),
        (b'{"id":"P","schema":"Person","properties":{"name":["\\ud800"]}}', "LST410"),
        (b'{"id":"","schema":"Person"}', "LST411"),
        (b'{"id":"P"}', "LST411"),
        (pack(line("P", name=[str(i) for i in range(ALIAS_COUNT_MAX + 1)])), "LST413"),
        (b"[" * 100_000, "LST410"),
    ],
)
def test_bad_line_is_refused(data, code):
    error = refused(data)
    assert (error.code, "line 1" in error.where) == (code, True)


def test_line_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(ftm, "LINE_MAX", 100)
    assert refused(b'{"id":"' + b"x" * 200).code == "LST412"


@pytest.mark.parametrize(
    ("datasets", "list_id"),
    [([["demo"], ["demo"]], "OS-DEMO"), ([["a"], ["b"]], "OS-MIXED"), ([["a", "b"]], "OS-MIXED")],
)
def test_list_id_comes_from_the_datasets(datasets, list_id):
    data = pack(*({"id": "P", "schema": "Person", "datasets": one} for one in datasets))
    assert ftm.identify(iter([data[:20], data[20:]])) == list_id


def test_detect_wants_an_entity():
    assert ftm.detect(pack(line("P", name=["Nemo"])), "x") == "OS-MIXED"
    assert ftm.detect(b'{"id": "P", "schema": "Person", "properties": {"name": ["cut', "x") == "OS-MIXED"
    assert ftm.detect(b'{"id": "P", "name": "x"}\n', "entities.ftm.json") is None
    assert ftm.detect(b"", "entities.ftm.json") is None


def test_target_of_unknown_schema_is_yielded():
    entries, _ = run(
        pack(line("A", "Starship", name=["Nemo"]) | {"target": True}, line("B", "Starship", name=["Nemo"]))
    )
    assert [(entry.entry_id, entry.kind) for entry in entries] == [("A", Kind.OTHER)]
