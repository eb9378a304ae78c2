"""Fuzzing without a framework: mutate seeds by a seeded generator, and see that nothing but our errors comes out.

    python tests/fuzz/run.py --target lists/un-xml --seconds 60
    python tests/fuzz/run.py --list

A target takes bytes. It may return, or raise a `SitoError`; anything else is a finding: another exception, an
answer that differs from the readable twin's, a run longer than `SLOW_S`. The input of a finding is written to the
output folder with the seed that made it, and `--replay FILE` runs it again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import seeds

from sito.errors import SitoError

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
SLOW_S = 20.0  # one input; sanitized and traced builds are slow too
SIZE_MAX = 1 << 16  # bytes of one mutated input: depth of search, not size, finds faults here
ENCODINGS = ("utf-16", "cp1251", "cp866", "utf-8-sig", "koi8-r")
MARKS = (
    *(b"", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1a", b"\r", b"\n", b'"', b"''", b";"),
    *(b",", b"\t", b"<", b">", b"&", b"&lt;", b"<![CDATA[", b"]]>", b"<!--", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;"),
    *(b"0", b"-1", b"99999999999999999999", b"1e999", b"NaN", b"0000-00-00", b"2024-02-30", b"31.02.2024"),
    *(b"29 Feb 1971", b"{", b"}", b"[", b"]", b"null", b"true", b"\\u0000", b"\\ud800", b":20:", b":70:", b"-}"),
    *(b"{4:", b"'", b"//", b"-0-", b"\xd0\x81", b"\xcc\x81", b"\xe2\x80\x8b", b"\xc0\xaf", b"\xf4\x90\x80\x80"),
    *(b"PK\x03\x04", b"A" * 70, b" " * 300),
)


class Target(NamedTuple):
    """One thing to fuzz.

    Attributes:
        name: As on the command line.
        run: Takes one input; may raise `SitoError`.
        seeds: Where mutation starts; never empty.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def mutate(generator: random.Random, corpus: tuple[bytes, ...]) -> bytes:
    """Make one input: a seed with one to eight changes."""
    data = bytearray(generator.choice(corpus))
    for _ in range(generator.choice((1, 1, 2, 3, 5, 8))):
        size = len(data)
        at = generator.randrange(size + 1)
        end = min(size, at + generator.choice((1, 2, 8, 64, 512)))
        match generator.randrange(9):
            case 0 if size:
                data[generator.randrange(size)] ^= 1 << generator.randrange(8)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * generator.choice((1, 2, 30))
            case 3:
                data[at:at] = generator.choice(MARKS)
            case 4:
                data[at:end] = generator.choice(MARKS)
            case 5:
                del data[at:]
            case 6:
                other = generator.choice(corpus)
                cut = generator.randrange(len(other) + 1)
                data[at:] = other[cut:]
            case 7:
                data[at:end] = generator.randbytes(end - at)
            case _:
                text = bytes(data).decode("utf-8", "replace")
                encoding = generator.choice(ENCODINGS)
                data = bytearray(text.encode(encoding, "replace"))
        del data[SIZE_MAX:]
    return bytes(data)


def _fixtures() -> list[tuple[str, bytes]]:
    """Files under tests/ that are not code: seeds that others keep."""
    found = []
    for path in sorted(TESTS.rglob("*")):
        code = path.suffix in {".py", ".pyc", ".md"} or "__pycache__" in path.parts or HERE in path.parents
        if path.is_file() and not code and path.stat().st_size <= SIZE_MAX:
            found.append((path.name, path.read_bytes()))
    return found


def _list_targets(folder: Path) -> Iterator[Target]:
    from sito.lists import READERS, open_lists
    from sito.lists.source import Facts, Source

    named = [*seeds.LISTS, *_fixtures()]
    by_format: dict[str, list[tuple[str, bytes]]] = {}
    for reader in READERS:
        for name, data in named:
            part = reader.part(data, name.lower()) if reader.part is not None else None
            if part in (None, "sdn") and reader.detect(data, name.lower()) is not None:
                by_format.setdefault(reader.format, []).append((name, data))
    for reader in READERS:
        corpus = by_format.get(reader.format, [])

        def run(data: bytes, reader=reader, name: str = corpus[0][0] if corpus else "list") -> None:
            # Straight into the reader, so that a mutated head is not turned away at the door.
            source = Source(name, data, hashlib.sha256(data).hexdigest(), "FUZZ")
            for _ in reader.read(source, Facts()):
                pass

        yield Target(f"lists/{reader.format}", run, tuple(data for _, data in corpus))

    def door(data: bytes) -> None:
        path = folder / "list.bin"
        path.write_bytes(data)
        for one in open_lists([path]):
            for _ in one:
                pass

    yield Target("lists", door, tuple(data for _, data in named))


