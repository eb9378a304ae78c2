"""Readers of sanctions and watch lists: files in, `Entry` objects out.

`open_lists` detects formats by content, unwraps containers within limits, groups files that make up one edition and
returns `ListFile` objects; iterating one streams its entries and ends with the guards of `sito.lists.guard`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sito.entries import ListEdition
from sito.lists import (
    canada,
    eu_csv,
    eu_xml,
    ftm,
    mvk,
    ofac_csv,
    ofac_xml,
    omu,
    opener,
    opensanctions,
    rosfin_dbf,
    rosfin_page,
    rosfin_xml,
    rosfin_xml_v1,
    uk,
    uk_conlist,
    un,
)
from sito.lists.opener import ListFile, Reader

__all__ = ["READERS", "ListFile", "Reader", "open_lists"]

# The first that recognises a file has it, so the formats with a telling root or header come before looser ones.
READERS: tuple[Reader, ...] = (
    Reader(opensanctions.FORMAT, opensanctions.detect, opensanctions.read, identify=opensanctions.identify),
    Reader(ftm.FORMAT, ftm.detect, ftm.read, identify=ftm.identify),
    Reader(rosfin_xml.FORMAT, rosfin_xml.detect, rosfin_xml.read),
    Reader(rosfin_xml_v1.FORMAT, rosfin_xml_v1.detect, rosfin_xml_v1.read),
    Reader(mvk.FORMAT, mvk.detect, mvk.read),
    Reader(omu.FORMAT, omu.detect, omu.read),
    Reader(un.FORMAT, un.detect, un.read),
    Reader(canada.FORMAT, canada.detect, canada.read),
    Reader(ofac_xml.FORMAT, ofac_xml.detect, ofac_xml.read),
    Reader(eu_xml.FORMAT, eu_xml.detect, eu_xml.read),
    Reader(eu_csv.FORMAT, eu_csv.detect, eu_csv.read),
    Reader(uk.FORMAT, uk.detect, uk.read),
    Reader(uk_conlist.FORMAT, uk_conlist.detect, uk_conlist.read),
    Reader(ofac_csv.FORMAT, ofac_csv.detect, ofac_csv.read, part=ofac_csv.part),
    Reader(rosfin_dbf.FORMAT, rosfin_dbf.detect, rosfin_dbf.read),
    Reader(rosfin_page.FORMAT, rosfin_page.detect, rosfin_page.read),
)


def open_lists(
    paths: Sequence[Path],
    *,
    list_id: str | None = None,
    list_ids: Mapping[Path, str] | None = None,
    before: Mapping[str, ListEdition] | None = None,
    shrink_max: float = 0.5,
    force: bool = False,
) -> list[ListFile]:
    """Find out what list files are, without reading them through; see `sito.lists.opener.open_lists`.

    Args:
        paths: List files and folders of list files.
        list_id: Code forced on all given files.
        list_ids: Codes forced on single files, by path.
        before: Editions in use until now, by list id; new editions are compared with them.
        shrink_max: Largest share of entries, in [0, 1], that an edition may lose.
        force: Let an incomplete, shrunken or older edition through with a warning.

    Returns:
        One `ListFile` for each edition, in the order of their first files.

    Raises:
        ListError: LST100 to LST109 and LST114 to LST117.
    """
    return opener.open_lists(
        paths, readers=READERS, list_id=list_id, list_ids=list_ids, before=before, shrink_max=shrink_max, force=force
    )
