"""The way into a running simulator: JSON Lines over DIR/control.sock, from any program."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from drivers.simulator.errors import SimulatorError

SOCKET = "control.sock"


def short_path(directory_fd: int) -> str:
    """The socket's path by way of an open directory: sun_path holds 107 octets, directories may not."""
    return f"/proc/self/fd/{directory_fd}/{SOCKET}"


def ask(directory: Path | str, timeout: float = 10.0, **request: Any) -> dict[str, Any]:
    """One request, `do` names the verb; its answer. Raises SimulatorError with one sentence."""
    try:
        directory_fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SimulatorError(f"No simulator runs in {directory}.") from error
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(short_path(directory_fd))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile() as answers:
                line = answers.readline()
    except OSError as error:
        raise SimulatorError(f"No simulator runs in {directory}.") from error
    finally:
        os.close(directory_fd)
    if not line:
        raise SimulatorError("The simulator ended before it answered.")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise SimulatorError(answer["error"])
    return answer
