"""Everything the simulator itself can raise."""


class SimulatorError(Exception):
    """A simulator that cannot start, or a request that it cannot follow: one sentence."""
