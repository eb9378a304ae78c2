"""The people of the story, all invented, and the certificates by which the server knows them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Name -> roles; the name in the certificate is NAME.bank.example.
STAFF = {"anna": ("officer",), "boris": ("officer",), "vera": ("head",), "oleg": ("operator",), "pavel": ("auditor",)}
PROCESSOR = "processor.bank.example"  # what screens payments; it is nobody of the staff
STRANGER = "stranger.bank.example"  # has a certificate of the same authority, and no role
VALID = timedelta(days=1)  # the story ends within a minute


def certificate_name(person: str) -> str:
    """Return the name that stands in a person's certificate."""
    return f"{person}.bank.example"


def write_staff(path: Path) -> None:
    """Write the file that says who is who."""
    lines = []
    for person, roles in STAFF.items():
        words = ", ".join(f'"{role}"' for role in roles)
        lines += ["[[person]]", f'name = "{person}"', f"roles = [{words}]",
                  f'certificates = ["{certificate_name(person)}"]', ""]  # fmt: skip
    path.write_text("\n".join(lines), "utf-8")


def write_certificates(folder: Path, names: Iterable[str]) -> None:
    """Write an authority (`ca.pem`), the server's chain and key, and those of each name, all for a day.

    Args:
        names: What stands in the certificates of clients; their files are NAME.pem and NAME.key.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _name("Authority of the story")
    made = _builder(authority, authority, authority_key.public_key())
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    _write(folder / "ca.pem", made.sign(authority_key, hashes.SHA256()))
    server: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    clients: dict[str, list[x509.GeneralName]] = {name: [x509.DNSName(name)] for name in names}
    for name, alternatives in ({"server": server} | clients).items():
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _builder(_name(name), authority, key.public_key())
        leaf = leaf.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        _write(folder / f"{name}.pem", leaf.sign(authority_key, hashes.SHA256()))
        _write_key(folder / f"{name}.key", key)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(issuer).public_key(key).serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID).not_valid_after(now + VALID)
    )  # fmt: skip


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
