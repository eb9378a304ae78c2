import numpy as np
import numpy.typing as npt

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
