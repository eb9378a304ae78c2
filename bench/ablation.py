"""Show what each technique of the name logic moves: switch one off, build, measure, and compare with the full engine.

    .venv/bin/python -m bench.ablation --data DIR --output FOLDER
    .venv/bin/python -m bench.ablation --data DIR --techniques "case forms,initials"

For each technique the source tree is copied, a few places of the copy are replaced, what depends on them is built, and
all classes of DIR are screened by that copy in a process of its own. The checkout is not touched. A technique that is
replaced in other places than `TECHNIQUES` says is an error before anything is built: a table of the wrong engine would
look like any other. DIR has the layout that bench/README.md describes; classes of pairs and birth dates are left out.

Off means that a cost is 0, a factor 1 or a rule never true. Techniques overlap: what one no longer finds another one
may, so a figure says what is lost without this one while all others stay. A technique that only costs (rarity, no
surname) gains recall when it is off and pays in alerts, or in recall at 1 alert per 1,000 ordinary records.

Exit status: 0 done, 1 a replacement, a build or a measurement failed, 2 wrong use. With the build output of the
checkout in place only the changed modules are built; more of them where a .pxd is changed.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from bench.logicv2 import COLUMNS, HIT_LIMIT, Hits, Row, best_of, expected, read_rows

ROOT = Path(__file__).resolve().parent.parent
SOURCE_ROOTS = ("engine", "ext", "")  # of the copy; "" holds bench
FULL = "full engine"
ROLES = {"customers": ("customer",), "payments": ("debtor", "creditor", "purpose")}
ALERT_CLASSES = (
    "population_cyr", "population_lat", "companies_ordinary", "purposes_ordinary", "near_miss", "initials_other",
)  # fmt: skip
MEASURED = ("positive", "negative", "near")
RATE = 1  # alerts per 1,000 ordinary records at which recall is told besides
SWEEP_MIN = 0.6  # no score that gives so few alerts lies lower
MOVED_MIN = 0.002  # of recall, below which a class is not told to have moved
MOVED_COUNT = 3

FACTS, SCORER, MATCHER = "ext/sito_ext/facts.pyx", "ext/sito_ext/scorer.pyx", "ext/sito_ext/matcher.pyx"
NEAR, TABLES, READINGS = "ext/sito_ext/near.pyx", "ext/sito_ext/tables.pyx", "ext/sito_ext/readings.pyx"
BUILD = "engine/sito/build.py"
WEIGH = "ext/sito_ext/weigh.pyx"
WEIGHTS, LIKENESS = "ext/sito_ext/weights.pxd", "ext/sito_ext/likeness.pxd"

Figures = dict[str, float]  # recall and recall@1, or alerts
Results = dict[str, Figures]  # by class


class AblationError(Exception):
    """A replacement is not found as often as it should be, or a build or a measurement failed."""


class Edit(NamedTuple):
    """A replacement in one file; `times` is how often `old` stands there."""

    path: str
    old: str
    new: str
    times: int = 1


class Technique(NamedTuple):
    """What is switched off, in words, and where."""

    name: str
    about: str
    edits: tuple[Edit, ...]


def constant(path: str, name: str, off: str) -> Edit:
    """Return the edit that gives a constant another value, whatever it has: tuning it needs no change here."""
    return Edit(path, f"{name} = ", f"{name} = {off}  # not ")


def cost(name: str, off: str) -> Edit:
    """The same of a cost that bounds know, too."""
    return Edit(WEIGHTS, f"#define SITO_{name} ", f"#define SITO_{name} {off}  // not ")


# Those that are thought to matter most stand first.
TECHNIQUES = (
    Technique(
        "similar letters",
        "words with other letters never pair; only what other rules know is a pair",
        (constant(SCORER, "cdef double SIMILAR_MIN", "101.0"),),
    ),
    Technique(
        "case forms",
        "a word in another grammatical case or gender is only a similar one",
        (
            Edit(
                NEAR,
                "base_count = bases_of(c_word.key, c_word.key_length, c_near.bases, c_near.base_lengths)\n",
                "base_count = 0\n",
            ),
            Edit(
                SCORER,
                "letters = form_of(c_word.word.key, c_word.word.key_length, c_name.key, c_name.shape.key_length)\n",
                "letters = 0\n",
            ),
        ),
    ),
    Technique(
        "variants of names",
        "no given name or surname means the same as another one",
        (
            Edit(FACTS, "c_facts.groups[0] = known.variants[0]\n", "c_facts.groups[0] = 0\n"),
            Edit(FACTS, "c_facts.groups[1] = known.variants[1]\n", "c_facts.groups[1] = 0\n"),
        ),
    ),
    Technique(
        "company words",
        "no company word means the same as another one",
        (Edit(FACTS, "c_facts.groups[0] = <uint16_t> (GROUP_OF_WORDS | at)\n", "c_facts.groups[0] = 0\n"),),
    ),
    Technique(
        "initials",
        "a letter stands for no word, and names are not looked for by surname and letter",
        (
            Edit(SCORER, "    if initial and person:\n", "    if False:\n"),
            Edit(MATCHER, "        probe_initials(c, c_table, work, c_text, count, free_text, c_flags)\n", ""),
        ),
    ),
    Technique(
        "written together or apart",
        "words stand for each other one by one only",
        (
            Edit(
                SCORER,
                "        for i in range(query_count - 1 if query_count else 0):\n",
                "        for i in range(0):\n",
            ),
            Edit(SCORER, "    for k in range(2, 4):\n", "    for k in range(2, 2):\n"),
            Edit(SCORER, "    if person and query_count > 2 and name_count > 2:\n", "    if False:\n"),
            Edit(
                MATCHER,
                "        if not free_text:\n            probe_joined(c, c_table, work, c_text, count, c_flags)\n",
                "",
            ),
            Edit(NEAR, "        c_near.cuts = c_word.key_length - PART_LENGTH_MIN + 1\n", "        c_near.cuts = 0\n"),
        ),
    ),
    Technique(
        "joined by keys",
        "words are written together by equal letters only, not by their keys",
        (
            Edit(
                SCORER,
                "    return adds_up(first_key, second_key, c_whole_shape.key_length) and joins_keys(\n",
                "    return False and joins_keys(\n",
            ),
        ),
    ),
    Technique(
        "joined over the end",
        "the last word of a person's name is not written together with the first one",
        (Edit(SCORER, "range(name_count if k == 2 and person and name_count > 1 else until)", "range(until)"),),
    ),
    Technique(
        "merged letters",
        "o and a, e and i, h and g, z and s are as far from each other as any letters",
        (
            Edit(
                "ext/sito_ext/vocabulary.pxd",
                "    if letter == c'h':\n        return c'g'\n"
                "    return c'a' if letter == c'o' else c'i' if letter == c'e' else c's' if letter == c'z' "
                "else letter\n",
                "    return letter\n",
            ),
        ),
    ),
    Technique(
        "vowels within names",
        "words of a person's name that differ in vowels only are as similar as their letters are",
        (constant(SCORER, "cdef double VOWELS_SIMILARITY", "0.0"),),
    ),
    Technique(
        "articles",
        "al-, el- and ul- are as far from each other as any letters, also where they are glued to a word",
        (
            Edit(SCORER, "if value >= SIMILAR_MIN and same_but_article(\n", "if False and same_but_article(\n"),
            Edit(
                SCORER,
                "memcmp(c_part, c_piece, length) == 0 or (length == 2 and is_article(c_part) and is_article(c_piece))",
                "memcmp(c_part, c_piece, length) == 0",
            ),
        ),
    ),
    Technique(
        "three edits",
        "words of six and seven letters have two edits, as those that are both known",
        (
            Edit(
                LIKENESS,
                "    if left == EDITS_MORE and c_left.facts.traits & c_right.facts.traits & TRAIT_KNOWN:\n",
                "    if left == EDITS_MORE:\n",
            ),
        ),
    ),
    Technique(
        "three rarest words",
        "a name of more than four telling words is found by pairs with its rarest one only",
        (constant(TABLES, "    RAREST", "1"),),
    ),
    Technique(
        "outlines",
        "nobody is found by the first consonants of a word beside the other words of the name",
        (Edit(MATCHER, "        if not free_text and count <= OUTLINE_WORDS_MAX:\n", "        if False:\n"),),
    ),
    Technique(
        "groups beside outlines",
        "beside the first consonants of a word the other words stand for themselves only",
        (
            Edit(
                MATCHER,
                "    if group == 0 or c.look_up.group_starts[group] == c.look_up.group_starts[group + 1]:\n",
                "    if True:\n",
            ),
            Edit(TABLES, "c_word.stand = group_tokens[group_starts[groups[place, 0]]]\n", "c_word.stand = token\n"),
        ),
    ),
    Technique(
        "slips beside initials",
        "a misspelt surname is not looked for by its initials",
        (Edit(MATCHER, "            if not free_text and not is_ordinary(&work.shapes[i]):", "            if False:"),),
    ),
    Technique(
        "sons of a father",
        "a father's name with oglu or the like is no patronymic",
        (Edit(SCORER, "    if person and (traits & FATHER or with_child):\n", "    if False:\n"),),
    ),
    Technique(
        "consonants",
        "words of scripts without short vowels are not compared by their consonants",
        (
            Edit(SCORER, "    if vowelless:\n", "    if False:\n"),
            Edit(
                NEAR,
                "c_near.bone_count = skeleton(c_word.key, c_word.key_length, c_near.bones, c_near.between)\n",
                "c_near.bone_count = 0\n",
            ),
            Edit(
                NEAR,
                "c_near.bone_count = <uint32_t> bare_skeleton(\n"
                "            c_word.key, c_word.key_length, 0, c_near.bones, c_near.between\n        )\n",
                "c_near.bone_count = 0\n",
            ),
            Edit(
                NEAR,
                "    if c_word.vowelless and c_near.edits and not c_shape.facts",
                "    if False and not c_shape.facts",
            ),
        ),
    ),
    Technique(
        "last word cut off",
        "the last word of a field is taken for whole",
        (constant(WEIGHTS, "CUT_LETTERS_MIN", "255"),),
    ),
    Technique(
        "readings",
        "texts typed on the wrong keyboard layout or letter by letter are read as written",
        (Edit(MATCHER, "    if mode == MODE_PARTY and size <= READING_SIZE_MAX:\n", "    if False:\n"),),
    ),
    Technique(
        "Belarusian readings",
        "a text in a Belarusian spelling is read as written only",
        (
            Edit(
                READINGS,
                "return written if written else russian_reading(c_text, size, c_out, room)\n",
                "return written\n",
                times=2,
            ),
        ),
    ),
    Technique(
        "spellings of organisations",
        "organisations are found by the names the list prints, not by those made of them",
        (constant(BUILD, "\nSPELLING_FACTOR_MIN", "2.0"),),
    ),
    Technique(
        "spellings of persons",
        "persons are found by the names the list prints, not by those made of them; Korean and capitals stay",
        (Edit(BUILD, " *spellings_of(text), *read,", " *read,"),),
    ),
    Technique(
        "words said twice",
        "a word that a field says again is one more that the name lacks",
        (
            Edit(
                SCORER,
                "            if not (used >> i) & 1 and c_query[i].shape.facts.weight >= TELLING_MIN:\n",
                "            if False:\n",
            ),
        ),
    ),
    Technique(
        "forefathers",
        "forefathers that one side leaves out count as much as any other word",
        (constant(WEIGHTS, "    FATHER_SHIFT", "0"),),
    ),
    Technique(
        "branches",
        "a place behind the whole name of a firm counts as any other place",
        (constant(SCORER, "    BRANCH_WEIGHT", "PLACE_WEIGHT"),),
    ),
    Technique(
        "slips of sure names",
        "a slip in a person's name of which much that is rare was found contradicts as much as in any other",
        (cost("SURE_COST", "SITO_CONTRADICTION_COST"),),
    ),
    Technique(
        "surname at either end",
        "a person's surname that has changed its end of the name costs as any other order",
        (
            Edit(
                SCORER,
                "    if turns and not (person and turns == 1 and last < begin):\n",
                "    if turns:\n",
            ),
        ),
    ),
    Technique(
        "rarity cost",
        "frequent words say as much as rare ones",
        (cost("RARITY_COST_MAX", "0.0"),),
    ),
    Technique(
        "word weights",
        "legal forms, particles and common words weigh as much as all others, and rules that ask for such weights see "
        "none; letters and long numbers stay light",
        (Edit(FACTS, "c_facts.weight = c_record[2]\n", "c_facts.weight = WEIGHT_ORDINARY\n"),),
    ),
    Technique(
        "both known",
        "two words that are both known as names are as similar as their letters are",
        (
            constant(SCORER, "cdef double BOTH_KNOWN_FACTOR", "1.0"),
            constant(SCORER, "cdef double BOTH_SURNAMES_FACTOR", "1.0"),
        ),
    ),
    Technique(
        "first letter",
        "another first letter is like any other",
        (constant(SCORER, "cdef double FIRST_LETTER_FACTOR", "1.0"),),
    ),
    Technique(
        "no surname",
        "a person found without a surname costs no more than any missing word",
        (cost("NO_SURNAME_COST", "0.0"),),
    ),
    Technique(
        "another number",
        "a number that one side lacks costs no more than any missing word",
        (constant(SCORER, "cdef double NUMBER_COST", "0.0"),),
    ),
    Technique(
        "firm cost",
        "words of an organisation's name that one side lacks cost nothing up to the knee",
        (
            cost("FIRM_COST", "0.0"),
            cost("TEXT_FIRM_COST", "0.0"),
        ),
    ),
    Technique(
        "lone word of a firm",
        "a firm of which one telling word was found costs no more than its missing words",
        (constant(SCORER, "cdef double LONE_COST", "0.0"),),
    ),
    Technique(
        "another legal form",
        "legal forms that exclude each other, or that one side leaves out, cost nothing",
        (
            constant(SCORER, "cdef double FORM_COST", "0.0"),
            constant(SCORER, "cdef double FORM_OMITTED_COST", "0.0"),
        ),
    ),
    Technique(
        "order cost",
        "words in another order cost nothing",
        (
            constant(SCORER, "cdef double ORDER_COST", "0.0"),
            constant(SCORER, "cdef double FIRM_ORDER_COST", "0.0"),
        ),
    ),
    Technique(
        "order of initials",
        "initials, and single letters of a firm, in another order cost nothing",
        (constant(SCORER, "cdef double SWAPPED_COST", "0.0"),),
    ),
    Technique(
        "contradiction cost",
        "words that both sides lack cost nothing",
        (
            cost("CONTRADICTION_COST", "0.0"),
            cost("SURE_COST", "0.0"),
        ),
    ),
    Technique(
        "contradiction in free text",
        "another given name, patronymic, surname or initial beside a find costs nothing",
        (constant(SCORER, "cdef double TEXT_CONTRADICTION_COST", "0.0"),),
    ),
    Technique(
        "stops of free text",
        "words on two sides of a stop are one name, whatever stands beside them",
        (
            Edit(
                WEIGH,
                "    if free_text and count > 1:\n        i = parted(\n",
                "    if False:\n        i = parted(\n",
            ),
            constant(WEIGH, "cdef double PARTED_FACTOR", "1.0"),  # for explanations
        ),
    ),
    Technique(
        "small words of free text",
        "words written small where others are not may be variants and misspellings of names",
        (
            Edit(
                MATCHER,
                "    return free_text and work.cased and not work.shapes[i].capital\n",
                "    return False\n",
            ),
            Edit(SCORER, "cased = cased or c_query[i].shape.capital != 0\n", "cased = False\n"),
            Edit(
                MATCHER,
                "    return EDITS_TEXT if mode == MODE_TEXT and not flags & FLAG_CAPITALS else 0\n",
                "    return EDITS_TEXT if mode == MODE_TEXT else 0\n",
            ),
        ),
    ),
    Technique(
        "vouching words",
        "a single word of free text counts less, whatever stands beside it",
        (
            Edit(WEIGH, "if first >= 2 and ship_letters(", "if False and ship_letters("),
            Edit(WEIGH, "if i != first and work.shapes[i].facts.traits & TRAIT_VOUCHING:", "if False:"),
        ),
    ),
    Technique(
        "single words of free text",
        "a single word of free text counts in full",
        (constant(WEIGH, "cdef double SINGLE_WORD_FACTOR", "1.0"),),
    ),
    Technique(
        "name within a field",
        "a whole name among other words of a field costs as much as those words",
        (constant(SCORER, "cdef double CONTAINED_COST", "1.0"),),
    ),
)


def apply_edits(folder: Path, technique: Technique) -> None:
    """Switch a technique off in a source tree.

    Raises:
        AblationError: A replacement is not found as often as it says; nothing is written then.
    """
    texts: dict[str, str] = {}
    for edit in technique.edits:
        text = texts.get(edit.path) or (folder / edit.path).read_text("utf-8")
        if text.count(edit.old) != edit.times:
            raise AblationError(
                f"{technique.name}: expected {edit.times} times, got {text.count(edit.old)} in {edit.path}: "
                f"{edit.old.strip()!r}; bring the replacement in bench/ablation.py up to date"
            )
        texts[edit.path] = text.replace(edit.old, edit.new)
    for path, text in texts.items():
        (folder / path).write_text(text, "utf-8")


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command in a folder; its output is shown only if it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AblationError(f"{' '.join(command[1:4])} ended with status {done.returncode}:\n{done.stdout[-3000:]}")


def copy_tree(target: Path) -> None:
    """Copy the sources of the checkout and what was built of them; times stay, so that only changes are built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True,
        text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    built = [path for folder in ("build", "ext") for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in {*(ROOT / name for name in listed if name), *built}:
        if path.is_file():
            copied = target / path.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copied)


