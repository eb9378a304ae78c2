"""XML files as a stream of finished elements, for senders that are not trusted.

No document type, no entities, no network, libxml2's own limits on (`huge_tree` off). Memory is bounded by
`RECORD_SIZE_MAX`: more bytes than that between two records end the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from lxml import etree

from sito.errors import RecordError
from sito.formats.base import HEAD_SIZE, RAW_LENGTH_MAX, printable, refuse
from sito.formats.stream import InputStream
from sito.records import Reject
from sito.unpack import UTF8_CYRILLIC, names_code_page

CHUNK_SIZE = 64 * 1024  # bytes fed at once
RECORD_SIZE_MAX = 8 << 20  # bytes of one record with what stands before it


def _parser(events: Sequence[Literal["start", "end"]], tags: Sequence[str] | None = None) -> etree.XMLPullParser:
    return etree.XMLPullParser(
        events=tuple(events), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def opening_elements(path: Path, *, count_max: int = 200) -> list[str]:
    """Return the local names of the first elements of an XML file, in document order.

    Raises:
        RecordError: REC108 not well-formed before the first element ends; REC109 a document type is declared.
    """
    parser = _parser(("start",))
    names: list[str] = []
    problem: etree.XMLSyntaxError | None = None
    with InputStream(path) as stream:
        for _ in range(HEAD_SIZE // 4096):
            chunk = stream.read(4096)
            try:
                parser.feed(chunk)
            except etree.XMLSyntaxError as error:
                problem = error
            for _event, item in parser.read_events():
                element = cast("etree._Element", item)
                if not names and element.getroottree().docinfo.internalDTD is not None:
                    raise RecordError(
                        "REC109", expected="XML without a document type", got="a document type declaration",
                        where=path.name, todo="refused: entities could be declared there",
                    )  # fmt: skip
                names.append(local(element))
            if problem is not None or not chunk or len(names) >= count_max:
                break
    if not names:
        where = f"{path.name}, {_place(problem)}" if problem is not None else path.name
        got = _number(problem) if problem is not None else "no element"
        raise RecordError("REC108", expected="well-formed XML", got=got, where=where)
    return names[:count_max]


def stream_elements(
    path: Path, names: Sequence[str], report: Callable[[int], None]
) -> Iterator[etree._Element | Reject]:
    """Stream the elements called one of `names` when they are complete.

    What a record is made of is removed when the next one is asked for; elements beside and above it stay, so that a
    reader can look at the head of a message.

    Args:
        path: The file.
        names: Local names.
        report: Called with the count of bytes read.

    Yields:
        The elements. At most one `Reject` comes, as the last item: REC300 the rest is not well-formed; REC301 a
        record is larger than `RECORD_SIZE_MAX`. The records after that place are not read.

    Raises:
        RecordError: REC116 the file is UTF-8, but declares a code page.
    """
    parser = _parser(("end",), [f"{{*}}{name}" for name in names])
    since_record = 0
    line: int = 1
    previous: etree._Element | None = None
    code_page: bool | None = None
    with InputStream(path) as stream:
        while True:
            chunk = stream.read(CHUNK_SIZE)
            if code_page is None:
                code_page = names_code_page(chunk)
            if code_page and UTF8_CYRILLIC.search(chunk):
                raise RecordError(
                    "REC116", expected="text in the encoding that the file declares", got="UTF-8", where=path.name,
                    todo="nothing of it was screened; ask for the file with a true XML declaration",
                )  # fmt: skip
            problem: etree.XMLSyntaxError | None = None
            try:
                if chunk:
                    parser.feed(chunk)
                else:
                    parser.close()
            except etree.XMLSyntaxError as error:
                problem = error
            report(stream.position())
            since_record += len(chunk)
            for _event, item in parser.read_events():
                element = cast("etree._Element", item)  # the stubs know all kinds of events, only `end` is asked for
                since_record = 0
                line = cast("int | None", element.sourceline) or line
                yield element
                if previous is not None and (parent := previous.getparent()) is not None:
                    parent.remove(previous)
                element.clear()
                previous = element
            if problem is not None:
                yield refuse(
                    _place(problem), "REC300", expected="well-formed XML", got=_number(problem), raw="",
                    todo="the records after this place were not read; ask for the file again",
                )  # fmt: skip
                return
            if not chunk:
                return
            if since_record > RECORD_SIZE_MAX:
                yield refuse(
                    f"after line {line}", "REC301", expected=f"records of at most {RECORD_SIZE_MAX} bytes", got="more",
                    raw="", todo="the records after this place were not read",
                )  # fmt: skip
                return


def _number(error: etree.XMLSyntaxError) -> str:
    # Its message would quote the file; the number is enough to look the cause up.
    return f"libxml2 error {getattr(error, 'code', 0)}"


def _place(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    return f"line {line}, column {column}"


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return _local(str(element.tag))


@lru_cache(maxsize=4_096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element at a path of local names, None if there is none."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(f"{{*}}{name}"), None)
    return element


def children(element: etree._Element | None, name: str) -> list[etree._Element]:
    """Return the direct children called `name`."""
    return [] if element is None else list(element.iterchildren(f"{{*}}{name}"))


def text_of(element: etree._Element | None, *path: str) -> str:
    """Return the text at a path of local names, outer blanks removed, empty if there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""


def raw_of(element: etree._Element) -> str:
    """Return an element as text for a `Reject`."""
    return printable(etree.tostring(element, encoding="unicode", with_tail=False)[:RAW_LENGTH_MAX])
