"""Final result codes as tables: what a code is called, what it means to us, what a person reads."""

import re
from dataclasses import dataclass
from enum import Enum

from drivers.errors import CmeError, CmsError, CommandError
from drivers.words import N_


class Kind(Enum):
    """What a failure is about, and so what to do with the message that met it."""

    TRANSIENT = "try this message again later"
    PERMANENT = "this message will never go"
    MODEM = "the modem is unwell: another, or later"
    SIM = "the SIM or the subscription: a person's matter"
    UNKNOWN = "it may have left"


class Remedy(Enum):
    """What helps the modem before the next message."""

    NONE = "nothing"
    SWEEP = "empty its storages"
    REOPEN = "set it up anew"
    PLAIN = "leave TP-VP out"  # TS 23.040 §9.2.3.3: it is optional


@dataclass(frozen=True)
class Meaning:
    """`retry`: seconds before each further try of a message, None as configured. After the last it fails."""

    kind: Kind
    name: str
    sentence: str
    retry: tuple[float, ...] | None = None
    remedy: Remedy = Remedy.NONE


# Who is busy is asked soon, who is away seldom; what may be our own debris is worth one more try.
_BUSY = (1.0, 2.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0)
_SOON = (5.0,)
_ONCE = (60.0,)
_TWICE = (60.0, 300.0)
_CROWDED = (30.0, 120.0, 600.0)
_AWAY = (900.0, 3600.0, 14400.0)

T, F, D, S, U = Kind.TRANSIENT, Kind.PERMANENT, Kind.MODEM, Kind.SIM, Kind.UNKNOWN

