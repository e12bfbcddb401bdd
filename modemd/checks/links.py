"""Links: will the phone see the whole of it, and does it lead where it says?"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from modemd.checks.prose import Link, fold, links
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate
from modemd.model.spelling import distance

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
_BROKEN = re.compile(
    rf"(?P<twice>https?://)https?:?//?(?={_HOST})"
    r"|(?<![a-z])(?P<slip>h{2,}ttps?://|h?t?tps?:?/{1,3}|hpps?://|htt?ps?;//|h?tt?p?s?:///?|https?(?:[:;]/{0,3}|/{1,2}))"
    rf"(?={_HOST})",
    re.IGNORECASE,
)
_OF_A_LINK = re.compile("[tps][:;/]", re.IGNORECASE)
_WHOLE = re.compile(r"https?://", re.IGNORECASE)
_WIDE = re.compile(r"[\uff01-\uff5e]{7,}")
_SPACED = re.compile(
    rf"https?://(?P<after>[ \u3000]+)(?={_HOST})"
    r"|https?://[a-z0-9.-]*[a-z0-9](?P<dot>[ \u3000]+)\.(?=[a-z]{2,6}\b)"
    rf"|https?://{_HOST}(?P<path>[ \u3000]+)/(?=[a-z0-9])",
    re.IGNORECASE,
)
# Whose links say nothing of where they lead.
_SHORTENERS = frozenset(
    {
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "buff.ly", "rebrand.ly", "cutt.ly", "t.ly", "x.gd",
        "00m.in", "shorturl.at", "rb.gy", "v.gd", "tiny.cc", "s.id", "urx.nu", "qr.paps.jp",
    }
)  # fmt: skip
# Letters of other scripts that are drawn as Latin ones.
_DRAWN_ALIKE = frozenset("асеорхуіјѕԁһӏѵԛԝьгпктмвіοανρτυικ")
_ALIKE = str.maketrans("01", "ol")
_SHORTEST_OWN = 6


def broken(candidate: Candidate) -> Iterator[Hit]:
    text = candidate.text
    for match in () if text.isascii() else _WIDE.finditer(text):
        if re.match(r"https?://", fold(match[0]), re.IGNORECASE):
            yield Hit(match.span(), fold(match[0]), {"link": match[0]})
    for match in _BROKEN.finditer(text) if _OF_A_LINK.search(text) else ():
        if match["twice"]:
            yield Hit(match.span(), match["twice"], {"link": match[0]})
        elif not _WHOLE.fullmatch(match["slip"]):
            secure = "s" in match["slip"].lower()
            yield Hit(match.span("slip"), "https://" if secure else "http://", {"link": match["slip"]})


def spaced(candidate: Candidate) -> Iterator[Hit]:
    if "://" not in candidate.text:
        return
    for match in _SPACED.finditer(candidate.text):
        place = next(name for name, value in match.groupdict().items() if value)
        yield Hit(match.span(place), "", {"link": match[0] + candidate.text[match.end() :].split(maxsplit=1)[0]})


def swallows(candidate: Candidate) -> Iterator[Hit]:
    """「https://example.com/a。」: many phones take the rest of the sentence into the link."""
    for link in links(candidate.text):
        after = candidate.text[link.end : link.end + 3]
        if not after or after[0].isascii() or after[0].isspace():
            continue
        # Behind a mere host a sign ends the link, a letter spoils it; behind a path both are taken in.
        if "/" in candidate.text[link.start + len("https://") : link.end] or after[0].isalpha():
            yield Hit((link.end, link.end), " ", {"sign": after})


@lru_cache(maxsize=64)
def _unicode(host: str) -> str:
    """A host as it is shown: xn--… decoded, where it can be."""
    labels = []
    for label in host.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(character, "?").split()[0] for character in label if character.isalpha()}


def _is_disguised(host: str) -> bool:
    for label in _unicode(host).split("."):
        strange = _scripts(label) & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
        drawn_alike = all(character in _DRAWN_ALIKE for character in label if character.isalpha())
        if strange and (drawn_alike or "LATIN" in _scripts(label)):
            return True
    return False


def _own(candidate: Candidate, host: str) -> bool:
    return any(host == own or host.endswith("." + own) for own in candidate.site.hosts)


def lookalike(candidate: Candidate) -> Iterator[Hit]:
    for link in links(candidate.text):
        if _own(candidate, link.host):
            continue
        whole = candidate.text[link.start : link.end]
        place = _place(candidate.text, link)
        if _is_disguised(link.host) or re.match(r"https?://[^/?#]*@", whole, re.IGNORECASE):
            yield Hit(place, values={"host": _unicode(link.host)})
            continue
        for own in candidate.site.hosts:
            if _imitates(link.host, own):
                yield Hit(place, own, {"host": link.host})
                break


def _imitates(host: str, own: str) -> bool:
    if host.startswith(own + "."):
        return True
    drawn = [each.translate(_ALIKE).replace("rn", "m").replace("vv", "w") for each in (host, own)]
    if drawn[0] == drawn[1]:
        return True
    name, _, ending = own.rpartition(".")
    # Another ending, or another short name, is more often another house than an imitation.
    same_ending = host.endswith("." + ending) and len(name) >= _SHORTEST_OWN
    return same_ending and distance(host.removeprefix("www."), own, 1) == 1


def _place(text: str, link: Link) -> tuple[int, int]:
    start = text.lower().find(link.host, link.start)
    return (start, start + len(link.host)) if start >= 0 else (link.start, link.end)


def foreign(candidate: Candidate) -> Iterator[Hit]:
    """Letters that many phones do not take for a link."""
    for link in links(candidate.text):
        shown = _unicode(link.host)
        if not shown.isascii() and not _is_disguised(link.host):
            yield Hit(_place(candidate.text, link), values={"host": shown})


def shortened(candidate: Candidate) -> Iterator[Hit]:
    for link in links(candidate.text):
        if link.host.removeprefix("www.") in _SHORTENERS and not _own(candidate, link.host):
            yield Hit(_place(candidate.text, link), values={"host": link.host})
