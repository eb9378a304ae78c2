"""Editions from the service into an index: new ones, refused ones, broken-off runs, and what is never lost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.portal.service import Service, fault, put, rules, te, un

from sito.batch import remove_stale_parts
from sito.changes import Difference
from sito.errors import IndexFileError, ListError, PortalError
from sito.index import Index
from sito.portal import Catalogue, PortalClient
from sito.portal.lists import Built, Fetched, Guard, ListFolder, Outcome, editions_of

Make = Callable[..., PortalClient]
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ALL = {"RU-TE", "RU-MVK", "RU-UN", "RU-UN-RUS"}
OTHER = (
    '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails",'
    '"program_ids","dataset","first_seen","last_seen","last_change"\n"X-1","Person","Незабудкин Пахом"'
    + ',""' * 13
    + "\n"
)


class Place:
    """A folder of lists and an index beside it."""

    def __init__(self, client: PortalClient, folder: Path) -> None:
        self.client, self.folder, self.index = client, folder / "lists", folder / "lists.index"
        self.lists = ListFolder(self.folder, client.portal.list_ids)

    def fetch(self, **guard: object) -> dict[Catalogue, Fetched]:
        told = Guard(**guard)  # type: ignore[arg-type]
        with self.lists.locked():
            found = self.lists.fetch(self.client, before=editions_of(self.index), guard=told, at=AT)
        return {one.catalogue: one for one in found}

    def build(self, *also: Path, **guard: object) -> Built | None:
        with self.lists.locked():
            return self.lists.build(self.index, also=also, guard=Guard(**guard))  # type: ignore[arg-type]

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("."))


@pytest.fixture
def place(client: Make, tmp_path: Path) -> Place:
    return Place(client(), tmp_path)


def test_editions_become_an_index_and_only_new_ones_are_fetched(service: Service, place: Place, tmp_path: Path) -> None:
    assert {one.outcome for one in place.fetch().values()} == {Outcome.NEW}
    built = place.build()
    assert built is not None
    assert {edition.list_id for edition in built.info.editions} == ALL
    assert built.changes["RU-TE"] == Difference(("T-1", "T-2"))
    assert {one.outcome for one in place.fetch().values()} == {Outcome.SAME}
    assert place.build() is None
    assert place.names() == ["mvk.zip", "te21.zip", "un-rus.xml", "un.xml"]
    put(tmp_path / "service", "te21", te(("T-1", "ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ"), ("T-3", "НОВЫЙ ПРИМЕР"), date="2026-11-21"))
    count = service.methods.count("current-te21-file")
    assert [one for one, found in place.fetch().items() if found.outcome is Outcome.NEW] == [Catalogue.TE21]
    assert service.methods.count("current-te21-file") == count + 1
    again = place.build()
    assert again is not None
    assert again.changes["RU-TE"] == Difference(("T-3",), ("T-1",), ("T-2",))
    assert all(again.changes[one] == Difference() for one in ALL - {"RU-TE"})
    assert (place.folder / ".former/te21.zip").exists()
    with Index.open(tmp_path / "lists.index.former") as former:
        assert former.info.digest == built.info.digest


def test_another_form_takes_the_place_of_the_former(service: Service, place: Place, tmp_path: Path) -> None:
    place.fetch()
    service.emulator.use(rules(list_form="xml"))
    put(tmp_path / "service", "te21", te(("T-1", "ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ"), date="2026-11-21"))
    place.fetch()
    assert place.names() == ["mvk.zip", "te21.xml", "un-rus.xml", "un.xml"]


@pytest.mark.parametrize(
    ("text", "code", "is_remembered"),
    [
        (te(*((f"T-{n}", "ПРИМЕР") for n in range(5)), date="2026-11-01"), "LST205", True),  # older
        (te(("T-1", "ПРИМЕР"), date="2026-11-22"), "LST203", True),  # lost most of its entries
        (un(("T-9", "THISTLE")), "PRT303", True),  # another list
        ("<Перечень><АктуальныйПеречень>", "", False),  # cut off
        (te(), "", False),  # empty
        ("<html><body>", "PRT206", False),
    ],
)
def test_an_edition_that_is_refused_leaves_the_former_in_force(
    service: Service, place: Place, tmp_path: Path, text: str, code: str, is_remembered: bool
) -> None:
    service.emulator.use(rules(list_form="xml"))
    many = te(*((f"T-{number}", f"ПРИМЕР {number}") for number in range(5)))
    put(tmp_path / "service", "te21", many)
    place.fetch()
    before = place.build()
    put(tmp_path / "service", "te21", text)
    put(tmp_path / "service", "mvk", (tmp_path / "service/mvk.xml").read_text("utf-8").replace("БУЗИНКИНА", "БУЗИНОВА"))
    found = place.fetch()
    assert found[Catalogue.TE21].outcome in {Outcome.REFUSED, Outcome.FAILED}
    assert not code or found[Catalogue.TE21].code == code
    assert found[Catalogue.MVK].outcome is Outcome.NEW  # the others go on
    after = place.build()
    assert before is not None and after is not None
    assert after.changes["RU-TE"] == Difference()
    assert after.changes["RU-MVK"].changed == ("M-1",)
    assert (place.folder / "te21.xml").read_text("utf-8") == many
    count = service.methods.count("current-te21-file")
    again = place.fetch()[Catalogue.TE21]
    assert (again.code, again.outcome) == (found[Catalogue.TE21].code, found[Catalogue.TE21].outcome)
    assert (service.methods.count("current-te21-file") == count) is is_remembered
    if code == "LST203":
        assert place.fetch(force=True)[Catalogue.TE21].outcome is Outcome.NEW
        assert place.build(force=True) is not None


@pytest.mark.parametrize("kind", ["xml_bomb", "xml_file", "bomb", "huge", "garbage"])
def test_a_hostile_file_leaves_the_list_of_now(service: Service, place: Place, tmp_path: Path, kind: str) -> None:
    place.fetch()
    before = place.build()
    put(tmp_path / "service", "te21", te(("T-1", "ПРИМЕР"), ("T-2", "ПРИМЕР"), date="2026-11-21"))
    service.emulator.use(rules(fault=(fault(kind, "suspect-catalogs/current-te21-file", count=0),)))
    begun = time.monotonic()
    found = place.fetch()
    assert found[Catalogue.TE21].outcome is not Outcome.NEW and time.monotonic() - begun < 60
    assert before is not None and place.build() is None  # the index is one of the lists of now
    assert "hostname" not in found[Catalogue.TE21].words


@pytest.mark.parametrize("kind", ["error_500", "html_200", "reset_before", "token_401", "error_200"])
def test_a_catalogue_that_fails_stops_none_of_the_others(service: Service, place: Place, kind: str) -> None:
    service.emulator.use(rules(fault=(fault(kind, "suspect-catalogs/current-mvk-catalog", count=0),)))
    if kind == "token_401":  # it is no fault of one catalogue
        with pytest.raises(PortalError) as caught:
            place.fetch()
        assert caught.value.code == "PRT202"
        return
    found = place.fetch()
    assert found[Catalogue.MVK].outcome is Outcome.FAILED
    assert {found[one].outcome for one in found if one is not Catalogue.MVK} == {Outcome.NEW}
    with pytest.raises(PortalError) as caught:  # an index without a list that is wanted would miss whom it names
        place.build()
    assert (caught.value.code, caught.value.expected) == ("PRT304", "a file of RU-MVK")
    assert not place.index.exists()
    assert place.build(force=True) is not None


def test_lists_beside_ours_stay_part_of_the_index(place: Place, tmp_path: Path) -> None:
    place.fetch()
    (tmp_path / "beside.csv").write_text(OTHER, "utf-8")
    (place.folder / "bank.csv").write_text(OTHER.replace("invented", "bank").replace("X-1", "B-1"), "utf-8")
    with pytest.raises(ListError) as caught:  # both are the same list: nothing is guessed
        place.build(tmp_path / "beside.csv")
    assert caught.value.code == "LST116"
    (place.folder / "bank.csv").unlink()
    built = place.build(tmp_path / "beside.csv")
    assert built is not None and len(built.info.editions) == 5
    with pytest.raises(PortalError) as missing:  # forgotten the second time
        place.build()
    assert missing.value.code == "PRT304"
    assert place.build(tmp_path / "beside.csv") is None
    assert place.build(force=True) is not None


def test_a_run_that_was_killed_anywhere_is_gone_on_with(
    service: Service, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    place.fetch()
    place.build()
    for number in range(40):
        date = f"2026-12-{number + 1:02d}" if number < 31 else f"2027-01-{number - 30:02d}"
        put(tmp_path / "service", "te21", te(("T-1", f"ПРИМЕР {number}"), ("T-2", "ЛЕСТНИКОВ"), date=date))
        left = number
        with monkeypatch.context() as patched:

            def count(real: Callable[..., object]) -> Callable[..., object]:
                def call(*words: object, **more: object) -> object:
                    nonlocal left
                    left -= 1
                    if left < 0:
                        raise KilledError
                    return real(*words, **more)

                return call

            for owner, name in ((os, "link"), (os, "fsync"), (os, "open"), (Path, "replace"), (Path, "unlink")):
                patched.setattr(owner, name, count(getattr(owner, name)))
            try:
                place.fetch()
                place.build()
                is_done = True
            except KilledError:
                is_done = False
        here = [name for name in place.names() if name.startswith("te21")]
        assert here  # there is a file of the list at any moment
        with Index.open(place.index) as index:
            assert {edition.list_id for edition in index.info.editions} == ALL
        remove_stale_parts(place.index)
        ListFolder(place.folder, place.client.portal.list_ids)
        place.fetch()
        place.build()
        with Index.open(place.index) as index:
            found = {edition.list_id: edition.edition_date for edition in index.info.editions}
        assert found["RU-TE"] == date
        if is_done:
            break
    assert is_done


def test_the_other_version_of_a_list_takes_the_place_of_the_former(
    service: Service, client: Make, tmp_path: Path
) -> None:
    first = Place(client(catalogues=("te2", "mvk")), tmp_path)
    first.fetch()
    assert first.build() is not None
    second = Place(client(catalogues=("te21", "mvk")), tmp_path)
    second.fetch()
    assert second.names() == ["mvk.zip", "te21.zip"]
    built = second.build()
    assert built is not None and built.changes["RU-TE"] == Difference(("T-2",))


def test_a_catalogue_that_is_not_fetched_any_more_keeps_its_id(service: Service, client: Make, tmp_path: Path) -> None:
    first = Place(client(), tmp_path)
    first.fetch()
    first.build()
    second = Place(client(catalogues=("te21", "mvk")), tmp_path)
    put(tmp_path / "service", "te21", te(("T-1", "ПРИМЕР"), ("T-2", "ПРИМЕР"), date="2026-11-29"))
    second.fetch()
    built = second.build()
    assert built is not None and {edition.list_id for edition in built.info.editions} == ALL


def test_two_runs_do_not_meet_and_notes_that_cannot_be_read_are_an_error(place: Place) -> None:
    other = ListFolder(place.folder, place.client.portal.list_ids)
    with other.locked(), pytest.raises(PortalError) as caught, place.lists.locked():
        pass
    assert caught.value.code == "PRT302"
    (place.folder / ".portal.json").write_text("{")
    with pytest.raises(PortalError) as broken:
        ListFolder(place.folder, {})
    assert broken.value.code == "PRT301"


def test_an_index_that_cannot_be_trusted_is_not_built_over(place: Place) -> None:
    place.fetch()
    place.build()
    place.index.write_bytes(b"no index")
    with pytest.raises(IndexFileError):
        place.build()
