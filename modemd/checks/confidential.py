"""What must not be in a text: it has no envelope. And what cannot be: a file."""

import re
from collections.abc import Iterator

from modemd.checks.prose import WORDS, found, sentence_of, without_links
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate

_DIGITS = re.compile(r"(?<![A-Za-z0-9#/-])\d(?:[ -]?\d){11,18}(?![A-Za-z0-9-])")
_MANY_DIGITS = re.compile(r"\d(?:[ -]?\d){11}")
_CARD = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d)\d{12}|62\d{14,17}"
)
# What such figures are otherwise: the number of a parcel or an order.
_OTHER_NUMBER = re.compile(
    r"(?:伝票|追跡|送り状|問い?合わ?せ|荷物|注文|受注|予約|受付|会員|契約|請求書|製造|シリアル|口座|ミーティング)"
    r"|\b(?:tracking|order|invoice|ref|parcel|shipment|booking|serial|account|meeting|id|no|imei|iccid)\b",
    WORDS,
)
_LABEL = 16  # characters before a number in which it is named


def _other_number(text: str, start: int) -> bool:
    return bool(_OTHER_NUMBER.search(text, max(0, start - _LABEL), start))


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def card(candidate: Candidate) -> Iterator[Hit]:
    text = without_links(candidate.text)
    if not _MANY_DIGITS.search(text):
        return
    for match in found(_DIGITS, candidate.text):
        digits = re.sub(r"\D", "", match[0])
        if _CARD.fullmatch(digits) and _luhn(digits) and not _other_number(text, match.start()):
            yield Hit(match.span())


def _is_my_number(digits: str) -> bool:
    """The check digit of the law's ordinance (平成26年総務省令第85号第5条)."""
    weights = [(n + 1 if n <= 6 else n - 5) for n in range(11, 0, -1)]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return int(digits[11]) == (11 - rest if rest > 1 else 0)


_MY_NUMBER = re.compile(r"マイナンバー|ﾏｲﾅﾝﾊﾞｰ|個人番号|\bmy number\b", WORDS)


def my_number(candidate: Candidate) -> Iterator[Hit]:
    """Where it is called so: of other numbers of twelve digits, parcels' above all, one in eleven fits too."""
    text = without_links(candidate.text)
    if _MY_NUMBER.search(text):
        for match in found(_DIGITS, candidate.text):
            digits = re.sub(r"\D", "", match[0])
            if len(digits) == 12 and _is_my_number(digits):
                yield Hit(match.span())


_PASSWORD = re.compile(
    r"(?:パスワード|(?<!認証)暗証番号|パスフレーズ|\bPW|\bpassword|\bpasscode|\bpassphrase)"
    r"(?:\s?(?:は|が|:|=|\bis\b)\s?)[「『\"']?(?P<secret>(?=\S*\d|\S*[!-/:-@]\S)[!-~]{4,40})",
    WORDS,
)
_FOR_ONCE = re.compile(
    r"ワンタイム|使い捨て|一度だけ|有効期限|Wi-?Fi|SSID|\bone-?time|\bOTP|\bnetwork\b|\bexpires", WORDS
)


def password(candidate: Candidate) -> Iterator[Hit]:
    text = without_links(candidate.text)
    if not any(word in text.lower() for word in ("pass", "pw", "パス", "暗証")):
        return
    for match in found(_PASSWORD, candidate.text):
        start, end = sentence_of(text, match.start())
        if not _FOR_ONCE.search(text, start, end):
            yield Hit(match.span("secret"))


_THING = (
    r"(?:files?|forms?|invoice|photos?|pictures?|images?|documents?|pdf|letter|report|list|contract|copy|statement)"
)
_ATTACHED = re.compile(
    r"添付(?:の|ファイル|資料|写真|画像|書類)[^。!?\n]{0,12}(?:ご?確認|ご覧|ご?参照)"
    r"|添付(?:いた|致)?し(?:ます|ました|ております)(?=[。、!\n]|ので|が|\Z)"
    rf"|\b(?:see|find|review|open) (?:the )?attach(?:ed|ment)(?= {_THING}\b|[.,!]|\Z)"
    rf"|\bI(?:'ve| have)? attached (?:the|a|an|my|our|your) {_THING}\b",
    WORDS,
)
_ELSEWHERE = re.compile(r"メール|郵送|郵便|同封|封書|FAX|\be-?mail|\bpost\b|\bletter\b|https?:", WORDS)


def attached(candidate: Candidate) -> Iterator[Hit]:
    if not any(word in without_links(candidate.text).lower() for word in ("attach", "添付")):
        return
    for match in found(_ATTACHED, candidate.text):
        if not _ELSEWHERE.search(candidate.text):
            yield Hit(match.span(), values={"word": match[0]})
