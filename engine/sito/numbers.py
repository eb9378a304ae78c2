"""Numbers that name somebody: their check digits, and the ways they are written.

A number whose check digits are right was hardly mistyped by the list, and a text that holds it hardly means anything
else; a number that fails its own check is kept, but proves little. Every function is pure Python and takes the bare
number: letters and digits without gaps, as `bare` gives it. Nothing here knows whether a number was ever issued.
"""

from __future__ import annotations

import hashlib
import re
from enum import Enum

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
WORDS = {"inn": "ИНН", "ogrn": "ОГРН", "snils": "СНИЛС", "imo": "IMO", "mmsi": "MMSI", "lei": "LEI", "bik": "БИК"}
CASE_KEPT = frozenset({"wallet"})

_GAPS = re.compile(r"[\W_]+")  # all but what `str.isalnum` takes
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_ETHER = re.compile(r"0[xX][0-9a-fA-F]{40}")
_SEGWIT = re.compile(r"(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,71}", re.IGNORECASE)


class Standing(Enum):
    """What the check digits of a number say."""

    VERIFIED = "verified"  # it has check digits, and they are right
    PLAIN = "plain"  # it has none, or nobody here knows them
    FAILED = "failed"  # it has some, and they are wrong


def bare(number: str) -> str:
    """Return the letters and digits of a number."""
    return number if number.isalnum() else _GAPS.sub("", number)


def standing(kind: str, number: str) -> Standing:
    """Say what the check digits of a number tell.

    Args:
        kind: As `Identifier.type`.
        number: As printed.
    """
    text = bare(number)
    if kind not in CASE_KEPT:
        text = text.upper()
    for word in (kind.upper(), WORDS.get(kind, "")):
        text = text.removeprefix(word) if word and text.upper() != word else text
    if kind == "wallet":
        return wallet_standing(text)
    right: bool | None = None
    if kind == "inn" and len(text) in (10, 12):
        right = is_inn(text)
    elif kind == "ogrn" and len(text) in (13, 15):
        right = is_ogrn(text)
    elif kind == "snils" and len(text) == 11:
        right = is_snils(text)
    elif kind == "imo" and len(text) == 7:
        right = is_imo(text)
    elif kind == "lei":
        right = is_lei(text)
    elif kind == "iban" or (kind in ("account", "other") and _IBAN.fullmatch(text) and is_iban(text)):
        right = is_iban(text)
    if right is None:
        return Standing.PLAIN
    return Standing.VERIFIED if right else Standing.FAILED


def _digits(number: str, *lengths: int) -> bool:
    return len(number) in lengths and number.isascii() and number.isdigit() and bool(number.strip("0"))


_INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def is_inn(number: str) -> bool:
    """Say whether 10 digits (organisation) or 12 (person) are an INN.

    Source: annex to FNS order MMV-7-6/435@ of 2012, check number: weighted sum modulo 11, modulo 10.
    """
    if not _digits(number, 10, 12):
        return False
    digits = [int(digit) for digit in number]
    places = (9,) if len(digits) == 10 else (10, 11)
    return all(
        sum(w * d for w, d in zip(_INN_WEIGHTS[11 - place :], digits, strict=False)) % 11 % 10 == digits[place]
        for place in places
    )


def is_ogrn(number: str) -> bool:
    """Say whether 13 digits (OGRN) or 15 (OGRNIP) carry their check digit.

    Source: order of the Ministry of Finance 165n of 2017: remainder by 11, or by 13 for entrepreneurs.
    """
    return _digits(number, 13, 15) and number[0] != "0" and int(number[:-1]) % (len(number) - 2) % 10 == int(number[-1])


SNILS_CHECKED_MIN = 1_001_998  # numbers up to this one have no check digits


def is_snils(number: str) -> bool:
    """Say whether 11 digits are an insurance number.

    Source: resolution of the Pension Fund 192p of 2006: sum of digits times their place, modulo 101, 100 is 00.
    """
    if not _digits(number, 11):
        return False
    if int(number[:9]) <= SNILS_CHECKED_MIN:
        return True
    total = sum(place * int(digit) for place, digit in zip(range(9, 0, -1), number, strict=False))
    return total % 101 % 100 == int(number[9:])


def is_imo(number: str) -> bool:
    """Say whether 7 digits are a ship's number. Source: IMO resolution A.1117(30): six digits times 7 to 2."""
    if not _digits(number, 7):
        return False
    return sum(weight * int(digit) for weight, digit in zip(range(7, 1, -1), number, strict=False)) % 10 == int(
        number[6]
    )


