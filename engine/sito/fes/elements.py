"""How a format is written down: as a tree of elements, each with its value, form, source and certainty.

The same tree renders messages, makes our schemas and the tables of docs/fes.md, so that the three never differ. A tree
knows nothing of a message but the names of its attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lxml import etree

from sito.errors import FesError
from sito.policy.calendar import MOSCOW

Get = Callable[["Place"], Any]


@dataclass(frozen=True)
class Place:
    """Where rendering stands.

    Attributes:
        message, numbers: Of the whole.
        it: The part that is being written: an operation, a participant, a measure.
        index: Which of several it is, from 0.
    """

    message: Any
    numbers: Any
    it: Any
    index: int = 0


@dataclass(frozen=True)
class Form:
    """What a value looks like.

    Attributes:
        key: Of the simple type in a schema. name: As the tables of docs/fes.md show it.
        pattern: Regular expression of XML Schema, which matches the whole value; empty: any.
        max_length: Characters; 0 where the pattern says it.
        write: From a value to its text; "" is no value.
    """

    key: str
    name: str
    pattern: str
    max_length: int
    write: Callable[[Any], str]


@dataclass(frozen=True)
class Leaf:
    """An element with a text.

    Attributes:
        get: Its value at a place; None and "" are none; a tuple where it stands once for each value.
        must, many: Must it be there? May it stand more than once?
        dictionary: Whose codes it takes; empty for other values.
        certainty: S, I or K, as in docs/fes.md; source: where it was seen.
    """

    name: str
    form: Form
    get: Get
    must: bool = False
    many: bool = False
    dictionary: str = ""
    certainty: str = "S"
    source: str = ""


@dataclass(frozen=True)
class Group:
    """An element that holds others.

    Attributes:
        each: The parts that it is written for, one element each; None: once, for the part that stands.
        must, many: Must it be there? May it stand more than once?
    """

    name: str
    items: tuple[Leaf | Group | Choice, ...]
    each: Callable[[Place], Iterable[Any]] | None = None
    must: bool = True
    many: bool = False
    certainty: str = "S"
    source: str = ""


@dataclass(frozen=True)
class Choice:
    """One of several groups stands here: that whose parts there are."""

    items: tuple[Group, ...]


Item = Leaf | Group | Choice


@dataclass(frozen=True)
class Format:
    """How one kind of message of a family is written.

    Attributes:
        kind_number: As the family numbers kinds: `03`.
        kind_certainty: Of that number.
        is_draft: Is the root, or what it holds, an analogy and no format that somebody has seen?
        source: Where the root was seen.
    """

    family: str
    kind: str
    root: Group
    kind_number: str
    kind_certainty: str
    is_draft: bool
    source: str
    codes: dict[str, str] = field(default_factory=dict)


# --- forms ------------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _day(value: date | None) -> str:
    return "" if value is None else f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def _clock(value: datetime | None) -> str:
    """Return a time of Moscow with what the place's time is ahead of it."""
    if value is None:
        return ""
    ahead = (value.utcoffset() or MOSCOW.utcoffset(value)) - MOSCOW.utcoffset(value)
    minutes = int(ahead.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{value:%H:%M:%S} (МСК{sign}{minutes // 60:02d}:{minutes % 60:02d})"


def _amount(value: int | None) -> str:
    return "" if value is None else f"{value // 100}.{value % 100:02d}"


def text(max_length: int) -> Form:
    """Return the form of a free text."""
    return Form(f"text-{max_length}", f"T(1-{max_length})", "", max_length, _text)


def code(max_length: int = 20) -> Form:
    """Return the form of a code."""
    pattern = f"[0-9A-Za-zА-Яа-я._\\-]{{1,{max_length}}}"
    return Form(f"code-{max_length}", f"К({max_length})", pattern, 0, _text)


def digits(least: int, most: int) -> Form:
    """Return the form of a number that is no amount."""
    name = f"К({least}-{most})" if least < most else f"К({most})"
    return Form(f"digits-{least}-{most}", name, f"[0-9]{{{least},{most}}}", 0, _text)


DAY = Form("day", "Д dd/mm/yyyy", "(0[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2])/[0-9]{4}", 0, _day)
CLOCK = Form(
    "clock", "HH:MM:SS (МСК±HH:MM)", "[0-2][0-9]:[0-5][0-9]:[0-5][0-9] \\(МСК[+\\-][0-9]{2}:[0-9]{2}\\)", 0, _clock
)
AMOUNT = Form("amount", "N(18.2)", "[0-9]{1,16}\\.[0-9]{2}", 0, _amount)
COUNT = Form("count", "N(12)", "[0-9]{1,12}", 0, _text)
FLAG = Form("flag", "К(1)", "[0-9]", 0, _text)
PHONE = Form("phone", "(000)0000000", "\\([0-9]{3,5}\\)[0-9]{5,7}", 0, _text)
RECORD = Form("record", "T(1-50)", "[0-9]{4}_[0-9A-Za-z_]{1,36}_[0-9]{8}", 0, _text)

# --- what is done with them -------------------------------------------------------------------------------------------


def written(item: Group, place: Place, where: str) -> etree._Element:
    """Return a tree of XML elements.

    Raises:
        FesError: FES102 an element that must be there has no value; FES103 a value that XML cannot hold.
    """
    element = etree.Element(item.name)
    _fill(element, item, place, where)
    return element


def _fill(element: etree._Element, item: Group, place: Place, path: str) -> None:
    for child in item.items:
        if isinstance(child, Leaf):
            _leaf(element, child, place, path)
        elif isinstance(child, Choice):
            if sum(_group(element, one, place, path) for one in child.items) != 1:
                raise _missing(f"{path}/{'|'.join(one.name for one in child.items)}")
        elif not _group(element, child, place, path) and child.must:
            raise _missing(f"{path}/{child.name}")


def _group(element: etree._Element, item: Group, place: Place, path: str) -> bool:
    """Write a group for each of its parts; say whether it is there."""
    parts = [place.it] if item.each is None else list(item.each(place))
    is_there = False
    for index, part in enumerate(parts):
        inner = Place(place.message, place.numbers, part, index if item.many else place.index)
        below = etree.SubElement(element, item.name)
        _fill(below, item, inner, f"{path}/{item.name}")
        if len(below) == 0:
            element.remove(below)
        else:
            is_there = True
    return is_there


def _leaf(element: etree._Element, leaf: Leaf, place: Place, path: str) -> None:
    value = leaf.get(place)
    texts = [found for one in (value if leaf.many else (value,)) if (found := leaf.form.write(one))]
    if leaf.must and not texts:
        raise _missing(f"{path}/{leaf.name}")
    for found in texts:
        below = etree.SubElement(element, leaf.name)
        try:
            below.text = found
        except ValueError:
            raise FesError(
                "FES103", expected="a text without control characters", got="one with them", where=f"{path}/{leaf.name}"
            ) from None


def _missing(path: str) -> FesError:
    return FesError("FES102", expected="a value", got="none", where=path)


def walk(group: Group, path: str = "") -> Iterator[tuple[str, Leaf | Group]]:
    """Yield every element with its path, in the order in which they are written."""
    here = f"{path}/{group.name}"
    yield here, group
    for item in group.items:
        if isinstance(item, Leaf):
            yield f"{here}/{item.name}", item
            continue
        for one in item.items if isinstance(item, Choice) else (item,):
            yield from walk(one, here)


XS = "{http://www.w3.org/2001/XMLSchema}"


def schema_of(formats: Iterable[Format]) -> bytes:
    """Return one XML Schema 1.0 for the roots of a family."""
    schema = etree.Element(XS + "schema", nsmap={"xs": XS[1:-1]})
    roots = list(dict.fromkeys(one.root for one in formats))
    forms = {item.form.key: item.form for root in roots for _, item in walk(root) if isinstance(item, Leaf)}
    for key in sorted(forms):
        kind = etree.SubElement(schema, XS + "simpleType", name=key)
        limits = etree.SubElement(kind, XS + "restriction", base="xs:string")
        if forms[key].pattern:
            etree.SubElement(limits, XS + "pattern", value=forms[key].pattern)
        else:
            etree.SubElement(limits, XS + "minLength", value="1")
            etree.SubElement(limits, XS + "maxLength", value=str(forms[key].max_length))
    for root in roots:
        _declare(schema, root, is_part=False)
    found: bytes = etree.tostring(schema, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return found


def _declare(parent: etree._Element, item: Item, *, is_part: bool = True) -> None:
    if isinstance(item, Choice):
        choice = etree.SubElement(parent, XS + "choice")
        for one in item.items:
            _declare(choice, one, is_part=False)
        return
    declared = etree.SubElement(parent, XS + "element", name=item.name)
    if is_part and not item.must:
        declared.set("minOccurs", "0")
    if is_part and item.many:
        declared.set("maxOccurs", "unbounded")
    if isinstance(item, Leaf):
        declared.set("type", item.form.key)
        return
    kind = etree.SubElement(declared, XS + "complexType")
    order = etree.SubElement(kind, XS + "sequence")
    for child in item.items:
        _declare(order, child)
