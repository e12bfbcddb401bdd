"""Can this text be sent, and at what size?"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from drivers import gsm7, parts
from drivers.errors import PduError
from drivers.pdu import Encoding
from drivers.words import N_, Sentence
from modemd.checks.prose import fold
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate

_SHOWN_CHARACTERS = 5
# Categories Cs and Cc, but the ends of lines and pages.
_UNSENDABLE = re.compile("[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

# A list of recipients asks of one text again and again.
cut = lru_cache(maxsize=16)(parts.cut)

# What GSM-7 has in the place of what it has not; accents of other letters are dropped.
_REPLACEMENTS = {
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "´": "'", "`": "'", "…": "...",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "―": "-", "−": "-", "•": "-", "·": "-", "～": "~", "〜": "~", "×": "x",
    "™": "(TM)", "©": "(c)", "®": "(R)", "№": "No.", "\u00a0": " ", "\u202f": " ", "\u3000": " ", "\u200b": "",
    "\ufeff": "", "\u200e": "", "\u200f": "",
}  # fmt: skip


def empty(candidate: Candidate) -> Iterator[Hit]:
    if not candidate.text.strip():
        yield Hit()


def unsendable(candidate: Candidate) -> Iterator[Hit]:
    """Half a surrogate pair, or a control character that no phone shows."""
    if match := _UNSENDABLE.search(candidate.text):
        index = match.start()
        yield Hit((index, index + 1), "", {"code": f"U+{ord(match[0]):04X}", "position": index + 1})


def too_long(candidate: Candidate) -> Iterator[Hit]:
    most = candidate.site.max_parts
    try:
        count = len(cut(candidate.text).parts)
    except PduError:
        yield Hit(values={"parts": "255+", "most": most})
        return
    if count > most:
        yield Hit(values={"parts": str(count), "most": most})


def _replacement(character: str) -> str | None:
    plain = _REPLACEMENTS.get(character)
    if plain is None:
        plain = fold(character) if fold(character) != character else unicodedata.normalize("NFD", character)[0]
    return plain if gsm7.fits(plain) else None


def unicode(candidate: Candidate) -> Iterator[Hit]:
    """Few characters that cost many: say which, where most of the text would fit GSM-7."""
    text = candidate.text
    try:
        made = cut(text)
    except PduError:
        return
    characters = [character for _, character in made.forcing]
    cost = sum(map(text.count, characters))
    if made.encoding is not Encoding.UCS2 or len(characters) > _SHOWN_CHARACTERS or 5 * cost > len(text):
        return
    index, first = made.forcing[0]
    values: dict[str, object] = {"characters": " ".join(characters), "parts": len(made.parts)}
    fewer = _parts_without(text, characters)
    sentence = None
    if fewer is not None and fewer < len(made.parts):
        sentence = Sentence(
            N_("Because of {characters} the text makes {parts} parts, not {fewer}."), values | {"fewer": fewer}
        )
    yield Hit((index, index + len(first)), _replacement(first), values, sentence)


def _parts_without(text: str, characters: list[str]) -> int | None:
    plain = {ord(character): _replacement(character) for character in characters}
    return None if None in plain.values() else len(cut(text.translate(plain)).parts)


def nameless(candidate: Candidate) -> Iterator[Hit]:
    """Advertising has to say who sends it (特定電子メール法 第4条)."""
    sender = candidate.site.sender
    if candidate.category == "promotional" and sender and _plain(sender) not in _plain(candidate.text):
        japanese = not sender.isascii()
        yield Hit((0, 0), f"【{sender}】" if japanese else f"{sender}: ", {"sender": sender})


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
