"""Pure: what is plugged in, and whether it can be a modem."""

from collections.abc import Sequence

from drivers.usb import NO_MODEM, Mode, UsbDevice
from drivers.words import N_
from modemd.doctor.facts import Computer, ModemFacts
from modemd.doctor.sentences import fail, ok, skip, warn
from modemd.model.doctor import Diagnosis

LEAVE_ALONE = N_("systemctl disable --now ModemManager, or, where it is needed, install modemd's opt-in udev file.")

_NEXT_STEPS = {
    Mode.STORAGE: N_("apt install usb-modeswitch, then unplug it and plug it in again."),
    Mode.NETWORK: N_("Use another modem, one with serial ports."),
    Mode.NO_PORTS: N_("modprobe option && echo {vendor} {product} > /sys/bus/usb-serial/drivers/option1/new_id"),
    Mode.CRASHED: N_("Unplug it and plug it in again. If it comes back like this, it is broken."),
}
_NOT_SWITCHED = N_(
    "usb-modeswitch is there: unplug the stick and plug it in again, then: journalctl -b | grep -i switch"
)


def judge(computer: Computer, modems: Sequence[ModemFacts]) -> list[Diagnosis]:
    return [*_plugged_in(computer, modems), _udev(computer), _others(computer)]


def _plugged_in(computer: Computer, modems: Sequence[ModemFacts]) -> list[Diagnosis]:
    if computer.usb:
        # A stick that is no modem is in nobody's way while every configured one answers.
        all_answer = bool(modems) and all(each.answered for each in modems)
        return [_device(each, computer.can_switch, all_answer) for each in computer.usb]
    if modems and all(each.node is not None and each.node.exists for each in modems):
        return [skip("usb", N_("None is plugged into USB: yours are reached in another way."))]
    finding = N_("No modem is plugged into USB, as far as this computer sees.")
    return [fail("usb", finding, N_("Plug it in, then see what the kernel says: journalctl -k -n 20"))]


def _device(device: UsbDevice, can_switch: bool, all_answer: bool) -> Diagnosis:
    vendor, _, product = device.usb_id.partition(":")
    values = {"name": device.name, "id": device.usb_id, "place": device.place, "ports": ", ".join(device.ttys)}
    values |= {"vendor": vendor, "product": product}
    if device.mode is Mode.MODEM and not device.autosuspend:
        return ok("usb", N_("{name} ({id}): {ports}"), values, value=device.usb_id)
    if device.mode is Mode.MODEM:
        finding = N_("{name} ({id}) may be put to sleep by USB: it would miss messages.")
        next_step = N_("Install modemd's udev rules; until then: echo on > /sys/bus/usb/devices/{place}/power/control")
        return warn("usb", finding, next_step, values, value=device.usb_id)
    finding, next_step = NO_MODEM[device.mode], _NEXT_STEPS[device.mode]
    if device.mode is Mode.STORAGE and can_switch:
        next_step = _NOT_SWITCHED
    return (warn if all_answer else fail)("usb", finding, next_step, values, value=device.usb_id)


def _udev(computer: Computer) -> Diagnosis:
    if not any(each.mode is Mode.MODEM for each in computer.usb):
        return skip("udev", N_("Not needed without a modem on USB."))
    if computer.has_rules:
        return ok("udev", N_("modemd's rules are installed."))
    return warn(
        "udev",
        N_("modemd's rules are not installed: ports have no lasting names, and USB may put modems to sleep."),
        N_("Copy udev/*.rules to /etc/udev/rules.d/, then: udevadm control --reload && udevadm trigger"),
    )


def _others(computer: Computer) -> Diagnosis:
    if computer.modem_manager is None:
        return ok("others", N_("ModemManager does not run."))
    if computer.modem_manager_ignores_us:
        return ok("others", N_("ModemManager runs, and is told to leave modems alone."))
    finding = N_("{holder} runs here: it takes every modem that it sees.")
    return warn("others", finding, LEAVE_ALONE, {"holder": computer.modem_manager}, value=str(computer.modem_manager))
