"""Messages by Rosfinmonitoring's personal account: handed over once, found by their record number, asked for until a
receipt is there.

Whether the service finds a message by the number of the sender, and which one of several, no document says [K]: it is a
setting of the account (`external_search`), and where it does not help a person has to look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sito.cases.facts import MARK_LENGTH_MAX, TEXT_LENGTH_MAX
from sito.errors import PortalError, SendError
from sito.outbox.parcels import Parcel
from sito.outbox.routes import Answer, Cause, Fate, Handed, Waiting
from sito.portal import Contour, MessageStatus, PortalClient
from sito.portal.client import CHECK_STATUS

# Of one attempt at sending: a log-in and the message, and both again if the token was refused meanwhile.
CALLS_MAX = 4
_OF_THE_WAY = frozenset({"PRT201", "PRT202", "PRT104"})  # the next message would fare no better


class PortalRoute:
    """Hands messages over to the personal account.

    Args:
        client: Of the production contour; of one attempt at a time, for the sender comes again by itself.

    Raises:
        PortalError: PRT305 the client is of the test contour: what is sent there was not reported to anybody.
    """

    name = "portal"

    def __init__(self, client: PortalClient) -> None:
        if client.portal.settings.contour is not Contour.PRODUCTION:
            raise PortalError(
                "PRT305", expected="the production contour for messages of a ledger", got="that of a test",
                where="contour", todo="try methods of the test contour with `sito portal access-request`",
            )  # fmt: skip
        self._client, self._search = client, client.portal.settings.external_search

    def prepare(self, parcel: Parcel) -> None:
        """Log in: what fails here has not begun to be sent.

        Raises:
            PortalError: As `PortalClient.login`.
        """
        self._client.ensure_login()

    def discard(self, parcel: Parcel) -> None:
        """Do nothing: nothing was made ready."""

    def sweep(self, going: Collection[str]) -> None:
        """Do nothing: nothing was left."""

    def send(self, parcel: Parcel) -> Handed:
        """Hand a message over, once."""
        powers = [(power.name, power.data, power.signature) for power in parcel.powers]
        try:
            return _handed(self._client.send(parcel.file_name, parcel.xml, parcel.signature, powers))
        except SendError as error:
            if error.outcome == "unknown":
                return Handed(Fate.UNKNOWN)
            return Handed(Fate.NOT_SENT, Cause.REFUSED if error.outcome == "refused" else Cause.UNREACHABLE)

    def find(self, parcel: Parcel) -> Handed:
        """Ask the service for the record number.

        "There is none" is believed if the same search finds another message that is known to be there. A correction
        has the number of the message that it corrects: where the service names that one, it is known that the
        correction has not arrived only if the service names the newest (`external_search = "newest"`).
        """
        if self._search == "no" or not parcel.record_number:
            return Handed(Fate.UNKNOWN)
        absent = Handed(Fate.NOT_SENT, Cause.NOT_FOUND)
        try:
            found = self._client.status("", parcel.record_number)
            if found is not None and found.external_id not in {"", parcel.record_number}:
                return Handed(Fate.UNKNOWN)  # it is another message that was found
            if found is not None and found.message_id not in parcel.portal_ids:
                return _handed(found)
            if found is not None:
                return absent if self._search == "newest" else Handed(Fate.UNKNOWN)
            # One that was there under this number and is found no more speaks against the search as well.
            is_believed = not parcel.portal_ids and parcel.known_record
            return absent if is_believed and self._client.status("", parcel.known_record) else Handed(Fate.UNKNOWN)
        except PortalError:
            return Handed(Fate.UNKNOWN)

    def answers(self, waiting: Sequence[Waiting]) -> Iterator[Answer]:
        """Ask for each message without a receipt; stop where the way itself is broken."""
        for one in waiting:
            if one.state != "sent" or not (one.portal_id or (one.external_id and self._search != "no")):
                continue
            try:
                yield self._answer(one)
            except PortalError as error:
                yield Answer((one.subject,), trouble=error)
                if error.code in _OF_THE_WAY:
                    return

    def _answer(self, one: Waiting) -> Answer:
        found = self._client.status(one.portal_id, one.external_id)
        if found is not None and not _is_of(found, one):
            raise PortalError(
                "PRT204", expected="the state of the message that was asked for", got="that of another",
                where=CHECK_STATUS, todo="the envelopes hold what it said",
            )  # fmt: skip
        ticket = self._client.ticket(one.portal_id, one.external_id)
        receipt = None if ticket is None else ticket.data
        if found is None:
            return Answer((one.subject,), receipt=receipt)
        told = _handed(found)
        return Answer((one.subject,), told.status_number, told.status_name, told.note, receipt)

    def taken(self, answer: Answer) -> None:
        """Do nothing: the service keeps its answers."""


def _is_of(found: MessageStatus, one: Waiting) -> bool:
    if one.portal_id:
        return found.message_id == one.portal_id
    return found.external_id in {"", one.external_id}


def _handed(found: MessageStatus) -> Handed:
    # An id that is longer than the ledger keeps is none: the message is asked for by its record number then.
    portal_id, external_id = (
        one if len(one) <= MARK_LENGTH_MAX else "" for one in (found.message_id, found.external_id)
    )
    return Handed(
        Fate.SENT, portal_id=portal_id, external_id=external_id, status_number=found.status,
        status_name=found.status_name[:MARK_LENGTH_MAX], note=found.note[:TEXT_LENGTH_MAX],
    )  # fmt: skip