def measure_without(technique: Technique | None, arguments: Sequence[str]) -> Results:
    """Build the engine without a technique, or the full one, and measure it in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, figures = Path(name).resolve(), Path(name).resolve() / "figures.json"
        copy_tree(folder)
        if technique:
            apply_edits(folder, technique)
        run([sys.executable, "setup.py", "build_ext", "--inplace"], folder, {"SITO_BUILD": "release"})
        path = os.pathsep.join(str(folder / root) for root in SOURCE_ROOTS)
        run(
            [sys.executable, "-m", "bench.ablation", *arguments, "--measure", str(figures)],
            folder,
            {"PYTHONPATH": path},
        )
        results: Results = json.loads(figures.read_text("utf-8"))
    return results


# ---------------------------------------------------------------------------------------------- in the other process


class Class(NamedTuple):
    """One class: what it is, its rows, and the best score of each row and role by entry."""

    spec: dict[str, Any]
    rows: list[Row]
    usual: dict[tuple[str, str], Hits]
    wide: dict[tuple[str, str], Hits]

    def hits(self, source: Mapping[tuple[str, str], Hits], row: Row, roles: Sequence[str]) -> Hits:
        """Return the hits of one row in some roles."""
        found = [source[row["id"], role] for role in roles if (row["id"], role) in source]
        return {one: max(hits.get(one, 0.0) for hits in found) for one in {one for hits in found for one in hits}}

    def roles(self) -> Sequence[str]:
        """Return the roles that count."""
        given: Sequence[str] = self.spec.get("roles") or ROLES[self.spec["input"]]
        return given


def screen_classes(
    data: Path, rows_max: int | None, ordinary_max: int | None
) -> tuple[dict[str, Any], dict[str, Class]]:
    """Screen all classes through the library that this process imports, at the default threshold and below."""
    import sito
    import sito_ext
    from sito import build_index
    from sito.formats import open_records
    from sito.index import Index
    from sito.records import Record
    from sito.screen import ScreenConfig, Screener

    for module in (sito, sito_ext):
        assert module.__file__ and Path(module.__file__).is_relative_to(Path.cwd()), "measures another engine"
    plan = json.loads((data / "classes.json").read_text("utf-8"))
    classes: dict[str, Class] = {}
    with tempfile.TemporaryDirectory() as folder:
        indexes: dict[str, Index] = {}
        for name, spec in plan["classes"].items():
            if spec["type"] not in MEASURED:
                continue
            listed = spec["list"]
            if listed not in indexes:
                build_index([data / "lists" / f"{listed}.csv"], Path(folder, listed))
                indexes[listed] = Index.open(Path(folder, listed))
            limit = ordinary_max if spec["type"] == "negative" else rows_max
            rows, path = read_rows(data / "queries" / f"{name}.csv")[:limit], Path(folder, "rows.csv")
            with path.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, COLUMNS[spec["input"]], extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
            records = [item for item in open_records(path) if isinstance(item, Record)]
            assert len(records) == len(rows), f"class {name}: a row was rejected"
            found: list[dict[tuple[str, str], Hits]] = []
            for score_min in (None, SWEEP_MIN):
                screener = Screener(indexes[listed], ScreenConfig(score_min=score_min, hit_limit=HIT_LIMIT))
                hits = defaultdict[tuple[str, str], Hits](dict)
                for result in screener.screen_batch(records).results():
                    best = hits[result.record_id, result.role] if result.hits else {}
                    for hit in result.hits:
                        best[hit.entry_id] = max(best.get(hit.entry_id, 0.0), hit.score)
                found.append(hits)
            classes[name] = Class(spec, rows, *found)
        for index in indexes.values():
            index.close()
    return plan, classes


def level_of(one: Class, ordinary: Iterable[Class]) -> float:
    """Return the score above which ordinary records of a class's group alert at the rate of `RATE`.

    A class of some roles is compared with the same roles of ordinary payments.
    """
    scores = [
        best_of(other.hits(other.wide, row, one.spec.get("roles") or other.roles()))
        for other in ordinary
        for row in other.rows
    ]
    allowed = math.floor(len(scores) * RATE / 1000)
    return sorted(scores, reverse=True)[allowed] if allowed < len(scores) else 0.0


def measure(data: Path, rows_max: int | None, ordinary_max: int | None) -> Results:
    """Return the figures of all classes."""
    plan, classes = screen_classes(data, rows_max, ordinary_max)
    results: Results = {}
    for name, one in classes.items():
        usual = [(one.hits(one.usual, row, one.roles()), expected(row)[0]) for row in one.rows]
        if one.spec["type"] != "positive":
            results[name] = {"alerts": 1000 * fmean(bool(hits) for hits, _ in usual)}
            continue
        ordinary = [
            classes[other] for other in plan["calibration"].get(one.spec.get("calibration"), ()) if other in classes
        ]
        level = level_of(one, ordinary)
        wide = [(one.hits(one.wide, row, one.roles()), expected(row)[0]) for row in one.rows]
        results[name] = {
            "recall": fmean(best_of(hits, ids) > 0.0 for hits, ids in usual),
            f"recall@{RATE}": fmean(best_of(hits, ids) > level for hits, ids in wide),
            "level": level,
        }
    return results


# ---------------------------------------------------------------------------------------------------------- the table


def means(results: Results) -> tuple[float, float]:
    """Return recall and recall at `RATE`, each class counting once."""
    positive = [figures for figures in results.values() if "recall" in figures]
    return fmean([one["recall"] for one in positive]), fmean([one[f"recall@{RATE}"] for one in positive])


def difference(value: float, digits: int) -> str:
    """Return a difference with its sign, 0 without one if it is nothing to that many digits."""
    told = f"{value:+.{digits}f}"
    return told if float(told) else "0"


def table(measured: Mapping[str, Results]) -> str:
    """Return a Markdown table: the full engine in figures, the others as differences to it."""
    full = measured[FULL]
    ordinary = [name for name in ALERT_CLASSES if name in full]
    head = ["without", "mean recall", f"mean recall@{RATE}", "recall of classes moved most", *ordinary]
    lines = [head, ["---", "---:", "---:", "---", *["---:"] * len(ordinary)]]
    for name, results in measured.items():
        if name == FULL:
            cells = [*(f"{mean:.4f}" for mean in means(full)), "", *(f"{full[one]['alerts']:.2f}" for one in ordinary)]
        else:
            moved = {
                one: results[one]["recall"] - figures["recall"] for one, figures in full.items() if "recall" in figures
            }
            most = sorted(moved, key=lambda one: -abs(moved[one]))[:MOVED_COUNT]
            told = ", ".join(f"{one} {moved[one]:+.3f}" for one in most if abs(moved[one]) >= MOVED_MIN)
            alerts = [results[one]["alerts"] - full[one]["alerts"] for one in ordinary]
            cells = [
                *(difference(off - on, 4) for off, on in zip(means(results), means(full), strict=True)),
                told or "none",
                *(difference(other, 2) for other in alerts),
            ]
        lines.append([name, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the full engine and the engine without each technique."""
    known = {technique.name: technique for technique in TECHNIQUES}
    listing = "techniques:\n" + "\n".join(f"  {one.name}: {one.about}" for one in TECHNIQUES)
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=listing, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with classes.json, lists and queries")
    parser.add_argument("--techniques", default="", help="names joined by commas (all)")
    parser.add_argument("--rows", type=int, help="first rows of each class (all)")
    parser.add_argument("--ordinary-rows", type=int, help="the same for the ordinary ones (all)")
    parser.add_argument("--output", type=Path, default=Path(), help="folder for ablation.md and ablation.json")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    data = options.data.resolve()
    if not (data / "classes.json").is_file():
        parser.error(f"--data: no classes.json in {options.data}")
    if options.measure:
        options.measure.write_text(json.dumps(measure(data, options.rows, options.ordinary_rows)), "utf-8")
        return 0
    wanted = [name.strip() for name in options.techniques.split(",") if name.strip()] or list(known)
    if unknown := [name for name in wanted if name not in known]:
        parser.error(f"--techniques: {', '.join(unknown)}; there are: {', '.join(known)}")
    passed = ["--data", str(data)]
    for option, value in (("--rows", options.rows), ("--ordinary-rows", options.ordinary_rows)):
        passed += [option, str(value)] if value else []
    options.output.mkdir(parents=True, exist_ok=True)
    measured: dict[str, Results] = {}
    try:
        for name in (FULL, *wanted):
            before = time.monotonic()
            measured[name] = measure_without(known.get(name), passed)
            print(f"{name}: {time.monotonic() - before:.0f} s", file=sys.stderr, flush=True)
            # After each one, so that a run that is stopped has told something.
            (options.output / "ablation.md").write_text(table(measured), "utf-8")
            (options.output / "ablation.json").write_text(json.dumps(measured, indent=1), "utf-8")
    except AblationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(measured), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
