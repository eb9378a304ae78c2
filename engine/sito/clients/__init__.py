"""The client base: who the bank's clients are, and what changed since they were screened last."""

from sito.clients.base import ClientBase
from sito.clients.importing import Imported, import_clients
from sito.clients.night import Cause, Found, Night, screen_base
from sito.clients.reading import Client, Refused, Risk, read_clients

__all__ = [
    "Cause", "Client", "ClientBase", "Found", "Imported", "Night", "Refused", "Risk", "import_clients", "read_clients",
    "screen_base",
]  # fmt: skip
