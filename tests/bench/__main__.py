"""make bench: every figure, with what ran beside it."""

import asyncio

from tests.bench import bench_checks, bench_daemon, bench_tui
from tests.bench.table import show


def main() -> None:
    rows = bench_checks.run() + asyncio.run(bench_daemon.run()) + bench_tui.run()
    show(rows)


if __name__ == "__main__":
    main()
