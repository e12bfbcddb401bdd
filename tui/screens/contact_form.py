"""A contact under the pen: new, or edited. Nothing is kept before ctrl+s."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import answers, format
from tui.errors import Away, Declined
from tui.messages import Say
from tui.screens.desk_screen import DeskScreen
from tui.widgets.fields import SafeInput, SafeTextArea
from tui.widgets.trouble import Trouble
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from modemd.api.contact_schema import CardView, ContactView
    from tui.desk import Desk

_SEPARATORS = re.compile(r"[;,、；，]")


class ContactForm(DeskScreen):
    CSS_PATH = "contact_form.tcss"
    TITLED = N_("New contact")
    HELP = N_(
        "^S keeps the contact. Esc goes back without; if anything was changed, it asks.\n\n"
        "Several numbers, groups or tags are written with commas between. Numbers at home need no country code where "
        "the site has a region; one that begins with neither 0 nor + is asked about.\n"
        "Consent: what was agreed to, on which day (2026-11-24), and how: promotional | 2026-11-24 | at the counter. "
        "One a line.\n"
        "Own fields: order number = A-4711, one a line."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "keep", N_("keep"), priority=True, id="form.keep"),
        Binding("escape", "back", N_("back"), id="desk.back"),
        Binding("tab", "app.focus_next", priority=True, show=False),
        Binding("shift+tab", "app.focus_previous", priority=True, show=False),
    ]

    def __init__(self, desk: Desk, contact: ContactView | None, *, number: str = "", demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._contact = contact
        self._given = _written(contact.card if contact else None, number)

    def heading(self) -> str:
        return _("Edit a contact") if self._contact else _(self.TITLED)

    def body(self) -> ComposeResult:
        for name, label in (
            ("name", _("Name")),
            ("reading", _("Reading")),
            ("numbers", _("Numbers")),
            ("groups", _("Groups")),
            ("tags", _("Tags")),
            ("language", _("Language")),
        ):
            with Horizontal(classes="line"):
                yield Static(label, classes="label", markup=False)
                yield SafeInput(self._given[name], id=name, classes="value")
        for name, label in (("consents", _("Consent")), ("fields", _("Own")), ("notes", _("Notes"))):
            with Horizontal(classes="lines"):
                yield Static(label, classes="label", markup=False)
                yield SafeTextArea(self._given[name], id=name, classes="value")
        yield Trouble()

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#name"))

    def _values(self) -> dict[str, str]:
        values = {field.id or "": field.value for field in self.query(SafeInput)}
        return values | {area.id or "": area.text for area in self.query(SafeTextArea)}

    @on(SafeInput.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    @on(SafeInput.Changed)
    @on(SafeTextArea.Changed)
    def _typed(self) -> None:
        self.complain("")

    @work(exclusive=True, group="deed")
    async def action_keep(self) -> None:
        card, contact = _card(self._values()), self._contact
        try:
            if contact is None:
                await self.desk.ask(lambda client: client.add_contact(**card))
            else:
                await self.desk.ask(lambda client: client.edit_contact(contact.id, revision=contact.revision, **card))
        except Away:
            self.complain(_("No answer from the daemon: it may not be kept. Try again when it is back."))
        except Declined as error:
            self.complain(str(error))
        else:
            self.app.post_message(Say(answers.told(_("Kept: {name}").format(name=format.one_line(card["name"])))))
            self.dismiss()

    def action_back(self) -> None:
        self._leave()

    @work(exclusive=True, group="leave")
    async def _leave(self) -> None:
        from tui.screens.question import Question, sure

        if self._values() == self._given or await sure(
            self.app, Question(_("Go back without keeping what you have changed?"), _("y  go back"))
        ):
            self.dismiss()


def _written(card: CardView | None, number: str) -> dict[str, str]:
    """A card as it stands in the fields."""
    if card is None:
        names = ("name", "reading", "numbers", "groups", "tags", "language", "consents", "fields", "notes")
        return dict.fromkeys(names, "") | {"numbers": number}
    return {
        "name": card.name,
        "reading": card.reading,
        "numbers": ", ".join(card.numbers),
        "groups": ", ".join(card.groups),
        "tags": ", ".join(card.tags),
        "language": card.language,
        "consents": "\n".join(" | ".join((each.what, each.on, each.how)).rstrip(" |") for each in card.consents),
        "fields": "\n".join(f"{name} = {value}" for name, value in card.fields.items()),
        "notes": card.notes,
    }


def _card(values: dict[str, str]) -> dict[str, Any]:
    """What stands in the fields, as the API takes it."""
    card: dict[str, Any] = {name: values[name] for name in ("name", "reading", "language", "notes")}
    for name in ("numbers", "groups", "tags"):
        card[name] = [each.strip() for each in _SEPARATORS.split(values[name]) if each.strip()]
    rows = [[each.strip() for each in line.split("|")] for line in values["consents"].splitlines() if line.strip()]
    card["consents"] = [dict(zip(("what", "on", "how"), [*row, "", ""][:3], strict=True)) for row in rows]
    pairs = [line.partition("=") for line in values["fields"].splitlines() if line.strip()]
    card["fields"] = {name.strip(): value.strip() for name, _equals, value in pairs}
    return card
