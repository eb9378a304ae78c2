"""The state machines themselves, one table each.

Who is a second pair of eyes to what, that a hit of grade exact is rejected by two, that an unfinished term is never cut
short: these are rules of the house, stricter than the law where it is silent, and the place to change them is here. How
long anything takes is not here but in the policy file: rows name rules, the policy names their terms.

Sources: 115-FZ Art. 6 (2.4), 7 (1)(6), 7 (1)(6^1), 7 (1)(7), 7 (10), 7 (11), 7.4, 7.5, 8; the clauses of Decree 667 on
internal messages (27), refusal (28_1), suspension (29) and freezing (29_1), of which the text is repealed and the
successor's numbers are not confirmed.
"""

from __future__ import annotations

from sito.cases.states import BEGIN, SAME, Effect, Guard, Machine, step

RULING = "RULING"  # stands for the rule that decided the case
INFORM = "R-TE-INFORM"
# Rules whose terms run from different moments are named with the moment, by the word that the policy has for it.
SUSPENDED = "R-SUSP@order_due"
SUSPENSION_INFORM = "R-SUSP@measure_applied"
# The authority looks into the operation, and says nothing where it orders nothing: the bank's task is to look whether
# an order has come while there is still time to hold the operation.
REVIEW = "R-SUSP-REVIEW"
REMOVED, REMOVED_BY_NOTICE = "R-UNFREEZE@removal_published", "R-UNFREEZE@notice_received"
# A rejected message is mended; a receipt is awaited; what nobody knows to have arrived is looked for.
MEND, RECEIPT, UNSURE = "R-FES-MEND", "HOUSE-RECEIPT", "HOUSE-UNSURE"
# Kinds of messages: about a matter of which machine, and in which of its states there is something to tell.
REPORTED: dict[str, tuple[str, frozenset[str]]] = {
    "freeze": ("freeze", frozenset({"applied", "partly_released", "lifted"})),
    "release": ("freeze", frozenset({"lifted"})),
    "suspension": ("suspension", frozenset({"applied", "extended", "court_hold", "lapsed", "executed", "ended"})),
    "refusal": ("refusal", frozenset({"refused", "repealed"})),
    "check": ("check", frozenset({"finished"})),
    "operation": ("message", frozenset({"to_send"})),
    "deletion": ("fes", frozenset({"sent", "rejected", "accepted"})),
}
# By which step a matter learns that the authority was told of it.
TOLD_BY = {"freeze": "inform", "suspension": "inform", "refusal": "report", "check": "report", "message": "sent"}

CASE = Machine(
    name="case",
    title="Alert case: hits that a person has to look at.",
    open_states=frozenset({"new", "in_review", "escalated", "confirmed", "reopened"}),
    rows=(
        *step(BEGIN, "open", "new", "case_opened", "system officer head", needs="screening", may="trigger_at",
              begins=RULING),
        *step("new in_review escalated confirmed approved reopened", "repeat", SAME, "case_hit_again",
              "system officer head", needs="screening"),
        *step("new in_review reopened", "assign", "in_review", "case_assigned", "officer head", needs="assignee"),
        *step("escalated", "assign", SAME, "case_assigned", "officer head", needs="assignee"),
        *step("new in_review escalated confirmed approved rejected reopened", "note", SAME, "case_noted",
              "officer head", needs="note"),
        # Asked anew where hits came after it: the head decides on what an officer has looked at, too.
        *step("in_review escalated", "escalate", "escalated", "case_escalated", "officer", needs="motive seen",
              guards=[Guard.SEEN]),
        *step("in_review", "confirm", "confirmed", "case_confirmed", "officer head",
              needs="measure motive seen", guards=[Guard.SEEN, Guard.MEASURE_FITS]),
        *step("escalated", "confirm", "confirmed", "case_confirmed", "head", needs="measure motive seen",
              guards=[Guard.SEEN, Guard.MEASURE_FITS]),
        *step("in_review", "reject", "rejected", "case_rejected", "officer head", needs="motive seen",
              guards=[Guard.SEEN, Guard.NO_EXACT_HIT], effects=[Effect.REMEMBER], ends=RULING),
        *step("escalated", "reject", "rejected", "case_rejected", "head", needs="motive seen", second_to="escalate",
              guards=[Guard.SEEN], effects=[Effect.REMEMBER], ends=RULING),
        *step("confirmed", "approve", "approved", "case_approved", "officer head", needs="seen",
              may="motive trigger_at", second_to="confirm", guards=[Guard.SEEN], effects=[Effect.MEASURE], ends=RULING),
        *step("confirmed", "send_back", "in_review", "case_sent_back", "officer head", needs="motive",
              second_to="confirm"),
        *step("rejected approved", "reopen", "reopened", "case_reopened", "system officer head", needs="reopen_cause",
              may="screening motive trigger_at", begins=RULING, effects=[Effect.FORGET]),
    ),
)  # fmt: skip

