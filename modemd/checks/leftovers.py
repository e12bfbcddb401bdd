"""What a text shows of its making: slots not filled, words typed twice or by half, brackets left open."""

import re
from collections.abc import Iterator

from modemd.checks.prose import WORDS, found, without_links
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate

_FIELDS = (
    r"氏名|お?名前|姓|会社名|宛名|日付|日時|時刻|金額|住所|電話番号|予約日"
    r"|(?:first|last|full|customer|user)?[ _]?name|date|time|amount|company|link|url|code"
)
_SLOT = rf"(?:{_FIELDS}|[A-Za-z]+_[A-Za-z_]+)"
_PLACEHOLDER = re.compile(
    r"\{\{.{0,40}?\}\}|\$\{[^{}\n]{0,40}\}|%[A-Z][A-Z_]{1,20}%|(?-i:\b[FL]NAME\b)"
    rf"|#{{2,3}}{_SLOT}#{{2,3}}|%(?:{_FIELDS})%|<{{1,2}}{_SLOT}>{{1,2}}"
    rf"|\{{{_SLOT}\}}|\[(?:first|last|full|customer)?[ _]?name\]"
    # 【日時】 alone is a heading; what a sentence goes on behind was to be filled.
    rf"|[\[【](?:{_FIELDS})[\]】](?=様|さん|殿|[にをがのはでと円]|まで|より|から)",
    WORDS,
)
_NUMERAL = "一二三四五六七八九十百千"
_BLANK = re.compile(
    # ○○様 and 〇月〇日; 二〇〇〇年 is a number, a row of signs an ornament, and ● alone begins a line.
    rf"(?<![○〇◯●△{_NUMERAL}])[○〇◯●△]{{2,3}}(?=[A-Za-z0-9\u3041-\u30ff\u4e00-\u9fff、。])(?![{_NUMERAL}])"
    r"|[○〇◯]月[○〇◯]{1,2}日|[○〇◯●]{1,2}(?=時(?:[にかで頃~、。\s]|\Z)|名様)"
    r"|×{2,3}(?=[円時月日名])|(?<!\d) {1,3}月 {1,3}日"
    r"|(?<![A-Za-z0-9.-])XX+(?![A-Za-z0-9]|[-.][A-Za-z0-9])|\bXX?:XX?\b|\bx{3,4}-x{3,4}\b|\bxx(?=[円時月日])"
    r"|\bTBD\b|\blorem ipsum\b|後で(?:記入|入れ|追記)|(?<!_)_{3,}(?!_)",
    re.ASCII,
)


# What each of these has in it somewhere: most texts have none of it, and are not looked through for the rest.
_OF_A_PLACEHOLDER = re.compile(r"[{$%#<\[【]|[FL]NAME")
_OF_A_BLANK = re.compile("[○〇◯●△×月Xx後_]|TBD|lorem")


def placeholder(candidate: Candidate) -> Iterator[Hit]:
    if not _OF_A_PLACEHOLDER.search(without_links(candidate.text)):
        return
    for match in found(_PLACEHOLDER, candidate.text):
        yield Hit(match.span(), values={"slot": match[0]})


def blank(candidate: Candidate) -> Iterator[Hit]:
    if not _OF_A_BLANK.search(without_links(candidate.text)):
        return
    for match in found(_BLANK, candidate.text):
        yield Hit(match.span(), values={"slot": match[0]})


# -- typed twice ----------------------------------------------------------------------------------------------

_WORD = r"[\u4e00-\u9fff\u30a1-\u30feー々]"
_DOUBLED_LATIN = (
    r"\b(?P<en>the|a|an|to|of|in|is|are|and|or|for|with|at|on|your|you|we|our|be|will|it|as|by|this|from|please)"
    r"(?P<en_again>\s+(?P=en))\b"
)
_DOUBLED_IN_ASCII = re.compile(_DOUBLED_LATIN, WORDS)
_DOUBLED = re.compile(
    _DOUBLED_LATIN + rf"|(?<={_WORD})(?P<ja>[をがにの])(?P<ja_again>(?P=ja))(?!の|に)"
    rf"|(?<={_WORD})(?P<de>で)(?P<de_again>で)(?={_WORD})"
    rf"|(?<={_WORD})(?P<wa>は)(?P<wa_again>は)(?=[\u4e00-\u9fff\u30a1-\u30fe、])"
    r"|(?<=[しきりちみい願])(?P<masu>ます)(?P<masu_again>ます)(?=[。、!\s]|\Z)"
    r"|(?P<long>[\u3041-\u3096\u30a1-\u30faー\u4e00-\u9fff]{5,40}[。、!\s]?)(?P<long_again>(?P=long))",
    WORDS,
)


def doubled(candidate: Candidate) -> Iterator[Hit]:
    pattern = _DOUBLED_IN_ASCII if candidate.text.isascii() else _DOUBLED
    for match in found(pattern, candidate.text):
        again = next(name for name, value in match.groupdict().items() if value and name.endswith("_again"))
        yield Hit(match.span(again), "", {"word": match[again].strip()})


# -- typed by half --------------------------------------------------------------------------------------------

_HALF_TYPED = re.compile(
    # A consonant that waits for its vowel, between kana or at the end: the input method was not done. Behind a particle
    # it may be a unit or a size.
    r"(?<=[\u3041-\u3096])[ｂ-ｄｆ-ｈｊ-ｎｐ-ｔｖｙｚ]{1,2}(?=[\u3041-\u3096。、!！\s]|\Z)"
    r"|(?<=[\u3041-\u3096])(?<![はがをにでとのもやへか])[bcdfghjkmnprstvyz]{1,2}(?=[\u3041-\u3096。、!！\s]|\Z)"
    r"|(?:[、，,「（(]|[\u4e00-\u9fff]を)\s*\Z|\b(?:the|and|your|our|an)\s*\Z",
    re.ASCII,
)


_BREAKS_OFF = (",", "(", "the", "and", "your", "our", "an")  # the ends of those in ASCII alone


def half_typed(candidate: Candidate) -> Iterator[Hit]:
    text = candidate.text
    if text.isascii() and not text.rstrip().endswith(_BREAKS_OFF):
        return
    for match in _HALF_TYPED.finditer(text):
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
    r"|(?:\A|(?<=[\s、。※注]))(?:\d{1,2}|[a-zA-Z]|カ|ド|ユ|フク|シャ|ザイ)\)|\((?:カ|ド|ユ)(?=\s|\Z)"
)
_BRACKET = re.compile(f'["{re.escape("".join((*_PAIRS, *_CLOSING)))}]')
_INCHES = re.compile(r'(?<=\d)"')


def brackets(candidate: Candidate) -> Iterator[Hit]:
    plain = without_links(candidate.text)
    if not _BRACKET.search(plain):
        return
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
