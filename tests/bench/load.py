"""A light HTTP client for benches, in a process of its own: httpx would take more of the machine than what it measures.

python -m tests.bench.load SOCKET CONNECTIONS PAUSE, the requests as JSON lines on standard input: [path, body]. Each
connection is kept open and has one request in flight; PAUSE: seconds before each.
"""

import collections
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answers:
    """`cpu`: seconds of this client. `ms` of each answer, in the order in which they came."""

    seconds: float
    cpu: float
    statuses: dict[str, int]
    ms: list[float]

    @property
    def rate(self) -> float:
        return len(self.ms) / self.seconds

    def quantile(self, of: float) -> float:
        return sorted(self.ms)[min(int(len(self.ms) * of), len(self.ms) - 1)]


def post(
    path: Path, requests: Sequence[tuple[str, Any]], connections: int = 1, *, expected: int = 200, pause: float = 0.0
) -> Answers:
    """Raises AssertionError where one was answered otherwise."""
    lines = "\n".join(json.dumps(each) for each in requests)
    command = [sys.executable, "-m", "tests.bench.load", str(path), str(connections), str(pause)]
    done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    answers = Answers(**json.loads(done.stdout))
    assert answers.statuses == {str(expected): len(requests)}, answers.statuses
    return answers


class _Connection:
    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self._got = b""
        self._missing = -1

    def ask(self, request: bytes) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> str | None:
        """The status, once the whole of the answer is here."""
        chunk = self.socket.recv(1 << 20)
        assert chunk, "the server hung up"
        if self._missing < 0:
            self._got += chunk
            head, found, body = self._got.partition(b"\r\n\r\n")
            if not found:
                return None
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._missing = int(length) - len(body)
        else:
            self._missing -= len(chunk)
        if self._missing:
            return None
        status, self._got, self._missing = self._got[9:12].decode(), b"", -1
        return status


def _request(line: bytes) -> bytes:
    path, body = json.loads(line)
    data = json.dumps(body, separators=(",", ":")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def _ask_all(path: str, connections: int, pause: float, requests: Iterator[bytes]) -> Answers:
    waiting = selectors.DefaultSelector()
    statuses: collections.Counter[str] = collections.Counter()
    took: list[float] = []
    open_ones = [_Connection(path) for _ in range(connections)]
    began, cpu = time.perf_counter(), time.process_time()
    in_flight = 0
    for each in open_ones:
        waiting.register(each.socket, selectors.EVENT_READ, each)
        if request := next(requests, None):
            each.ask(request)
            in_flight += 1
    while in_flight:
        for key, _ in waiting.select():
            connection: _Connection = key.data
            status = connection.hear()
            if status is None:
                continue
            took.append((time.perf_counter() - connection.began) * 1000)
            statuses[status] += 1
            if request := next(requests, None):
                if pause:
                    time.sleep(pause)
                connection.ask(request)
            else:
                in_flight -= 1
    return Answers(time.perf_counter() - began, time.process_time() - cpu, dict(statuses), took)


if __name__ == "__main__":
    made = [_request(line) for line in sys.stdin.buffer]
    print(json.dumps(vars(_ask_all(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), iter(made)))))