def _record_targets(folder: Path) -> Iterator[Target]:
    from sito.formats import open_records
    from sito.records import Record, Reject

    corpora: dict[str, list[bytes]] = {}
    everything = [*seeds.RECORDS, *_fixtures()]
    for name, data in everything:
        path = folder / f"seed-{name}"
        path.write_bytes(data)
        try:
            corpora.setdefault(open_records(path).format, []).append(data)
        except SitoError:
            continue
    if importlib.util.find_spec("sito.formats.parquet"):
        corpora.setdefault("parquet", []).append(_parquet_seed(folder))

    def target(name: str, format_name: str | None, corpus: list[bytes]) -> Target:
        def run(data: bytes) -> None:
            path = folder / "records.bin"
            path.write_bytes(data)
            for item in open_records(path, format=format_name):
                assert isinstance(item, Record | Reject)

        return Target(name, run, tuple(corpus))

    for format_name, corpus in sorted(corpora.items()):
        yield target(f"records/{format_name}", format_name, corpus)
    yield target("records", None, [data for _, data in everything])


def _parquet_seed(folder: Path) -> bytes:
    import pyarrow
    from pyarrow import parquet

    path = folder / "seed.parquet"
    columns = {"id": ["1"], "debtor_name": ["Примеров"], "creditor_name": ["ООО Пример"], "purpose": ["за товар"]}
    parquet.write_table(pyarrow.table(columns), path)
    return path.read_bytes()


def _fold_target() -> Target:
    from sito.names import fold as twin
    from sito_ext.fold import Folder

    folder = Folder(twin.table())

    def run(data: bytes) -> None:
        tokens, malformed, cut = folder.fold(data)
        expected = twin.fold(data)
        assert [tuple(token) for token in expected.tokens] == tokens, "native fold and its twin differ"
        assert (expected.malformed, expected.cut) == (malformed, cut), "native fold and its twin flag differently"

    return Target("fold", run, seeds.TEXTS)


def _word_targets() -> Iterator[Target]:
    """Kernels that know words: a text is folded, or its letters are taken as words, and native and twin must agree."""
    import numpy as np

    from sito.entries import Kind
    from sito.formats.noise import CleanParty, clean_party
    from sito.index import knowledge
    from sito.names import align, facts, lexicon
    from sito.names import forms as forms_twin
    from sito.names import readings as readings_twin
    from sito.names.fold import fold, table
    from sito.names.korean import korean
    from sito_ext import forms, readings
    from sito_ext.fold import Folder
    from sito_ext.lexicon import Lexicon
    from sito_ext.scorer import compare
    from sito_ext.wire import told_apart

    folder, names = Folder(table()), Lexicon(lexicon.table())

    def score(data: bytes) -> None:
        # The first line is the text, the second the listed name; the size of the input says what they are.
        text, _, listed = data.partition(b"\n")
        query, name = fold(text).tokens[:64], fold(listed).tokens[:32]
        if not query or not name:
            return
        text, listed = text[: query[-1].end], listed[: name[-1].end]
        words = [align.word_of(token, text[token.start : token.end].decode("utf-8", "replace")) for token in query]
        free_text, person = bool(len(data) & 1), bool(len(data) & 2)
        own = [align.listed_word(token.plain, token.key, person=person) for token in name]
        pairs = align.pair(words, own, free_text=free_text, person=person)
        expected = [tuple(pair) for pair in pairs], align.score(words, own, pairs, free_text=free_text, person=person)
        native = compare(folder, knowledge(), text, listed, free_text, person)
        assert native == expected, "native score and its twin differ"

    def know(data: bytes) -> None:
        for token in fold(data[:4096]).tokens:
            expected = facts.know(token.plain, token.key, letters=token.letters, vowelless=token.vowelless)
            native = knowledge().know(token.plain, token.key, token.letters, token.vowelless)
            assert native == tuple(expected), "native facts and their twin differ"
        text = data.decode("utf-8", "surrogateescape")
        assert names.look(text) == lexicon.look(text), "native lexicon and its twin differ"

    def decline(data: bytes) -> None:
        keys = [*[token.key for token in fold(data[:2048]).tokens][:40], data[:200].decode("latin-1")]
        for form in keys:
            assert forms.bases(form) == forms_twin.bases(form), "native case forms and their twin differ"
            for base in keys[:8]:
                assert forms.is_form(form, base) == forms_twin.is_form(form, base), "native form and its twin differ"

    def read(data: bytes) -> None:
        for function in ("layout", "joined"):
            native = getattr(readings, function)(data)
            assert native == getattr(readings_twin, function)(data), f"native {function} and its twin differ"
        lines = data.splitlines()
        starts = np.cumsum([0, *map(len, lines)], dtype=np.int64)
        more, proprietors = told_apart(np.frombuffer(b"".join(lines), dtype=np.uint8), starts)
        for number, line in enumerate(lines):
            name = line.decode("utf-8", "replace").strip()
            clean = clean_party(name)
            if number in proprietors:
                expected = CleanParty(name[3:], Kind.PERSON)
                assert clean == expected, "a sole proprietor is told otherwise than by clean_party"
            elif number not in more and name:
                assert clean == CleanParty(name), "a field that is no name alone is taken for one"
        for function in ("cut", "voiced"):
            native = getattr(readings, function)(data)
            assert native == getattr(readings_twin, function)(data), f"native {function} and its twin differ"
        text = data.decode("utf-8", "replace")
        assert readings.korean(text) == korean(text), "native korean and its twin differ"
        # What has no native side must hold any text.
        readings_twin.spelled(data.decode("utf-8", "surrogateescape"))

    yield Target("scorer", score, seeds.PAIRS)
    yield Target("facts", know, seeds.TEXTS)
    yield Target("forms", decline, seeds.TEXTS)
    yield Target("readings", read, (*seeds.TEXTS, *seeds.READINGS))