def is_mmsi(number: str) -> bool:
    """Say whether 9 digits have the form of a ship's radio number; there is no check digit. Source: ITU-R M.585."""
    return _digits(number, 9) and 201 <= int(number[:3]) <= 775


def _remainder(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97


def is_lei(number: str) -> bool:
    """Say whether 20 characters are a legal entity identifier. Source: ISO 17442, check by ISO 7064 MOD 97-10."""
    return bool(_LEI.fullmatch(number)) and _remainder(number) == 1


def is_iban(number: str) -> bool:
    """Say whether 15 to 34 characters are an IBAN. Source: ISO 13616; lengths of single countries are not checked."""
    return bool(_IBAN.fullmatch(number)) and _remainder(number[4:] + number[:4]) == 1


def is_bic(number: str) -> bool:
    """Say whether 8 or 11 characters have the form of a SWIFT code; there is no check digit. Source: ISO 9362."""
    return bool(_BIC.fullmatch(number))


def is_bik(number: str) -> bool:
    """Say whether 9 digits have the form of a Russian bank code; there is no check digit.

    Source: Bank of Russia regulation 762-P, annex: 04 for credit institutions, 00 to 02 for treasury bodies and the
    Bank of Russia itself.
    """
    return _digits(number, 9) and number[:2] in ("00", "01", "02", "04")


def wallet_standing(address: str) -> Standing:
    """Say what the check of a wallet address tells; of chains that are not known here, nothing.

    Known: base58check (Bitcoin and those like it, TRON), bech32 and bech32m (BIP 173, BIP 350), the mixed case of
    Ethereum (EIP-55; an address of one case carries no check).
    """
    if not address.isascii():
        return Standing.PLAIN
    if _ETHER.fullmatch(address):
        letters = address[2:]
        if letters in (letters.lower(), letters.upper()):
            return Standing.PLAIN
        return Standing.VERIFIED if is_ether(address) else Standing.FAILED
    if _SEGWIT.fullmatch(address):
        return Standing.VERIFIED if is_bech32(address) else Standing.FAILED
    if is_base58check(address):
        return Standing.VERIFIED
    known = (address[:1] in ("1", "3") and 26 <= len(address) <= 35) or (address[:1] == "T" and len(address) == 34)
    return Standing.FAILED if known and not address.isdigit() else Standing.PLAIN


def is_base58check(address: str) -> bool:
    """Say whether an address is one version byte, 20 bytes and the four check bytes of its double SHA-256.

    Source: the Bitcoin reference client's base58check; TRON uses it with version 0x41.
    """
    if not 25 <= len(address) <= 36:
        return False
    value = 0
    for character in address:
        digit = BASE58.find(character)
        if digit < 0:
            return False
        value = value * 58 + digit
    if value >= 1 << 200:
        return False
    data = value.to_bytes(25, "big")
    if len(data) - len(data.lstrip(b"\0")) != len(address) - len(address.lstrip("1")):
        return False
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]


BECH32_LENGTH_MAX = 90


def is_bech32(address: str) -> bool:
    """Say whether a witness address carries its check. Source: BIP 173 (version 0) and BIP 350 (later versions)."""
    text = address.lower()
    if address not in (text, address.upper()) or len(text) > BECH32_LENGTH_MAX:
        return False
    prefix, _, data = text.rpartition("1")
    if not prefix or len(data) < 7 or any(character not in BECH32 for character in data):
        return False
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + [BECH32.index(c) for c in data]
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, constant in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                checksum ^= constant
    return checksum == (1 if data[0] == "q" else 0x2BC830A3)


def is_ether(address: str) -> bool:
    """Say whether the case of the letters of `0x` and 40 hex digits is the check of EIP-55."""
    if not _ETHER.fullmatch(address):
        return False
    digest = keccak_256(address[2:].lower().encode()).hex()
    return all(
        c.isdigit() or c.isupper() == (int(digit, 16) >= 8) for c, digit in zip(address[2:], digest, strict=False)
    )


_LANES = (1 << 64) - 1
_ROTATIONS = (  # [x][y], FIPS 202 table 2, modulo 64
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)


