"""How a program of the bank is run on bytes: a signer, a verifier, one that encrypts.

The program gets files in a folder of its own, that nobody else may look into and that is gone afterwards. It has a time
and its output a size; whatever it prints is read away and kept nowhere, for it may repeat what it was given.
"""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec

from sito.errors import FesError

OUTPUT_SIZE_MAX = 16 << 20  # bytes of what a program makes
FILE_SIZE_MAX = 64 << 20  # bytes of any file that it writes on the way
INPUT, OUTPUT = "{input}", "{output}"


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One program.

    Attributes:
        argv: Program and arguments, without a shell; `{input}`, `{output}` and names given beside stand for files.
        timeout_s: Seconds that it may take.
    """

    argv: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=100)]
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60.0


def run(
    command: Command, data: bytes, *, name: str, beside: Mapping[str, bytes] | None = None,
    size_max: int = OUTPUT_SIZE_MAX,
) -> bytes:  # fmt: skip
    """Run a program on bytes and return what it made.

    Args:
        name: Of the input's file, as `FM03_….xml`: some programs write it into what they make.
        beside: Further files that arguments name, as `{signature}`.

    Raises:
        FesError: FES210 it cannot be started, took too long, failed, or made nothing, too much or no plain file.
    """
    where = Path(command.argv[0]).name
    with tempfile.TemporaryDirectory(prefix="sito-") as made:
        folder = Path(made)  # rights 0700
        output = folder / "output"
        files = {INPUT: folder / Path(name).name, OUTPUT: output}
        files |= {f"{{{key}}}": folder / f"beside-{key}" for key in beside or {}}
        files[INPUT].write_bytes(data)
        for key, one in (beside or {}).items():
            files[f"{{{key}}}"].write_bytes(one)
        argv = [_filled(part, files) for part in command.argv]
        try:
            # A group of its own: what it started goes with it when its time is over.
            with subprocess.Popen(  # noqa: S603  (the bank's own program, named in its own file; no shell)
                argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            ) as process:  # fmt: skip
                try:
                    # Bounded while it writes, so that it cannot fill the disk; until here it has done little.
                    with suppress(ProcessLookupError):
                        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (FILE_SIZE_MAX, FILE_SIZE_MAX))
                    status = process.wait(command.timeout_s)
                except BaseException as error:
                    _kill(process.pid)
                    if not isinstance(error, subprocess.TimeoutExpired):
                        raise
                    status = None
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES210", expected="a program that can be started", got=got, where=where) from None
        if status is None:
            got = f"none after {command.timeout_s:g} s"
            raise FesError("FES210", expected="an end of the program", got=got, where=where)
        if status != 0:
            raise FesError("FES210", expected="exit status 0", got=str(status), where=where)
        return _made(output, where, size_max) if OUTPUT in "".join(command.argv) else b""


def _filled(part: str, files: Mapping[str, Path]) -> str:
    for key, path in files.items():
        part = part.replace(key, str(path))
    return part


def _kill(group: int) -> None:
    try:
        os.killpg(group, 9)
    except ProcessLookupError:
        return


def _made(output: Path, where: str, size_max: int) -> bytes:
    if output.is_symlink() or not output.is_file():
        raise FesError("FES210", expected="a file with what the program made", got="none", where=where)
    with output.open("rb") as stream:
        found = stream.read(size_max + 1)
    if not 0 < len(found) <= size_max:
        got = "nothing" if not found else "more"
        raise FesError("FES210", expected=f"1 to {size_max} bytes", got=got, where=where)
    return found
