"""Keys: their order on the last line, how they are written, and the file that changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.glyphs import glyphs, is_ascii
from tui.words import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.dom import DOMNode

# The ids of bindings, the most needed first: the last line shows them in this order.
RANK = (
    "compose.stage",
    "form.keep",
    "import.apply",
    "import.undo",
    "import.encoding",
    "import.columns",
    "import.zeros",
    "import.add",
    "import.merge",
    "import.skip",
    "columns.take",
    "columns.next",
    "columns.headed",
    "hygiene.merge",
    "hygiene.keep",
    "hygiene.accept",
    "hygiene.discard",
    "hygiene.remove",
    "hygiene.delete",
    "hygiene.dismiss",
    "hygiene.undo",
    "opt_outs.meant",
    "opt_outs.lift",
    "opt_outs.add",
    "contact.edit",
    "contacts.write",
    "contacts.add",
    "contacts.find",
    "contacts.import",
    "contacts.hygiene",
    "contacts.opt_outs",
    "contact.thread",
    "contact.opt_out",
    "contact.opt_in",
    "contact.delete",
    "compose.fix_1",
    "compose.fix_2",
    "compose.fix_3",
    "compose.later",
    "compose.longer",
    "compose.cool",
    "question.yes",
    "approval.approve",
    "approval.reject",
    "audit.verify",
    "message.confirm",
    "settle.sent",
    "settle.not_sent",
    "settle.resend",
    "modems.resume",
    "thread.reply",
    "search.list",
    "drafts.open",
    "drafts.delete",
    "doctor.next_modem",
    "doctor.forget",
    "doctor.again",
    "doctor.antenna",
    "desk.doctor",
    "desk.compose",
    "desk.undo",
    "desk.undo_typing",
    "message.cancel",
    "message.extend",
    "message.edit",
    "message.again",
    "list.open",
    "desk.back",
    "desk.stop",
    "desk.search",
    "compose.drafts",
    "compose.back",
    "desk.help",
    "desk.drafts",
    "question.no",
    "desk.quit",
)

_NAMES = {
    "escape": "esc",
    "plus": "+",
    "slash": "/",
    "question_mark": "?",
    "space": "space",
    "delete": "del",
    "exclamation_mark": "!",
}


def shown_key(key: str) -> str:
    """As it stands on the key cap; control keys short."""
    if key == "enter":
        return "enter" if is_ascii() else glyphs().enter
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


class KeymapError(Exception):
    """str() names the file and what would be right."""


def known() -> set[str]:
    """The ids of everything that a key can do, on every screen."""
    from textual.binding import Binding

    from tui.app import ModemdApp
    from tui.screens import (
        antenna,
        approvals,
        audit,
        columns,
        compose,
        contact,
        contact_form,
        contacts,
        details,
        doctor,
        drafts,
        hygiene,
        inbox,
        modems,
        opt_outs,
        outbox,
        pick,
        question,
        search,
        take_in,
        thread,
    )
    from tui.widgets import row_list, sheet

    homes: list[type[DOMNode]] = [
        ModemdApp,
        *(compose.ComposeScreen, details.DetailsScreen, drafts.DraftsScreen, inbox.InboxScreen),
        *(antenna.AntennaScreen, doctor.DoctorScreen, modems.ModemsScreen),
        *(approvals.ApprovalsScreen, approvals.ApprovalScreen, audit.AuditScreen),
        *(outbox.OutboxScreen, question.Question, search.SearchScreen, thread.ThreadScreen),
        *(contacts.ContactsScreen, contact.ContactScreen, contact_form.ContactForm, take_in.TakeInScreen),
        *(columns.ColumnsScreen, hygiene.HygieneScreen, opt_outs.OptOutScreen, pick.Pick),
        *(row_list.RowList, sheet.ReadSheet),
    ]
    classes = {base for home in homes for base in home.__mro__ if "BINDINGS" in vars(base)}
    bindings = [binding for each in classes for binding in vars(each)["BINDINGS"]]
    return {binding.id for binding in bindings if isinstance(binding, Binding) and binding.id}


def read_keymap(path: Path, known: Callable[[], set[str]]) -> dict[str, str]:
    """`[keys]` of a TOML file: binding id = "key" or "key,key". No file is no change."""
    import tomllib

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KeymapError(f"{path}: {error}") from error
    if set(document) - {"keys"} or not isinstance(document.get("keys", {}), dict):
        raise KeymapError(_("{path}: keys stand in one table, headed [keys].").format(path=path))
    keymap = {}
    names = known()
    for name, keys in document.get("keys", {}).items():
        if name not in names:
            said = _("{path}: there is no action {name}. Known are: {known}")
            raise KeymapError(said.format(path=path, name=name, known=", ".join(sorted(names))))
        if not isinstance(keys, str) or not keys:
            said = _('{path}: {name} wants a key as text, such as "x" or "x,delete"')
            raise KeymapError(said.format(path=path, name=name))
        keymap[name] = keys
    return keymap
