"""What the columns of a list mean: by their headings, in Japanese and English."""

import re
from collections.abc import Sequence

from modemd.model.folding import fold

LEFT_OUT = "-"
OWN = "x:"  # and the name of a field of the site's own

HEADINGS = {
    "name": "name, full name, display name, 名前, お名前, 氏名, 顧客名, 顧客氏名, 宛名, 表示名",
    "family": "family name, last name, surname, 姓, 苗字, 名字",
    "given": "given name, first name, 名",
    "reading": "reading, kana, yomi, phonetic, フリガナ, カナ, カナ氏名, 氏名カナ, ヨミ, 読み, ヨミガナ, 読み仮名,"
    " 名前カナ",
    "family_reading": "family reading, phonetic last name, セイ, 姓カナ, 姓フリガナ, 姓ヨミ",
    "given_reading": "given reading, phonetic first name, メイ, 名カナ, 名フリガナ, 名ヨミ",
    "number": "number, phone, phone number, telephone, mobile, mobile phone, mobile number, primary phone,"
    " phone 1 value, cell, cell phone, tel, sms, msisdn, 電話, 電話番号, TEL番号, 携帯, 携帯電話, 携帯番号,"
    " 携帯電話番号, 自宅電話, 自宅電話番号, ケータイ",
    "language": "language, lang, 言語, 使用言語",
    "notes": "notes, note, memo, comment, comments, remarks, 備考, メモ, コメント, 摘要",
    "tags": "tags, tag, label, labels, category, categories, タグ, ラベル, 分類, カテゴリ, カテゴリー",
    "groups": "groups, group, list, グループ, リスト",
    "consents": "consents",
    "consent": "consent, consent to, 同意, 同意内容",
    "consent_on": "consent on, consent date, 同意日, 同意日付",
    "consent_how": "consent how, consent source, 同意方法, 同意経路",
}
FIELDS = tuple(HEADINGS)


def _plain(heading: str) -> str:
    """Without what stands around and behind it: 電話番号2（携帯） means what 電話番号 does."""
    bare = re.sub(r"\(.*?\)|[\[【].*?[\]】]", "", fold(heading))
    return re.sub(r"[\W_]+|\d+$", "", re.sub(r"[\W_]+$", "", bare))


_KNOWN = {_plain(word): field for field, words in HEADINGS.items() for word in words.split(",")}


def guess(heading: str) -> str:
    """The field that a heading names; one that nobody knows is a field of the site's own."""
    heading = " ".join(heading.split())
    if heading.startswith(OWN) and len(heading) > len(OWN):
        return heading
    if not heading:
        return LEFT_OUT
    return _KNOWN.get(_plain(heading)) or OWN + heading


def is_headed(first: Sequence[str]) -> bool:
    """Whether the first row says what the columns are."""
    return any(guess(cell) in FIELDS for cell in first)


def heading_of(field: str) -> str:
    """For a field of the site's own, as `guess` reads it again."""
    return field if guess(field) == OWN + field else OWN + field
