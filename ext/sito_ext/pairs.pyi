from collections.abc import Callable

import numpy as np
import numpy.typing as npt

def make_pair_table(
    keys: list[npt.NDArray[np.uint64]],
    names: list[npt.NDArray[np.uint32]],
    word_count: int,
    both: Callable[[Callable[[int], None]], None],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], int, int]: ...
