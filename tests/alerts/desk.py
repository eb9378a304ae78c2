"""What the tests of alerts share: a file of channels, and a clock that can be turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sito.alerts import Alert, AlertKind, Channels
from sito.alerts.delivery import Outcome
from sito.alerts.sender import deliver

ALL = [kind.value for kind in AlertKind]
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ALERT = Alert("ab" * 16, (AlertKind.CASE_OPENED,), "case:12", NOW, 7, "R-TE-FREEZE", "freeze", ("RU-TE",),
              NOW + timedelta(days=1), ("assign",))  # fmt: skip
SECRET = "0123456789abcdef0123456789abcdef"


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if not isinstance(value, str):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def email(port: int, **more: Any) -> tuple[str, dict[str, Any]]:
    given = {
        "name": "duty", "language": "ru", "kinds": ALL, "host": "localhost", "port": port, "security": "none",
        "from": "sito@bank.example", "to": {"duty": "duty@bank.example", "head": "head@bank.example"}, "timeout_s": 5.0,
    }  # fmt: skip
    return "email", given | more


def webhook(port: int, scheme: str = "http", **more: Any) -> tuple[str, dict[str, Any]]:
    given = {
        "name": "soc", "language": "en", "kinds": ALL, "url": f"{scheme}://localhost:{port}/sito?x=1",
        "secret_file": "soc.secret", "timeout_s": 5.0,
    }  # fmt: skip
    return "webhook", given | more


def write(folder: Path, *channels: tuple[str, dict[str, Any]], **top: Any) -> Path:
    (folder / "soc.secret").write_text(SECRET + "\n")
    (folder / "mail.password").write_text("open sesame\n")
    top = {"leads_h": [24, 4], "list_unused_h": 24, "attempts_max": 4, "backoff_s": 0.01} | top
    lines = [f"{name} = {toml(value)}" for name, value in top.items()]
    for kind, fields in channels:
        lines += [f"[[{kind}]]", *(f"{name} = {toml(value)}" for name, value in fields.items())]
    path = folder / "alerts.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def try_once(folder: Path, channel: tuple[str, dict[str, Any]], alert: Alert = ALERT) -> Outcome:
    channels = Channels.read(write(folder, channel))
    (one,) = channels.all
    return deliver(alert, one, one.recipients, channels=channels, now=NOW)
