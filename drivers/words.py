"""Sentences that can be said in another language: a template for the translators, and its values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def N_(sentence: str) -> str:
    """Mark a table's sentence for the translators; it is translated where it is shown."""
    return sentence


@dataclass(frozen=True)
class Sentence:
    """A template in English with `{names}`, and the values for them."""

    template: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.in_words()

    def in_words(self, translate: Callable[[str], str] = N_) -> str:
        said = translate(self.template) if self.template else ""
        values = {
            name: value.in_words(translate) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return said.format(**values) if values else said

    def as_data(self) -> dict[str, Any]:
        """For JSON: `of_data` makes a sentence of it again."""
        values = {
            name: value.as_data() if isinstance(value, Sentence) else str(value) for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> "Sentence":
        values = {
            name: cls.of_data(value) if isinstance(value, dict) else value
            for name, value in data.get("values", {}).items()
        }
        return cls(data.get("template", ""), values)


class Worded(Exception):
    """An error that a person reads. Its class docstring is the sentence where none is given."""

    def __init__(self, template: str = "", **values: object) -> None:
        self.sentence = Sentence(template or (type(self).__doc__ or "").partition("\n")[0], values)
        super().__init__(str(self.sentence))
