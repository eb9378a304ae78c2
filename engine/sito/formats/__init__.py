"""Readers that turn payment and customer files into records."""

from __future__ import annotations

from sito.formats.base import RecordFile
from sito.formats.detect import open_records

__all__ = ["RecordFile", "open_records"]
