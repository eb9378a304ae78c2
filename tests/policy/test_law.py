"""Each rule of law that triggers an action, by its id: which situations it decides, and how.

The table is the reading of the law that docs/law.md explains; a change of the shipped policy that moves a verdict has
to be made here too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sito.policy import Policy, Situation, Verdict, default_policy
from sito.policy.calendar import load_calendar
from sito.policy.deadlines import due
from sito.policy.facts import Direction, Grade, ListKind, Occasion, Operation, PartyRole, Relation

TODAY = date(2026, 11, 23)
BEFORE_462 = date(2025, 12, 14)


def situation(**facts: str) -> Situation:
    """A payment of our client to or from a listed one; each fact that is given replaces one."""
    return Situation(
        ListKind(facts.get("list", "te")),
        Grade(facts.get("grade", "exact")),
        Relation(facts.get("relation", "client")),
        PartyRole(facts.get("role", "payer")),
        Direction(facts.get("direction", "debit")),
        Operation(facts.get("operation", "other")),
        Occasion(facts.get("occasion", "payment")),
    )


# (rule that decides, verdict, what is special about the situation)
RULES: list[tuple[str, str, dict[str, str]]] = [
    ("R-TE-FREEZE", "freeze", {}),
    ("R-TE-FREEZE", "freeze", {"role": "subject", "direction": "none", "occasion": "check"}),
    ("R-TE-FREEZE", "freeze", {"relation": "unknown", "direction": "unknown"}),
    ("R-TE-FREEZE", "freeze", {"relation": "unknown", "role": "payee", "direction": "unknown", "operation": "salary"}),
    ("R-TE-FREEZE", "freeze", {"role": "unknown"}),
    ("R-TE-FREEZE/credit", "freeze", {"role": "payee", "direction": "credit"}),
    ("R-TE-FREEZE/likeness", "review", {"grade": "strong"}),
    ("R-TE-FREEZE/likeness", "review", {"grade": "medium", "operation": "pension", "role": "payee"}),
    ("R-TE-FREEZE/likeness", "review", {"grade": "weak", "relation": "unknown", "role": "unknown"}),
    ("R-TE-SCREEN-NEW/link", "review", {"role": "beneficial_owner", "direction": "none", "occasion": "check"}),
    ("R-MVK-FREEZE/link", "review", {"list": "mvk", "role": "representative", "occasion": "check"}),
    ("R-MVK-FREEZE", "freeze", {"list": "mvk"}),
    ("R-MVK-FREEZE", "freeze", {"list": "mvk", "operation": "salary"}),
    ("R-MVK-FREEZE/credit", "freeze", {"list": "mvk", "role": "payee", "direction": "credit"}),
    ("R-MVK-FREEZE/likeness", "review", {"list": "mvk", "grade": "strong"}),
    ("R-MVK-ALLOW", "review", {"list": "mvk", "operation": "humanitarian"}),
    ("R-MVK-ALLOW/tax", "review", {"list": "mvk", "operation": "tax"}),
    ("R-MVK-ALLOW/tax", "review", {"list": "mvk", "operation": "fine"}),
    ("R-UN-FREEZE", "freeze", {"list": "un"}),
    ("R-UN-FREEZE", "freeze", {"list": "un", "operation": "salary"}),
    ("R-UN-FREEZE/credit", "freeze", {"list": "un", "role": "payee", "direction": "credit"}),
    ("R-UN-FREEZE/likeness", "review", {"list": "un", "grade": "medium"}),
    ("R-UN-FREEZE/link", "review", {"list": "un", "role": "controlled", "direction": "none", "occasion": "check"}),
    ("R-SEM-FREEZE", "freeze", {"list": "sem"}),
    ("R-SEM-FREEZE", "freeze", {"list": "sem", "role": "payee", "direction": "credit"}),
    ("R-SEM-FREEZE/likeness", "review", {"list": "sem", "grade": "strong"}),
    ("R-SEM-FREEZE/side", "review", {"list": "sem", "relation": "counterparty", "role": "payee"}),
    ("R-SEM-FREEZE/link", "review", {"list": "sem", "role": "beneficial_owner"}),
    ("R-OMU-ARCHIVE", "review", {"list": "omu"}),
    ("R-OMU-ARCHIVE", "review", {"list": "omu", "occasion": "onboarding"}),
    ("R-FOREIGN", "review", {"list": "foreign"}),
    ("R-FOREIGN", "review", {"list": "foreign", "grade": "weak", "occasion": "remote_opening"}),
    ("R-OWN", "review", {"list": "own"}),
    ("R-ONBOARD", "refuse", {"role": "subject", "direction": "none", "occasion": "onboarding"}),
    ("R-ONBOARD", "refuse", {"list": "mvk", "role": "representative", "occasion": "onboarding"}),
    ("R-ONBOARD", "refuse", {"list": "un", "role": "beneficiary", "occasion": "onboarding"}),
    ("R-ONBOARD", "refuse", {"list": "sem", "role": "beneficial_owner", "occasion": "onboarding"}),
    ("R-ONBOARD", "refuse", {"role": "subject", "occasion": "remote_opening"}),
    ("R-ONBOARD/link", "review", {"role": "director", "occasion": "onboarding"}),
    ("R-ONBOARD/likeness", "review", {"grade": "strong", "role": "subject", "occasion": "onboarding"}),
    ("R-ONBOARD/likeness", "review", {"grade": "weak", "role": "director", "occasion": "remote_opening"}),
    ("R-REMOTE", "refuse", {"role": "director", "occasion": "remote_opening"}),
    ("R-REMOTE", "refuse", {"role": "participant", "occasion": "remote_opening"}),
    ("R-REMOTE", "refuse", {"list": "mvk", "role": "beneficial_owner", "occasion": "remote_opening"}),
    ("R-CARVE-WAGE", "review", {"operation": "salary", "role": "payee", "direction": "credit"}),
    ("R-CARVE-WAGE", "review", {"operation": "salary", "role": "payer", "direction": "debit"}),
    ("R-CARVE-SOC", "review", {"operation": "pension", "role": "payee", "direction": "credit"}),
    ("R-CARVE-SOC", "review", {"operation": "benefit", "role": "payee", "direction": "credit"}),
    ("R-CARVE-SOC", "review", {"operation": "tax"}),
    ("R-CARVE-SOC", "review", {"operation": "fine"}),
    ("R-CARVE-AGREE", "freeze", {"operation": "humanitarian"}),
    ("R-SUSP", "suspend", {"relation": "client", "role": "beneficial_owner"}),
    ("R-SUSP", "suspend", {"relation": "counterparty", "role": "acting_for"}),
    ("R-SUSP", "suspend", {"relation": "counterparty", "role": "controlled", "direction": "unknown"}),
    ("R-SUSP", "suspend", {"list": "mvk", "relation": "unknown", "role": "participant", "direction": "unknown"}),
    ("R-SUSP", "suspend", {"role": "representative", "operation": "salary"}),
    ("R-SUSP", "suspend", {"relation": "counterparty", "role": "unknown"}),
    ("R-SUSP/credit", "review", {"role": "beneficial_owner", "direction": "credit"}),
    ("R-SUSP/director", "review", {"role": "director"}),
    ("R-SUSP-7.5", "suspend", {"list": "un", "role": "controlled"}),
    ("R-SUSP-7.5", "suspend", {"list": "un", "relation": "counterparty", "role": "acting_for"}),
    ("R-SUSP-7.5/credit", "review", {"list": "un", "role": "controlled", "direction": "credit"}),
    ("R-OPER-FES", "review", {"relation": "counterparty", "role": "payee", "direction": "debit"}),
    ("R-OPER-FES", "review", {"list": "un", "relation": "counterparty", "role": "payer", "direction": "credit"}),
    ("R-OPER-FES/mention", "review", {"relation": "unknown", "role": "mentioned", "direction": "unknown"}),
]

# (duty, what it counts from, terms, message, verdict)
DUTIES: list[tuple[str, str, tuple[str, ...], str, str]] = [
    ("R-TE-INFORM", "measure_applied", ("1 working_days K",), "freeze", ""),
    ("R-TE-SCREEN-NEW", "list_published", ("1 working_days S", "24 hours weak"), "", ""),
    ("R-UNFREEZE", "removal_published", ("1 working_days K",), "freeze", ""),
    ("R-UNFREEZE/un", "notice_received", ("1 working_days K", "20 hours S"), "freeze", ""),
    ("R-CHECK-3M", "last_check_reported", ("3 months S",), "check", ""),
    ("R-CHECK-REPORT", "check_finished", ("5 working_days K",), "check", ""),
    ("R-CARVE-EXCESS", "allowance_exceeded", ("5 working_days S", "1 working_days K"), "suspension", "suspend"),
    ("R-SUSP-REVIEW", "order_due", ("4 working_days S",), "", ""),
    ("R-SUSP-EXT", "suspension_extended", ("30 calendar_days S",), "", "suspend"),
    ("R-SUSP-END", "order_due", ("5 working_days S",), "", ""),
    ("R-SUSP-COURT", "court_decided", (), "", "suspend"),
    ("R-SUSP-OWN", "rosfinmonitoring_decided", ("10 working_days weak", "30 calendar_days weak"), "", "suspend"),
    ("R-REFUSE", "refusal_decided", ("1 working_days K",), "refusal", "refuse"),
    ("R-OPER-FES", "operation_performed", ("3 working_days K",), "operation", ""),
    ("R-TIPOFF", "notice_written", (), "", ""),
    ("R-RETAIN", "relations_ended", ("5 years S",), "", ""),
    ("R-RETAIN/receipt", "receipt_received", ("5 years S",), "", ""),
    ("R-AUDIT-6M", "last_audit", ("6 months S",), "", ""),
    ("R-FES-MEND", "message_rejected", ("24 hours weak",), "", ""),
    ("HOUSE-RECEIPT", "message_sent", ("1 working_days K",), "", ""),
    ("HOUSE-UNSURE", "message_sending", ("1 hours K",), "", ""),
]

# Rules that trigger an action. R-NO-LIABILITY and R-FINE trigger none: they say what follows for the bank.
OF_LAW = (
    "R-TE-FREEZE",
    "R-TE-INFORM",
    "R-TE-SCREEN-NEW",
    "R-ONBOARD",
    "R-REMOTE",
    "R-MVK-FREEZE",
    "R-MVK-ALLOW",
    "R-UN-FREEZE",
    "R-UNFREEZE",
    "R-CHECK-3M",
    "R-CHECK-REPORT",
    "R-CARVE-WAGE",
    "R-CARVE-SOC",
    "R-CARVE-EXCESS",
    "R-CARVE-AGREE",
    "R-SUSP",
    "R-SUSP-7.5",
    "R-SUSP-REVIEW",
    "R-SUSP-EXT",
    "R-SUSP-END",
    "R-SUSP-COURT",
    "R-SUSP-OWN",
    "R-REFUSE",
    "R-OPER-FES",
    "R-TIPOFF",
    "R-RETAIN",
    "R-AUDIT-6M",
    "R-SEM-FREEZE",
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return default_policy()


@pytest.mark.parametrize(("rule", "verdict", "facts"), RULES, ids=lambda value: value if isinstance(value, str) else "")
def test_rule(policy: Policy, rule: str, verdict: str, facts: dict[str, str]) -> None:
    ruling = policy.rule(situation(**facts), TODAY)
    assert (ruling.rule_id, ruling.verdict) == (rule, verdict)
    assert ruling.law
    assert ruling.reason
    assert (ruling.policy_id, ruling.policy_version) == ("sito-default", "1.0.0")


@pytest.mark.parametrize(("duty", "trigger", "terms", "message", "verdict"), DUTIES, ids=lambda value: str(value)[:20])
def test_duty(policy: Policy, duty: str, trigger: str, terms: tuple[str, ...], message: str, verdict: str) -> None:
    found = policy.duty(duty, TODAY)
    assert (found.trigger, found.message, found.verdict or "") == (trigger, message, verdict)
    in_force = policy.terms(found.terms, TODAY)
    assert tuple(f"{term.value} {term.unit} {term.certainty}" for term in in_force) == terms


def test_every_rule_and_duty_of_the_shipped_policy_has_a_row(policy: Policy) -> None:
    assert {rule for rule, _, _ in RULES} == {rule.id for rule in policy.file.rules}
    assert {row[0] for row in DUTIES} == {duty.id for duty in policy.file.duties}


def test_every_rule_of_law_that_triggers_an_action_is_covered(policy: Policy) -> None:
    known = {one.id.split("/")[0] for one in (*policy.file.rules, *policy.file.duties)}
    assert known - set(OF_LAW) == {
        "R-OMU-ARCHIVE", "R-FOREIGN", "R-OWN", "R-FES-MEND", "HOUSE-RECEIPT", "HOUSE-UNSURE"
    }  # fmt: skip
    assert set(OF_LAW) <= known


def test_both_sides_of_a_conflict_are_terms_of_the_freeze(policy: Policy) -> None:
    for list_kind in ("te", "mvk"):
        ruling = policy.rule(situation(list=list_kind), TODAY)
        terms = policy.terms(ruling.term_ids, TODAY)
        assert [(term.value, term.unit.value, term.certainty.value) for term in terms] == [
            (1, "working_days", "S"),
            (24, "hours", "weak"),
        ]
        assert {term.trigger for term in terms} == {"list_published"}
    terms = policy.terms(policy.rule(situation(list="un"), TODAY).term_ids, TODAY)
    assert [(term.value, term.unit.value, term.trigger) for term in terms] == [(20, "hours", "notice_received")]


def test_the_terms_of_a_hit_are_those_of_its_list(policy: Policy) -> None:
    """Terms of one list are changed without another: a hit must not run by those of a list it is not on."""
    for rule in policy.file.rules:
        kinds = rule.when.list_kind or ()
        own = {term.removesuffix("-1wd").partition("-freeze")[0] for term in rule.terms if "-freeze-" in term}
        assert own <= {kind.value for kind in kinds} and len(own) <= 1, rule.id
        assert not own or len(kinds) == 1, rule.id


def test_terms_that_begin_at_one_moment_give_one_deadline(policy: Policy) -> None:
    calendar = load_calendar()
    for rule in policy.file.rules:
        for trigger, terms in policy.terms_by_trigger(rule.terms, TODAY).items():
            deadline = due(terms, datetime(2026, 11, 20, 9, tzinfo=UTC), calendar)  # a Friday
            assert {one.term.trigger for one in deadline.all} == {trigger}
    freeze = policy.terms_by_trigger(policy.rule(situation(), TODAY).term_ids, TODAY)["list_published"]
    found = due(freeze, datetime(2026, 11, 20, 9, tzinfo=UTC), calendar)
    assert found.alarm_at == datetime(2026, 11, 21, 9, tzinfo=UTC)  # 24 hours, before the working day ends on Monday
    assert [one.term.id for one in found.all] == ["te-freeze-24h", "te-freeze-1wd"]
    suspension = policy.rule(situation(role="beneficial_owner"), TODAY)
    assert set(policy.terms_by_trigger(suspension.term_ids, TODAY)) == {"order_due", "measure_applied"}


def test_what_462_fz_brought_does_not_hold_before_it(policy: Policy) -> None:
    assert policy.rule(situation(list="mvk", operation="tax"), BEFORE_462).rule_id == "R-MVK-FREEZE"
    assert policy.rule(situation(operation="humanitarian"), BEFORE_462).rule_id == "R-TE-FREEZE"
    ruling = policy.rule(situation(), BEFORE_462)
    assert [term.id for term in policy.terms(ruling.term_ids, BEFORE_462)] == ["te-freeze-1wd"]


def test_messages_follow_the_verdict(policy: Policy) -> None:
    expected = {Verdict.FREEZE: {"freeze"}, Verdict.SUSPEND: {"suspension"}, Verdict.REFUSE: {"refusal", ""}}
    for rule in policy.file.rules:
        if rule.verdict in expected and not rule.id.startswith("R-SEM-"):  # no message was found for those
            assert rule.message in expected[rule.verdict], rule.id


PROGRAMMES = (
    "identification",
    "client risk",
    "detection of operations",
    "documentation",
    "refusal",
    "suspension",
    "freezing",
    "training",
    "audit",
    "storage",
    "activation of the personal account at the Bank of Russia",
)
PAGE = (Path(__file__).parents[2] / "docs" / "law.md").read_text("utf-8")


def rows(section: str) -> list[list[str]]:
    """Return the rows of the table of a section of docs/law.md, without its head."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_page_has_a_row_for_each_rule_of_law() -> None:
    named = {rule for row in rows("Rules") for rule in row[0].split(", ")}
    assert named == {*OF_LAW, "R-NO-LIABILITY", "R-FINE", "R-OMU-ARCHIVE", "R-FOREIGN", "R-OWN"}
    assert all(len(row) == 4 and row[1] for row in rows("Rules"))


def test_the_page_says_of_each_programme_who_does_it() -> None:
    found = rows("Programmes of internal control")
    assert [next(name for name in PROGRAMMES if row[0].startswith(name)) for row in found] == [*PROGRAMMES]
    assert {row[1] for row in found} <= {"done", "fed", "outside"}
    assert all(len(row) == 3 and (row[2] or row[1] == "outside") for row in found)
