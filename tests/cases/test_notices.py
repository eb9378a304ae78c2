"""A client is told what is permitted, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.office import ANNA, BORIS, VERA, Office

from sito.cases.machines import MACHINES
from sito.cases.notices import FILE_SIZE_MAX, Notices, read_notices, shipped_notices
from sito.errors import CaseError

FILE = Path(__file__).parents[2] / "engine" / "sito" / "cases" / "data" / "notices.toml"
TODAY = date(2026, 3, 2)
GOOD = {
    "operation_number": "17/А-5", "operation_date": "02.03.2026", "measure_date": "02.03.2026",
    "answer_by": "12.03.2026", "reason": "дистанционное открытие счёта не допускается",
    "documents": "учредительные документы",
}  # fmt: skip
# What a client must never read: that there was a hit, a check, a message, a list looked at, or a case.
FORBIDDEN = (
    "росфинмониторинг",
    "перечн",
    "перечен",
    "сообщен",
    "совпаден",
    "провер",
    "подозрительн",
    "террор",
    "case:",
)


@pytest.mark.parametrize("template", shipped_notices().templates.values(), ids=lambda template: template.id)
def test_a_shipped_notice_says_what_is_permitted_and_not_why_we_know(template: Any) -> None:
    text = shipped_notices().text(template, {name: GOOD[name] for name in template.fields})
    assert "$" not in text and "\n" not in text
    assert not any(word in text.casefold() for word in FORBIDDEN)
    assert all(GOOD[name] in text for name in template.fields)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_template_is_permitted_for_its_measure_in_its_states_and_nowhere_else(machine: str) -> None:
    notices = shipped_notices()
    for state in (*MACHINES[machine].states, "none", ""):
        for template in notices.templates.values():
            if template.machine == machine and state in template.states:
                assert notices.permitted(template.id, machine=machine, state=state, on=TODAY) is template
            else:
                with pytest.raises(CaseError, match="CAS301"):
                    notices.permitted(template.id, machine=machine, state=state, on=TODAY)


def test_a_template_is_permitted_on_its_days_alone() -> None:
    notices = shipped_notices()
    template = notices.templates["freeze-applied"]
    told = {"machine": "freeze", "state": "applied"}
    assert notices.permitted("freeze-applied", on=template.valid_from, **told)
    with pytest.raises(CaseError, match="CAS301"):
        notices.permitted("freeze-applied", on=date(2012, 6, 29), **told)


@given(st.sampled_from(sorted(GOOD)), st.text(max_size=80))
def test_no_field_takes_free_text(name: str, text: str) -> None:
    """What gets through is a date, a number of at most 32 letters without a space, or words of the file."""
    notices = shipped_notices()
    template = next(one for one in notices.templates.values() if name in one.fields)
    fields = {field: GOOD[field] for field in template.fields} | {name: text}
    try:
        notices.text(template, fields)
    except CaseError as error:
        assert error.code == "CAS303"
        # Words of the message may stand in the text by chance: so it says of any other text what it says of this one.
        with pytest.raises(CaseError) as other:
            notices.text(template, fields | {name: "\x01" * len(text)})
        assert str(other.value) == str(error)
    else:
        assert (" " not in text and "\n" not in text and len(text) <= 32) or text == GOOD[name]


@pytest.mark.parametrize("fields", [{}, {"measure_date": "02.03.2026", "reason": "x"}, {"measure_date": "02.03.2026\n"},
                                    {"measure_date": "2.3.2026"}, {"reason": GOOD["reason"]}])  # fmt: skip
def test_other_fields_are_refused(fields: dict[str, str]) -> None:
    notices = shipped_notices()
    with pytest.raises(CaseError, match="CAS303"):
        notices.text(notices.templates["freeze-applied"], fields)


def refusal(office: Office) -> str:
    facts = {"client_id": "C-1", "rule_id": "R-REFUSE", "refusal_ground": "suspicion"}
    subject = office.begin("refusal", "propose", **facts).subject
    office.act(subject, "approve", caller=BORIS)
    return subject


CONTRACT = {"template_id": "contract-refused", "fields": {name: GOOD[name] for name in ("measure_date", "reason")}}


def test_a_notice_is_drafted_by_one_approved_by_another_and_delivered(fresh: Office) -> None:
    notice = fresh.begin("notice", "draft", about=refusal(fresh), **CONTRACT).subject
    with pytest.raises(CaseError, match="CAS205"):
        fresh.act(notice, "approve", caller=ANNA)
    fresh.act(notice, "approve", caller=BORIS)
    fresh.act(notice, "deliver", caller=ANNA, channel="letter")
    with fresh.ledger.read() as view:
        draft = next(view.events(kinds=["notice_drafted"]))
        assert "fields" not in draft.event.facts and "text" not in draft.event.facts
        sealed = view.personal(draft.sequence)
    assert sealed is not None and sealed["text"].startswith("Уведомляем об отказе 02.03.2026")


@pytest.mark.parametrize("about", ["case:1", "message:1", "check:1", "refusal:2", "", "freeze:1"])
def test_nothing_is_told_about_anything_but_a_measure_that_is_there(fresh: Office, about: str) -> None:
    fresh.open_case()
    fresh.begin("check", "plan")
    refusal(fresh)
    with pytest.raises(CaseError, match="CAS301" if about else "CAS103"):
        fresh.begin("notice", "draft", about=about, **CONTRACT)


def test_a_notice_whose_measure_has_gone_on_is_not_delivered(fresh: Office) -> None:
    subject = refusal(fresh)
    notice = fresh.begin("notice", "draft", about=subject, **CONTRACT).subject
    fresh.act(notice, "approve", caller=BORIS)
    fresh.act(subject, "ask_repeal", caller=ANNA, motive="документы принесены")
    fresh.act(subject, "repeal", caller=VERA)
    with pytest.raises(CaseError, match="CAS301"):
        fresh.act(notice, "deliver", caller=ANNA, channel="letter")
    assert fresh.act(notice, "withdraw", caller=ANNA, motive="отказ отменён").state == "withdrawn"


TEXT = FILE.read_text("utf-8")


def changed(before: str, after: str) -> str:
    assert before in TEXT
    return TEXT.replace(before, after, 1)


@pytest.mark.parametrize(("text", "got"), [
    ("", "fields"),
    ("[[template]]\nid = 7\n", "missing|expected"),
    ("\udcff", "no UTF-8"),
    ("a = [", "Invalid value"),
    (changed("${measure_date}", "${measure_data}"), "others"),
    (changed("${documents}", "${"), "others"),
    (changed('states = ["lifted"]', 'states = ["thawed"]'), "another"),
    (changed('"freeze-lifted"', '"freeze-applied"'), "one twice"),
    (changed('certainty = "K"', 'certainty = "sure"'), "an unknown word"),
    (TEXT + 'colour = "red"\n', "unknown field"),
    (changed("pattern = '([A-Z", "pattern = '(([A-Z"), "another text"),
    (changed("[fields.reason]\n", "[fields.reason]\npattern = 'x'\n"), "both"),
    (changed('machine = "freeze"', 'machine = "case"'), "an unknown word"),
    (TEXT + "#" * FILE_SIZE_MAX, "more"),
])  # fmt: skip
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, text: str, got: str) -> None:
    path = tmp_path / "notices.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CaseError, match=f"CAS302 .*(?:{got})"):
        read_notices(path)


def test_a_file_of_the_bank_is_read_and_one_that_is_not_there_refused(tmp_path: Path) -> None:
    assert isinstance(read_notices(FILE), Notices)
    whole = tmp_path / "whole.toml"
    whole.write_text(TEXT + "#" * (FILE_SIZE_MAX - len(TEXT.encode())), "utf-8")
    assert read_notices(whole).templates == shipped_notices().templates
    with pytest.raises(CaseError, match="CAS302"):
        read_notices(tmp_path / "none.toml")
