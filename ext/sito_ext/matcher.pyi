from typing import Any, final

import numpy as np
import numpy.typing as npt

from sito_ext.facts import Knowledge
from sito_ext.fold import Folder
from sito_ext.said import Window, Wording
from sito_ext.workspace import Workspace

@final
class Matcher:
    """The index as the kernels see it: pointers into mapped sections, immutable."""

    def __new__(cls, folder: Folder, knowledge: Knowledge, sections: dict[str, npt.NDArray[Any]]) -> Matcher: ...
    def check(self) -> None: ...
    def workspace(self, *, memo: bool = True, small: bool = False, bits: int = 0) -> Workspace: ...
    def ranked(self, ranks: npt.NDArray[np.uint32]) -> Matcher: ...
    def screen(
        self,
        work: Workspace,
        text: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
        mode: int,
        score_min: float,
        hit_limit: int,
    ) -> tuple[
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        npt.NDArray[np.float64],
        npt.NDArray[np.uint8],
        npt.NDArray[np.uint8],
    ]: ...
    def find(
        self, work: Workspace, texts: tuple[tuple[int, bytes, int], ...], score_min: float, hit_limit: int
    ) -> list[tuple[int, list[tuple[int, int, int, int, float, int]]]] | None: ...
    def explain(
        self, text: bytes, low: int, high: int, name: int, free_text: bool
    ) -> tuple[
        float, int, list[tuple[int, int, str, int]], list[tuple[str, int]], list[tuple[int, int, float, int]], bool
    ]: ...
    def said(
        self,
        window: Window,
        wording: Wording,
        text: bytes,
        low: int,
        high: int,
        name: int,
        free_text: bool,
        firm: bool,
        score: float,
    ) -> tuple[list[str], int, bool]: ...
