"""How one modem differs from the next: what it offers, and what it does otherwise than TS 27.005 says."""

from dataclasses import dataclass, field


@dataclass
class Quirks:
    """The defaults are a modem without any."""

    memories: tuple[tuple[str, ...], ...] = (("SM", "ME", "MT", "SR"), ("SM", "ME"), ("SM", "ME", "MT"))  # +CPMS=?
    refused_memories: frozenset[tuple[int, str]] = frozenset()  # (1 to 3, name): offered, and refused when chosen
    counts: bool = True  # False: +CPMS says 0 whatever is stored (Huawei E3531)
    routings: tuple[tuple[int, ...], ...] = ((0, 1, 2), (0, 1, 2), (0, 2), (0, 1, 2), (0, 1))  # +CNMI=?
    services: tuple[int, ...] = (0, 1)  # +CSMS=?
    announcements: dict[str, str] = field(default_factory=dict)  # "+CMTI", "+CDSI": the line said for it
    announces_full: bool = False  # ^SMMEMFULL
