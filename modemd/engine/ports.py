"""Which port a configured modem has now."""

import asyncio

from drivers.at_modem import imei_at
from drivers.errors import DriverError, PortMissing
from drivers.ports import candidates
from drivers.words import N_
from modemd.config import ModemConfig


async def port_of(config: ModemConfig) -> str:
    """The configured path, or for "auto" the port at which the modem with that IMEI answers.

    Raises PortMissing when none does. Ports that others hold are passed over.
    """
    if config.port != "auto":
        return config.port
    paths = candidates()
    found = await asyncio.gather(*(_imei(path) for path in paths))
    for path, imei in zip(paths, found, strict=True):
        if imei == config.imei:
            return path
    raise PortMissing(
        N_("No port answers with the IMEI that ends in {tail}: is the modem plugged in?"),
        tail=str(config.imei)[-4:],
    )


async def _imei(path: str) -> str | None:
    try:
        return await imei_at(path)
    except DriverError:
        return None
