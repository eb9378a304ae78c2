"""One verdict for a record by every door: command line, files, single calls, batches, streams, look-ups.

All names are invented: those listed are of the demo.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from sito import Index, Screener, build_index
from sito.batch import screen_file
from sito.clearing import Clearance, Clearances
from sito.cli import run
from sito.client import ScreeningClient
from sito.errors import ScreenError
from sito.policy.facts import DIMENSIONS, SEVERITY, Verdict
from sito.policy.judge import Judge
from sito.policy.rules import parse_policy
from sito.policy.sides import own_bank
from sito.policy.verdict import Policy, default_policy
from sito.screen import ScreenConfig
from sito.v1 import screening_pb2 as wire
from sito_server.batches import read_message
from sito_server.config import load
from sito_server.convert import VERDICTS
from sito_server.host import Host
from sito_server.service import Fixed
from sito_server.verdicts import moscow_day

RUSSIAN = Path(__file__).parents[2] / "demo" / "lists" / "ru"
FOREIGN = (
    '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails",'
    '"program_ids","dataset","first_seen","last_seen","last_change"\n'
    '"O-1","Person","Чертополохов Евлампий Савватеевич","","1971-03-14","","","","","","","","invented","","",""\n'
)
OURS, THEIRS = "044525225", "044525226"
WORDS = {number: word for word, number in VERDICTS.items()}
ROLES = ("debtor", "creditor", "ultimate_debtor", "ultimate_creditor", "initiating_party")
SIDES, OCCASIONS = ("", "debtor", "creditor", "both"), ("", "onboarding", "remote_opening", "check")
OPERATIONS = ("", "salary", "pension", "benefit", "tax", "fine", "humanitarian", "other")


def rule(id: str, verdict: str, when: str = "") -> str:
    return (
        f'[[rule]]\nid = "{id}"\nlaw = "l"\ncertainty = "S"\nsource = "s"\nverdict = "{verdict}"\nreason = "r"\n'
        f"{when}\n"
    )


def policy_text(seed: int) -> str:
    """Make a policy of random rules, none of which hides another one."""
    chance = random.Random(seed)
    text = '[policy]\nid = "random"\nversion = "1"\ntitle = "t"\nvalid_from = 2024-01-01\n'
    text += rule("R-FOREIGN", "pass", 'when = { list_kind = ["foreign"] }')
    for number in range(5):
        when = []
        for name, values in chance.sample([*DIMENSIONS.items()], 2):
            own = chance.sample([value.value for value in values], max(1, len(values) // 2))
            when.append(f"{name} = {json.dumps(own)}")
        verdict = chance.choice(["review", "refuse", "suspend", "freeze"])
        text += rule(f"R-{number}", verdict, f"when = {{ {', '.join(when)} }}")
    return text + rule("R-ALL", "review")


class Door(NamedTuple):
    """A server, and what the other doors need to say the same."""

    client: ScreeningClient
    screener: Screener
    index: Path
    policy: Policy
    policy_file: Path | None
    bics: tuple[str, ...]
    folder: Path


SETTINGS: list[tuple[int, tuple[str, ...], ScreenConfig]] = [  # seed of the policy, 0 is the shipped one; own BICs
    (0, (), ScreenConfig(fingerprints=True)),
    (0, (OURS,), ScreenConfig(score_min_by_list={"RU-TE": 0.97}, score_min_by_role={"creditor": 0.99})),
    (1, (OURS,), ScreenConfig(hit_limit=1, fingerprints=True)),
    (2, (), ScreenConfig(score_min=1.0)),
    (3, (OURS, "TESTRUMM"), ScreenConfig()),
]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Door]]:
    folder = tmp_path_factory.mktemp("doors")
    (folder / "foreign.csv").write_text(FOREIGN, "utf-8")
    build_index([RUSSIAN / "te.xml", RUSSIAN / "mvk.xml", folder / "foreign.csv"], folder / "index.sito")
    made = []
    with ExitStack() as stack:
        index = stack.enter_context(Index.open(folder / "index.sito"))
        for seed, bics, config in SETTINGS:
            policy, file = default_policy(), None
            if seed:
                file = folder / f"{seed}.toml"
                file.write_text(policy_text(seed), "utf-8")
                policy = Policy(parse_policy(file.read_bytes(), file.name))
            screener = Screener(index, config)
            words = {"index": "-", "listen": "127.0.0.1:0", "processes": 1, "own_bic": list(bics)}
            host = Host(Fixed(screener), load(words, environment={}), policy=policy)
            host.start()
            stack.callback(host.stop, 1.0)
            client = stack.enter_context(ScreeningClient(str(host.address), timeout_s=30))
            made.append(Door(client, screener, folder / "index.sito", policy, file, bics, folder))
        yield made


CLEAN = (
    "Чертополохов Евлампий Савватеевич", "  чертополохов евлампий савватеевич ", "Чертополохов Евлампий Саватеевич",
    "Дурманов Феоктист Аристархович", "Дурманов Ф.А.", "Незабудкин Пахом", "Бузинкина Аграфена", "Фонд Полынный Берег",
    "ООО Чёрный Бузинник", "Заовражный Никодим Еремеевич",
)  # fmt: skip
NOISY = ("ИП Дурманов Феоктист Аристархович", "Дурманов Феоктист Аристархович//г. Энск//", "ООО «Чёрный Бузинник»")
names = st.sampled_from(CLEAN + NOISY)
born = st.sampled_from(["", "1971-03-14", "1979-07-21", "1990-11-30", "14.03.1971", "1985"])
numbers = st.sampled_from(["", "", "", "0012345680", "0012345673"])
bics = st.sampled_from(["", OURS, THEIRS])
purposes = st.sampled_from(["", "услуги", "за Чертополохов Евлампий Савватеевич 14.03.1971 г.р."])


def cased(words: tuple[str, ...]) -> st.SearchStrategy[tuple[int, str]]:
    """Draw a word of a few by its number, and how a file may write it."""
    return st.builds(
        lambda number, how: (number, how(words[number])),
        st.integers(0, len(words) - 1),
        st.sampled_from([str, str.upper, lambda word: f" {word} "]),
    )


Pair = tuple[dict[str, Any], wire.Record]
parties = st.tuples(names, born, numbers, bics)


@st.composite
def payments(draw: st.DrawFn) -> Pair:
    (side, side_word), (operation, operation_word) = draw(cased(SIDES)), draw(cased(OPERATIONS))
    purpose = draw(purposes)
    line = {"purpose": purpose, "client_side": side_word, "operation": operation_word}
    made = []
    for role in draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True)):
        name, date, inn, bic = draw(parties)
        line |= {f"{role}_name": name, f"{role}_birth_date": date, f"{role}_inn": inn, f"{role}_bic": bic}
        identifiers = [
            wire.Identifier(type=type_, number=number)
            for type_, number in ((wire.IDENTIFIER_TYPE_INN, inn), (wire.IDENTIFIER_TYPE_BIC, bic))
            if number
        ]
        number = wire.Role.Value(f"ROLE_{role.upper()}")
        made.append(wire.Party(role=number, name=name, birth_date=date, identifiers=identifiers))
    payment = wire.Payment(
        parties=made, purpose=purpose, client_side=side, operation=operation  # type: ignore[arg-type]
    )  # fmt: skip
    return line, wire.Record(payment=payment)


@st.composite
def customers(draw: st.DrawFn) -> Pair:
    (name, date, inn, _), (occasion, word) = draw(parties), draw(cased(OCCASIONS))
    identifiers = [wire.Identifier(type=wire.IDENTIFIER_TYPE_INN, number=inn)] if inn else []
    party = wire.Party(name=name, birth_date=date, identifiers=identifiers)
    customer = wire.Customer(party=party, occasion=occasion)  # type: ignore[arg-type]
    return {"name": name, "birth_date": date, "inn": inn, "occasion": word}, wire.Record(customer=customer)


Said = dict[str, tuple[str, str, frozenset[tuple[str, str, str]]]]


def said(parties: Iterable[wire.PartyResult]) -> Said:
    """Return verdict, rule and hits by role; what passes is told by some doors and not by others."""
    return {
        wire.Role.Name(party.role).removeprefix("ROLE_").lower(): (
            WORDS[party.verdict],
            party.rule_id,
            frozenset((hit.list_id, hit.entry_id, hit.rule_id) for hit in party.hits),
        )
        for party in parties
        if party.verdict != wire.VERDICT_PASS
    }


def of_file(door: Door, lines: list[dict[str, Any]], cleared: Clearances | None = None) -> dict[str, Said]:
    source, output = door.folder / "in.jsonl", door.folder / "out.jsonl"
    source.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    judge = Judge(door.policy, moscow_day(), own=own_bank(door.bics))
    config = door.screener.config
    summary = screen_file(source, door.index, output, config=config, judge=judge, workers=1, cleared=cleared)
    assert not summary.reject_count
    found: dict[str, Said] = {}
    for text in output.read_text("utf-8").splitlines():
        line = json.loads(text)
        if line["verdict"] != "pass":
            hits = frozenset((hit["list_id"], hit["entry_id"], hit.get("rule_id", "")) for hit in line["hits"])
            found.setdefault(line["record_id"], {})[line["role"]] = (line["verdict"], line.get("rule_id", ""), hits)
    return found


def worst(said: Said) -> str:
    return max((verdict for verdict, _, _ in said.values()), key=lambda word: SEVERITY[Verdict(word)], default="pass")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SETTINGS) - 1), st.lists(payments() | customers(), min_size=1, max_size=8))
def test_every_door_gives_the_same_verdict(doors: list[Door], which: int, pairs: list[Pair]) -> None:
    door = doors[which]
    lines, records = [], []
    for place, (line, record) in enumerate(pairs):
        lines.append({"id": str(place), **line})
        record.record_id = str(place)
        records.append(record)
    of_lines = of_file(door, lines)
    batch = door.client.screen_batch(records)
    of_batch = {result.position: said(result.parties) for result in batch.results}
    streamed = [*door.client.screen_many(iter(records))]
    # A look-alike of each record that has to be read by protobuf: an alias that nobody is called.
    odd = []
    for record in records:
        copy = wire.Record.FromString(record.SerializeToString())
        for party in (*copy.payment.parties, *([copy.customer.party] if copy.HasField("customer") else [])):
            party.aliases.append("Ыыыы")
        odd.append(copy)
    of_odd = door.client.screen_batch(odd)
    for place, record in enumerate(records):
        wanted = of_lines.get(str(place), {})
        single = door.client.screen(record)
        assert said(single.parties) == wanted
        assert of_batch.get(place, {}) == wanted
        result = streamed[place].result
        assert said(result.parties if result else ()) == wanted
        verdicts = {single.verdict, batch.verdicts[place], streamed[place].verdict, of_odd.verdicts[place]}
        verdicts.add(door.client.screen(odd[place]).verdict)
        assert verdicts == {VERDICTS[worst(wanted)]}


@settings(max_examples=25, deadline=None)
# A look-up takes a name as it is written; screening takes noise out of a field.
@given(st.integers(0, len(SETTINGS) - 1), st.sampled_from(CLEAN), born, numbers)
def test_a_look_up_is_a_customer_of_a_base(doors: list[Door], which: int, name: str, date: str, inn: str) -> None:
    door = doors[which]
    identifiers = [wire.Identifier(type=wire.IDENTIFIER_TYPE_INN, number=inn)] if inn else []
    record = wire.Record(customer=wire.Customer(party=wire.Party(name=name, birth_date=date, identifiers=identifiers)))
    answer = door.client.check(name, birth_date=date, identifiers=identifiers)
    single = door.client.screen(record)
    assert answer.verdict == single.verdict
    assert answer.rule_id == (single.parties[0].rule_id if single.parties else "")
    config = door.screener.config
    if config == ScreenConfig(fingerprints=True):  # what the command line has the same settings for
        words = ["check", name, "--index", str(door.index), "--json"]
        words += ["--birth-date", date] if date else []
        words += ["--inn", inn] if inn else []
        with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")) as out, redirect_stderr(io.StringIO()):
            assert run(words) == 0
            out.flush()
        found = json.loads(out.buffer.getvalue())  # type: ignore[attr-defined]
        assert (found["verdict"], found["rule_id"]) == (WORDS[answer.verdict], answer.rule_id)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([0, 2]), payments() | customers())
def test_what_a_clearance_silences_is_silent_by_every_door(doors: list[Door], which: int, pair: Pair) -> None:
    door = doors[which]
    line, record = pair
    record.record_id = "a"
    first = door.client.screen(record)
    items = [
        wire.Clearance(
            list_id=hit.list_id, entry_id=hit.entry_id, party_fingerprint=party.party_fingerprint,
            entry_fingerprint=hit.entry_fingerprint, record_id="a",
        )
        for party in first.parties
        for hit in party.hits
    ]  # fmt: skip
    cleared = Clearances(
        Clearance(one.list_id, one.entry_id, one.party_fingerprint, one.entry_fingerprint, record_id="a")
        for one in items
    )
    wanted = of_file(door, [{"id": "a", **line}], cleared).get("a", {})
    single = door.client.screen(record, cleared=items)
    batch = door.client.screen_batch([record], cleared=items)
    assert said(single.parties) == wanted
    assert {single.verdict, batch.verdicts[0]} == {VERDICTS[worst(wanted)]}
    assert said(batch.results[0].parties if batch.results else ()) == wanted


def varint(value: int) -> bytes:
    value %= 1 << 64
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def tagged(number: int, content: bytes) -> bytes:
    """Write a field of bytes."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def numbered(number: int, value: int) -> bytes:
    """Write a field of a number."""
    return bytes([number << 3]) + varint(value)


values = st.sampled_from([0, 1, 2, 3, 4, 7, 8, -1, 1 << 31, (1 << 32) + 1, 1 << 63])
fields = st.lists(
    st.builds(numbered, st.sampled_from([2, 6, 7, 9]), values)
    | st.sampled_from([tagged(1, b""), tagged(2, b"a"), tagged(6, b"\1"), tagged(7, b"\2"), b"\x35\1\0\0\0"]),
    max_size=5,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.builds(tagged, st.sampled_from([1, 2, 3]), fields), max_size=4).map(b"".join))
def test_facts_of_a_record_in_pieces_are_those_that_protobuf_reads(data: bytes) -> None:
    try:
        wanted = wire.Record.FromString(data)
    except DecodeError:
        with pytest.raises(ScreenError, match="SCR404"):
            read_message(tagged(1, data)).facts(0)
        return
    payment, customer = wanted.payment, wanted.customer
    subject = {None: 0, "payment": 1, "customer": 2}[wanted.WhichOneof("subject")]
    facts = subject, payment.client_side, payment.operation, customer.occasion
    assert read_message(tagged(1, data)).facts(0) == facts
