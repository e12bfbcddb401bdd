"""Prometheus: what the outbox holds and how the modems do."""

from modemd.engine.status import BUSY, READY, ModemStatus


def render(counts: dict[str, int], modems: list[ModemStatus]) -> tuple[bytes, str]:
    """The exposition and its content type. No number, no text, no name of a person is in it."""
    # Not every site is watched by Prometheus, and it brings an HTTP server of its own: 2 MiB.
    from prometheus_client import CollectorRegistry, Gauge, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    registry = CollectorRegistry()
    messages = Gauge("modemd_messages", "Messages by group of the outbox", ["group"], registry=registry)
    for group, count in counts.items():
        messages.labels(group).set(count)
    up = Gauge("modemd_modem_up", "1 while the modem can send", ["modem"], registry=registry)
    signal = Gauge("modemd_modem_signal_dbm", "Signal strength", ["modem"], registry=registry)
    for state in modems:
        up.labels(state.name).set(state.state in (READY, BUSY))
        if state.health and state.health.signal_dbm is not None:
            signal.labels(state.name).set(state.health.signal_dbm)
    return generate_latest(registry), CONTENT_TYPE_LATEST
