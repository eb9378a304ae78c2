"""The chain: what was changed, left out, put in, cut off or moved is found, in both databases."""

from __future__ import annotations

import random
import secrets
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.ledger.stores import DAY, KEY, LATER, OFFICER, RETAINED, add, opened, tampering

from sito.ledger import Event, Ledger, Sealer, Signer, checkpoint, retention, verify
from sito.ledger.schema import EVENT, PERSONAL

SIGNER = Signer(bytes(range(32)))


@pytest.fixture
def filled(url: str) -> str:
    with opened(url) as ledger:
        for number in range(6):
            add(ledger, f"case:{number}", request_id=f"first {number}", count=1 + number % 3, personal=number % 2 == 0)
        checkpoint(ledger, SIGNER, request_id="signed", caller=OFFICER, at=DAY)
        add(ledger, "case:9", request_id="last")
    return url


def faults(url: str, **options: Any) -> int:
    with Ledger.open(url, sealer=Sealer(KEY)) as ledger:
        return verify(ledger, public_keys=[SIGNER.public], **options).fault_count


def test_a_ledger_that_nobody_touched_is_clean(filled: str) -> None:
    with opened(filled) as ledger:
        checked = verify(ledger, public_keys=[SIGNER.public])
    assert (checked.fault_count, checked.events, checked.checkpoints, checked.unsigned) == (0, 14, 1, 0)
    assert (checked.personal, checked.unopened, checked.deleted) == (7, 0, 0)


def test_every_single_bit_of_every_column_counts(filled: str) -> None:
    """All columns of all events; of each value some bits, chosen anew in each row, and all of the digest of one."""
    generator = random.Random(7)
    engine = sa.create_engine(sa.make_url(filled))
    with engine.connect() as connection:
        rows = connection.execute(sa.select(EVENT).order_by(EVENT.c.sequence)).all()
        sealed = connection.execute(sa.select(PERSONAL)).all()
    engine.dispose()
    tried = 0
    with tampering(filled):
        pass
    engine = sa.create_engine(sa.make_url(filled))

    def change(statement: Any) -> None:
        with engine.begin() as connection:
            connection.execute(statement)

    with Ledger.open(filled, sealer=Sealer(KEY)) as ledger:
        for table, found in ((EVENT, rows), (PERSONAL, sealed)):
            for row in found:
                for column in table.columns:
                    value = getattr(row, column.name)
                    whole = column.name == "facts" and row.sequence == 2
                    for changed in _flipped(value, generator, every=whole):
                        try:
                            change(
                                table.update().where(table.c.sequence == row.sequence).values({column.name: changed})
                            )
                        except sa.exc.IntegrityError:  # the database itself does not take it
                            continue
                        checked = verify(ledger, public_keys=[SIGNER.public])
                        assert checked.fault_count, f"{table.name}.{column.name} of event {row.sequence}"
                        moved = changed if column.name == "sequence" else row.sequence
                        change(table.update().where(table.c.sequence == moved).values({column.name: value}))
                        tried += 1
    engine.dispose()
    assert tried > 200
    assert not faults(filled)


def _flipped(value: Any, generator: random.Random, *, every: bool) -> list[Any]:
    """Return a value with single bits changed."""
    if isinstance(value, int):
        return [value ^ 1 << bit for bit in ([0, 3, 10] if value < 1 << 31 else [0, 17, 40]) if value ^ 1 << bit < 99]
    data = value.encode() if isinstance(value, str) else value
    bits = range(8 * len(data)) if every else generator.sample(range(8 * len(data)), min(2, 8 * len(data)))
    out: list[Any] = []
    for bit in bits:
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        if isinstance(value, bytes):
            out.append(bytes(changed))
        elif changed.isascii() and 0 not in changed:
            out.append(changed.decode())
    return out


@pytest.mark.parametrize("sequence", [1, 2, 5, 13])
def test_a_missing_event_is_found(filled: str, sequence: int) -> None:
    with tampering(filled) as connection:
        connection.execute(EVENT.delete().where(EVENT.c.sequence == sequence))
    assert faults(filled)


def test_events_that_changed_places_are_found(filled: str) -> None:
    with tampering(filled) as connection:
        for before, after in ((3, 100), (4, 3), (100, 4)):
            connection.execute(EVENT.update().where(EVENT.c.sequence == before).values(sequence=after))
    assert faults(filled)


def test_a_cut_off_end_is_found_by_a_checkpoint_kept_elsewhere(filled: str) -> None:
    with opened(filled) as ledger:
        kept = checkpoint(ledger, SIGNER, request_id="kept", caller=OFFICER, at=DAY)
    assert not faults(filled, anchors=[kept])
    with tampering(filled) as connection:
        connection.execute(PERSONAL.delete().where(PERSONAL.c.sequence > 13))
        connection.execute(EVENT.delete().where(EVENT.c.sequence > 13))
    assert not faults(filled)
    assert faults(filled, anchors=[kept]) == 1


def test_a_ledger_that_was_written_anew_is_found_by_a_checkpoint_kept_elsewhere(filled: str) -> None:
    """Whoever can compute digests can write a chain that holds in itself; no signature of ours will fit it."""
    with opened(filled) as ledger:
        kept = checkpoint(ledger, SIGNER, request_id="kept", caller=OFFICER, at=DAY)
    forged = msgspec.structs.replace(kept, digest="00" * 32)
    assert faults(filled, anchors=[forged]) == 1  # its signature
    other = Signer(bytes(32))
    with Ledger.open(filled, sealer=Sealer(KEY)) as ledger:
        assert verify(ledger, public_keys=[other.public], anchors=[kept]).unsigned == 3


