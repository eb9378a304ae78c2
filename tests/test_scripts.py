"""Names in many scripts and spellings find each other: labelled pairs of invented names, one file per kind.

A file of `tests/pairs` holds a listed name and a query a line, parted by a tab. All listed names are one index, so
that a pair must hold among the names of all other files.
"""

from pathlib import Path

import pytest

from sito import Index, Screener, build_index

PAIRS = Path(__file__).parent / "pairs"
FILES = sorted(path.stem for path in PAIRS.glob("*.tsv"))
RECALL_MIN = 0.9
# Ordinary names that have letters in common, and are others.
OTHERS = [
    # Consonants alike, long vowels not; letters of scripts without vowels that have several readings.
    ("Person", "سليم الزهرواني", "Salam al-Zuhairan"),
    ("Person", "כהן ברוקין", "Kahan Barkan"),
    ("Person", "רקון זהבון", "Ravkin Zahavin"),
    ("Person", "דוד צוקרקורן", "David Zagorin"),
    ("Person", "משה רוזנטליס", "Moshe Rosenthal"),
    ("Person", "חיים הר-זהבון", "Chaim Horowitz"),
    ("Person", "خالد جرجوري", "Khaled Zarzouri"),
    ("Person", "كريم قرطاسي", "Karim Gardezi"),
    ("Person", "رمضان خلوتي", "Ramadan Halati"),
    # h for g, and the endings of Belarusian surnames.
    ("Person", "Гарановіч Ігар", "Haranin Ihar"),
    ("Person", "Хромов Гурам", "Громова Харам"),
    ("Person", "Пруднічаў Андрэй", "Прудников Андрей"),
    ("Person", "Сідараў Алег", "Сидоренко Олег"),
    ("Person", "Landau Viktor", "Landin Viktor"),
    # Company words in English, with other names.
    ("Company", "شركة النخيل الذهبي للتجارة", "al-Nakhla Trading Company"),
    ("Company", "شركة البستان للنقل", "al-Bustan Trading Company"),
    ("Company", "مؤسسة البستان", "al-Basma Foundation"),
    ("Company", "天津远航贸易有限公司", "Tianjin Trading Co Ltd"),
    ("Company", "天津远航贸易有限公司", "Tianjin Yuanda Trading Co Ltd"),
    ("Company", "天津远航贸易有限公司", "Shanghai Yuanhang Technology Co Ltd"),
    ("Company", 'שקמה סחר בע"מ', "Alon Trading Ltd"),
    ("Company", "Приватне підприємство «Ліщина»", "PP Malyna"),
]
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


@pytest.mark.parametrize("file", FILES)
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


def test_other_names_are_no_hits(tmp_path: Path) -> None:
    rows = [
        f'{number},{schema},"{listed.replace(chr(34), chr(34) * 2)}"' + "," * 10 + "test,,,\n"
        for number, (schema, listed, _) in enumerate(OTHERS)
    ]
    (tmp_path / "list.csv").write_text(COLUMNS + "".join(rows), encoding="utf-8")
    build_index([tmp_path / "list.csv"], tmp_path / "a.sito")
    screener = Screener(Index.open(tmp_path / "a.sito"))
    found = [
        f"{OTHERS[int(hit.entry_id)][1]} <- {query}" for _, _, query in OTHERS for hit in screener.check(query).hits
    ]
    assert not found, "\n".join(found)
