"""Names of people, made comparable: widths, old kanji, kana, Latin letters."""

import re
import unicodedata
from functools import lru_cache

from modemd.model import folding
from modemd.model.folding import BETWEEN


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """As it is compared: 髙橋 誠 and 高橋誠, ﾀﾅｶ and たなか, JOHN and John are the same."""
    return BETWEEN.sub("", folding.fold(name))


# Kanji that are taken for each other when they are read in haste.
_DRAWN_ALIKE = str.maketrans("太犬士未朗佑裕冶網淵曽", "大大土末郎祐祐治綱渕曾")


def look(name: str) -> str:
    """A name as the eye takes it: 太田 and 大田 are the same."""
    return fold(name).translate(_DRAWN_ALIKE)


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """A name's words, each folded: the family name first in Japanese, last elsewhere."""
    return tuple(filter(None, map(fold, unicodedata.normalize("NFKC", name).split())))


def is_ideographic(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" or character in "々〆ヶ" for character in text)


def is_kana(text: str) -> bool:
    return all("\u30a1" <= character <= "\u30fe" or "\u3041" <= character <= "\u309f" for character in text)


def is_latin(text: str) -> bool:
    return all(character.isascii() or "\u00c0" <= character <= "\u024f" for character in text)


def family(name: str) -> str:
    """The family name, as written."""
    parts = unicodedata.normalize("NFKC", name).split()
    return (parts[-1] if is_latin(name) else parts[0]) if parts else ""


def given(name: str) -> str:
    parts = unicodedata.normalize("NFKC", name).split()
    return (parts[0] if is_latin(name) else parts[-1]) if parts else ""


_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ",
}  # fmt: skip
_LATIN = {kana: row + vowel for row, line in _ROWS.items() for kana, vowel in zip(line, "aiueo", strict=True)}
_LATIN |= {"ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヲ": "o", "ン": "n", "ヴ": "bu", "ー": "", "ッ": ""}
_LATIN |= {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SPELLINGS = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("tch", "ch"),
        ("sh([auo])", r"sy\1"), ("ch([auo])", r"ty\1"), ("j([auo])", r"zy\1"),
        ("shi", "si"), ("chi", "ti"), ("tsu", "tu"), ("fu", "hu"), ("ji", "zi"), ("dzu|du", "zu"), ("di", "zi"),
        ("m(?=[bp])", "n"), ("([kstpgzdb])\\1", r"\1"), ("oh(?![aiueoy])", "o"), ("o[ou]+", "o"), ("u+", "u"),
        ("i(?=y[auo])", ""),
    )
]  # fmt: skip


@lru_cache(maxsize=4096)
def romaji(word: str) -> str:
    """Kana or Latin letters → one spelling, so that サトウ, Sato, Satou and Satoh are the same."""
    latin = "".join(_LATIN.get(character, character) for character in fold(word))
    for pattern, plain in _SPELLINGS:
        latin = pattern.sub(plain, latin)
    return latin
