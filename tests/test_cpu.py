"""Which loops run is chosen by what the processor can do, and by tests; that all agree is said where they are."""

from __future__ import annotations

import platform

import pytest

from sito_ext import cpu


def test_the_loops_of_this_processor_are_the_first_ones() -> None:
    names = cpu.paths()
    assert names == cpu.PATHS[: len(names)]
    assert names[:2] == ("plain", "sse2") if platform.machine() == "x86_64" else names == ("plain",)


def test_a_loop_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of plain"):
        cpu.use_path("abacus")


def test_each_loop_can_be_chosen(paths: tuple[str, ...]) -> None:
    for path in paths:
        cpu.use_path(path)
