"""A daemon's socket with any number of burning messages behind it: what the terminal UI is measured against."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class StubDaemon:
    """Rows are made when they are asked for; cursors are indexes."""

    def __init__(self, burning: int) -> None:
        self.burning = burning
        self.start = datetime.now(UTC)

    async def serve(self, path: str) -> asyncio.AbstractServer:
        return await asyncio.start_unix_server(self._connected, path)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readline():
                _method, target, _version = request.decode().split()
                while (await reader.readline()).strip():
                    pass
                if target.startswith("/v1/events"):
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
                    await writer.drain()
                    await asyncio.sleep(3600)
                body = json.dumps(self._answer(target)).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, target: str) -> dict[str, Any]:
        url = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        match url.path:
            case "/v1/outbox":
                return {"now": stamp(datetime.now(UTC)), "needs_you": 0, "burning": self.burning, "scheduled": 0,
                        "on_air": 0, "done_today": 0, "drafts": 0, "unread": 0, "line": {"stopped": False},
                        "modems": [], "fuse": 10.0, "max_parts": 10}  # fmt: skip
            case "/v1/messages":
                first, limit = int(asked.get("after", 0)), int(asked.get("limit", 100))
                last = min(first + limit, self.burning if asked.get("group") == "burning" else 0)
                return {"messages": [self._message(n) for n in range(first, last)],
                        "next": str(last) if last < self.burning else None}  # fmt: skip
        return {"events": [], "next": None}

    def _message(self, n: int) -> dict[str, Any]:
        return {
            "id": n + 1,
            "state": "staged",
            "to": f"+447700900{n % 1000:03}",
            "author": "desk1",
            "fuse": 300.0 + n / 10,
            "text": f"部品 {n} が届きました。ご来店ください。",
            "encoding": "UCS-2",
            "created_at": stamp(self.start),
            "release_at": stamp(self.start + timedelta(seconds=300 + n / 10)),
            "parts": [{"sequence": 1, "total": 1, "state": "queued"}],
        }
