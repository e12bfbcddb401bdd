"""What screens ask of the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from modemd.api.schema import MessageView
    from tui.answers import Notice
    from tui.draft_keeper import DraftKeeper


@dataclass
class ComposeWanted(Message):
    """Open the compose screen: on a draft that the daemon keeps, or afresh."""

    to: str = ""
    text: str = ""
    draft: MessageView | None = None


@dataclass
class Say(Message):
    """Show this until it is closed, on whatever screen."""

    notice: Notice


@dataclass
class Staged(Message):
    """A message was staged: show it burning."""

    id: int


@dataclass
class ThreadWanted(Message):
    """Open the conversation with this number."""

    number: str
    alphanumeric: bool = False


@dataclass
class DetailsWanted(Message):
    """Open everything about one message."""

    message: MessageView


@dataclass
class AntennaWanted(Message):
    """Open the signal meter."""


@dataclass
class DraftsWanted(Message):
    """Open the list of drafts."""


@dataclass
class Unkept(Message):
    """Left while the daemon was away: to be kept as soon as it is back."""

    keeper: DraftKeeper
    to: str
    text: str
