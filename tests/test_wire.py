"""The native codec and protobuf's classes agree on every message: which are none, what they hold, how to write them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sito.entries import Kind
from sito.formats.noise import CleanParty, clean_party
from sito.v1 import screening_pb2 as wire
from sito_ext import cpu
from sito_ext.wire import Request, is_utf8, told_apart, write_batch, write_single

MANY = 1 << 20
Read = tuple[list[Any], list[wire.Clearance], str]


def by_protobuf(data: bytes) -> Read | None:
    """Read a message with protobuf; None if it is none."""
    try:
        message = wire.ScreenBatchRequest.FromString(data)
    except DecodeError:
        return None
    records = []
    for record in message.records:
        subject = record.WhichOneof("subject")
        payment = record.payment
        if subject == "payment":
            parties = list(payment.parties)
        else:
            parties = [record.customer.party] if record.customer.HasField("party") else []
        records.append((
            record.record_id, {None: 0, "payment": 1, "customer": 2}[subject], payment.purpose, payment.amount,
            payment.currency, payment.date,
            [
                (
                    party.role, party.name, party.kind, party.birth_date,
                    [(one.type, one.number, one.country) for one in party.identifiers], party.country, party.address,
                    list(party.aliases),
                )
                for party in parties
            ],
        ))  # fmt: skip
    return records, list(message.cleared), message.request_id


def natively(data: bytes) -> Read | None:
    """Read the same message natively."""
    try:
        request = Request(data, MANY, MANY)
    except ValueError:
        return None
    records = [request.record(place) for place in range(request.record_count)]
    cleared = [wire.Clearance.FromString(item) for item in request.cleared()]
    assert request.cleared_count == len(cleared)
    texts = sum((fields[2] != "") + sum(1 + len(party[4]) + len(party[7]) for party in fields[6]) for fields in records)
    assert request.text_count == texts
    for place, fields in enumerate(records):
        assert request.record_id(place) == fields[0]
        assert wire.Record.FromString(request.message(place)).record_id == fields[0]
    return records, cleared, request.request_id


def check_same(data: bytes) -> None:
    assert natively(data) == by_protobuf(data)


# --- bytes that are nearly messages -----------------------------------------------------------------------------


def varint(number: int, padding: int = 0) -> bytes:
    """Write a number, with bytes more than it needs."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    for _ in range(padding):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


def rarely(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any], share: int = 12) -> st.SearchStrategy[Any]:
    return st.integers(1, share).flatmap(lambda n: odd if n == share else usual)


