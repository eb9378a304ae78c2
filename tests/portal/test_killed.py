"""The service dies at any moment: whoever asks before sending again loses no message and sends none twice."""

from __future__ import annotations

import random
import threading
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.portal.service import PASSWORD, Program, client_of, message, write_settings

from sito.errors import PortalError, SendError
from sito.portal import PortalClient
from sito.portal.holdings import Held

KILLS, KILLS_LONG = 4, 300
STEPS_MAX = 20_000


def sent_once(client: PortalClient, number: int) -> bool:
    """Take one message a step on; True when it is surely there."""
    record = f"R-{number:08d}"
    try:
        if client.status("", record) is not None:
            return True
        client.send(f"{record}.xml", message(record), b"s")
    except SendError:
        return False  # the next step asks first
    except PortalError:
        return False
    return True


def killed_often(folder: Path, kills: int) -> None:
    (folder / "service").mkdir()
    (folder / "service/rules.toml").write_text(f'password = "{PASSWORD}"\n')
    program, generator = Program(folder / "service"), random.Random(7)
    url = f"http://127.0.0.1:{program.port}/Services/fedsfm-service"
    client = client_of(write_settings(folder, url, attempts_max=1, answer_s=5.0))
    number = steps = 0
    for _ in range(kills):
        program.start()
        timer = threading.Timer(generator.uniform(0.0, 0.25), program.kill)
        timer.start()
        while timer.is_alive() and steps < STEPS_MAX:
            steps += 1
            number += sent_once(client, number)
        timer.join()
    program.start()
    assert sent_once(client, number)
    program.kill()
    held = [msgspec.json.decode(path.read_bytes(), type=Held) for path in (folder / "service/messages").glob("*.json")]
    assert Counter(one.external_id for one in held) == {f"R-{one:08d}": 1 for one in range(number + 1)}
    assert sorted(one.number for one in held) == list(range(1, len(held) + 1))
    assert number > kills  # something was sent in between


def test_no_message_is_lost_or_doubled(tmp_path: Path) -> None:
    killed_often(tmp_path, KILLS)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_message_is_lost_or_doubled_in_many_kills(tmp_path: Path) -> None:
    killed_often(tmp_path, KILLS_LONG)
