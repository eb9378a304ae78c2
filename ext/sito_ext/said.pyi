from typing import final

@final
class Window:
    """Some words of a text as the kernels see them, kept for the next hit."""

    def __new__(cls) -> Window: ...

@final
class Wording:
    """The words that sentences are made of; immutable."""

    def __new__(
        cls,
        rules: tuple[str, ...],
        measured: tuple[bool, ...],
        special: dict[str, int],
        *,
        against: str,
        missing: str,
        extra: str,
        other_form: str,
        one_form: str,
        apart: str,
    ) -> Wording: ...