# TS 27.005 §3.2.5, TS 24.011 Annex E, TS 23.040 §9.2.3.22.
CMS: dict[int, Meaning] = {
    1: Meaning(F, "unassigned number", N_("This number is not in use.")),
    8: Meaning(
        S,
        "operator determined barring",
        N_("The operator has barred this SIM from sending: check credit and plan."),
    ),
    10: Meaning(S, "call barred", N_("Sending is barred for this SIM: check credit and plan.")),
    21: Meaning(F, "transfer rejected", N_("The network refused this message.")),
    22: Meaning(T, "congestion", N_("The network is congested."), _CROWDED),
    27: Meaning(T, "destination out of service", N_("The recipient's phone is out of service just now."), _AWAY),
    28: Meaning(
        F,
        "unidentified subscriber",
        N_("The network does not know this recipient, or the SMSC number is wrong."),
    ),
    29: Meaning(S, "facility rejected", N_("The network does not allow this SIM to send SMS.")),
    30: Meaning(F, "unknown subscriber", N_("The network does not know this recipient.")),
    38: Meaning(
        T,
        "network out of order",
        N_("The network could not take it: a dead number, no credit, or a fault there."),
    ),
    41: Meaning(T, "temporary failure", N_("The network failed for the moment.")),
    42: Meaning(T, "congestion", N_("The network is congested."), _CROWDED),
    47: Meaning(T, "resources unavailable", N_("The network has no room just now."), _CROWDED),
    50: Meaning(S, "facility not subscribed", N_("This SIM has no SMS service: check the plan.")),
    69: Meaning(S, "facility not implemented", N_("The SMSC number is wrong or the SIM has no SMS service.")),
    81: Meaning(T, "invalid reference", N_("Modem and network lost step; it is tried again."), _SOON),
    95: Meaning(F, "invalid message", N_("The network calls the message invalid.")),
    96: Meaning(F, "invalid mandatory information", N_("The network calls the message invalid.")),
    97: Meaning(F, "message type non-existent", N_("The network calls the message invalid.")),
    98: Meaning(T, "not compatible with protocol state", N_("Modem and network lost step; it is tried again."), _SOON),
    99: Meaning(F, "information element non-existent", N_("The network calls the message invalid.")),
    111: Meaning(T, "protocol error", N_("The network answered with a protocol error."), _ONCE),
    127: Meaning(T, "interworking", N_("The message could not be handed to the recipient's network."), _TWICE),
    128: Meaning(F, "telematic interworking not supported", N_("The SMSC does not support this kind of message.")),
    129: Meaning(F, "short message type 0 not supported", N_("The SMSC does not support this kind of message.")),
    130: Meaning(F, "cannot replace short message", N_("The SMSC cannot replace the earlier message.")),
    143: Meaning(F, "unspecified TP-PID error", N_("The SMSC does not support this kind of message.")),
    144: Meaning(F, "alphabet not supported", N_("The SMSC does not support this alphabet.")),
    145: Meaning(F, "message class not supported", N_("The SMSC does not support this message class.")),
    159: Meaning(F, "unspecified TP-DCS error", N_("The SMSC does not support this alphabet.")),
    160: Meaning(F, "command cannot be actioned", N_("The SMSC refused the command.")),
    161: Meaning(F, "command unsupported", N_("The SMSC refused the command.")),
    175: Meaning(F, "unspecified TP-command error", N_("The SMSC refused the command.")),
    176: Meaning(F, "TPDU not supported", N_("The SMSC does not support this kind of message.")),
    192: Meaning(T, "SC busy", N_("The SMSC is busy.")),
    193: Meaning(S, "no SC subscription", N_("This SIM is not subscribed at the SMSC.")),
    194: Meaning(T, "SC system failure", N_("The SMSC has a fault.")),
    195: Meaning(F, "invalid SME address", N_("The SMSC calls the recipient's number invalid.")),
    196: Meaning(F, "destination SME barred", N_("The recipient is barred.")),
    197: Meaning(U, "SM rejected, duplicate", N_("The SMSC has an earlier copy of this message.")),
    198: Meaning(
        T, "TP-VPF not supported", N_("The SMSC does not support a validity period."), (0.0,), remedy=Remedy.PLAIN
    ),
    199: Meaning(
        T, "TP-VP not supported", N_("The SMSC does not support this validity period."), (0.0,), remedy=Remedy.PLAIN
    ),
    208: Meaning(D, "SIM SMS storage full", N_("The SIM's message storage is full."), remedy=Remedy.SWEEP),
    209: Meaning(D, "no SMS storage in SIM", N_("The SIM has no message storage."), remedy=Remedy.REOPEN),
    210: Meaning(D, "error in MS", N_("The modem reports a fault of its own."), remedy=Remedy.REOPEN),
    211: Meaning(D, "memory capacity exceeded", N_("The modem's message storage is full."), remedy=Remedy.SWEEP),
    212: Meaning(T, "SIM application toolkit busy", N_("The SIM is busy.")),
    213: Meaning(D, "SIM data download error", N_("The modem reports a fault of its own."), remedy=Remedy.REOPEN),
    255: Meaning(T, "unspecified error cause", N_("The network failed without saying why."), _ONCE),
    300: Meaning(D, "ME failure", N_("The modem reports a fault of its own."), remedy=Remedy.REOPEN),
    301: Meaning(D, "SMS service of ME reserved", N_("Another program is using this modem."), remedy=Remedy.REOPEN),
    302: Meaning(
        D,
        "operation not allowed",
        N_("The modem does not allow this now: the SIM may not be ready."),
        remedy=Remedy.REOPEN,
    ),
    303: Meaning(F, "operation not supported", N_("The modem does not support this.")),
    304: Meaning(T, "invalid PDU mode parameter", N_("The modem calls the message invalid."), _SOON),
    305: Meaning(D, "invalid text mode parameter", N_("The modem has fallen out of PDU mode."), remedy=Remedy.REOPEN),
    310: Meaning(S, "SIM not inserted", N_("There is no SIM in the modem.")),
    311: Meaning(S, "SIM PIN required", N_("The SIM waits for its PIN.")),
    312: Meaning(S, "PH-SIM PIN required", N_("The modem is locked to another SIM.")),
    313: Meaning(S, "SIM failure", N_("The SIM has failed: take it out, clean it, put it back.")),
    314: Meaning(T, "SIM busy", N_("The SIM is busy."), _BUSY),
    315: Meaning(S, "SIM wrong", N_("The modem does not accept this SIM.")),
    316: Meaning(S, "SIM PUK required", N_("The SIM is locked and waits for its PUK: ask the operator for it.")),
    317: Meaning(S, "SIM PIN2 required", N_("The SIM waits for its PIN2.")),
    318: Meaning(S, "SIM PUK2 required", N_("The SIM waits for its PUK2.")),
    320: Meaning(D, "memory failure", N_("The modem's message storage has failed."), remedy=Remedy.REOPEN),
    321: Meaning(D, "invalid memory index", N_("The message is no longer in the storage.")),
    322: Meaning(D, "memory full", N_("The modem's message storage is full."), remedy=Remedy.SWEEP),
    330: Meaning(D, "SMSC address unknown", N_("The SIM has no SMSC number: ask the operator for it.")),
    331: Meaning(D, "no network service", N_("No network: check antenna, SIM and coverage.")),
    332: Meaning(U, "network timeout", N_("The network did not answer in time: it may have left.")),
    340: Meaning(D, "no +CNMA acknowledgement expected", N_("Modem and daemon lost step.")),
    500: Meaning(T, "unknown error", N_("The modem failed without saying why: credit, SMSC, or SMS over LTE."), _TWICE),
    512: Meaning(T, "vendor: radio", N_("The modem could not reach the network.")),
    513: Meaning(T, "vendor: lower layer", N_("The modem could not reach the network.")),
    514: Meaning(T, "vendor: CP error", N_("The modem could not reach the network.")),
    # From here on makers differ: each row is what is safe with all of them. A wrong guess of "again"
    # costs a few tries; one of "never" or of "not sent" would cost a message or send it twice.
    515: Meaning(T, "vendor: busy, or invalid address", N_("The modem failed with a code of its maker's."), _BUSY),
    517: Meaning(F, "vendor: invalid character in PDU", N_("The modem calls the message invalid.")),
    518: Meaning(F, "vendor: invalid parameter", N_("The modem calls the message invalid.")),
    519: Meaning(F, "vendor: invalid length or character", N_("The modem calls the message invalid.")),
    521: Meaning(U, "vendor: timer expired", N_("The network did not answer in time: it may have left.")),
    532: Meaning(T, "vendor: SIM not ready", N_("The SIM is busy."), _BUSY),
    549: Meaning(T, "vendor: invalid length", N_("The modem calls the message invalid."), _SOON),
    553: Meaning(T, "vendor: invalid PDU", N_("The modem calls the message invalid."), _SOON),
    554: Meaning(T, "vendor: invalid PDU length", N_("The modem calls the message invalid."), _SOON),
    615: Meaning(D, "network failure", N_("No network: check antenna, SIM and coverage.")),
    616: Meaning(D, "network is down", N_("No network: check antenna, SIM and coverage.")),
}

