"""Can this text be sent, and at what size?"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from drivers import parts
from drivers.errors import PduError
from drivers.pdu import Encoding
from drivers.words import N_, Sentence
from modemd.model.finding import Candidate, Finding

_SHOWN_CHARACTERS = 5

# A list of recipients asks of one text again and again.
cut = lru_cache(maxsize=16)(parts.cut)


def present(candidate: Candidate) -> Iterator[Finding]:
    if not candidate.text.strip():
        yield Finding("text_empty", "block", "text", Sentence(N_("There is no text.")))


def whole(candidate: Candidate) -> Iterator[Finding]:
    """Half a surrogate pair, or a control character that no phone shows."""
    for index, character in enumerate(candidate.text):
        if unicodedata.category(character) == "Cs" or (
            unicodedata.category(character) == "Cc" and character not in "\n\r\f"
        ):
            sentence = Sentence(
                N_("The text holds a character that no phone shows ({code}, position {position})."),
                {"code": f"U+{ord(character):04X}", "position": index + 1},
            )
            yield Finding("text_unsendable", "block", "text", sentence, (index, index + 1), "")
            return


def size(candidate: Candidate) -> Iterator[Finding]:
    try:
        made = cut(candidate.text)
    except PduError:
        yield _too_long("255+", candidate.max_parts)
        return
    if len(made.parts) > candidate.max_parts:
        yield _too_long(str(len(made.parts)), candidate.max_parts)


def _too_long(parts: str, most: int) -> Finding:
    sentence = Sentence(N_("The text makes {parts} parts; at most {most} are allowed."), {"parts": parts, "most": most})
    return Finding("text_too_long", "block", "text", sentence)


def encoding(candidate: Candidate) -> Iterator[Finding]:
    """Few characters that cost many: say which, where most of the text would fit GSM-7."""
    try:
        made = cut(candidate.text)
    except PduError:
        return
    characters = {character for _, character in made.forcing}
    cost = sum(character in characters for character in candidate.text)
    if made.encoding is not Encoding.UCS2 or len(characters) > _SHOWN_CHARACTERS or 5 * cost > len(candidate.text):
        return
    index = made.forcing[0][0]
    sentence = Sentence(
        N_("Because of {characters} the text is sent as Unicode: 70 characters a part, not 160."),
        {"characters": " ".join(character for _, character in made.forcing)},
    )
    yield Finding("text_unicode", "note", "text", sentence, (index, index + len(made.forcing[0][1])))
