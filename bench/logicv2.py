"""Put the engine side by side with logic-v2 of the package nomenklatura, on labelled queries that the reader brings.

The peer is large and wants an environment of its own; nothing else imports it or this module. Two steps, same rows:

    .venv/bin/python -m bench.logicv2 --data DIR --engine sito --sito-hits sito-hits.json
    PEER/bin/python bench/logicv2.py --data DIR --sito-hits sito-hits.json --output FOLDER

bench/README.md says how PEER is made, what DIR holds and what is measured. What the peer gets for nothing: it has no
search, so the best entries by `fuzz.ratio` over sorted romanised words and every expected entry are laid before it;
search and making of entities are outside its clock, as building is outside ours; a ship or aircraft is compared with a
query of its own schema; party fields come to it cleaned by our readers. It looks for no names in free text, so purposes
are left out for both. Exit status: 0 done, 2 wrong use.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

RATES = (10, 1)
COLUMNS = {
    "customers": ("id", "name", "birth_date", "inn", "kind"),
    "payments": ("id", "debtor_name", "creditor_name", "purpose", "amount", "currency", "date"),
}
SCHEMATA = {"person": "Person", "organisation": "Organization"}  # every other kind is a LegalEntity
THINGS = ("Airplane", "Vessel")
BIRTH_DATE_STEP = 0.05  # by which another birth date must lower a score to count as told apart
SWEEP_MIN = 0.3
HIT_LIMIT, HIT_LIMIT_PAIRS = 50, 1000
BLOCK = 64  # queries of one `cdist` call
FORMS = {
    "recall": ".3f", "recall@10": ".3f", "recall@1": ".3f", "alerts": ".1f", "alerts@10": ".1f", "alerts@1": ".1f",
    "f1": ".3f", "best_f1": ".3f", "separated": ".3f", "seconds": ".2f",
}  # fmt: skip

Row = dict[str, str]
Hits = dict[str, float]  # score by entry id


class Answers(NamedTuple):
    """Of one class: hits of each row at the engine's threshold and at all, seconds, names as cleaned."""

    usual: dict[str, Hits]
    wide: dict[str, Hits]
    seconds: float
    texts: list[tuple[str, str]]


class Plan:
    """The labelled data: which classes there are, their rows and their lists."""

    def __init__(self, folder: Path, rows_max: int, ordinary_max: int, classes: str) -> None:
        self._queries, self._limits = folder / "queries", (rows_max, ordinary_max)
        plan = json.loads((folder / "classes.json").read_text("utf-8"))
        self.groups: dict[str, list[str]] = plan["calibration"]
        specs: dict[str, dict[str, Any]] = plan["classes"]
        wanted = [name for name in classes.split(",") if name]
        needed = {one for name in wanted for one in (name, *self.groups.get(specs[name].get("calibration", ""), ()))}
        self.lists = {name: folder / "lists" / f"{spec['list']}.csv" for name, spec in specs.items()}
        self.specs = {k: v for k, v in specs.items() if v.get("roles") != ["purpose"] and (not wanted or k in needed)}

    def rows(self, name: str) -> list[Row]:
        """Return the first rows of a class; rows of one birth-date pair stay together."""
        rows = read_rows(self._queries / f"{name}.csv")
        if self.specs[name]["type"] == "dob":
            rows.sort(key=lambda row: row["id"].split("-", 1)[1])
        return rows[: self._limits[self.specs[name]["type"] == "negative"]]


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def expected(row: Row) -> tuple[set[str], set[str]]:
    """Return the ids that must be hit and those that must not."""
    ids = [one for one in row["expect"].split("|") if one]
    return {one for one in ids if one[0] != "!"}, {one[1:] for one in ids if one[0] == "!"}


