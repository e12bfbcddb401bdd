"""SMS Server Tools: one smsd for all modems, files in one folder."""

import contextlib
import os
import signal
from collections.abc import Sequence
from itertools import count

from tests.bench.senders.sender import Sender, put

_FAST = """
delaytime = 1
delaytime_mainprocess = 1
sleeptime_mainprocess = 1
errorsleeptime = 1
blocktime = 10
blockafter = 1000
trust_outgoing = yes
ignore_outgoing_priority = yes
spool_directory_order = yes
"""
_FAST_MODEM = """
incoming = no
check_network = 0
poll_faster = 50
device_open_retries = -1
rtscts = no
"""
_AS_PACKAGED = """
receive_before_send = no
"""
_MODEM_AS_PACKAGED = """
incoming = yes
baudrate = 19200
"""
_BOXES = ("outgoing", "checked", "failed", "incoming", "sent")


class Smstools(Sender):
    name = "smstools"
    needs = {"smsd": "smstools"}  # noqa: RUF012
    configurations = ("fast", "cont", "default")  # cont: fast, and its processes are woken after each enqueue

    async def start(self) -> None:
        self._turn = count()
        packaged = self.configuration == "default"
        names = [f"GSM{index}" for index in range(len(self.ports))]
        lines = [f"devices = {','.join(names)}", f"autosplit = 3\n{_AS_PACKAGED if packaged else _FAST}"]
        for box in _BOXES:
            (self.folder / box).mkdir()
            lines += [f"{box} = {self.folder / box}"]
        lines += [f"{key} = {self.folder / key}" for key in ("logfile", "infofile", "pidfile")]
        for name, port in zip(names, self.ports, strict=True):
            lines += [f"[{name}]", f"device = {port}", _MODEM_AS_PACKAGED if packaged else _FAST_MODEM]
        config = self.folder / "smsd.conf"
        config.write_text("\n".join(lines))
        await self.spawn("smsd", "-t", "-c", str(config))

    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        for recipient in recipients:
            put(self.folder / "outgoing", f"{next(self._turn):06}", f"To: {recipient.removeprefix('+')}\n\n{text}")
        if self.configuration == "cont":
            for pid in self.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