FREEZE = Machine(
    name="freeze",
    title="Freeze: no discretion, and no end short of removal from the list or the end of the decision.",
    in_force=frozenset({"proposed", "applied", "partly_released"}),
    open_states=frozenset({"proposed"}),
    rows=(
        *step(BEGIN, "propose", "proposed", "freeze_proposed", "system officer head", needs="client_id rule_id",
              may="case_subject law term_ids list_id entry_id motive trigger_at", begins=RULING, rule="R-TE-FREEZE"),
        *step("proposed", "withdraw", "withdrawn", "freeze_withdrawn", "head", needs="motive", second_to="propose",
              ends=f"{RULING} {REMOVED} {REMOVED_BY_NOTICE}"),
        *step("proposed", "apply", "applied", "freeze_applied", "officer head operator", may="motive trigger_at",
              second_to="propose", ends=RULING, begins_now=INFORM, rule="R-TE-FREEZE"),
        *step("applied partly_released lifted", "inform", SAME, "freeze_told_to_authority", "officer head",
              needs="message_id", ends_one=INFORM, rule=INFORM),
        *step("applied partly_released", "ask_release", SAME, "freeze_release_asked", "officer head operator",
              needs="carve_rule amount_kopecks", may="operation_id operation_kind members motive",
              guards=[Guard.ALLOWED], rule="R-CARVE-WAGE"),
        *step("applied partly_released", "release", "partly_released", "freeze_partly_released", "officer head",
              needs="carve_rule amount_kopecks", may="operation_id operation_kind members motive",
              second_to="ask_release", guards=[Guard.ALLOWED], effects=[Effect.TAKE], rule="R-CARVE-WAGE"),
        *step("partly_released", "ask_give_back", SAME, "freeze_give_back_asked", "officer head operator",
              needs="release_sequence motive", guards=[Guard.TAKEN], rule="R-CARVE-WAGE"),
        *step("partly_released", "give_back", SAME, "freeze_release_given_back", "officer head",
              needs="release_sequence", may="motive", second_to="ask_give_back", guards=[Guard.TAKEN],
              rule="R-CARVE-WAGE"),
        *step("proposed applied partly_released", "delist", SAME, "freeze_removal_noted", "system officer head",
              needs="list_id entry_id edition", may="trigger_at", guards=[Guard.RESTS_ON], begins=REMOVED,
              rule="R-UNFREEZE"),
        *step("proposed applied partly_released", "delist_by_notice", SAME, "freeze_removal_notified",
              "system officer head", needs="list_id entry_id edition", may="trigger_at", guards=[Guard.RESTS_ON],
              begins=f"{REMOVED} {REMOVED_BY_NOTICE}", rule="R-UNFREEZE"),
        *step("applied partly_released", "ask_lift", SAME, "freeze_lift_asked", "officer head",
              needs="lift_ground motive", guards=[Guard.REMOVAL_NOTED], rule="R-UNFREEZE"),
        *step("applied partly_released", "lift", "lifted", "freeze_lifted", "officer head", needs="lift_ground",
              may="motive trigger_at", second_to="ask_lift", guards=[Guard.REMOVAL_NOTED],
              ends=f"{REMOVED} {REMOVED_BY_NOTICE}",
              begins_now=INFORM, rule="R-UNFREEZE"),
    ),
)  # fmt: skip