def ask_sito(plan: Plan) -> dict[str, Answers]:
    """Screen all classes through the library; runs in the project's environment."""
    from sito import build_index
    from sito.formats import open_records
    from sito.index import Index
    from sito.records import Record, Role
    from sito.screen import ScreenConfig, Screener

    answers: dict[str, Answers] = {}
    with tempfile.TemporaryDirectory() as folder:
        indexes: dict[Path, Index] = {}
        for name, spec in plan.specs.items():
            source, rows = plan.lists[name], Path(folder, "rows.csv")
            if source not in indexes:
                build_index([source], Path(folder, source.stem))
                indexes[source] = Index.open(Path(folder, source.stem))
            with rows.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, COLUMNS[spec["input"]], extrasaction="ignore")
                writer.writeheader()
                writer.writerows(plan.rows(name))
            records = [item for item in open_records(rows) if isinstance(item, Record)]
            assert len(records) == len(plan.rows(name)), f"class {name}: a row was rejected"
            limit = HIT_LIMIT_PAIRS if spec["type"] == "pairs" else HIT_LIMIT
            runs: list[tuple[defaultdict[str, Hits], float]] = []
            for score_min in (None, SWEEP_MIN):
                config = ScreenConfig(score_min=score_min, hit_limit=limit, screen_purpose=False)
                screener, hits = Screener(indexes[source], config), defaultdict[str, Hits](dict)
                before = time.process_time()
                for result in screener.screen_batch(records).results():
                    for hit in result.hits:
                        best = hits[result.record_id]
                        best[hit.entry_id] = max(best.get(hit.entry_id, 0.0), hit.score)
                runs.append((hits, time.process_time() - before))
            texts = [(one.record_id, p.name) for one in records for p in one.parties if p.role is not Role.PURPOSE]
            answers[name] = Answers(runs[0][0], runs[1][0], runs[0][1], texts)
            print(f"sito {name}: {runs[0][1]:.2f} s", file=sys.stderr)
        for index in indexes.values():
            index.close()
    return answers


class Candidates:
    """The entries of one list as entities, and the search that the peer lacks."""

    def __init__(self, path: Path, entity: Callable[..., Any], romanised: Callable[[str], str]) -> None:
        self._romanised = romanised
        self.entities: dict[str, Any] = {}
        self._keys: list[str] = []
        self._owners: list[str] = []  # entry of each key
        for row in read_rows(path):
            names = [row["name"], *(one for one in next(csv.reader([row["aliases"]], delimiter=";"), []) if one)]
            self.entities[row["id"]] = entity(row["schema"], row["id"], names, row["birth_date"].split(";"))
            self._keys += [self._key(one) for one in names]
            self._owners += [row["id"]] * len(names)

    def _key(self, text: str) -> str:
        return " ".join(sorted("".join(c if c.isalnum() else " " for c in self._romanised(text).lower()).split()))

    def nearest(self, texts: Sequence[str], count: int) -> Iterator[list[str]]:
        """Yield, for each text, the `count` entries with the most similar names."""
        import numpy as np
        from rapidfuzz import fuzz, process

        keys, top = [self._key(text) for text in texts], min(2 * count, len(self._keys))
        for start in range(0, len(keys), BLOCK):
            block = keys[start : start + BLOCK]
            for line in process.cdist(block, self._keys, scorer=fuzz.ratio, dtype=np.uint8, workers=1):
                places = np.argpartition(line, -top)[-top:]
                best = places[np.argsort(-line[places].astype(int), kind="stable")].tolist()
                yield list(dict.fromkeys(self._owners[place] for place in best))[:count]


