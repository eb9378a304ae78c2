"""The file of the personal account: what it may say, and over which ways nothing is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.alerts.conftest import _certificate
from tests.portal.service import PASSWORD, write_settings

from sito.errors import PortalError
from sito.portal import Catalogue, Contour, Portal

URL = "https://portal.example:8081/Services/fedsfm-service"


def test_a_file_with_the_least_it_needs(tmp_path: Path) -> None:
    portal = Portal.read(write_settings(tmp_path, URL))
    assert portal.password == PASSWORD
    assert portal.context is not None and portal.context.check_hostname
    assert portal.settings.contour is Contour.PRODUCTION
    assert portal.list_ids == {
        Catalogue.TE21: "RU-TE", Catalogue.MVK: "RU-MVK", Catalogue.UN: "RU-UN", Catalogue.UN_RUS: "RU-UN-RUS",
    }  # fmt: skip
    test = Portal.read(write_settings(tmp_path, URL, contour="test"))
    assert test.catalogues == (Catalogue.TE2, Catalogue.MVK)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"url": "http://portal.example/x"}, "PRT102"), ({"url": "ftp://portal.example/x"}, "PRT102"),
        ({"url": "https://user@portal.example/x"}, "PRT102"), ({"url": "https://"}, "PRT102"),
        ({"url": "https://x:99999/"}, "PRT102"), ({"url": "https://x:0/"}, "PRT102"),
        ({"url": "https://x/?a=b"}, "PRT102"),
        ({"proxy": "socks5://x"}, "PRT102"), ({"url": ""}, "PRT101"), ({"url": "https://x/ y"}, "PRT101"),
        ({"contour": "other"}, "PRT101"), ({"answer_s": 0}, "PRT101"), ({"attempts_max": 0}, "PRT101"),
        ({"more": "x"}, "PRT101"), ({"catalogues": ("te21", "te2")}, "PRT101"),
        ({"catalogues": ("te21", "te21")}, "PRT101"),
        ({"catalogues": ("omu",)}, "PRT101"), ({"contour": "test", "catalogues": ("un",)}, "PRT101"),
        ({"password_file": "absent"}, "PRT103"), ({"ca_file": "portal.toml"}, "PRT103"),
        ({"certificate_file": "portal.toml"}, "PRT103"),
        ({"certificate_file": "portal.toml", "key_file": "portal.password"}, "PRT103"),
    ],
)  # fmt: skip
def test_a_file_that_says_something_else(tmp_path: Path, told: dict[str, Any], code: str) -> None:
    path = write_settings(tmp_path, **({"url": URL} | told))
    with pytest.raises(PortalError) as caught:
        Portal.read(path)
    assert caught.value.code == code
    assert PASSWORD not in str(caught.value) and str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("text", ["", "no TOML", "url = 1", '\ufeffurl = "x"'])
def test_no_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.toml").write_text(text, "utf-8")
    with pytest.raises(PortalError) as caught:
        Portal.read(tmp_path / "p.toml")
    assert caught.value.code == "PRT101"


@pytest.mark.parametrize(
    ("url", "gateway", "is_taken"),
    [
        ("http://127.0.0.1:1/x", False, True), ("http://localhost:1/x", False, True), ("http://[::1]:1/x", False, True),
        ("http://gost.bank.example/x", False, False), ("http://gost.bank.example/x", True, True),
        ("http://127.0.0.1.bank.example/x", False, False),
    ],
)  # fmt: skip
def test_plain_http_leads_to_this_machine_or_a_gateway_alone(
    tmp_path: Path, url: str, gateway: bool, is_taken: bool
) -> None:
    path = write_settings(tmp_path, url, gateway=gateway)
    if is_taken:
        assert Portal.read(path).context is None
        return
    with pytest.raises(PortalError) as caught:
        Portal.read(path)
    assert (caught.value.code, "gateway = true" in caught.value.todo) == ("PRT102", True)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_password_is_its_owners(tmp_path: Path, mode: int) -> None:
    path = write_settings(tmp_path, URL)
    (tmp_path / "portal.password").chmod(mode)
    with pytest.raises(PortalError) as caught:
        Portal.read(path)
    assert (caught.value.code, caught.value.todo) == ("PRT103", "chmod 600")


def test_certificates_are_read_and_their_key_is_its_owners(tmp_path: Path) -> None:
    made = _certificate(tmp_path, "ours", ("localhost",))
    made.chmod(0o600)
    told = {"ca_file": "ours.pem", "certificate_file": "ours.pem", "key_file": "ours.pem"}
    assert Portal.read(write_settings(tmp_path, URL, **told)).context is not None
    made.chmod(0o644)
    with pytest.raises(PortalError) as caught:
        Portal.read(write_settings(tmp_path, URL, **told))
    assert (caught.value.code, caught.value.todo) == ("PRT103", "chmod 600")
