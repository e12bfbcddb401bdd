"""Pure: which role a key's action asks for. The daemon refuses all the same; the screen does not offer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.words import _

if TYPE_CHECKING:
    from modemd.api.schema import MeView

NEEDED = {
    "write": "write",
    "undo": "write",
    "undo_typing": "write",
    "line": "write",
    "drafts": "write",
    "cancel_message": "write",
    "extend": "write",
    "edit": "write",
    "again": "write",
    "settle": "write",
    "resend": "write",
    "confirm": "write",
    "reply": "write",
    "remove": "write",
    "approvals": "approve",
    "approve": "approve",
    "reject": "approve",
    "audit": "admin",
    "resume_modem": "admin",
}


def may(me: MeView | None, action: str) -> bool:
    """`me` None: the daemon has not said yet, and is asked when it comes to it."""
    return me is None or action not in NEEDED or NEEDED[action] in me.roles


def lacking(me: MeView | None) -> str:
    """What a screen says to somebody who may look and not touch; empty where nothing is to be said."""
    if me is None or "write" in me.roles:
        return ""
    if "approve" in me.roles:
        return _("You may look and approve here, not write: keys for that are hidden.")
    return _("You may look here, not write: keys for that are hidden. An admin gives the role write.")