def ask_peer(plan: Plan, sito: Mapping[str, Answers], threshold: float, candidate_count: int) -> dict[str, Answers]:
    """Compare all rows with their candidates by logic-v2; runs in the peer's environment."""
    # The peer is no dependency of the project, so the type checker finds it in some environments only.
    from followthemoney import model  # type: ignore[import-not-found,unused-ignore]
    from nomenklatura.matching.logic_v2.model import LogicV2  # type: ignore[import-not-found,unused-ignore]
    from nomenklatura.matching.types import ScoringConfig  # type: ignore[import-not-found,unused-ignore]
    from rigour.text import ascii_text  # type: ignore[import-not-found,unused-ignore]

    def entity(schema: str, entity_id: str, names: Sequence[str], dates: Sequence[str]) -> Any:
        made = model.make_entity(schema)
        made.id = entity_id  # the peer remembers names by id: it must be unique
        made.add("name", names)
        for date in dates if schema == "Person" else ():
            made.add("birthDate", date)
        return made

    config = ScoringConfig.defaults()
    # The first comparison loads the peer's name data.
    LogicV2.compare(entity("Person", "a", ["Anna Berg"], []), entity("Person", "b", ["Anna Burg"], []), config)
    lists: dict[Path, Candidates] = {}
    answers: dict[str, Answers] = {}
    for name, spec in plan.specs.items():
        source, rows = plan.lists[name], {row["id"]: row for row in plan.rows(name)}
        listed = lists[source] = lists.get(source) or Candidates(source, entity, ascii_text)
        columns = [column for column in COLUMNS[spec["input"]] if column.endswith("name")]
        raw = [(key, row[column]) for key, row in rows.items() for column in columns if row[column]]
        texts = sito[name].texts if name in sito else raw
        wide: defaultdict[str, Hits] = defaultdict(dict)
        seconds = 0.0
        nearest = listed.nearest([text for _, text in texts], candidate_count)
        for number, ((key, text), near) in enumerate(zip(texts, nearest, strict=True)):
            row, best = rows[key], wide[key]
            given = [one for one in sorted(set.union(*expected(row))) if one in listed.entities]
            schema, dates = SCHEMATA.get(row.get("kind", ""), "LegalEntity"), [row.get("birth_date", "")]
            queries = {one: entity(one, f"{name} {number} {one}", [text], dates) for one in (schema, *THINGS)}
            before = time.process_time()
            for one in given if spec["type"] == "pairs" else dict.fromkeys(given + near):
                other = listed.entities[one]
                query = queries[other.schema.name if other.schema.name in THINGS else schema]
                best[one] = max(best.get(one, 0.0), LogicV2.compare(query, other, config).score)
            seconds += time.process_time() - before
        usual = {key: {one: score for one, score in hits.items() if score >= threshold} for key, hits in wide.items()}
        answers[name] = Answers(usual, wide, seconds, texts)
        print(f"logic-v2 {name}: {seconds:.2f} s", file=sys.stderr)
    return answers


def best_of(hits: Hits | None, ids: set[str] | None = None) -> float:
    """Return the best score among hits, of some entries only if ids are given; 0 without any."""
    return max((score for one, score in (hits or {}).items() if ids is None or one in ids), default=0.0)


def f1(labelled: Sequence[tuple[bool, float]], score_min: float = 0.0) -> float:
    """Return F1 of (is a match, score) pairs; a score of 0 is never a hit."""
    hits = [(match, score > 0.0 and score >= score_min) for match, score in labelled]
    right, wrong = sum(match and hit for match, hit in hits), sum(match != hit for match, hit in hits)
    return 2 * right / max(1, 2 * right + wrong)


