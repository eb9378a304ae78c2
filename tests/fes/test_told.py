"""Every fact of a message is written, but for those that a format has no element for: these are named on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fes.samples import message, numbers

from sito.fes import Family, Kind, render
from sito.fes.formats import formats

PAGE = Path(__file__).parents[2] / "docs" / "fes.md"
OTHER = {"operation": "contract", "contract": "operation", "0": "1"}


def changed(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (path, the value with one fact changed), for each fact that it holds."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            for path, other in changed(getattr(value, name)):
                yield f"{name}.{path}".rstrip("."), msgspec.structs.replace(value, **{name: other})
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            for path, other in changed(one):
                yield path, (*value[:index], other, *value[index + 1 :])
    elif isinstance(value, Kind):
        yield "", Kind.CHECK
    elif isinstance(value, str):
        if value:
            yield "", OTHER.get(value, f"9{value}")
    elif isinstance(value, date):
        yield "", value + timedelta(days=1)
    elif value is not None:
        yield "", value + 1


def untold(family: Family, kind: Kind) -> list[str]:
    """Return the facts of the sample that make no difference to what is written."""
    one = message(family, kind)
    first = render(one, numbers(one))
    makes: dict[str, bool] = {}
    for path, body in changed(one.body):
        other = msgspec.structs.replace(one, body=body)
        makes[path] = makes.get(path, False) or render(other, numbers(one)) != first
    assert len(makes) > 3
    return sorted(path for path, does in makes.items() if not does)


def lines() -> str:
    found = []
    for (family, kind), one in formats().items():
        names = ", ".join(f"`{path}`" for path in untold(family, kind)) or "none"
        found.append(f"| {one.root.name} | {names} |")
    return "\n".join(["| format | facts that it has no element for |", "|---|---|", *found, ""])


def test_the_page_names_what_a_format_has_no_element_for(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text("utf-8")
    found = re.search(r"(?<=<!-- untold -->\n\n).*(?=\n<!-- end of untold -->)", text, re.DOTALL)
    assert found is not None
    if request.config.getoption("--update-golden"):
        PAGE.write_text(text[: found.start()] + lines() + text[found.end() :], "utf-8")
    else:
        assert found.group() == lines(), "a fact is no longer written, or one is now: renew the page"
