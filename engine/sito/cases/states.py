"""The words in which state machines are written down, and how one is looked up, checked and drawn.

A machine is a table: each row says from which state which action leads where, who may do it, which earlier step must
have been another person's, which event it becomes, which terms begin or end with it, what must be told and what else
must hold. Nothing about states stands anywhere else: the desk, the pages and the tests all read the tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from sito.cases.roles import Role

BEGIN = ""  # the state of what is not there yet


class Guard(StrEnum):
    """What else must hold before a step; `sito.cases.guards` has the code of each."""

    SEEN = "all_hits_seen"
    NO_EXACT_HIT = "no_exact_hit"
    TERM_OVER = "term_over"
    NOT_SHORTER = "not_shorter"
    NOTHING_FORBIDS = "nothing_forbids"
    LIST_USED = "list_used"
    PERMITTED = "permitted"
    MEASURE_FITS = "measure_fits"
    REMOVAL_NOTED = "removal_noted"
    RESTS_ON = "rests_on_entry"
    ALLOWED = "allowance_left"
    TAKEN = "was_taken"
    REPORT_FITS = "report_fits"
    SAME_CONTENT = "same_content"
    UNNUMBERED = "unnumbered"
    OWN_ATTEMPT = "own_attempt"


class Effect(StrEnum):
    """What else a step does, in the same transaction."""

    REMEMBER = "remember"  # the rejected matches of the case
    FORGET = "forget"  # them
    MEASURE = "measure"  # begin what was confirmed
    TAKE = "take"  # from an allowance
    NEXT = "next"  # plan the next matter of this kind
    NUMBER = "number"  # give the message its number and its file's
    TELL = "tell"  # the matter that it is about that the authority was told
    DELETE = "delete"  # the message that it deletes, if it does


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a machine.

    Attributes:
        state, action, target: From where, by what, to where; `BEGIN` is the state of what is not there yet.
        event: Kind of the event that the step becomes.
        roles: Who may take it.
        second_to: The action that somebody else must have taken before; that step is used up. Empty: one is enough.
        begins, begins_now: Rules whose terms begin, at the fact `trigger_at` if it is told, or always with the step.
            `RULING` stands for the rule that decided, where its ruling names terms.
        begins_until: Rules that begin only if the fact `until` says until when.
        ends, ends_one: Rules of which all running terms end, or only the one that began first.
        needs, may: Names of facts that must and that may be told.
        guards, effects: What else must hold; what else happens.
        rule: Rule of the law or of the house that the step follows.
    """

    state: str
    action: str
    target: str
    event: str
    roles: tuple[Role, ...]
    second_to: str = ""
    begins: tuple[str, ...] = ()
    begins_now: tuple[str, ...] = ()
    begins_until: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    ends_one: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    rule: str = ""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """One state machine.

    Attributes:
        name: Word before the number in a subject, as in `case:12`.
        title: One sentence that says what it is for.
        in_force: States in which a measure holds something back.
        open_states: States in which somebody still has to decide.
        rows: The table; one row for each state and action.
    """

    name: str
    title: str
    rows: tuple[Transition, ...]
    in_force: frozenset[str] = frozenset()
    open_states: frozenset[str] = frozenset()

    @property
    def states(self) -> tuple[str, ...]:
        """All states in the order in which they are first reached, without `BEGIN`."""
        return tuple(dict.fromkeys(row.target for row in self.rows))

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions in the order of the table."""
        return tuple(dict.fromkeys(row.action for row in self.rows))

    def row(self, state: str, action: str) -> Transition | None:
        """Return the row of an action in a state; None if it is not allowed there."""
        return next((row for row in self.rows if row.state == state and row.action == action), None)

    def rows_from(self, state: str, role: Role | None = None) -> tuple[Transition, ...]:
        """Return what can be done next in a state, by anybody or by one role."""
        return tuple(row for row in self.rows if row.state == state and (role is None or role in row.roles))

    def towards(self, state: str, task: str) -> tuple[str, ...]:
        """Return the actions of a state that end a task, or lead on to where another action ends it.

        Steps back count only where people can take no other. What leads to nothing new does never.
        What has to be asked for first stands before what a second person does; what closes the matter stands last.
        """
        depths = self._depths()

        def enders(of: str) -> set[str]:
            return {row.action for row in self.rows_from(of) if task in row.ends or task in row.ends_one}

        def ahead(of: str, seen: frozenset[str]) -> set[str]:
            further = {row.target for row in self.rows_from(of)} - seen - {of}
            return enders(of).union(*(ahead(target, seen | {of}) for target in further))

        rows, now = self.rows_from(state), enders(state)
        leading = [row for row in rows if row.target != state and ahead(row.target, frozenset({state})) - now]
        manual = [row for row in leading if set(row.roles) != {Role.SYSTEM}]
        onward = [row for row in manual if depths[row.target] >= depths[state]]
        chosen = [row for row in rows if row.action in now or row in onward] or manual or leading
        entering = {row.action for row in self.rows if row.target == state != row.state}
        found = []
        for row in chosen:
            first = row.second_to if self.row(state, row.second_to) and row.second_to not in entering else ""
            closes = all(other.target == row.target for other in self.rows_from(row.target))
            found += [(closes, action) for action in (first, row.action) if action]
        return tuple(dict.fromkeys(action for _, action in sorted(found, key=lambda one: one[0])))

    def _depths(self) -> dict[str, int]:
        """Return for each state how many steps lead to it at least."""
        depths, reached = {BEGIN: 0}, {BEGIN}
        while reached:
            reached = {row.target for row in self.rows if row.state in reached} - depths.keys()
            depths |= dict.fromkeys(reached, max(depths.values()) + 1)
        return depths


SAME = "="  # as a target: the state stays


def step(
    states: str, action: str, target: str, event: str, roles: str, *, needs: str = "", may: str = "",
    begins: str = "", begins_now: str = "", begins_until: str = "", ends: str = "", ends_one: str = "",
    second_to: str = "", guards: Iterable[Guard] = (), effects: Iterable[Effect] = (), rule: str = "",
) -> tuple[Transition, ...]:  # fmt: skip
    """Return the rows of one action: one for each of the states, all words separated by spaces."""
    return tuple(
        Transition(
            state=state, action=action, target=state if target == SAME else target, event=event,
            roles=tuple(Role(word) for word in roles.split()), second_to=second_to, begins=tuple(begins.split()),
            begins_now=tuple(begins_now.split()), begins_until=tuple(begins_until.split()), ends=tuple(ends.split()),
            ends_one=tuple(ends_one.split()), needs=tuple(needs.split()), may=tuple(may.split()),
            guards=tuple(guards), effects=tuple(effects), rule=rule,
        )
        for state in states.split() or [BEGIN]
    )  # fmt: skip


def drawing(machine: Machine) -> str:
    """Return a machine as a Mermaid state diagram; actions that lead from one state to one other share an arrow.

    Second pairs of eyes are marked by 2. Actions that leave the state as it is stand in the table, not in the drawing.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in machine.rows:
        if row.state != row.target:
            arrows.setdefault((row.state, row.target), []).append(row.action + (" (2)" if row.second_to else ""))
    lines = ["stateDiagram-v2"]
    for (state, target), actions in arrows.items():
        lines.append(f"    {state or '[*]'} --> {target}: {', '.join(actions)}")
    ends = [state for state in machine.states if not any(row.state == state != row.target for row in machine.rows)]
    lines += [f"    {state} --> [*]" for state in ends]
    return "\n".join(lines)


