from sito_ext.fold import Folder

def compare(
    folder: Folder,
    query: bytes,
    query_weights: list[int],
    name: bytes,
    name_weights: list[int],
    free_text: bool,
) -> tuple[list[tuple[int, int, float]], float]: ...
