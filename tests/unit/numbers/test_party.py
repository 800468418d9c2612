"""Numbers in every spelling become the same party."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillroute.numbers import parse_party, resolve
from skillroute.plan import parse_plan

RUSSIA = {"country_code": "7", "national_prefix": "8"}
GERMANY = {"country_code": "49", "national_prefix": "0"}
LATVIA = {"country_code": "371"}

INTERNATIONAL = {
    "+74955550100": "+74955550100",
    "+7 (495) 555-01-00": "+74955550100",
    "  +7.495.555.01.00 ": "+74955550100",
    "+7\u00a0495\u2013555\u201101\u201100": "+74955550100",
    "0074955550100": "+74955550100",
    "tel:+1-202-555-0100": "+12025550100",
    "TEL:+12025550100;ext=7": "+12025550100",
    "tel:555-0100;phone-context=+1202": "+12025550100",
    "+44 (0)20 7946 0000": "+442079460000",
    "+1234567": "+1234567",
    "+123456789012345": "+123456789012345",
}

NATIONAL = [
    ("8 (495) 555-01-00", RUSSIA, "+74955550100"),
    ("4955550100", RUSSIA, "+74955550100"),
    ("74955550100", RUSSIA, "+74955550100"),
    ("8 800 555 01 00", RUSSIA, "+78005550100"),
    ("8005550100", RUSSIA, "+78005550100"),
    ("030 1234567", GERMANY, "+49301234567"),
    ("30 1234567", GERMANY, "+49301234567"),
    ("67 123 456", LATVIA, "+37167123456"),
    ("37167123456", LATVIA, "+37167123456"),
]

MALFORMED = [
    "+",
    "+0123456789",
    "+123456",
    "+1234567890123456",
    "7",
    "abc",
    "*21#",
    "12 34 x",
    "\u0664\u0665\u0666",
    "sip:",
    "sip:a b@example.com",
    "tel:",
    "+7495555010\u0660",
    "sip:" + "a" * 300 + "@example.com",
]


@pytest.mark.parametrize("raw", INTERNATIONAL)
def test_an_international_number_is_found_however_it_is_written(raw: str) -> None:
    """Else a caller is not recognised when another trunk writes the number."""
    party = parse_party(raw)
    assert (party.kind, party.number) == ("e164", INTERNATIONAL[raw])
    assert party.raw == ("" if raw == party.number else raw)


@pytest.mark.parametrize(("raw", "site", "number"), NATIONAL)
def test_a_national_number_gets_its_country(
    raw: str, site: dict[str, str], number: str
) -> None:
    """Else a number dialled as people dial it leads to the last resort."""
    party = parse_party(raw, **site)
    assert (party.kind, party.number) == ("e164", number)


def test_a_number_of_the_wrong_length_is_no_national_number() -> None:
    """A local number without its area could be anybody's."""
    assert parse_party("5550100", **RUSSIA).kind == "anonymous"
    assert parse_party("94955550100", **RUSSIA).kind == "anonymous"


def test_digits_without_a_country_are_no_number() -> None:
    """Guessing a country would connect the wrong people."""
    party = parse_party("74955550100")
    assert (party.kind, party.number, party.raw) == ("anonymous", "", "74955550100")


@pytest.mark.parametrize("raw", ["112", "911", "999", "1-1-2"])
def test_an_emergency_code_is_never_rewritten(raw: str) -> None:
    """Somebody who needs help must reach it from any site."""
    party = parse_party(raw, **RUSSIA)
    assert (party.kind, party.number) == ("short", raw.replace("-", ""))


def test_short_codes_of_one_country_are_extensions_elsewhere() -> None:
    """103 is an ambulance in Moscow and a desk in Berlin."""
    assert parse_party("103", **RUSSIA).kind == "short"
    assert parse_party("01", **RUSSIA).kind == "short"
    assert parse_party("103", **GERMANY).kind == "extension"


@pytest.mark.parametrize("raw", ["10", "205", "1 234", "999999"])
def test_two_to_six_digits_are_an_extension(raw: str) -> None:
    """Colleagues call each other by short numbers."""
    party = parse_party(raw, **RUSSIA)
    assert (party.kind, party.number) == ("extension", raw.replace(" ", ""))


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("sip:Anna@Example.COM", "sip:Anna@example.com"),
        ("SIPS:a@b", "sips:a@b"),
        ("anna@example.com", "sip:anna@example.com"),
        ("sip:example.com", "sip:example.com"),
        ("sip:+74955550100@trunk;user=phone", "sip:+74955550100@trunk;user=phone"),
    ],
)
def test_a_uri_keeps_its_user_part(raw: str, number: str) -> None:
    """Hosts may be written in any case, users may not (RFC 3261 19.1.4)."""
    party = parse_party(raw)
    assert (party.kind, party.number) == ("uri", number)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "Anonymous",
        "UNKNOWN",
        "<unknown>",
        "private",
        "restricted",
        "unavailable",
        "sip:anonymous@anonymous.invalid",
        "Anonymous@Anonymous.invalid",
    ],
)
def test_a_withheld_number_is_anonymous(raw: str) -> None:
    """Else all who withhold their number would count as one caller."""
    party = parse_party(raw, **RUSSIA)
    assert (party.kind, party.number, party.raw) == ("anonymous", "", raw)


@pytest.mark.parametrize("raw", MALFORMED)
def test_what_is_no_number_is_anonymous_and_kept(raw: str) -> None:
    """A broken trunk must not break routing, and can be found in the journal."""
    party = parse_party(raw, **RUSSIA)
    assert (party.kind, party.number) == ("anonymous", "")
    assert party.raw == raw[:256]


@given(
    st.text(st.characters()),
    st.sampled_from(["", "1", "7", "49", "371"]),
    st.sampled_from(["", "0", "8"]),
)
def test_no_text_whatever_breaks_it(raw: str, country: str, prefix: str) -> None:
    """Callers choose what stands in their headers."""
    party = parse_party(raw, country_code=country, national_prefix=prefix)
    assert (party.number == "") == (party.kind == "anonymous")
    assert len(party.raw) <= 256
    msgspec.msgpack.encode(party)


@given(st.text("+0123456789 ()-.", max_size=20), st.sampled_from([RUSSIA, GERMANY]))
def test_a_normalised_number_stays_as_it_is(raw: str, site: dict[str, str]) -> None:
    """Plan and switch may normalise twice and must still agree."""
    party = parse_party(raw, **site)
    again = parse_party(party.number, **site)
    assert (again.kind, again.number) == (party.kind, party.number)
    if party.kind == "e164":
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", party.number)


def test_a_plan_resolves_numbers_by_its_country() -> None:
    """What a switch writes is found among the plan's numbers."""
    plan = parse_plan(
        '[site]\nname = "s"\ncountry_code = "7"\nnational_prefix = "8"\n'
        '[queues.q]\n[numbers."8 495 555-01-00"]\nqueue = "q"\n'
    )
    party = resolve(plan, "4955550100", name="Olga \ud800")
    assert party.number == "+74955550100"
    assert party.name == "Olga ?"
