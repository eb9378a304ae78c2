import numpy as np
import numpy.typing as npt

def make_automaton(
    starts: npt.NDArray[np.uint32], tokens: npt.NDArray[np.uint32], targets: npt.NDArray[np.uint32]
) -> dict[str, npt.NDArray[np.uint32]]: ...
