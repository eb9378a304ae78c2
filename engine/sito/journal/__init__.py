"""What has to survive until somebody has taken it: files of frames, durable when they were told, sealed at rest."""

from sito.journal.reading import Frame, JournalFile, journal_files, taking
from sito.journal.writing import JournalWriter

__all__ = ["Frame", "JournalFile", "JournalWriter", "journal_files", "taking"]
