"""What stands on the line besides the answers: URCs, garbage, odd packets and line ends."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

URCS = ("^RSSI:17", "^MODE:5,4", '+CUSD: 0,"Press 1 > info",15', "+CIEV: 2,4", "RING", '^HCSQ:"LTE",50,44')
GARBAGE = (b"\xff\xfe", b"\x00", b"\xe9\x80\r\n", b"\xf0\x9f\r\n")
BABBLE = bytes((*range(0x80, 0x100), 0x00, 0x0D, 0x0A))  # nothing of it can be taken for an answer
GAP = 0.002  # seconds between packets


@dataclass
class Noise:
    """Probabilities per answer, 0 to 1."""

    urc_before: float = 0.0
    urc_inside: float = 0.0
    urc_after: float = 0.0
    urc_before_prompt: float = 0.0
    garbage: float = 0.0
    one_octet: float = 0.0  # the answer comes octet by octet
    split: float = 0.0  # it comes in packets, cut anywhere
    bare_lf: float = 0.0  # \n ends lines
    random: Random = field(default_factory=lambda: Random(0), repr=False)
    happened: Counter[str] = field(default_factory=Counter, repr=False)

    def quiet(self) -> None:
        self.urc_before = self.urc_inside = self.urc_after = self.urc_before_prompt = 0.0
        self.garbage = self.one_octet = self.split = self.bare_lf = 0.0

    def happens(self, name: str) -> bool:
        probability: float = getattr(self, name)
        if probability > 0 and self.random.random() < probability:
            self.happened[name] += 1
            return True
        return False

    def line(self, name: str) -> bytes:
        return f"\r\n{self.random.choice(URCS)}\r\n".encode() if self.happens(name) else b""

    def spoil(self, data: bytes) -> bytes:
        if self.happens("bare_lf"):
            data = data.replace(b"\r\n", b"\n")
        if self.happens("garbage"):
            data = self.random.choice(GARBAGE) + data
        return data

    def packets(self, data: bytes) -> int | None:
        """How many octets go together; None: all."""
        if self.happens("one_octet"):
            return 1
        if len(data) > 1 and self.happens("split"):
            return self.random.randrange(1, len(data))
        return None
