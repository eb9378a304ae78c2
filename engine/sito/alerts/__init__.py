"""What people are told of cases, measures, terms and lists, by e-mail and webhook.

What has to be told follows from the events of the ledger and the terms that run; what was told is an event, too. So a
sender that is killed loses nothing, and what it may repeat carries the same id (decision 0033).
"""

from sito.alerts.channels import Channels
from sito.alerts.news import Alert, AlertKind
from sito.alerts.outbox import Outbox
from sito.alerts.sender import Sender

__all__ = ["Alert", "AlertKind", "Channels", "Outbox", "Sender"]
