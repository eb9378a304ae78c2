"""Signatures by real programs, and programs that fail, hang, lie or flood."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sito.errors import FesError
from sito.outbox.commands import Command, run
from sito.outbox.signing import Signer

XML = "<СообщПринМерыКО/>".encode()
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")


def python(text: str) -> Command:
    return Command((sys.executable, "-c", text, "{input}", "{output}"), timeout_s=10)


def keys(folder: Path, *, name: str = "anna") -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@needs_openssl
def test_openssl_signs_and_the_signature_is_of_these_bytes(tmp_path: Path) -> None:
    certificate, key = keys(tmp_path)
    signer = Signer.openssl(certificate, key, authority=certificate)
    signature = signer(XML, "FM03.xml")
    assert signature[:1] == b"0" and XML not in signature  # DER, detached
    assert signer.verify is not None
    with pytest.raises(FesError, match="FES210"):
        run(signer.verify, XML + b" ", name="FM03.xml", beside={"signature": signature})


@needs_openssl
def test_a_signature_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    certificate, key = keys(tmp_path)
    other, _ = keys(tmp_path, name="boris")
    with pytest.raises(FesError, match="FES211 expected a signature that holds"):
        Signer.openssl(certificate, key, authority=other)(XML, "FM03.xml")
    with pytest.raises(FesError, match="FES210"):
        Signer.openssl(certificate, tmp_path / "absent.key", authority=certificate)(XML, "FM03.xml")


def test_a_program_gets_files_in_a_folder_of_its_own() -> None:
    made = run(python(
        "import os,sys; open(sys.argv[2],'wb').write(open(sys.argv[1],'rb').read() + b'|' + "
        "os.path.basename(sys.argv[1]).encode() + b'|' + oct(os.stat('.').st_mode & 0o777).encode() + b'|' + "
        "os.getcwd().encode())"
    ), XML, name="folder/../FM03.xml")  # fmt: skip
    data, name, rights, folder = made.split(b"|")
    assert (data, name, rights) == (XML, b"FM03.xml", b"0o700")
    assert not Path(folder.decode()).exists()


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("import sys; sys.exit(3)", "3"),
        ("pass", "none"),
        ("import sys; open(sys.argv[2],'wb')", "nothing"),
        ("import sys; open(sys.argv[2],'wb').write(b'0' * 2000)", "more"),
        ("import os,sys; os.symlink('/etc/passwd', sys.argv[2])", "none"),
        ("import os,sys; os.mkdir(sys.argv[2])", "none"),
        ("import os; os.kill(os.getpid(), 9)", "-9"),
    ],
)
def test_a_program_that_fails_or_lies_is_told(text: str, got: str) -> None:
    with pytest.raises(FesError, match="FES210") as caught:
        run(python(text), XML, name="x.xml", size_max=1000)
    assert caught.value.got == got


def test_a_program_that_hangs_goes_with_all_that_it_started(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    text = (
        "import subprocess,sys,time; subprocess.Popen([sys.executable, '-c', "
        f"\"import time; time.sleep(1.5); open({str(sign)!r}, 'w')\"]); time.sleep(60)"
    )
    began = time.monotonic()
    with pytest.raises(FesError, match="FES210 expected an end of the program"):
        run(Command((sys.executable, "-c", text), timeout_s=0.5), XML, name="x.xml")
    assert time.monotonic() - began < 10
    time.sleep(1.8)
    assert not sign.exists()


def test_a_program_that_writes_without_end_is_stopped() -> None:
    began = time.monotonic()
    text = "import sys,time; time.sleep(0.2); out = open(sys.argv[2],'wb')\nwhile True: out.write(b'0' * (1 << 20))"
    with pytest.raises(FesError, match="FES210"):
        run(python(text), XML, name="x.xml")
    assert time.monotonic() - began < 9


def test_what_a_program_prints_is_kept_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    text = "import sys; print('Чертополохов' * 10**5); print('secret', file=sys.stderr); sys.exit(1)"
    with pytest.raises(FesError) as caught:
        run(python(text), XML, name="x.xml")
    out, err = capfd.readouterr()
    assert not out and not err and "secret" not in str(caught.value)


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(FesError, match="FES210 expected a program that can be started"):
        run(Command(("no-such-program",)), XML, name="x.xml")
