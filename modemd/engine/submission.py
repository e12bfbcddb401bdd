"""A part of a message as the SUBMIT that carries it. Pure."""

from datetime import timedelta

from drivers.pdu import Concat, Encoding, Pdu, Submit, encode_submit
from modemd.model.message import Message


def pdu_of(message: Message, sequence: int, texts: tuple[str, ...], now: float, *, plain: bool = False) -> Pdu:
    """Raises PduError. TP-VP is what is left of the message's validity: the network drops it after that.

    `plain`: this network takes no TP-VP. What is sent a second time asks the network to drop duplicates (TP-RD).
    """
    left = (message.valid_until or now + message.validity) - now
    concat = Concat(message.concat_ref, len(texts), sequence) if len(texts) > 1 else None
    return encode_submit(
        Submit(
            recipient=message.recipient,
            text=texts[sequence - 1],
            encoding=Encoding(message.encoding),
            concat=concat,
            validity=None if plain else timedelta(seconds=max(left, 1.0)),
            reject_duplicates=message.resends > 0,
        )
    )
