"""How a message to Rosfinmonitoring gets from an approved draft to its receipt (decision 0035)."""

from sito.outbox.account import PortalRoute
from sito.outbox.folder import FolderRoute, FolderSettings
from sito.outbox.parcels import Parcel, Power
from sito.outbox.routes import Answer, Cause, Fate, Handed, Route, Waiting
from sito.outbox.sender import Sender, Told, written
from sito.outbox.signing import Signer

__all__ = [
    "Answer",
    "Cause",
    "Fate",
    "FolderRoute",
    "FolderSettings",
    "Handed",
    "Parcel",
    "PortalRoute",
    "Power",
    "Route",
    "Sender",
    "Signer",
    "Told",
    "Waiting",
    "written",
]
