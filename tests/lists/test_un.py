"""UN consolidated list."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import un
from sito.lists.source import Facts, Source

DATA = """<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">
<INDIVIDUALS>
<INDIVIDUAL><DATAID>901</DATAID><VERSIONNUM>1</VERSIONNUM>
<FIRST_NAME> TEST </FIRST_NAME><SECOND_NAME>PERSON</SECOND_NAME>
<THIRD_NAME/><UN_LIST_TYPE>Sample</UN_LIST_TYPE><REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER>
<LISTED_ON>2012-12-31-04:00</LISTED_ON><NAME_ORIGINAL_SCRIPT>Тест Персона</NAME_ORIGINAL_SCRIPT><GENDER>Male</GENDER>
<COMMENTS1>Invented.</COMMENTS1><TITLE><VALUE>Dr</VALUE></TITLE><DESIGNATION><VALUE>Clerk</VALUE></DESIGNATION>
<NATIONALITY><VALUE>Rwanda</VALUE></NATIONALITY><LAST_DAY_UPDATED><VALUE>2020-01-01</VALUE><VALUE/></LAST_DAY_UPDATED>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Tst Prsn</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Testy</ALIAS_NAME><DATE_OF_BIRTH>1972</DATE_OF_BIRTH></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Proband (previously listed as)</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1955</FROM_YEAR><TO_YEAR>1958</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>Nov. 1973</NOTE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>24/06/1402 (Hijri)</NOTE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_PLACE_OF_BIRTH><CITY>Kigali</CITY><COUNTRY>Rwanda</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>
<NUMBER> PC1 </NUMBER><ISSUING_COUNTRY>Rwanda</ISSUING_COUNTRY>
<DATE_OF_ISSUE>2009-08-31</DATE_OF_ISSUE></INDIVIDUAL_DOCUMENT><INDIVIDUAL_DOCUMENT/><NEW_FIELD>x</NEW_FIELD></INDIVIDUAL></INDIVIDUALS>
<ENTITIES><ENTITY><DATAID>902</DATAID><FIRST_NAME>SAMPLE GROUP</FIRST_NAME><REFERENCE_NUMBER>XXe.002</REFERENCE_NUMBER>
<ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>OLD GROUP</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ADDRESS><CITY>Damascus</CITY><COUNTRY>Syrian Arab Republic</COUNTRY></ENTITY_ADDRESS></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>"""


def read(data: str | bytes = DATA, list_id: str = "UN-SC") -> tuple[list, Facts]:
    facts = Facts()
    data = data.encode() if isinstance(data, str) else data
    return list(un.read(Source("un.xml", data, "", list_id), facts)), facts


def test_edition_date_is_found() -> None:
    assert read()[1].edition_date == "2026-02-27"


def test_names_keep_script_and_quality() -> None:
    assert [(name.text, name.quality) for name in read()[0][0].names] == [
        ("TEST PERSON", NameQuality.PRIMARY),
        ("Тест Персона", NameQuality.ORIGINAL_SCRIPT),
        ("Tst Prsn", NameQuality.STRONG),
        ("Testy", NameQuality.WEAK),
        ("Proband", NameQuality.FORMER),
    ]


def test_every_form_of_birth_date_is_read() -> None:
    person = read()[0][0]
    assert set(person.birth_dates) == {
        BirthDate("1955-01-01", "1958-12-31"),
        BirthDate("1971-01-01", "1971-12-31", True),
        BirthDate("1972-01-01", "1972-12-31"),
        BirthDate("1973-11-01", "1973-11-30"),
    }
    assert ("DATE_OF_BIRTH, NOTE", "24/06/1402 (Hijri)") in person.raw


def test_facts_of_a_person() -> None:
    person = read()[0][0]
    assert person.identifiers == (
        Identifier("other", "XXi.001", note="UN reference number"),
        Identifier("passport", "PC1", "RW", "issued 2009-08-31"),
    )
    assert (person.listed_on, person.changed_on) == (("2012-12-31",), ("2020-01-01",))
    assert (person.countries, person.titles, person.gender) == (("RW",), ("Dr", "Clerk"), "male")
    assert (person.birth_places, person.programmes) == (("Kigali, Rwanda",), ("Sample",))


def test_unknown_element_is_raw() -> None:
    assert ("NEW_FIELD", "x") in read()[0][0].raw


def test_entity() -> None:
    entity = read()[0][1]
    assert (entity.kind, entity.entry_id, entity.countries) == (Kind.ORGANISATION, "902", ("SY",))
    assert entity.names[1].quality is NameQuality.FORMER


def test_list_id_is_that_of_the_source() -> None:
    assert {entry.list_id for entry in read(list_id="RU-UN")[0]} == {"RU-UN"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "LST300"),
        ("<x/>", "LST330"),
        ("<CONSOLIDATED_LIST/>", "LST331"),
        (DATA[:1500], "LST110"),
        (DATA.replace("Invented.", "\x04"), "LST110"),
        (DATA.replace("902", "901"), "LST313"),
        (DATA.replace("SAMPLE GROUP", "").replace("OLD GROUP", ""), "LST312"),
        (DATA.encode().replace("Тест".encode(), b"\xd0"), "LST110"),
    ],
)
def test_unusable_file_is_refused(data: str | bytes, code: str) -> None:
    with pytest.raises(ListError) as caught:
        read(data)
    assert caught.value.code == code


def test_detect_is_specific() -> None:
    assert un.detect(DATA.encode(), "x") == "UN-SC"
    assert un.detect(b"<export/>", "consolidated.xml") is None
