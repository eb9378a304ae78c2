"""The `sito` command: `build`, `info`, `check`, `screen`, `policy`, and what other packages add.

Exit codes: 0 done; 1 findings, only where a command was asked to say so; 2 wrong use or bad input, with one line on
the standard error; 3 a fault of sito itself; 130, 141 and 143 after an interrupt, a closed pipe and a termination.

Errors of the command line itself:

    CLI101 the arguments do not fit the command
    CLI102 an output of an unknown format
    CLI103 an output that would overwrite an input
    CLI104 a birth date that is none
    CLI105 an INN that is none
    CLI106 a kind of party that is none
    CLI107 a number out of its range
    CLI108 a command of another package that cannot be loaded
    CLI109 a fact of a record or policy that is none
    CLI131 a file that holds no token
    CLI132 a fact that is typed in another form, or whose file cannot be read
    CLI133 a file that is there already, or that cannot be written
    CLI134 a span of time that is none
    CLI135 neither a ledger nor a server to work at, or both, or TLS files that do not go together
    CLI142 options of `sito portal` that do not go together, or a file that cannot be read
    CLI900 a fault of sito itself
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sito.errors import SitoError, UsageError

EXIT_WRONG = 2
EXIT_FAULT = 3
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
EXIT_TERMINATED = 143


class _TerminatedError(BaseException):
    """SIGTERM came; not an `Exception`, so that nothing takes it for an error of its own."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process.

    Args:
        arguments: Words after the name of the command; None takes those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a letter shows its number
            stream.reconfigure(errors="backslashreplace")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error has become one line on the standard error by then."""
    from sito.cli.app import invoke  # noqa: PLC0415  (worker processes import this module and need no commands)

    try:
        code = invoke(list(arguments))
        sys.stdout.flush()
    except SitoError as error:
        return _say(f"sito: {error}", EXIT_WRONG)
    except KeyboardInterrupt:
        return _say("sito: interrupted; nothing half-written is left", EXIT_INTERRUPTED)
    except _TerminatedError:
        return _say("sito: terminated; nothing half-written is left", EXIT_TERMINATED)
    except BrokenPipeError:
        _close_quietly()
        return EXIT_PIPE
    except Exception as error:  # a fault of sito must not look like an answer, nor print what it was working on
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = UsageError(
            "CLI900", expected="no fault of sito", got=type(error).__name__,
            where=f"{Path(place.filename).name}:{place.lineno}", todo="please report this line",
        )  # fmt: skip
        return _say(f"sito: {fault}", EXIT_FAULT)
    return code


def _say(text: str, code: int) -> int:
    from sito.cli.terminal import note  # noqa: PLC0415  (as above)

    note(" ".join(text.split()))  # keys of a file and names of files stand in it: they never act on the terminal
    return code


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise _TerminatedError


def _close_quietly() -> None:
    """Drop what the reader of our output did not want, so that Python's last flush says nothing about it."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
