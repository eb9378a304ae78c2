"""The screening of what changed tells what a full one would: hit for hit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clients.people import (
    AT,
    JUDGE,
    NUMBER,
    Entry,
    all_hits,
    client,
    hits_of,
    made_index,
    screened,
    take,
    write_clients,
)

from sito.changes import build_delta
from sito.clients import Cause, ClientBase, screen_base
from sito.delta import UpdatedIndex

PIECES = (  # noqa: SIM905  (one word a line would hide the table)
    "Чертополохов Евлампий Евлампьевич Chertopolokhov Evlampiy Петров Пётр Петра Petr Магомедов Магомед Магомедали "
    "Али аль Хасан И П Е 2 «Волга» ООО Ромашка Romashka LLC Банк Volga Завод Строительная Компания НИИ Кызыл Кум "
    "Кызылкум Абд Абдальхасан Кумилов Сергей Siarhei Серёжа Николаевич محمد علي Мухаммад Мохаммед теплоход И.И. ИП "
    "김정은 Ким Чен Ын Димитров Dimitrov Xthnjgjkj[jd Чертополохова Чертаполохов Саша Александр Aleksandr Лестников"
).split()
WORD = st.sampled_from(PIECES) | st.sampled_from(PIECES) | st.text("иванкуmaeg", min_size=2, max_size=8)
NAME = st.lists(WORD, min_size=1, max_size=5).map(" ".join)
ENTRY = st.tuples(st.sampled_from("PPCV"), NAME, st.lists(NAME, max_size=1), st.booleans())
ROLES = st.sampled_from(["representative", "beneficiary", "beneficial_owner", "director", "participant"])
BESIDE = st.tuples(ROLES, NAME).map(lambda pair: {"relation": pair[0], "name": pair[1]})
PERSON = st.fixed_dictionaries(
    {"name": NAME},
    optional={
        "aliases": NAME, "inn": st.just(NUMBER), "related": st.lists(BESIDE, max_size=2),
        "kind": st.sampled_from(["person", "organisation"]),
    },
)  # fmt: skip
PLACE, EDIT = st.integers(0, 12), st.sampled_from(("add", "change", "remove", "move"))


def edited(old: list[Any], edits: list[tuple[int, str, Any]], new_id: str) -> list[Any]:
    """Return (id, what) pairs with some added, changed, removed and moved."""
    new = list(old)
    for number, (place, what, one) in enumerate(edits):
        at = place % max(1, len(new))
        if what == "add" or not new:
            new.insert(at, (f"{new_id}{number}", one))
        elif what == "change":
            new[at] = (new[at][0], one)
        elif len(new) > 1:
            moved = new.pop(at)
            if what == "move":
                new.append(moved)
    return new


@settings(max_examples=40)
@given(
    st.lists(ENTRY, min_size=1, max_size=10),
    st.lists(st.tuples(PLACE, EDIT, ENTRY), max_size=6),
    st.lists(PERSON, min_size=1, max_size=8),
    st.lists(st.tuples(PLACE, EDIT, PERSON), max_size=4),
)
def test_a_night_tells_what_a_full_screening_would(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Entry], list_edits: Any, people: Any, people_edits: Any
) -> None:
    folder = tmp_path_factory.mktemp("night")
    old_list = [(f"T-{i}", row) for i, row in enumerate(rows)]
    new_list = edited(old_list, list_edits, "T-new-")
    # Half of the clients bear names of the lists, so that there is something to find.
    named = [{"name": row[1]} for _, row in (*old_list[:4], *new_list[:4])]
    old_people = [(f"C-{i}", one) for i, one in enumerate([*people, *named])]
    new_people = edited(old_people, people_edits, "C-new-")
    assert_equal_nights(folder, (old_list, new_list), (old_people, new_people))


def assert_equal_nights(folder: Path, lists: Any, clients: Any) -> None:
    indexes = [made_index(folder, name, rows) for name, rows in zip(("old", "new"), lists, strict=True)]
    files = [
        write_clients(folder / f"{name}.jsonl", (client(client_id, **one) for client_id, one in rows))
        for name, rows in zip(("before", "after"), clients, strict=True)
    ]
    with ClientBase.open(folder / "base", create=True) as base:
        take(base, files[0])
        night, before = screened(base, indexes[0])
        assert night.cause is Cause.FIRST
        assert before == all_hits(indexes[0], files[0])
        take(base, files[1], shrink_max=1.0)
        night, told = screened(base, indexes[1])
        assert night.cause is Cause.NONE
        # What stood and still stands, and what was told: that is all, and nothing is told wrongly.
        old_entries, new_entries = dict(lists[0]), dict(lists[1])
        old_people, new_people = dict(clients[0]), dict(clients[1])
        stands = {
            key: hit for key, hit in before.items()
            if new_entries.get(key[3]) == old_entries[key[3]] and new_people.get(key[0]) == old_people[key[0]]
        }  # fmt: skip
        whole = all_hits(indexes[1], files[1])
        assert stands | told == whole
        changed = {key for key in told if key not in stands}
        assert changed == {key for key in whole if key not in stands}
        # And a full screening by the compiled base says the same as the clients one by one.
        night, full = screened(base, indexes[1], is_full=True)
        assert night.cause is Cause.ASKED
        assert full == whole
        assert screened(base, indexes[1])[1] == {}


def test_a_delta_over_an_index_is_screened_as_a_whole_index(tmp_path: Path) -> None:
    old: list[tuple[str, Entry]] = [(f"T-{i}", ("P", f"Лестников Аркадий {i}", [], False)) for i in range(40)]
    new = [*old[1:20], ("T-20", ("P", "Чертополохов Евлампий", [], False)), *old[21:], ("T-x", old[0][1])]
    before, after = made_index(tmp_path, "old", old), made_index(tmp_path, "new", new)
    build_delta(before, [tmp_path / "new.csv"], tmp_path / "old.delta", list_id="RU-TE")
    names = ["Чертополохов Евлампий", "Лестников Аркадий 20", "Лестников Аркадий 0", "Петров Пётр"]
    file = write_clients(tmp_path / "c.jsonl", (client(f"C-{i}", name) for i, name in enumerate(names)))
    with (
        ClientBase.open(tmp_path / "base", create=True) as base,
        UpdatedIndex.open(before, tmp_path / "old.delta") as updated,
    ):
        take(base, file)
        screened(base, before)
        told: dict[Any, Any] = {}
        night = screen_base(base, updated, JUDGE, at=AT, take=lambda one: told.update(hits_of(one)))
        assert (night.cause, night.changed_entries) == (Cause.NONE, 2)
        assert night.gone == (("RU-TE", "T-0"),)
        whole = all_hits(after, file)
        assert told
        assert told == {key: hit for key, hit in whole.items() if key[3] in {"T-20", "T-x"}}
        # To the same entries, now in one file, nothing is new.
        assert screened(base, after)[0].changed_entries == 0
