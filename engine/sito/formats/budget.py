"""Taxes and fines, as the budget fields of a Russian payment order tell them.

What a payment is for can make a verdict milder, and whoever pays writes the fields of his order himself. So the fields
alone are not believed: the money has to go to an account of the Treasury for incomes of the budget as well.

Source of account and single tax payment: requisites of the Federal Tax Service (klerk.ru 662527); of the parts of the
budget code: orders of the Ministry of Finance on budget classification. Only these are read:

    single tax payment      18201061201010000510
    taxes of the tax code   administrator 182, income group 1, subgroups 01, 03, 05, 06, kind 1000 (the tax itself)
    their fines             the same, kind 3000
    fines of the CoAO       income group 1, subgroup 16, article 01, of any administrator

Customs, insurance contributions, state duties, interest for delay, damages and contractual penalties are `OTHER`. So
is whatever contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sito.records import Operation

_TREASURY = re.compile(r"03100\d{15}", re.ASCII)  # incomes of the budgets, at the Federal Treasury
_SINGLE_TAX_PAYMENT = "18201061201010000510"
_TAX = re.compile(r"1821(?:01|03|05|06)\d{7}1000110", re.ASCII)
_TAX_FINE = re.compile(r"1821(?:01|03|05|06)\d{7}3000110", re.ASCII)
_FINE = re.compile(r"(?!000)\d{3}11601\d{9}140", re.ASCII)


def is_treasury(accounts: Iterable[str]) -> bool:
    """Say whether there is an account, and all that are given are such of the Treasury for incomes of the budget."""
    given = {account for account in accounts if account}
    return bool(given) and all(_TREASURY.fullmatch(account) for account in given)


def budget_operation(
    accounts: Iterable[str], codes: Iterable[str], statuses: Iterable[str], *, income_code: str = ""
) -> Operation:
    """Return what a payment order is for: a tax, a fine, or `OTHER` where that is not sure.

    Args:
        accounts: Of the payee (field 17), all that the order names.
        codes: Budget classification code (field 104).
        statuses: Of who drew the order up (field 101); without one it is no payment to the budget.
        income_code: Kind of income (field 20): such a payment goes to a person, and never to the budget.
    """
    found = {code.strip() for code in codes}
    drawn = {status.strip() for status in statuses}
    if len(found) != 1 or len(drawn) != 1 or not next(iter(drawn)).strip("0") or income_code.strip().strip("0"):
        return Operation.OTHER
    if not is_treasury(accounts):
        return Operation.OTHER
    code = found.pop()
    if code == _SINGLE_TAX_PAYMENT or _TAX.fullmatch(code):
        return Operation.TAX
    return Operation.FINE if _TAX_FINE.fullmatch(code) or _FINE.fullmatch(code) else Operation.OTHER
