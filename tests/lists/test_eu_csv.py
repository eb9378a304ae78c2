"""EU CSV: version 1.1, the older names, and the wrapped form."""

from __future__ import annotations

import pytest

from sito.entries import NAME_WITHOUT_LETTER, BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import eu_csv
from sito.lists.draft import EntryDraft
from sito.lists.source import Facts, Source

NEW = """fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_UnitedNationId;Entity_DesignationDate;\
Entity_Remark;Entity_SubjectType;Entity_SubjectType_ClassificationCode;Entity_Regulation_Programme;NameAlias_LastName;\
NameAlias_FirstName;NameAlias_MiddleName;NameAlias_WholeName;NameAlias_NameLanguage;NameAlias_Gender;NameAlias_LogicalId;\
Address_City;Address_CountryIso2Code;BirthDate_BirthDate;BirthDate_Year;BirthDate_Circa;BirthDate_City;\
Identification_Number;Identification_TypeCode;Identification_TypeDescription;Identification_CountryIso2Code;\
Citizenship_CountryIso2Code;New_Column
05/08/2026;13;EU.1.1;XXi.001;2001-05-28;Invented;P;person;TST;Sample;Test;Q;Test Q Sample;EN;M;17;;;;;;;;;;;;
05/08/2026;13;EU.1.1;XXi.001;2001-05-28;Invented;P;person;TST;;;;Тест Сэмпл;RU;;18;;;;;;;;;;;;
05/08/2026;42;EU.2.1;;;;E;enterprise;TST;;;;Sample "Works;;;19;;;;;;;;;;;;odd
05/08/2026;13;EU.1.1;XXi.001;2001-05-28;Invented;P;person;TST;;;;;;;;;;1960-01-12;;;Tula;;;;;;
05/08/2026;13;EU.1.1;XXi.001;2001-05-28;Invented;P;person;TST;;;;;;;;;;;1961;true;;;;;;;
05/08/2026;13;EU.1.1;XXi.001;2001-05-28;Invented;P;person;TST;;;;;;;;;;;;;;A123;passport;National passport;IQ;;
05/08/2026;13;EU.1.1;XXi.001;2001-05-28;Invented;P;person;TST;;;;;;;;;;;;;;;;;;IQ;
05/08/2026;42;EU.2.1;;;;E;enterprise;TST;;;;;;;;Tula;RU;;;;;;;;;;
"""
OLD = """Date_file;Entity_logical_id;Subject_type;Programme;Naal_logical_id;Entity_logical_id;Naal_lastname;\
Naal_firstname;\
Naal_wholename;Birt_date;Birt_place;Birt_country;Iden_number;Iden_country;EU_ref_num
04/07/2018;1;P;TST;1;1;Sample;Test;Test Sample;;;;;;EU.1.1
04/07/2018;1;P;TST;;;;;;1924-02-21;Tula;RUS;;;EU.1.1
04/07/2018;1;P;TST;;;;;;N/A;;;"A123 (passport-National passport) ((passport))";IRQ;EU.1.1
"""


def read(text: str) -> tuple[list, Facts]:
    facts = Facts()
    return list(eu_csv.read(Source("eu.csv", text.encode(), "", "EU-FSF"), facts)), facts


def wrap(text: str) -> str:
    doubled = (line.replace('"', '""') for line in text.splitlines())
    return "".join(f'"{line}\t\t\t"\n' for line in doubled)


def test_rows_of_one_id_are_one_entry() -> None:
    entries, facts = read("\ufeff" + NEW)
    assert [(entry.entry_id, entry.kind) for entry in entries] == [("13", Kind.PERSON), ("42", Kind.ORGANISATION)]
    assert facts.edition_date == "2026-08-05"


def test_person() -> None:
    entry = read(NEW)[0][0]
    assert [(name.text, name.quality, name.language) for name in entry.names] == [
        ("Test Q Sample", NameQuality.PRIMARY, "EN"),
        ("Тест Сэмпл", NameQuality.STRONG, "RU"),
    ]
    assert (entry.names[0].surname, entry.names[0].given) == ("Sample", "Test Q")
    assert entry.birth_dates == (BirthDate("1960-01-12", "1960-01-12"), BirthDate("1961-01-01", "1961-12-31", True))
    assert set(entry.identifiers) == {
        Identifier("other", "EU.1.1", note="EU reference number"),
        Identifier("other", "XXi.001", note="UN reference number"),
        Identifier("passport", "A123", "IQ", "National passport"),
    }
    assert (entry.countries, entry.birth_places, entry.gender) == (("IQ",), ("Tula",), "male")
    assert (entry.listed_on, entry.programmes, entry.remarks) == (("2001-05-28",), ("TST",), "Invented")
    assert entry.raw == ()


def test_lazy_quote_is_kept_and_unknown_column_is_raw() -> None:
    entry = read(NEW)[0][1]
    assert entry.names[0].text == 'Sample "Works'
    assert entry.raw == (("newcolumn", "odd"),)
    assert (entry.addresses, entry.countries) == (("Tula, RU",), ("RU",))


def test_older_names_are_understood() -> None:
    (entry,) = read(OLD)[0]
    assert (entry.names[0].text, entry.names[0].surname) == ("Test Sample", "Sample")
    assert entry.birth_dates == (BirthDate("1924-02-21", "1924-02-21"),)
    assert Identifier("passport", "A123", "IQ", "National passport") in entry.identifiers
    assert entry.raw == ()


@pytest.mark.parametrize("text", [NEW, OLD])
def test_wrapped_file_reads_like_the_plain_one(text: str) -> None:
    assert eu_csv.detect(wrap(text).encode(), "x") == eu_csv.detect(text.encode(), "x") == "EU-FSF"
    assert read(wrap(text))[0] == read(text)[0]


def test_half_wrapped_file_is_refused() -> None:
    with pytest.raises(ListError, match="LST340"):
        read(wrap(OLD) + "04/07/2018;1;P\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "LST300"), ("a;b\n1;2\n", "LST305"), (NEW[:-40], "LST304"), (NEW.replace(";42;", ";;"), "LST343")],
)
def test_unusable_file_is_refused(text: str, code: str) -> None:
    with pytest.raises(ListError) as caught:
        read(text)
    assert caught.value.code == code


def test_an_alias_that_lost_its_letters_goes_to_raw() -> None:
    draft = EntryDraft(Source("eu.csv", b"", "", "EU-FSF"), "1", Kind.PERSON)
    for text in ("???? ??", "Arkady Lestnikov"):
        draft.name(text)
    entry = draft.build()
    assert [name.text for name in entry.names] == ["Arkady Lestnikov"]
    assert entry.raw == ((NAME_WITHOUT_LETTER, "???? ??"),)


def test_an_entry_of_lost_letters_alone_keeps_them() -> None:
    draft = EntryDraft(Source("eu.csv", b"", "", "EU-FSF"), "1", Kind.PERSON)
    draft.name("????")
    assert [name.text for name in draft.build().names] == ["????"]
