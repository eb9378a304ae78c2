"""Explanations as people read them: one golden file a case, renewed with `--update-golden`.

A change of score, grade or wording is a reviewed difference of these files. All names are invented.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from sito import Index, ScreenConfig, Screener, build_index
from sito.entries import Identifier, Kind
from sito.evidence import Explanation, edition_name
from sito.records import Party, Record, RecordKind, Role

GOLDEN = Path(__file__).parent / "golden" / "explanations"
SCORE_MIN = 0.5  # so that a hit that falls below the default threshold is a reviewed difference, too

ENTITIES: list[dict[str, Any]] = [
    {
        "id": "p-1",
        "schema": "Person",
        "properties": {
            "name": ["Сухоцветов Евстигней Климентович"],
            "alias": ["Sukhotsvetov Yevstigney"],
            "weakAlias": ["Сухоцвет Тихоня"],
            "birthDate": ["1980-03-04"],
            "innCode": ["500100732259"],
            "country": ["ru"],
            "gender": ["male"],
        },
    },
    {
        "id": "p-2",
        "schema": "Person",
        "properties": {"name": ["Любомудров Николай Аристархович"], "birthDate": ["1962"]},
    },
    {"id": "p-3", "schema": "Person", "properties": {"name": ["Al Qarnabi Abd al Latif Mansur"]}},
    {
        "id": "o-1",
        "schema": "Company",
        "properties": {
            "name": ['Общество с ограниченной ответственностью "Ромашкинские Зори"'],
            "innCode": ["7707083893"],
            "ogrnCode": ["1027700132195"],
        },
    },
    {
        "id": "o-2",
        "schema": "Organization",
        "properties": {"name": ["Северный Альянс Речных Перевозок"]},
    },
    {"id": "v-1", "schema": "Vessel", "properties": {"name": ["Ладейная Звезда"], "imoNumber": ["9074729"]}},
]


class Case(NamedTuple):
    """One party, and the entry whose hit is explained."""

    name: str
    entry_id: str
    text: str
    role: Role = Role.CUSTOMER
    facts: Mapping[str, Any] = MappingProxyType({})


CASES = [
    Case("identical", "p-1", "Сухоцветов Евстигней Климентович"),
    Case("identical_with_birth_date", "p-1", "Сухоцветов Евстигней Климентович", facts={"birth_date": "1980-03-04"}),
    Case("swapped_day_and_month", "p-1", "Сухоцветов Евстигней Климентович", facts={"birth_date": "1980-04-03"}),
    Case("birth_date_with_a_slip", "p-1", "Сухоцветов Евстигней Климентович", facts={"birth_date": "1980-03-14"}),
    Case("another_birth_date", "p-1", "Сухоцветов Евстигней Климентович", facts={"birth_date": "1967-11-20"}),
    Case("birth_year_fits", "p-2", "Любомудров Николай Аристархович", facts={"birth_date": "1962-06-01"}),
    Case("initials", "p-1", "Сухоцветов Е.К."),
    Case("case_form", "p-1", "Сухоцветовым Евстигнеем Климентовичем", Role.CREDITOR),
    Case("variant_of_the_given_name", "p-2", "Любомудров Коля Аристархович"),
    Case("typo", "p-2", "Любомудроф Николай Аристархович"),
    Case("patronymic_left_out", "p-2", "Николай Любомудров"),
    Case("contradicted_patronymic", "p-2", "Любомудров Николай Петрович"),
    Case("other_romanisation", "p-1", "Suhotsvetov Evstignei"),
    Case("weak_alias", "p-1", "Сухоцвет Тихоня"),
    Case("words_in_another_order", "p-3", "Mansur Abdul Latif Qarnabi"),
    Case("company_form", "o-1", "ООО РОМАШКИНСКИЕ ЗОРИ", Role.CREDITOR, {"kind": Kind.ORGANISATION}),
    Case("another_company_form", "o-1", "АО РОМАШКИНСКИЕ ЗОРИ", Role.CREDITOR, {"kind": Kind.ORGANISATION}),
    Case("company_form_left_out", "o-1", "Ромашкинские Зори", Role.CREDITOR),
    Case("words_of_two_people", "p-2", "Возврат займа: Любомудров Иван; Окунев Николай", Role.PURPOSE),
    Case("acronym", "o-2", "АО САРП", Role.CREDITOR),
    Case("company_number_in_the_purpose", "o-1", "Оплата по счету 15 ИНН7707083893/770701001", Role.PURPOSE),
    Case("ship_number_in_the_purpose", "v-1", "Фрахт т/х IMO 907-4729, без НДС", Role.PURPOSE),
    Case(
        "equal_number_and_another_name", "p-1", "Некто Совсем Другой",
        facts={"identifiers": (Identifier("inn", "5001 0073 2259"),)},
    ),
    Case(
        "another_number_kind_and_country", "p-1", "Сухоцветов Евстигней Климентович",
        facts={"identifiers": (Identifier("inn", "772200332240"),), "kind": Kind.ORGANISATION, "country": "KZ"},
    ),
    Case("name_in_the_purpose", "p-1", "Возврат займа Сухоцветову Евстигнею Климентовичу по расписке", Role.PURPOSE),
]  # fmt: skip


@pytest.fixture(scope="module")
def screener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screener]:
    folder = tmp_path_factory.mktemp("explanations")
    (folder / "entities.ftm.json").write_text("".join(json.dumps(one) + "\n" for one in ENTITIES), "utf-8")
    build_index([folder / "entities.ftm.json"], folder / "a.sito", list_id="INVENTED")
    with Index.open(folder / "a.sito") as index:
        yield Screener(index, ScreenConfig(score_min=SCORE_MIN))


def written(case: Case, found: list[Explanation]) -> str:
    """Write an explanation, the numbers of its score included."""
    facts = "; ".join(f"{word}: {_value(value)}" for word, value in case.facts.items())
    lines = [f"{case.role.value}: {case.text}", *([facts] if facts else []), f"entry: {case.entry_id}", ""]
    if not found:
        return "\n".join([*lines, "no hit", ""])
    (told,) = found
    quality = f" ({told.name.quality.value})" if told.name else ""
    lines += [
        f"score {told.score:.4f}, grade {told.grade}",
        f"listed name: {told.name.text if told.name else 'none was found'}{quality}",
        f"edition: {told.edition.list_id}, {'dated' if told.edition.edition_date else edition_name(told.edition)[:7]}",
        f"name alone: {told.name_score:.4f}",
        *([f"reading: {told.reading}"] if told.reading else []),
    ]
    lines += [
        f"  {a.query or '-'} = {a.name}: {a.rule or 'not in the text'} {a.similarity:.2f}" for a in told.alignments
    ]
    lines += [f"for: {text}" for text in told.evidence_for]
    lines += [
        f"against: {text}" + (f" (-{cost:.2f})" if cost else "")
        for text, cost in zip(told.evidence_against, told.costs, strict=True)
    ]
    return "\n".join([*lines, ""])


def _value(value: Any) -> str:
    return ", ".join(f"{i.type} {i.number}" for i in value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_explanation_reads_as_the_golden_file(
    screener: Screener, request: pytest.FixtureRequest, case: Case
) -> None:
    kind = RecordKind.CUSTOMER if case.role is Role.CUSTOMER else RecordKind.PAYMENT
    record = Record("r", kind, (Party(case.role, case.text, **case.facts),))
    text = written(case, screener.explain(record, case.entry_id))
    path = GOLDEN / f"{case.name}.txt"
    if request.config.getoption("--update-golden"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, "review the difference, then run with --update-golden"


def test_there_is_one_golden_file_a_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {case.name for case in CASES}
