"""EU XML: the same facts from attributes."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import eu_xml
from sito.lists.source import Facts, Source

DATA = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://example.org/any" generationDate="2026-06-05T15:51:25.849+02:00" globalFileId="1">
<sanctionEntity designationDate="2001-05-28" unitedNationId="XXi.001" euReferenceNumber="EU.1.1" logicalId="13">
<remark>Invented</remark><regulation programme="TST" publicationDate="2003-07-08" logicalId="1">
<publicationUrl>u</publicationUrl>
</regulation><subjectType code="person" classificationCode="P"/>
<nameAlias wholeName="Weak Test" strong="false" logicalId="1"/>
<nameAlias firstName="Test" middleName="Q" lastName="Sample" wholeName="" gender="M" title="Dr" function="Clerk"
 nameLanguage="EN" strong="true" logicalId="2" novelty="x"/>
<citizenship countryIso2Code="IQ" countryDescription="IRAQ"/>
<birthdate birthdate="1960-01-12" circa="false" calendarType="GREGORIAN" city="Tula" countryDescription="RUSSIA"/>
<birthdate year="1961" circa="true" countryIso2Code="00" countryDescription="UNKNOWN"/>
<birthdate yearRangeFrom="1962" yearRangeTo="1963"/><birthdate birthdate="1380-01-01" calendarType="ISLAMIC"/>
<identification identificationTypeCode="passport" identificationTypeDescription="National passport" number="A123"
 countryIso2Code="IQ" knownFalse="true"><remark>lost</remark></identification>
<address street="Street 1" city="Tula" countryIso2Code="RU" countryDescription="RUSSIA"/></sanctionEntity>
<sanctionEntity euReferenceNumber="EU.2.1" logicalId="42"><subjectType code="enterprise"/>
<nameAlias wholeName="Sample Works" strong="true"/></sanctionEntity></export>"""


def read(text: str = DATA) -> tuple[list, Facts]:
    facts = Facts()
    return list(eu_xml.read(Source("eu.xml", text.encode(), "", "EU-FSF"), facts)), facts


def test_edition_date_is_found() -> None:
    assert read()[1].edition_date == "2026-06-05"


def test_first_strong_name_is_the_primary_one() -> None:
    assert [(name.text, name.quality) for name in read()[0][0].names] == [
        ("Test Q Sample", NameQuality.PRIMARY),
        ("Weak Test", NameQuality.WEAK),
    ]


def test_birth_dates() -> None:
    entry = read()[0][0]
    assert entry.birth_dates == (
        BirthDate("1960-01-12", "1960-01-12"),
        BirthDate("1961-01-01", "1961-12-31", True),
        BirthDate("1962-01-01", "1963-12-31"),
    )
    assert entry.birth_places == ("Tula, RUSSIA",)
    assert ("birthdate", "1380-01-01 ISLAMIC") in entry.raw


def test_facts_of_a_person() -> None:
    entry = read()[0][0]
    assert Identifier("passport", "A123", "IQ", "National passport; known to be false") in entry.identifiers
    assert (entry.countries, entry.gender, entry.titles) == (("IQ",), "male", ("Dr", "Clerk"))
    assert (entry.addresses, entry.programmes) == (("Street 1, Tula, RUSSIA",), ("TST",))
    assert ("nameAlias@novelty", "x") in entry.raw


def test_organisation() -> None:
    entry = read()[0][1]
    assert (entry.kind, entry.entry_id) == (Kind.ORGANISATION, "42")


def test_detect_is_specific() -> None:
    assert eu_xml.detect(DATA.encode(), "x") == "EU-FSF"
    assert eu_xml.detect(b"<export><other/></export>", "x") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "LST300"),
        ("<x/>", "LST334"),
        ("<export/>", "LST335"),
        (DATA[:1200], "LST110"),
        ('<!DOCTYPE export [<!ENTITY a "b">]>' + DATA.partition("?>")[2], "LST111"),
        (DATA.replace('logicalId="42"', 'logicalId="13"'), "LST313"),
    ],
)
def test_unusable_file_is_refused(text: str, code: str) -> None:
    with pytest.raises(ListError) as caught:
        read(text)
    assert caught.value.code == code
