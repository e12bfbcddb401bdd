"""make bench: every figure, with what ran beside it.

python -m tests.bench [NAME ...] runs some of them. Each is a process of its own with an end to its time.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.bench.table import Row, as_json, of_json, page, show

BENCHES = {  # name: seconds that it may take
    "send": 1500,
    "modems": 300,
    "fuses": 300,
    "api": 300,
    "million": 900,
    "idle": 300,
    "tui": 300,
    "checks": 300,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--page", type=Path, help=f"write the page here (make bench: {RESULTS.name})")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)  # one of them, in this process
    given = parser.parse_args()
    if unknown := set(given.names) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there is: {', '.join(BENCHES)}")
    if given.alone:
        given.alone.write_text(json.dumps(as_json(import_module(f"tests.bench.bench_{given.names[0]}").run(), {})))
        return
    rows, missing = run_all(given.names or list(BENCHES))
    show(rows)
    for name, why in missing.items():
        print(f"{name} did not run: {why}")
    if given.json:
        given.json.write_text(json.dumps(as_json(rows, missing), indent=1, ensure_ascii=False))
    if given.page:
        given.page.write_text(page(rows, missing), "utf-8")
    sys.exit(any(row.verdict == "MISSED" for row in rows) or bool(missing))


def run_all(names: list[str]) -> tuple[list[Row], dict[str, str]]:
    """The rows, and which benches gave none and why."""
    rows: list[Row] = []
    missing: dict[str, str] = {}
    for name in names:
        print(f"== {name}", flush=True)
        try:
            rows += run_alone(name, BENCHES[name])
        except subprocess.TimeoutExpired:
            missing[name] = f"it took more than {BENCHES[name]} s"
        except subprocess.CalledProcessError as error:
            missing[name] = f"it ended with {error.returncode}"
    return rows, missing


def run_alone(name: str, seconds: float) -> list[Row]:
    """In a process group of its own, which ends with it. Raises TimeoutExpired, CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "tests.bench", name, "--alone", str(file)]
        process = subprocess.Popen(command, start_new_session=True)
        try:
            if code := process.wait(seconds):
                raise subprocess.CalledProcessError(code, command)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return [of_json(each) for each in json.loads(file.read_text())["rows"]]


if __name__ == "__main__":
    main()
