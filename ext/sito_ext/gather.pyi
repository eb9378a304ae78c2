from collections.abc import Collection, Iterable
from typing import Any, final

import numpy as np
import numpy.typing as npt

from sito_ext.fold import Folder
from sito_ext.written import Writer

@final
class Words:
    def __new__(cls, words: dict[str, tuple[int, int]]) -> Words: ...

@final
class Gatherer:
    def __new__(
        cls,
        folder: Folder,
        words: dict[str, tuple[int, int]],
        openings: Iterable[int],
        parts: Iterable[tuple[str, bool, int]],
        numbers: Iterable[str],
        meanings: dict[str, list[str]],
        compounds: Iterable[tuple[str, str, bool]],
    ) -> Gatherer: ...
    def fold(
        self,
        text: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
        subjects: npt.NDArray[np.uint8] | None,
        owned: npt.NDArray[np.uint32] | None,
        token_max: int,
    ) -> tuple[
        npt.NDArray[np.uint64],
        npt.NDArray[np.uint8],
        npt.NDArray[np.uint8],
        npt.NDArray[np.uint8],
        tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
    ]: ...
    def laid_out(
        self, firsts: npt.NDArray[np.uint64], counts: npt.NDArray[np.uint8]
    ) -> tuple[
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint8],
        npt.NDArray[np.uint8],
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint8],
        npt.NDArray[np.uint32],
    ]: ...

def collect(
    entries: list[Any],
    writer: Writer,
    entry_type: type,
    name_type: type,
    kind_person: object,
    kind_company: object,
    kinds_perhaps: Collection[object],
    letterless: str,
) -> tuple[
    npt.NDArray[np.uint8],
    npt.NDArray[np.int64],
    npt.NDArray[np.uint8],
    npt.NDArray[np.uint32],
    npt.NDArray[np.uint64],
    int,
    list[int],
]: ...
