"""Every fact of a message is written, but for those that a format has no element for: these are named on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.fes.samples import message, numbers

from sito.fes.formats import formats
from sito.fes.untold import untold

PAGE = Path(__file__).parents[2] / "docs" / "fes.md"


def lines() -> str:
    found = []
    for (family, kind), one in formats().items():
        sample = message(family, kind)
        names = ", ".join(f"`{path}`" for path in untold(sample, numbers(sample))) or "none"
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
