"""The network: an SMSC that records what it accepts, and carries messages, replies and reports."""

import asyncio
import json
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from drivers.errors import PduError
from drivers.parts import cut
from drivers.pdu import Concat, Deliver, Direction, Pdu, Submit, decode, encode_deliver
from drivers.simulator.phones import DELIVERED, Phone, phone
from drivers.simulator.sim import SMSC, Sim
from drivers.simulator.tpdu import Header, deliver, smsc_prefix, status_report

TRYING = range(0x20, 0x40)  # TP-ST of the network's "not yet"


@dataclass(frozen=True)
class Accepted:
    """A part that the network took: it cannot be called back."""

    at: float  # monotonic
    wall: float
    modem: str
    imsi: str
    recipient: str
    text: str | None
    tpdu: str  # hex as on the air, tp_mr filled in, no SMSC in front
    tp_mr: int
    concat: Concat | None


@dataclass(frozen=True)
class Reported:
    """A status report, and the part that it is about."""

    pdu: str
    tp_st: int
    part: Accepted


@dataclass(frozen=True)
class Inbound:
    """A PDU on its way to a modem."""

    pdu: str
    tpdu_length: int
    is_report: bool = False


class Terminal(Protocol):
    """A modem, as the network sees it."""

    name: str
    sim: Sim

    def receive(self, inbound: Inbound) -> bool:
        """False: it has no room or no service, the network keeps the message."""


class Network:
    def __init__(self, record: Path, delay: float = 0.0, report_delay: float | None = None) -> None:
        self.delay = delay  # seconds from Ctrl-Z to the answer
        self.report_delay = delay + 0.2 if report_delay is None else report_delay
        self.delivers = True  # False: what is on its way to a modem waits
        self.accepted: list[Accepted] = []
        self.reported: list[Reported] = []
        self.terminals: list[Terminal] = []
        self.waiting: dict[str, deque[Inbound]] = defaultdict(deque)  # by IMSI
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._concat_refs = count(1)
        self._heard: dict[tuple[str, str, int], dict[int, str]] = {}

    def close(self) -> None:
        self._open = False
        os.close(self._record)

    def later(self, delay: float, act: Callable[[], object]) -> None:
        self._loop.call_later(delay, lambda: act() if self._open else None)

    # -- from modems -----------------------------------------------------------------------------

    def accept(self, terminal: Terminal, header: Header) -> None:
        """From here on the message has left."""
        taken = Accepted(
            at=time.monotonic(),
            wall=time.time(),
            modem=terminal.name,
            imsi=terminal.sim.imsi,
            recipient=header.recipient,
            text=text_of(header.tpdu),
            tpdu=header.tpdu.hex().upper(),
            tp_mr=header.tpdu[1],
            concat=header.concat,
        )
        self.accepted.append(taken)
        os.write(self._record, json.dumps(asdict(taken)).encode() + b"\n")
        self._carry(terminal, header, taken)

    def _carry(self, terminal: Terminal, header: Header, taken: Accepted) -> None:
        sent = datetime.now(UTC)
        imsi = terminal.sim.imsi
        for other in self.terminals:
            if other.sim.own_number == header.recipient:
                octets = deliver(header, terminal.sim.own_number, sent)
                self._deliver_later(self.delay, other.sim.imsi, octets)
        who = phone(header.recipient)
        sequence = taken.concat.sequence if taken.concat else 1
        if header.report_wanted:
            for number, tp_st in enumerate(who.reports(sequence), start=1):
                delay = self.report_delay * who.slowness * number
                self.later(delay, lambda tp_st=tp_st: self._report(header, tp_st, sent, taken))  # type: ignore[misc]
        if who.reply and DELIVERED in who.reports(sequence):
            self._hear(imsi, who, taken)

    def _report(self, header: Header, tp_st: int, sent: datetime, taken: Accepted) -> None:
        octets = status_report(header, header.tpdu[1], tp_st, sent, datetime.now(UTC))
        self.reported.append(Reported(self._deliver(taken.imsi, octets, is_report=True), tp_st, taken))

    def _hear(self, imsi: str, who: Phone, taken: Accepted) -> None:
        """A phone that replies does so when it has the whole message."""
        concat = taken.concat or Concat(0, 1, 1)
        key = (imsi, taken.recipient, concat.concat_ref)
        parts = self._heard.setdefault(key, {})
        parts[concat.sequence] = taken.text or ""
        if len(parts) < concat.total or not who.reply:
            return
        del self._heard[key]
        text = who.reply.format(text="".join(parts[i] for i in sorted(parts)))
        self.later(2 * self.report_delay, lambda: self.send_text(imsi, taken.recipient, text))

    # -- to modems -------------------------------------------------------------------------------

    def send_text(self, imsi: str, sender: str, text: str) -> int:
        """Somebody writes to that SIM. How many parts it took. Raises PduError."""
        pdus = encode_text(sender, text, next(self._concat_refs) % 256)
        for pdu in pdus:
            self.send(imsi, Inbound(pdu.hex, pdu.tpdu_length))
        return len(pdus)

    def send(self, imsi: str, inbound: Inbound) -> None:
        self.waiting[imsi].append(inbound)
        self.pump(imsi)

    def pump(self, imsi: str) -> None:
        """Hand over what waits for that SIM, as far as its modem takes it."""
        waiting = self.waiting[imsi]
        for terminal in self.terminals:
            if terminal.sim.imsi == imsi and self.delivers:
                while waiting and terminal.receive(waiting[0]):
                    waiting.popleft()

    def _deliver(self, imsi: str, octets: bytes, is_report: bool = False) -> str:
        pdu = (smsc_prefix(SMSC) + octets).hex().upper()
        self.send(imsi, Inbound(pdu, len(octets), is_report))
        return pdu

    def _deliver_later(self, delay: float, imsi: str, octets: bytes) -> None:
        self.later(delay, lambda: self._deliver(imsi, octets))


def text_of(tpdu: bytes) -> str | None:
    try:
        submit = decode("00" + tpdu.hex(), Direction.TO_NETWORK)
    except PduError:
        return None
    return submit.text if isinstance(submit, Submit) else None


def encode_text(sender: str, text: str, concat_ref: int) -> list[Pdu]:
    """A text as SMS-DELIVERs, cut where it is too long."""
    whole = cut(text)
    total = len(whole.parts)
    return [
        encode_deliver(
            Deliver(
                sender=sender,
                text=part,
                smsc_time=datetime.now(UTC).replace(microsecond=0),
                encoding=whole.encoding,
                concat=Concat(concat_ref, total, sequence) if total > 1 else None,
                alphanumeric=not sender.removeprefix("+").isdecimal(),
                smsc=SMSC,
            )
        )
        for sequence, part in enumerate(whole.parts, start=1)
    ]
