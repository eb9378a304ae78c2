"""What every list reader works on: one opened file, its limits, and the facts of its edition.

A reader module of this package has

    FORMAT = "un-xml"                                      its name in editions and on the command line
    def detect(head: bytes, name: str) -> str | None       default list id if the file looks like this format
    def read(source: Source, facts: Facts) -> Iterator[Entry]

`detect` sees the first `HEAD_SIZE` bytes of the unpacked file and its lower-cased name; content decides, the
name only separates twins (`cons_prim.csv` has the layout of `sdn.csv`). `read` yields entries one by one and
writes what the file says about itself into `facts`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from lxml import etree

from sito.errors import ListError
from sito.unpack import UTF8_CYRILLIC, names_code_page

HEAD_SIZE = 64 * 1024
FILE_SIZE_MAX = 1 << 30  # bytes of one unpacked list file
LINE_SIZE_MAX = 1 << 20  # bytes of one line or CSV cell
XML_DEPTH_MAX = 64
TEXT_SIZE_MAX = 1 << 20  # characters of one XML text
NAME_LENGTH_MAX = 2000  # characters of one name; the longest name of a real list has some 300
ALIAS_COUNT_MAX = 2000  # names of one entry


@dataclass(frozen=True)
class Source:
    """One unpacked list file.

    Attributes:
        name: File name without folders; inside a container, the member's name.
        data: All bytes, at most `FILE_SIZE_MAX`.
        sha256: Hex digest of the bytes as they arrived (of the container, if there was one).
        list_id: Code of the list, detected or forced.
        companions: Further files of the same edition (OFAC `alt.csv` …), by their part name.
    """

    name: str
    data: bytes
    sha256: str
    list_id: str
    companions: dict[str, Source] = field(default_factory=dict)

    @property
    def head(self) -> bytes:
        """The first `HEAD_SIZE` bytes, for detection."""
        return self.data[:HEAD_SIZE]

    def open(self) -> BinaryIO:
        """Return the bytes as a stream of their own, at its start."""
        return io.BytesIO(self.data)

    def error(self, code: str, *, expected: str, got: str, where: str = "", todo: str = "") -> ListError:
        """Make an error that names this file."""
        place = f"{self.name}, {where}" if where else self.name
        return ListError(code, expected=expected, got=got, where=place, todo=todo)


@dataclass
class Facts:
    """What a reader learns about the edition while it reads."""

    edition_date: str = ""
    previous_date: str = ""
    declared_count: int | None = None
    warnings: list[str] = field(default_factory=list)


def xml_records(
    source: Source, tags: frozenset[str], *, headers: frozenset[str] = frozenset()
) -> Iterator[etree._Element]:
    """Stream the elements called one of `tags` (local names), complete, and clear each afterwards.

    Elements in `headers` are yielded too when they end, so that a reader sees an edition date or a
    declared count; they are not cleared. The root element is yielded first, at its start, so that
    its attributes can be read. A record nested inside another record is part of the outer one.

    Raises:
        ListError: LST110 not well-formed; LST111 a document type or entity, which no list needs;
            LST112 nested deeper than `XML_DEPTH_MAX`; LST113 a text above `TEXT_SIZE_MAX`;
            LST119 the file is UTF-8, but declares a code page.
    """
    if names_code_page(source.head) and UTF8_CYRILLIC.search(source.data):
        raise source.error(
            "LST119", expected="text in the encoding that the file declares", got="UTF-8",
            todo="its names would be nonsense; fetch the file with a true XML declaration",
        )  # fmt: skip
    depth = 0
    inside: etree._Element | None = None
    try:
        events = etree.iterparse(
            source.open(), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for event, element in events:
            if event == "start":
                depth += 1
                if depth == 1:
                    document = element.getroottree().docinfo
                    if document.doctype or document.internalDTD is not None:
                        raise source.error(
                            "LST111", expected="XML without a document type", got="a document type declaration",
                            where=f"line {element.sourceline}", todo="refused: entities could be declared there",
                        )  # fmt: skip
                    yield element
                if depth > XML_DEPTH_MAX:
                    raise source.error(
                        "LST112", expected=f"at most {XML_DEPTH_MAX} nested elements", got="more",
                        where=f"line {element.sourceline}",
                    )  # fmt: skip
                if inside is None and local(element) in tags:
                    inside = element
                continue
            depth -= 1
            if element.text is not None and len(element.text) > TEXT_SIZE_MAX:
                raise source.error(
                    "LST113", expected=f"texts of at most {TEXT_SIZE_MAX} characters", got=str(len(element.text)),
                    where=f"line {element.sourceline}, element {local(element)}",
                )  # fmt: skip
            if inside is not None and element is inside:
                inside = None
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
            elif inside is None and local(element) in headers:
                yield element
    except etree.XMLSyntaxError as error:
        line, column = error.position
        number = getattr(error, "code", 0)  # lxml's stubs do not know it
        raise source.error(
            "LST110", expected="well-formed XML", got=f"libxml2 error {number}",
            where=f"line {line}, column {column}", todo="fetch the file again",
        ) from None  # fmt: skip


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    # Not by etree.QName, which refuses tags such as `a:b:c` that libxml2 lets through.
    return str(element.tag).rpartition("}")[2]


def child_text(element: etree._Element, name: str) -> str:
    """Return the stripped text of the first child called `name` (local name), empty if none."""
    for child in element:
        if local(child) == name:
            return " ".join((child.text or "").split())
    return ""


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the direct children called `name` (local name)."""
    return [child for child in element if local(child) == name]
