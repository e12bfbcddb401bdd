"""What a text shows of its making: slots not filled, words typed twice or by half, brackets left open."""

import re
from collections.abc import Iterator

from modemd.checks.prose import WORDS, found, without_links
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate

_FIELDS = (
    r"氏名|お?名前|姓名?|会社名|宛名|日付|日時|時刻|金額|住所|電話番号|予約日"
    r"|(?:first|last|full)?[ _]?name|date|time|amount|company"
)
_PLACEHOLDER = re.compile(
    r"\{\{.{0,40}?\}\}|\$\{[^{}\n]{0,40}\}|#{2,3}[^#\s]{1,30}#{2,3}|<<[^<>\n]{1,30}>>|%[A-Z][A-Z_]{1,20}%"
    rf"|\{{[A-Za-z_\u3040-\u30ff\u4e00-\u9fff]{{1,20}}\}}|[\[【](?:{_FIELDS})[\]】]",
    WORDS,
)
_NUMERAL = "一二三四五六七八九十百千"
_BLANK = re.compile(
    # ○○様 and 〇月〇日; 二〇〇〇年 is a number, and a row of signs is an ornament.
    rf"(?<![○〇◯●△{_NUMERAL}])"
    rf"(?:[○〇◯●△]{{2,3}}(?=[A-Za-z0-9\u3041-\u30ff\u4e00-\u9fff、。])|[○〇◯●](?=[月日時分円名様]))(?![{_NUMERAL}])"
    r"|(?<![A-Za-z0-9.-])XX+(?![A-Za-z0-9]|[-.][A-Za-z0-9])|\bXX?:XX?\b|\bx{3,4}-x{3,4}\b|\bxx(?=[円時月日])"
    r"|\bTBD\b|\blorem ipsum\b|後で(?:記入|入れ|追記)|(?<!_)_{3,}(?!_)",
    re.ASCII,
)


def placeholder(candidate: Candidate) -> Iterator[Hit]:
    for match in found(_PLACEHOLDER, candidate.text):
        yield Hit(match.span(), values={"slot": match[0]})


def blank(candidate: Candidate) -> Iterator[Hit]:
    for match in found(_BLANK, candidate.text):
        yield Hit(match.span(), values={"slot": match[0]})


# -- typed twice ----------------------------------------------------------------------------------------------

_WORD = r"[\u4e00-\u9fff\u30a1-\u30feー々]"
_DOUBLED = re.compile(
    r"\b(?P<en>the|a|an|to|of|in|is|are|and|or|for|with|at|on|your|you|we|our|be|will|it|as|by|this|from|please)"
    r"(?P<en_again>\s+(?P=en))\b"
    rf"|(?<={_WORD})(?P<ja>[をがにの])(?P<ja_again>(?P=ja))(?!の|に)|(?<={_WORD})(?P<de>で)(?P<de_again>で)(?={_WORD})"
    rf"|(?<={_WORD})(?P<wa>は)(?P<wa_again>は)(?=[\u4e00-\u9fff\u30a1-\u30fe、])"
    r"|(?<=[しきりちみい願])(?P<masu>ます)(?P<masu_again>ます)(?=[。、!\s]|\Z)"
    r"|(?P<long>[\u3041-\u30fe\u4e00-\u9fff]{5,40}[。、!\s]?)(?P<long_again>(?P=long))",
    WORDS,
)


def doubled(candidate: Candidate) -> Iterator[Hit]:
    for match in found(_DOUBLED, candidate.text):
        again = next(name for name, value in match.groupdict().items() if value and name.endswith("_again"))
        yield Hit(match.span(again), "", {"word": match[again].strip()})


# -- typed by half --------------------------------------------------------------------------------------------

_KANA = "\u3041-\u3096"
_HALF_TYPED = re.compile(
    # A consonant that waits for its vowel, between kana or at the end: the input method was not done.
    rf"(?<=[{_KANA}])[bcdfghjkmnprstvyz]{{1,2}}(?=[{_KANA}。、!\s]|\Z)"
    r"|(?:[、,「(・]|[\u4e00-\u9fff]を)\s*\Z|\b(?:the|and|to|of|your|our|an|with)\s*\Z",
    re.ASCII,
)


def half_typed(candidate: Candidate) -> Iterator[Hit]:
    for match in found(_HALF_TYPED, candidate.text):
        start, end = match.span()
        yield Hit((start, end), values={"rest": candidate.text[max(0, start - 3) : end].strip()})


# -- left open ------------------------------------------------------------------------------------------------

_PAIRS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "「": "」",
    "『": "』",
    "【": "】",
    "〈": "〉",
    "《": "》",
    "〔": "〕",
    "“": "”",
}
_CLOSING = {end: start for start, end in _PAIRS.items()}
# Faces, the marks of a list, (笑, and カ）of a bank transfer: their brackets are not meant to pair.
_NO_BRACKETS = re.compile(
    r"(?<![A-Za-z0-9])[:;=][-o^']?[()\[\]]+|[()][-^']?[:;=](?![A-Za-z0-9/])|\((?:笑|汗|泣|涙|爆|謎)(?!\))"
    r"|(?:\A|(?<=[\s、。]))(?:\d{1,2}|[a-zA-Z]|カ|ド|ユ|フク|シャ|ザイ)\)|\((?:カ|ド|ユ)(?=\s|\Z)"
)
_INCHES = re.compile(r'(?<=\d)"')


def brackets(candidate: Candidate) -> Iterator[Hit]:
    plain = without_links(candidate.text)
    for pattern in (_NO_BRACKETS, _INCHES):
        plain = pattern.sub(lambda match: " " * len(match[0]), plain)
    opened: list[tuple[str, int]] = []
    for index, sign in enumerate(plain):
        if sign in _PAIRS:
            opened.append((sign, index))
        elif sign in _CLOSING:
            if not opened or opened[-1][0] != _CLOSING[sign]:
                yield Hit((index, index + 1), values={"sign": candidate.text[index]})
                return
            opened.pop()
    if plain.count('"') % 2:
        opened.append(('"', plain.rindex('"')))
    if opened:
        index = opened[-1][1]
        yield Hit((index, index + 1), values={"sign": candidate.text[index]})
