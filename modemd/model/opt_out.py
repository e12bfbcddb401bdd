"""Does somebody ask for no more messages? Words by language, and what is near enough for a person to look at. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from drivers.words import N_
from modemd.model.folding import fold
from modemd.model.spelling import distance

SENTENCES = {
    "recipient_opted_out": N_("{number} has asked for no more messages: nothing goes there until it writes START."),
    "recipient_opt_out_asked": N_("{number} may have asked for no more messages: read what it wrote, and decide."),
}


class Asked(Enum):
    STOP = "no more messages"
    START = "messages again"
    NEAR = "perhaps no more messages: a person reads it"


@dataclass(frozen=True)
class Rules:
    """What a site has decided. `confirm` is what whoever opts out is told, once; None: nothing."""

    applies_to: tuple[str, ...] = ("promotional", "service")  # categories
    stop: tuple[str, ...] = ()  # words beside those below
    start: tuple[str, ...] = ()
    confirm: str | None = None
    region: str | None = None
    fuse: float = 10.0  # seconds, of the confirmation
    validity: float = 86400.0
    encoding: str = "gsm7"
    parts: int = 1


DEFAULT_RULES = Rules()

# Twilio, AWS, Sinch and Bronto honour those of "en", "fr" and "no"; the others are what speakers would write, and wait
# for confirmation by native speakers. All count as a whole message alone.
WORDS = {
    "en": "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT OPTOUT REMOVE TD REVOKE",
    "fr": "ARRET ARRETE ARRETT ARRÊT",
    "no": "STOPP",
    "ja": "停止 配信停止 解除 退会 不要 拒否 送らないで ストップ",
    "de": "STOPP ABMELDEN",
    "es": "BAJA ALTO PARAR CANCELAR",
    "pt": "SAIR PARAR CANCELAR",
    "it": "CANCELLA",
    "nl": "AFMELDEN",
    "zh": "退订 TD 取消",
    "ko": "수신거부 중지",
    "vi": "TUCHOI HUY",
    "id": "BERHENTI",
    "th": "ยกเลิก",
}
# YES is left out: it answers too many other questions.
_START_WORDS = "START UNSTOP"

# Words that mean nothing else: one slip away from them, or first in a short message, they are looked at by a person.
_CLEAR = ("STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT", "ARRET", "STOPP", "ABMELDEN", "AFMELDEN", "BERHENTI")
_ANYTHING_ELSE = frozenset(("step", "shop", "stoop", "slop", "swop", "atop", "stomp", "strop", "top", "stops"))
_SHORT_MESSAGE = 6  # words
_PHRASES = re.compile(
    # as `fold` leaves them: hiragana is katakana there
    r"(?:送ラ|送信シ|配信シ|通知シ|連絡シ|メール?シ)ナイデ"
    r"|(?:配信|送信|受信|通知|案内|メール|メッセージ|sms|コレ以上|今後).{0,8}(?:停止|不要|拒否|解除|止メ|ヤメ|イラナ|要ラナ|要リマセ|イリマセ|結構デス)"
    r"|モウ.{0,6}(?:イラナ|要ラナ|要リマセ|イリマセ|ヤメ|止メ|送ルナ|結構デス)"
    r"|^(?:停止|退会|解除)(?:シテ|希望|願)|送ルナ|登録.{0,4}(?:解除|削除|抹消)"
    r"|\b(?:stop|quit|cease|no more)\b.{0,12}\b(?:send|sending|text|texts|texting|messag\w*|contact\w*|sms)\b"
    r"|\b(?:do not|dont|don t|never)\b.{0,8}\b(?:send|text|message|contact|write)\b"
    r"|\bunsubscribe\b|\bopt(?:ed|ing)? out\b|\b(?:remove|delete) me\b|\btake me off\b|\bleave me alone\b"
)


def asked(text: str, rules: Rules = DEFAULT_RULES) -> Asked | None:
    """What a message asks for; None: nothing of the kind."""
    plain = _plain(text)
    squeezed = plain.replace(" ", "")
    if not squeezed:
        return None
    if squeezed in _words(rules.stop) or squeezed in _STOP:
        return Asked.STOP
    if squeezed in _words(rules.start) or squeezed in _START:
        return Asked.START
    return Asked.NEAR if _is_near(plain, squeezed) else None


def _plain(text: str) -> str:
    """Widths, capitals, kana and signs do not matter; Latin letters beside others are a word of their own."""
    return " ".join(
        re.sub(r"[\W_]+|(?<=[a-z])(?=[\u2e80-\uffff])|(?<=[\u2e80-\uffff])(?=[a-z])", " ", fold(text)).split()
    )


def _words(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_plain(word).replace(" ", "") for word in words)


_STOP = _words(word for line in WORDS.values() for word in line.split())
_START = _words(_START_WORDS.split())
_CLEAR_WORDS = _words(_CLEAR)


def _is_near(plain: str, squeezed: str) -> bool:
    words = plain.split()
    if len(words) <= _SHORT_MESSAGE and (words[0] in _CLEAR_WORDS or words[-1] in _CLEAR_WORDS):
        return True
    if squeezed not in _ANYTHING_ELSE and any(distance(squeezed, word, 1) == 1 for word in _CLEAR_WORDS):
        return True
    return _PHRASES.search(plain) is not None
