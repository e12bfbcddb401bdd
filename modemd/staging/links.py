"""Where the links of a text end, asked of the network where the site allows it, and remembered for a while."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from modemd.checks.links_online import Ending, Network, findings_of, follow, to_ask
from modemd.model.candidate import Candidate
from modemd.model.finding import Finding
from modemd.staging.link_network import SystemNetwork

_REMEMBERED = 300.0  # seconds: longer than a fuse burns, shorter than a page is repaired
_MOST_REMEMBERED = 1000
_LONGEST = 7.0  # seconds for all together: more than one name and one answer may take
_AT_ONCE = 5


class Links:
    """`allowed`: the hosts that may be asked; none: nobody is."""

    def __init__(self, allowed: Sequence[str], network: Network | None = None) -> None:
        self._allowed, self._network = allowed, network or SystemNetwork()
        self._endings: dict[str, tuple[float, Ending | None]] = {}

    @property
    def are_asked(self) -> bool:
        return bool(self._allowed)

    async def ask(self, texts: Sequence[str]) -> None:
        """Ask what is not known yet, all at once: a list is long, and its links are mostly the same.

        Whatever is not known after a while stays so: a host that is slow holds nobody up for longer (P4).
        """
        if not self._allowed:
            return
        now = time.monotonic()
        self._endings = {url: known for url, known in self._endings.items() if known[0] > now}
        urls = {url for text in texts for url in to_ask(text, self._allowed) if url not in self._endings}
        new = sorted(urls)[: max(0, _MOST_REMEMBERED - len(self._endings))]
        if not new:
            return
        limit, found = asyncio.Semaphore(_AT_ONCE), dict[str, Ending | None].fromkeys(new)

        async def end(url: str) -> None:
            async with limit:
                found[url] = await follow(url, self._allowed, self._network)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST):
                await asyncio.gather(*map(end, new))
        until = time.monotonic() + _REMEMBERED
        self._endings |= {url: (until, ending) for url, ending in found.items()}

    def findings(self, candidate: Candidate) -> list[Finding]:
        """Of the links that were asked."""
        if not self._allowed:
            return []
        known = {url: ending for url, (_, ending) in self._endings.items() if ending is not None}
        return findings_of(candidate, self._allowed, known)
