"""The command palette: everything that a key does here, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.command import CommandPalette

from tui.keys import shown_key
from tui.words import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import App
    from textual.screen import Screen


def open_palette(app: App[Any]) -> None:
    if app.use_command_palette and not CommandPalette.is_open(app):
        app.push_screen(CommandPalette(id="--command-palette", placeholder=_("What is to be done?")))


def commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """What the screen's keys do; moving about in lists is left to the keys."""
    seen = set()
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        moves = not binding.show and (binding.id or "").startswith(("list.", "sheet."))
        if not binding.id or not binding.description or not active.enabled or moves or binding.id in seen:
            continue
        seen.add(binding.id)

        async def act(action: str = binding.action, node: Any = node) -> None:
            await app.run_action(action, node)

        yield SystemCommand(_(binding.description), _("key: {key}").format(key=shown_key(binding.key)), act)
