"""What the daemon tells its parts."""

from modemd.config import Config, ModemConfig
from modemd.daemon import Daemon
from modemd.store.database import Store


async def test_a_modem_that_was_found_is_as_real_as_one_that_was_named(store: Store) -> None:
    """Seen red: when the port was looked at as it is configured, which "auto" is not."""
    modem = ModemConfig("north", "auto", imei="490154203237518")
    daemon = Daemon(Config(state_dir=store.path.parent, modems=(modem,)), store)
    live = daemon.desk.examiner.live
    assert not live()
    for place, expected in (("/dev/null", True), ("/dev/pts/ptmx", False), ("/dev/not-there", False)):
        daemon.supervisors[0].state.port = place
        assert live() is expected
