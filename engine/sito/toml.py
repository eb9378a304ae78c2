"""Settings that people write, read from TOML: whatever is wrong with a file is one error with words of ours."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Shape = TypeVar("Shape")
SIZE_MAX = 1 << 18  # bytes of a file of settings


class TomlError(ValueError):
    """A text that is no TOML, or says something else than it may; its words hold no value of the text.

    Attributes:
        place: Of what is wrong, as `$.folder.work`; empty for the whole.
    """

    def __init__(self, got: str, place: str = "") -> None:
        super().__init__(got)
        self.place = place

    def where(self, name: str) -> str:
        """Return the place, with the name of the file."""
        return f"{name} {self.place}".strip()


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


def convert_toml(data: bytes, shape: type[Shape]) -> Shape:
    """Read TOML into a struct.

    Raises:
        TomlError: As `parse_toml`; an unknown word, a value that may not be, or one that is missing.
    """
    try:
        return msgspec.convert(parse_toml(data), shape)
    except msgspec.ValidationError as error:
        # The message names the field and what it should be; it repeats no value but a word that is no choice.
        told, _, place = str(error).partition(" - at ")
        got = told.split(", got")[0].split("Invalid enum value")[0][:200]
        raise TomlError(got or "an unknown word", place.strip("`")) from None


def read_toml(path: Path, shape: type[Shape], *, size_max: int = SIZE_MAX) -> Shape:
    """Read a file of TOML into a struct.

    Raises:
        TomlError: As `convert_toml`; it cannot be read, or is larger than `size_max` bytes.
    """
    return convert_toml(read_limited(path, size_max=size_max), shape)


def read_limited(path: Path, *, size_max: int = SIZE_MAX) -> bytes:
    """Read a file of at most `size_max` bytes.

    Raises:
        TomlError: It cannot be read, or is larger.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(size_max + 1)
    except (OSError, ValueError) as error:
        raise TomlError(getattr(error, "strerror", None) or "an input/output error") from None
    if len(data) > size_max:
        raise TomlError(f"more than {size_max} bytes")
    return data
