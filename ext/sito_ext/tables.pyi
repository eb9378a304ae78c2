from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sito_ext.facts import Knowledge

class FormFacts(NamedTuple):
    weights: npt.NDArray[np.uint8]
    traits: npt.NDArray[np.uint8]
    rarity: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.uint16]

def form_facts(
    knowledge: Knowledge,
    form_tokens: npt.NDArray[np.uint32],
    plain_starts: npt.NDArray[np.uint32],
    plain: npt.NDArray[np.uint8],
    key_starts: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint8],
    vowelless: npt.NDArray[np.uint8],
    first: int,
    after: int,
) -> FormFacts: ...
def used_forms(
    name_starts: npt.NDArray[np.uint32],
    words: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    form_count: int,
) -> npt.NDArray[np.uint8]: ...
def pair_words(
    form_tokens: npt.NDArray[np.uint32],
    plain_starts: npt.NDArray[np.uint32],
    plain: npt.NDArray[np.uint8],
    key_starts: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.uint8],
    traits: npt.NDArray[np.uint8],
    rarity: npt.NDArray[np.uint8],
    groups: npt.NDArray[np.uint16],
    group_starts: npt.NDArray[np.uint32],
    group_tokens: npt.NDArray[np.uint32],
) -> npt.NDArray[np.uint8]: ...
def make_pairs(
    name_starts: npt.NDArray[np.uint32],
    words: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    facts: npt.NDArray[np.uint8],
    key_starts: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint8],
    first_name: int,
    after_name: int,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]: ...
def pack_names(
    name_starts: npt.NDArray[np.uint32],
    words: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    factors: npt.NDArray[np.uint8],
    form_tokens: npt.NDArray[np.uint32],
    plain_starts: npt.NDArray[np.uint32],
    plain: npt.NDArray[np.uint8],
    key_starts: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.uint8],
    traits: npt.NDArray[np.uint8],
    rarity: npt.NDArray[np.uint8],
    groups: npt.NDArray[np.uint16],
    used: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]: ...
def make_groups(
    tokens: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.uint8],
    traits: npt.NDArray[np.uint8],
    groups: npt.NDArray[np.uint16],
    key_starts: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]: ...
def make_pair_filter(
    slots: npt.NDArray[np.uint64], plain_count: int, token_count: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]: ...
