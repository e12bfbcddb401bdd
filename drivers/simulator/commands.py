"""The table of every command that the modem knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.simulator.dialogue import Command
from drivers.simulator.general import GENERAL, Handler, Said, refuse_call
from drivers.simulator.messages import MESSAGES

if TYPE_CHECKING:
    from drivers.simulator.modem import Modem

# Commands that a closed SIM refuses, and with which kind of error.
NEED_SIM = {
    "+CIMI": "CME",
    "+CNUM": "CME",
    "+CSCA": "CMS",
    "+CPMS": "CMS",
    "+CMGS": "CMS",
    "+CMGW": "CMS",
    "+CMGR": "CMS",
    "+CMGL": "CMS",
    "+CMGD": "CMS",
    "+CUSD": "CME",
}


def list_all(modem: Modem, command: Command) -> Said:
    return ["\r\n".join(f"AT{name}" for name in sorted(COMMANDS))]


COMMANDS: dict[str, Handler] = GENERAL | MESSAGES | {"+CLAC": list_all, "A": refuse_call, "D": refuse_call}
