"""What a client may be told: templates for each kind of measure, and nothing besides.

The law forbids telling anybody that a check was made, a message sent or a list looked at (rule R-TIPOFF). So there is
no free text: a notice is a template of the file, allowed for this measure in this state on this day, and its fields
are dates, numbers and words of fixed sets. The shipped templates are `data/notices.toml`; a bank may give its own file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated, Literal

import msgspec

from sito.cases.machines import MACHINES, MEASURES
from sito.errors import CaseError
from sito.policy.folder import NOTICES, own_file
from sito.toml import TomlError, convert_toml

FILE_SIZE_MAX = 1 << 20  # bytes of a file of templates

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may stand in a field: a whole match of the pattern, or one of the words; exactly one of the two is given."""

    pattern: str = ""
    words: tuple[Word, ...] = ()

    def fits(self, text: str) -> bool:
        """May this text stand there?"""
        return text in self.words if self.words else re.fullmatch(self.pattern, text) is not None


class NoticeTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One permitted notice.

    Attributes:
        machine, states: Which measure it is for, and in which of its states.
        fields: Names of all its fields, which stand in `text` as ${name}.
        valid_from, valid_to: Days from which and up to which, inclusive, it may be used.
        certainty, source: How sure it is that this may be told, and from where.
    """

    id: Word
    machine: Literal["freeze", "suspension", "refusal"]
    states: tuple[Word, ...]
    fields: tuple[Word, ...]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    valid_from: date
    certainty: Literal["S", "I", "K", "weak"]
    source: Word
    valid_to: date | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fields: dict[str, Field]
    template: tuple[NoticeTemplate, ...]


class Notices:
    """The permitted notices. Immutable; threads may share it.

    Raises:
        CaseError: CAS302 a template or field that contradicts itself or the machines.
    """

    def __init__(self, fields: Mapping[str, Field], templates: tuple[NoticeTemplate, ...]) -> None:
        self._fields = dict(fields)
        self.templates = {template.id: template for template in templates}
        if len(self.templates) != len(templates):
            raise _broken("template ids that differ", "one twice", "template")
        for name, field in self._fields.items():
            if bool(field.pattern) == bool(field.words):
                raise _broken("either a pattern or words", "both or none", f"fields.{name}")
            try:
                re.compile(field.pattern)
            except re.error:
                raise _broken("a regular expression", "another text", f"fields.{name}") from None
        for template in templates:
            where = f"template {template.id}"
            named = set(Template(template.text).get_identifiers())
            if not Template(template.text).is_valid() or named != set(template.fields) or named - self._fields.keys():
                raise _broken("fields that are described and stand in the text", "others", where)
            if not template.states or set(template.states) - set(MACHINES[template.machine].states):
                raise _broken(f"states of {template.machine}", "another or none", where)

    def permitted(self, template_id: str, *, machine: str, state: str, on: date) -> NoticeTemplate:
        """Return a template that may be used for a measure in this state on this day.

        Raises:
            CaseError: CAS301 it may not, or nothing of that kind may be told at all.
        """
        template = self.templates.get(template_id)
        usable = (
            template is not None
            and machine in MEASURES
            and (template.machine, state in template.states) == (machine, True)
            and template.valid_from <= on
            and (template.valid_to is None or on <= template.valid_to)
        )
        if template is None or not usable:
            names = sorted(t.id for t in self.templates.values() if t.machine == machine and state in t.states)
            raise CaseError(
                "CAS301", expected="a permitted notice: " + (", ".join(names) or "none here"), got="another",
                where=f"{machine} in state {state}", todo="rule R-TIPOFF: tell the client nothing else",
            )  # fmt: skip
        return template

    def text(self, template: NoticeTemplate, fields: Mapping[str, str]) -> str:
        """Return the words of a notice.

        Raises:
            CaseError: CAS303 a field is missing, not asked for or holds what may not be told; its value is not shown.
        """
        if set(fields) != set(template.fields):
            raise CaseError(
                "CAS303", expected="the fields " + ", ".join(template.fields), got=f"{len(fields)} fields, others",
                where=f"template {template.id}",
            )  # fmt: skip
        for name, value in fields.items():
            if not self._fields[name].fits(value):
                raise CaseError(
                    "CAS303", expected=f"{name} as the file of templates describes it",
                    got=f"{len(value)} other characters", where=f"template {template.id}",
                )  # fmt: skip
        return Template(template.text).substitute(fields)


def read_notices(path: Path) -> Notices:
    """Read a file of templates.

    Raises:
        CaseError: CAS302 it cannot be read, is too large, no TOML, or says something else than templates.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_SIZE_MAX + 1)
    except OSError as error:
        raise _broken("a readable file", error.strerror or "an input/output error", path.name) from None
    return _read(data, path.name)


def notices_of(policy: Path | None) -> Notices:
    """Return the notices that belong to a policy: of its folder, else those that are shipped.

    Raises:
        CaseError: As `read_notices`.
        PolicyError: POL117, POL201 as for `sito.policy.folder.own_file`.
    """
    own = own_file(policy, NOTICES)
    return shipped_notices() if own is None else read_notices(own)


@cache
def shipped_notices() -> Notices:
    """Return the templates that come with sito."""
    return _read((files("sito.cases") / "data" / "notices.toml").read_bytes(), "notices.toml")


def _read(data: bytes, name: str) -> Notices:
    if len(data) > FILE_SIZE_MAX:
        raise _broken(f"at most {FILE_SIZE_MAX} bytes", "more", name)
    try:
        found = convert_toml(data, _File)
    except TomlError as error:
        raise _broken("fields and templates in TOML", str(error), error.where(name)) from None
    return Notices(found.fields, found.template)


def _broken(expected: str, got: str, where: str) -> CaseError:
    """CAS302 a file of templates that must not be used."""
    return CaseError("CAS302", expected=expected, got=got, where=where, todo="repair the file of templates")
