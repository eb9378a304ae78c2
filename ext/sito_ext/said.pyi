from typing import final

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