def _round_constants() -> list[int]:
    """Make the 24 constants of the step iota with the shift register of FIPS 202, algorithm 5."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << (1 << j) - 1
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


_CONSTANTS = _round_constants()


def keccak_256(data: bytes) -> bytes:
    """Return the Keccak-256 of Ethereum: SHA3-256 of FIPS 202 but for the padding, which begins with 0x01."""
    rate = 136
    padded = bytearray(data) + b"\x01" + b"\0" * (-(len(data) + 1) % rate)
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), rate):
        for i in range(rate // 8):
            lanes[i % 5][i // 5] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        for constant in _CONSTANTS:
            columns = [a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] for a in lanes]
            for x in range(5):
                change = columns[x - 1] ^ _rotated(columns[(x + 1) % 5], 1)
                lanes[x] = [lane ^ change for lane in lanes[x]]
            moved = [[0] * 5 for _ in range(5)]
            for x in range(5):
                for y in range(5):
                    moved[y][(2 * x + 3 * y) % 5] = _rotated(lanes[x][y], _ROTATIONS[x][y])
            lanes = [
                [moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y]) for y in range(5)] for x in range(5)
            ]
            lanes[0][0] ^= constant
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))


def _rotated(lane: int, bits: int) -> int:
    return (lane << bits | lane >> (64 - bits)) & _LANES


def spellings(kind: str, number: str, checked: Standing) -> list[str]:
    """Return the ways in which a number is written, the one printed first, without repetitions.

    Gaps and dashes are the same to the engine, and so are the two scripts: `ИНН7707083893` stands for
    `INN7707083893` too. A word apart from its number needs no spelling of its own, a word glued to it does. A number
    that fails its own check is met only as printed and without gaps.

    Args:
        kind, number: As for `standing`.
        checked: What `standing` said.
    """
    text = bare(number)
    for word in (kind.upper(), WORDS.get(kind, "")):
        rest = text[len(word) :]
        if word and rest.isdigit() and text[: len(word)].upper() == word:
            text = rest
    found = {number: None, text: None}
    if checked is Standing.FAILED:
        return list(found)
    if text.isdigit() and kind in WORDS:
        found[WORDS[kind] + text] = None
        found |= dict.fromkeys(_grouped(text, *sizes) for sizes in _GROUPS.get((kind, len(text)), ()))
    if kind == "imo":
        found[f"IMO {text}"] = None
    elif kind == "inn" and text.isdigit():
        found[f"{text}КПП"] = None  # 7707083893КПП770701001
    elif kind == "ogrn" and len(text) == 15 and text.isdigit():
        found[f"ОГРНИП{text}"] = None
    elif kind == "passport" and len(text) == 10 and text.isdigit():
        for series in (text[:4], f"{text[:2]} {text[2:4]}"):
            found |= dict.fromkeys(f"{series} {word}{text[4:]}" for word in ("", "номер ", "N ", "N"))
    elif kind == "bic":
        if text.isdigit():
            found[WORDS["bik"] + text] = None
        elif len(text) == 8:
            found[f"{text}XXX"] = None  # the head office may be written either way
        elif len(text) == 11 and text.upper().endswith("XXX"):
            found[text[:8]] = None
    elif kind in ("lei", "iban") or (kind in ("account", "other") and is_iban(text.upper())):
        found[_grouped(text, *[4] * (len(text) // 4 + 1))] = None
    return list(found)


# How digits are set apart in forms and statements; a dash is the same as a gap.
_GROUPS: dict[tuple[str, int], tuple[tuple[int, ...], ...]] = {
    ("inn", 10): ((2, 2, 6), (4, 6), (3, 3, 4), (4, 3, 3), (5, 5)),
    ("inn", 12): ((2, 2, 6, 2), (4, 6, 2), (3, 3, 3, 3), (4, 4, 4), (6, 6)),
    ("ogrn", 13): ((1, 2, 2, 7, 1), (1, 3, 3, 3, 3), (3, 3, 3, 3, 1), (4, 4, 5), (4, 4, 4, 1), (1, 4, 4, 4)),
    ("ogrn", 15): ((1, 2, 2, 9, 1), (3, 3, 3, 3, 3), (4, 4, 4, 3), (5, 5, 5)),
    ("snils", 11): ((3, 3, 3, 2), (9, 2), (3, 3, 5)),
    ("imo", 7): ((3, 4), (4, 3)),
    ("mmsi", 9): ((3, 3, 3), (3, 6)),
}


def _grouped(text: str, *sizes: int) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(text[start : start + size])
        start += size
    return " ".join(part for part in parts if part)
