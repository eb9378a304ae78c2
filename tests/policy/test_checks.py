"""A policy that does not fit together is found out, told where and what to do, and not used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sito.cases.facts import check_facts
from sito.cases.machines import MACHINES
from sito.errors import PolicyError
from sito.policy import Policy, Situation, default_policy_file, read_policy
from sito.policy.checks import findings
from sito.policy.facts import DIMENSIONS
from sito.policy.rules import SIZE_MAX, parse_policy

HEAD = '[policy]\nid = "b"\nversion = "1"\ntitle = "t"\nvalid_from = 2024-01-01\n'


def rule(id: str = "R-ALL", extra: str = "", verdict: str = "review") -> str:
    head = f'[[rule]]\nid = "{id}"\nlaw = "l"\ncertainty = "S"\nsource = "s"\n'
    return f'{head}verdict = "{verdict}"\nreason = "r"\n{extra}\n'


def term(id: str = "soon", extra: str = "valid_from = 2024-01-01") -> str:
    return (
        f'[[term]]\nid = "{id}"\nrule = "R-ALL"\ntrigger = "x"\nvalue = 1\nunit = "hours"\n'
        f'certainty = "S"\nsource = "s"\n{extra}\n'
    )


def first(text: str) -> PolicyError:
    """Return the first thing that is wrong with a policy."""
    with pytest.raises(PolicyError) as caught:
        Policy(parse_policy(text.encode(), "p.toml"))
    return caught.value


TE = 'when = { list_kind = ["te"] }'
NOT_TE = 'when = { list_kind = ["mvk", "un", "omu", "sem", "foreign", "own"] }'
DAYS = "".join(rule(f"R-{n}", f"valid_from = 2024-0{n // 28 + 2}-{n % 28 + 1:02}") for n in range(101))
BROKEN: list[tuple[str, str, str, str]] = [
    ("no-toml", "[policy", "POL103", "p.toml"),
    ("no-rules", HEAD, "POL104", "the top"),
    ("unknown-key", HEAD + rule(extra="wen = 1"), "POL104", "[[rule]] R-ALL"),
    ("unknown-top", HEAD + rule() + "[x]\n", "POL104", ""),
    ("unknown-word", HEAD + rule(extra='when = { role = ["boss"] }'), "POL104", "[[rule]] R-ALL: when.role[0]"),
    ("unknown-dimension", HEAD + rule(extra='when = { amount = ["1"] }'), "POL104", "[[rule]] R-ALL: when"),
    ("unknown-verdict", HEAD + rule(verdict="block"), "POL104", "[[rule]] R-ALL: verdict"),
    ("a-time", HEAD + rule(extra="valid_from = 2024-01-01T00:00:00"), "POL104", "[[rule]] R-ALL: valid_from"),
    ("bad-id", HEAD + rule(id="no id"), "POL104", "[[rule]] no id: id"),
    ("id-of-two-lines", HEAD + rule(id="R-ALL\\n"), "POL104", "id"),
    ("policy-id-of-two-lines", HEAD.replace('"b"', '"b\\n"') + rule(), "POL104", "policy.id"),
    ("term-id-of-two-lines", HEAD + rule(extra='terms = ["soon\\n"]'), "POL104", "R-ALL: terms[0]"),
    ("no-law", HEAD + rule().replace('law = "l"', 'law = ""'), "POL104", "[[rule]] R-ALL: law"),
    ("blank-law", HEAD + rule().replace('law = "l"', 'law = " "'), "POL104", "R-ALL: law"),
    ("unseen-source", HEAD + rule().replace('source = "s"', 'source = "\\u200b"'), "POL104", "R-ALL: source"),
    ("two-lines", HEAD + rule().replace('reason = "r"', 'reason = """a\nb"""'), "POL104", "R-ALL: reason"),
    ("turned-round", HEAD + rule().replace('reason = "r"', 'reason = "a\\u202eb"'), "POL104", "R-ALL: reason"),
    ("colours", HEAD + rule().replace('reason = "r"', 'reason = "\\u001b[31m"'), "POL104", "R-ALL: reason"),
    ("long-reason", HEAD + rule().replace('reason = "r"', f'reason = "{"r" * 1_001}"'), "POL104", "R-ALL: reason"),
    ("long-law", HEAD + rule().replace('law = "l"', f'law = "{"l" * 256}"'), "POL104", "R-ALL: law"),
    ("two-ids", HEAD + rule(extra=TE) + rule(extra=NOT_TE), "POL105", "[[rule]] R-ALL"),
    ("twice", HEAD + rule(extra='when = { list_kind = ["te", "te"] }'), "POL105", "when.list_kind"),
    ("empty", HEAD + rule(extra="when = { role = [] }"), "POL114", "when.role"),
    ("backwards", HEAD + rule(extra="valid_from = 2025-01-01\nvalid_to = 2025-01-01"), "POL106", "R-ALL"),
    ("outside", HEAD + rule() + rule("R-OLD", "valid_to = 2023-01-01"), "POL106", "R-OLD"),
    ("policy-backwards", HEAD + "valid_to = 2023-01-01\n" + rule(), "POL106", "[policy]"),
    ("gap", HEAD + rule(extra=TE), "POL107", "from 2024-01-01"),
    ("gap-later", HEAD + rule(extra="valid_to = 2026-01-01"), "POL107", "from 2026-01-01"),
    ("gap-between", HEAD + rule("R-A", "valid_to = 2025-01-01") + rule("R-B", "valid_from = 2025-01-02"), "POL107",
     "from 2025-01-01"),
    ("hidden", HEAD + rule() + rule("R-LATE", TE), "POL108", "R-LATE"),
    ("hidden-in-its-days", HEAD + rule("R-OLD") + rule("R-X", "valid_from = 2025-06-01"), "POL108", "R-X"),
    ("no-term", HEAD + rule(extra='terms = ["soon"]'), "POL109", "R-ALL: terms"),
    ("late-term", HEAD + rule(extra='terms = ["soon"]') + term(extra="valid_from = 2025-01-01"), "POL109", "R-ALL"),
    ("ended-term", HEAD + rule(extra='terms = ["soon"]')
     + term(extra="valid_from = 2024-01-01\nvalid_to = 2025-01-01"), "POL109", "R-ALL"),
    # A term counts from one moment: that another one of the rule goes on does not make up for its end.
    ("ended-moment", HEAD + rule(extra='terms = ["soon", "told"]')
     + term(extra="valid_from = 2024-01-01\nvalid_to = 2025-01-01")
     + term("told").replace('trigger = "x"', 'trigger = "y"'), "POL109", "R-ALL: terms"),
    ("term-twice", HEAD + rule(extra='terms = ["soon", "soon"]') + term(), "POL105", "R-ALL: terms"),
    ("passes", HEAD + rule(verdict="pass"), "POL110", "R-ALL"),
    ("many-days", HEAD + DAYS + rule(), "POL116", "p.toml"),
    ("two-terms", HEAD + rule() + term() + term(), "POL211", "soon"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "where"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_wrong_is_told_with_its_place(text: str, code: str, where: str) -> None:
    error = first(text)
    assert error.code == code
    assert where in error.where


def test_what_is_sound_fits_into_the_chain() -> None:
    """A policy that is used and whose rulings no case could be opened with would lose every hit."""
    longest = rule().replace('law = "l"', f'law = "{"l" * 255}"').replace('reason = "r"', f'reason = "{"я" * 1_000}"')
    text = HEAD + longest
    policy = Policy(parse_policy(text.encode(), "p.toml"))
    situation = Situation(*[values[0] for values in DIMENSIONS.values()])  # type: ignore[arg-type]  # one of each
    ruling = policy.rule(situation, date(2026, 11, 23))
    told = {
        "record_id": "1", "occasion": "payment", "index_digest": "0" * 64, "engine_version": "1",
        "editions": [{"list_id": "RU-TE", "edition": "e"}], "ruling": msgspec.to_builtins(ruling),
        "hits": [{"list_id": "RU-TE", "entry_id": "1", "edition": "e", "role": "debtor", "grade": "exact", "score": 1.0,
                  "party_fingerprint": "0" * 64, "entry_fingerprint": "0" * 64}],
    }  # fmt: skip
    opened = next(row for row in MACHINES["case"].rows if "screening" in row.needs)
    check_facts(opened, {"screening": told})
    applied = next(row for row in MACHINES["suspension"].rows if "law" in row.may)
    facts = {"operation_id": "1", "rule_id": ruling.rule_id, "law": ruling.law, "term_ids": list(ruling.term_ids)}
    check_facts(applied, facts)


def test_every_rule_that_lets_pass_is_told() -> None:
    text = HEAD + rule("R-A", TE, "pass") + rule("R-B", 'when = { list_kind = ["un"] }', "pass") + rule()
    found = [*findings(parse_policy(text.encode(), "p.toml"))]
    assert [(one.code, one.where.split()[-1]) for one in found] == [("POL110", "R-A"), ("POL110", "R-B")]


def test_a_sound_policy_is_used() -> None:
    swap = term(extra="valid_from = 2024-01-01\nvalid_to = 2025-01-01") + term(extra="valid_from = 2025-01-01")
    text = HEAD + rule("R-TE", TE + '\nterms = ["soon"]') + rule(extra="when = {}", verdict="review") + swap
    policy = Policy(parse_policy(text.encode(), "p.toml"))
    assert [one.id for one in policy.file.rules] == ["R-TE", "R-ALL"]


def test_a_list_without_force_may_pass() -> None:
    text = HEAD + rule("R-FOREIGN", 'when = { list_kind = ["foreign"] }', "pass") + rule()
    assert [*findings(parse_policy(text.encode(), "p.toml"))] == []


def test_a_file_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    body = (HEAD + rule()).encode()
    path.write_bytes(body + b"#" * (SIZE_MAX - len(body)))
    assert read_policy(path).id == "b"
    path.write_bytes(body + b"#" * (SIZE_MAX + 1 - len(body)))
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    assert caught.value.code == "POL102"
    with pytest.raises(PolicyError) as caught:
        read_policy(tmp_path)
    assert caught.value.code == "POL117"
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    for name in ("one", "nobody", "p.toml/x"):
        with pytest.raises(PolicyError) as caught:
            read_policy(tmp_path / name)
        assert caught.value.code == "POL101"


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "9" * 5_000,
        HEAD + rule() + "[[term]]\nvalue = -" + "9" * 5_000,
        "a = " + "[" * 50_000,
        "a = " + "{ b = " * 20_000,
        ".".join("a" * 20_000) + " = 1",
        "\ufeff" + HEAD + rule(),
        (HEAD + rule()).replace("\n", "\r"),
        HEAD + HEAD,
        "rule = 1\n" + HEAD,
        "",
        HEAD + rule() + "x" * 100_000 + " = 1",
        HEAD + rule(verdict="x" * 100_000),
    ],
    ids=range(12),
)
def test_a_hostile_text_is_an_error_of_the_policy(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text.encode(), "p.toml")
    assert caught.value.code in {"POL103", "POL104"}
    assert len(str(caught.value)) < 1_000


def test_the_edition_is_that_of_the_bytes() -> None:
    text = HEAD + rule()
    one, other = (parse_policy(body.encode(), "p.toml") for body in (text, text + "# a remark\n"))
    assert one.edition != other.edition
    assert len(one.edition) == 64
    assert parse_policy(text.encode(), "elsewhere.toml").edition == one.edition


@given(data=st.binary(max_size=400))
def test_bytes_that_are_no_policy_are_refused(data: bytes) -> None:
    with pytest.raises(PolicyError):
        parse_policy(data, "p.toml")


@settings(max_examples=25)
@given(cut=st.integers(0, 30_000), put=st.sampled_from(["", "x", '"', "]", "\n", "[[rule]]\n"]))
def test_a_damaged_policy_is_refused_or_still_sound(cut: int, put: str) -> None:
    text = DEFAULT
    cut %= len(text)
    try:
        policy = Policy(parse_policy((text[:cut] + put + text[cut + 3 :]).encode(), "p.toml"))
    except PolicyError as error:
        assert error.code.startswith("POL")
    else:
        assert policy.file.rules


DEFAULT = (Path(__file__).parents[2] / "engine/sito/policy/data/default.toml").read_text("utf-8")


def test_the_shipped_policy_is_sound() -> None:
    assert [*findings(default_policy_file())] == []
