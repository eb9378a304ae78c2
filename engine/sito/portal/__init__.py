"""The personal account of Rosfinmonitoring: its lists, and the messages that go there (decision 0036).

`settings` says how it is reached, `client` asks it, `envelopes` keeps what was said, `lists` and `watch` bring new
editions into an index and into cases, `emulator` stands in for the service in tests and trials.
"""

from sito.portal.answers import Edition, MessageStatus, Ticket
from sito.portal.client import PortalClient
from sito.portal.envelopes import Envelopes
from sito.portal.settings import Catalogue, Contour, Portal, PortalSettings

__all__ = [
    "Catalogue",
    "Contour",
    "Edition",
    "Envelopes",
    "MessageStatus",
    "Portal",
    "PortalClient",
    "PortalSettings",
    "Ticket",
]
