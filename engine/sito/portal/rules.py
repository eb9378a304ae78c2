"""How the emulator of the service behaves: a file of TOML, and what went wrong on purpose.

user_name = "rfm"
password = "XXX"              # of nobody; the emulator keeps no secret
token_key = "accessToken"     # or "access_token"
polls_before_ticket = 1
[[reject]]                    # by a part of the record number or of the file's text
holds = "00000007"
code = "1003"
text = "нет основания"
[[fault]]
method = "formalized-message/send"
kind = "reset_after"          # the message is taken, and the connection breaks before the answer
count = 1
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from sito.errors import PortalError
from sito.toml import TomlError, read_toml


class FaultKind(StrEnum):
    """What goes wrong with an answer."""

    DELAY = "delay"  # it comes after `seconds`
    DRIP = "drip"  # it comes a byte each `seconds`
    RESET_BEFORE = "reset_before"  # the connection breaks before anything is done
    RESET_AFTER = "reset_after"  # it breaks when all is done, before the answer
    RESET_IN_BODY = "reset_in_body"  # it breaks in the middle of the answer
    CUT = "cut"  # half of the answer, and an end as if it were whole
    ERROR_500 = "error_500"
    ERROR_400 = "error_400"
    ERROR_200 = "error_200"  # an error in JSON, with the status of success
    HTML_200 = "html_200"
    HTML_502 = "html_502"
    GARBAGE = "garbage"  # the work is done, the answer is no text
    CP1251 = "cp1251"  # JSON in another encoding than it says
    HUGE = "huge"
    DEEP = "deep"  # JSON within JSON without an end
    EMPTY = "empty"
    BOMB = "bomb"  # a zip that unpacks to a thousand times its size
    XML_BOMB = "xml_bomb"  # entities of entities, which unfold to billions
    XML_FILE = "xml_file"  # an entity that is a file of whoever reads it
    REDIRECT = "redirect"
    TOKEN_401 = "token_401"  # noqa: S105  (the name of a fault)
    TOKEN_200 = "token_200"  # noqa: S105
    OTHER_RANGE = "other_range"  # another piece of a file than was asked for


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What goes wrong, and how often.

    Attributes:
        method: As in the guide without the prefix of the contour; `*` is any.
        count: Times; 0 for ever. after: Calls that go well first.
    """

    method: str
    kind: FaultKind
    count: Annotated[int, msgspec.Meta(ge=0)] = 1
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0


class Reject(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Messages that get a ticket of rejection: those with a text in their file."""

    holds: Annotated[str, msgspec.Meta(min_length=1)]
    code: str = "1000"
    text: str = "Сообщение отклонено правилом эмулятора"


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file; see the module. All of it has defaults.

    Attributes:
        stub: Answers to log-ins say `success: false`, as those printed in the guide.
        token_s: Seconds that a token holds.
        keys: How keys are written: as the guide prints them, or in another case.
        list_form: `zip` with a Russian name in cp866, or plain `xml` under the type of a zip.
        ranges: Are pieces of files given?
        external_search: Is a message found by the bank's number alone? [K]
        polls_before_ticket: Questions after which a receipt is ready.
        final_status: Number and name of the state behind that: no document has one, so this one is invented.
        schema: XSD beside the rules that messages are held against; empty: none.
        form_key: `any`, or `id`: file requests under `idXml` are refused.
    """

    user_name: str = "rfm"
    password: str = "XXX"  # noqa: S105  (of the example in the guide)
    token_key: Literal["accessToken", "access_token"] = "accessToken"  # noqa: S105
    stub: bool = True
    token_s: Annotated[float, msgspec.Meta(gt=0)] = 3600.0
    keys: Literal["printed", "lower", "upper", "pascal"] = "printed"
    list_form: Literal["zip", "xml"] = "zip"
    ranges: bool = True
    external_search: bool = True
    polls_before_ticket: Annotated[int, msgspec.Meta(ge=0)] = 1
    final_status: tuple[int, str] = (97, "Обработано эмулятором")
    ticket_form: Literal["xml", "zip"] = "xml"
    schema: str = ""
    reject: tuple[Reject, ...] = ()
    fault: tuple[Fault, ...] = ()


def read_rules(path: Path) -> Rules:
    """Read the rules; without a file all are as they are by default.

    Raises:
        PortalError: PRT401 it cannot be read, is no TOML or says something else.
    """
    try:
        return read_toml(path, Rules) if path.exists() else Rules()
    except TomlError as error:
        raise PortalError(
            "PRT401", expected="rules in TOML as the emulator has them", got=str(error), where=error.where(path.name)
        ) from None
