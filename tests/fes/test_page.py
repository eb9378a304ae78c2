"""The page about messages says of every element of every format where it comes from and how sure it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sito.fes import Dictionaries
from sito.fes.elements import Choice, Format, Group, Item, Leaf, walk
from sito.fes.formats import formats

PAGE = Path(__file__).parents[2] / "docs" / "fes.md"
TITLES = {
    "ko": "Credit institutions", "nfo": "Non-credit financial institutions (group 3484-У)",
    "nko": "Organisations of Order 110, now Order 18", "refusals": "The exchange of refusals",
}  # fmt: skip


def signature(item: Item) -> object:
    if isinstance(item, Leaf):
        return (item.name, item.form.name, item.must, item.many, item.dictionary, item.certainty, item.source)
    inner = tuple(signature(one) for one in item.items)
    return inner if isinstance(item, Choice) else (item.name, item.must, item.many, item.certainty, item.source, inner)


def rows(group: Group, path: str, root: str, known: dict[object, str]) -> list[str]:
    """Return the lines of a group; what stood before in the same words is only named."""
    found = []
    for item in group.items:
        for one in item.items if isinstance(item, Choice) else (item,):
            here = f"{path}{one.name}"
            need = ("О" if one.must and not isinstance(item, Choice) else "У" if isinstance(item, Choice) else "Н") + (
                "М" if one.many else "Е"
            )
            if isinstance(one, Leaf):
                words = one.form.name + (f", `{one.dictionary}`" if one.dictionary else "")
                found.append(f"| {here} | {need} | {words} | {one.certainty} | {one.source or '-'} |")
                continue
            mark = signature(one)
            if mark in known:
                found.append(f"| {here} | {need} | as in {known[mark]} | {one.certainty} | {one.source or '-'} |")
                continue
            known[mark] = f"{root}: {here}"
            found.append(f"| {here} | {need} | holds: | {one.certainty} | {one.source or '-'} |")
            found += rows(one, f"{here}/", root, known)
    return found


def of_format(one: Format, known: dict[object, str]) -> list[str]:
    draft = "draft" if one.is_draft else "official"
    return [
        f"### {one.root.name}: {one.kind}",
        "",
        f"Kind {one.kind_number} ({one.kind_certainty}); root {one.root.certainty}: {one.source}; {draft}.",
        "",
        "| element | need | form | certainty | source |",
        "|---|---|---|---|---|",
        *rows(one.root, "", one.root.name, known),
        "",
    ]


def page_text() -> str:
    known: dict[object, str] = {}
    lines: list[str] = []
    for family, title in TITLES.items():
        lines += [f"## {title}", ""]
        for one in formats().values():
            if one.family == family:
                lines += of_format(one, known)
    lines += ["## Code lists", "", "| list | codes | edition | certainty | source |", "|---|---|---|---|---|"]
    for each in Dictionaries.shipped().all:
        codes = ", ".join(f"{entry.code} {entry.words}" for entry in each.entries) or "none known"
        kept = "" if not each.is_open else "; others are taken"
        lines.append(
            f"| `{each.name}`: {each.title} | {codes}{kept} | {each.edition} | {each.certainty} | {each.source} |"
        )
    return "\n".join([*lines, ""])


def test_the_page_says_where_every_element_comes_from(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text("utf-8")
    found = re.search(r"(?<=<!-- formats -->\n\n).*(?=\n<!-- end of formats -->)", text, re.DOTALL)
    assert found is not None
    if request.config.getoption("--update-golden"):
        PAGE.write_text(text[: found.start()] + page_text() + text[found.end() :], "utf-8")
    else:
        assert found.group() == page_text(), "look at the difference and renew it with --update-golden"


def test_what_was_not_seen_says_so() -> None:
    for one in formats().values():
        assert one.is_draft, "no official schema was found of any format"
        assert one.source


def test_an_analogy_is_not_said_to_be_seen() -> None:
    """Of Order 110 nobody saw what the service part holds; the four elements of a deletion were seen there alone."""
    for one in formats().values():
        sure = {path.split("/", 2)[2]: item.certainty for path, item in walk(one.root) if "/" in path[1:]}
        if one.family == "nko":
            assert {value for path, value in sure.items() if path.startswith("СлужЧасть/")} <= {"I", "K"}
        for path, value in sure.items():
            if path.endswith("ФЭС"):
                assert value == ("S" if one.family == "nko" else "I"), f"{one.root.name}: {path}"
