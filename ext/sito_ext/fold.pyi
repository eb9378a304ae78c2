from typing import final

@final
class Folder:
    """Owner of one packed fold table; immutable, so threads may share it."""

    def __new__(cls, table: bytes) -> Folder: ...
    def fold(self, text: bytes) -> tuple[list[tuple[int, int, str, str, int, int, bool]], bool, bool]: ...
