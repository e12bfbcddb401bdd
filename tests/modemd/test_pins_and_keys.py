"""P8: one try of a PIN. And the same Idempotency-Key, the same answer."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from modemd.model.errors import KeyReused
from modemd.store import idempotency, pins
from modemd.store.database import open_database
from tests.modemd.outbox_at_hand import NOW, SIM


def test_p8_one_try_for_each_sim_and_pin(tmp_path: Path) -> None:
    db = open_database(tmp_path / "modemd.db")
    assert pins.may_try(db, SIM, "1234", NOW)
    db.close()
    again = open_database(tmp_path / "modemd.db")  # the power went, and it is not known how the try ended
    assert not pins.may_try(again, SIM, "1234", NOW)
    assert pins.may_try(again, SIM, "4321", NOW)
    assert pins.may_try(again, "other", "1234", NOW)
    again.close()


def test_p8_a_pin_that_was_right_is_asked_again_after_each_power_cut(db: Database) -> None:
    for _ in range(3):
        assert pins.may_try(db, SIM, "1234", NOW)
        pins.was_right(db, SIM, "1234")
    assert pins.may_try(db, SIM, "1234", NOW)
    assert not pins.may_try(db, SIM, "1234", NOW)


def test_p10_no_pin_is_in_the_database(db: Database) -> None:
    pins.may_try(db, SIM, "1234", NOW)
    assert "1234" not in "".join(map(str, db.execute("select * from pin_try").fetchone()))


def test_a_key_gives_its_answer_again(db: Database) -> None:
    assert idempotency.find(db, "k", "ann", "request") is None
    idempotency.keep(db, "k", "ann", "request", "answer", NOW)
    assert idempotency.find(db, "k", "ann", "request") == "answer"
    assert idempotency.find(db, "k", "bob", "request") is None
    with pytest.raises(KeyReused):
        idempotency.find(db, "k", "ann", "another")


def test_keys_are_forgotten_in_the_end(db: Database) -> None:
    idempotency.keep(db, "old", "ann", "request", "answer", NOW)
    idempotency.keep(db, "new", "ann", "request", "answer", NOW + idempotency.KEEP + 1)
    assert idempotency.find(db, "old", "ann", "request") is None
