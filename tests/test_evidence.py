"""Evidence: birth dates, numbers, kind, country and gender weigh as documented, and an explanation adds up."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito import Index, ScreenConfig, Screener, build_index
from sito.entries import BirthDate, Identifier, Kind
from sito.evidence import (
    BIRTH_DATE_AGAINST,
    BIRTH_DATE_NEAR_AGAINST,
    COUNTRY_AGAINST,
    GENDER_AGAINST,
    GRADES,
    IDENTIFIER_AGAINST,
    IDENTIFIER_SCORE,
    KIND_AGAINST,
    Explanation,
    Fit,
    compare_birth_dates,
    edition_name,
    gender_of,
)
from sito.names.align import Rule
from sito.records import Party, Record, RecordKind, Role
from sito.said import initials_alone, rule_words
from sito.screen import DEFAULT_SCORE_MIN

ENTITIES: list[dict[str, Any]] = [
    {
        "id": "P-1",
        "schema": "Person",
        "properties": {
            "name": ["Журавлинский Ермолай Саввич"],
            "weakAlias": ["Ермолка Тихий"],
            "birthDate": ["1980-03-04"],
            "innCode": ["500100732259"],
            "country": ["ru"],
            "gender": ["male"],
        },
    },
    {"id": "P-2", "schema": "Person", "properties": {"name": ["Тушинцова Пелагея Егоровна"], "gender": ["female"]}},
    {
        "id": "P-3",
        "schema": "Person",
        "properties": {"name": ["Драгунцев Каллистрат"], "birthDate": ["1971", "1980-03-04"]},
    },
]


@pytest.fixture(scope="module")
def screener(tmp_path_factory: pytest.TempPathFactory) -> Screener:
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "entities.ftm.json").write_text("".join(json.dumps(one) + "\n" for one in ENTITIES), "utf-8")
    build_index([folder / "entities.ftm.json"], folder / "a.sito")
    return Screener(Index.open(folder / "a.sito"), ScreenConfig(score_min=0.1))


Explain = Callable[..., Explanation]


@pytest.fixture
def explained(screener: Screener) -> Explain:
    def explain(name: str, entry_id: str = "P-1", role: Role = Role.CUSTOMER, **facts: Any) -> Explanation:
        kind = RecordKind.CUSTOMER if role is Role.CUSTOMER else RecordKind.PAYMENT
        (found,) = screener.explain(Record("r", kind, (Party(role, name, **facts),)), entry_id)
        return found

    return explain


NAME = "Журавлинский Ермолай Саввич"


def exact(day: str) -> BirthDate:
    return BirthDate(day, day)


@pytest.mark.parametrize(
    ("date", "listed", "fit"),
    [
        ("1980-03-04", [exact("1980-03-04")], Fit.SAME),
        ("1980-03-04", [exact("1980-04-03")], Fit.SWAPPED),
        ("1980-03-04", [exact("1980-03-05")], Fit.NEAR),
        ("1980-03-04", [exact("1981-03-04")], Fit.NEAR),
        ("1979-03-04", [exact("1980-03-04")], Fit.NEAR),
        ("1980-03-04", [exact("1908-03-04")], Fit.NEAR),
        ("1980-03-12", [exact("1980-03-21")], Fit.NEAR),
        ("1980-03-04", [exact("1982-03-05")], Fit.OTHER),
        ("1980-03-04", [exact("1990-07-14")], Fit.OTHER),
        ("1980-03-04", [BirthDate("1980-01-01", "1980-12-31")], Fit.FITS),
        ("1980", [exact("1980-03-04")], Fit.FITS),
        ("1980-03", [exact("1980-03-04")], Fit.FITS),
        ("1981", [exact("1980-03-04")], Fit.NEAR),
        ("1983", [exact("1980-03-04")], Fit.OTHER),
        ("1982-03-04", [BirthDate("1980-01-01", "1980-12-31", circa=True)], Fit.FITS),
        ("1990-07-14", [exact("1955-01-01"), exact("1990-07-14")], Fit.SAME),
        ("1990-07-14", [exact("1955-01-01"), exact("1990-07-15")], Fit.NEAR),
    ],
)
def test_birth_dates_go_together_as_their_best_pair(date: str, listed: Sequence[BirthDate], fit: Fit) -> None:
    assert compare_birth_dates(date, listed).fit is fit
    assert compare_birth_dates(date, [*listed][::-1]).fit is fit


@given(st.dates(), st.dates())
def test_two_full_dates_compare_alike_from_both_sides(one: Any, other: Any) -> None:
    left, right = one.isoformat(), other.isoformat()
    assert compare_birth_dates(left, [exact(right)]).fit == compare_birth_dates(right, [exact(left)]).fit


@pytest.mark.parametrize(
    ("date", "cost", "grade"),
    [
        ("1980-03-04", 0.0, "exact"),
        ("", 0.0, "strong"),
        ("1980", 0.0, "strong"),
        ("1980-04-03", 0.0, "strong"),
        ("1980-03-14", BIRTH_DATE_NEAR_AGAINST, "medium"),
        ("1967-11-20", BIRTH_DATE_AGAINST, "weak"),
    ],
)
def test_a_birth_date_costs_what_it_contradicts(explained: Explain, date: str, cost: float, grade: str) -> None:
    found = explained(NAME, birth_date=date)
    assert found.score == pytest.approx(1.0 - cost)
    assert found.grade == grade


def test_a_swapped_date_says_so(explained: Explain) -> None:
    told = explained(NAME, birth_date="1980-04-03")
    assert told.evidence_against == ()
    assert told.evidence_for == ("born 1980-04-03, listed 1980-03-04: day and month may have changed places",)


def test_the_best_of_several_listed_dates_counts(explained: Explain) -> None:
    assert explained("Драгунцев Каллистрат", "P-3", birth_date="1980-03-04").grade == "exact"
    assert explained("Драгунцев Каллистрат", "P-3", birth_date="1971-10-10").costs == ()


def test_an_equal_number_stands_on_its_own(explained: Explain) -> None:
    number = (Identifier("inn", "500100732259"),)
    stranger = explained("Некто Совсем Другой", identifiers=number)
    assert (stranger.score, stranger.grade) == (IDENTIFIER_SCORE, "exact")
    assert "the name differs" in stranger.evidence_against
    assert stranger.identifiers[0].number == "500100732259"
    namesake = explained(NAME, identifiers=number, birth_date="1967-11-20")
    assert (namesake.score, namesake.grade) == (1.0, "exact")
    assert any(text.startswith("born") for text in namesake.evidence_against)


def test_another_unique_number_costs_score_and_a_grade(explained: Explain) -> None:
    other = explained(NAME, identifiers=(Identifier("inn", "772200332240"),), birth_date="1980-03-04")
    assert other.score == pytest.approx(1.0 - IDENTIFIER_AGAINST)
    assert other.grade == "weak"  # 0.90 is medium, and one step less
    assert "another inn" in other.evidence_against
    same = explained(NAME, identifiers=(Identifier("inn", "500100732259"), Identifier("inn", "772200332240")))
    assert same.grade == "exact"


def test_kind_and_country_only_lower(explained: Explain) -> None:
    assert explained(NAME, kind=Kind.ORGANISATION).score == pytest.approx(1.0 - KIND_AGAINST)
    assert explained(NAME, country="KZ").score == pytest.approx(1.0 - COUNTRY_AGAINST)
    assert explained(NAME, country="RU").score == explained(NAME).score
    assert "country RU is listed too" in explained(NAME, country="RU").evidence_for


def test_the_other_gender_costs_a_little(explained: Explain) -> None:
    name = "Журавлинский Ермолай Егоровна"
    told = explained(name)
    assert told.costs[-1] == GENDER_AGAINST
    assert told.evidence_against[-1] == "a female patronymic, the entry is male"
    assert GENDER_AGAINST not in explained("Тушинцова Пелагея Егоровна", "P-2").costs


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("Иванов Иван Петрович", "male"),
        ("Иванову Ивану Кузьмичу", "male"),
        ("Мамедов Гасан Али оглы", "male"),
        ("Ivanov Ivan Petrovich", "male"),
        ("Иванова Анна Ильинична", "female"),
        ("Алиева Лала Гасан кызы", "female"),
        ("Petrova Anna Sergeyevna", "female"),
        ("Абрамович Анна", ""),
        ("Абрамович Анна Петровна", "female"),
        ("Анна Петровна Абрамович", ""),
        ("John Walker Smith", ""),
        ("", ""),
    ],
)
def test_patronymics_tell_the_gender(name: str, gender: str) -> None:
    assert gender_of(name) == gender


def test_initials_alone_are_told() -> None:
    surname, initial, given, nobody = (
        (0, Rule.SAME, 1.0, 1),
        (1, Rule.INITIAL, 0.85, 1),
        (1, Rule.SAME, 1.0, 1),
        (-1, Rule.NONE, 0.0, 1),
    )
    assert initials_alone([surname, initial])
    assert initials_alone([surname, initial, (2, Rule.INITIAL, 0.85, 1)])
    assert initials_alone([surname, initial, nobody])
    assert not initials_alone([surname, given, (2, Rule.INITIAL, 0.85, 1)])
    assert not initials_alone([surname, nobody])
    assert not initials_alone([])


def test_a_hit_by_initials_alone_is_at_most_medium(screener: Screener) -> None:
    record = Record("r", RecordKind.CUSTOMER, (Party(Role.CUSTOMER, "Журавлинский Е.С."),))
    for told in screener.explain(record, "P-1"):
        assert GRADES.index(told.grade) >= GRADES.index("medium")


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        (NAME, {}),
        ("Zhuravlinskiy Yermolay", {"birth_date": "1990-01-01", "country": "DE"}),
        ("Журавлинская Ермолай", {"birth_date": "1980-03-05"}),
        ("Ермолка Тихий", {"kind": Kind.ORGANISATION}),
    ],
)
def test_the_parts_add_up_to_the_score(
    screener: Screener, explained: Explain, name: str, facts: dict[str, Any]
) -> None:
    told = explained(name, **facts)
    assert len(told.costs) == len(told.evidence_against)
    assert told.score == pytest.approx(max(0.0, told.name_score - sum(told.costs)), abs=1e-4)
    assert told.name is not None
    (result,) = screener.screen(Record("r", RecordKind.CUSTOMER, (Party(Role.CUSTOMER, name, **facts),)))
    hit = next(hit for hit in result.hits if hit.entry_id == "P-1")
    assert (hit.score, hit.grade, hit.name, hit.quality) == (told.score, told.grade, told.name.text, told.name.quality)
    assert hit.reasons == told.reasons()
    assert hit.edition == edition_name(told.edition) != ""


def test_rules_of_other_kernels_have_words_too() -> None:
    assert all(rule_words(rule) for rule in Rule if rule is not Rule.NONE)
    assert rule_words(99) == "rule 99"


def test_a_date_that_cannot_be_read_speaks_against_nobody(explained: Explain) -> None:
    told = explained(NAME, birth_date="04.03.80")
    assert told.score == 1.0 and sum(told.costs) == 0.0


def test_the_default_threshold_still_reaches_a_namesake_with_another_date(explained: Explain) -> None:
    assert explained(NAME, birth_date="1967-11-20").score >= DEFAULT_SCORE_MIN
