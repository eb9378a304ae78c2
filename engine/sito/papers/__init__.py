"""Papers of internal control, in Russian, from the ledger alone: reports, registers and protocols as documents.

PAP101 a period that is none          PAP105 personal data without a key
PAP102 a paper that is none           PAP106 options that do not go together
PAP103 a check that is not finished   PAP107 too many rows
PAP104 a file that cannot be written
"""

from sito.errors import PaperError
from sito.papers.catalogue import CHECK, SORTS, Sort, make_paper, sort_of
from sito.papers.checks import period_of
from sito.papers.content import Paper
from sito.papers.period import PAPER_WRITTEN, Cut, Period
from sito.papers.records import record_paper
from sito.papers.source import Source
from sito.papers.writing import docx_bytes, save

__all__ = [
    "CHECK", "PAPER_WRITTEN", "SORTS", "Cut", "Paper", "PaperError", "Period", "Sort", "Source", "docx_bytes",
    "make_paper", "period_of", "record_paper", "save", "sort_of",
]  # fmt: skip
