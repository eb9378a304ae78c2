"""What came of one attempt to hand an alert over."""

from __future__ import annotations

from enum import StrEnum

import msgspec

# What the ledger keeps as the reason why an alert was not taken begins with one of these.
REFUSED = "ALR201"  # the other side answered, and refused it
BROKEN = "ALR202"  # no answer: nobody there, too slow, or the connection broke
UNTRUSTED = "ALR203"  # a certificate that is not trusted, or no TLS where there has to be
FAULT = "ALR204"  # the alert could not be written


class Fate(StrEnum):
    """What came of an attempt for one recipient."""

    TAKEN = "taken"
    LATER = "later"  # may be tried again
    NEVER = "never"  # refused for good


class Outcome(msgspec.Struct, frozen=True):
    """What came of an attempt.

    Attributes:
        fates: By name of the recipient.
        reason: A code of docs/errors.md and a status or the name of an error; nothing that the other side wrote.
        wait_s: How long the other side asks to wait, in seconds; 0 if it does not say.
    """

    fates: dict[str, Fate]
    reason: str = ""
    wait_s: float = 0.0
