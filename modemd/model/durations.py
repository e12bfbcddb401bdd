"""Durations as people write them: 10s, 300ms, 2m, 1h, 1d, 1y."""

import re

from drivers.words import N_
from modemd.model.errors import Invalid

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "y": 365 * 86400.0}
_LONGEST = 366 * 86400.0


def parse_duration(text: str, longest: float = _LONGEST) -> float:
    """Seconds. Raises Invalid."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d|y)", text.strip())
    if not match or (seconds := float(match[1]) * _UNITS[match[2]]) > longest:
        raise Invalid(N_('"{text}" is no duration: write 10s, 300ms, 2m or 1h.'), text=text[:40])
    return seconds