def test_the_checkpoint_of_another_ledger_is_none_of_this(filled: str) -> None:
    with opened(filled) as ledger:
        kept = checkpoint(ledger, SIGNER, request_id="kept", caller=OFFICER, at=DAY)
    assert faults(filled, anchors=[msgspec.structs.replace(kept, ledger_id="another")]) == 1


def test_the_database_itself_refuses_changes(filled: str) -> None:
    engine = sa.create_engine(sa.make_url(filled))
    for statement in (
        EVENT.update().values(kind="other"), EVENT.delete().where(EVENT.c.sequence == 14),
        PERSONAL.update().values(key_id=""),
    ):  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(statement)
    engine.dispose()
    assert not faults(filled)


def test_deleted_personal_data_leave_the_chain_whole(filled: str) -> None:
    with opened(filled) as ledger:
        with ledger.read() as view:
            assert view.personal(1) == {"name": "x"}
        retention.set_hold(ledger, "case:0", reason="a court asks", request_id="h", caller=OFFICER, at=DAY)
        with pytest.raises(Exception, match="LED141"):
            retention.delete(
                ledger, [1], reason="past its time", retained=RETAINED, request_id="d", caller=OFFICER, at=LATER
            )
        retention.lift_hold(ledger, "case:0", reason="it has asked", request_id="l", caller=OFFICER, at=DAY)
        receipt = retention.delete(
            ledger, [1], reason="past its time", retained=RETAINED, request_id="d", caller=OFFICER, at=LATER
        )
        with pytest.raises(Exception, match="LED140"):
            retention.delete(ledger, [1], reason="again", retained=RETAINED, request_id="e", caller=OFFICER, at=LATER)
        with ledger.read() as view:
            assert view.personal(1) is None
            assert next(view.events(after=receipt.first - 1)).event.facts["sequences"] == [1]
        checked = verify(ledger, public_keys=[SIGNER.public])
    assert (checked.fault_count, checked.deleted, checked.personal) == (0, 1, 6)


def test_personal_data_that_vanished_are_found(filled: str) -> None:
    with tampering(filled) as connection:
        connection.execute(PERSONAL.delete().where(PERSONAL.c.sequence == 1))
    assert faults(filled) == 1


def test_personal_data_of_another_event_do_not_open(filled: str) -> None:
    with tampering(filled) as connection:
        sealed = connection.execute(sa.select(PERSONAL.c.sealed).where(PERSONAL.c.sequence == 1)).scalar()
        connection.execute(PERSONAL.update().where(PERSONAL.c.sequence == 14).values(sealed=sealed))
    assert faults(filled) == 1
    with opened(filled) as ledger, ledger.read() as view, pytest.raises(Exception, match="LED133"):
        view.personal(14)


def test_what_is_past_its_time_can_be_found(filled: str) -> None:
    with opened(filled) as ledger, ledger.read() as view:
        found = retention.past(
            view, counted_from=lambda stored: stored.at if stored.event.subject == "case:2" else None,
            until=lambda begun: begun + timedelta(days=10), now=DAY + timedelta(days=20),
        )  # fmt: skip
        assert [stored.event.subject for stored in found] == ["case:2"] * 3


def test_keys_may_change(url: str) -> None:
    newer = secrets.token_bytes(32)
    with opened(url) as ledger:
        add(ledger, "case:1")
    with opened(url, sealer=Sealer(newer, KEY)) as ledger:
        add(ledger, "case:2")
        with ledger.read() as view:
            assert [view.personal(sequence) for sequence in (1, 2)] == [{"name": "x"}] * 2
        assert verify(ledger).unopened == 0
    with opened(url, sealer=Sealer(newer)) as ledger:
        checked = verify(ledger)
        assert (checked.unopened, checked.fault_count) == (1, 0)
    with opened(url, sealer=None) as ledger:
        checked = verify(ledger)
        assert (checked.unopened, checked.fault_count) == (2, 0)
    assert b"name" not in _sealed(url)


def _sealed(url: str) -> bytes:
    engine = sa.create_engine(sa.make_url(url))
    with engine.connect() as connection:
        found = b"".join(connection.execute(sa.select(PERSONAL.c.sealed)).scalars())
    engine.dispose()
    return found


def test_facts_of_another_form_are_refused(url: str) -> None:
    for facts, code in (
        ({"a": float("nan")}, "LED101"), ({"a": object()}, "LED101"), ({1: "a"}, "LED101"), ({"a": "\ud800"}, "LED101"),
        ({"a": 1 << 63}, "LED101"), ({"a": "x" * (1 << 20)}, "LED102"), (_deep(20), "LED102"),
    ):  # fmt: skip
        with opened(url) as ledger, pytest.raises(Exception, match=code):
            ledger.transact(
                lambda _, facts=facts: [Event("tested", "case:1", facts)], request_id="r", caller=OFFICER, at=DAY
            )
    with opened(url) as ledger, ledger.read() as view:
        assert not list(view.events())


def _deep(depth: int) -> dict[str, Any]:
    return {"a": _deep(depth - 1)} if depth else {}