def table(machine: Machine) -> str:
    """Return a machine as a table in Markdown, one line for each action and outcome."""
    groups: dict[Transition, list[str]] = {}
    for row in machine.rows:
        stays = row.state == row.target
        key = msgspec.structs.replace(row, state="", target=SAME if stays else row.target)
        groups.setdefault(key, []).append(row.state or "(none)")
    lines = [
        "| action | from | to | who | not by who did | begins / ends | told | event | rule |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row, states in groups.items():
        terms = [f"+{rule}" for rule in (*row.begins, *row.begins_now)]
        terms += [f"+{rule} if until" for rule in row.begins_until] + [f"-{rule}" for rule in row.ends]
        terms += [f"-{rule} (first)" for rule in row.ends_one]
        told = [*row.needs, *(f"{name}?" for name in row.may)]
        cells = (
            f"`{row.action}`", ", ".join(states), "stays" if row.target == SAME else row.target, ", ".join(row.roles),
            row.second_to, ", ".join(terms), ", ".join(told), f"`{row.event}`", row.rule,
        )  # fmt: skip
        guards = ", ".join(row.guards)
        lines.append("| " + " | ".join(cells[:2]) + f" | {cells[2]}{f', if {guards}' if guards else ''} | "
                     + " | ".join(cells[3:]) + " |")  # fmt: skip
    return "\n".join(lines)
