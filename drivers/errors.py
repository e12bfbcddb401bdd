"""Everything a driver can raise.

DriverError
├── PortError            the serial port would not open, or vanished
│   ├── PortMissing      no such device node
│   ├── PortForbidden    the node is there, but this user may not open it
│   └── PortBusy         another program has it
├── CommandRefused       an argument that must never reach a modem
├── CommandTimeout       no final result code in time
├── PromptTimeout        no `> ` after AT+CMGS: nothing was sent
├── SimLocked            the SIM does not let us in: a person's matter
├── OutcomeUnknown       the body went out and no answer came: it may have been sent
└── CommandError         the modem answered, and said no
    ├── CmsError         +CMS ERROR: a code of TS 27.005 or the network
    └── CmeError         +CME ERROR: a code of TS 27.007
PduError                 octets that are no PDU, or a message that fits in none
"""

from drivers.at.answers import Tries
from drivers.words import Worded


class DriverError(Worded):
    """Something between here and the network went wrong."""


class PortError(DriverError):
    """The serial port would not open, or vanished."""


class PortMissing(PortError):
    """No such device node."""


class PortForbidden(PortError):
    """The node is there, but this user may not open it."""


class PortBusy(PortError):
    """Another program has the port."""


class CommandRefused(DriverError):
    """An argument that must never reach a modem."""


class CommandTimeout(DriverError):
    """No final result code in time."""


class PromptTimeout(DriverError):
    """No prompt after AT+CMGS: nothing was sent."""


class SimLocked(DriverError):
    """The SIM does not let us in. `state` is a drivers.modem.SimState."""

    def __init__(self, state: str, tries: Tries = Tries()) -> None:  # noqa: B008 - frozen
        super().__init__("{state}", state=state)
        self.state, self.tries = state, tries


class OutcomeUnknown(DriverError):
    """The body went out and no answer came: it may have been sent. `why` is a key of results.OURS."""

    def __init__(self, why: str) -> None:
        super().__init__("{why}", why=why)
        self.why = why


class CommandError(DriverError):
    """The modem answered, and said no. `code` is None for a bare ERROR or for words nobody knows.

    `maker` is the key of results' table of codes that are its maker's own.
    """

    label = "ERROR"

    def __init__(self, code: int | None = None, words: str = "", maker: str = "") -> None:
        said = words if code is None else str(code)
        super().__init__("{said}", said=f"{self.label}: {said}" if said and said != self.label else self.label)
        self.code, self.words, self.maker = code, words, maker


class CmsError(CommandError):
    """+CMS ERROR: a code of TS 27.005 §3.2.5 or the network's (TS 24.011, TS 23.040)."""

    label = "+CMS ERROR"


class CmeError(CommandError):
    """+CME ERROR: a code of TS 27.007 §9.2."""

    label = "+CME ERROR"


class PduError(DriverError):
    """Octets that are no PDU, or a message that fits in none."""
