"""When a burning fuse ends: how late the message leaves, and never early. Judged by what the network took."""

import asyncio
import random
import statistics
import tempfile
from datetime import datetime
from pathlib import Path

from tests.acceptance.site import Site
from tests.bench.table import Row, show

_MODEMS = 8
_FUSES = 600
_SHORTEST, _LONGEST = 1.0, 11.0  # seconds: sixty a second


async def measure(fuses: int = _FUSES) -> list[float]:
    """Milliseconds from the promised end of each fuse to its message's acceptance, at 0 s air time."""
    dice = random.Random(7)
    promised: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        async with Site(Path(folder), modems=_MODEMS, delay=0.0, report_delay=0.5) as site:

            async def light(number: int) -> None:
                text = f"fuse {number}"
                fuse = f"{dice.uniform(_SHORTEST, _LONGEST):.3f}s"
                to = f"+447700900{100 + number % 900}"
                staged = await site.client.stage(to, text, fuse=fuse)
                assert staged.release_at is not None
                promised[text] = datetime.fromisoformat(staged.release_at).timestamp()

            for number in range(fuses):
                await light(number)
            await site.until(lambda: len(site.accepted) >= fuses, _LONGEST + 30)
            return sorted((each.wall - promised[each.text or ""]) * 1000 for each in site.accepted)


def run() -> list[Row]:
    late = asyncio.run(measure())
    middle, p99 = statistics.median(late), late[int(len(late) * 0.99)]
    print(
        f"  {len(late)} fuses: earliest {late[0]:.1f}, median {middle:.1f}, p99 {p99:.1f}, last {late[-1]:.1f} ms late"
    )
    return [
        Row("a burning fuse: late, p99", p99, "ms", 50, {"median": middle}),
        Row("a burning fuse: the earliest", late[0], "ms", 0, at_least=True),
    ]


if __name__ == "__main__":
    show(run())
