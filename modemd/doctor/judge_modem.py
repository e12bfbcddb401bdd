"""Pure: an open port, its SIM and its network. A function a check."""

from datetime import datetime

from drivers.errors import PortError
from drivers.modem import Registration
from drivers.profiles import newest_radio
from drivers.words import N_, Sentence
from modemd.doctor.facts import ModemFacts
from modemd.doctor.sentences import fail, ok, skip, warn
from modemd.model import signal as steps
from modemd.model.doctor import Diagnosis
from modemd.model.doctor_labels import LABELS

_JAPANESE_MCC = ("440", "441")
_NEARLY_FULL = 0.8
_LATELY = 3600.0  # seconds that an error stays worth a look


# -- does it answer ----------------------------------------------------------------------------------------


def answers(facts: ModemFacts) -> Diagnosis:
    if facts.answered is None:
        return skip("answers", N_("It is being set up: look again in a moment."))
    if facts.answered:
        named = " ".join(filter(None, (facts.identity.manufacturer, facts.identity.model)))
        return ok("answers", N_("It answers: {named}") if named else N_("It answers."), {"named": named})
    if isinstance(facts.trouble, PortError):
        return fail(
            "answers",
            "{trouble}",
            N_("Unplug the modem and plug it in again; if that repeats itself, its supply is too weak."),
            {"trouble": facts.trouble.sentence},
        )
    return fail(
        "answers",
        N_("It does not answer to AT: it hangs, still boots, or this is not its AT port."),
        N_("Wait a minute, then unplug it and plug it in again; then another port, another cable."),
    )


def imei(facts: ModemFacts) -> Diagnosis:
    read, wanted = facts.identity.imei, facts.imei
    if facts.by_daemon and facts.lock in _SIM:
        return after("imei", "sim")  # the daemon forgets a modem whose SIM keeps it out
    if read is None:
        return warn("imei", N_("It does not tell its IMEI."), N_("Look whether this is a modem's AT port at all."))
    values = {"tail": read[-4:], "wanted": (wanted or "")[-4:]}
    if wanted is not None and wanted != read:
        finding = N_("Another modem answers here: its IMEI ends in {tail}, the configured one in {wanted}.")
        next_step = N_("Plug in the right one, or correct imei in the configuration.")
        return fail("imei", finding, next_step, values, value=read[-4:])
    return ok("imei", N_("It ends in {tail}."), values, value=read[-4:])


# -- the SIM -----------------------------------------------------------------------------------------------

_IN_A_PHONE = N_("Put it into a phone and unlock it there; a wrong PIN now locks the SIM until the PUK is given.")
_SIM: dict[str, tuple[str, str]] = {
    "pin": (
        N_("The SIM waits for its PIN."),
        N_("Write the PIN into a file (chmod 600) and name it in the configuration: pin_file"),
    ),
    "pin_tried": (
        N_("The PIN in pin_file was wrong; it is not tried again."),
        N_("Correct the PIN in pin_file: each is tried once."),
    ),
    "last_try": (N_("One try of the PIN is left, and modemd does not take it."), _IN_A_PHONE),
    "puk": (
        N_("The SIM is locked and waits for its PUK."),
        N_("Ask the operator for the PUK and give it in a phone; ten wrong ones end the SIM."),
    ),
    "absent": (
        N_("There is no SIM in the modem, or it makes no contact."),
        N_("Take the modem off its power, put the SIM in, and plug it in again."),
    ),
    "other": (
        N_("The SIM is locked in a way that only its operator or a phone can undo."),
        N_("Try the SIM in a phone; if the modem is locked to an operator, use that operator's SIM."),
    ),
}


def sim(facts: ModemFacts) -> Diagnosis:
    tries = {"pin": facts.tries.pin, "puk": facts.tries.puk}
    if facts.lock in ("ready", None):
        if facts.tries.pin is None:
            return ok("sim", N_("It is open."), value=facts.lock)
        return ok("sim", N_("It is open; tries of the PIN left: {pin}"), tries, value=facts.lock)
    if facts.lock == "unknown":
        return ok("sim", N_("The modem does not say how its SIM is."), value=facts.lock)
    if facts.lock == "pin" and facts.has_pin_file and not facts.by_daemon and facts.tries.pin != 1:
        return ok("sim", N_("It waits for its PIN: modemd gives it when it starts, once."), value=facts.lock)
    if facts.lock == "pin" and facts.tries.pin == 1:
        finding, next_step = N_("The SIM waits for its PIN."), _IN_A_PHONE
    else:
        finding, next_step = _SIM.get(facts.lock, _SIM["other"])
    left = facts.tries.puk if facts.lock == "puk" else facts.tries.pin
    if left is not None and facts.lock in ("pin", "pin_tried", "puk"):
        both = {"finding": Sentence(finding), "left": left}
        return fail("sim", N_("{finding} Tries left: {left}"), next_step, both, value=facts.lock)
    return fail("sim", finding, next_step, value=facts.lock)


# -- the network -------------------------------------------------------------------------------------------

_NO_NETWORK: dict[Registration, tuple[str, str]] = {
    Registration.SEARCHING: (
        N_("It searches for a network and finds none."),
        N_("Antenna screwed on? SIM active? Place the antenna by the meter: modemd tui, then h and a"),
    ),
    Registration.DENIED: (
        N_("The network refuses this SIM."),
        N_("Ask the operator: is it active and paid, may it roam here, is this modem allowed?"),
    ),
    Registration.NONE: (
        N_("It is in no network and looks for none."),
        N_("Plug it in again; then ask the operator whether the SIM is active and has SMS."),
    ),
}
_REGISTERED = {
    Registration.HOME: N_("{network}: at home"),
    Registration.ROAMING: N_("{network}: roaming"),
    Registration.SMS_ONLY: N_("{network}: for SMS alone"),
    Registration.UNKNOWN: N_("The modem does not say whether it is in a network."),
}


