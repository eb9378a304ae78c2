from typing import final

@final
class Lexicon:
    """Owner of one packed lexicon table; immutable, so threads may share it."""

    def __new__(cls, table: bytes) -> Lexicon: ...
    def look(self, key: str) -> tuple[int, int, int, tuple[int, int]]: ...