paddings = rarely(st.just(0), st.integers(1, 10))
texts = rarely(
    st.sampled_from(["", "Иванов", "№ 5", " x ", "\x00", "abc" * 50, "п" * 40, "😀", "ქართ"]).map(str.encode),
    st.sampled_from([b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xd0", b"a" * 15 + b"\xd0", b"\xf4\x90\x80\x80"]),
)
numbers = st.sampled_from([0, 1, 2, 3, 12, 17, 1 << 31, (1 << 32) - 1, (1 << 32) + 2, 1 << 63, (1 << 64) - 1])


@st.composite
def unknown(draw: Any, depth: int = 0) -> bytes:
    """Draw a field that the contract does not know, or that is broken."""
    field = draw(rarely(st.sampled_from([4, 9, 15, 16, 1000, (1 << 29) - 1]), st.just(0)))
    kind = draw(rarely(st.sampled_from([0, 1, 2, 3, 5]), st.sampled_from([4, 6, 7])))
    tag = varint(field << 3 | kind, draw(paddings))
    if kind == 0:
        return tag + varint(draw(st.integers(0, (1 << 64) - 1)), draw(paddings))
    if kind == 2:
        value = draw(st.binary(max_size=5))
        return tag + varint(len(value), draw(paddings)) + value
    if kind == 3:
        inner = draw(unknown(depth + 1)) if depth < 5 and draw(st.booleans()) else b""
        return tag + inner + varint((field if draw(st.integers(0, 20)) else field + 1) << 3 | 4)
    return tag + b"12345678"[: {1: 8, 5: 4}.get(kind, 0)]


FIELDS = {
    "request": ((1, "record"), (2, "clearance"), (3, "text")),
    "record": ((1, "text"), (2, "payment"), (3, "customer")),
    "payment": ((1, "party"), (2, "text"), (3, "text"), (4, "text"), (5, "text")),
    "customer": ((1, "party"),),
    "party": (
        *((1, "number"), (2, "text"), (3, "number"), (4, "text")),
        *((5, "identifier"), (6, "text"), (7, "text"), (8, "text")),
    ),
    "identifier": ((1, "number"), (2, "text"), (3, "text")),
    "clearance": ((1, "text"), (2, "text"), (5, "text"), (6, "number")),
}  # fmt: skip


@st.composite
def messages(draw: Any, kind: str = "request") -> bytes:
    """Draw a message of a kind: fields in any order and number, of other types, unknown ones between them."""
    out = b""
    for _ in range(draw(st.integers(0, 4))):
        if draw(st.integers(1, 8)) == 8:
            out += draw(unknown())
            continue
        field, type_ = draw(st.sampled_from(FIELDS[kind]))
        type_ = draw(rarely(st.just(type_), st.sampled_from(["text", "number", "fixed32", "fixed64", "group"]), 20))
        padding = draw(paddings)
        if type_ == "number":
            out += varint(field << 3, padding) + varint(draw(numbers), draw(paddings))
        elif type_ == "fixed32":
            out += varint(field << 3 | 5, padding) + b"1234"
        elif type_ == "fixed64":
            out += varint(field << 3 | 1, padding) + b"12345678"
        elif type_ == "group":
            out += varint(field << 3 | 3, padding) + draw(unknown()) + varint(field << 3 | 4)
        else:
            value = draw(texts) if type_ == "text" else draw(messages(type_))
            out += varint(field << 3 | 2, padding) + varint(len(value), draw(paddings)) + value
    return out


@settings(max_examples=400, deadline=None)
@given(messages(), st.integers(0, 400))
@example(b"#\x0112345678$", 400)  # field 0 within a group
@example(b"\x0a\x00", 400)
def test_both_read_the_same(data: bytes, end: int) -> None:
    check_same(data)
    check_same(data[:end])


@settings(max_examples=400, deadline=None)
@given(messages(), st.data())
def test_both_read_the_same_of_damaged_messages(data: bytes, choice: st.DataObject) -> None:
    damaged = bytearray(data or b"\x0a\x00")
    place = choice.draw(st.integers(0, len(damaged) - 1))
    match choice.draw(st.integers(0, 2)):
        case 0:
            damaged[place] ^= 1 << choice.draw(st.integers(0, 7))
        case 1:
            del damaged[place]
        case _:
            damaged[place:place] = choice.draw(st.sampled_from([b"\x00", b"\xff", b"\x80", b"\x0b", b"\x0c", b"\x0a"]))
    check_same(bytes(damaged))


@given(st.binary(max_size=40))
def test_both_read_the_same_of_any_bytes(data: bytes) -> None:
    check_same(data)


@pytest.mark.parametrize("depth", [1, 50, *range(95, 104)])
def test_both_stop_at_the_same_depth(depth: int) -> None:
    groups = varint(4 << 3 | 3) * depth + varint(4 << 3 | 4) * depth
    check_same(groups)
    for tag in (b"\x0a", b"\x12"):
        groups = tag + varint(len(groups)) + groups
        check_same(groups)
    record = b"\x12" + varint(len(groups)) + groups
    check_same(b"\x0a" + varint(len(record)) + record)


@pytest.mark.parametrize("size", range(1, 13))
@pytest.mark.parametrize("last", [0, 1, 2, 0x0F, 0x10, 0x7F])
@pytest.mark.parametrize("byte", [0xFF, 0x80, 0x8A])
def test_both_take_the_same_numbers(size: int, last: int, byte: int) -> None:
    number = bytes([byte]) * (size - 1) + bytes([last])
    for data in (b"\x20" + number, b"\x0a" + number, b"\x0a" + number + b"x", number + b"\x00", number):
        check_same(data)
        party = b"\x0a" + varint(len(data)) + data
        for tag in (b"\x0a", b"\x1a", b"\x0a"):
            party = tag + varint(len(party)) + party
        check_same(party)
    party = b"\x08" + number
    for tag in (b"\x0a", b"\x12", b"\x0a"):
        party = tag + varint(len(party)) + party
    check_same(party)


PARTY = wire.Party(role=2, name="а", aliases=["б"], identifiers=[wire.Identifier(type=1, number="1")])
PAYMENT = wire.Record(payment=wire.Payment(parties=[PARTY], purpose="в", amount="1"))
CUSTOMER = wire.Record(customer=wire.Customer(party=PARTY))
OTHER = wire.Record(customer=wire.Customer(party=wire.Party(name="г", kind=1)), record_id="x")


@pytest.mark.parametrize(
    "parts",
    [
        (PAYMENT, PAYMENT), (CUSTOMER, CUSTOMER), (CUSTOMER, OTHER), (PAYMENT, OTHER), (PAYMENT, CUSTOMER, PAYMENT),
        (CUSTOMER, PAYMENT, OTHER), (CUSTOMER, wire.Record(customer=wire.Customer())), (PAYMENT, OTHER, OTHER),
    ],
)  # fmt: skip
def test_messages_in_pieces_are_joined_and_the_last_subject_stands(parts: tuple[wire.Record, ...]) -> None:
    record = b"".join(part.SerializeToString() for part in parts)
    check_same(b"\x0a" + varint(len(record)) + record)
    check_same((b"\x0a" + varint(len(record)) + record) * 3)


# --- UTF-8 ------------------------------------------------------------------------------------------------------


def check_utf8(paths: tuple[str, ...], data: bytes) -> None:
    try:
        data.decode()
        expected = True
    except UnicodeDecodeError:
        expected = False
    for path in paths:
        cpu.use_path(path)
        assert is_utf8(data) == expected, path


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=3),
            st.sampled_from([b"\xd0", b"\xe2\x84", b"\xe0\x9f\x80", b"\xf0\x8f\xbf\xbf", b"\xef\xbf\xbf", b"\xc1\xbf"]),
            st.sampled_from([b"abcdefgh", "абвгдежз".encode(), "№–«»".encode()]),
        ),
        max_size=12,
    ).map(b"".join)
)  # fmt: skip
def test_texts_are_checked_as_python_does(paths: tuple[str, ...], data: bytes) -> None:
    check_utf8(paths, data)


