"""What follows from a hit: verdicts, rules of law as dated data, terms.

Pure functions of recorded facts: no clock, no environment, and nothing is read but policy and calendar files.
"""

from sito.policy.facts import (
    Direction,
    Grade,
    ListKind,
    Occasion,
    Operation,
    PartyRole,
    Relation,
    Situation,
    Verdict,
    list_kind_of,
)
from sito.policy.rules import Duty, PolicyFile, Rule, default_policy_file, read_policy_file
from sito.policy.verdict import Policy, Ruling, default_policy, most_severe, read_policy

__all__ = [
    "Direction",
    "Duty",
    "Grade",
    "ListKind",
    "Occasion",
    "Operation",
    "PartyRole",
    "Policy",
    "PolicyFile",
    "Relation",
    "Rule",
    "Ruling",
    "Situation",
    "Verdict",
    "default_policy",
    "default_policy_file",
    "list_kind_of",
    "most_severe",
    "read_policy",
    "read_policy_file",
]
