"""A call to a modem that carries messages alone."""

from dataclasses import dataclass


@dataclass
class Call:
    """It rings `rings` times, or until it is hung up."""

    caller: str | None = None
    rings: int = 0
    rung: int = 0
    hung_up: bool = False
