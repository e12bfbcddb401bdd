"""The keymap file: what it changes, and what it says when it is wrong."""

from pathlib import Path

import pytest

from tui.keys import RANK, KeymapError, known, read_keymap, shown_key


def written(folder: Path, text: str) -> Path:
    file = folder / "keys.toml"
    file.write_text(text, "utf-8")
    return file


def test_no_file_changes_nothing(tmp_path: Path) -> None:
    assert read_keymap(tmp_path / "none.toml", known) == {}


def test_a_key_is_given_to_an_action(tmp_path: Path) -> None:
    file = written(tmp_path, '[keys]\n"desk.undo" = "z"\n"message.cancel" = "x,delete"\n')
    assert read_keymap(file, known) == {"desk.undo": "z", "message.cancel": "x,delete"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\n"desk.udno" = "z"\n', "there is no action desk.udno. Known are: approval.approve"),
        ('[keys]\n"desk.undo" = 3\n', "desk.undo wants a key as text"),
        ("[keys", "keys.toml"),
        ('"desk.undo" = "z"', "headed [keys]"),
    ],
)
def test_a_mistake_names_the_file_and_what_would_be_right(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KeymapError) as wrong:
        read_keymap(written(tmp_path, text), known)
    assert said in str(wrong.value)
    assert "keys.toml" in str(wrong.value)


def test_every_ranked_id_is_that_of_a_key() -> None:
    assert set(RANK) <= known()


@pytest.mark.parametrize(("key", "shown"), [("ctrl+s", "^S"), ("f2", "F2"), ("plus", "+"), ("enter", "⏎"), ("x", "x")])
def test_keys_are_shown_as_on_the_cap(key: str, shown: str) -> None:
    assert shown_key(key) == shown
