from sito_ext.facts import Knowledge
from sito_ext.fold import Folder

def compare(
    folder: Folder,
    knowledge: Knowledge,
    query: bytes,
    name: bytes,
    free_text: bool,
    person: bool,
) -> tuple[list[tuple[int, int, float, int]], float]: ...
