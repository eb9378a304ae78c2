"""How a message is signed: by a program of the bank, and looked at before it is believed.

GOST signatures are made by the bank's certified means, which is a command here. For tests and trial OpenSSL makes a
detached CAdES signature with whatever key it is given: see `Signer.openssl`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from sito.errors import FesError
from sito.outbox.commands import INPUT, OUTPUT, Command, run

SIGNATURE_SIZE_MAX = 256 << 10  # bytes; with base64 and JSON an event holds it


class Signer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signs files.

    Attributes:
        sign: Makes a detached signature of `{input}` at `{output}`.
        verify: Leaves with 0 if `{signature}` is one of `{input}`; None: nobody looks.
    """

    sign: Command
    verify: Command | None = None

    @classmethod
    def openssl(cls, certificate: Path, key: Path, *, authority: Path, program: str = "openssl") -> Signer:
        """Return a signer for tests and trial: CAdES-BES by OpenSSL, verified against an authority."""
        sign = (
            program, "cms", "-sign", "-cades", "-binary", "-nosmimecap", "-in", INPUT, "-signer", str(certificate),
            "-inkey", str(key), "-outform", "DER", "-out", OUTPUT,
        )  # fmt: skip
        verify = (
            program, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "{signature}", "-content", INPUT,
            "-CAfile", str(authority), "-purpose", "any", "-out", OUTPUT,
        )  # fmt: skip
        return cls(Command(sign), Command(verify))

    def __call__(self, data: bytes, name: str) -> bytes:
        """Return a detached signature of a file.

        Raises:
            FesError: FES210 the program failed; FES211 the signature does not hold.
        """
        signature = run(self.sign, data, name=name, size_max=SIGNATURE_SIZE_MAX)
        if self.verify is not None:
            try:
                run(self.verify, data, name=name, beside={"signature": signature}, size_max=len(data) + 1)
            except FesError as error:
                raise FesError(
                    "FES211", expected="a signature that holds", got=error.got, where=name,
                    todo="look at certificate, key and authority",
                ) from None  # fmt: skip
        return signature
