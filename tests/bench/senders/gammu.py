"""gammu-smsd, one daemon a modem: with a folder of files for each, or with one SQLite database for all."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from tests.bench.senders.sender import Sender, put

_FASTEST = """
CommTimeout = 0
StatusFrequency = 0
CheckSecurity = 0
CheckBattery = 0
CheckSignal = 0
CheckNetwork = 0
ReceiveFrequency = 60
"""
_SETTINGS = {
    "fast": f"LoopSleep = 0\n{_FASTEST}",  # burns a core when there is nothing to do
    "poll1": f"LoopSleep = 1\n{_FASTEST}",
    "default": "",
}
_SCHEMA = Path("/usr/share/doc/gammu-smsd/examples/sqlite.sql")
_ONE_PART = 160


class GammuFiles(Sender):
    name = "gammu files"
    needs = {"gammu-smsd": "gammu-smsd"}  # noqa: RUF012
    configurations = tuple(_SETTINGS)

    async def start(self) -> None:
        self._turn = count()
        for index, port in enumerate(self.ports):
            here = self.folder / f"m{index}"
            for box in ("inbox", "outbox", "sent", "error"):
                (here / box).mkdir(parents=True)
            await self.spawn("gammu-smsd", "-c", str(self.config(here, index, port)))

    def config(self, here: Path, index: int, port: str) -> Path:
        lines = ["[gammu]", f"device = {port}", "connection = at", "[smsd]", f"logfile = {here / 'log'}"]
        lines += [self.service(here, index), _SETTINGS[self.configuration]]
        config = here / "smsdrc"
        config.write_text("\n".join(lines))
        return config

    def service(self, here: Path, index: int) -> str:
        boxes = {"inboxpath": "inbox", "outboxpath": "outbox", "sentsmspath": "sent", "errorsmspath": "error"}
        return "\n".join(["service = files", *(f"{key} = {here / box}/" for key, box in boxes.items())])

    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        for recipient in recipients:
            turn = next(self._turn)
            box = self.folder / f"m{turn % len(self.ports)}" / "outbox"
            put(box, f"OUTC20200101_000000_{turn:06}_{recipient}_sms0.txt", text)


class GammuSql(GammuFiles):
    name = "gammu SQL"
    needs = {"gammu-smsd": "gammu-smsd"}  # noqa: RUF012

    @classmethod
    def missing(cls) -> list[str]:
        driver = [] if list(Path("/usr/lib").glob("**/dbd/libdbdsqlite3.so")) else ["libdbd-sqlite3"]
        schema = [] if _SCHEMA.exists() else [str(_SCHEMA)]  # an image of a container may have left out documents
        return [*super().missing(), *driver, *schema]

    async def start(self) -> None:
        self.make_database()
        await super().start()

    def make_database(self) -> None:
        with closing(sqlite3.connect(self.folder / "smsd.db")) as db:
            db.executescript(_SCHEMA.read_text())
            if self.configuration != "default":
                db.execute("pragma journal_mode = wal")

    def service(self, here: Path, index: int) -> str:
        lines = ["service = sql", "driver = sqlite3", f"dbdir = {self.folder}/", "database = smsd.db"]
        lines += [f"PhoneID = m{index}"]
        if self.configuration != "default":
            lines += ["MaxRetries = 3", "RetryTimeout = 5"]
        return "\n".join(lines)

    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        if len(text) > _ONE_PART:  # their own program cuts it into parts
            config = str(self.folder / "m0" / "smsdrc")
            for recipient in recipients:
                arguments = ("TEXT", recipient, "-len", str(len(text)), "-text", text)
                inject = await asyncio.create_subprocess_exec(
                    "gammu-smsd-inject", "-c", config, *arguments, stdout=self._log, stderr=self._log
                )
                await inject.wait()
            return
        with closing(sqlite3.connect(self.folder / "smsd.db", timeout=30)) as db, db:
            db.executemany(
                "insert into outbox (DestinationNumber, TextDecoded, CreatorID) values (?, ?, 'bench')",
                [(recipient, text) for recipient in recipients],
            )
