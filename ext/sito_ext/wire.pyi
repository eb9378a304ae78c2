from typing import final

import numpy as np
import numpy.typing as npt

_Bytes = npt.NDArray[np.uint8]
_Numbers = npt.NDArray[np.int64]
_Party = tuple[int, str, int, str, list[tuple[int, str, str]], str, str, list[str]]
_Hit = tuple[str, str, str, float, int, tuple[str, ...], str, str, str, str]
_PartyResult = tuple[
    int, int, tuple[_Hit, ...], bool, tuple[str, ...], tuple[_Hit, ...], tuple[tuple[str, str, int], ...], str,
    str,
]  # fmt: skip

@final
class Request:
    """One message ScreenBatchRequest or ScreenStreamRequest, read."""

    def __new__(cls, data: bytes, record_limit: int, text_limit: int) -> Request: ...
    @property
    def record_count(self) -> int: ...
    @property
    def text_count(self) -> int: ...
    @property
    def cleared_count(self) -> int: ...
    @property
    def request_id(self) -> str: ...
    def cleared(self) -> list[bytes]: ...
    def record_id(self, record: int) -> str: ...
    def facts(self, record: int) -> tuple[int, int, int, int]: ...
    def message(self, record: int) -> bytes: ...
    def forms(self) -> _Bytes: ...
    def firsts(self, others: _Numbers) -> _Numbers: ...
    def texts(self, firsts: _Numbers) -> list[tuple[_Bytes, _Numbers, _Numbers]]: ...
    def single(self) -> tuple[tuple[int, bytes, int], ...] | None: ...
    def record(self, record: int, only: int = -1) -> tuple[str, int, str, str, str, str, list[_Party]]: ...

def is_utf8(text: bytes) -> bool: ...
def told_apart(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> tuple[list[int], list[int]]: ...
def is_surely_clean(name: str) -> bool: ...
def write_single(
    record_id: str,
    verdict: int,
    parties: tuple[_PartyResult, ...],
    *,
    index: bytes,
    engine_version: str,
    request_id: str,
    truncated: bool,
    policy: bytes,
    rulings: list[bytes],
) -> bytes: ...
def write_batch(
    verdicts: _Bytes,
    results: list[tuple[int, str, int, bool, tuple[_PartyResult, ...]]],
    errors: list[tuple[int, str, str, str, str, str]],
    *,
    index: bytes,
    engine_version: str,
    request_id: str,
    truncated: bool,
    policy: bytes,
    rulings: list[bytes],
) -> bytes: ...
