"""What AT commands set in a modem and a restart forgets."""

from dataclasses import dataclass, field

CNMI_OFF = (0, 0, 0, 0, 0)


@dataclass
class Settings:
    echo: int = 1
    quiet: int = 0
    verbose: int = 1
    cmee: int = 0
    cmgf: int = 0
    cscs: str = "IRA"
    csms: int = 0
    cmms: int = 0
    csdh: int = 0
    csmp: tuple[str, ...] = ("17", "167", "0", "0")
    clip: int = 0
    crc: int = 0
    cvhu: int = 0
    cops_format: int = 0
    cnmi: tuple[int, ...] = CNMI_OFF
    registration: dict[str, int] = field(default_factory=lambda: {"+CREG": 0, "+CGREG": 0, "+CEREG": 0})

    def outward(self, text: str) -> str:
        """A string as the chosen character set writes it."""
        return text.encode("utf-16-be").hex().upper() if self.cscs == "UCS2" else text

    def inward(self, text: str) -> str:
        if self.cscs != "UCS2":
            return text
        try:
            return bytes.fromhex(text).decode("utf-16-be")
        except ValueError:
            return text