def test_each_character_is_checked_at_each_place_of_a_block(paths: tuple[str, ...]) -> None:
    for character in ("б", "№", "😀", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "\x7f", "\u0800"):
        whole = character.encode()
        for before in (*range(18), *range(28, 36), *range(60, 68)):
            for data in (whole, whole[:-1], whole[1:], whole + b"\x80"):
                for behind in (b"", b"a", b"a" * 20):
                    check_utf8(paths, b"x" * before + data + behind)


# --- limits -----------------------------------------------------------------------------------------------------


def test_what_is_above_the_limits_is_counted_and_not_kept() -> None:
    party = wire.Party(role=2, name="а", aliases=["б"] * 10, identifiers=[wire.Identifier(type=1, number="1")] * 10)
    record = wire.Record(payment=wire.Payment(parties=[party] * 2, purpose="в"))
    data = wire.ScreenBatchRequest(
        records=[record] * 7, cleared=[wire.Clearance()] * 3, request_id="r"
    ).SerializeToString()
    request = Request(data, 5, MANY)
    assert (request.record_count, request.text_count, len(request.forms())) == (7, 7 * 43, 5)
    for limit in (0, 1, 10, 43, 44, 7 * 43 - 1):
        few = Request(data, 10, limit)
        assert few.text_count > limit and few.record_count == 7 and few.request_id == "r"
    assert Request(data, 10, 7 * 43).text_count == 7 * 43
    with pytest.raises(IndexError):
        request.record(5)
    with pytest.raises(ValueError, match="one number for each record"):
        request.firsts(np.zeros(4, dtype=np.int64))
    with pytest.raises(ValueError, match="one number for each record"):
        request.texts(np.zeros(4, dtype=np.int64))


