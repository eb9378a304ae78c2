"""OpenSanctions tables: cells, kinds, identifiers, list ids and refusals."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.entries import BirthDate, Identifier, Kind, Name, NameQuality
from sito.errors import ListError
from sito.lists import opensanctions
from sito.lists.opensanctions import COLUMNS, dataset_id, detect, identify, typed_identifier
from sito.lists.source import ALIAS_COUNT_MAX, LINE_SIZE_MAX, NAME_LENGTH_MAX, Facts, Source
from sito.numbers import is_imo, is_inn, is_ogrn


def table(*rows: dict[str, str], columns=COLUMNS) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({"id": f"X-{i}", "name": "Nemo", "schema": "Person", **row} for i, row in enumerate(rows))
    return out.getvalue().encode()


def run(data: bytes):
    facts = Facts()
    return list(opensanctions.read(Source("t.csv", data, "", "OS-DEMO"), facts)), facts


def one(**row: str):
    return run(table(row))[0][0]


def refused(data: bytes) -> ListError:
    with pytest.raises(ListError) as caught:
        run(data)
    return caught.value


def test_row_becomes_entry():
    entry = one(
        id="NK-1",
        name="Nemo Sample",
        aliases="N. Sample;Nobody",
        birth_date="1970-02-03",
        countries="ru;ua",
        addresses="Sample street 1",
        sanctions="Block",
        program_ids="DEMO-1",
        dataset="demo",
        last_change="2024-05-01T10:00:00",
        first_seen="2023-01-01",
    )
    assert (entry.list_id, entry.entry_id, entry.kind) == ("OS-DEMO", "NK-1", Kind.PERSON)
    assert entry.names == (Name("Nemo Sample", NameQuality.PRIMARY), Name("N. Sample"), Name("Nobody"))
    assert entry.birth_dates == (BirthDate("1970-02-03", "1970-02-03"),)
    assert (entry.countries, entry.addresses) == (("RU", "UA"), ("Sample street 1",))
    assert (entry.programmes, entry.changed_on) == (("Block", "DEMO-1"), ("2024-05-01",))
    assert entry.raw == (("dataset", "demo"), ("first_seen", "2023-01-01"))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("", []),
        ("a", ["a"]),
        ("a;b", ["a", "b"]),
        (" a ; ;b;", ["a", "b"]),
        ('"a;b";c', ["a;b", "c"]),
        ('"say ""x""";c', ['say "x"', "c"]),
        ('a"b;c', ['a"b', "c"]),
        ('"open;c', ['"open', "c"]),
    ],
)
def test_cell_is_a_line_of_values(cell, names):
    assert [name.text for name in one(aliases=cell).names[1:]] == names


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1), max_size=5))
def test_cell_gives_back_what_the_exporter_writes(values):
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(values)
    assert [name.text for name in one(aliases=out.getvalue()).names[1:]] == values


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("Person", Kind.PERSON),
        ("Organization", Kind.ORGANISATION),
        ("Company", Kind.ORGANISATION),
        ("PublicBody", Kind.ORGANISATION),
        ("LegalEntity", Kind.UNKNOWN),
        ("Vessel", Kind.VESSEL),
        ("Airplane", Kind.AIRCRAFT),
        ("CryptoWallet", Kind.OTHER),
        ("Security", Kind.OTHER),
        ("", Kind.UNKNOWN),
    ],
)
def test_schema_gives_kind(schema, kind):
    assert one(schema=schema).kind is kind


def test_unknown_schema_is_other_and_warned_of():
    entries, facts = run(table({"schema": "Starship"}))
    assert entries[0].kind is Kind.OTHER
    assert ("schema", "Starship") in entries[0].raw
    assert "Starship" in facts.warnings[0]


@pytest.mark.parametrize(
    ("cell", "dates"),
    [
        ("1970", [("1970-01-01", "1970-12-31")]),
        ("1970-02", [("1970-02-01", "1970-02-28")]),
        ("1970-02-03;1971", [("1970-02-03", "1970-02-03"), ("1971-01-01", "1971-12-31")]),
    ],
)
def test_partial_birth_dates_are_spans(cell, dates):
    assert [(date.start, date.end) for date in one(birth_date=cell).birth_dates] == dates


def test_birth_date_that_is_no_date_is_kept_and_counted():
    entries, facts = run(table({"birth_date": "1970-02-31;1971"}))
    assert len(entries[0].birth_dates) == 1
    assert ("birth_date", "1970-02-31") in entries[0].raw
    assert facts.warnings[0].startswith("1 rows")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("7707083893", "inn"),
        ("7707083894", "other"),
        ("500100732259", "inn"),
        ("500100732258", "other"),
        ("0000000000", "other"),
        ("1027700132195", "ogrn"),
        ("1027700132196", "other"),
        ("304500116000157", "ogrn"),
        ("IMO9074729", "imo"),
        ("IMO 9074729", "imo"),
        ("IMO9074728", "other"),
        ("9074729", "other"),
        ("AB 123", "other"),
        ("٧٧٠٧٠٨٣٨٩٣", "other"),
    ],
)
def test_only_numbers_that_prove_themselves_get_a_type(text, kind):
    assert typed_identifier(text).type == kind


