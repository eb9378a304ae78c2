"""Opening lists: detection, grouping, forced ids, and the life of a ListFile."""

from __future__ import annotations

import gzip
import io
import zipfile
from hashlib import sha256

import pytest

from sito.entries import ListEdition
from sito.errors import ListError
from sito.lists import READERS, open_lists
from sito.policy import list_kind_of

PAGE = """1. ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ*, 01.02.1970 г.р. , Г. ПРИМЕРСК;
2. НЕКТО ПРОБА ТЕСТОВНА, 03.04.1980 г.р. ;
""".encode()
SIMPLE = (
    b'id,schema,name,aliases,dataset\nX-1,Person,Nemo Sample,"N. Sample;Nobody",demo set\nX-2,Vessel,Boat,,demo set\n'
)
UN = b"""<CONSOLIDATED_LIST dateGenerated="2024-01-02T00:00:00"><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID>
<FIRST_NAME>Nemo</FIRST_NAME><REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""
SDN = b'1,"SAMPLE, Nemo","individual","DEMO",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970."\r\n'
ALT = b'1,10,"aka","NOBODY",-0- \r\n'
ADD = b'1,20,-0- ,"Sampletown","Nowhere",-0- \r\n'


def put(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def refused(*args, **options):
    with pytest.raises(ListError) as caught:
        open_lists(*args, **options)
    return caught.value


def test_edition_tells_what_was_read(tmp_path):
    data = gzip.compress(SIMPLE)
    (one,) = open_lists([put(tmp_path, "targets.simple.csv.gz", data)])
    assert (one.list_id, one.format, one.names) == ("OS-DEMO-SET", "opensanctions-csv", ("targets.simple.csv.gz",))
    assert [entry.entry_id for entry in one] == ["X-1", "X-2"]
    edition = one.edition
    assert edition.files == (("targets.simple.csv.gz", sha256(data).hexdigest(), len(data)),)
    assert (edition.list_id, edition.entry_count, edition.name_count) == ("OS-DEMO-SET", 2, 4)


def test_edition_before_the_end_is_an_error(tmp_path):
    (one,) = open_lists([put(tmp_path, "page.txt", PAGE)])
    next(iter(one))
    with pytest.raises(ListError, match="LST118"):
        _ = one.edition


def test_second_pass_is_an_error(tmp_path):
    (one,) = open_lists([put(tmp_path, "page.txt", PAGE)])
    list(one)
    with pytest.raises(ListError, match="LST118"):
        list(one)


def test_folder_gives_all_its_files_sorted_without_hidden_ones(tmp_path):
    put(tmp_path, "b.xml", UN)
    put(tmp_path, "a.txt", PAGE)
    put(tmp_path, ".hidden", b"junk")
    assert [one.list_id for one in open_lists([tmp_path])] == ["RU-TE", "UN-SC"]


def test_folder_in_folder_is_refused(tmp_path):
    put(tmp_path, "a.txt", PAGE)
    (tmp_path / "more").mkdir()
    assert refused([tmp_path]).code == "LST102"


def test_empty_folder_is_refused(tmp_path):
    assert refused([tmp_path]).code == "LST102"


def test_missing_path_and_no_path_are_refused(tmp_path):
    assert refused([tmp_path / "gone.csv"]).code == "LST100"
    assert refused([]).code == "LST100"


def test_unknown_format_names_the_known_ones(tmp_path):
    error = refused([put(tmp_path, "error.html", b"<html><body>Service unavailable</body></html>")])
    assert error.code == "LST109"
    assert all(reader.format in str(error) for reader in READERS)


@pytest.mark.parametrize(
    "data", [b"\x00" * 200, b"\xff\xfe" * 50, b"\xd0" * 99, b"a;b;c\n1;2;3\n", b"{}\n", b"<a>", b"\n" * 9]
)
def test_strange_bytes_are_an_unknown_format(tmp_path, data):
    assert refused([put(tmp_path, "strange", data)]).code == "LST109"


def test_zip_may_hold_several_lists(tmp_path):
    files = open_lists([put(tmp_path, "lists.zip", zipped({"page.txt": PAGE, "un.xml": UN}))])
    assert [(one.list_id, len(list(one))) for one in files] == [("RU-TE", 2), ("UN-SC", 1)]


def test_plain_file_in_place_of_a_zip_is_read(tmp_path):
    (one,) = open_lists([put(tmp_path, "answer.zip", UN)])
    assert one.list_id == "UN-SC"


def test_other_files_in_a_zip_are_named_in_a_warning(tmp_path):
    (one,) = open_lists([put(tmp_path, "list.zip", zipped({"page.txt": PAGE, "page.txt.sig": b"signature"}))])
    list(one)
    assert "list.zip: not a list, left aside: page.txt.sig" in one.edition.warnings


@pytest.mark.parametrize("list_id", ["RU-UN", "BANK-1", "1A", "A" * 32])
def test_list_id_can_be_forced(tmp_path, list_id):
    (one,) = open_lists([put(tmp_path, "un.xml", UN)], list_id=list_id)
    assert one.list_id == list_id
    assert {entry.list_id for entry in one} == {list_id}


@pytest.mark.parametrize("list_id", ["", "A", "ru-te", "-A", "A" * 33, "ВТ-1", "A B", "A\n"])
def test_malformed_list_id_is_refused(tmp_path, list_id):
    assert refused([put(tmp_path, "un.xml", UN)], list_id=list_id).code == "LST114"


@pytest.mark.parametrize("list_id", ["RU-TEX", "RU-TERROR", "RU-TE-2", "RU-TE1", "RU-", "RU-VMK"])
def test_a_russian_list_id_that_is_none_is_refused(tmp_path, list_id):
    """What follows in law is known by the id: a mistyped one would make a list with force one of the bank's own."""
    error = refused([put(tmp_path, "un.xml", UN)], list_id=list_id)
    assert error.code == "LST114"
    assert "RU-TE, RU-UN" in error.expected


