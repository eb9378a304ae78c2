"""The Remarks of OFAC lists: `DOB 1962; POB Shati; Passport A1234567 (Iran) expires 01 Jan 2020; a.k.a. 'X'.`

The CSV files carry everything that has no column of its own in this one text, `;` between the parts.
Each part becomes a date, a place, a name, an identifier or a remark. Parts in plain prose stay remarks.
Parts that look like data (they hold digits) but follow no known form are kept in `Entry.raw`.

Names in quotes after `a.k.a.` in the Remarks are the *weak* aliases; the strong ones stand in `alt.csv`.
"""

from __future__ import annotations

import re

from sito.entries import Kind, NameQuality
from sito.lists.countries import country_code
from sito.lists.documents import identifier_type, make_identifier
from sito.lists.draft import EntryDraft, clean, gender_word

_ALIAS = re.compile(
    r"(?P<type>[afn]\.k\.a\.)[,:]?\s*(?P<quote>['\"])(?P<name>.+?)(?P=quote)?\s*(?P<note>\([^()]*\))?[.,]?"
)
_OPEN_ALIAS = re.compile(r"(?:alt\.\s)?[afn]\.k\.a\.,?\s*(?:'[^']*|\"[^\"]*)")
_CLOSING = re.compile(r"(?!.*[afn]\.k\.a\.)[^'\"]{0,200}['\"]\.?")
_PART_LENGTH_MAX = 2000  # characters; a longer part is a story, and patterns are not run over it
_QUALITY = {"a.k.a.": NameQuality.WEAK, "f.k.a.": NameQuality.FORMER, "n.k.a.": NameQuality.WEAK}

# Labels whose text is prose or of no use for matching; they stay in the remarks as printed.
_PROSE = re.compile(
    r"linked to|secondary sanctions|transactions prohibited|additional sanctions|executive order|caatsa|"
    r"organi[sz]ation (?:established|type)|target type|for more information|listing date|effective date|"
    r"purchase/sales|all offices|icty|aircraft (?:model|manufacture date|operator|type)|former vessel|vessel |"
    r"other vessel (?:flag|type)|previous vessel|member of|arrested|named in|individual's|unscr|federal register|"
    r"effective|e\.o\.|eo \d|subject to|ifca|please|https?:|www\.|un/?locode|issued|expires|sec(?:tion)? \d|"
    r"position|title|head of|director|minister|president|commander|currently|since|chief|deputy|general|officer|"
    r"governor|chair|vice|sentenced|convicted|extradited|deceased|died|operates|owned|subsidiary|"
    r"peesa|cmic|prohibited|directive|correspondent",
    re.IGNORECASE,
)
# A label is words that end in a word for "number", or one of the labels without such a word.
_LABEL = re.compile(
    r"(?P<label>"
    r"Digital Currency Address - \w+|Vessel Registration Identification(?: IMO)?|Identification Number IMO|"
    r"Company Number IMO|"
    r"Aircraft Manufacturer'?s Serial Number(?: \(MSN\))?|Aircraft Construction Number(?: \(also called [^()]*\))?|"
    r"Aircraft Mode S Transponder Code|(?:Previous |Former )?Aircraft Tail Number|Aircraft Serial Identification|"
    r"Unified Social Credit Code(?: \(USCC\))?|United Social Credit Code Certificate(?: \(USCCC\))?|"
    r"Economic Register Number(?: \(CBLS\))?|BIK(?: \(RU\))?|SWIFT/BIC|MMSI|ISIN|Equity Ticker|"
    r"(?:British National Overseas |Stateless Person |\w+ )?Passport(?: Booklet| Card)?(?: No\.)?|"
    r"Laissez-Passer|SSN|C\.?U\.?R\.?P\.?(?: #)?|R\.?F\.?C\.?(?: #)?|D\.?N\.?I\.?|N\.I\.E\.|"
    r"C\.U\.I\.T\.|C\.U\.I\.P\.|C\.U\.I\.|"
    r"C\.I\.F\.|I\.F\.E\.|L\.E\.|RTN|NIT(?: #)?|RUC(?: #)?|RIF(?: #)?|US FEIN|Romanian C\.R\.|VisaNumberID|LEI|"
    r"Cartilla de Servicio Militar Nacional|Credencial electoral|Numero de Identidad|Tarjeta Profesional|"
    r"CNP \(Personal Numerical Code\)|Romanian (?:Permanent Resident CAN|Tax Registration)|UAE Identification|"
    r"Numero Unico de Identificacao Tributaria \(NUIT\)|Paraguayan tax identification number|"
    r"(?:Tele)?[Pp]hone(?: Number| No\.)?|PHONE|Fax(?: Number| No\.)?|FAX|TELEX|Telex|Mobile|"
    r"(?:alt\. )?E-?[Mm]ail(?: Address)?|Website|Vessel Call Sign|Other Vessel Call Sign|Call Sign|"
    r"Chinese Commercial Code|Italian Fiscal Code|Fiscal Code|Registration ID|V\.?A\.?T\.?(?: Number| No\.)?|"
    r"N\.I\.F\.|C\.I\.N\.|"
    r"(?:[A-Z](?:[^\W\d]|['’.&()/ -]){0,80})?"
    r"(?:No\.|No|Nos\.|[Nn]umber|#|ID|Code|Card|License|Certificate|Document|Identification)"
    r")\s*[:#]?\s+(?P<rest>.+)"
)
_DATES = re.compile(r"[,;]?\s*\b(?:(?:date of )?issued?|expir(?:es|ed|y|ation)|valid|exp\.)\b.*$", re.IGNORECASE)
_GROUP = re.compile(r"(?P<before>.*\S)\s*\((?P<group>[^()]+(?:\([^()]*\))?)\)", re.DOTALL)
_MAY_LACK_DIGITS = ("other", "bic", "call_sign", "tail_number")


