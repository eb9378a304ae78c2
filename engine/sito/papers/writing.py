"""A paper as a DOCX document: the same bytes for the same paper, and a file that is there whole or not at all."""

from __future__ import annotations

import io
import os
import re
import secrets
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from lxml.etree import _Element

from sito.errors import PaperError
from sito.papers.content import Heading, Paper, Table

FONT = "Times New Roman"
CELL_STYLE = "Sito Cell"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # what a zip can hold at the earliest; its members bear no time of their own
_TWIPS_PER_MM = 1440 / 25.4
# What no XML holds, and what changes how the rest is shown; names come from payments and lists.
_ACTIVE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def docx_bytes(paper: Paper) -> bytes:
    """Return a paper as a DOCX document."""
    document = Document()
    _page(document, paper)
    document.add_paragraph(_clean(paper.title), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    for block in paper.blocks:
        if isinstance(block, Table):
            _table(document, block)
        elif isinstance(block, Heading):
            document.add_paragraph(_clean(block.text), style="Heading 2")
        else:
            for text in block.texts:
                document.add_paragraph(_clean(text))
    stream = io.BytesIO()
    document.save(stream)
    return _frozen(stream)


def save(path: Path, data: bytes) -> None:
    """Write a new file: it bears its name only when all of it is on the disk, and replaces nothing.

    Raises:
        PaperError: PAP104 it is there already, or cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(part, path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise PaperError("PAP104", expected="a new file in a folder that can be written", got=got, where=path.name) \
            from None  # fmt: skip
    finally:
        with suppress(OSError):
            part.unlink()


def _page(document: DocumentObject, paper: Paper) -> None:
    section = document.sections[0]
    short, long = Mm(210), Mm(297)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if paper.is_wide else (short, long)
    section.left_margin = Mm(12 if paper.is_wide else 20)
    section.right_margin = section.bottom_margin = section.top_margin = Mm(12 if paper.is_wide else 15)
    for name, size in (("Normal", 11), ("Title", 15), ("Heading 2", 12)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()  # the template's theme would win over a name
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
    cell = document.styles.add_style(CELL_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = document.styles["Normal"]
    cell.font.size = Pt(8 if paper.is_wide else 10)
    cell.paragraph_format.space_after = Pt(0)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "ru-RU")
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run(f"{_clean(paper.title)} — страница ")
    footer._p.append(_field("PAGE"))
    footer.add_run(" из ")
    footer._p.append(_field("NUMPAGES"))
    of = document.core_properties
    of.title = of.subject = paper.title
    of.author = of.last_modified_by = "sito"
    of.created = of.modified = datetime.fromisoformat(paper.as_of).replace(microsecond=0, tzinfo=None)  # UTC
    of.identifier = f"{paper.made_of[0]}:{paper.made_of[1]}"
    of.language, of.comments, of.revision = "ru-RU", "", 1


def _field(name: str) -> _Element:
    field = _element("w:fldSimple", {"w:instr": name})
    run, text = _element("w:r"), _element("w:t")
    text.text = "1"  # what is shown by a program that counts no pages
    run.append(text)
    field.append(run)
    return field


def _element(name: str, attributes: dict[str, str] | None = None) -> _Element:
    found: _Element = OxmlElement(name)
    for key, value in (attributes or {}).items():
        found.set(qn(key), value)
    return found


def _table(document: DocumentObject, table: Table) -> None:
    """Add a table; its rows are written as elements, for the library looks through a whole table for each cell."""
    if not table.rows:
        document.add_paragraph(_clean(table.empty))
        return
    made = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    made.autofit = False
    widths = [round(one.width_mm * _TWIPS_PER_MM) for one in table.columns]
    for grid, width in zip(made._tbl.tblGrid.iterchildren(qn("w:gridCol")), widths, strict=True):
        grid.set(qn("w:w"), str(width))
    made._tbl.append(_row([one.title for one in table.columns], widths, is_head=True))
    for row in table.rows:
        made._tbl.append(_row(row, widths))
    document.add_paragraph()


def _row(cells: list[str] | tuple[str, ...], widths: list[int], *, is_head: bool = False) -> _Element:
    row = _element("w:tr")
    if is_head:
        properties = _element("w:trPr")
        properties.append(_element("w:cantSplit"))
        properties.append(_element("w:tblHeader"))
        row.append(properties)
    for text, width in zip(cells, widths, strict=True):
        cell, properties, paragraph = _element("w:tc"), _element("w:tcPr"), _element("w:p")
        properties.append(_element("w:tcW", {"w:w": str(width), "w:type": "dxa"}))
        style = _element("w:pPr")
        style.append(_element("w:pStyle", {"w:val": CELL_STYLE.replace(" ", "")}))
        paragraph.append(style)
        paragraph.append(_run(text, is_bold=is_head))
        cell.append(properties)
        cell.append(paragraph)
        row.append(cell)
    return row


def _run(text: str, *, is_bold: bool) -> _Element:
    run = _element("w:r")
    if is_bold:
        properties = _element("w:rPr")
        properties.append(_element("w:b"))
        run.append(properties)
    for place, line in enumerate(_clean(text).split("\n")):
        if place:
            run.append(_element("w:br"))
        part = _element("w:t", {"xml:space": "preserve"})
        part.text = line
        run.append(part)
    return run


def _clean(text: str) -> str:
    """Return a text as XML can hold it and a page shows it: what would act becomes a replacement character."""
    return _ACTIVE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def _frozen(stream: io.BytesIO) -> bytes:
    """Return a zip whose members bear no time of the clock."""
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(member, source.read(name), compresslevel=6)
    return made.getvalue()
