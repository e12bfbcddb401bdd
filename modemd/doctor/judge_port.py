"""Pure: is there a port, is it the right one, and may we have it?"""

from drivers.errors import PortBusy, PortForbidden
from drivers.holders import Holder
from drivers.usb import Mode
from drivers.words import N_, Sentence
from modemd.doctor.facts import Computer, ModemFacts, Node
from modemd.doctor.judge_usb import LEAVE_ALONE
from modemd.doctor.sentences import fail, ok, warn
from modemd.model.doctor import Diagnosis

_ROLES = {
    "at2": N_("second AT"),
    "diag": N_("diagnosis"),
    "gps": N_("GPS"),
    "ppp": N_("dial-up"),
    "audio": N_("voice"),
    "none": N_("data"),
}
_GOOD = ("at", "at2", None)


def judge(facts: ModemFacts, computer: Computer) -> Diagnosis:
    node = facts.node
    if node is None:
        return _not_found(facts)
    if not node.exists:
        return _missing(node, computer)
    if not node.is_serial:
        return fail("port", N_("{path} is no serial port."), _NAME_IT, {"path": node.path}, value=node.path)
    if not facts.answered:
        if node.holders:
            return held(node.path, node.holders[0])
        if isinstance(facts.trouble, PortBusy):
            return _held_by_somebody(node, computer)
        if isinstance(facts.trouble, PortForbidden) or not node.may_open:
            return _forbidden(node)
    return _role(node, answered=bool(facts.answered)) or _name(node) or _group(node) or _good(node)


_NAME_IT = N_("Put the modem's own port into the configuration: ls /dev/modem/by-path/ /dev/serial/by-path/")


def _not_found(facts: ModemFacts) -> Diagnosis:
    return fail(
        "port",
        N_("No port answers with the IMEI that ends in {tail}."),
        N_("Is it plugged in (see USB above)? Is the IMEI that of its label? Does another program have its port?"),
        {"tail": (facts.imei or "")[-4:]},
    )


def _missing(node: Node, computer: Computer) -> Diagnosis:
    values: dict[str, object] = {"path": node.path}
    if modem := next((each for each in computer.usb if each.at_tty), None):
        finding = N_("{path} is not there; the {name} that is plugged in has its AT port at /dev/{tty}.")
        next_step = N_('Put that port into the configuration, by its by-path name, or port = "auto" with the IMEI.')
        return fail("port", finding, next_step, values | {"name": modem.name, "tty": modem.at_tty}, value=node.path)
    if any(each.mode is not Mode.MODEM for each in computer.usb):
        finding = N_("{path} is not there: what is plugged in is no modem yet, see USB above.")
        return fail("port", finding, N_("Begin with what USB says above."), values, value=node.path)
    return fail("port", N_("{path} is not there."), N_("Plug the modem in."), values, value=node.path)


def held(path: str, holder: Holder) -> Diagnosis:
    """Somebody else has it, and it is known who."""
    values = {"path": path, "holder": holder, "pid": holder.pid}
    next_step = LEAVE_ALONE if holder.is_modem_manager else N_("Stop that program; what it is: systemctl status {pid}")
    return fail("port", N_("{holder} has {path}."), next_step, values, value=path)


def _held_by_somebody(node: Node, computer: Computer) -> Diagnosis:
    values = {"path": node.path, "holder": computer.modem_manager}
    if computer.modem_manager is not None:
        finding = N_("Another program has {path}, most likely {holder}.")
        return fail("port", finding, LEAVE_ALONE, values, value=node.path)
    finding = N_("Another program has {path}; which one, only root can see.")
    return fail("port", finding, N_("See who it is: sudo modemd doctor"), values, value=node.path)


def _forbidden(node: Node) -> Diagnosis:
    values = {"path": node.path, "group": node.group, "user": node.user}
    if node.group == "root":
        finding = N_("{path} is open to root alone, and not to the user {user}.")
        next_step = N_("chgrp dialout {path} && chmod 660 {path}; udev's own rules do that for every serial port.")
    else:
        finding = N_("The user {user} may not open {path}: it is for the group {group}.")
        next_step = N_("usermod -aG {group} {user}, then log in anew; for the daemon: systemctl restart modemd")
    return fail("port", finding, next_step, values, value=node.path)


def _role(node: Node, *, answered: bool) -> Diagnosis | None:
    """The wrong one of a modem's ports."""
    if node.usb is None or node.usb.role in _GOOD:
        return None
    values = {
        "path": node.path,
        "role": Sentence(_ROLES[str(node.usb.role)]),
        "name": node.usb.device.name,
        "tty": node.usb.device.at_tty,
    }
    finding = N_("{path} is the {role} port of the {name}, not its AT port.")
    next_step = N_("Put the AT port into the configuration: it is /dev/{tty} now.")
    if node.usb.device.at_tty is None:
        next_step = _NAME_IT
    return (warn if answered else fail)("port", finding, next_step, values, value=node.path)


def _name(node: Node) -> Diagnosis | None:
    """ttyUSB numbers are dealt anew at each replug (P4)."""
    if node.usb is None or not node.path.endswith(node.usb.tty) or node.stable_name is None:
        return None
    return warn(
        "port",
        N_("{path} is a name for today: the next replug may give it another number."),
        N_("Put its lasting name into the configuration: {lasting}"),
        {"path": node.path, "lasting": node.stable_name},
        value=node.path,
    )


def _group(node: Node) -> Diagnosis | None:
    if node.service_may is not False:
        return None
    return warn(
        "port",
        N_("{path} belongs to the group {group}, in which the user modemd is not."),
        N_("usermod -aG {group} modemd && systemctl restart modemd"),
        {"path": node.path, "group": node.group},
        value=node.path,
    )


def _good(node: Node) -> Diagnosis:
    if node.usb is None:
        return ok("port", "{path}", {"path": node.path}, value=node.path)
    return ok("port", N_("{path}, of the {name}"), {"path": node.path, "name": node.usb.device.name}, value=node.path)