# TS 27.007 §9.2.
CME: dict[int, Meaning] = {
    0: CMS[300],
    3: CMS[302],
    4: CMS[303],
    5: CMS[312],
    6: CMS[312],
    7: CMS[312],
    10: CMS[310],
    11: CMS[311],
    12: CMS[316],
    13: CMS[313],
    14: CMS[314],
    15: CMS[315],
    16: Meaning(
        S,
        "incorrect password",
        N_("The PIN is wrong. It is not tried again: correct it in the modem's pin_file."),
    ),
    17: CMS[317],
    18: CMS[318],
    20: CMS[322],
    21: CMS[321],
    22: CMS[321],
    23: CMS[320],
    30: CMS[331],
    31: CMS[332],
    32: Meaning(S, "emergency calls only", N_("The network allows emergency calls only: check the SIM's plan.")),
    # Personalisation to a network, a provider, a company.
    **dict.fromkeys(range(40, 49), CMS[312]),
    100: Meaning(D, "unknown", N_("The modem failed without saying why.")),
    103: Meaning(S, "illegal MS", N_("The network does not accept this SIM.")),
    106: Meaning(S, "illegal ME", N_("The network does not accept this modem.")),
    107: Meaning(S, "services not allowed", N_("The network allows this SIM no service.")),
    111: Meaning(S, "PLMN not allowed", N_("The network does not allow this SIM here."), _ONCE),
    112: Meaning(S, "location area not allowed", N_("The network does not allow this SIM here.")),
    113: Meaning(S, "roaming not allowed", N_("The network does not allow this SIM to roam here.")),
}