def test_texts_are_laid_out_for_the_matcher() -> None:
    number = wire.Identifier(type=1, number=" 7707083893 ")
    phone = wire.Identifier(type=16, number="74950000000")
    first = wire.Party(role=2, name=" Иванов ", identifiers=[number, phone])
    data = wire.ScreenBatchRequest(
        records=[
            wire.Record(payment=wire.Payment(parties=[first, wire.Party(role=3, name="Петров")], purpose=" за товар ")),
            wire.Record(payment=wire.Payment(parties=[wire.Party(role=3, name="ИП Сидоров")])),
            wire.Record(customer=wire.Customer(party=wire.Party(name="Кузнецов"))),
            wire.Record(payment=wire.Payment(parties=[wire.Party(role=2, name="Попов")], purpose=" ")),
        ]
    ).SerializeToString()
    request = Request(data, 10, 100)
    assert request.forms().tolist() == [1, 2, 1, 1]
    firsts = request.firsts(np.array([9, 5, 9, 9], dtype=np.int64))
    assert firsts.tolist() == [0, 3, 8, 9, 10]
    found = [
        [(bytes(text[low:high]).decode(), owner) for low, high, owner in zip(starts, starts[1:], owners, strict=False)]
        for text, starts, owners in request.texts(firsts)
    ]
    assert found == [
        [("Иванов", 0), ("Петров", 1), ("Кузнецов", 8), ("Попов", 9)], [("за товар", 2)], [("7707083893", 0)],
    ]  # fmt: skip


@given(messages(), st.integers(1, 60))
def test_the_texts_of_a_single_record_are_those_that_are_laid_out(data: bytes, text_limit: int) -> None:
    try:
        request = Request(data, 10, text_limit)
    except ValueError:
        return
    single = request.single()
    forms = request.forms()
    if request.record_count != 1 or request.cleared_count or forms[0] != 1 or request.text_count > text_limit:
        assert single is None
        return
    laid = [
        (mode, bytes(text[low:high]), int(owner))
        for mode, (text, starts, owners) in enumerate(request.texts(request.firsts(np.zeros(1, dtype=np.int64))))
        for (low, high), owner in zip(pairwise(starts.tolist()), owners, strict=True)
    ]
    assert single is not None and sorted(single) == sorted(laid)


def test_a_single_plain_record_has_texts() -> None:
    number = wire.Identifier(type=1, number=" 7707083893 ")
    phone = wire.Identifier(type=16, number="74950000000")
    record = wire.Record(
        payment=wire.Payment(
            parties=[
                wire.Party(role=2, name=" Иванов ", identifiers=[number, phone]),
                wire.Party(role=3, name="ИП Петров Кузьма"),
            ],
            purpose=" за товар ",
        )
    )

    def texts(limit: int = 100, **more: Any) -> list[tuple[int, str, int]] | None:
        message = wire.ScreenBatchRequest(**({"records": [record]} | more)).SerializeToString()
        found = Request(message, 10, limit).single()
        return None if found is None else [(mode, text.decode(), party) for mode, text, party in found]

    assert texts() == [(0, "Иванов", 0), (2, "7707083893", 0), (0, "Петров Кузьма", 1), (1, "за товар", 2)]
    assert texts(records=[record] * 2) is None and texts(records=[]) is None
    assert texts(cleared=[wire.Clearance()]) is None and texts(limit=4) is None
    record.payment.parties[0].aliases.append("Иванько")
    assert texts() is None