def _table_targets() -> Iterator[Target]:
    """Packed tables that come with the package or stand in an index: refused, or harmless."""
    from sito.names import lexicon
    from sito.names.facts import special_table
    from sito_ext.facts import Knowledge
    from sito_ext.lexicon import Lexicon

    names = Lexicon(lexicon.table())
    small = lexicon.pack({"ivan": lexicon.Known(3, 0, 20, (1, 0)), "petrov": lexicon.Known(0, 3, 30, (1, 2))})

    def words(data: bytes) -> None:
        try:
            known = Knowledge(names, data)
        except ValueError:
            return
        for word in ("bank", "a", "zzz"):
            known.know(word, word)

    def lists(data: bytes) -> None:
        try:
            expected = lexicon.read(data)
        except ValueError:
            expected = None
        try:
            native = Lexicon(data)
        except ValueError:
            native = None
        assert (native is None) == (expected is None), "native lexicon and its twin accept other tables"
        for key in (*(expected or ()), "ivan", ""):
            if native is not None and expected is not None:
                assert native.look(key) == expected.get(key, lexicon.UNKNOWN), "native lexicon and its twin differ"

    yield Target("words", words, (special_table()[:600], special_table()[-600:]))
    yield Target("lexicon", lists, (small,))


def _engine_targets(folder: Path) -> Iterator[Target]:
    from sito import Index, Screener, build_index
    from sito.records import Party, Record, RecordKind, Role

    listed = folder / seeds.LISTS[0][0]
    listed.write_bytes(seeds.LISTS[0][1])
    path = folder / "fuzz.index"
    build_index([listed], path)
    screener = Screener(Index.open(path))

    def screen(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        parties = (Party(Role.DEBTOR, text[:500]), Party(Role.PURPOSE, text))
        single = screener.screen(Record("1", RecordKind.PAYMENT, parties))
        assert len(single) == len(parties), "a party got no answer"

    def open_index(data: bytes) -> None:
        other = folder / "mutated.index"
        other.write_bytes(data)
        with Index.open(other) as index:
            Screener(index).check("Ivan Primer")

    yield Target(
        "screen", screen, (*seeds.TEXTS, *seeds.READINGS, b"Ivan Primer", "оплата за Ivan Primer по счёту".encode())
    )
    yield Target("index", open_index, (path.read_bytes(),))


def _wire_target() -> Target:
    """Messages: what the native codec reads of them, and what protobuf does."""
    from google.protobuf.message import DecodeError

    from sito.v1 import screening_pb2 as wire
    from sito_ext.wire import Request

    def read(data: bytes) -> None:
        try:
            message = wire.ScreenBatchRequest.FromString(data)
        except DecodeError:
            message = None
        try:
            request = Request(data, 10_000, 200_000)
        except ValueError:
            assert message is None, "protobuf reads it"
            return
        assert message is not None, "protobuf does not read it"
        assert request.record_count == len(message.records) and request.request_id == message.request_id
        request.texts(request.firsts(request.forms().astype("int64")))
        if request.text_count > 200_000:
            return
        for place in range(min(request.record_count, 10_000)):
            record, fields = message.records[place], request.record(place)
            assert fields[0] == record.record_id and fields[2] == record.payment.purpose, "another text"
            customers = [record.customer.party] if record.customer.HasField("party") else []
            parties = list(record.payment.parties) or customers
            assert [party[1] for party in fields[6]] == [party.name for party in parties], "another name"
            for mine, party in zip(fields[6], parties, strict=True):
                assert mine[7] == list(party.aliases), "another alias"
                assert [one[1] for one in mine[4]] == [one.number for one in party.identifiers], "another number"

    return Target("wire", read, seeds.MESSAGES)


def targets(folder: Path) -> dict[str, Target]:
    """Return every target by name; `folder` is for files that targets need."""
    found = [*_list_targets(folder), *_record_targets(folder)]
    if importlib.util.find_spec("sito_ext.fold"):
        found += [_fold_target(), *_word_targets(), *_table_targets()]
    if importlib.util.find_spec("sito_ext.wire"):
        found.append(_wire_target())
    if importlib.util.find_spec("sito.screen"):
        found += _engine_targets(folder)
    return {target.name: target for target in found}


def fuzz(
    target: Target, *, seed: int, output: Path, seconds: float | None = None, count: int | None = None
) -> tuple[int, list[str]]:
    """Run one target for a time or a count.

    Returns:
        Number of inputs run, and one line for each finding. A target is left at its tenth finding.
    """
    if not target.seeds:
        return 0, [f"{target.name}: no seed; add one to tests/fuzz/seeds.py or a fixture below tests"]
    findings: list[str] = []
    started = time.monotonic()
    done = 0
    while len(findings) < 10:
        if count is not None and done >= count:
            break
        if seconds is not None and time.monotonic() - started >= seconds:
            break
        # Every input has a generator of its own, so that one number names it.
        data = target.seeds[done] if done < len(target.seeds) else mutate(random.Random(f"{seed}-{done}"), target.seeds)
        began = time.monotonic()
        problem = ""
        try:
            target.run(data)
        except SitoError as error:
            if "Traceback" in str(error):
                problem = "an error text with a traceback"
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            problem = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno} {str(error)[:200]}"
        took = time.monotonic() - began
        if not problem and took > SLOW_S:
            problem = f"took {took:.1f} s"
        if problem:
            output.mkdir(parents=True, exist_ok=True)
            file = output / f"{target.name.replace('/', '-')}-{hashlib.sha256(data).hexdigest()[:12]}.bin"
            file.write_bytes(data)
            findings.append(f"{target.name}: input {seed}-{done}: {problem} -> {file.name}")
        done += 1
    return done, findings


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 nothing found, 1 findings, 2 wrong use."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="all", help="name of a target, or all")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time; printed")
    parser.add_argument("--output", type=Path, default=Path("build/fuzz"), help="folder for findings")
    parser.add_argument("--list", action="store_true", help="print the targets")
    parser.add_argument("--replay", type=Path, help="run one saved input of --target")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        known = targets(Path(folder))
        if options.list:
            print("\n".join(known))
            return 0
        if options.target not in {"all", *known}:
            parser.error(f"unknown target {options.target}; known: {', '.join(known)}")
        chosen = list(known.values()) if options.target == "all" else [known[options.target]]
        if options.replay:
            for target in chosen:
                target.run(options.replay.read_bytes())
            return 0
        print(f"seed {options.seed}", flush=True)
        total = 0
        for target in chosen:
            count, findings = fuzz(target, seed=options.seed, output=options.output, seconds=options.seconds)
            total += len(findings)
            print(f"{target.name:<28} {count:>9} inputs  {len(findings)} findings", flush=True)
            for line in findings:
                print(f"  {line}", flush=True)
        return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
