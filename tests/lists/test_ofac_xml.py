"""OFAC XML: the same facts from elements."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import ofac_xml
from sito.lists.source import Facts, Source

DATA = """<?xml version="1.0"?><sdnList xmlns="http://example.org/any">
<publshInformation><Publish_Date>09/16/2026</Publish_Date><Record_Count>2</Record_Count></publshInformation>
<sdnEntry><uid>101</uid><firstName>Test Person</firstName><lastName>SAMPLE</lastName><title>Director</title>
<sdnType>Individual</sdnType><remarks>(Linked To: SAMPLE WORKS)</remarks>
<programList><program>SDGT</program></programList>
<idList><id><uid>1</uid><idType>Passport</idType><idNumber>A1234567</idNumber><idCountry>Iran</idCountry>
<expirationDate>01 Feb 2015</expirationDate></id><id><idType>Gender</idType><idNumber>Male</idNumber></id>
<id><idType>Secondary sanctions risk:</idType><idNumber>section 1</idNumber></id></idList>
<akaList><aka><type>a.k.a.</type><category>weak</category><lastName>WEAKLING</lastName></aka>
<aka><type>f.k.a.</type><category>strong</category><firstName>Old</firstName><lastName>SAMPLE</lastName></aka></akaList>
<addressList><address><city>Testville</city><country>Iran</country></address></addressList>
<nationalityList><nationality><country>Iran</country></nationality></nationalityList>
<dateOfBirthList><dateOfBirthItem><dateOfBirth>circa 1960</dateOfBirth></dateOfBirthItem></dateOfBirthList>
<placeOfBirthList><placeOfBirthItem><placeOfBirth>Testville</placeOfBirth></placeOfBirthItem></placeOfBirthList>
<novelty>something</novelty></sdnEntry>
<sdnEntry><uid>103</uid><lastName>SAMPLE STAR</lastName><sdnType>Vessel</sdnType>
<vesselInfo><callSign>9HDQ9</callSign><vesselType>Tanker</vesselType><vesselFlag>Malta</vesselFlag></vesselInfo></sdnEntry>
</sdnList>"""


def read(text: str = DATA) -> tuple[list, Facts]:
    facts = Facts()
    return list(ofac_xml.read(Source("sdn.xml", text.encode(), "", "OFAC-SDN"), facts)), facts


def test_publication_is_in_the_facts() -> None:
    _, facts = read()
    assert (facts.edition_date, facts.declared_count) == ("2026-09-16", 2)


def test_person() -> None:
    person = read()[0][0]
    assert [(name.text, name.quality) for name in person.names] == [
        ("Test Person SAMPLE", NameQuality.PRIMARY),
        ("WEAKLING", NameQuality.WEAK),
        ("Old SAMPLE", NameQuality.FORMER),
    ]
    assert person.identifiers == (Identifier("passport", "A1234567", "IR", "expires 01 Feb 2015"),)
    assert person.birth_dates == (BirthDate("1960-01-01", "1960-12-31", True),)
    assert (person.gender, person.countries, person.titles) == ("male", ("IR",), ("Director",))
    assert "Secondary sanctions risk" in person.remarks
    assert person.raw == (("novelty", "something"),)


def test_vessel() -> None:
    vessel = read()[0][1]
    assert (vessel.kind, vessel.countries) == (Kind.VESSEL, ("MT",))
    assert vessel.identifiers == (Identifier("call_sign", "9HDQ9"),)


def test_detect_is_specific() -> None:
    assert ofac_xml.detect(DATA.encode(), "consolidated.xml") == "OFAC-CONS"
    assert ofac_xml.detect(b"<Sanctions><DistinctParties/></Sanctions>", "sdn_advanced.xml") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "LST300"), ("<x/>", "LST336"), ("<sdnList/>", "LST337"), (DATA[:900], "LST110")],
)
def test_unusable_file_is_refused(text: str, code: str) -> None:
    with pytest.raises(ListError) as caught:
        read(text)
    assert caught.value.code == code
