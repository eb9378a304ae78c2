from typing import final

import numpy as np
import numpy.typing as npt

from sito_ext.lexicon import Lexicon

@final
class Knowledge:
    """The lexicon and the special words as the kernels read them; immutable, so threads may share it."""

    def __new__(cls, lexicon: Lexicon, words: bytes) -> Knowledge: ...
    def know(
        self, plain: str, key: str, letters: int = 0, vowelless: bool = False, person: bool = False
    ) -> tuple[int, int, int, tuple[int, int]]: ...
    def rarities(
        self, key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]: ...
