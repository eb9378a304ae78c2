"""Settings from file, environment and command line: the later holds, and what is wrong stops the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from sito.errors import PolicyError, ScreenError, UsageError
from sito_server import config as module
from sito_server.config import Role, ServeConfig, check, cores, ledger_key, load, settings


def written(folder: Path, text: str) -> Path:
    path = folder / "serve.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_later_of_file_environment_and_command_line_holds(tmp_path: Path) -> None:
    file = written(tmp_path, 'index = "a.sito"\nthreads = 1\nqueue_calls = 1\nstreams = 1\n')
    environment = {"SITO_SERVE_THREADS": "2", "SITO_SERVE_QUEUE_CALLS": "2", "PATH": "x"}
    config = load({"threads": "3", "listen": None}, file=file, environment=environment)
    assert (config.threads, config.queue_calls, config.streams) == (3, 2, 1)
    assert config.listen == "127.0.0.1:50051"
    # Paths of a file are meant as seen from the file.
    assert config.index == tmp_path / "a.sito"


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'index = "a.sito"\nthreads = 7\n')
    assert load({}, environment={"SITO_SERVE_CONFIG": str(file)}).threads == 7


def test_settings_are_frozen_and_whole() -> None:
    config = load({"index": "a"}, environment={})
    with pytest.raises(AttributeError):
        config.threads = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        config.thread = 3  # type: ignore[attr-defined]


TABLES = """
index = "a.sito"
tls_certificate = "c.pem"
tls_key = "k.pem"
tls_client_ca = "ca.pem"
[clients]
"spiffe://bank.example/pay" = ["screen"]
"ops.bank.example" = ["screen", "admin"]
[score_min_list]
RU-TE = 0.8
[edition_age_max_days]
RU-TE = 3
"""


def test_the_bics_of_the_own_bank_are_the_same_from_all_three(tmp_path: Path) -> None:
    bics = ["044525225", "TESTRUMM"]
    from_file = load({}, file=written(tmp_path, f'index = "a.sito"\nown_bic = {bics}\n'), environment={})
    index = str(tmp_path / "a.sito")
    assert from_file.own_bic == tuple(bics)
    assert load({"index": index, "own_bic": bics}, environment={}) == from_file
    assert load({"index": index}, environment={"SITO_SERVE_OWN_BIC": " ".join(bics)}) == from_file
    with pytest.raises(PolicyError) as caught:
        load({"index": index, "own_bic": ["44525225"]}, environment={})
    assert caught.value.code == "POL115"


def test_tables_are_the_same_from_all_three(tmp_path: Path) -> None:
    from_file = load({}, file=written(tmp_path, TABLES), environment={})
    assert from_file.clients == {
        "spiffe://bank.example/pay": (Role.SCREEN,), "ops.bank.example": (Role.SCREEN, Role.ADMIN),
    }  # fmt: skip
    assert from_file.score_min_list == {"RU-TE": 0.8} and from_file.edition_age_max_days == {"RU-TE": 3.0}
    plain = {key: str(tmp_path / name) for key, name in (
        ("index", "a.sito"), ("tls_certificate", "c.pem"), ("tls_key", "k.pem"), ("tls_client_ca", "ca.pem"),
    )}  # fmt: skip
    clients = ["spiffe://bank.example/pay=screen", "ops.bank.example=screen+admin"]
    lists = {"score_min_list": ["RU-TE=0.8"], "edition_age_max_days": ["RU-TE=3"], "clients": clients}
    assert load({**plain, **lists}, environment={}) == from_file
    words = {f"SITO_SERVE_{key.upper()}": " ".join(value) for key, value in lists.items()}
    assert load(plain, environment=words) == from_file


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("thread = 2", "CLI412", r"'thread' \(key thread of serve.toml\); did you mean threads"),
        ("xyzzy = 2", "CLI412", "see `sito serve --help`"),
        ('threads = "2"', "CLI413", r"a whole number, got '2' \(key threads of serve.toml\)"),
        ("threads = 2.5", "CLI413", "a whole number"),
        ("threads = true", "CLI413", "a whole number"),
        ("fingerprints = 1", "CLI413", "true or false"),
        ("streams = 0", "CLI413", "int >= 1"),
        ("grace_seconds = nan", "CLI413", "grace_seconds"),
        ('log_level = "loud"', "CLI413", "log_level"),
        ('listen = "bank.example:1"', "CLI401", "key listen of serve.toml"),
        ('listen = "0.0.0.0:1"', "CLI402", "key listen"),
        ("threads = 300", "CLI406", "key threads"),
        ('tls_key = "k.pem"', "CLI407", "got 1 of them"),
        ("threads = 1\nthreads = 2", "CLI411", "serve.toml"),
        ("threads", "CLI411", "TOML"),
        ("message_bytes = 1024\nqueue_bytes = 100", "CLI413", "int >= 1048576"),
        ('metrics_listen = "0.0.0.0:9464"', "CLI414", "key metrics_listen"),
        ('[clients]\n"a" = ["screen"]', "CLI414", "clients with certificates"),
        ('[clients]\n"a" = ["root"]', "CLI413", "clients"),
        ("[score_min_list]\nRU-TE = true", "CLI413", "a number"),
        ("[edition_age_max_days]\nRU-TE = 0", "CLI414", "an age above 0 days"),
        ("[tls]\nkey = 1", "CLI412", "'tls'"),
        ('staff = "staff.toml"', "CLI414", "a ledger for casework, got none .key staff"),
        ('ledger_key_file = "personal.key"', "CLI414", "key ledger_key_file"),
    ],
)
def test_what_is_wrong_in_a_file_stops_the_start(tmp_path: Path, text: str, code: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"{code} .*{said}"):
        load({"index": "a"}, file=written(tmp_path, text), environment={})


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"SITO_SERVE_THREAD": "2"}, "CLI412", "did you mean SITO_SERVE_THREADS"),
        ({"SITO_SERVE_threads": "2"}, "CLI412", "SITO_SERVE_threads"),
        ({"SITO_SERVE_THREADS": "two"}, "CLI413", "a whole number, got 'two' .SITO_SERVE_THREADS"),
        ({"SITO_SERVE_THREADS": ""}, "CLI413", "a whole number"),
        ({"SITO_SERVE_SCORE_MIN_LIST": "RU-TE"}, "CLI110", "SITO_SERVE_SCORE_MIN_LIST"),
        ({"SITO_SERVE_CLIENTS": "a"}, "CLI413", "NAME=ROLE"),
        ({"SITO_SERVE_CLIENTS": "a=screen a=admin"}, "CLI413", "each name once"),
        ({"SITO_SERVE_CLIENTS": " "}, "CLI413", "got nothing"),
        ({"SITO_SERVE_EDITION_AGE_MAX_DAYS": ""}, "CLI413", "got nothing"),
        ({"SITO_SERVE_CONFIG": "none.toml"}, "CLI411", "none.toml"),
        ({"SITO_SERVE_CONFIG": ""}, "CLI411", "readable configuration file"),
    ],
)
def test_what_is_wrong_in_the_environment_stops_the_start(variables: dict[str, str], code: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"{code} .*{said}"):
        load({"index": "a"}, environment=variables)


def test_files_that_are_none(tmp_path: Path) -> None:
    long = written(tmp_path, "#" * (module.FILE_SIZE_MAX + 1))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path, long, binary):
        with pytest.raises(UsageError, match="CLI411"):
            load({"index": "a"}, file=path, environment={})


def test_an_index_is_needed() -> None:
    with pytest.raises(UsageError, match=r"CLI413 .*SITO_SERVE_INDEX"):
        load({}, environment={})


def test_words_for_true_and_false() -> None:
    for word, value in (("true", True), ("1", True), ("false", False), ("0", False)):
        assert load({"index": "a"}, environment={"SITO_SERVE_REFLECTION": word}).reflection is value
    with pytest.raises(UsageError, match="CLI413 expected true or false"):
        load({"index": "a"}, environment={"SITO_SERVE_REFLECTION": "perhaps"})


def test_plain_text_on_other_addresses_must_be_forced() -> None:
    given: dict[str, Any] = {"index": "a", "listen": "0.0.0.0:1"}
    with pytest.raises(UsageError, match="CLI402"):
        load(given, environment={})
    assert load(given | {"allow_plaintext": True}, environment={}).address.host == "0.0.0.0"
    shown = {"index": "a", "metrics_listen": "0.0.0.0:1"}
    assert load(shown | {"metrics_allow_remote": True}, environment={}).metrics_address


def test_tls_without_certificates_of_clients_must_be_said() -> None:
    given = {"index": "a", "listen": "0.0.0.0:1", "tls_certificate": "c", "tls_key": "k"}
    with pytest.raises(UsageError, match=r"CLI407 .*--tls-client-auth none"):
        load(given, environment={})
    assert load(given | {"tls_client_auth": "none"}, environment={}).tls_client_auth == "none"
    with pytest.raises(UsageError, match="CLI414"):
        load(given | {"tls_client_auth": "none", "clients": ["a=screen"]}, environment={})


def test_a_client_without_a_role_is_none() -> None:
    with pytest.raises(UsageError, match="CLI414"):
        check(
            ServeConfig(
                index=Path("a"), tls_certificate=Path("c"), tls_key=Path("k"), tls_client_ca=Path("ca"),
                clients={"a": ()},
            )
        )  # fmt: skip


def test_thresholds_reach_the_screener() -> None:
    config = load({"index": "a", "score_min_role": ["purpose=0.9"], "fingerprints": True}, environment={})
    assert config.screening.score_min_by_role == {"purpose": 0.9} and config.screening.fingerprints
    with pytest.raises((UsageError, ScreenError)):
        load({"index": "a", "score_min_role": ["purpose"]}, environment={})


def test_each_setting_says_what_it_does() -> None:
    found = settings()
    assert [one.name for one in found] == list(ServeConfig.__struct_fields__)
    for one in found:
        assert one.words.endswith((".", "]")) and one.group in module.GROUPS, one.name
    assert {field.name for field in msgspec.structs.fields(ServeConfig) if field.required} == {"index"}


def test_a_container_gets_as_many_cores_as_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(module, "CPU_QUOTA", quota)
    for text, count in (("max 100000", 8), ("150000 100000", 2), ("50000 100000", 1), ("wrong", 8)):
        quota.write_text(text)
        assert cores() == count
    quota.unlink()
    assert cores() == 8
    assert load({"index": "a"}, environment={}).process_count == 8
    assert load({"index": "a", "threads": "3"}, environment={}).thread_count == 3
    assert load({"index": "a", "processes": "1"}, environment={}).thread_count == 8
    assert load({"index": "a"}, environment={}).thread_count == 2
    assert load({"index": "a", "processes": "1"}, environment={}).search_count == 8
    assert load({"index": "a", "processes": "2", "threads": "3"}, environment={}).search_count == 3
    assert load({"index": "a", "processes": "2", "threads": "9"}, environment={}).search_count == 4
    assert load({"index": "a", "processes": "9", "threads": "9"}, environment={}).search_count == 1


def test_a_ledger_is_a_file_beside_the_configuration_or_elsewhere_and_its_key_is_no_setting(tmp_path: Path) -> None:
    found = load({"index": "a"}, file=written(tmp_path, 'ledger = "sito.db"\nstaff = "who.toml"'), environment={})
    assert (found.ledger, found.staff) == (str(tmp_path / "sito.db"), tmp_path / "who.toml")
    url = "postgresql://sito@db.bank.example/sito"
    assert load({"index": "a"}, file=written(tmp_path, f'ledger = "{url}"'), environment={}).ledger == url
    assert load({"index": "a"}, environment={"SITO_SERVE_LEDGER": "x.db", "SITO_LEDGER_KEY": "ab"}).ledger == "x.db"
    assert (ledger_key({"SITO_LEDGER_KEY": "ab"}), ledger_key({})) == ("ab", "")
