"""The signing program of the story's bank: `sign.py CERTIFICATE KEY INPUT OUTPUT` writes a detached CMS signature.

A bank has certified means for this; the outbox calls either as a program of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7


def main(certificate: Path, key: Path, source: Path, target: Path) -> None:
    """Sign one file."""
    owner = load_pem_private_key(key.read_bytes(), None)
    made = pkcs7.PKCS7SignatureBuilder().set_data(source.read_bytes())
    made = made.add_signer(x509.load_pem_x509_certificate(certificate.read_bytes()), owner, hashes.SHA256())  # type: ignore[arg-type]
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    target.write_bytes(made.sign(Encoding.DER, options))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
