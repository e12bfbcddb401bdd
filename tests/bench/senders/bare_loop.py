"""python bare_loop.py PORT SPOOL: send each file of a folder (recipient, newline, text), with three attempts."""

import sys
import time
from pathlib import Path

from gsmmodem.exceptions import CommandError, TimeoutException
from gsmmodem.modem import GsmModem


def send(modem: GsmModem, recipient: str, text: str) -> str:
    for _ in range(3):
        try:
            modem.sendSms(recipient, text)  # type: ignore[no-untyped-call]
        except (CommandError, TimeoutException):
            continue
        return "done"
    return "failed"


def main(port: str, spool: Path) -> None:
    for outcome in ("done", "failed"):
        (spool.parent / outcome).mkdir(exist_ok=True)
    # Reports stay away: nobody waits for them here, and the library takes one amid an answer for part of it.
    modem = GsmModem(port, 115200, AT_CNMI="2,1,0,0")  # type: ignore[no-untyped-call]
    modem.connect()  # type: ignore[no-untyped-call]
    while True:
        for file in sorted(spool.iterdir()):
            recipient, _, text = file.read_text().partition("\n")
            file.rename(spool.parent / send(modem, recipient, text) / file.name)
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
