"""Pure: which role a key's action asks for. The daemon refuses all the same; the screen does not offer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.words import _

if TYPE_CHECKING:
    from modemd.api.schema import MeView

# By action, as modemd/api/roles.py has it for the calls behind it; `go` by the screen it goes to.
NEEDED = {
    **dict.fromkeys(("write", "write_to", "reply", "drafts", "stage", "cool"), "write"),
    **dict.fromkeys(("undo", "undo_typing", "line", "cancel_message", "extend", "edit", "again"), "write"),
    **dict.fromkeys(("settle", "resend", "confirm", "remove", "mark_read"), "write"),
    **dict.fromkeys(("add", "keep", "act", "undo_batch", "opt_out", "opt_in", "meant", "lift"), "write"),
    **dict.fromkeys(("take_in", "apply", "next_encoding", "columns", "zeros"), "write"),
    **dict.fromkeys(("go inbox", "go contacts", "thread", "hygiene", "opt_outs"), "numbers"),
    **dict.fromkeys(("approvals", "approve", "reject"), "approve"),
    **dict.fromkeys(("audit", "verify", "resume_modem"), "admin"),
}


def may(me: MeView | None, action: str, parameters: tuple[object, ...] = ()) -> bool:
    """`me` None: the daemon has not said yet, and is asked when it comes to it."""
    needed = NEEDED.get(f"go {parameters[0]}" if action == "go" else action)
    return me is None or needed is None or needed in me.roles


def lacking(me: MeView | None) -> str:
    """What a screen says to somebody who may look and not touch; empty where nothing is to be said."""
    if me is None or "write" in me.roles:
        return ""
    if "approve" in me.roles:
        return _("You may look and approve here, not write: keys for that are hidden.")
    return _("You may look here, not write: keys for that are hidden. An admin gives the role write.")
