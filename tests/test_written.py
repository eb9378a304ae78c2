"""What is written natively is what `msgspec` writes, byte by byte, and what cannot be written says why."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.entries import BirthDate, Entry, Identifier, Kind, Name, NameQuality
from sito_ext.written import Writer

LETTERS = st.sampled_from('ab "\\/\n\t\b\f\r\x00\x1f\x7f\x80éßЖяё\u07ff\u0800中\uffff😀\U0010ffff')
TEXT = st.text() | st.text(LETTERS, max_size=24) | st.text("abcdefgh", min_size=7, max_size=40)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
NAMES = st.builds(Name, TEXT, st.sampled_from(NameQuality), TEXT, TEXT, language=TEXT)
ENTRIES = st.builds(
    Entry,
    TEXT,
    TEXT,
    st.sampled_from(Kind),
    st.lists(NAMES, max_size=3).map(tuple),
    st.lists(st.builds(BirthDate, TEXT, TEXT, st.booleans()), max_size=2).map(tuple),
    TEXTS,
    st.lists(st.builds(Identifier, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    terrorist=st.sampled_from([None, True, False]),
    remarks=TEXT,
    raw=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
)


class Longer(Name):
    """A structure of another type than those that are known."""

    more: int = 0


class Row(msgspec.Struct, array_like=True):
    """A structure that is not written as an object."""

    text: str


class Made(msgspec.Struct, omit_defaults=True):
    """A structure whose default is made anew each time."""

    texts: list[str] = []
    text: str = ""


def writer(*types: type) -> Writer:
    return Writer(msgspec.json.encode, types or (Entry, Name, BirthDate, Identifier), (*Kind, *NameQuality))


@settings(max_examples=500)
@given(st.lists(ENTRIES, max_size=4))
@example([Entry("a", '1234567"', Kind.PERSON, (Name("12345678\\"), Name("123456789"), Name("\x1f2345678")))])
def test_it_writes_what_msgspec_writes(entries: list[Entry]) -> None:
    out = writer()
    for entry in entries:
        out.add(entry)
    assert bytes(out.view()) == b"".join(map(msgspec.json.encode, entries))
    assert len(out) == len(out.view())


@pytest.mark.parametrize(
    "value",
    [
        Entry("a", "b", Kind.PERSON, (Longer("x", more=7),)),
        Entry("a", "b", Kind.PERSON, [Name("x")]),  # type: ignore[arg-type]
        Entry("a", 7, "person", (Name("x", surname=None),)),  # type: ignore[arg-type]
        Entry("a", "b", Kind.PERSON, (), raw=((((((("deep",),),),),),),)),  # type: ignore[arg-type]
        Row("x"),
        Made(["a"], "b"),
        Made(),
        {"a": 1.5},
    ],
)
def test_it_leaves_to_msgspec_what_it_does_not_know(value: object) -> None:
    out = writer(Entry, Name, BirthDate, Identifier, Row, Made)
    out.add(Name("before"))
    out.add(value)
    assert bytes(out.view()) == msgspec.json.encode(Name("before")) + msgspec.json.encode(value)


def test_what_cannot_be_written_leaves_nothing_behind() -> None:
    out = writer()
    with pytest.raises(UnicodeEncodeError):
        out.add(Entry("a", "b", Kind.PERSON, (Name("\ud800"),)))
    with pytest.raises(TypeError):
        out.add(object())
    out.add(Name("Ж"))
    assert bytes(out.view()) == msgspec.json.encode(Name("Ж"))


def test_nothing_is_written_behind_what_is_in_use() -> None:
    out = writer()
    view = out.view()
    with pytest.raises(BufferError):
        out.add(Name("x"))
    assert view.readonly
    assert not view.nbytes


def test_it_grows() -> None:
    out = writer()
    entry = Entry("a", "b" * 5000, Kind.PERSON, (Name("Ж" * 3000),))
    for _ in range(700):
        out.add(entry)
    assert bytes(out.view()) == msgspec.json.encode(entry) * 700
