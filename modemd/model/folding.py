"""Words made comparable, and cut so that an index finds them: widths, kana, capitals, old kanji, two characters."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from modemd.model.recipient import parsed

# Forms of one kanji that people write for each other; all others differ for good.
_KANJI = str.maketrans(
    "髙﨑齋齊斉邊邉澤濵濱櫻廣國嶋嶌冨德惠眞瀨藏條與實靜壽彌榮圓",
    "高崎斎斎斎辺辺沢浜浜桜広国島島富徳恵真瀬蔵条与実静寿弥栄円",
)
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
BETWEEN = re.compile(r"[\s・･=＝.,'’\-]+")

# Scripts that put no space between words: Thai and its neighbours, Khmer, Chinese, Japanese, Korean.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_PIECE = re.compile(rf"[{_UNSPACED}]+|\d+|[^\W\d_{_UNSPACED}]+")
_NUMBER = re.compile(r"\+?[\d\s()‐ー\-]{4,}")


def fold(text: str) -> str:
    """As it is looked for: 髙橋 and 高橋, ﾀﾅｶ and たなか, ＪＯＨＮ and John are the same."""
    if text.isascii():
        return text.casefold()
    plain = "".join(map(_without_accent, unicodedata.normalize("NFKC", text).translate(_KANJI)))
    return plain.translate(_TO_KATAKANA).casefold()


def _without_accent(character: str) -> str:
    if character.isascii():
        return character
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


@lru_cache(maxsize=4096)
def fold_name(name: str) -> str:
    """As names are compared: 高橋 誠 and 髙橋誠 are the same."""
    folded = fold(name)
    return BETWEEN.sub("", folded) or folded


@lru_cache(maxsize=64)  # a list says the same to many
def index_words(text: str) -> str:
    """What an index of words is fed with: 東京駅へ 4711 → 東京 京駅 駅へ へ 4711."""
    return " ".join(token for piece in _PIECE.findall(fold(text)) for token in _pairs(piece))


def _pairs(piece: str) -> Iterator[str]:
    """A word as it is; where words have no spaces, every two neighbours, and the last character alone."""
    if not _IS_UNSPACED.match(piece):
        yield piece
        return
    for index in range(len(piece)):
        yield piece[index : index + 2]


@lru_cache(maxsize=12_288)  # a list as long as may be: it is looked for first, and written when all were
def number_words(number: str) -> str:
    """A number as people look for it: from its beginning, abroad or at home, and (turned round) from its end."""
    digits = re.sub(r"[^0-9]", "", number)
    if not digits:
        return index_words(number)  # a sender may be a word
    try:
        known = parsed(number)
    except phonenumbers.NumberParseException:
        return f"{digits} {_from_its_end(digits)}"
    at_home = phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.NATIONAL)
    return f"{digits} {re.sub(r'[^0-9]', '', at_home)} {_from_its_end(digits)}"


def _from_its_end(digits: str) -> str:
    return "r" + digits[::-1]  # no word of a text: those hold letters or digits


def query(sought: str, *, least: int = 2) -> str | None:
    """For `match` of an FTS5 table: every word of it, each as a beginning; None where an index cannot help.

    It cannot with signs alone; with fewer than `least` Latin letters or digits it would collect half of a large one.
    """
    sought = unicodedata.normalize("NFKC", sought)
    phrases = [phrase for word in sought.split() if (phrase := _phrase(_PIECE.findall(fold(word))))]
    if all(len(phrase) < least + len('"" *') and not _IS_UNSPACED.search(phrase) for phrase in phrases):
        return None
    found = " AND ".join(phrases)
    if _NUMBER.fullmatch(sought.strip()):  # 090-1234-5678, which may be a date as well
        digits = re.sub(r"[^0-9]", "", sought)
        found += f' OR "{digits}" * OR "{_from_its_end(digits)}" *'
    return found


def _phrase(pieces: list[str]) -> str:
    """The last piece may go on; two characters of a script without spaces are whole."""
    if not pieces:
        return ""
    tokens = [token for piece in pieces for token in _pairs(piece)]
    if _IS_UNSPACED.match(pieces[-1]) and len(pieces[-1]) > 1:
        return f'"{" ".join(tokens[:-1])}"'
    return f'"{" ".join(tokens)}" *'
