"""OFAC CSV: four files, one list, remarks taken apart."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Entry, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import ofac_csv
from sito.lists.source import ALIAS_COUNT_MAX, NAME_LENGTH_MAX, Facts, Source

NULLS = ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- "
REMARKS = (
    "DOB 12 Jan 1960; alt. DOB circa 1961; POB Testville, Iran; nationality Iran; citizen Syria; Gender Male; "
    "Passport A1234567 (Iran) issued 01 Feb 2010 expires 01 Feb 2015; alt. Passport B7654321; "
    "Tax ID No. 7707083893 (Russia); National ID No. 123-45 (Syria); SWIFT/BIC TESTRUMM; "
    "Digital Currency Address - XBT 1TestAddressOfNobody; Email Address nobody@example.org; "
    "Additional Sanctions Information - Subject to Secondary Sanctions; Linked To: SAMPLE WORKS; "
    "a.k.a. 'SAMPLE, Weak'; f.k.a. 'OLD; NAME'; Zyx 77 qqq."
)
SDN = (
    f'101,"SAMPLE, Test Person","individual","SDGT] [IFSR","Director"{NULLS[:-6]},"{REMARKS}"\r\n'
    f'102,"SAMPLE TRADING CO., LTD.",-0- ,"CUBA"{NULLS},"a.k.a. \'STC\'."\r\n'
    '103,"SAMPLE STAR","vessel","IRAN",-0- ,"9HDQ9","Crude Oil Tanker","318,000","163,660","Malta","Owner Ltd",'
    '"Vessel Registration Identification IMO 9187629; MMSI 572469210."\r\n'
    f'104,"XX-ABC","aircraft","IRAN"{NULLS},"Aircraft Tail Number XX-ABC; Aircraft Model IL76-TD."\r\n'
    "\x1a"
).replace(f"{NULLS[:-6]},", ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,", 1)
ALT = '101,1,"aka","EXAMPLE, Other",-0- \n'
ALT += '102,2,"fka","FORMER SAMPLE",-0- \n102,3,"nka","NEW SAMPLE",-0- \n999,4,"aka","X",-0- \n'
ADD = '101,1,"Street 1","Testville","Iran",-0- \n102,2,-0- ,"Havana","Cuba",-0- \n'


def source(data: str | bytes, name: str = "sdn.csv", **companions: str) -> Source:
    parts = {key: Source(f"{key}.csv", text.encode(), "", "OFAC-SDN") for key, text in companions.items()}
    return Source(name, data.encode() if isinstance(data, str) else data, "", "OFAC-SDN", parts)


def read(data: str | bytes, **companions: str) -> tuple[dict[str, Entry], Facts]:
    facts = Facts()
    return {entry.entry_id: entry for entry in ofac_csv.read(source(data, **companions), facts)}, facts


def code_of(data: str | bytes, **companions: str) -> str:
    with pytest.raises(ListError) as caught:
        read(data, **companions)
    return caught.value.code


def test_person_name_is_turned_to_natural_order() -> None:
    name = read(SDN)[0]["101"].names[0]
    assert (name.text, name.surname, name.given) == ("Test Person SAMPLE", "SAMPLE", "Test Person")


def test_suffix_stays_at_the_end() -> None:
    entries, _ = read(SDN.replace("SAMPLE, Test Person", "SAMPLE, Test, Jr."))
    assert entries["101"].names[0].text == "Test SAMPLE Jr."


def test_organisation_name_stays_as_printed() -> None:
    entry = read(SDN)[0]["102"]
    assert (entry.kind, entry.names[0].text) == (Kind.ORGANISATION, "SAMPLE TRADING CO., LTD.")


def test_aliases_keep_their_quality() -> None:
    entries, _ = read(SDN, alt=ALT)
    found = {name.text: name.quality for entry in entries.values() for name in entry.names}
    assert found["Other EXAMPLE"] is NameQuality.STRONG
    assert found["FORMER SAMPLE"] is NameQuality.FORMER
    assert found["NEW SAMPLE"] is NameQuality.STRONG
    assert found["STC"] is NameQuality.WEAK
    assert found["Weak SAMPLE"] is NameQuality.WEAK
    assert found["OLD; NAME"] is NameQuality.FORMER


def test_birth_dates_and_places_come_from_remarks() -> None:
    entry = read(SDN)[0]["101"]
    assert entry.birth_dates == (BirthDate("1960-01-12", "1960-01-12"), BirthDate("1961-01-01", "1961-12-31", True))
    assert entry.birth_places == ("Testville, Iran",)
    assert (entry.countries, entry.gender, entry.titles) == (("IR", "SY"), "male", ("Director",))


def test_identifiers_come_from_remarks() -> None:
    assert read(SDN)[0]["101"].identifiers == (
        Identifier("passport", "A1234567", "IR", "issued 01 Feb 2010 expires 01 Feb 2015"),
        Identifier("passport", "B7654321"),
        Identifier("inn", "7707083893", "RU", "Tax ID No."),
        Identifier("national_id", "123-45", "SY", "National ID No."),
        Identifier("bic", "TESTRUMM", "", "SWIFT/BIC"),
        Identifier("wallet", "1TestAddressOfNobody", "", "XBT"),
        Identifier("other", "nobody@example.org", "", "Email Address"),
    )


def test_prose_stays_in_remarks_and_the_unknown_in_raw() -> None:
    entry = read(SDN)[0]["101"]
    assert "Linked To: SAMPLE WORKS" in entry.remarks
    assert entry.raw == (("Remarks", "Zyx 77 qqq."),)


def test_vessel_columns_are_kept() -> None:
    entry = read(SDN)[0]["103"]
    assert entry.kind is Kind.VESSEL
    assert [(one.type, one.number) for one in entry.identifiers] == [
        ("call_sign", "9HDQ9"),
        ("imo", "9187629"),
        ("mmsi", "572469210"),
    ]
    assert entry.countries == ("MT",)
    for words in ("Crude Oil Tanker", "318,000", "163,660", "Flag: Malta", "Owner: Owner Ltd"):
        assert words in entry.remarks


def test_aircraft_keeps_its_tail_number() -> None:
    entry = read(SDN)[0]["104"]
    assert (entry.kind, entry.identifiers[0].type) == (Kind.AIRCRAFT, "tail_number")


def test_programmes_are_split() -> None:
    assert read(SDN)[0]["101"].programmes == ("SDGT", "IFSR")


def test_addresses_are_added() -> None:
    entries, _ = read(SDN, add=ADD)
    assert entries["101"].addresses == ("Street 1, Testville, Iran",)
    assert entries["102"].countries == ("CU",)


def test_rows_without_an_entry_are_a_warning_with_their_count() -> None:
    _, facts = read(SDN, alt=ALT, add=ADD)
    assert facts.warnings == ["1 rows of the alt file belong to 1 numbers that sdn.csv lacks."]


def test_missing_companions_are_warnings() -> None:
    assert len(read(SDN)[1].warnings) == 2


def test_remarks_go_on_in_the_comments_file() -> None:
    start = "Linked To: " + "A" * (1000 - 11 - 15) + "; Passport A123"
    row = f'7,"SAMPLE","individual","X"{NULLS},"{start}"\n'
    entries, _ = read(row, comments='7,"4567 (Iran)."\n')
    assert entries["7"].identifiers == (Identifier("passport", "A1234567", "IR"),)


def test_cut_remarks_without_comments_are_raw_and_a_warning() -> None:
    start = "Linked To: " + "A" * (1000 - 11 - 15) + "; Passport A123"
    entries, facts = read(f'7,"SAMPLE","individual","X"{NULLS},"{start}"\n')
    assert entries["7"].identifiers == ()
    assert entries["7"].raw == (("Remarks, cut at its width", "Passport A123"),)
    assert "1 remarks" in facts.warnings[-1]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (SDN, "sdn"),
        (ALT, "alt"),
        (ADD, "add"),
        ("7,\"a.k.a. 'X'; DOB 1960.\"\n", "comments"),
        ("id,name\n1,Test\n", None),
        ("1,2\n3,4\n", None),
        ("", None),
    ],
)
def test_part_is_told_by_the_shape_of_the_rows(data: str, part: str | None) -> None:
    assert ofac_csv.part(data.encode(), "file.csv") == part


def test_consolidated_set_is_told_by_its_name() -> None:
    assert ofac_csv.detect(SDN.encode(), "cons_prim.csv") == "OFAC-CONS"
    assert ofac_csv.detect(SDN.encode(), "sdn.csv") == "OFAC-SDN"


def test_companion_alone_is_refused() -> None:
    assert code_of(ALT) == "LST320"


def test_entry_twice_is_refused() -> None:
    assert code_of(SDN.replace("102,", "101,")) == "LST313"


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_cut_file_is_refused(cut: int) -> None:
    body = SDN.rstrip("\x1a\r\n")
    assert code_of(body[:-cut]) in {"LST303", "LST321"}


def test_lf_and_crlf_read_alike() -> None:
    assert read(SDN)[0] == read(SDN.replace("\r\n", "\n"))[0] == read("\ufeff" + SDN)[0]


def test_name_above_the_limit_is_refused_naming_the_entry() -> None:
    read(SDN.replace("SAMPLE STAR", "A" * NAME_LENGTH_MAX))
    with pytest.raises(ListError) as caught:
        read(SDN.replace("SAMPLE STAR", "A" * (NAME_LENGTH_MAX + 1)))
    assert (caught.value.code, caught.value.got) == ("LST310", str(NAME_LENGTH_MAX + 1))
    assert "entry 103" in caught.value.where


def test_too_many_aliases_are_refused() -> None:
    def alt(count: int) -> str:
        return "".join(f'104,{i},"aka","NAME {i}",-0- \n' for i in range(count))

    assert len(read(SDN, alt=alt(ALIAS_COUNT_MAX - 1))[0]["104"].names) == ALIAS_COUNT_MAX
    assert code_of(SDN, alt=alt(ALIAS_COUNT_MAX)) == "LST311"


def test_hostile_remarks_take_no_time() -> None:
    for text in ("(" * 60_000, "A " * 30_000 + "1", ";(" * 30_000 + "1", "; a.k.a. 'A" * 10_000):
        read(f'7,"SAMPLE","individual","X"{NULLS},"DOB 1960; {text}."\n')


def test_alias_in_remarks_above_the_limit_is_refused() -> None:
    text = "A" * (NAME_LENGTH_MAX + 1)
    assert code_of(f'7,"SAMPLE","individual","X"{NULLS},"a.k.a. \'{text}\'."\n') == "LST310"
