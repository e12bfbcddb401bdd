"""modemd demo: a simulator, a daemon and the terminal UI on a state that is gone afterwards."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from drivers.simulator.control import ask
from drivers.words import N_, Sentence, Worded
from modemd import i18n
from modemd.api.client import ClientError, GatewayClient, over_socket
from modemd.api.schema import MessageView
from modemd.model.display import one_line

_READY_WITHIN = 15.0  # seconds
_STOP_WITHIN = 6.0
_CONFIG = """\
[daemon]
state_dir = "{folder}/state"
socket = "{folder}/api.sock"
[staging]
fuse = "{fuse}"
region = "GB"
[hours]
service = "any"
[[modem]]
name = "north"
port = "{folder}/modem0"
[[modem]]
name = "south"
port = "{folder}/modem1"
"""
# Numbers that are kept for drama (Ofcom): what the simulated phones behind them do is in the README.
_DELIVERED, _DEAD, _ANSWERS, _WRITER = "+447700900001", "+447700900002", "+447700900006", "+447700900123"


class DemoFailed(Worded):
    """The simulator or the daemon did not come up."""


def run(lang: str | None, *, plain: bool) -> int:
    """The exit status. Leaves nothing behind: no process, no file."""
    language = i18n.choose(lang)
    with _site("30s" if not plain else "3s") as folder:
        if plain:
            return asyncio.run(_story(folder, language))
        asyncio.run(_set_the_scene(folder, language))
        tui = [sys.executable, "-m", "tui", "--socket", str(folder / "api.sock"), "--demo"]
        return subprocess.call([*tui, *(["--lang", lang] if lang else [])])


@contextlib.contextmanager
def _site(fuse: str) -> Iterator[Path]:
    """A folder with a running simulator and daemon; both end with us, however we end."""
    folder = Path(tempfile.mkdtemp(prefix="modemd-demo-"))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    started: list[subprocess.Popen[bytes]] = []
    try:
        (folder / "config.toml").write_text(_CONFIG.format(folder=folder, fuse=fuse), "utf-8")
        started.append(_start(folder, "simulate", "--modems", "2", "--dir", str(folder), "--network-delay", "1.2"))
        _wait_for(folder / "control.sock", started[0])
        started.append(_start(folder, "run", "--config", str(folder / "config.toml")))
        _wait_for(folder / "api.sock", started[1])
        yield folder
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    with (folder / f"{words[0]}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "modemd", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C at the terminal is the demo's, which then stops them in order
        )


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _READY_WITHIN
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            logs = [log.read_text("utf-8", "replace")[-500:] for log in path.parent.glob("*.log")]
            raise DemoFailed(N_("The demo could not start: {why}"), why=" ".join(logs).strip())
        time.sleep(0.02)


@contextlib.asynccontextmanager
async def _client(folder: Path, language: str) -> AsyncIterator[GatewayClient]:
    path = str(folder / "api.sock")
    client = GatewayClient(over_socket(path), where=path, language=language)
    try:
        async with asyncio.timeout(_READY_WITHIN):
            while not await _modems_ready(client):
                await asyncio.sleep(0.1)
        yield client
    finally:
        await client.close()


async def _modems_ready(client: GatewayClient) -> bool:
    try:
        return all(modem.state == "ready" for modem in await client.modems())
    except ClientError:
        return False


async def _set_the_scene(folder: Path, language: str) -> None:
    """A few messages that already move, so that the first screen has something to show."""
    say = i18n.catalogue(language).gettext
    async with _client(folder, language) as client:
        await client.stage(_ANSWERS, say(N_("Hello! Shall we meet tomorrow at ten?")), fuse="0s")
        await client.stage(_DEAD, say(N_("This number is dead: watch what the report says.")), fuse="4s")
        await client.stage(_DELIVERED, say(N_("The parts have arrived. Come by when it suits you.")), fuse="45s")
        await client.stage(_DELIVERED, say(N_("Your order is ready.")), fuse="2m")
        ask(folder, do="inject", sender=_WRITER, text=say(N_("Is the shop open today?")))


# -- the story that tells itself ---------------------------------------------------------------------


class _Teller:
    def __init__(self, language: str) -> None:
        self._language, self._start = language, time.monotonic()

    def __call__(self, template: str, **values: object) -> None:
        words = i18n.say(Sentence(template, values), self._language)
        print(f"{time.monotonic() - self._start:5.1f} s  {words}", flush=True)


async def _story(folder: Path, language: str) -> int:
    tell = _Teller(language)
    say = i18n.catalogue(language).gettext
    tell(N_("SIMULATION: two simulated modems, a real daemon. Nothing leaves this machine."))
    async with _client(folder, language) as client:
        doomed = await client.stage(_DELIVERED, say(N_("This one will be stopped.")), fuse="3s")
        sent = await client.stage(_ANSWERS, say(N_("Hello! Shall we meet tomorrow at ten?")), fuse="4s")
        tell(N_("Staged two messages; their fuses burn: {one} s and {two} s."), one=3, two=4)
        await asyncio.sleep(2.0)
        tell(N_("One second left on the first: cancel!"))
        outcome = await client.cancel(doomed.id)
        told = {"cancelled": N_("Stopped. Nothing left the modem.")}
        tell(told.get(outcome.outcome, N_("It had left already.")))
        await _tell_until_delivered(client, sent.id, tell)
        while not (inbox := await client.inbox()).messages:
            await asyncio.sleep(0.1)
        tell(
            N_('A reply from {sender}: "{text}"'),
            sender=inbox.messages[0].sender,
            text=one_line(inbox.messages[0].text or ""),
        )
    taken = [each["text"] for each in ask(folder, do="accepted")["accepted"]]
    tell(
        N_("What the simulated network took: {count} message(s); the stopped one is not among them."), count=len(taken)
    )
    return 0 if outcome.outcome == "cancelled" and len(taken) == 1 else 1


async def _tell_until_delivered(client: GatewayClient, id: int, tell: _Teller) -> MessageView:
    words = {
        "queued": N_("The second fuse is spent: a modem may take it."),
        "submitting": N_("It is on its way: after Ctrl-Z nothing can call it back."),
        "submitted": N_("The network has taken it."),
        "delivered": N_("The report came: delivered."),
    }
    told: set[str] = set()
    events = client.events(0)
    async for event in events:
        if event.message == id and event.kind == "state" and event.new in words and event.new not in told:
            told.add(event.new)
            tell(words[event.new])
        if event.message == id and event.kind == "state" and event.new == "delivered":
            break
    return await client.message(id)