RULINGS = [wire.Ruling(rule_id="R", law="l", term_ids=["a", "b"]), wire.Ruling()]
POLICY = wire.PolicyReference(policy_id="p", version="1", edition="8" * 64)

# --- answers ----------------------------------------------------------------------------------------------------

words = st.one_of(st.sampled_from(["", "Ж", "x" * 200]), st.text(max_size=8))
plain = words.map(lambda text: text.encode("utf-8", "replace").decode())
hits = st.tuples(
    words, words, words, st.sampled_from([0.0, 0.85, 1.0, -0.0]), st.integers(0, 4),
    st.lists(words, max_size=3).map(tuple), words, words, words, words,
)  # fmt: skip
hit_lists = st.lists(hits, max_size=2).map(tuple)
stale = st.lists(st.tuples(words, words, st.integers(0, 3)), max_size=2).map(tuple)
party_results = st.tuples(
    st.integers(0, 12), st.integers(0, 5), hit_lists, st.booleans(), st.lists(words, max_size=2).map(tuple), hit_lists,
    stale, words, words,
)  # fmt: skip
results = st.tuples(
    st.integers(0, 12), st.integers(0, 5), hit_lists, st.booleans(), st.lists(words, max_size=2).map(tuple), hit_lists,
    stale, words, words, st.lists(st.builds(wire.Ruling, rule_id=plain, term_ids=st.lists(plain, max_size=2)).map(
        lambda ruling: ruling.SerializeToString()
    ), max_size=2).map(tuple),
)  # fmt: skip
results = st.tuples(
    st.integers(0, 1 << 20), words, st.integers(0, 5), st.booleans(), st.lists(party_results, max_size=2).map(tuple)
)
errors = st.tuples(st.integers(0, 1 << 20), words, words, words, words, words)


def hit_message(hit: tuple[Any, ...]) -> wire.Hit:
    names = ("entry_id", "list_id", "name", "score", "grade", "reasons", "quality", "edition", "entry_fingerprint",
             "rule_id")  # fmt: skip
    return wire.Hit(**dict(zip(names, hit, strict=True)))


def party_message(party: tuple[Any, ...]) -> wire.PartyResult:
    role, verdict, found, truncated, limits, suppressed, old, fingerprint, rule_id = party
    return wire.PartyResult(
        role=role, verdict=verdict, hits=map(hit_message, found), truncated=truncated, limits=limits,
        suppressed=map(hit_message, suppressed), party_fingerprint=fingerprint,
        stale=[wire.StaleClearance(list_id=a, entry_id=b, reason=c) for a, b, c in old], rule_id=rule_id,
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 5), max_size=300), st.lists(results, max_size=3), st.lists(errors, max_size=3), words,
    words, st.booleans(),
)  # fmt: skip
def test_answers_are_the_bytes_that_protobuf_writes(
    verdicts: list[int], found: list[Any], wrong: list[Any], version: str, request_id: str, truncated: bool
) -> None:
    index = wire.IndexReference(index_id="7" * 64, editions=[wire.EditionReference(list_id="RU-TE")])
    message = wire.ScreenStreamResponse(
        verdicts=verdicts,  # type: ignore[arg-type]
        results=[
            wire.RecordResult(position=a, record_id=b, verdict=c, truncated=d, parties=map(party_message, e))
            for a, b, c, d, e in found
        ],
        errors=[
            wire.RecordError(position=a, record_id=b, code=c, field=d, expected=e, got=f) for a, b, c, d, e, f in wrong
        ],
        index=index, engine_version=version, request_id=request_id, truncated=truncated, policy=POLICY, rulings=RULINGS,
    )  # fmt: skip
    data = write_batch(
        np.array(verdicts, dtype=np.uint8), found, wrong, index=index.SerializeToString(), engine_version=version,
        request_id=request_id, truncated=truncated, policy=POLICY.SerializeToString(),
        rulings=[ruling.SerializeToString() for ruling in RULINGS],
    )  # fmt: skip
    assert data == message.SerializeToString(deterministic=True)