SUSPENSION = Machine(
    name="suspension",
    title="Suspension: a term that runs out, is extended by Rosfinmonitoring, or becomes a hold by court.",
    in_force=frozenset({"applied", "ordered", "extended", "court_hold"}),
    open_states=frozenset({"lapsed"}),
    rows=(
        *step(BEGIN, "apply", "applied", "suspension_applied", "system officer head",
              needs="operation_id rule_id", may="client_id case_subject law term_ids motive trigger_at",
              begins=f"{SUSPENDED} {REVIEW}", begins_now=SUSPENSION_INFORM, rule="R-SUSP"),
        *step(BEGIN, "order", "ordered", "suspension_ordered", "officer head",
              needs="client_id order_number order_date", may="operation_id case_subject motive trigger_at",
              begins="R-SUSP-OWN", rule="R-SUSP-OWN"),
        *step("applied extended court_hold lapsed executed ended", "inform", SAME, "suspension_told_to_authority",
              "officer head", needs="message_id", ends_one=SUSPENSION_INFORM, rule="R-SUSP"),
        *step("applied", "review", SAME, "suspension_review_noted", "officer head operator",
              needs="review_result", may="motive", ends=REVIEW, rule=REVIEW),
        *step("applied lapsed", "extend", "extended", "suspension_extended", "officer head",
              needs="order_number order_date", may="motive trigger_at", ends=f"{SUSPENDED} {REVIEW} R-SUSP-END",
              guards=[Guard.NOT_SHORTER], begins="R-SUSP-EXT", rule="R-SUSP-EXT"),
        *step("applied ordered extended lapsed court_hold", "court", "court_hold", "suspension_held_by_court",
              "officer head", needs="court_number court_date", may="until motive",
              ends=f"{SUSPENDED} {REVIEW} R-SUSP-OWN R-SUSP-EXT R-SUSP-END R-SUSP-COURT", begins_until="R-SUSP-COURT",
              guards=[Guard.NOT_SHORTER],
              rule="R-SUSP-COURT"),
        *step("court_hold", "cancel_court", "lapsed", "suspension_released_by_court", "officer head",
              needs="court_number court_date", may="motive trigger_at", ends="R-SUSP-COURT", begins="R-SUSP-END",
              second_to="court",
              rule="R-SUSP-COURT"),
        *step("applied", "lapse", "lapsed", "suspension_lapsed", "system officer head operator",
              guards=[Guard.TERM_OVER], ends=f"{SUSPENDED} {REVIEW}", begins="R-SUSP-END", rule="R-SUSP-END"),
        *step("ordered", "lapse", "lapsed", "suspension_lapsed", "system officer head operator",
              guards=[Guard.TERM_OVER], ends="R-SUSP-OWN", begins="R-SUSP-END", rule="R-SUSP-END"),
        *step("extended", "lapse", "lapsed", "suspension_lapsed", "system officer head operator",
              guards=[Guard.TERM_OVER], ends="R-SUSP-EXT", begins="R-SUSP-END", rule="R-SUSP-END"),
        *step("court_hold", "lapse", "lapsed", "suspension_lapsed", "system officer head operator",
              guards=[Guard.TERM_OVER], ends="R-SUSP-COURT", begins="R-SUSP-END", rule="R-SUSP-END"),
        *step("lapsed", "execute", "executed", "suspension_executed", "system officer head operator", may="motive",
              guards=[Guard.NOTHING_FORBIDS], ends="R-SUSP-END", rule="R-SUSP-END"),
        *step("applied ordered extended court_hold lapsed", "ask_end", SAME, "suspension_end_asked", "officer head",
              needs="end_ground motive", rule="R-SUSP-END"),
        *step("applied ordered extended court_hold lapsed", "end", "ended", "suspension_ended", "officer head",
              needs="end_ground", may="motive", second_to="ask_end",
              ends=f"{SUSPENDED} {REVIEW} R-SUSP-OWN R-SUSP-EXT R-SUSP-COURT R-SUSP-END", rule="R-SUSP-END"),
    ),
)  # fmt: skip

REFUSAL = Machine(
    name="refusal",
    title="Refusal: a right, used by two persons, told to the authority, and open to being taken back.",
    in_force=frozenset({"proposed", "refused", "reported"}),
    open_states=frozenset({"proposed"}),
    rows=(
        *step(BEGIN, "propose", "proposed", "refusal_proposed", "system officer head",
              needs="rule_id refusal_ground", may="case_subject law term_ids client_id operation_id motive trigger_at",
              rule="R-REFUSE"),
        *step("proposed", "withdraw", "withdrawn", "refusal_withdrawn", "head", needs="motive",
              second_to="propose"),
        *step("proposed", "approve", "refused", "refusal_made", "officer head", may="motive trigger_at",
              second_to="propose", begins="R-REFUSE", rule="R-REFUSE"),
        *step("refused", "report", "reported", "refusal_told_to_authority", "officer head", needs="message_id",
              ends="R-REFUSE", rule="R-REFUSE"),
        # The authority is told of a refusal that was, also where it was taken back before.
        *step("repealed", "report", SAME, "refusal_told_to_authority", "officer head", needs="message_id",
              ends="R-REFUSE", rule="R-REFUSE"),
        *step("refused reported", "ask_repeal", SAME, "refusal_repeal_asked", "officer head", needs="motive"),
        *step("refused reported", "repeal", "repealed", "refusal_repealed", "officer head", may="motive",
              second_to="ask_repeal"),
    ),
)  # fmt: skip

