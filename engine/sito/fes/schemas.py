"""What every message is held against before it leaves: our schemas, code lists, and a bank's official schemas."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree

from sito.errors import FesError
from sito.fes.dictionaries import Dictionaries
from sito.fes.elements import Leaf, schema_of, walk
from sito.fes.formats import formats
from sito.fes.model import Family, Message
from sito.fes.rendering import format_of

MESSAGE_SIZE_MAX = 8 << 20  # bytes of one message
SCHEMA_SIZE_MAX = 4 << 20
SCHEMA_COUNT_MAX = 200
XS = "{http://www.w3.org/2001/XMLSchema}"


def parser() -> etree.XMLParser:
    """Return a parser that reads no entities, no document types and nothing from elsewhere."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class Schemas:
    """Holds messages against schemas and dictionaries. Immutable; threads may share it.

    Use `shipped`, and `with_official` for a bank that has the official ones.
    """

    def __init__(self, dictionaries: Dictionaries, official: dict[str, etree.XMLSchema]) -> None:
        self._dictionaries = dictionaries
        self._official = official

    @classmethod
    def shipped(cls) -> Schemas:
        """Return what comes with sito."""
        return cls(Dictionaries.shipped(), {})

    def with_dictionaries(self, dictionaries: Dictionaries) -> Schemas:
        """Return schemas that take codes of a bank's own dictionaries."""
        return Schemas(dictionaries, self._official)

    def with_official(self, folder: Path) -> Schemas:
        """Return schemas that hold messages against those in a folder, too: each `.xsd` for the roots it declares.

        Raises:
            FesError: FES107 a file that is no schema, too many, or two for one root.
        """
        found: dict[str, etree.XMLSchema] = {}
        try:
            paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".xsd")
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES107", expected="a folder of schemas", got=got, where=folder.name) from None
        if not 0 < len(paths) <= SCHEMA_COUNT_MAX:
            raise FesError(
                "FES107", expected=f"1 to {SCHEMA_COUNT_MAX} files *.xsd", got=f"{len(paths)}", where=folder.name
            )
        for path in paths:
            try:
                if path.stat().st_size > SCHEMA_SIZE_MAX:
                    raise FesError("FES107", expected=f"at most {SCHEMA_SIZE_MAX} bytes", got="more", where=path.name)
                tree = etree.parse(str(path), parser())
                schema = etree.XMLSchema(tree)
            except (etree.LxmlError, OSError) as error:
                raise FesError("FES107", expected="an XML Schema", got=type(error).__name__, where=path.name) from None
            for element in tree.getroot().findall(XS + "element"):
                name = element.get("name", "")
                if name in found:
                    raise FesError("FES107", expected="one schema for a root", got=f"two for {name}", where=path.name)
                found[name] = schema
        return Schemas(self._dictionaries, found)

    @property
    def official_roots(self) -> tuple[str, ...]:
        """Roots that are held against an official schema."""
        return tuple(sorted(self._official))

    def is_draft(self, message: Message) -> bool:
        """Is no official schema known of the format of a message?"""
        return format_of(message).root.name not in self._official

    def check(self, xml: bytes, message: Message, *, where: str) -> None:
        """Hold a message against all that is known of its format.

        Args:
            xml: As it would leave.
            where: The matter that it is about, for the error.

        Raises:
            FesError: FES108 it does not follow a schema; FES109 a code that its dictionary does not have.
        """
        form = format_of(message)
        if len(xml) > MESSAGE_SIZE_MAX:
            raise FesError("FES108", expected=f"at most {MESSAGE_SIZE_MAX} bytes", got=f"{len(xml)}", where=where)
        try:
            root = etree.fromstring(xml, parser())
        except etree.LxmlError as error:
            raise FesError("FES108", expected="XML", got=type(error).__name__, where=where) from None
        _hold(_own(message.family), root, where)
        official = self._official.get(form.root.name)
        if official is not None:
            _hold(official, root, f"{where}, official schema")
        for path, dictionary in _coded(message.family, message.kind):
            for element in root.iterfind(path):
                self._dictionaries.check(dictionary, element.text or "", where=f"{where}, {path}")


@cache
def _coded(family: Family, kind: str) -> tuple[tuple[str, str], ...]:
    """Return the paths below the root of all elements that take codes, and whose."""
    found = []
    for path, item in walk(formats()[family, kind].root):  # type: ignore[index]
        if isinstance(item, Leaf) and item.dictionary:
            found.append((path.split("/", 2)[2], item.dictionary))
    return tuple(dict.fromkeys(found))


@cache
def _own(family: Family) -> etree.XMLSchema:
    data = files("sito.fes").joinpath("data", f"{family}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(data, parser()))


def own_schema(family: Family) -> bytes:
    """Return our schema of a family as it is shipped in `data/`."""
    return schema_of(one for (name, _), one in formats().items() if name is family)


def _hold(schema: etree.XMLSchema, root: etree._Element, where: str) -> None:
    """Say which element does not follow, what was expected and what is there, without what people are called."""
    if schema.validate(root):
        return
    error = next(iter(schema.error_log))  # type: ignore[call-overload]
    expected, got = _in_words(error.message, error.type_name)
    path = (error.path or "").replace("/*", "")
    raise FesError("FES108", expected=expected, got=got, where=f"{where}, {path or root.tag}")


def _in_words(message: str, kind: str) -> tuple[str, str]:
    # What libxml2 says repeats the value, which may be a name: only what it says of the form is kept.
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        wanted = message.rpartition("Expected is ")[2].strip(" .()") if "Expected is" in message else "no more elements"
        return wanted or "other elements", "another element, or none"
    if kind == "SCHEMAV_CVC_PATTERN_VALID":
        return "a value of the form " + message.rpartition("pattern ")[2].strip(" ."), "another value"
    if kind in {"SCHEMAV_CVC_MAXLENGTH_VALID", "SCHEMAV_CVC_MINLENGTH_VALID"}:
        return "a text of the length " + message.rpartition("length of ")[2].strip(" ."), "another length"
    if kind == "SCHEMAV_CVC_ELT_1":
        return "a root that the schema declares", "another"
    return "what the schema says", kind.removeprefix("SCHEMAV_").lower().replace("_", " ")