def network(facts: ModemFacts) -> Diagnosis:
    health, identity = facts.health, facts.identity
    newest = newest_radio(identity.manufacturer, identity.model)
    without_lte = newest is not None or (health is not None and health.without_lte)
    in_network = health is not None and health.registration.carries_sms
    if without_lte and not in_network and _in_japan(facts):
        finding = N_("This modem ({model}) has no LTE: Japan's 2G and 3G networks are switched off, it stays silent.")
        next_step = N_("Use an LTE modem.")
        return fail("network", finding, next_step, {"model": identity.model or "?"}, value=newest or "without LTE")
    if health is None:
        return _not_seen("network", facts)
    if health.registration in _NO_NETWORK:
        return fail("network", *_NO_NETWORK[health.registration], value=health.registration.value)
    words = " ".join(filter(None, (health.operator, health.technology))) or "?"
    return ok("network", _REGISTERED[health.registration], {"network": words}, value=health.technology)


def _in_japan(facts: ModemFacts) -> bool:
    return facts.region == "JP" or facts.mcc in _JAPANESE_MCC


def _not_seen(check: str, facts: ModemFacts) -> Diagnosis:
    if facts.lock in ("ready", "unknown", None):
        return skip(check, N_("Not seen yet: look again in a moment."))
    return after(check, "sim")


def after(check: str, first: str) -> Diagnosis:
    """Skipped, for a check that must be well before."""
    return skip(check, N_("Not looked at: {first} comes first."), {"first": Sentence(LABELS[first])})


def signal(facts: ModemFacts) -> Diagnosis:
    if facts.health is None:
        return _not_seen("signal", facts)
    dbm = facts.health.signal_dbm
    meter = N_("Move the antenna: to a window, away from metal. The meter helps: modemd tui, then h and a")
    if dbm is None:
        return warn("signal", N_("The modem hears nothing, or does not say."), meter)
    values = {"dbm": dbm, "word": Sentence(steps.word(dbm))}
    if dbm < steps.STEPS[0]:
        return fail("signal", N_("{dbm} dBm, {word}: messages are lost."), meter, values, value=dbm)
    if dbm < steps.STEPS[1]:
        return warn("signal", N_("{dbm} dBm, {word}: sending fails now and then."), meter, values, value=dbm)
    return ok("signal", N_("{dbm} dBm, {word}"), values, value=dbm)


def smsc(facts: ModemFacts) -> Diagnosis:
    if facts.health is None:
        return _not_seen("smsc", facts)
    if facts.health.smsc is None:
        return fail(
            "smsc",
            N_("The SIM has no number of a message centre (SMSC): nothing can be sent."),
            N_("Ask the operator for it, and enter it once with the SIM in a phone."),
        )
    return ok("smsc", "{number}", {"number": facts.health.smsc}, value=facts.health.smsc)


# -- what it holds, and what it did ------------------------------------------------------------------------


def storage(facts: ModemFacts) -> Diagnosis:
    uses = {name: use for name, use in facts.storages.items() if use[1] > 0}
    alert = next((said for code, said in facts.alerts.items() if code.startswith("storage_")), None)
    if alert is not None:
        return warn("storage", "{alert}", N_("What came before and after: modemd log"), {"alert": alert})
    if not uses:
        return skip("storage", N_("The modem does not say how full its storages are."))
    name, (used, total) = max(uses.items(), key=lambda each: each[1][0] / each[1][1])
    listed = ", ".join(f"{each} {taken}/{room}" for each, (taken, room) in uses.items())
    values = {"name": name, "used": used, "total": total, "listed": listed}
    empty = N_("modemd takes over what lies there and makes room; if it stays so, see: modemd log")
    if used >= total:
        finding = N_("The storage {name} is full ({used} of {total}): nothing more is received.")
        return fail("storage", finding, empty, values, value=listed)
    if used >= _NEARLY_FULL * total:
        finding = N_("The storage {name} is nearly full: {used} of {total}.")
        return warn("storage", finding, empty, values, value=listed)
    return ok("storage", "{listed}", values, value=listed)


def quota(facts: ModemFacts) -> Diagnosis:
    if not facts.quotas:
        return skip("quota", N_("None is set."))
    fullest = max(facts.quotas, key=lambda each: each.used / each.most)
    values = {"period": fullest.period, "used": fullest.used, "most": fullest.most}
    said = f"{fullest.used}/{fullest.most}"
    if fullest.used >= fullest.most:
        finding = N_("The quota is used up ({used} of {most}, {period}): what is queued waits.")
        return warn("quota", finding, N_("Wait, raise the quota, or send by another SIM."), values, value=said)
    return ok("quota", N_("{used} of {most} parts, {period}"), values, value=said)


def last_error(facts: ModemFacts) -> Diagnosis:
    if not facts.by_daemon:
        return skip("last_error", N_("Only a modemd that runs remembers it."))
    if facts.last_error is None or facts.last_error_at is None:
        return ok("last_error", N_("None since modemd was started."))
    at = datetime.fromtimestamp(facts.last_error_at).astimezone()
    values = {"time": f"{at:%m-%d %H:%M}", "words": facts.last_error}
    if facts.now - facts.last_error_at > _LATELY:
        return ok("last_error", N_("At {time}: {words}"), values, value=at.isoformat(timespec="seconds"))
    next_step = N_("What came before and after: modemd log")
    return warn("last_error", N_("At {time}: {words}"), next_step, values, value=at.isoformat(timespec="seconds"))
