"""Settings that people write, read from TOML: whatever is wrong with a text is one error with words of ours."""

from __future__ import annotations

import tomllib
from typing import Any


class TomlError(ValueError):
    """A text that is no TOML; says what is wrong, in words that may be shown."""


def parse_toml(data: bytes) -> dict[str, Any]:
    """Read TOML in UTF-8.

    Raises:
        TomlError: It is none, holds a number of thousands of digits, or tables within tables without an end.
    """
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TomlError(f"bytes that are no UTF-8 at {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise TomlError(str(error)[:200]) from None
    except ValueError:
        raise TomlError("a number too long") from None
    except RecursionError:
        raise TomlError("tables within tables without an end") from None