def measure(plan: Plan, answers: Mapping[str, Answers], name: str) -> dict[str, float]:
    """Return the figures of one class."""
    spec, (usual, wide, seconds, _) = plan.specs[name], answers[name]
    ordinary = [one for one in plan.groups.get(spec.get("calibration", ""), ()) if one in answers]
    scores = sorted(best_of(answers[one].wide.get(row["id"])) for one in ordinary for row in plan.rows(one))[::-1]
    levels = {f"@{rate}": scores[math.floor(len(scores) * rate / 1000)] for rate in RATES} if scores else {}
    rows = [(row["id"], *expected(row)) for row in plan.rows(name)]
    figures = {"rows": float(len(rows)), "seconds": round(seconds, 4)}
    if spec["type"] == "positive":
        figures["recall"] = fmean([best_of(usual.get(key), ids) > 0.0 for key, ids, _ in rows])
        for rate, level in levels.items():
            figures["recall" + rate] = fmean([best_of(wide.get(key), ids) > level for key, ids, _ in rows])
    elif spec["type"] in ("negative", "near"):
        figures["alerts"] = 1000 * fmean([bool(usual.get(key)) for key, _, _ in rows])
        for rate, level in levels.items():
            figures["alerts" + rate] = 1000 * fmean([best_of(wide.get(key)) > level for key, _, _ in rows])
    elif spec["type"] == "pairs":
        figures["f1"] = f1([(bool(ids), best_of(usual.get(key), ids | others)) for key, ids, others in rows])
        labelled = [(bool(ids), best_of(wide.get(key), ids | others)) for key, ids, others in rows]
        figures["best_f1"] = max((f1(labelled, score) for _, score in labelled), default=0.0)
    else:
        score = {key: best_of(usual.get(key), ids | others) for key, ids, others in rows}
        same = {key.split("-", 1)[1]: value for key, value in score.items() if key.startswith("same-")}
        apart = [0.0 < value >= score.get(f"other-{key}", 0.0) + BIRTH_DATE_STEP for key, value in same.items()]
        figures["separated"] = fmean(apart)
    return figures


def table(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return a Markdown table of all classes; a cell holds each engine's figure."""
    lines = [["class", "rows", *FORMS], ["---", *["---:"] * (len(FORMS) + 1)]]
    for name, first in next(iter(results.values())).items():
        both = [figures.get(name, {}) for figures in results.values()]
        cells = [[format(one[key], form) if key in one else "" for one in both] for key, form in FORMS.items()]
        lines.append([name, f"{first['rows']:.0f}", *(" / ".join(cell) if any(cell) else "" for cell in cells)])
    return f"Each cell: {' / '.join(results)}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with classes.json, lists and queries")
    parser.add_argument("--engine", choices=("logic-v2", "sito"), default="logic-v2", help="whose step this is")
    parser.add_argument("--sito-hits", type=Path, help="written by the engine's step, read by the peer's")
    parser.add_argument("--rows", type=int, default=250, help="first rows of each class (250)")
    parser.add_argument("--ordinary-rows", type=int, default=1000, help="the same for the ordinary ones (1000)")
    parser.add_argument("--classes", default="", help="names joined by commas (all)")
    parser.add_argument("--threshold", type=float, default=0.7, help="the peer's; 0.7 is its documented default")
    parser.add_argument("--candidates", type=int, default=50, help="entries laid before the peer for each text (50)")
    parser.add_argument("--output", type=Path, default=Path(), help="folder for logicv2.md and logicv2.json")
    options = parser.parse_args(arguments)
    try:
        plan = Plan(options.data, options.rows, options.ordinary_rows, options.classes)
    except (OSError, KeyError, ValueError) as error:
        parser.error(f"--data or --classes: no such file, class or key: {error}")
    rows = {name: len(plan.rows(name)) for name in plan.specs}
    if options.engine == "sito":
        found = {name: [*answers, rows[name]] for name, answers in ask_sito(plan).items()}
        Path(options.sito_hits or "sito-hits.json").write_text(json.dumps(found), "utf-8")
        return 0
    engines: dict[str, Mapping[str, Answers]] = {}
    if options.sito_hits:
        stored = json.loads(options.sito_hits.read_text("utf-8"))
        if any(name not in stored or stored[name][-1] != count for name, count in rows.items()):
            parser.error("--sito-hits was made of other rows; run --engine sito with the same options")
        engines["sito"] = {name: Answers(*stored[name][:-1]) for name in rows}
    engines["logic-v2"] = ask_peer(plan, engines.get("sito", {}), options.threshold, options.candidates)
    results = {key: {name: measure(plan, answers, name) for name in rows} for key, answers in engines.items()}
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in (("logicv2.md", table(results)), ("logicv2.json", json.dumps(results, indent=1))):
        (options.output / name).write_text(text, "utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
