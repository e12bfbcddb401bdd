"""Find ports that a modem may answer at."""

import os
from collections.abc import Sequence
from pathlib import Path

# Ours by udev, then every USB serial port. Anything else must be named in the configuration.
PLACES = ("/dev/modem/by-path/*", "/dev/ttyUSB*", "/dev/ttyACM*")


def candidates(places: Sequence[str] = PLACES, root: str = "/") -> list[str]:
    """Paths worth asking, each node once."""
    seen: set[str] = set()
    found: list[str] = []
    for pattern in places:
        # The port that udev calls the second (...-at2) answers as well: the first is asked before it.
        for path in sorted(Path(root).glob(pattern.lstrip("/")), key=lambda path: (path.name.endswith("-at2"), path)):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                found.append(str(path))
    return found