MESSAGE = Machine(
    name="message",
    title="Internal message: items a to h of clause 27, with what the officer and the head decided, and why.",
    open_states=frozenset({"draft", "officer_reports", "officer_drops", "to_send"}),
    rows=(
        *step(BEGIN, "draft", "draft", "message_drafted", "officer head operator system",
              needs="category criteria operation party author created_on",
              may="about client_id operation_id trigger_at", begins="R-OPER-FES", rule="R-OPER-FES"),
        *step("draft", "amend", SAME, "message_amended", "officer operator",
              may="category criteria operation party extra_measures"),
        *step("draft", "report", "officer_reports", "message_reported_by_officer", "officer", needs="motive",
              may="extra_measures", rule="R-OPER-FES"),
        *step("draft", "drop", "officer_drops", "message_dropped_by_officer", "officer", needs="motive"),
        *step("officer_reports officer_drops", "send_back", "draft", "message_sent_back", "head", needs="motive"),
        *step("officer_reports", "head_report", "to_send", "message_reported_by_head", "head", needs="motive",
              may="extra_measures", second_to="report"),
        *step("officer_drops", "head_report", "to_send", "message_reported_by_head", "head", needs="motive",
              may="extra_measures", second_to="drop"),
        *step("officer_reports", "head_drop", "dropped", "message_dropped_by_head", "head", needs="motive",
              second_to="report", ends="R-OPER-FES"),
        *step("officer_drops", "head_drop", "dropped", "message_dropped_by_head", "head", needs="motive",
              second_to="drop", ends="R-OPER-FES"),
        *step("to_send", "sent", "sent", "message_sent", "officer system", needs="message_id", ends="R-OPER-FES",
              rule="R-OPER-FES"),
    ),
)  # fmt: skip

NOTICE = Machine(
    name="notice",
    title="Client notice: permitted content only, from a template, seen by two.",
    open_states=frozenset({"draft", "approved"}),
    rows=(
        *step(BEGIN, "draft", "draft", "notice_drafted", "system officer head", needs="about template_id fields",
              guards=[Guard.PERMITTED], rule="R-TIPOFF"),
        *step("draft", "approve", "approved", "notice_approved", "officer head", second_to="draft",
              guards=[Guard.PERMITTED], rule="R-TIPOFF"),
        *step("draft approved", "withdraw", "withdrawn", "notice_withdrawn", "officer head", needs="motive"),
        *step("approved", "deliver", "delivered", "notice_delivered", "system officer operator", needs="channel",
              guards=[Guard.PERMITTED], rule="R-TIPOFF"),
    ),
)  # fmt: skip

CHECK = Machine(
    name="check",
    title="Check of the client base: at least once in the term of the law, reported even with nothing found.",
    open_states=frozenset({"planned", "running", "finished"}),
    rows=(
        *step(BEGIN, "plan", "planned", "check_planned", "system officer head", may="trigger_at", begins="R-CHECK-3M",
              rule="R-CHECK-3M"),
        *step("planned", "start", "running", "check_started", "system officer head operator", rule="R-CHECK-3M"),
        *step("running", "fail", "planned", "check_failed", "system officer head operator", needs="motive"),
        *step("running", "finish", "finished", "check_finished", "system officer head",
              needs="client_count match_count editions", guards=[Guard.LIST_USED], begins_now="R-CHECK-REPORT",
              rule="R-CHECK-3M"),
        *step("finished", "report", "reported", "check_told_to_authority", "officer head", needs="message_id",
              second_to="finish", ends="R-CHECK-REPORT R-CHECK-3M", effects=[Effect.NEXT],
              rule="R-CHECK-REPORT"),
    ),
)  # fmt: skip

