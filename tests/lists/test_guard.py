"""Guards: what must hold at the end of an edition."""

from __future__ import annotations

import pytest

from sito.entries import Entry, Kind, ListEdition, Name
from sito.errors import ListError
from sito.lists.guard import ENTRY_ID_LENGTH_MAX, Count, GuardRules, guarded
from sito.lists.source import ALIAS_COUNT_MAX, NAME_LENGTH_MAX, Facts, Source

SOURCE = Source("demo.csv", b"", "", "DEMO")


def entry(number: int, *names: str) -> Entry:
    return Entry("DEMO", f"D-{number}", Kind.PERSON, tuple(Name(text) for text in names or ("Пример",)))


def before(count: int, date: str = "") -> ListEdition:
    return ListEdition("DEMO", "demo", edition_date=date, entry_count=count)


def run(entries, facts=None, rules=GuardRules()):  # noqa: B008  # an immutable value
    facts = facts or Facts()
    count = Count()
    return list(guarded(iter(entries), SOURCE, facts, rules, count)), facts, count


def refused(entries, facts=None, rules=GuardRules()) -> ListError:  # noqa: B008  # an immutable value
    with pytest.raises(ListError) as caught:
        run(entries, facts, rules)
    return caught.value


def test_entries_pass_and_are_counted():
    entries, _, count = run([entry(1, "А", "Б"), entry(2)])
    assert ([one.entry_id for one in entries], count.entries, count.names) == (["D-1", "D-2"], 2, 3)


@pytest.mark.parametrize("force", [False, True])
def test_empty_edition_is_refused_even_when_forced(force):
    assert refused([], rules=GuardRules(force=force)).code == "LST201"


def test_fewer_entries_than_declared_is_refused():
    assert refused([entry(1)], Facts(declared_count=2)).code == "LST202"


def test_more_entries_than_declared_pass():
    assert run([entry(1), entry(2)], Facts(declared_count=1))[2].entries == 2


def test_shrinking_is_allowed_up_to_the_limit():
    ten = [entry(i) for i in range(10)]
    assert run(ten[:5], rules=GuardRules(before(10)))[2].entries == 5
    assert refused(ten[:4], rules=GuardRules(before(10))).code == "LST203"
    assert refused(ten[:9], rules=GuardRules(before(10), shrink_max=0)).code == "LST203"


@pytest.mark.parametrize("force", [False, True])
def test_doubled_id_is_refused_even_when_forced(force):
    error = refused([entry(1), entry(1)], rules=GuardRules(force=force))
    assert (error.code, "D-1" in error.where) == ("LST204", True)


def test_older_edition_is_refused():
    rules = GuardRules(before(1, "2024-05-02"))
    assert refused([entry(1)], Facts(edition_date="2024-05-01"), rules).code == "LST205"
    assert run([entry(1)], Facts(edition_date="2024-05-02"), rules)[2].entries == 1


def test_force_turns_suspicion_into_warnings():
    facts = Facts(edition_date="2024-05-01", declared_count=5)
    run([entry(1)], facts, GuardRules(before(10, "2024-05-02"), force=True))
    assert [text.split()[1] for text in facts.warnings] == ["LST202", "LST203", "LST205"]


def test_long_name_is_refused_at_limit_plus_one():
    assert run([entry(1, "x" * NAME_LENGTH_MAX)])[2].entries == 1
    assert refused([entry(1, "x" * (NAME_LENGTH_MAX + 1))]).code == "LST206"


def test_many_names_are_refused_at_limit_plus_one():
    assert run([entry(1, *(str(i) for i in range(ALIAS_COUNT_MAX)))])[2].names == ALIAS_COUNT_MAX
    assert refused([entry(1, *(str(i) for i in range(ALIAS_COUNT_MAX + 1)))]).code == "LST207"


@pytest.mark.parametrize("bad", [Entry("DEMO", "", Kind.PERSON, (Name("А"),)), Entry("DEMO", "D-1", Kind.PERSON, ())])
def test_entry_without_id_or_name_is_refused(bad):
    assert refused([bad]).code == "LST208"


def test_long_id_is_refused_at_limit_plus_one():
    def with_id(length):
        return Entry("DEMO", "x" * length, Kind.PERSON, (Name("А"),))

    assert run([with_id(ENTRY_ID_LENGTH_MAX)])[2].entries == 1
    assert refused([with_id(ENTRY_ID_LENGTH_MAX + 1)]).code == "LST209"
