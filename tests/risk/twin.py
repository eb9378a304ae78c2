"""The slow readable twin: every metric of one moment anew, from all events up to it, one matter after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sito.cases.deadlines import Schedule
from sito.ledger.events import microseconds
from sito.policy.calendar import MOSCOW
from sito.risk.events import DAY_US, Moment, Seen
from sito.risk.kinds import Metric
from sito.risk.settings import Settings
from sito.risk.terms import due_after, instant_us

RULES = {"operation": "R-OPER-FES", "refusal": "R-REFUSE", "check": "R-CHECK-3M"}
MACHINES = {"operation": "message", "refusal": "refusal", "check": "check"}
BY_HAND = {"operation": "message_sent", "refusal": "refusal_told_to_authority", "check": "check_told_to_authority"}


class Twin:
    """What was known at one moment."""

    def __init__(self, events: Sequence[Seen], moment: Moment, settings: Settings, schedule: Schedule) -> None:
        self.past = [event for event in events if event.at_us <= moment.last_us]
        self.moment, self.settings, self.schedule = moment, settings, schedule
        # The look-back: the same clock a year before in Moscow, the first moment of it left out.
        local = moment.at.astimezone(MOSCOW)
        start = local.replace(year=local.year - 1, day=28 if (local.month, local.day) == (2, 29) else local.day)
        self.after_us = microseconds(start) - (moment.at_us - moment.last_us)

    def values(self, began_us: int) -> dict[Metric, float | None]:
        return {
            Metric.OPERATION_LATE: self.late("operation"), Metric.REFUSAL_LATE: self.late("refusal"),
            Metric.REJECTED_OPEN: self.rejected(),
            Metric.TE_UNUSED: self.unused(self.settings.lists.te, began_us),
            Metric.MVK_UNUSED: self.unused(self.settings.lists.mvk, began_us),
            Metric.CHECK_MISSING: self.missing(), Metric.CHECK_LATE: self.late("check"),
            Metric.CHECK_UNLISTED: float(sum(self.unlisted())),
        }  # fmt: skip

    # --- messages -----------------------------------------------------------------------------------------------------

    def report(self, subject: str, before: Seen) -> dict[str, Any] | None:
        """What a message was about when something happened to it."""
        found: dict[str, Any] | None = None
        for event in self.past:
            if event.subject != subject or event.sequence >= before.sequence:
                continue
            if event.kind == "fes_drafted":
                told = instant_us(event.facts.get("due_at"))
                if found is None:
                    found = {"kind": event.facts["kind"], "about": event.facts.get("about", ""), "due": told}
                elif told is not None:
                    found["due"] = told
            if event.kind == "fes_dropped":
                found = None
        return found

    def key(self, report: dict[str, Any] | None, subject: str, kind: str) -> str:
        about = report["about"] if report is not None else ""
        return about if about.partition(":")[0] == MACHINES[kind] else subject

    def tellings(self, kind: str) -> list[tuple[str, str, Seen, int | None]]:
        """(what was told, by which message or hand, the event, when it was due as far as it was said)."""
        found = []
        for event in self.past:
            if event.kind == "fes_sent":
                report = self.report(event.subject, event)
                if report is not None and report["kind"] == kind:
                    told = instant_us(event.facts.get("due_at"))
                    key = self.key(report, event.subject, kind)
                    found.append((key, event.subject, event, report["due"] if told is None else told))
            if event.kind == BY_HAND[kind] and event.subject.startswith(MACHINES[kind] + ":"):
                with_message = any(
                    one.kind == "fes_sent" and one.request_id == event.request_id and one.sequence < event.sequence
                    for one in self.past
                )
                if not with_message:
                    found.append((event.subject, "", event, None))
        return found

    def firsts(self, kind: str) -> list[tuple[str, str, Seen, int | None]]:
        tellings = self.tellings(kind)
        return [one for place, one in enumerate(tellings) if one[0] not in {other[0] for other in tellings[:place]}]

    def duty(self, kind: str, key: str, until: int) -> int | None:
        """When the term of a matter ends that runs before an event; None if none does."""
        due = None
        told = min((event.sequence for one, _, event, _ in self.tellings(kind) if one == key), default=1 << 62)
        for event in self.past:
            if event.sequence >= until:
                break
            if event.sequence == told:
                due = None
            if event.kind == "fes_drafted" and event.subject == key and event.sequence < told:
                earlier = self.report(key, event)
                is_alone = self.key({"about": event.facts.get("about", "")}, key, kind) == key
                if earlier is None and is_alone and event.facts["kind"] == kind:
                    due = due_after(self.schedule, RULES[kind], event.at_us)
            if event.kind == "fes_dropped" and event.subject == key:
                due = None
            if event.subject == key and key.startswith(MACHINES[kind] + ":"):
                for began in event.facts.get("begins", []):
                    if began["name"] == RULES[kind] and event.sequence < told:
                        due = due_after(self.schedule, RULES[kind], instant_us(began["trigger_at"]) or 0)
                if RULES[kind] in event.facts.get("ends", []):
                    due = None
        return due

    def is_late(self, kind: str, telling: tuple[str, str, Seen, int | None]) -> bool:
        key, _, event, due = telling
        if kind == "check":
            began = self.last_check(before=event.sequence)
            start = self.beginning(event.at_us, before=event.sequence) if began is None else began
            counted = None if start is None else due_after(self.schedule, "R-CHECK-3M", start)
            return any(one is not None and event.at_us >= one for one in (due, counted))
        if due is None:
            due = self.duty(kind, key, event.sequence)
        return due is not None and event.at_us >= due

    def late(self, kind: str) -> float:
        firsts = [one for one in self.firsts(kind) if one[2].at_us > self.after_us]
        bad, whole = sum(self.is_late(kind, one) for one in firsts), len(firsts)
        if kind != "check":
            keys = {event.subject for event in self.past}
            told = {one[0] for one in self.firsts(kind)}
            dues = [self.duty(kind, key, 1 << 62) for key in keys - told]
            overdue = sum(due is not None and due <= self.moment.at_us for due in dues)
            bad, whole = bad + overdue, whole + overdue
        return bad / whole if whole else 0.0

    def standing(self, subject: str, before: int = 1 << 62) -> Seen | None:
        """The rejection that nothing came after."""
        found = None
        for event in self.past:
            if event.subject == subject and event.sequence < before:
                if event.kind == "fes_rejected":
                    found = event
                elif event.kind in {"fes_sent", "fes_accepted", "fes_deleted"}:
                    found = None
        return found

    def rejected(self) -> float:
        subjects = sorted({event.subject for event in self.past})
        sent = {}
        for event in reversed(self.past):
            if event.kind == "fes_sent":
                sent[event.subject] = event.at_us
        bad = [one for one in map(self.standing, subjects) if one is not None and one.at_us > self.after_us]
        of = {one.subject for one in bad} | {subject for subject, at in sent.items() if at > self.after_us}
        return len(bad) / len(of) if of else 0.0

    # --- lists and checks ---------------------------------------------------------------------------------------------

    def unused(self, lists: Sequence[str], began_us: int) -> float:
        used = [event.at_us for event in self.past if self.is_use(event) and event.subject[5:] in lists]
        return (self.moment.at_us - (used[-1] if used else began_us)) / DAY_US

    def is_use(self, event: Seen) -> bool:
        return event.kind in self.settings.lists.events

    def last_check(self, before: int = 1 << 62) -> int | None:
        found = None
        for key, _, event, _ in self.firsts("check"):
            if event.sequence < before:
                carriers = {one[1] for one in self.tellings("check") if one[0] == key and one[2].sequence < before}
                bad = {
                    one for one in carriers if self.standing(one, before)
                    or any(e.kind == "fes_deleted" and e.subject == one and e.sequence < before for e in self.past)
                }  # fmt: skip
                found = event.at_us if carriers - bad else found
        return found

    def beginning(self, last_us: int, before: int = 1 << 62) -> int | None:
        known = []
        if self.settings.registered_on is not None:
            on = self.settings.registered_on
            known.append(microseconds(self.moment.at.astimezone(MOSCOW).replace(
                year=on.year, month=on.month, day=on.day, hour=0, minute=0, second=0, microsecond=0
            )))  # fmt: skip
        plans = [
            instant_us(event.facts["trigger_at"]) or 0 for event in self.past
            if event.kind == "check_planned" and event.sequence < before and "trigger_at" in event.facts
        ]  # fmt: skip
        known += plans[:1]
        return max((one for one in known if one <= last_us), default=None)

    def missing(self) -> float | None:
        last = self.last_check()
        start = self.beginning(self.moment.last_us) if last is None else last
        due = None if start is None else due_after(self.schedule, "R-CHECK-3M", start)
        return None if due is None else (self.moment.at_us - due) / DAY_US

    def unlisted(self) -> list[bool]:
        found, before = [], -1
        for key, _, event, _ in self.firsts("check"):
            done = [one for one in self.past if one.kind == "check_finished" and one.subject == key
                    and one.sequence < event.sequence]  # fmt: skip
            end = done[-1] if done else event
            used = [
                one for one in self.past if self.is_use(one) and one.subject[5:] in self.settings.lists.any
                and before < one.at_us and one.sequence < end.sequence
            ]  # fmt: skip
            count = end.facts.get("client_count") if done else None
            if event.at_us > self.after_us:
                found.append(count != 0 and not used)
            before = end.at_us
        return found
