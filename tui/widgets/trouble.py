"""What is wrong with what was typed, under the fields, until something is typed again."""

from textual.widgets import Static

from tui import format


class Trouble(Static):
    DEFAULT_CSS = """
    Trouble { display: none; height: auto; margin: 0 1; color: $text-error; text-style: bold; }
    Trouble.-some { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def say(self, sentence: str) -> None:
        """Nothing, when it is empty."""
        self.update(f"{format.severity('block').sign} {format.safe(sentence)}" if sentence else "")
        self.set_class(bool(sentence), "-some")