AUDIT = Machine(
    name="audit",
    title="Audit of internal control: at least once in the term of the law, reported to the head in writing.",
    open_states=frozenset({"planned", "reported"}),
    rows=(
        *step(BEGIN, "plan", "planned", "audit_planned", "system officer head", may="trigger_at", begins="R-AUDIT-6M",
              rule="R-AUDIT-6M"),
        *step("planned", "report", "reported", "audit_reported", "officer operator",
              needs="report_number report_date findings", rule="R-AUDIT-6M"),
        *step("reported", "send_back", "planned", "audit_sent_back", "head", needs="motive", second_to="report"),
        *step("reported", "accept", "accepted", "audit_accepted", "head", may="motive", second_to="report",
              ends="R-AUDIT-6M", effects=[Effect.NEXT], rule="R-AUDIT-6M"),
    ),
)  # fmt: skip

FES = Machine(
    name="fes",
    title="Message to Rosfinmonitoring: written, numbered, signed, sent once, and told from its receipt how it fared.",
    open_states=frozenset({"draft", "ready", "signed", "sending", "rejected"}),
    rows=(
        *step(BEGIN, "draft", "draft", "fes_drafted", "system officer head",
              needs="family kind record_type content content_digest", may="about client_id rule_id",
              guards=[Guard.REPORT_FITS, Guard.SAME_CONTENT]),
        *step("draft", "draft", SAME, "fes_drafted", "system officer head", needs="content content_digest",
              guards=[Guard.SAME_CONTENT]),
        # The record keeps its number, so that nobody takes it for another one; the file is a new one.
        *step("rejected", "draft", "draft", "fes_corrected", "system officer head", needs="content content_digest",
              guards=[Guard.SAME_CONTENT], rule=MEND),
        *step("draft", "drop", "dropped", "fes_dropped", "officer head", needs="motive", guards=[Guard.UNNUMBERED]),
        *step("draft", "approve", "ready", "fes_approved", "officer head",
              needs="content_digest file_series message_date", may="record_series record_count", second_to="draft",
              guards=[Guard.SAME_CONTENT], effects=[Effect.NUMBER]),
        *step("ready signed", "send_back", "draft", "fes_sent_back", "officer head", needs="motive"),
        *step("ready", "sign", "signed", "fes_signed", "system officer operator",
              needs="xml_digest signature signature_digest"),
        *step("signed", "send", "sending", "fes_sending", "system officer operator", needs="route attempt",
              begins_now=UNSURE, rule=UNSURE),
        # Whether it arrived is asked of the route, or seen by a person; nothing is sent again before that is known.
        *step("sending", "sent", "sent", "fes_sent", "system officer operator",
              may="attempt portal_id external_id status_number status_name service_note", guards=[Guard.OWN_ATTEMPT],
              ends=f"{UNSURE} {MEND}", begins_now=RECEIPT, effects=[Effect.TELL], rule=RECEIPT),
        *step("sending", "not_sent", "signed", "fes_not_sent", "system officer operator", needs="cause",
              may="attempt motive", guards=[Guard.OWN_ATTEMPT], ends=UNSURE, rule=UNSURE),
        *step("sent", "status", SAME, "fes_status_told", "system", needs="status_number status_name",
              may="service_note"),
        *step("sent", "accept", "accepted", "fes_accepted", "system officer", needs="receipt receipt_digest",
              ends=RECEIPT, effects=[Effect.DELETE], rule=RECEIPT),
        *step("sent accepted", "reject", "rejected", "fes_rejected", "system officer", needs="receipt receipt_digest",
              may="reject_codes service_note", ends=RECEIPT, begins_now=MEND, rule=MEND),
        # What a deleted message had told has to be told again: the term runs on until another message did.
        *step("rejected", "delete", "deleted", "fes_deleted", "system", needs="message_id", rule=MEND),
        *step("sent accepted", "delete", "deleted", "fes_deleted", "system", needs="message_id", ends=RECEIPT,
              begins_now=MEND, rule=MEND),
        *step("deleted", "replace", SAME, "fes_replaced", "system officer head", needs="message_id", ends=MEND,
              rule=MEND),
    ),
)  # fmt: skip

MACHINES: dict[str, Machine] = {
    machine.name: machine for machine in (CASE, FREEZE, SUSPENSION, REFUSAL, MESSAGE, NOTICE, CHECK, AUDIT, FES)
}
MEASURES = ("freeze", "suspension", "refusal")
# Rules whose terms these tables begin by name: a policy that lacks one of them is refused when a desk is opened.
# At the end of a suspension the operation is due at once, and a court says itself until when.
TERM_RULES = frozenset(
    rule for machine in MACHINES.values() for row in machine.rows for rule in (*row.begins, *row.begins_now)
) - {RULING, "R-SUSP-END"}  # fmt: skip
