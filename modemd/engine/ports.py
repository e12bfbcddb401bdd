"""Which port a configured modem has now: its IMEI says who it is, the path only where to look first."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Sequence

from drivers.at_modem import imei_at
from drivers.errors import DriverError, PortMissing
from drivers.ports import candidates
from drivers.words import N_
from modemd.config import ModemConfig


class Ports:
    """Shared by all supervisors, so that none asks at a port that another has, or is asking at."""

    def __init__(self, modems: Sequence[ModemConfig], search: tuple[str, ...]) -> None:
        self.modems = modems
        self._search = search
        self._taken: dict[str, str] = {}  # real path → name
        self._asking = asyncio.Lock()

    @contextlib.contextmanager
    def taken(self, path: str, name: str) -> Iterator[None]:
        """While a supervisor works with a port."""
        real = os.path.realpath(path)
        self._taken[real] = name
        try:
            yield
        finally:
            self._taken.pop(real, None)

    async def find(self, imei: str, *, besides: str) -> str:
        """The port besides that one at which the modem with that IMEI answers. Raises PortMissing when none does.

        Ports that others hold are passed over.
        """
        async with self._asking:
            for path in self._worth_asking(besides):
                if await _imei(path) == imei:
                    return path
        raise PortMissing(
            N_("No port answers with the IMEI that ends in {tail}: is the modem plugged in?"), tail=imei[-4:]
        )

    def _worth_asking(self, besides: str) -> Iterator[str]:
        """Looked up one by one: a port may be taken while another is asked."""
        configured = [modem.port for modem in self.modems if modem.port != "auto" and os.path.exists(modem.port)]
        seen = {os.path.realpath(besides)}
        for path in (*configured, *candidates(self._search)):
            real = os.path.realpath(path)
            if real not in seen and real not in self._taken:
                seen.add(real)
                yield path


async def _imei(path: str) -> str | None:
    try:
        return await imei_at(path)
    except DriverError:
        return None
