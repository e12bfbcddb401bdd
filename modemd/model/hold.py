"""Why a message waits for a person: named reasons, each cleared by its own act."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from drivers.words import Sentence

# What clears it: a person confirms the finding, others approve, the message is edited, or a time comes. An edit
# clears all of them, because everything is asked anew then: what has to survive an edit is a check.
Needs = Literal["confirm", "approval", "edit", "time"]


@dataclass(frozen=True)
class NewHold:
    """A reason as it is placed. `cleared`: the person who stages it has confirmed it in the same breath.

    `until`: when the time comes that clears it.
    """

    code: str
    needs: Needs = "edit"
    sentence: Sentence | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    cleared: bool = False
    until: float | None = None


@dataclass(frozen=True)
class Hold:
    """`data`: "digest" of what the reason was cleared for, "sentence", and what the reason itself needs."""

    id: int
    message_id: int
    code: str
    needs: Needs
    placed_at: float
    placed_by: str
    cleared_at: float | None
    cleared_by: str | None
    data: Mapping[str, Any]
    until: float | None = None

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None

    def is_about(self, new: NewHold) -> bool:
        """Whether this is the same reason: a message may need the approvals of several rules."""
        return self.code == new.code and self.data.get("rule") == new.data.get("rule")

    def again(self) -> NewHold:
        """The same reason once more: what cleared it counts no longer."""
        data = {key: value for key, value in self.data.items() if key not in ("digest", "until", "sentence")}
        return NewHold(self.code, self.needs, self.sentence, data)

    @property
    def sentence(self) -> Sentence | None:
        said = self.data.get("sentence")
        return Sentence.of_data(said) if said else None
