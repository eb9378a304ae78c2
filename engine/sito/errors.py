"""The one error tree of sito.

    SitoError
    ├── ListError      LST…  a list file cannot be read or must not be used
    ├── RecordError    REC…  a payment or customer cannot be read
    ├── IndexFileError IDX…  an index cannot be built, opened or trusted
    ├── ScreenError    SCR…  a screening call is wrong
    ├── PolicyError    POL…  a policy, calendar or allowance cannot be used
    ├── LedgerError    LED…  the ledger cannot store, show or vouch for something
    ├── JournalError   JRN…  what was screened cannot be kept until a case is made of it, or not be taken
    ├── CaseError      CAS…  a step of a case, measure, message, notice or check is not allowed
    ├── ClientBaseError CLB…  a client base cannot be used, or an import into it is refused
    ├── AlertError     ALR…  alerts cannot be sent to where they should go
    ├── FesError       FES…  a message to Rosfinmonitoring cannot be written, signed, sent or understood
    ├── PortalError    PRT…  the personal account of Rosfinmonitoring, or what it answers, cannot be used
    ├── RiskError      RSK…  the risk indicator cannot be computed, or something of it not be ticked
    ├── PaperError     PAP…  a paper of internal control cannot be made or written
    └── UsageError     CLI…  a command line is wrong

Every error carries a stable `code` and its facts as attributes, and prints as one line:
code, what was expected, what came, where, what to do. Names and document numbers of
people never appear in it: rows, lengths, ids and element names do.

The number after the letters never changes its meaning; a retired number is not reused.
"""

from __future__ import annotations

from typing import Literal


class SitoError(Exception):
    """Base of all errors that bad input can cause.

    Args:
        code: Stable code, three capitals and three digits, for example `LST101`.
        expected: What would have been right.
        got: What came instead, without personal data.
        where: File, line, element, row or offset.
        todo: What the reader can do about it; empty if nothing.
    """

    def __init__(self, code: str, *, expected: str, got: str, where: str = "", todo: str = "") -> None:
        self.code = code
        self.expected = expected
        self.got = got
        self.where = where
        self.todo = todo
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.code} expected {self.expected}, got {self.got}"
        if self.where:
            text += f" ({self.where})"
        return f"{text}; {self.todo}" if self.todo else text

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes send errors back; the default would call __init__ without keywords.
        facts = {"expected": self.expected, "got": self.got, "where": self.where, "todo": self.todo}
        return _restore, (type(self), self.code, facts)


def _restore(kind: type[SitoError], code: str, facts: dict[str, str]) -> SitoError:
    return kind(code, **facts)


class ListError(SitoError):
    """A list file cannot be read, or its edition must not be used."""


class RecordError(SitoError):
    """A payment or customer cannot be read; the other records go on."""


class IndexFileError(SitoError):
    """An index cannot be built, opened or trusted."""


class ScreenError(SitoError):
    """A screening call has wrong arguments."""


class PolicyError(SitoError):
    """A policy, calendar or allowance cannot be used."""


class LedgerError(SitoError):
    """The ledger cannot store, show or vouch for something."""


class JournalError(SitoError):
    """What was screened cannot be kept until a case is made of it, or not be taken."""


class CaseError(SitoError):
    """A step of a case, measure, message, notice or check is not allowed."""


class ClientBaseError(SitoError):
    """A client base cannot be used, or an import into it is refused."""


class AlertError(SitoError):
    """Alerts cannot be sent to where they should go."""


class FesError(SitoError):
    """A message to Rosfinmonitoring cannot be written, signed, sent or understood."""


class PortalError(SitoError):
    """The personal account of Rosfinmonitoring, or what it answers, cannot be used."""


class SendError(PortalError):
    """A message was not taken by the personal account, or nobody knows whether it was.

    Args:
        outcome: `refused` if it was looked at and not taken, `not_sent` if it surely did not arrive, else `unknown`.
    """

    def __init__(
        self, code: str, *, outcome: Literal["refused", "not_sent", "unknown"] = "unknown", expected: str, got: str,
        where: str = "", todo: str = "",
    ) -> None:  # fmt: skip
        super().__init__(code, expected=expected, got=got, where=where, todo=todo)
        self.outcome = outcome

    def __reduce__(self) -> tuple[object, ...]:
        facts = {name: getattr(self, name) for name in ("expected", "got", "where", "todo", "outcome")}
        return _restore, (type(self), self.code, facts)


class RiskError(SitoError):
    """The risk indicator cannot be computed, or something of it not be ticked."""


class PaperError(SitoError):
    """A paper of internal control cannot be made or written."""


class UsageError(SitoError):
    """A command line is wrong."""
