"""python -m tui: the terminal UI of a daemon that runs elsewhere on this machine."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modemd import i18n
from tui import glyphs, words
from tui.words import _

if TYPE_CHECKING:
    from modemd.api.client import GatewayClient

TERMINAL_WATCH = 5.0  # seconds
SETTLED = 2.0  # seconds: what is here by then stays, and no collection of garbage looks through it again
DEFAULT_SOCKET = "/run/modemd/api.sock"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="modemd tui", description=_("The SMS desk: what waits, burns, leaves and comes in.")
    )
    parser.add_argument("--socket", default=DEFAULT_SOCKET, metavar="PATH", help=_("where the daemon listens"))
    parser.add_argument("--lang", choices=i18n.LANGUAGES, help=_("the language; else as LANG says"))
    parser.add_argument("--demo", action="store_true", help=_("say on every screen that this is a simulation"))
    parser.add_argument("--ascii", action="store_true", help=_("no signs beyond ASCII beside the words"))
    parser.add_argument("--mouse", action="store_true", help=_("use the mouse over SSH, too"))
    parser.add_argument("--keys", type=Path, default=_keys_file(), metavar="FILE", help=_("the keymap"))
    return parser.parse_args(arguments)


def _keys_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(home) / "modemd" / "keys.toml"


def poor_signs(environ: Mapping[str, str], encoding: str) -> bool:
    """The kernel's console and other encodings have no glyphs for ours."""
    return environ.get("TERM") == "linux" or "utf" not in encoding.lower()


def unusable(environ: Mapping[str, str], is_terminal: bool) -> str:
    """Why no screen can be drawn here, and what to do instead; empty where one can."""
    instead = _("Use the commands instead: modemd outbox, modemd send, modemd cancel.")
    if not is_terminal:
        return _("This is no terminal: there is nothing to draw on.") + " " + instead
    if environ.get("TERM", "dumb") in ("dumb", ""):
        return _("This terminal (TERM=dumb) cannot place text.") + " " + instead
    return ""


def _language(arguments: list[str]) -> str:
    """Before the options are read, whose own help is already in that language."""
    asked = None
    for word, after in zip(arguments, [*arguments[1:], ""], strict=False):
        if word.startswith("--lang"):
            asked = word.partition("=")[2] or after
    return i18n.choose(asked)


def main(arguments: list[str] | None = None) -> int:
    # Importing makes no garbage; collecting while at it costs a fifth of the first frame.
    gc.disable()
    arguments = sys.argv[1:] if arguments is None else arguments
    language = _language(arguments)
    words.speak(language)
    options = _options(arguments)
    if why := unusable(os.environ, sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(why + "\n")
        return 1
    glyphs.use_ascii(options.ascii or poor_signs(os.environ, sys.stdout.encoding))
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    # Frames are drawn when something has changed, at most so many a second: at 60, a key that comes soon
    # after another waits longer for its turn than its row takes to draw.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    return _run(options, language)


def leave_with_terminal() -> None:
    """A terminal that is gone reads as an endless end of file, and nothing can be restored on it."""
    if not os.isatty(sys.stdin.fileno()):
        os._exit(1)


def _run(options: argparse.Namespace, language: str) -> int:
    from tui import theme
    from tui.app import ModemdApp
    from tui.clock import DaemonClock
    from tui.desk import Desk
    from tui.keys import KeymapError, read_keymap
    from tui.keys import known as known_keys

    try:
        keymap = read_keymap(options.keys, known_keys) if options.keys.exists() else {}
    except KeymapError as error:
        sys.stderr.write(f"{error}\n")
        return 1

    def connect() -> GatewayClient:
        from modemd.api.client import GatewayClient, over_socket

        return GatewayClient(over_socket(options.socket), where=options.socket, language=language)

    def started() -> None:
        gc.freeze()
        gc.enable()
        app.set_timer(SETTLED, gc.freeze)
        app.set_interval(TERMINAL_WATCH, leave_with_terminal)

    app = ModemdApp(
        Desk(connect, DaemonClock()),
        demo=options.demo,
        sixteen=theme.sixteen_colours(os.environ),
        keymap=keymap,
        started=started,
    )
    app.run(mouse=options.mouse or "SSH_CONNECTION" not in os.environ)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
