"""Certificates of the server, read again while it serves, and the names of those who call.

A renewed certificate is taken for the next handshake; connections that are open keep the one they began with. Files
that do not fit together (half of a renewal, a damaged copy) are refused with a line in the log, and the former ones
stay.
"""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import grpc

from sito.errors import UsageError

PEM_SIZE_MAX = 1 << 20  # bytes of one certificate or key file
OPTIONS = ("--tls-certificate", "--tls-key", "--tls-client-ca")


class TlsFiles(NamedTuple):
    """PEM files: the server's chain and key, and the authorities that vouch for clients.

    Attributes:
        client_ca: None asks clients for no certificate.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Certificates:
    """What the server shows and whom it believes. Threads share it.

    Args:
        files: Read at once, and again at every `reload`.

    Attributes:
        expires: End of the server's certificate, seconds since 1970; 0 if it cannot be read.

    Raises:
        UsageError: CLI403 a file cannot be read; CLI404 it holds no such thing, or the key belongs to another
        certificate.
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._digest = b""
        self._last: grpc.ServerCertificateConfiguration
        self._new: grpc.ServerCertificateConfiguration | None = None  # what no handshake has seen
        self.expires = 0.0
        self.reload()

    def reload(self) -> bool:
        """Read the files again and say whether they have changed.

        Raises:
            UsageError: CLI403, CLI404; what was read before stays.
        """
        contents = [_read(option, path) for option, path in zip(OPTIONS, self._files, strict=True) if path]
        digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).digest()
        with self._lock:
            if digest == self._digest:
                return False
        certificate, key, *client_ca = contents
        _check(certificate, key, client_ca[0] if client_ca else None)
        configuration = grpc.ssl_server_certificate_configuration(
            [(key, certificate)], client_ca[0] if client_ca else None
        )
        with self._lock:
            self._digest, self.expires = digest, expiry(certificate)
            self._last = self._new = configuration
        return True

    def credentials(self) -> grpc.ServerCredentials:
        """Return credentials that follow the files; for one server."""
        with self._lock:
            first, self._new = self._last, None
        return grpc.dynamic_ssl_server_credentials(
            first, self._fetch, self._files.client_ca is not None  # type: ignore[arg-type]  # None is no change
        )  # fmt: skip

    def _fetch(self) -> grpc.ServerCertificateConfiguration | None:
        """Return what has changed since the last handshake; gRPC asks before each."""
        with self._lock:
            new, self._new = self._new, None
        return new


def _read(option: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(PEM_SIZE_MAX + 1)
    except OSError as error:
        raise UsageError(
            "CLI403", expected="a readable PEM file", got=error.strerror or "an input/output error", where=option
        ) from None
    if len(content) > PEM_SIZE_MAX:
        raise UsageError(
            "CLI404", expected=f"a PEM file of at most {PEM_SIZE_MAX} bytes", got="a longer one", where=option
        )
    return content


def _check(certificate: bytes, key: bytes, client_ca: bytes | None) -> None:
    """Try what was read: the standard library tells what is wrong, gRPC only that the port could not be added."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        with TemporaryDirectory() as folder:  # it takes files only, and those on disk may be others by now
            chain, private = Path(folder, "chain"), Path(folder, "key")
            chain.write_bytes(certificate)
            private.touch(mode=0o600)
            private.write_bytes(key)
            context.load_cert_chain(chain, private, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UsageError(
            "CLI404", expected="a PEM certificate chain and its private key without a password",
            got=getattr(error, "reason", None) or type(error).__name__, where="--tls-certificate, --tls-key",
        ) from None  # fmt: skip
    if client_ca is None:
        return
    try:
        context.load_verify_locations(cadata=client_ca.decode("ascii", "replace"))
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(
            "CLI404", expected="PEM certificates of authorities", where="--tls-client-ca",
            got=getattr(error, "reason", None) or type(error).__name__,
        ) from None  # fmt: skip


def expiry(pem: bytes) -> float:
    """Return when the first certificate of a PEM text ends, in seconds since 1970; 0 if that cannot be read.

    The standard library reads no dates out of a certificate; the way to this one is short (RFC 5280, section 4.1).
    """
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    try:
        text = pem.decode("ascii", "replace")
        der = ssl.PEM_cert_to_DER_cert(text[text.index(begin) : text.index(end) + len(end)])
        fields = _items(_items(_items(der)[0][1])[0][1])
        if fields[0][0] == 0xA0:  # the version, which may be left out
            del fields[0]
        tag, value = _items(fields[3][1])[1]  # serial, algorithm, issuer, then the two ends of validity
        form = "%y%m%d%H%M%SZ" if tag == 0x17 else "%Y%m%d%H%M%SZ"
        return datetime.strptime(value.decode("ascii"), form).replace(tzinfo=UTC).timestamp()
    except (ValueError, IndexError):
        return 0.0


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """Cut DER into its elements: tag and content of each."""
    found = []
    place = 0
    while place < len(data):
        tag, size = data[place], data[place + 1]
        place += 2
        if size & 0x80:
            width = size & 0x7F
            size = int.from_bytes(data[place : place + width], "big")
            place += width
        found.append((tag, data[place : place + size]))
        place += size
    return found


def names_of(peer: Mapping[str, object]) -> list[str]:
    """Return the names that a client's certificate gives it, best first.

    Args:
        peer: What gRPC knows of the other side; empty without TLS.

    Returns:
        URIs, then DNS names in lower case; the common name only where the certificate has neither, because authorities
        check it less.
    """

    def words(key: str) -> list[str]:
        values = peer.get(key)
        return [value.decode("utf-8", "replace") for value in values] if isinstance(values, list | tuple) else []

    names = words("peer_uri") + [name.lower() for name in words("peer_dns")]
    return names or words("x509_common_name")
