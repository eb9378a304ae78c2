"""Facts as people type them: `name=value`, by the types of `sito.cases.facts`.

    client_count=1200                     a whole number
    order_date=2026-03-03                 a day
    until=2026-05-01T12:00+03:00          an instant, with its zone
    criteria=1101, given twice            a list: one item each time
    operation.amount=100,00               one field of a table, each by itself
    editions=RU-TE@2026-03-01             an edition of a list, one each time
    screening={...}                       everything else: JSON

What is typed on a command line can be seen by others of the machine; whoever calls this lets a value be read from a
file instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from sito.cases.facts import CLEAR, SEALED, Edition
from sito.errors import CaseError

_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_KINDS = {name: msgspec.inspect.type_info(kind) for name, kind in {**CLEAR, **SEALED}.items()}


def is_list(name: str) -> bool:
    """Is this a fact of several items?"""
    return isinstance(_KINDS.get(name), msgspec.inspect.VarTupleType)


def is_table(name: str) -> bool:
    """Is this a fact of named fields?"""
    return isinstance(_KINDS.get(name), msgspec.inspect.DictType)


def typed_facts(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return facts of what was typed, in the order in which it was.

    Args:
        pairs: Name and text of each; the name of a field of a table has a dot.

    Raises:
        CaseError: CAS131 a name that is none, given twice where there is one value, or a text that is not of its type.
            The text is never repeated: it may describe a person.
    """
    facts: dict[str, Any] = {}
    for given, text in pairs:
        name, dot, key = given.partition(".")
        kind = _KINDS.get(name)
        if kind is None:
            raise CaseError(
                "CAS131", expected="the name of a fact", got="another", where="fact", todo="see docs/cases.md, Facts"
            )
        if isinstance(kind, msgspec.inspect.VarTupleType):
            if not dot:
                facts.setdefault(name, []).append(_edition(name, text) if name == "editions" else text)
                continue
        elif isinstance(kind, msgspec.inspect.DictType):
            table = facts.setdefault(name, {})
            if dot and key and key not in table:
                table[key] = text
                continue
        elif not dot and name not in facts:
            facts[name] = _value(name, kind, text)
            continue
        form = f"{name}.FIELD=VALUE for each field" if is_table(name) else f"{name}=VALUE once"
        raise CaseError("CAS131", expected=form, got="another form", where=f"fact {name}")
    return facts


def _value(name: str, kind: msgspec.inspect.Type, text: str) -> Any:
    if isinstance(kind, msgspec.inspect.IntType):
        if not _WHOLE.fullmatch(text):
            raise CaseError("CAS131", expected=f"{name}: a whole number", got="another text", where=f"fact {name}")
        return int(text)
    if isinstance(kind, msgspec.inspect.StructType):
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise CaseError("CAS131", expected=f"{name}: JSON", got="another text", where=f"fact {name}") from None
    return text  # days and instants are JSON texts, and read by the desk


def _edition(name: str, text: str) -> Edition:
    list_id, sign, edition = text.rpartition("@")
    if not sign or not list_id or not edition:
        raise CaseError("CAS131", expected=f"{name}=LIST@EDITION", got="another text", where=f"fact {name}")
    return Edition(list_id, edition)
