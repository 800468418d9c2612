"""
Reads a number in any spelling and says which kind of party it is.

In this order: withheld words are anonymous; ``sip:`` and anything with ``@`` is a
uri; emergency codes are short; ``+`` and ``00`` begin an international number; 2 to
6 digits are an extension; more digits are a national number if the site names its
country.  What is none of these is malformed and counts as anonymous, with its text
kept in ``raw``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..contract import Party, PartyKind

if TYPE_CHECKING:
    from ..plan import Plan

__all__ = ["parse_party", "resolve"]

WITHHELD = frozenset(
    {
        "",
        "<unknown>",
        "anonymous",
        "blocked",
        "private",
        "restricted",
        "unavailable",
        "unknown",
        "withheld",
    }
)
"""What switches write, in any case, for a caller who does not say who calls."""

SHORT_CODES = frozenset({"112", "911", "999"})
"""Emergency codes that are never rewritten, in whatever country the site is."""

SHORT_CODES_OF = {
    "7": frozenset({"01", "02", "03", "04", "101", "102", "103", "104"}),
}
"""Further ones by calling code: fire, police, ambulance and gas of Russia."""

NATIONAL_DIGITS = {
    "1": 10,
    "7": 10,
    "33": 9,
    "34": 9,
    "48": 9,
    "371": 8,
    "380": 9,
}
"""Length of a national number by calling code, where it is the same for all.
It tells a prefix from a first digit: in Russia 8 800 123-45-67 has one, and
800 123-45-67 begins with the same 8.  Source: ITU-T E.164 national plans."""

# What a caller controls is bounded before it goes into events and journals.
_TEXT_LENGTH_MAX = 256
_SEPARATORS = re.compile(r"[\s().\-\u00ad\u2010-\u2015\u2212/]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_URI = re.compile(r"[!-~]{1,256}")
_DIGITS = re.compile(r"[0-9]+")


def resolve(plan: Plan, raw: str, *, name: str = "") -> Party:
    """
    Make a party of a number as a switch gave it, by the rules of a site.

    Args:
        plan: The site's plan; its country code and national prefix are used.
        raw: The number, a URI or a word such as ``anonymous``; empty: withheld.
        name: Display name that the switch gave; empty: none.

    Returns:
        The party; malformed text gives an anonymous one.

    Cost: linear in the text, of which 256 characters are read.
    """
    site = plan.raw.site
    party = parse_party(
        raw, country_code=site.country_code, national_prefix=site.national_prefix
    )
    return Party(
        kind=party.kind, number=party.number, raw=party.raw, name=_bounded(name)
    )


def parse_party(
    raw: str, *, country_code: str = "", national_prefix: str = ""
) -> Party:
    """
    Make a party of a number in any spelling.

    Args:
        raw: The number, a URI or a word such as ``anonymous``; empty: withheld.
        country_code: Calling code, such as ``7``, that national numbers get;
            empty: a number without ``+`` or ``00`` has no country.
        national_prefix: What is dialled before a national number, such as ``8``;
            empty: nothing.

    Returns:
        The party.  ``number`` is empty exactly if it is anonymous; ``raw`` is empty
        if it would equal ``number``.

    Cost: linear in the text, of which 256 characters are read.
    Source: ITU-T E.164 clause 6 (at most 15 digits), RFC 3966 (tel), RFC 3261 (sip).
    """
    text = _bounded(raw)
    # A number that was cut would be somebody else's.
    whole = raw.strip() if len(raw) <= _TEXT_LENGTH_MAX else "withheld"
    kind, number = _classify(whole, country_code, national_prefix)
    return Party(kind=kind, number=number, raw="" if text == number else text)


def _bounded(text: str) -> str:
    """
    Cut *text* to length and replace what UTF-8 cannot carry.
    """
    return text[:_TEXT_LENGTH_MAX].encode("utf-8", "replace").decode("utf-8")


def _classify(text: str, country: str, prefix: str) -> tuple[PartyKind, str]:
    """
    Return kind and normalised number of stripped text.
    """
    lowered = text.lower()
    if lowered in WITHHELD:
        return "anonymous", ""
    if lowered.startswith("tel:"):
        return _classify_number(_tel_number(text), country, prefix)
    if "@" in text or lowered.startswith(("sip:", "sips:")):
        return _classify_uri(text)
    return _classify_number(text, country, prefix)


def _classify_uri(text: str) -> tuple[PartyKind, str]:
    """
    Normalise a URI: scheme and host in lower case, ``sip:`` where none is written.
    """
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() not in {"sip", "sips"}:
        scheme, rest = "sip", text
    user, at, host = rest.rpartition("@")
    number = f"{scheme.lower()}:{user}{at}{host.lower()}"
    # RFC 3323 section 4.1.1.3: the address of a caller who withholds theirs.
    withheld = user.lower() == "anonymous" or host.lower() == "anonymous.invalid"
    if withheld or not rest or not _URI.fullmatch(number):
        return "anonymous", ""
    return "uri", number


def _tel_number(text: str) -> str:
    """
    Return the digits of a ``tel:`` URI, with the prefix that its context names.
    """
    number, *parameters = text[len("tel:") :].split(";")
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        is_prefix = key.lower() == "phone-context" and value.startswith("+")
        if is_prefix and not number.startswith("+"):
            return value + number
    return number


def _classify_number(text: str, country: str, prefix: str) -> tuple[PartyKind, str]:
    """
    Tell short codes, international numbers, extensions and national numbers apart.
    """
    if text.startswith(("+", "00")):
        # "+44 (0)20 ...": the trunk prefix of those who dial within the country.
        text = text.replace("(0)", "", 1)
    digits = _SEPARATORS.sub("", text)
    if digits in SHORT_CODES or digits in SHORT_CODES_OF.get(country, ()):
        return "short", digits
    number = f"+{digits[2:]}" if digits.startswith("00") else digits
    if _E164.fullmatch(number):
        return "e164", number
    if not _DIGITS.fullmatch(digits):
        return "anonymous", ""
    if 2 <= len(digits) <= 6:
        return "extension", digits
    number = _from_national(digits, country, prefix)
    return ("e164", number) if _E164.fullmatch(number) else ("anonymous", "")


def _from_national(digits: str, country: str, prefix: str) -> str:
    """
    Put the calling code before a national number; empty: it cannot be one.

    Where all national numbers are equally long, the length tells whether the
    prefix, the calling code or nothing stands before; elsewhere the prefix is
    taken off wherever it is found.
    """
    if not country:
        return ""
    length = NATIONAL_DIGITS.get(country)
    if length is None:
        return f"+{country}{digits.removeprefix(prefix)}"
    before, national = digits[:-length], digits[-length:]
    if before not in {"", prefix, country} or len(national) < length:
        return ""
    return f"+{country}{national}"
