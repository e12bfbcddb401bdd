"""A page that explains the screen it was opened over, with the keys that work there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from tui import format
from tui.keys import RANK, shown_key
from tui.screens.desk_screen import DeskScreen
from tui.sheets import HEAD
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.screen import Screen

    from tui.desk import Desk


class HelpScreen(DeskScreen):
    TITLED = N_("Help")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "back", N_("back"), show=False, id="help.back"),
    ]

    def __init__(self, desk: Desk, about: Screen[object], *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._explained = _(getattr(about, "HELP", ""))
        self._keys = keys_of(about)

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        sheet = self.query_one(ReadSheet)
        sheet.focus()
        lines = [Content(self._explained), Content(""), Content.styled(_("Keys"), HEAD)]
        for key, word in self._keys:
            lines.append(Content.assemble(("  " + format.fit(key, 18), "bold"), word))
        lines += [Content(""), Content(_("Other keys for these: ~/.config/modemd/keys.toml, such as"))]
        lines.append(Content('    [keys]\n    "desk.undo" = "z"'))
        sheet.show(Content("\n").join(lines))


def keys_of(screen: Screen[object]) -> list[tuple[str, str]]:
    """Each thing that a key does there, once, with all its keys."""
    found: dict[str, tuple[list[str], str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and binding.id and not binding.system:
            keys, _word = found.setdefault(binding.id, ([], _(binding.description)))
            if shown_key(binding.key) not in keys:
                keys.append(shown_key(binding.key))
    ranked = sorted(found.items(), key=lambda each: RANK.index(each[0]) if each[0] in RANK else len(RANK))
    return [(", ".join(keys), word) for _id, (keys, word) in ranked]