# Codes from 512 on mean what their maker says (profiles.json names the table). Wavecom's and Sierra's, gammu#93;
# SIMCom's and Quectel's, of their AT manuals.
_MAKERS: dict[str, dict[int, Meaning]] = {
    "sierra": {
        515: Meaning(T, "please wait", N_("The modem was still busy with the command before."), _BUSY),
    },
    "simcom": {
        512: Meaning(T, "user abort", N_("The modem broke off."), _ONCE),
        513: Meaning(F, "unable to store", N_("The modem calls the message invalid.")),
        514: Meaning(F, "invalid status", N_("The modem calls the message invalid.")),
        **dict.fromkeys(
            (515, 516, 517, 518, 519, 520, 538, 551),
            Meaning(F, "invalid character, length or parameter", N_("The modem calls the message invalid.")),
        ),
    },
}

_ERROR = Meaning(T, "ERROR", N_("The modem said no without saying why."), _TWICE)
_ODD_CMS = Meaning(T, "vendor code", N_("The modem failed with a code of its maker's."))
_ODD_CME = Meaning(D, "vendor code", N_("The modem failed with a code of its maker's."))


def meaning(error: CommandError) -> Meaning:
    """The row of the tables for what the modem said."""
    match error:
        case CommandError(code=int(code), maker=maker) if code in _MAKERS.get(maker, ()):
            return _MAKERS[maker][code]
        case CmsError(code=int(code)):
            return CMS.get(code, _ODD_CMS)
        case CmeError(code=int(code)):
            return CME.get(code, _ODD_CME)
        case _:
            return _ERROR


_NAMES = {
    table_class: {row.name.casefold(): code for code, row in table.items()}
    for table_class, table in ((CmsError, CMS), (CmeError, CME))
}


def error_of(final: str, maker: str = "") -> CommandError:
    """The exception for a final result code other than OK; worded errors get their code by name.

    `maker` names the table of codes that are its own.
    """
    match = re.fullmatch(r"\+?CM([ES]) ERROR ?:(.*)", final)
    if not match:
        return CommandError(None, final)
    kind = CmsError if match[1] == "S" else CmeError
    words = match[2].strip()
    if words.isdecimal():
        return kind(int(words), "", maker)
    return kind(_NAMES[kind].get(words.casefold()), words, maker)


# Failures that no modem names: the codes that stand for them in the store and the API.
OURS: dict[str, Meaning] = {
    "no_prompt": Meaning(D, "no prompt", N_("The modem did not ask for the message: nothing was sent.")),
    "no_answer": Meaning(U, "no answer", N_("No answer came after the message went to the modem: it may have left.")),
    "port_lost": Meaning(U, "port lost", N_("The modem went away while it was sending: it may have left.")),
    "stopped": Meaning(U, "stopped", N_("modemd was stopped while the modem was sending: it may have left.")),
    "unconfirmed": Meaning(U, "OK without +CMGS", N_("The modem said OK but gave no number for it: it may have left.")),
    "refused": Meaning(F, "refused", N_("This message cannot be put into a PDU.")),
    "error": _ERROR,
}


def code_of(error: CommandError) -> str:
    """A stable name for machines: `cms_38`, `cme_10`, `cms_513_simcom` where the maker gives it a meaning, `error`."""
    if error.code is None:
        return "error"
    own = f"_{error.maker}" if error.code in _MAKERS.get(error.maker, ()) else ""
    return f"{'cms' if isinstance(error, CmsError) else 'cme'}_{error.code}{own}"


def by_code(code: str) -> Meaning:
    """The meaning of what `code_of` gave, or of one of OURS."""
    family, _, rest = code.partition("_")
    digits, _, maker = rest.partition("_")
    if digits.isdecimal() and family in ("cms", "cme"):
        return meaning((CmsError if family == "cms" else CmeError)(int(digits), "", maker))
    return OURS.get(code, _ERROR)
