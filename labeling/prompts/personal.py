"""Finds personal data in texts, and masks it.

Only what is told by its form, and by a checksum where it has one: names and addresses of people are not found. All
patterns are bounded and start where a run of their characters does, so a text takes time in proportion to its length.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.cn import ric
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.kr import rrn

from labeling.prompts.kinds_of_data import PersonalData

Span = tuple[int, int]

KEY = re.compile(
    r"""-----BEGIN[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----(?:[^-]{1,10000}-----END[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----)?
    | (?<![A-Za-z0-9_-]) (?:
        sk-[A-Za-z0-9_-]{20,250}
      | (?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,251} | github_pat_[A-Za-z0-9_]{40,250} | glpat-[A-Za-z0-9_-]{20,250}
      | (?:AKIA|ASIA)[A-Z0-9]{16} | AIza[A-Za-z0-9_-]{35} | xox[abeoprs]-[A-Za-z0-9-]{10,250}
      | hf_[A-Za-z0-9]{30,250} | (?:sk|rk)_live_[A-Za-z0-9]{16,250}
      | eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,2000}
    ) (?![A-Za-z0-9])""",
    re.VERBOSE,
)
EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}")
ID = re.compile(
    r"""(?<![A-Za-z0-9]) (?:
        (?P<cn>[0-9]{17}[0-9Xx])
      | (?P<it>[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])
      | (?P<fr>[12][ ]?[0-9]{2}[ ]?[0-9]{2}[ ]?[0-9][0-9AB][ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{2})
      | (?P<br>[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2})
      | (?P<kr>[0-9]{6}-[1-8][0-9]{6})
    ) (?![A-Za-z0-9])""",
    re.VERBOSE,
)
CARD = re.compile(r"(?<![0-9])(?<![0-9][ .-])[2-6](?:[ -]?[0-9]){12,18}(?![ -]?[0-9])")
ISSUED = re.compile(
    r"""4(?:[0-9]{12}|[0-9]{15}|[0-9]{18}) | (?:5[1-5]|2[2-7])[0-9]{14} | 3[47][0-9]{13}
    | 3(?:0[0-5]|[68][0-9])[0-9]{11} | 35[0-9]{14} | 6(?:011|[45][0-9]{2})[0-9]{12} | 62[0-9]{14,17}""",
    re.VERBOSE,
)
"""The numbers that Visa, Mastercard, American Express, Diners, JCB, Discover and UnionPay give out."""

IP = re.compile(
    r"(?<![0-9A-Za-z.:])(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\.?[0-9A-Za-z])"
    r"|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:]))"
)
PHONE = re.compile(r"(?:[0-9０-９][^0-9０-９\n]{0,4}){7}")
"""Where there are as many digits close together there may be a phone number."""

REGIONS = {"zh": "CN", "en": "US", "ja": "JP", "ko": "KR", "vi": "VN", "hi": "IN", "pt": "BR"}
REGIONS |= {code: code.upper() for code in ("de", "fr", "es", "it", "nl", "pl", "ru", "tr", "th", "id")}
"""Where a number without a country's code is of, by the language of the text."""

MOBILE = re.compile(r"1[3-9][0-9]{9}")
"""In China; elsewhere a number that is written without a gap is too often only a number."""

GAP = re.compile(r"[^0-9]")
CHECKS: dict[str, Callable[[str], bool]] = {
    "cn": ric.is_valid,
    "it": codicefiscale.is_valid,
    "fr": nir.is_valid,
    "br": cpf.is_valid,
    "kr": rrn.is_valid,
}


@dataclass(frozen=True)
class Found:
    kind: PersonalData
    start: int
    end: int


def keys(text: str, language: str) -> Iterator[Span]:
    return (match.span() for match in KEY.finditer(text))


def emails(text: str, language: str) -> Iterator[Span]:
    return (match.span() for match in EMAIL.finditer(text)) if "@" in text else iter(())


def ibans(text: str, language: str) -> Iterator[Span]:
    """The longest beginning of what looks like one that is: capitals may follow."""
    for match in IBAN.finditer(text):
        for end in range(match.end(), match.start() + 14, -1):
            if iban.is_valid(text[match.start() : end], check_country=False) and not text[end - 1].isspace():
                yield match.start(), end
                break


def ids(text: str, language: str) -> Iterator[Span]:
    return (match.span() for match in ID.finditer(text) if CHECKS[match.lastgroup or ""](match.group()))


def cards(text: str, language: str) -> Iterator[Span]:
    for match in CARD.finditer(text):
        number = GAP.sub("", match.group())
        if ISSUED.fullmatch(number) and luhn.is_valid(number):
            yield match.span()


def phones(text: str, language: str) -> Iterator[Span]:
    if not PHONE.search(text):
        return
    matcher = PhoneNumberMatcher(text, REGIONS.get(language[:2]), leniency=Leniency.STRICT_GROUPING, max_tries=1000)
    for match in matcher:
        said = match.raw_string
        if said.startswith(("+", "＋")) or GAP.search(said) or (language[:2] == "zh" and MOBILE.fullmatch(said)):
            yield match.start, match.end


def addresses(text: str, language: str) -> Iterator[Span]:
    """Public ones: those of a network at home say nothing of anybody."""
    for match in IP.finditer(text):
        try:
            if ip_address(match.group()).is_global:
                yield match.span()
        except ValueError:
            continue


FINDERS: dict[PersonalData, Callable[[str, str], Iterator[Span]]] = {
    PersonalData.KEY: keys,
    PersonalData.EMAIL: emails,
    PersonalData.IBAN: ibans,
    PersonalData.ID: ids,
    PersonalData.CARD: cards,
    PersonalData.PHONE: phones,
    PersonalData.IP: addresses,
}


def find_personal(text: str, language: str = "") -> list[Found]:
    """What there is, from left to right; of what overlaps, the kind that comes first in PersonalData."""
    found: list[Found] = []
    taken = bytearray(len(text))
    for kind, finder in FINDERS.items():
        for start, end in finder(text, language):
            if 1 not in taken[start:end]:
                taken[start:end] = b"\1" * (end - start)
                found.append(Found(kind, start, end))
    return sorted(found, key=lambda one: one.start)


def masked(text: str, found: list[Found]) -> str:
    """With [EMAIL], [PHONE] … in the place of what was found."""
    kept = [0, *(one.end for one in found)]
    until = [*(one.start for one in found), len(text)]
    names = [*(f"[{one.kind.upper()}]" for one in found), ""]
    return "".join(f"{text[start:end]}{name}" for start, end, name in zip(kept, until, names, strict=True))
