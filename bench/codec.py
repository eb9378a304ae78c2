"""Reading and writing of messages: the native codec against protobuf's classes, on the payments of the load.

    python -m bench.codec [--payments 5000]

Protobuf parses a message and hands out the three texts that are screened; the codec reads the same message, checks all
of it as protobuf does, and lays the same texts out for the matcher. Both must come to the same texts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bench.load import Payments, make_list, make_payments
from sito.messages import Request, write_batch
from sito.v1 import screening_pb2 as wire

RATIO_MIN = 25.0  # reading natively against protobuf, at 5 000 payments a message
ROUNDS = 25
QUICK = 4  # a step of the codec is done so often in a round: it takes a thirtieth of the time
LIST_SIZE = 2_000  # names, only to draw payments from
SAME = 1  # form of a record whose texts stand as they are received, but for the tag of a sole proprietor


class Costs(NamedTuple):
    """CPU nanoseconds of one payment, the median of `ROUNDS`, in each of which all is done in turn.

    Attributes:
        parse: Protobuf parses.
        read: It parses, and each of the three texts is read.
        native: The codec reads and checks all fields.
        sort: It also tells which records need a closer look.
        texts: And lays the texts of the others out.
        write: A reply without hits, by protobuf.
        write_native: The same by the codec.
        ratio: How many times cheaper the codec reads: the median of the rounds. What else the machine does slows both
            of a round alike.
    """

    parse: float
    read: float
    native: float
    sort: float
    texts: float
    write: float
    write_native: float
    ratio: float


def message_of(payments: Payments) -> bytes:
    """Write payments as a client does."""
    records = [
        wire.Record(
            record_id=payments.ids[row],
            payment=wire.Payment(
                parties=[
                    wire.Party(role=wire.ROLE_DEBTOR, name=payments.debtors[row]),
                    wire.Party(role=wire.ROLE_CREDITOR, name=payments.creditors[row]),
                ],
                purpose=payments.purposes[row], amount=f"{row}.00", currency="RUB", date="2026-01-31",
            ),
        )
        for row in range(len(payments))
    ]  # fmt: skip
    return wire.ScreenBatchRequest(records=records).SerializeToString()


def read_by_protobuf(data: bytes) -> list[tuple[str, str, str]]:
    """Parse a message and read what is screened."""
    texts = []
    for record in wire.ScreenBatchRequest.FromString(data).records:
        payment = record.payment
        debtor, creditor = payment.parties
        texts.append((debtor.name, creditor.name, payment.purpose))
    return texts


def faults(data: bytes) -> list[str]:
    """Compare what both read, and what both write."""
    texts = read_by_protobuf(data)
    request = Request(data, len(texts), 4 * len(texts))
    found = []
    fields = [request.record(place) for place in range(request.record_count)]
    if [(one[6][0][1], one[6][1][1], one[2]) for one in fields] != texts:
        found.append("the codec reads other texts")
    forms = request.forms()
    firsts = request.firsts(np.zeros(len(texts), dtype=np.int64))
    laid = [
        [bytes(data[low:high]).decode() for low, high in pairwise(starts.tolist())]
        for data, starts, _ in request.texts(firsts)
    ]
    plain = [text for text, form in zip(texts, forms, strict=True) if form == SAME]
    # The tag of a sole proprietor is no part of the name.
    if [text.removeprefix("ИП ") for pair in plain for text in pair[:2]] != laid[0] or [
        text[2] for text in plain
    ] != laid[1]:
        found.append("the codec lays other texts out")
    if len(plain) < 0.9 * len(texts):
        found.append(f"only {len(plain)} of {len(texts)} payments are plain")
    if write_by_protobuf(len(texts)) != write_natively(len(texts)):
        found.append("the codec writes another reply")
    return found


INDEX = wire.IndexReference(index_id="0" * 64, built_at="2026-01-31T00:00:00Z")
INDEX_BYTES = INDEX.SerializeToString()
POLICY = wire.PolicyReference(policy_id="sito-default", version="1.0.0", edition="0" * 64)
POLICY_BYTES = POLICY.SerializeToString()


def write_by_protobuf(count: int) -> bytes:
    """Write a reply in which all pass."""
    verdicts = [wire.VERDICT_PASS] * count
    answer = wire.ScreenBatchResponse(verdicts=verdicts, index=INDEX, engine_version="1", policy=POLICY)
    return answer.SerializeToString()


def write_natively(count: int) -> bytes:
    """Write the same reply."""
    verdicts = np.full(count, wire.VERDICT_PASS, dtype=np.uint8)
    return write_batch(
        verdicts, [], [], index=INDEX_BYTES, engine_version="1", request_id="", truncated=False, policy=POLICY_BYTES,
        rulings=[],
    )  # fmt: skip


def cost(work: Callable[[], object], times: int) -> float:
    """Return the CPU nanoseconds that a piece of work takes."""
    before = time.process_time_ns()
    for _ in range(times):
        work()
    return (time.process_time_ns() - before) / times


def measure(data: bytes, count: int) -> Costs:
    """Measure both on one message of `count` payments."""
    none = np.zeros(count, dtype=np.int64)

    def lay_out() -> None:
        request = Request(data, count, 4 * count)
        request.texts(request.firsts(none))

    steps: tuple[tuple[Callable[[], object], int], ...] = (
        (lambda: wire.ScreenBatchRequest.FromString(data), 1),
        (lambda: read_by_protobuf(data), 1),
        (lambda: Request(data, count, 4 * count), QUICK),
        (lambda: Request(data, count, 4 * count).forms(), QUICK),
        (lay_out, QUICK),
        (lambda: write_by_protobuf(count), QUICK),
        (lambda: write_natively(count), QUICK),
    )
    rounds = [[cost(work, times) / count for work, times in steps] for _ in range(ROUNDS + 1)][1:]  # one to warm up
    middle = [statistics.median(column) for column in zip(*rounds, strict=True)]
    return Costs(*middle, ratio=statistics.median(read / native for _, read, native, *_ in rounds))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 all right, 1 a wrong answer or a ratio below its floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=5_000, help="in one message, at most 10 000")
    count = parser.parse_args(arguments).payments
    data = message_of(make_payments(count, make_list(LIST_SIZE)))
    wrong = faults(data)
    costs = measure(data, count)
    print(f"{count} payments of {len(data) / count:.0f} bytes; CPU nanoseconds of one payment")
    for name, value in costs._asdict().items():
        if name != "ratio":
            print(f"{name:<14} {value:8.0f}")
    print(f"reading natively is {costs.ratio:.1f}x cheaper than protobuf's parse and read; floor {RATIO_MIN}x")
    if costs.ratio < RATIO_MIN:
        wrong.append(f"ratio {costs.ratio:.1f} is below {RATIO_MIN}")
    for line in wrong:
        print(f"FAULT {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
