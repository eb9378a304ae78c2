from typing import Final

import numpy as np
import numpy.typing as npt

PATHS: Final[tuple[str, ...]]

def paths() -> tuple[str, ...]: ...
def use_path(name: str) -> None: ...
def word_ends(
    key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8], key_places: npt.NDArray[np.uint32]
) -> tuple[
    npt.NDArray[np.uint32],
    npt.NDArray[np.uint32],
    npt.NDArray[np.uint32],
    npt.NDArray[np.uint32],
    npt.NDArray[np.uint32],
    npt.NDArray[np.uint32],
]: ...
