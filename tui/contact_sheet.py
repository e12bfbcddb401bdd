"""Pure: what a contact, a case of hygiene, a row of a file and an opt-out look like in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import format, times
from tui.format import Look
from tui.glyphs import glyphs
from tui.sheets import DIM, HEAD, Line, field, page
from tui.widgets.notice_bar import COLOURS
from tui.words import N_, _, ngettext

if TYPE_CHECKING:
    from textual.content import Content

    from modemd.api.contact_schema import (
        CaseView,
        ContactView,
        ImportItemView,
        ImportView,
        OptOutView,
        SuggestionView,
    )
    from tui.clock import DaemonClock

# What a row of a file would do; symbol and word, never colour alone.
ITEMS = {
    "new": Look("+", "+", N_("to add"), "good"),
    "changed": Look("~", "~", N_("changed"), "fuse"),
    "conflict": Look("?", "?", N_("to decide"), "warn"),
    "bad": Look("✖", "x", N_("unreadable"), "bad"),
}
DECISIONS = {"add": N_("add"), "merge": N_("merge"), "skip": N_("leave out")}
OPT_OUTS = {
    "out": Look("⊘", "/", N_("no messages"), "warn"),
    "asked": Look("▲", "!", N_("read it"), "bad"),
    "back": Look("✓", "v", N_("messages again"), "good"),
}
CASES = {
    "duplicate": N_("twice"),
    "two_names": N_("two names"),
    "lost_zero": N_("lost zero"),
    "dead_number": N_("dead"),
    "stale": N_("stale"),
}
ACTIONS = {
    "merge": N_("merge"),
    "keep": N_("who keeps it"),
    "accept": N_("yes, that number"),
    "discard": N_("no, drop it"),
    "remove": N_("remove the number"),
    "delete": N_("delete the contact"),
    "dismiss": N_("it is right"),
}
EDITS = {"added": N_("added"), "changed": N_("changed"), "deleted": N_("deleted")}
FIELDS = {
    "name": N_("name"),
    "family": N_("family name"),
    "given": N_("given name"),
    "reading": N_("reading"),
    "family_reading": N_("its reading"),
    "given_reading": N_("its reading"),
    "number": N_("number"),
    "numbers": N_("numbers"),
    "language": N_("language"),
    "notes": N_("notes"),
    "tags": N_("tags"),
    "groups": N_("groups"),
    "consents": N_("consents"),
    "consent": N_("consent"),
    "consent_on": N_("consent on"),
    "consent_how": N_("consent how"),
    "-": N_("left out"),
}


def field_word(name: str) -> str:
    """A field in words; one of the site's own by its name."""
    return _(FIELDS[name]) if name in FIELDS else format.one_line(name.removeprefix("x:"))


def called(contact: ContactView) -> str:
    """The name, or where there is none the number."""
    card = contact.card
    return format.one_line(card.name) or (format.number(card.numbers[0]) if card.numbers else "?")


def consent(what: str, on: str, how: str) -> str:
    return format.one_line(" ".join(filter(None, (what, on, how))))


