"""A small /sys and /dev in a folder: USB devices as the kernel shows them."""

from pathlib import Path


class FakeSysfs:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "sys/bus/usb/devices").mkdir(parents=True)
        (root / "dev").mkdir()

    def plug(
        self,
        usb_id: str,
        ttys: dict[int, str] | None = None,
        *,
        place: str = "1-1",
        classes: dict[int, tuple[int, int, int]] | None = None,
        product: str = "Android",
        control: str = "on",
    ) -> None:
        """`ttys`: interface number → name of its port; `classes`: number → (class, subclass, protocol)."""
        folder = self.root / "sys/bus/usb/devices" / place
        self.write(f"sys/bus/usb/devices/{place}/idVendor", usb_id[:4])
        self.write(f"sys/bus/usb/devices/{place}/idProduct", usb_id[5:])
        self.write(f"sys/bus/usb/devices/{place}/product", product)
        self.write(f"sys/bus/usb/devices/{place}/power/control", control)
        classes = classes or {}
        for number in sorted({*(ttys or {}), *classes}):
            inside = folder / f"{place}:1.{number}"
            inside.mkdir()
            for name, value in zip(("Class", "SubClass", "Protocol"), classes.get(number, (0xFF,) * 3), strict=True):
                (inside / f"bInterface{name}").write_text(f"{value:02x}\n")
            (inside / "bInterfaceNumber").write_text(f"{number:02x}\n")
            if tty := (ttys or {}).get(number):
                (inside / (f"tty/{tty}" if tty.startswith("ttyACM") else tty)).mkdir(parents=True)
                self.write(f"dev/{tty}", "")

    def link(self, place: str, tty: str) -> str:
        link = self.root / "dev" / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(self.root / "dev" / tty)
        return str(link)

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
