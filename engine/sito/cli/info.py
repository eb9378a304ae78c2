"""`sito info`: what an index holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.cli.terminal import shown, write_json, write_line, write_table
from sito.index import Index, IndexInfo
from sito.version import VERSION


def info(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="Index file.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    sections: Annotated[bool, typer.Option("--sections", help="Show the sections of the file too.")] = False,
) -> None:
    """Say what is in an index, after comparing all its checksums."""
    with Index.open(index) as opened:
        found = opened.info
    if json:
        write_json(info_json(found, sections=sections))
        return
    write_editions(found)
    write_facts(found)
    if sections:
        write_table(
            ("section", "type", "offset", "bytes", "crc32"),
            [(s.name, s.dtype, str(s.offset), str(s.size_bytes), f"{s.crc32:08x}") for s in found.sections],
            right=("offset", "bytes"),
        )


def info_json(found: IndexInfo, *, sections: bool) -> bytes:
    """Return the description of an index as JSON."""
    facts = msgspec.to_builtins(found)
    facts["engine_running"] = VERSION
    if not sections:
        del facts["sections"]
    return msgspec.json.format(msgspec.json.encode(facts))


def write_editions(found: IndexInfo) -> None:
    """Write the table of list editions, and what a person should know about them."""
    write_table(
        ("list", "edition", "format", "entries", "names", "files (SHA-256)"),
        [
            (
                edition.list_id,
                edition.edition_date or "undated",
                edition.format,
                str(edition.entry_count),
                str(edition.name_count),
                "\n".join(f"{name} {digest[:12]}" for name, digest, _ in edition.files).replace("\n", ", "),
            )
            for edition in found.editions
        ],
        right=("entries", "names"),
    )
    for edition in found.editions:
        for warning in edition.warnings:
            write_line(f"{edition.list_id}: {shown(warning)}")


def write_facts(found: IndexInfo) -> None:
    """Write the figures of the file itself."""
    write_line(
        f"{found.entry_count} entries, {found.name_count} names, {found.token_count} words,"
        f" {found.identifier_count} identifiers"
    )
    write_line(
        f"{found.size_bytes} bytes ({found.bytes_per_name:.0f} per name without stored entries), checksums agree"
    )
    write_line(
        f"format {found.format_version}, normaliser {found.normaliser_version}, built {found.built_at} by sito"
        f" {found.engine_version}; this is sito {VERSION}"
    )
