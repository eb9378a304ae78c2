from typing import final

import numpy as np
import numpy.typing as npt

def exact_slots(key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]: ...
def places_of_keys(key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]: ...
def delete_neighbourhood(
    key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]: ...

@final
class Vocabulary:
    """Finished vocabulary tables, for tests and tools; immutable."""

    def __new__(cls, key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8]) -> Vocabulary: ...
    def expand(self, key: str) -> tuple[list[tuple[int, int]], bool]: ...