def test_phones_and_mails_are_identifiers():
    entry = one(identifiers="AB 1", phones="+100", emails="a@b.example")
    assert entry.identifiers == (
        Identifier("other", "AB 1"),
        Identifier("phone", "+100"),
        Identifier("other", "a@b.example", note="email"),
    )


def test_columns_may_come_in_any_order_and_number():
    data = b"name,extra,id,aliases,schema\r\nNemo,more,X-1,Nobody,Person\r\n"
    (entry,), _ = run(data)
    assert (entry.entry_id, len(entry.names), entry.raw) == ("X-1", 2, (("extra", "more"),))


def test_row_without_name_is_counted():
    entries, facts = run(table({"name": ""}, {}))
    assert (len(entries), facts.warnings) == (1, ["1 rows have no name and cannot be screened"])


def test_row_with_aliases_only_is_kept():
    assert one(name=" ", aliases="Nobody;N.").names == (Name("Nobody", NameQuality.PRIMARY), Name("N."))


def test_edition_date_is_the_newest_last_seen():
    _, facts = run(table({"last_seen": "2024-05-01T10:00:00"}, {"last_seen": "2024-05-02T10:00:00"}, {}))
    assert facts.edition_date == "2024-05-02"


def test_byte_order_mark_and_line_breaks_in_cells_are_read():
    (entry,), _ = run(b"\xef\xbb\xbf" + table({"addresses": "Street\n1"}))
    assert entry.addresses == ("Street\n1",)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"name,aliases\r\nx,y\r\n", "LST400"),
        (b"", "LST400"),
        (table({"name": "Ж"}).replace("Ж".encode(), b"\xff"), "LST401"),
        (table({}) + b"X-9,Person\r\n", "LST402"),
        (table({"id": " "}), "LST403"),
        (table({"name": "x" * (NAME_LENGTH_MAX + 1)}), "LST404"),
        (table({"aliases": "y;" + "x" * (NAME_LENGTH_MAX + 1)}), "LST404"),
        (table({"addresses": "x" * (LINE_SIZE_MAX + 1)}), "LST404"),
        (table({"aliases": ";".join(map(str, range(10_000)))}), "LST405"),
        (table({}) + b'"X-9"x', "LST406"),
    ],
)
def test_bad_table_is_refused(data, code):
    assert refused(data).code == code


def test_refusal_names_row_and_count_but_no_name():
    error = refused(table({}, {"aliases": ";".join(["Secret"] * 10_000)}))
    assert (error.got, "row 3" in error.where, "Secret" in str(error)) == ("10000", True, False)


def test_limits_themselves_pass():
    aliases = ";".join(map(str, range(ALIAS_COUNT_MAX - 1)))
    assert len(one(name="x" * NAME_LENGTH_MAX, aliases=aliases).names) == ALIAS_COUNT_MAX


@pytest.mark.parametrize(
    ("datasets", "list_id"),
    [
        (["demo set"] * 3, "OS-DEMO-SET"),
        (["one", "one", "two"], "OS-MIXED"),
        ([""], "OS-MIXED"),
        (["Список"], "OS-MIXED"),
        (["x" * 99], "OS-" + "X" * 29),
    ],
)
def test_list_id_comes_from_the_dataset(datasets, list_id):
    data = table(*({"dataset": dataset} for dataset in datasets))
    assert identify(iter([data[:50], data[50:]])) == list_id


@pytest.mark.parametrize(
    "data", [b"", b"id,schema,name,aliases\r\n", b"id,dataset\r\n\xff,\xff\r\n", b"id,dataset\r\nx\r\n"]
)
def test_list_id_of_a_faulty_table_is_mixed(data):
    assert identify(iter([data])) == "OS-MIXED"


def test_dataset_id_fits_the_pattern_of_list_ids():
    assert dataset_id("-eu_fsf (EU)-") == "OS-EU-FSF-EU"


@pytest.mark.parametrize("head", [b"", b"id,name\n", b"\xff\xfe", b"id;schema;name;aliases\n", b"x" * 60_000])
def test_detect_leaves_other_files_alone(head):
    assert detect(head, "targets.simple.csv") is None


def test_check_digits_reject_wrong_lengths():
    assert not is_inn("1" * 11) and not is_ogrn("1" * 14) and not is_imo("1" * 6) and not is_imo("0000000")


def test_line_too_long_to_split_is_refused(monkeypatch):
    monkeypatch.setattr(opensanctions, "LINE_MAX", 1000)
    assert len(run(table({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}))[0]) == 15
    data = table({}) + b"," * 2000
    assert refused(data).code == "LST404"
    assert identify(iter([data])) == "OS-MIXED"


def test_too_many_columns_are_refused():
    limit = opensanctions.COLUMN_COUNT_MAX
    assert refused(b"id,name" + b",x" * (limit - 1) + b"\r\n").code == "LST407"


def test_ten_thousand_birth_dates_are_read_in_time():
    cell = ";".join(f"{1900 + i % 100}-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(10_000))
    assert len(one(birth_date=cell).birth_dates) <= 10_000
