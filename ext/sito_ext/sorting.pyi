import numpy as np
import numpy.typing as npt

def sorted_by_key(
    keys: npt.NDArray[np.uint64], values: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]: ...
