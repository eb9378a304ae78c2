"""Only a server that finds its own names, with an index that is fresh enough, answers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sito import Index, Screener, build_index
from sito.client import ScreeningClient
from sito.errors import ScreenError
from sito.v1 import screening_pb2 as wire
from sito_server import readiness as module
from sito_server.config import ServeConfig
from sito_server.host import Host
from sito_server.readiness import NOBODY, Readiness, sample_names, seconds_of, self_test
from sito_server.service import Fixed
from sito_server.sources import Known, following
from sito_server.worker import _follow

HEADER = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset,last_seen\n"


def config(**options: Any) -> ServeConfig:
    return ServeConfig(**{"index": Path("none"), **options})


def status_of(host: Host, service: str = "") -> int:
    with grpc.insecure_channel(str(host.address)) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
    return int(answer.status)


SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


class Broken:
    """A screener whose engine finds nothing, or everything."""

    def __init__(self, screener: Screener, verdict: str) -> None:
        self.index = screener.index
        self._verdict = verdict

    def check(self, name: str) -> Any:
        class Result:
            verdict = self._verdict

        return Result()


def test_a_good_index_passes_its_self_test(screener: Screener) -> None:
    names = sample_names(screener.index)
    assert "Дробышкин Еремей Фаддеевич" in names and "Zephyrine Quokka" in names
    self_test(screener)


@pytest.mark.parametrize("verdict", ["pass", "review"])
def test_a_broken_engine_does_not(screener: Screener, verdict: str) -> None:
    with pytest.raises(ScreenError, match="SCR415"):
        self_test(Broken(screener, verdict))  # type: ignore[arg-type]


def test_a_self_test_that_breaks_has_failed(screener: Screener) -> None:
    def test(_: Screener) -> None:
        raise ValueError("Дробышкин")

    readiness = Readiness(Fixed(screener), config(), test=test)
    assert readiness.refusal is not None and readiness.refusal.code == "SCR413"
    assert "ValueError" in str(readiness.refusal) and "Дробышкин" not in str(readiness.refusal)


def test_an_empty_index_is_no_failure_of_the_engine(tmp_path: Path) -> None:
    (tmp_path / "targets.simple.csv").write_text(HEADER + "a,Person,Ъ,,,,,,,,,Invented,2024-05-02\n", "utf-8")
    build_index([tmp_path / "targets.simple.csv"], tmp_path / "index.sito")
    with Index.open(tmp_path / "index.sito") as index:
        assert sample_names(index) == []
        self_test(Screener(index))


def test_a_list_with_one_of_the_names_of_nobody_passes(tmp_path: Path) -> None:
    (tmp_path / "targets.simple.csv").write_text(
        HEADER + f"a,Person,{NOBODY[0]},,,,,,,,,Invented,2024-05-02\n", "utf-8"
    )
    build_index([tmp_path / "targets.simple.csv"], tmp_path / "index.sito")
    with Index.open(tmp_path / "index.sito") as index:
        self_test(Screener(index))


def test_a_server_whose_self_test_fails_answers_nothing(
    screener: Screener, serving: Callable[..., Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOUND_MIN", 1.1)  # all of them are not enough
    host = serving(screener)
    assert status_of(host) == status_of(host, "sito.v1.ScreeningService") == NOT_SERVING
    record = wire.Record(payment=wire.Payment(purpose="аванс"))
    with ScreeningClient(str(host.address), timeout_s=10) as client:
        for call in (
            lambda: client.screen(record), lambda: client.screen_batch([record]), lambda: client.check("Квашнин"),
        ):  # fmt: skip
            with pytest.raises(ScreenError, match="SCR415"):
                call()
        assert client.get_index().entry_count == 3  # to see what is wrong with it
    with grpc.insecure_channel(str(host.address)) as channel:
        stream = channel.stream_stream("/sito.v1.ScreeningService/ScreenStream")
        message = wire.ScreenStreamRequest(records=[record]).SerializeToString()
        (answer,) = stream(iter([message]), timeout=10)
        assert wire.ScreenStreamResponse.FromString(answer).error.code == "SCR415"
    assert host.meter.registry.get_sample_value("sito_ready") == 0


def at(text: str) -> Callable[[], float]:
    return lambda: datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_age_of_the_index_is_that_since_it_was_built(screener: Screener) -> None:
    built = datetime.fromisoformat(screener.index.info.built_at).timestamp()
    now = built
    readiness = Readiness(Fixed(screener), config(index_age_max_hours=24), clock=lambda: now)
    for hours, is_ready in ((23.9, True), (24.1, False), (23.9, True), (-24.1, False), (-23.9, True)):
        now = built + hours * 3_600
        readiness.update()
        assert readiness.is_ready is is_ready
        assert readiness.facts().age_s == pytest.approx(max(0, hours * 3_600))
    now = built + 1e9
    assert Readiness(Fixed(screener), config(), clock=lambda: now).is_ready  # any age will do


def test_a_time_that_is_none_is_too_old() -> None:
    assert [seconds_of(text) for text in ("", "yesterday", "1970-01-02")] == [0.0, 0.0, 86_400.0]


@pytest.mark.parametrize(
    ("list_id", "now", "said"),
    [
        ("OS-INVENTED", "2024-05-05T23:59:00", ""),  # of the second; three days are over when the fifth is
        ("OS-INVENTED", "2024-05-06T00:01:00", "of 2024-05-02"),
        ("RU-TE", "2024-05-02T12:00:00", "an index without it"),
    ],
)
def test_the_age_of_an_edition_is_that_of_its_date(screener: Screener, list_id: str, now: str, said: str) -> None:
    readiness = Readiness(Fixed(screener), config(edition_age_max_days={list_id: 3}), clock=at(now))
    assert readiness.is_ready is not bool(said) and said in str(readiness.refusal)


def test_a_stale_index_is_not_served_until_a_fresh_one_comes(index_path: Path, serving: Callable[..., Host]) -> None:
    with Index.open(index_path) as index:

        class Changing:
            screener = Screener(index)

            @contextmanager
            def lease(self) -> Any:
                yield self.screener

        source = Changing()
        built = datetime.fromisoformat(index.info.built_at).timestamp()
        hours = (time.time() - built) / 3_600
        host = serving(source, index_age_max_hours=hours + 0.5 / 3_600)
        assert status_of(host) == SERVING
        time.sleep(1)
        host.update()
        assert status_of(host) == status_of(host, "sito.v1.ScreeningService") == NOT_SERVING
        with ScreeningClient(str(host.address), timeout_s=10) as client, pytest.raises(ScreenError) as caught:
            client.check("Квашнин")
        assert caught.value.code == "SCR413"
        with grpc.insecure_channel(str(host.address)) as channel, pytest.raises(grpc.RpcError) as raised:
            channel.unary_unary("/sito.v1.ScreeningService/Check")(b"", timeout=10)
        assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        build_index([index_path.parent / "targets.simple.csv"], index_path.parent / "fresh.sito")
        with Index.open(index_path.parent / "fresh.sito") as fresh:
            source.screener = Screener(fresh)
            host.readiness._config = config(index_age_max_hours=1)
            host.update()
            assert status_of(host) == SERVING and host.readiness.facts().generation == 2
            with ScreeningClient(str(host.address), timeout_s=10) as client:
                assert client.check("Квашнин").verdict == wire.VERDICT_PASS
            host.stop(1)


def test_a_process_that_stays_behind_its_supervisor_answers_nothing(
    screener: Screener, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness = Readiness(Fixed(screener), config())
    readiness.want(screener.index.info.digest)
    assert not readiness.update() and readiness.is_ready and not readiness.is_behind
    readiness.want("0" * 64)
    assert not readiness.update() and readiness.is_ready and readiness.is_behind  # it has a moment to follow
    monkeypatch.setattr("sito_server.readiness.BEHIND_S", 0.0)
    assert readiness.update() and not readiness.is_ready
    assert readiness.refusal is not None and readiness.refusal.code == "SCR413"
    readiness.want(screener.index.info.digest)
    assert readiness.update() and readiness.is_ready and not readiness.is_behind


def test_a_worker_that_met_a_bad_file_follows_once_a_good_one_is_there(
    index_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor has gone over to an index that was replaced by a bad file before the worker looked."""
    served = tmp_path / "index.sito"
    shutil.copyfile(index_path, served)
    (tmp_path / "targets.simple.csv").write_text(
        "id,schema,name,aliases,birth_date,identifiers,dataset\nx-1,Person,Хворостинин Архип Кузьмич,,1970-01-01,,t\n",
        "utf-8",
    )
    build_index([tmp_path / "targets.simple.csv"], tmp_path / "newer.sito")
    with Index.open(tmp_path / "newer.sito") as newer:
        wanted = newer.info.digest
    known = Known()
    with closing(following(config(index=served), known)) as source:
        readiness = Readiness(source, config(index=served))
        served.write_bytes(b"no index")
        _follow(source, known, (wanted,))
        readiness.want(wanted)
        monkeypatch.setattr("sito_server.readiness.BEHIND_S", 0.0)
        assert readiness.update() and not readiness.is_ready and readiness.is_behind
        (tmp_path / "newer.sito").replace(served)
        _follow(source, known, ())
        assert readiness.update() and readiness.is_ready and readiness.info.digest == wanted
