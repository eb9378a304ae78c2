"""Which facts of a message its format has no element for: they stay in the ledger, and whoever drafts is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from sito.fes.model import Kind, Message, Numbers
from sito.fes.rendering import render

_OTHER = {"operation": "contract", "contract": "operation", "0": "1"}
_FAR = date(9000, 1, 1)


def untold(message: Message, numbers: Numbers) -> tuple[str, ...]:
    """Return the facts that make no difference to what is written, as `operation.participants.code`; sorted.

    Each fact is changed in its turn, and the message written anew: what it says of itself is what counts.

    Raises:
        FesError: As `render`.
    """
    first = render(message, numbers)
    makes: dict[str, bool] = {}
    for path, body in _changed(message.body):
        if makes.get(path):
            continue
        makes[path] = render(msgspec.structs.replace(message, body=body), numbers) != first
    return tuple(sorted(path for path, does in makes.items() if not does))


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (path, the value with one fact changed), for each fact that it holds."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            for path, other in _changed(getattr(value, name)):
                yield f"{name}.{path}".rstrip("."), msgspec.structs.replace(value, **{name: other})
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            for path, other in _changed(one):
                yield path, (*value[:index], other, *value[index + 1 :])
    elif isinstance(value, Kind):
        yield "", Kind.CHECK if value is not Kind.CHECK else Kind.FREEZE
    elif isinstance(value, str):
        if value:
            yield "", _OTHER.get(value, f"9{value}")
    elif isinstance(value, date):
        yield "", value + timedelta(days=1 if value.year < _FAR.year else -1)
    elif value is not None:
        yield "", value + 1
