"""What a modem hears of the network: registration by domain, technology, signal, operator."""

from dataclasses import dataclass
from enum import IntEnum


class Stat(IntEnum):
    """TS 27.007 §7.2 <stat>."""

    NONE = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5
    SMS_ONLY = 6
    SMS_ONLY_ROAMING = 7


TECHNOLOGIES = {"GSM": 0, "UMTS": 2, "LTE": 7, "NR": 11}  # <AcT>
CARRY_SMS = {Stat.HOME, Stat.ROAMING, Stat.SMS_ONLY, Stat.SMS_ONLY_ROAMING}
# Which domains report <stat> themselves; the others say 0.
DOMAINS = {"+CREG": {"GSM", "UMTS", "LTE"}, "+CGREG": {"GSM", "UMTS"}, "+CEREG": {"LTE", "NR"}}


@dataclass
class Radio:
    stat: Stat = Stat.HOME
    technology: str = "LTE"
    rssi: int = 21  # 0-31, 99 unknown; dBm = 2 * rssi - 113
    ber: int = 99
    operator: str = "SIMNET"
    plmn: str = "00101"
    area: str = "1F2E"
    cell: str = "01D4A2B3"
    circuit_switched: bool = True  # False: +CREG says 0, as on networks of LTE alone
    on: bool = True  # +CFUN=1 and the SIM open

    def domain(self, name: str) -> Stat:
        if not self.on or self.technology not in DOMAINS[name]:
            return Stat.NONE
        if name == "+CREG" and not self.circuit_switched:
            return Stat.NONE
        if self.stat in (Stat.SMS_ONLY, Stat.SMS_ONLY_ROAMING) and name == "+CGREG":
            return Stat.NONE
        return self.stat

    @property
    def carries_sms(self) -> bool:
        return self.on and self.stat in CARRY_SMS

    def line(self, name: str, detail: int) -> str:
        """The fields of +CREG and its kin after <n>."""
        stat = self.domain(name)
        if detail >= 2 and stat in CARRY_SMS:
            return f'{stat:d},"{self.area}","{self.cell}",{TECHNOLOGIES[self.technology]}'
        return f"{stat:d}"
