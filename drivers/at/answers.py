"""What information texts say: from lines to values. Nothing here raises; None means not said."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drivers.at.urcs import PDU

TECHNOLOGIES = {  # <AcT>, TS 27.007 §7.3
    0: "GSM",
    1: "GSM",
    2: "UMTS",
    3: "GSM",
    4: "UMTS",
    5: "UMTS",
    6: "UMTS",
    7: "LTE",
    8: "GSM",
    9: "LTE",
    10: "LTE",
    11: "NR",
    12: "NR",
    13: "LTE",
}


def fields(line: str) -> list[str]:
    """The comma-separated values behind the colon, quotes taken off, commas inside them kept."""
    _, _, rest = line.partition(":")
    found = re.findall(r'\s*(?:"([^"]*)"|([^,]*))(?:,|$)', rest.strip())
    values = [quoted or plain.strip() for quoted, plain in found]
    return values[:-1] if len(values) > 1 and values[-1] == "" and not rest.rstrip().endswith(",") else values


def number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*-?[0-9]{1,18}\s*", text) else None


def registration(information: Sequence[str]) -> int | None:
    """<stat> of +CREG and its kin, from an answer to `AT+CREG?`."""
    for line in information:
        values = fields(line)
        if len(values) >= 2:
            return number(values[1])
    return None


def signal_dbm(information: Sequence[str]) -> int | None:
    """+CSQ <rssi> in dBm (TS 27.007 §8.5); 100 to 191 is the TD-SCDMA scale of some modems."""
    for line in information:
        rssi = number(fields(line)[0])
        if rssi is None or rssi in (99, 199):
            return None
        if 0 <= rssi <= 31:
            return -113 + 2 * rssi
        if 100 <= rssi <= 191:
            return rssi - 216
    return None


def operator(information: Sequence[str]) -> tuple[str | None, str | None]:
    """(name, technology) of `AT+COPS?`."""
    for line in information:
        values = fields(line)
        name = values[2] if len(values) > 2 and values[2] else None
        act = number(values[3]) if len(values) > 3 else None
        return _maybe_ucs2(name), TECHNOLOGIES.get(act) if act is not None else None
    return None, None


def _maybe_ucs2(name: str | None) -> str | None:
    """Some modems write the name as UCS-2 hex, whatever +CSCS says."""
    if name and len(name) >= 8 and len(name) % 4 == 0 and re.fullmatch(r"(?:00[2-7][0-9A-F]){2,}", name):
        return bytes.fromhex(name).decode("utf-16-be")
    return name


def smsc(information: Sequence[str]) -> str | None:
    for line in information:
        address, *rest = fields(line)
        return _address(address, rest)
    return None


def own_number(information: Sequence[str]) -> str | None:
    """The first <number> of +CNUM; <alpha> in front of it may look like one."""
    for line in information:
        _, *rest = fields(line)
        if rest and (address := _address(rest[0], rest[1:])):
            return address
    return None


def _address(address: str, rest: Sequence[str]) -> str | None:
    """A number, written out or as UCS-2 hex; <type> 145 is international, with or without its plus."""
    if re.fullmatch(r"(?:002B|003[0-9])(?:003[0-9]){2,}", address):
        address = bytes.fromhex(address).decode("utf-16-be")
    if not re.fullmatch(r"\+?[0-9]{3,20}", address):
        return None
    international = bool(rest) and rest[0].strip() == "145"
    return f"+{address}" if international and not address.startswith("+") else address


def iccid(information: Sequence[str]) -> str | None:
    """An ICCID begins with 89 (ITU-T E.118); some modems swap the digits of each octet."""
    found = digits(information, 18, 20)
    if found and found.startswith("98") and len(found) % 2 == 0:
        return "".join(found[i + 1] + found[i] for i in range(0, len(found), 2))
    return found


def digits(information: Sequence[str], low: int, high: int) -> str | None:
    """The first run of `low` to `high` digits: an IMEI, an IMSI or an ICCID in any dress."""
    for line in information:
        if match := re.search(rf"(?<![0-9])[0-9]{{{low},{high}}}(?![0-9])", line):
            return str(match[0])
    return None


def words(information: Sequence[str]) -> str | None:
    """The name that +CGMI and +CGMM give, with or without its prefix and quotes."""
    for line in information:
        if text := re.sub(r"^[+^]\w+:", "", line).strip().strip('"'):
            return text
    return None


def pin_state(information: Sequence[str]) -> str | None:
    for line in information:
        return line.partition(":")[2].strip().strip('"').upper() or None
    return None


@dataclass(frozen=True)
class Tries:
    """How many tries of PIN and PUK are left; None: the modem does not say."""

    pin: int | None = None
    puk: int | None = None


# Where PIN and PUK stand among the fields. SIMCom's manuals disagree on what follows the first one.
_COUNTERS = {"^CPIN": (3, 2), "+QPINC": (1, 2), "+SPIC": (0, None), "+ZPINPUK": (0, 1), "+UPINCNT": (0, 2)}


def tries(information: Sequence[str], *, waits_for_puk: bool | None) -> Tries:
    """From any of `commands.PIN_COUNTERS`. ^SPIC and #PCT count what is waited for, and do not say what that is.

    `waits_for_puk` None: the SIM is open.
    """
    pin = puk = None
    for line in information:
        name, values = line.partition(":")[0], fields(line)
        if name == "+CPINR" and len(values) > 1:
            pin = number(values[1]) if values[0] == "SIM PIN" else pin
            puk = number(values[1]) if values[0] == "SIM PUK" else puk
        elif name in ("^SPIC", "#PCT") and waits_for_puk is not None:
            pin, puk = (pin, number(values[0])) if waits_for_puk else (number(values[0]), puk)
        elif name in _COUNTERS and (name != "+QPINC" or values[0] == "SC"):
            at_pin, at_puk = _COUNTERS[name]
            pin = number(values[at_pin]) if at_pin < len(values) else pin
            puk = number(values[at_puk]) if at_puk is not None and at_puk < len(values) else puk
    return Tries(pin, puk)


def _groups(line: str) -> list[str]:
    """The bracketed groups of a test answer; a value without brackets is a group of its own."""
    _, _, rest = line.partition(":")
    return [inside or plain for inside, plain in re.findall(r'\(([^()]*)\)|([0-9]+|"[^"]*")', rest)]


def _range(group: str) -> list[int]:
    values: list[int] = []
    for low, high in re.findall(r"(\d{1,3})(?:-(\d{1,3}))?", group):
        values.extend(range(int(low), int(high or low) + 1))
    return values


def routing_offer(information: Sequence[str]) -> list[list[int]] | None:
    """The five value lists of `AT+CNMI=?`."""
    for line in information:
        groups = [_range(group) for group in _groups(line)]
        if len(groups) >= 4:
            return groups
    return None


def storage_offer(information: Sequence[str]) -> list[list[str]]:
    """The storages that each of <mem1>, <mem2>, <mem3> may be, from `AT+CPMS=?`; [] when it names none.

    Without any brackets it is one list for all three.
    """
    for line in information:
        if "(" in line:
            groups = [re.findall(r"\b[A-Z]{2}\b", group) for group in _groups(line)]
            return groups[:3] if any(groups[:1]) else []
        if names := re.findall(r'"([A-Z]{2})"', line):
            return [names] * 3
    return []


def chosen_use(information: Sequence[str]) -> tuple[int, int] | None:
    """(used, total) of <mem1>, from the answer to `AT+CPMS=`."""
    for line in information:
        values = [value for each in fields(line) if (value := number(each)) is not None]
        if len(values) >= 2:
            return values[0], values[1]
    return None


def service(information: Sequence[str]) -> int | None:
    """<service> of `AT+CSMS?`."""
    for line in information:
        return number(fields(line)[0])
    return None


def routing(information: Sequence[str]) -> tuple[int, int] | None:
    """(mt, ds) of `AT+CNMI?`."""
    for line in information:
        values = [number(each) for each in fields(line)]
        if len(values) >= 4 and values[1] is not None and values[3] is not None:
            return values[1], values[3]
    return None


def storage_use(information: Sequence[str]) -> dict[str, tuple[int, int]]:
    """{"SM": (used, total), ...} of `AT+CPMS?`."""
    use: dict[str, tuple[int, int]] = {}
    for line in information:
        for name, used, total in re.findall(r'"([A-Z]{2})",(\d+),(\d+)', line):
            use[name] = (int(used), int(total))
    return use


@dataclass(frozen=True)
class Listed:
    """A message as `AT+CMGL=4` shows it. `pdu` is what stood behind its head; "" when nothing did."""

    index: int
    pdu: str
    tpdu_length: int | None  # octets, by the head

    @property
    def is_whole(self) -> bool:
        """Whether it came over the wire as it lies in the storage: head and PDU agree."""
        if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", self.pdu):
            return False
        return len(self.pdu) // 2 - 1 - int(self.pdu[:2], 16) == self.tpdu_length


def listed(information: Iterable[str]) -> list[Listed]:
    """What `AT+CMGL=4` lists as received; what somebody stored to send is passed over."""
    found: list[Listed] = []
    head: Listed | None = None
    for line in information:
        if line.startswith("+CMGL:"):
            head = _head(fields(line))
            found += [head] if head else []
        elif head:
            found[-1], head = replace(head, pdu=line.upper() if PDU.fullmatch(line) else line), None
    return found


def _head(values: list[str]) -> Listed | None:
    """<index>,<stat>,<alpha>,<length>; some modems leave out the name with its comma."""
    index, stat = number(values[0]), number(values[1]) if len(values) > 2 else None
    return Listed(index, "", number(values[-1])) if index is not None and stat in (0, 1) else None


def tp_mr(information: Sequence[str]) -> int | None:
    """<mr> of +CMGS, with or without <scts> behind it."""
    for line in information:
        if match := re.match(r"\+CMGS: ?(\d+)", line):
            return int(match[1]) & 0xFF
    return None