@settings(max_examples=150, deadline=None)
@given(words, st.integers(0, 5), st.lists(party_results, max_size=2).map(tuple), words, st.booleans())
def test_single_answers_are_the_bytes_that_protobuf_writes(
    record_id: str, verdict: int, parties: tuple[Any, ...], request_id: str, truncated: bool
) -> None:
    index = wire.IndexReference(index_id="7" * 64)
    message = wire.ScreenResponse(
        record_id=record_id, verdict=verdict, parties=map(party_message, parties), index=index,  # type: ignore[arg-type]
        engine_version="1", request_id=request_id, truncated=truncated, policy=POLICY, rulings=RULINGS,
    )  # fmt: skip
    data = write_single(
        record_id, verdict, parties, index=index.SerializeToString(), engine_version="1", request_id=request_id,
        truncated=truncated, policy=POLICY.SerializeToString(),
        rulings=[ruling.SerializeToString() for ruling in RULINGS],
    )  # fmt: skip
    assert data == message.SerializeToString(deterministic=True)


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    hit = ("a", "b", "x\udc98y", 1.0, 1, ("\ud800",), "", "", "", "")
    found = [(0, "", 2, False, ((2, 2, (hit,), False, (), (), (), "", ""),))]
    data = write_batch(
        np.array([2], dtype=np.uint8),
        found,
        [],
        index=b"",
        engine_version="1",
        request_id="",
        truncated=False,
        policy=b"",
        rulings=[],
    )
    answer = wire.ScreenBatchResponse.FromString(data).results[0].parties[0].hits[0]
    assert (answer.name, list(answer.reasons)) == ("x?y", ["?"])


NAME_FIELDS = st.one_of(
    st.text(st.sampled_from('ИПФЛип/.адвокат гр\u00a0-«»"(),01256ул№abc\t\ud7ff'), max_size=24),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "ИП ", "ип ", "ИП  ", "гр. ", "Ф/Л ", "ООО ", " "]),
        st.sampled_from(["Исаев Евгений", "Белова А.П.", "Мир", "Ткач-Гор Олег", "Завод Мир", "Исаев"]),
        st.sampled_from(["", " ИП", " ", ".", " 12", ", ул. Мира", "\u00a0", " (ИП)"]),
    ),
)


@settings(max_examples=400)
@given(st.lists(NAME_FIELDS, max_size=5))
@example(["ИП Исаев" + " Евгений" * count for count in (1, 120, 140, 245, 260, 2000)])
def test_fields_told_apart_are_those_that_cleaning_changes(fields: list[str]) -> None:
    data = [field.encode() for field in fields]
    more, proprietors = told_apart(np.frombuffer(b"".join(data), dtype=np.uint8), np.cumsum([0, *map(len, data)]))
    for number, field in enumerate(fields):
        name = field.strip()
        if number in proprietors:
            assert clean_party(name) == CleanParty(name[3:], Kind.PERSON)
        elif number not in more and name:
            assert clean_party(name) == CleanParty(name)


def test_bytes_that_are_no_text_are_left_to_the_careful_way() -> None:
    data = b"\xd0\x98\xd0\x9f \xd0" + b"Ivanov" + b"\xff Ivan"
    assert told_apart(np.frombuffer(data, dtype=np.uint8), np.array([0, 6, 12, 18])) == ([0, 2], [])


@pytest.mark.parametrize("starts", [[0, 9], [2, 1], [-1, 2], [0, -1]])
def test_offsets_outside_the_fields_are_refused(starts: list[int]) -> None:
    with pytest.raises(ValueError, match="starts"):
        told_apart(np.zeros(4, dtype=np.uint8), np.array(starts))