def split_remarks(text: str) -> list[str]:
    """Split the Remarks at `;`, except inside the quotes of an alias, and drop the final full stop."""
    parts: list[str] = []
    for piece in text.split(";"):
        # A name may hold a semicolon; only a piece that closes the quote belongs to the name before it.
        if parts and _OPEN_ALIAS.fullmatch(parts[-1].strip()) and _CLOSING.fullmatch(piece.strip()):
            parts[-1] += ";" + piece
        else:
            parts.append(piece)
    return [part for part in (clean(part) for part in parts) if part.strip(".")]


def individual_name(text: str) -> tuple[str, str, str]:
    """Turn `FAMILY, Given` into (natural order, family, given); a text without a comma has no known parts."""
    family, comma, given = clean(text).partition(", ")
    if not comma or not given.strip(" ,"):
        return clean(text), "", ""
    before, comma, suffix = given.rpartition(", ")
    if comma and suffix.casefold().rstrip(".") in ("jr", "sr", "ii", "iii", "iv"):
        return f"{before} {family} {suffix}", family, before
    return f"{given} {family}", family, given


def add_name(draft: EntryDraft, text: str, quality: NameQuality) -> None:
    """Add a name in the list's form: people are turned to natural order, all else stays as printed."""
    if draft.kind is Kind.PERSON:
        whole, surname, given = individual_name(text)
        draft.name(whole, quality, surname=surname, given=given)
    else:
        draft.name(text, quality)


def add_remarks(draft: EntryDraft, text: str, *, title: str = "") -> None:
    """Read the Remarks of one entry into its draft.

    Args:
        draft: The entry; its kind decides how aliases are read.
        text: The whole Remarks, continuation included.
        title: The entry's title column; a part that only repeats it is left out.
    """
    for part in split_remarks(text):
        if title and part.rstrip(".").casefold() == title.rstrip(".").casefold():
            continue
        add_part(draft, part)


def add_part(draft: EntryDraft, part: str) -> None:
    """Read one part of the Remarks into the draft."""
    if len(part) > _PART_LENGTH_MAX:
        if re.match(r"(?:alt\.\s)?[afn]\.k\.a\.", part):
            draft.name(part)  # too long for a name: refused
        draft.raw("Remarks", part)
        return
    plain = re.sub(r"^[Aa]lt\.\s+", "", part)
    alias = _ALIAS.fullmatch(plain)
    if alias:
        add_name(draft, alias["name"], _QUALITY[alias["type"]])
        if alias["note"]:
            draft.remark(plain)
        return
    value = plain[:-1] if plain.endswith(".") else plain
    word, _, rest = value.partition(" ")
    match word:
        case "DOB":
            draft.birth(rest, "Remarks, DOB")
        case "POB":
            draft.add("birth_places", rest)
        case "nationality" | "citizen" | "Nationality" | "Citizen" | "citizenship":
            draft.country(rest.removeprefix("of Registration "))
        case "Gender":
            draft.gender = gender_word(rest)
        case "Title:":
            draft.add("titles", rest)
        case _:
            _add_other(draft, part, value)


def is_prose(text: str) -> bool:
    """Say whether a label or part of the Remarks holds words about the sanction or the person, not a number."""
    return bool(_PROSE.match(text.replace("Vessel Registration", "Registration").replace("Vessel Call", "Call")))


def _add_other(draft: EntryDraft, part: str, value: str) -> None:
    label = _LABEL.fullmatch(value)
    if label and not is_prose(value):
        if add_identifier(draft, label["label"], label["rest"]):
            return
    elif _PROSE.search(value) or not re.search(r"\d", value):
        draft.remark(part)
        return
    draft.raw("Remarks", part)


def add_identifier(draft: EntryDraft, label: str, text: str, place: str = "") -> bool:
    """Add `A1234567 (Iran) issued 01 Jan 2010` under its label; False if there is no number in it."""
    notes: list[str] = []
    type_ = identifier_type(label)
    number = text
    if type_ not in ("phone",) and label not in ("Website", "Email Address"):
        dates = _DATES.search(number)
        if dates:
            notes.append(clean(dates[0].strip(" ,;")))
            number = number[: dates.start()]
        while match := _GROUP.fullmatch(number):
            if not place and country_code(match["group"]):
                place = match["group"]
            else:
                notes.insert(0, match["group"])
            number = match["before"]
    number = number.strip(" .,;:")
    if not number or (type_ not in _MAY_LACK_DIGITS and type_ != "wallet" and not re.search(r"\d", number)):
        return False
    if type_ == "wallet":
        coin = label.rpartition(" - ")[2]
        notes.insert(0, coin)
        label = "wallet"
    draft.identifier(make_identifier(label, number, place, "; ".join(notes), home=draft.home))
    return True