def contact_sheet(contact: ContactView, clock: DaemonClock) -> Content:
    card = contact.card
    lines: list[Line] = [[(called(contact), "bold"), (f"   #{contact.id}", DIM)]]
    if card.reading:
        lines.append([(format.one_line(card.reading), DIM)])
    lines.append([("", "")])
    none = OPT_OUTS["out"]
    for number in card.numbers:
        out = f"  {none.sign} {_(none.word)}" if number in contact.opted_out else ""
        lines.append([*field(_("Number"), format.number(number), "bold"), (out, COLOURS["warn"])])
    for doubt in contact.doubts:
        said = f"{format.one_line(doubt.written)} {glyphs().arrow} {format.number(doubt.proposed)} ?"
        lines.append(field(_("Lost zero"), said, COLOURS["warn"]))
    for word, value in (
        (_("Language"), card.language),
        (_("Groups"), ", ".join(card.groups)),
        (_("Tags"), ", ".join(card.tags)),
    ):
        if value:
            lines.append(field(word, format.one_line(value)))
    for each in card.consents:
        lines.append(field(_("Consent"), consent(each.what, each.on, each.how)))
    for name, value in card.fields.items():
        lines.append(field(format.one_line(name), format.one_line(value)))
    if card.notes:
        lines += [[("", "")], [(format.safe(card.notes), "")]]
    lines.append([("", "")])
    if contact.history:
        lines.append([(_("Who wrote it down"), HEAD)])
        for edit in contact.history:
            at = times.short_stamp(clock.local(edit.at), clock.here())
            lines.append([(f"{at}  ", DIM), (f"{format.one_line(edit.who)}: ", DIM), (_(EDITS.get(edit.kind, "")), "")])
    else:
        at = times.moment(clock.local(contact.changed_at), clock.here())
        lines.append(field(_("Changed"), f"{at}, {format.one_line(contact.changed_by)}", DIM))
    return page(lines)


def suggestion_line(found: SuggestionView, clock: DaemonClock, width: int) -> str:
    """Name, reading, the number with its tail, when it was last written to."""
    when = times.short_stamp(clock.local(found.last_written), clock.here()) if found.last_written else _("never")
    said = [found.name]
    if found.demoted:
        said.append("(" + _("was undone") + ")")
    if found.opted_out:
        none = OPT_OUTS["out"]
        said.append(f"{none.sign} {_(none.word)}")
    name = format.one_line("  ".join(filter(None, [*said, found.reading])))
    rest = f"{format.fit(format.number(found.number), 18)} {format.fit(when, 11)}"
    return f"{format.fit(name, max(8, width - format.width(rest) - 2))}  {rest}"


def import_heading(seen: ImportView) -> str:
    """How it was read, and what it would do."""
    read = format.one_line(seen.encoding or seen.kind)
    if len(seen.encodings) > 1:
        others = ", ".join(map(format.one_line, seen.encodings[1:]))
        read = _("{encoding} (it could be {others})").format(encoding=read, others=others)
    counts = seen.counts
    said = [
        _("{n} to add").format(n=counts["new"]),
        _("{n} changed").format(n=counts["changed"]),
        _("{n} the same").format(n=counts["same"]),
        _("{n} to decide").format(n=counts["conflict"]),
        _("{n} unreadable").format(n=counts["bad"]),
    ]
    return f" {glyphs().dot} ".join([read, *said])


def columns_line(seen: ImportView) -> str:
    arrow = glyphs().arrow
    return "  ".join(f"{format.one_line(each.heading)}{arrow}{field_word(each.means)}" for each in seen.columns)


def item_words(item: ImportItemView) -> str:
    """What is asked, or what would change."""
    if item.why is not None:
        return format.one_line(item.why.sentence)
    arrow = glyphs().arrow
    changes = (
        f"{field_word(each.field)}: {format.one_line(each.old)} {arrow} {format.one_line(each.new)}".replace(
            ":  ", ": "
        )
        for each in item.changes
    )
    return "; ".join(changes)


def case_contacts(case: CaseView) -> str:
    """Whom it is about, with the numbers that tell them apart."""
    shown = []
    for contact in case.contacts:
        numbers = " ".join(map(format.number, contact.card.numbers)) or "-"
        shown.append(f"{called(contact)} {numbers}")
    return f" {glyphs().dot} ".join(shown)


def opt_out_words(found: OptOutView) -> str:
    said = f"“{format.one_line(found.said)}”" if found.said else format.one_line(found.note or "")
    held = ngettext("{n} message held", "{n} messages held", len(found.held)).format(n=len(found.held))
    names = ", ".join(map(format.one_line, found.names))
    who = format.one_line(found.who or "")
    return "  ".join(filter(None, (names, said, who, held if found.held else "")))
