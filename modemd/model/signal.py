"""How a signal is called: the steps of the bars, and their words."""

from modemd.i18n import N_

# dBm at which each step begins, the weakest first; under the first one messages are lost. As phones draw +CSQ.
STEPS = (-107, -97, -87, -77)
WORDS = (N_("too weak"), N_("very weak"), N_("weak"), N_("fair"), N_("good"))


def bars(dbm: int) -> int:
    """0 to 4."""
    return sum(dbm >= step for step in STEPS)


def word(dbm: int) -> str:
    """To be translated where it is shown."""
    return WORDS[bars(dbm)]
