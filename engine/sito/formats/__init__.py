"""Readers that turn payment and customer files into records: bytes -> `Record`, or `Reject` with a reason.

    >>> for item in open_records(path):            # doctest: +SKIP
    ...     if isinstance(item, Reject): ...       # keep its raw text, repair it, send it again
    ...     else: ...                              # screen it

Formats: `csv` (customers or payments, also TSV), `jsonl`, `parquet`, `ufebs` (ED101, ED103, ED104, ED105, PacketEPD),
`iso20022` (pacs.008, pain.001), `mt103` (plain or RUR6), `1c` (1CClientBankExchange). Files are streamed; one bad
record never stops a file, and nothing is passed over in silence. Files packed by xz or gzip are unpacked while they are
read.

A CSV file may be split in one process and converted in others: `DelimitedFile.rows()` yields cells, and
`DelimitedFile.converter` (a `RowConverter`, which can be pickled) turns them into records.

Error codes of this package. The first group is raised, the others come inside a `Reject`:

    REC100  missing file, not a file, or not readable
    REC101  no content: empty, or only blanks
    REC102  unknown format
    REC103  a format name that does not exist
    REC104  required columns are missing
    REC105  a column twice, or columns of customers and payments mixed
    REC106  no readable Parquet file
    REC107  a Parquet column of a type that is not read
    REC108  XML not well-formed before its first element
    REC109  XML with a document type
    REC110  a folder of XSD files that cannot be used
    REC111  a header row that is too long, too wide or no CSV
    REC112  a compressed file of a kind that is not opened, or one inside another
    REC113  a header row that cannot be decoded
    REC114  a packed file that is cut or damaged
    REC115  a packed file that unpacks beyond the limits
    REC116  UTF-8 in an XML file that declares a code page

    REC200  wrong number of columns
    REC201  NUL character
    REC202  undecodable bytes or lone surrogates
    REC203  a line or cell above its limit
    REC204  a customer without a name
    REC205  a payment without any text to screen
    REC206  not a date
    REC207  not an amount
    REC208  not a kind of party
    REC209  not a currency
    REC210  a text, number or list longer than its limit
    REC211  quotes or line ends of CSV that do not fit
    REC212  not JSON
    REC213  JSON, but not an object
    REC214  a JSON value of the wrong type
    REC216  too many aliases
    REC217  unreadable pages in a Parquet file; the rest is not read

    REC300  XML not well-formed; the rest is not read
    REC301  an XML record above its size limit; the rest is not read
    REC302  a UFEBS field that the edition 2021.1.0 does not allow
    REC303  not valid by the official schema
    REC304  a UFEBS document of a kind that is not read
    REC305  no payments, or another number or sum than the file declares
    REC320  a SWIFT message that is not MT103
    REC321  SWIFT blocks that are broken or missing
    REC322  a mandatory SWIFT field is missing
    REC323  a SWIFT field with wrong content, or twice
    REC330  a 1C document with a key twice or above its limits
    REC331  a 1C document or file without its end
"""

from __future__ import annotations

from sito.formats.base import RecordFile
from sito.formats.delimited import DelimitedFile
from sito.formats.detect import FORMATS, open_records
from sito.formats.noise import CleanParty, clean_party
from sito.formats.table import RowConverter

__all__ = ["FORMATS", "CleanParty", "DelimitedFile", "RecordFile", "RowConverter", "clean_party", "open_records"]
