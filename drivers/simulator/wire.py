"""What reached a modem in each submit: the proof that not one octet of a body did."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Exchange:
    """One AT+CMGS (or +CMGW) that the modem took up."""

    modem: str
    at: float  # monotonic
    prompted: bool  # the prompt went out
    body_octets: int = 0  # before the Ctrl-Z or ESC
    ended: str = ""  # "ctrl-z", "esc", "lost" (unplugged, restarted); empty: still open
    accepted: bool = False


class WireLog:
    """Keeps every exchange, and writes each down when it ends if there is a file."""

    def __init__(self, file: Path | None = None) -> None:
        self.exchanges: list[Exchange] = []
        self._file = file

    def begin(self, modem: str, at: float, prompted: bool) -> Exchange:
        exchange = Exchange(modem, at, prompted)
        self.exchanges.append(exchange)
        return exchange

    def end(self, exchange: Exchange) -> None:
        if self._file is None:
            return
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(descriptor, json.dumps(asdict(exchange)).encode() + b"\n")
        os.close(descriptor)
