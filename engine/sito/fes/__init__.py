"""Messages to Rosfinmonitoring: what they say, how each family writes them, and what their receipts say.

A message is written from what the ledger keeps of it and from nothing else (decision 0034). No official schema now in
force was found: each format is a draft until a bank has it held against the official one.
"""

from sito.fes.dictionaries import Dictionaries, Dictionary
from sito.fes.model import (
    Account,
    Address,
    Basis,
    Body,
    CheckBody,
    Company,
    DeletionBody,
    Document,
    Family,
    FreezeBody,
    FullName,
    Kind,
    Measure,
    Message,
    Numbers,
    Officer,
    Operation,
    OperationBody,
    Organisation,
    Participant,
    Person,
    RecordType,
    RefusalBody,
    ReleaseBody,
    SuspensionBody,
    encoded,
)
from sito.fes.rendering import Series, format_of, render, series_of
from sito.fes.schemas import Schemas

__all__ = [
    "Account",
    "Address",
    "Basis",
    "Body",
    "CheckBody",
    "Company",
    "DeletionBody",
    "Dictionaries",
    "Dictionary",
    "Document",
    "Family",
    "FreezeBody",
    "FullName",
    "Kind",
    "Measure",
    "Message",
    "Numbers",
    "Officer",
    "Operation",
    "OperationBody",
    "Organisation",
    "Participant",
    "Person",
    "RecordType",
    "RefusalBody",
    "ReleaseBody",
    "Schemas",
    "Series",
    "SuspensionBody",
    "encoded",
    "format_of",
    "render",
    "series_of",
]
