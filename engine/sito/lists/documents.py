"""Identifiers of the western lists: the label a list prints -> the type of `Identifier`.

A Russian tax or registration number is recognised by its country or label *and* its check digits,
because the matcher treats equal INN or OGRN as proof.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sito.entries import Identifier
from sito.lists.countries import country, country_code
from sito.numbers import is_inn, is_ogrn

# First match wins, so special cases stand before general words.
_TYPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (type_, re.compile(pattern, re.IGNORECASE))
    for type_, pattern in (
        ("wallet", r"digital currency address|crypto|wallet"),
        ("imo", r"vessel registration identification|identification number imo|ship.?imo|^imo\b|imo n|maritime org"),
        ("registration", r"company number imo|registered owner.*imo"),
        ("mmsi", r"\bmmsi\b"),
        ("call_sign", r"call sign"),
        ("tail_number", r"tail number"),
        ("bic", r"swift|\bbic\b|\bbik\b"),
        ("lei", r"\blei\b|legal entity identifier"),
        ("phone", r"^(?:alt\. )?(?:tele)?phone|^fax|^telex|^mob"),
        ("other", r"e-?mail|website|\bisin\b|ticker|d-u-n-s|serial|construction|transponder|visa|permit|military reg"),
        ("other", r"^other ident"),
        ("national_id", r"^ni n|electoral|registro civil"),
        ("inn", r"\binn\b|taxpayer identification number \(inn\)"),
        ("ogrn", r"\bogrn(?:ip)?\b"),
        ("snils", r"\bsnils\b"),
        ("passport", r"passport|pasaporte|passeport|travel document|laissez"),
        ("national_id", r"driver"),
        (
            "tax_id",
            r"\btax|\bnit\b|n\.i\.f|\brif\b|\bruc\b|r\.?f\.?c\.?|v\.?a\.?t\.?|fiscal|fein|c\.u\.i\.t|nuit|\brtn\b",
        ),
        (
            "registration",
            r"registr|company|commercial|folio|business|matricula|licen[cs]e no|^license|social credit|enterprise|"
            r"chamber|incorporation|branch unit|charity|legal entity|file number|organi[sz]ation code|\bc\.?r\.? ?no|"
            r"romanian c\.r|gazette|economic|c\.i\.f|c\.i\.n|trade|license$|regnumber",
        ),
        (
            "national_id",
            r"national|cedula|c\.?u\.?r\.?p|d\.n\.i|\bssn\b|social security|identi|personal id|\bid\b|citizen|"
            r"i\.f\.e|driver|birth cert|tazkira|n\.i\.e|c\.u\.i|cartilla|le number|residen|\bcnp\b|immigration|refugee|"
            r"nie\b|ration card|tarjeta",
        ),
    )
)


@lru_cache(maxsize=4096)
def identifier_type(label: str) -> str:
    """Return the identifier type of a label, `other` if no rule knows it."""
    return next((type_ for type_, pattern in _TYPES if pattern.search(label)), "other")


def make_identifier(label: str, number: str, place: str = "", note: str = "", *, home: str = "") -> Identifier:
    """Make an identifier from what a list prints.

    Args:
        label: The list's word for it, for example `Tax ID No.`; it stays in the note unless it says
            no more than the type.
        number: As printed; white space runs become one space.
        place: Country, in any form; kept as code where known.
        note: Dates, issuer and the like.
        home: Code of a country the subject sits in; it may stand in for a missing `place`.
    """
    number = " ".join(number.split())
    code = country_code(place)
    type_ = identifier_type(label)
    digits = number.replace(" ", "")
    if code in ("", "RU") and type_ in ("tax_id", "inn", "registration", "ogrn", "national_id", "other"):
        # Without a country only the label may prove it: ten digits are a phone number, too.
        named = (code or home) == "RU" or type_ in ("inn", "ogrn")
        if named and is_inn(digits) and type_ in ("tax_id", "inn"):
            type_, number = "inn", digits
        elif named and is_ogrn(digits):
            type_, number = "ogrn", digits
        elif type_ == "inn":
            type_ = "tax_id"
        elif type_ == "ogrn":
            type_ = "registration"
    elif type_ == "registration" and re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", number) and "legal entity" in label.lower():
        type_ = "lei"
    if type_ == "imo":
        match = re.fullmatch(r"(?:imo)?[ .:#-]*\(?(\d{7})\)?", number, re.IGNORECASE)
        number = match[1] if match else number
        if match is None and "imo" not in label.lower():
            type_ = "registration"  # "Vessel Registration Identification RS 130280": a register other than IMO
    words = [] if label.casefold().replace(" ", "_") in (type_, "") else [label]
    return Identifier(type_, number, country(place) if place else "", "; ".join(w for w in (*words, note) if w))
