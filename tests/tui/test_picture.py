"""The README's picture is of the TUI as it is."""

from pathlib import Path

from tests.tui.picture import draw


async def test_the_picture_is_what_is_drawn_now(tmp_path: Path) -> None:
    await draw(tmp_path / "picture.svg")
    kept = Path(__file__).with_name("picture.svg").read_text("utf-8")
    assert (tmp_path / "picture.svg").read_text("utf-8") == kept, "run make picture"
