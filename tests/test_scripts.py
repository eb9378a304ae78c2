"""Names in many scripts and spellings find each other: labelled pairs of invented names, one file per kind.

A file of `tests/pairs` holds a listed name and a query a line, parted by a tab. All listed names are one index, so
that a pair must hold among the names of all other files.
"""

from pathlib import Path

import pytest

from sito import Index, Screener, build_index

PAIRS = Path(__file__).parent / "pairs"
FILES = sorted(path.stem for path in PAIRS.glob("*.tsv"))
# Known shortfalls, with what is missing; a file that reaches the mark fails here until its line goes.
SHORT = {
    "be": "Belarusian -аў for -ов, and given names of the two languages with a vowel that differs in the surname",
    "organisations": "dotted legal forms in queries",
}
RECALL_MIN = 0.9
COLUMNS = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,"
    "sanctions,phones,emails,program_ids,dataset,first_seen,last_seen,last_change\n"
)
PAIR_COUNT_MIN = 30


def pairs(file: str) -> list[tuple[str, str, str]]:
    """Return the entry id, the listed name and the query of every line of a file."""
    lines = (PAIRS / f"{file}.tsv").read_text(encoding="utf-8").splitlines()
    return [(f"{file}-{number}", *line.split("\t")) for number, line in enumerate(lines, 1)]  # type: ignore[misc]


@pytest.fixture(scope="module")
def screener(tmp_path_factory: pytest.TempPathFactory) -> Screener:
    folder = tmp_path_factory.mktemp("scripts")
    rows = []
    for file in FILES:
        for entry_id, listed, _ in pairs(file):
            quoted = listed.replace('"', '""')
            schema = "Company" if file == "organisations" else "Person"
            rows.append(f'{entry_id},{schema},"{quoted}"' + "," * 10 + "test,,,\n")
    (folder / "list.csv").write_text(COLUMNS + "".join(rows), encoding="utf-8")
    build_index([folder / "list.csv"], folder / "a.sito")
    return Screener(Index.open(folder / "a.sito"))


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=pytest.mark.xfail(reason=SHORT[file], strict=True)) if file in SHORT else file
        for file in FILES
    ],
)
def test_spellings_of_listed_names_are_hit(screener: Screener, file: str) -> None:
    labelled = pairs(file)
    assert len(labelled) >= PAIR_COUNT_MIN
    # One name may stand in several lines: any entry with its letters is the right one.
    same: dict[str, set[str]] = {}
    for other in FILES:
        for entry_id, listed, _ in pairs(other):
            same.setdefault(listed, set()).add(entry_id)
    missed = [
        f"{listed} <- {query}"
        for _, listed, query in labelled
        if not any(hit.entry_id in same[listed] for hit in screener.check(query).hits)
    ]
    recall = 1.0 - len(missed) / len(labelled)
    assert recall >= RECALL_MIN, f"{recall:.2f}\n" + "\n".join(missed)
