"""The settings of `sito serve`: one frozen object, read once, from a file, the environment and the command line.

Every setting has one name: `threads` in the TOML file, `SITO_SERVE_THREADS` in the environment, `--threads` on the
command line; of those that are given, the later of the three holds. A key that is not known and a value that does not
fit stop the start: a mistyped threshold must not fall back to another one in silence. No other module reads the
environment.

    CLI401 not an address to listen on
    CLI402 an address that others can reach, without TLS
    CLI406 a number of processes or threads out of its range
    CLI407 only some of the TLS settings
    CLI411 the configuration file cannot be read
    CLI412 a key that is not known
    CLI413 a value that does not fit its key, or a key that is missing
    CLI414 settings that contradict each other
"""

from __future__ import annotations

import ipaddress
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from sito.cli.thresholds import LIST_HELP, ROLE_HELP, read_thresholds
from sito.errors import UsageError
from sito.policy.sides import own_bank
from sito.screen import ScreenConfig
from sito.toml import TomlError, parse_toml

PREFIX = "SITO_SERVE_"
LEDGER_KEY = "SITO_LEDGER_KEY"  # variable of the key of personal data: a secret is no setting
FILE_SIZE_MAX = 1 << 20  # bytes of a configuration file
PROCESS_COUNT_MAX = 256
THREAD_COUNT_MAX = 256
THREADS_OF_SEVERAL = 2  # of each of several processes, unless it is said
MESSAGE_SIZE_MAX = 16 << 20  # bytes of one message from a client
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # what a container may use, which the list of cores does not say


class LogLevel(StrEnum):
    """What the server writes down: `debug` adds a line for each call."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


class ClientAuth(StrEnum):
    """Whether a client has to show a certificate."""

    REQUIRE = "require"
    NONE = "none"


class Role(StrEnum):
    """What a client may do: `screen` calls the methods that screen, `admin` looks at the server itself."""

    SCREEN = "screen"
    ADMIN = "admin"


class Address(NamedTuple):
    """Where a server listens; `host` is an IP address, port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Can only processes of this machine reach it?"""
        return ipaddress.ip_address(self.host).is_loopback


def parse_address(text: str, where: str = "--listen") -> Address:
    """Read `127.0.0.1:50051`, `[::1]:50051` or `localhost:50051`.

    Other host names are refused: what they stand for may change after the check for loopback.

    Raises:
        UsageError: CLI401.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = "127.0.0.1" if host == "localhost" else host[1:-1] if bracketed else host
    try:
        version = ipaddress.ip_address(host).version
        if colon and port.isascii() and port.isdecimal() and int(port) < 1 << 16 and (version == 6) == bracketed:
            return Address(host, int(port))
    except ValueError:
        pass
    raise UsageError(
        "CLI401", expected="an address as 127.0.0.1:50051, [::1]:50051 or localhost:50051", got=repr(text[:100]),
        where=where,
    )  # fmt: skip


SERVED, LISTEN, TLS, CALLERS = "What is served", "Where and how", "TLS", "Who may call"
CASEWORK, KEPT = "Casework", "What is kept"
LOAD, FRESH, STOP, TELLS = "Load", "Freshness", "Stopping", "What it tells"
GROUPS = (SERVED, LISTEN, TLS, CALLERS, CASEWORK, KEPT, LOAD, FRESH, STOP, TELLS)


def _says(group: str, words: str, form: str = "", **bounds: Any) -> msgspec.Meta:
    return msgspec.Meta(description=words, extra={"group": group, "form": form}, **bounds)


class ServeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a server, checked. The description of each key is the help of its option.

    Paths in a file are relative to the folder of the file.
    """

    index: Annotated[Path, _says(SERVED, "Index file written by `sito build`.")]
    delta: Annotated[
        Path | None,
        _says(SERVED, "Delta of the index, made by `sito build --delta`. [default: INDEX.delta, if there is one]"),
    ] = None
    score_min_list: Annotated[dict[str, float], _says(SERVED, LIST_HELP, "LIST=SCORE")] = {}
    score_min_role: Annotated[dict[str, float], _says(SERVED, ROLE_HELP, "ROLE=SCORE")] = {}
    fingerprints: Annotated[bool, _says(SERVED, "Answer with the fingerprints that clearances need.")] = False

    policy: Annotated[
        Path | None, _says(SERVED, "Policy file that gives the verdicts, read at the start. [default: the shipped one]")
    ] = None

    own_bic: Annotated[
        tuple[str, ...],
        _says(SERVED, "BIC of our bank or a branch: payments that name both banks tell by it which side is our client. "
              "Repeatable.", "BIC"),
    ] = ()  # fmt: skip

    listen: Annotated[str, _says(LISTEN, "IP address and port; without TLS loopback only.")] = "127.0.0.1:50051"
    processes: Annotated[
        int, _says(LISTEN, "Processes that share the port; 1 serves in one process, 0 takes one a core.")
    ] = 0
    threads: Annotated[
        int,
        _says(LISTEN, "Batches screened at a time by each process; 0 takes 2, in a single process one a core."),
    ] = 0
    allow_plaintext: Annotated[bool, _says(LISTEN, "Listen on other than loopback addresses without TLS.")] = False
    reflection: Annotated[bool, _says(LISTEN, "Answer what the service is made of, to admins.")] = True

    tls_certificate: Annotated[Path | None, _says(TLS, "PEM certificate chain of the server.")] = None
    tls_key: Annotated[Path | None, _says(TLS, "PEM private key of the server.")] = None
    tls_client_ca: Annotated[Path | None, _says(TLS, "PEM certificates of the authorities that vouch for clients.")] = (
        None
    )
    tls_client_auth: Annotated[ClientAuth, _says(TLS, "Ask clients for a certificate.")] = ClientAuth.REQUIRE

    clients: Annotated[
        dict[str, tuple[Role, ...]],
        _says(
            CALLERS, "Roles of a client by the name in its certificate: screen, admin or both. Without any, every "
            "certificate of the authority may screen. Repeatable.", "NAME=ROLE+ROLE",
        ),
    ] = {}  # fmt: skip

    ledger: Annotated[
        str, _says(CASEWORK, "File of the ledger, or postgresql://USER@HOST/DATABASE; without one: no CaseService.")
    ] = ""
    ledger_key_file: Annotated[
        Path | None, _says(CASEWORK, f"Key of personal data. Without one, the variable {LEDGER_KEY} has it.")
    ] = None
    ledger_sign_key: Annotated[
        Path | None, _says(CASEWORK, "Key that signs a checkpoint behind every 10 000 events.")
    ] = None
    ledger_anchor: Annotated[
        Path | None, _says(CASEWORK, "File of the newest checkpoint: keep it out of reach of who can write the ledger.")
    ] = None
    staff: Annotated[Path | None, _says(CASEWORK, "Who is who: TOML; without one nobody may work at cases.")] = None
    journal: Annotated[
        Path | None,
        _says(
            KEPT, "Folder on a disk of this machine that keeps what alarms until `sito take` has made cases of it, and "
            "counts of all else. Without it nothing is kept.",
        ),
    ] = None  # fmt: skip
    journal_key_file: Annotated[
        Path | None,
        _says(KEPT, "Key that seals the journal, as `sito ledger new-key` writes it; the ledger's own will do."),
    ] = None

    queue_calls: Annotated[int, _says(LOAD, "Inline calls of one process that may wait.", ge=0, le=10_000)] = 64
    queue_batches: Annotated[int, _says(LOAD, "Batches of one process that may wait.", ge=0, le=1_000)] = 16
    queue_bytes: Annotated[
        int, _says(LOAD, "Bytes of the requests of one process, waiting or worked at.", ge=1 << 20)
    ] = 256 << 20
    streams: Annotated[int, _says(LOAD, "Streams open at one process at a time.", ge=1, le=1_000)] = 64
    message_bytes: Annotated[
        int, _says(LOAD, "Longest message of a client, in bytes.", ge=1 << 10, le=MESSAGE_SIZE_MAX)
    ] = MESSAGE_SIZE_MAX

    connection_age_seconds: Annotated[
        float, _says(LOAD, "Ask clients to connect anew after so long, which spreads them; 0 never.", ge=0, le=86_400)
    ] = 3_600.0

    reload_seconds: Annotated[
        float, _says(FRESH, "Look for new certificates so often; 0 only at SIGHUP.", ge=0, le=86_400)
    ] = 5.0
    index_age_max_hours: Annotated[
        float, _says(FRESH, "Refuse to screen with an index built longer ago; 0 is any.", ge=0)
    ] = 0.0
    edition_age_max_days: Annotated[
        dict[str, float],
        _says(FRESH, "Refuse to screen when the edition of a list is dated longer ago. Repeatable.", "LIST=DAYS"),
    ] = {}

    drain_seconds: Annotated[float, _says(STOP, "Say NOT_SERVING so long before the port is closed.", ge=0, le=300)] = (
        0.0
    )
    grace_seconds: Annotated[float, _says(STOP, "Give calls in flight so long to end.", ge=0, le=3_600)] = 10.0

    metrics_listen: Annotated[
        str, _says(TELLS, "Loopback address and port of Prometheus metrics over HTTP; without it there are none.")
    ] = ""
    metrics_allow_remote: Annotated[bool, _says(TELLS, "Serve metrics on other than loopback addresses.")] = False
    otel: Annotated[bool, _says(TELLS, "Send OpenTelemetry traces; needs the extra `otel`.")] = False
    otel_endpoint: Annotated[str, _says(TELLS, "Collector of traces, OTLP over gRPC.")] = "http://127.0.0.1:4317"
    log_level: Annotated[LogLevel, _says(TELLS, "debug adds a line a call.")] = LogLevel.INFO

    @property
    def address(self) -> Address:
        """Where calls are taken."""
        return parse_address(self.listen)

    @property
    def metrics_address(self) -> Address | None:
        """Where metrics are shown, if anywhere."""
        return parse_address(self.metrics_listen, "--metrics-listen") if self.metrics_listen else None

    @property
    def screening(self) -> ScreenConfig:
        """What the screeners do.

        Raises:
            ScreenError: SCR106, SCR107 a threshold that cannot be used.
        """
        return ScreenConfig(
            score_min_by_list=self.score_min_list, score_min_by_role=self.score_min_role,
            fingerprints=self.fingerprints,
        )  # fmt: skip

    @property
    def process_count(self) -> int:
        """Processes that serve."""
        return self.processes or cores()

    @property
    def thread_count(self) -> int:
        """Batches, and apart from them inline calls, that one process works at.

        Each takes working memory, so that several processes do not take one a core each.
        """
        return self.threads or (cores() if self.process_count == 1 else THREADS_OF_SEVERAL)

    @property
    def search_count(self) -> int:
        """Long searches of one process at a time: as many as it has cores, where each process has its share of them."""
        return max(1, min(self.thread_count, cores() // self.process_count))


def ledger_key(environment: Mapping[str, str] | None = None) -> str:
    """Return the key of personal data that the environment holds; empty if it holds none.

    Args:
        environment: Instead of that of the process.
    """
    return (os.environ if environment is None else environment).get(LEDGER_KEY, "")


def cores() -> int:
    """Return how many cores this process may use: those it is bound to, and of them what its container is given."""
    count = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, period = CPU_QUOTA.read_text("ascii").split()
        if quota != "max":
            count = min(count, max(1, math.ceil(int(quota) / int(period))))
    return count


_WORDS = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text", "object": "a table",
    "array": "a list",
}  # fmt: skip
_TYPES = get_type_hints(ServeConfig, include_extras=True)


class Setting(NamedTuple):
    """One key of the configuration, as the help shows it.

    Attributes:
        type_: What its value becomes.
        form: How one item of a table is written on a command line; empty for plain values.
        default: None where the key is needed.
    """

    name: str
    type_: Any
    group: str
    words: str
    form: str
    default: Any

    @property
    def option(self) -> str:
        """Name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Name in the environment."""
        return PREFIX + self.name.upper()


def settings() -> list[Setting]:
    """Return all settings in the order of the help."""
    found = []
    for field in msgspec.structs.fields(ServeConfig):
        type_, meta = get_args(_TYPES[field.name])
        default = None if field.required else _default(field)
        extra = meta.extra
        found.append(Setting(field.name, type_, extra["group"], meta.description, extra["form"], default))
    return found


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def load(
    arguments: Mapping[str, Any], *, file: Path | None = None, environment: Mapping[str, str] | None = None
) -> ServeConfig:
    """Read the settings.

    Args:
        arguments: What the command line gave, by key; None stands for not given, tables are lists of `NAME=VALUE`.
        file: A TOML file; without it the one that `SITO_SERVE_CONFIG` names.
        environment: Instead of that of the process.

    Raises:
        UsageError: CLI401, CLI402, CLI406, CLI407, CLI411 to CLI414, CLI110.
        PolicyError: POL115 an own BIC that is none.
    """
    variables = os.environ if environment is None else environment
    given: dict[str, tuple[Any, str]] = {}
    named = file or (Path(variables[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in variables else None)
    if named:
        given |= _from_file(named)
    given |= _from_environment(variables)
    for key, value in arguments.items():
        if value is not None and value != []:
            option = f"--{key.replace('_', '-')}"
            is_table = isinstance(value, list) and get_origin(get_args(_TYPES[key])[0]) is dict
            given[key] = (_table(key, option, value) if is_table else value, option)
    values = {key: _value(key, value, where) for key, (value, where) in given.items()}
    if "index" not in values:
        raise UsageError(
            "CLI413", expected="the path of an index", got="none", where="--index",
            todo=f"give --index, {PREFIX}INDEX, or the key index of a configuration file",
        )  # fmt: skip
    config = ServeConfig(**values)
    check(config, {key: where for key, (_, where) in given.items()})
    return config


def _from_file(path: Path) -> dict[str, tuple[Any, str]]:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_SIZE_MAX + 1)
        if len(data) > FILE_SIZE_MAX:
            raise OSError(0, f"more than {FILE_SIZE_MAX} bytes")
        tree = parse_toml(data)
    except OSError as error:
        raise UsageError(
            "CLI411", expected="a readable configuration file", got=error.strerror or "an input/output error",
            where=path.name,
        ) from None  # fmt: skip
    except TomlError as error:
        raise UsageError("CLI411", expected="a configuration file in TOML", got=str(error), where=path.name) from None
    known = msgspec.structs.fields(ServeConfig)
    kinds = {field.name: get_args(_TYPES[field.name])[0] for field in known}
    found = {}
    for key, value in tree.items():
        where = f"key {key[:60]} of {path.name}"
        if key not in kinds:
            raise _unknown(key, where, kinds)
        is_path = Path in (kinds[key], *get_args(kinds[key])) and isinstance(value, str)
        # A ledger is a file, or the URL of one elsewhere.
        is_path = is_path or (key == "ledger" and isinstance(value, str) and value != "" and "://" not in value)
        found[key] = (str(path.parent / value) if is_path else value, where)
    return found


def _from_environment(variables: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found = {}
    for variable in sorted(variables):
        if not variable.startswith(PREFIX) or variable == PREFIX + "CONFIG":
            continue
        key = variable.removeprefix(PREFIX).lower()
        if key not in _TYPES or variable != PREFIX + key.upper():
            raise _unknown(variable, variable, [PREFIX + name.upper() for name in _TYPES])
        value: Any = variables[variable]
        if get_origin(get_args(_TYPES[key])[0]) is dict:
            if not value.split():  # it would take the whole table of a file away: clients, ages
                raise UsageError("CLI413", expected="NAME=VALUE, or no such variable", got="nothing", where=variable)
            value = _table(key, variable, value.split())
        elif get_origin(get_args(_TYPES[key])[0]) is tuple:
            value = value.split()
        found[key] = (value, variable)
    return found


def _unknown(key: str, where: str, known: Iterable[str]) -> UsageError:
    import difflib  # noqa: PLC0415  (only on the way out)

    near = difflib.get_close_matches(key, known, 1)
    return UsageError(
        "CLI412", expected="a key that sito serve knows", got=repr(key[:60]), where=where,
        todo=f"did you mean {near[0]}?" if near else "see `sito serve --help`",
    )  # fmt: skip


def _table(key: str, where: str, items: list[str]) -> dict[str, Any]:
    """Read the items of a table as they are written on a command line."""
    if key == "clients":
        found: dict[str, Any] = {}
        for item in items:
            name, equals, roles = item.rpartition("=")  # a name may be a URI with an equals sign in it
            if not equals or not name or name in found:
                raise UsageError(
                    "CLI413", expected=f"{where} NAME=ROLE, each name once", got=repr(item[:60]), where=where
                )
            found[name] = roles.split("+")
        return found
    return dict(read_thresholds(where, items))


def _value(key: str, value: Any, where: str) -> Any:
    try:
        # Words come from the environment and the command line; a file says what it means.
        return msgspec.convert(
            value, _TYPES[key], strict=where.startswith("key "), dec_hook=lambda type_, text: type_(text)
        )
    except (msgspec.ValidationError, TypeError) as error:
        # Expected `int`, got `str` - at `$[...]`
        text = str(error).partition(" - at ")[0].removeprefix("Expected ").partition(", got ")[0].replace("`", "")
        raise UsageError("CLI413", expected=_WORDS.get(text, text), got=repr(value)[:60], where=where) from None


def check(config: ServeConfig, origins: Mapping[str, str] | None = None) -> None:
    """Look for values that do not go together.

    Args:
        origins: Where each key that was given came from.

    Raises:
        UsageError: CLI401, CLI402, CLI406, CLI407, CLI414.
        PolicyError: POL115.
    """

    def where(key: str) -> str:
        return (origins or {}).get(key, f"--{key.replace('_', '-')}")

    for key, count, most in (
        ("processes", config.processes, PROCESS_COUNT_MAX), ("threads", config.threads, THREAD_COUNT_MAX),
    ):  # fmt: skip
        if not 0 <= count <= most:
            raise UsageError(
                "CLI406", expected=f"1 to {most} {key}, or 0 for one a core", got=str(count), where=where(key)
            )
    if (config.journal is None) is not (config.journal_key_file is None):
        raise UsageError(
            "CLI414", expected="--journal and --journal-key-file together: it holds personal data", got="one of them",
            where=where("journal"),
        )  # fmt: skip
    own_bank(config.own_bic)
    address = parse_address(config.listen, where("listen"))
    files = (config.tls_certificate, config.tls_key, config.tls_client_ca)
    needed = files if config.tls_client_auth is ClientAuth.REQUIRE else files[:2]
    if any(files) and not all(needed):
        raise UsageError(
            "CLI407", expected="--tls-certificate, --tls-key and --tls-client-ca together, or none of them",
            got=f"{sum(1 for file in files if file)} of them",
            todo="without --tls-client-ca, say --tls-client-auth none: then clients need no certificate",
        )  # fmt: skip
    if not any(files) and not address.is_loopback and not config.allow_plaintext:
        raise UsageError(
            "CLI402", expected="a loopback address, or TLS", got=f"{address} without TLS", where=where("listen"),
            todo="add --tls-certificate, --tls-key and --tls-client-ca, or listen on 127.0.0.1",
        )  # fmt: skip
    if config.clients and (not any(files) or config.tls_client_auth is ClientAuth.NONE):
        raise UsageError(
            "CLI414", expected="clients with certificates, known by a name", got="clients without certificates",
            where=where("clients"), todo="add --tls-client-ca, or take the names away",
        )  # fmt: skip
    if any(not roles for roles in config.clients.values()):
        raise UsageError(
            "CLI414", expected="a role for each client", got="a client without one", where=where("clients")
        )
    if not config.ledger:
        for key, file in (
            ("ledger_key_file", config.ledger_key_file), ("staff", config.staff),
            ("ledger_sign_key", config.ledger_sign_key), ("ledger_anchor", config.ledger_anchor),
        ):  # fmt: skip
            if file is not None:
                raise UsageError("CLI414", expected="a ledger for casework", got="none", where=where(key))
    if config.metrics_listen:
        shown = parse_address(config.metrics_listen, where("metrics_listen"))
        if not shown.is_loopback and not config.metrics_allow_remote:
            raise UsageError(
                "CLI414", expected="a loopback address for metrics", got=str(shown), where=where("metrics_listen"),
                todo="listen on 127.0.0.1, or add --metrics-allow-remote",
            )  # fmt: skip
    if config.queue_bytes < config.message_bytes:
        raise UsageError(
            "CLI414", expected="room in the queue for one message", where=where("queue_bytes"),
            got=f"queue_bytes {config.queue_bytes} below message_bytes {config.message_bytes}",
        )  # fmt: skip
    for list_id, days in config.edition_age_max_days.items():
        if not days > 0:
            raise UsageError(
                "CLI414", expected="an age above 0 days", got=f"{days} for {list_id[:40]}",
                where=where("edition_age_max_days"),
            )  # fmt: skip