@pytest.mark.parametrize("list_id", ["RU-TE", "RU-MVK", "RU-UN", "RU-OMU", "RU-SEM", "RUS-BANK", "RU", "BANK-RU-TE"])
def test_russian_list_ids_are_known_to_the_policy(tmp_path, list_id):
    (one,) = open_lists([put(tmp_path, "un.xml", UN)], list_id=list_id)
    assert one.list_id == list_id
    assert (list_kind_of(list_id) == "own") is not list_id.startswith("RU-")


@pytest.mark.parametrize("shrink_max", [-0.1, 1.1, float("nan")])
def test_shrink_max_outside_its_range_is_refused(tmp_path, shrink_max):
    assert refused([put(tmp_path, "un.xml", UN)], shrink_max=shrink_max).code == "LST117"


def test_two_editions_of_one_list_are_refused(tmp_path):
    paths = [put(tmp_path, "a.xml", UN), put(tmp_path, "b.xml", UN)]
    error = refused(paths)
    assert (error.code, error.where) == ("LST116", "a.xml, b.xml")


def test_forced_id_of_two_lists_is_refused(tmp_path):
    assert refused([put(tmp_path, "a.xml", UN), put(tmp_path, "b.txt", PAGE)], list_id="BANK").code == "LST116"


def test_ofac_files_make_one_list(tmp_path):
    paths = [put(tmp_path, "add.csv", ADD), put(tmp_path, "alt.csv", ALT), put(tmp_path, "sdn.csv", SDN)]
    (one,) = open_lists(paths)
    (entry,) = one
    assert (one.list_id, one.names[0]) == ("OFAC-SDN", "sdn.csv")
    assert len(entry.names) == 2 and entry.addresses
    assert [name for name, _, _ in one.edition.files] == ["sdn.csv", "add.csv", "alt.csv"]


def test_ofac_files_in_one_zip_make_one_list(tmp_path):
    (one,) = open_lists([put(tmp_path, "ofac.zip", zipped({"alt.csv": ALT, "sdn.csv": SDN}))])
    (entry,) = one
    assert (one.names, len(entry.names), len(one.edition.files)) == (("ofac.zip",), 2, 1)


def test_ofac_lists_keep_their_companions_apart(tmp_path):
    names = {"sdn.csv": SDN, "alt.csv": ALT, "cons_prim.csv": SDN, "cons_alt.csv": ALT}
    files = open_lists([put(tmp_path, name, data) for name, data in names.items()])
    assert [(one.list_id, one.names) for one in files] == [
        ("OFAC-SDN", ("sdn.csv", "alt.csv")),
        ("OFAC-CONS", ("cons_prim.csv", "cons_alt.csv")),
    ]


def test_ofac_companion_alone_is_refused(tmp_path):
    error = refused([put(tmp_path, "alt.csv", ALT)])
    assert error.code == "LST115"
    assert "sdn.csv" in error.expected


def test_ofac_companion_twice_is_refused(tmp_path):
    paths = [put(tmp_path, name, data) for name, data in (("sdn.csv", SDN), ("alt.csv", ALT), ("alt2.csv", ALT))]
    assert refused(paths).code == "LST116"


def test_guards_use_the_edition_before(tmp_path):
    path = put(tmp_path, "page.txt", PAGE)
    before = {"RU-TE": ListEdition("RU-TE", "rosfin-page", entry_count=5)}
    with pytest.raises(ListError, match="LST203"):
        list(open_lists([path], before=before)[0])
    (one,) = open_lists([path], before=before, force=True)
    list(one)
    assert any("LST203" in text for text in one.edition.warnings)
    (one,) = open_lists([path], before=before, shrink_max=0.6)
    assert len(list(one)) == 2
