"""What the fake daemon holds when a test begins."""

from datetime import timedelta

from modemd.api.contact_schema import (
    CaseView,
    ChangeView,
    ColumnView,
    ConsentView,
    ContactView,
    DoubtView,
    ImportItemView,
    ImportView,
    OptOutView,
)
from modemd.api.schema import DiagnosisView, ErrorView, ModemView, PartView
from tests.tui.fake_gateway import FakeGateway, stamp


def a_morning(gateway: FakeGateway) -> None:
    """An office at 08:14: one question, two fuses, a schedule, one on air, and what is done."""
    now = gateway.clock.now()

    def at(seconds: float) -> str:
        return stamp(now + timedelta(seconds=seconds))

    readings = [-95, -93, -90, None, -88, -85, -83, -81, -79, -79]
    port = "/dev/modem/by-path/pci-0000:00:14.0-usb-0:{}:1.2"
    pin = ErrorView("CME 11", "The SIM card asks for its PIN.")
    gateway.modem_list = [
        ModemView(
            *("north", port.format(1), "ready", "Ready.", "Example Mobile", "LTE", "home", -79, readings),
            *("1234", "5678", "+447700900999", "EC25", "+447700900998", 0, 12),
            since=at(-7200),
        ),
        ModemView(
            *("south", port.format(2), "parked", "The SIM wants its PIN: put it into the pin_file of this modem."),
            imei="4321", model="E3372", last_error=pin, last_error_at=at(-3600), since=at(-3600),
        ),
    ]  # fmt: skip
    lost = [
        PartView(1, 2, "submitted", 41, "north", at(-142), at(-140)),
        PartView(2, 2, "uncertain", None, "north", at(-140)),
    ]
    gateway.add(
        "+447700900101",
        "明日10時に伺います。お手数ですが、駐車場の鍵をご用意ください。",
        "uncertain",
        ago=150,
        parts=lost,
    )
    gateway.add("+447700900102", "部品が届きました。ご来店ください。", fuse=10.0, ago=6)
    gateway.add("+447700900123", "Your order 4711 is ready: https://shop.example/4711 " + "Bring the slip. " * 8,
                fuse=120.0, ago=22)  # fmt: skip
    gateway.add(
        "+447700900104", "ご予約の確認です。", send_at=at(24 * 3600 - 14 * 60 - 2), release_at=at(89158), author="desk2"
    )
    air = [PartView(1, 3, "submitted", 44, "north", at(-5), at(-4)), PartView(2, 3, "submitting", 45, "north", at(-1)),
           PartView(3, 3, "queued")]  # fmt: skip
    gateway.add("+447700900105", "ご注文の件、下記の通り確認いたしました。", "submitting", ago=20, parts=air)
    report = [PartView(1, 1, "delivered", 40, "north", at(-125), at(-124), at(-121), 0, "the phone has it")]
    gateway.add("+447700900106", "ありがとうございました。", "delivered", ago=122, parts=report)
    wrong = ErrorView("CMS 21", "The network refused it: a fixed line takes no SMS.")
    gateway.add("+15550100", "Please call back.", "failed", ago=240, error=wrong)
    gateway.add("+447700900107", "本日18時に伺います。", "submitted", ago=422)
    gateway.add("+447700900108", "A mistake.", "cancelled", ago=542, author="desk2")
    gateway.receive("+447700900101", "お待ちしています。", ago=3600, read=True)
    gateway.receive("+447700900106", "助かりました!", ago=60)
    gateway.receive("EXAMPLE", "Your code is 1234", ago=600)
    gateway.receive("+447700900107", "first part of three", ago=900, parts=3, missing=[2, 3], read=True)
    gateway.receive("+447700900109", None, ago=1200, read=True, raw="07911326",
                    error=ErrorView("pdu", "It is cut off in the middle."))  # fmt: skip
    gateway.happen("state", "submitted to the network, reference 40", 6, who=None)
    gateway.happen("line", "the line was stopped", who="desk2")
    gateway.happen("line", "the line goes on", who="desk2")
    gateway.happen("modem", "parked: the SIM asks for its PIN", subject="south")


def an_address_book(gateway: FakeGateway) -> None:
    """A morning, and some who are known: twins, a shared number, a lost zero, who wants nothing more."""
    a_morning(gateway)
    hanako = gateway.known(
        "山田 花子", "+447700900101", "+819012345678", reading="やまだ はなこ", language="ja", groups=["顧客"],
        tags=["常連"], notes="朝に電話。\n駐車場の鍵を持っている。", fields={"会員番号": "A-4711"},
        consents=[ConsentView("promotional", "2026-01-02", "店頭")],
    )  # fmt: skip
    ichiro = gateway.known("見本 一郎", "+447700900102", reading="みほん いちろう", groups=["顧客", "八月"])
    ichiro2 = gateway.known("見本 一朗", "+447700900110", reading="みほん いちろう")
    yamamoto = gateway.known("山本 太郎", "+447700900102", reading="やまもと たろう", doubts=[
        DoubtView("9087654321", "+819087654321")])  # fmt: skip
    ann = gateway.known("Ann [/foo] Example", "+447700900106", opted_out=["+447700900106"])
    shared, dead = "+447700900102", "+447700900106"
    gateway.cases = [
        _case(
            "two_names", f"{shared} stands under several names: 見本 一郎, 山本 太郎.", [ichiro, yamamoto], "keep merge"
        ),
        _case("duplicate", "見本 一郎, 見本 一朗: the same person twice?", [ichiro, ichiro2], "merge"),
        _case(
            "lost_zero",
            "山本 太郎: 9087654321 seems to lack the 0 in front. Is it +819087654321?",
            [yamamoto],
            "accept",
        ),
        _case("dead_number", f"Ann: the last three messages to {dead} did not arrive, and will not.", [ann], "remove"),
        _case("stale", "山田 花子: neither heard of nor written to for a year.", [hanako], "delete"),
    ]
    yesterday = stamp(gateway.clock.now() - timedelta(days=1))
    gateway.opt_out_list = [
        OptOutView("+447700900103", "asked", yesterday, "message", None, None, "もう送らないでください", [], [3, 9]),
        OptOutView("+447700900106", "out", yesterday, "message", None, None, "STOP", ["Ann [/foo] Example"], []),
        OptOutView("+447700900107", "out", yesterday, "person", "desk2", "by letter", None, [], []),
    ]  # fmt: skip
    gateway.preview = a_file()


def _case(kind: str, sentence: str, contacts: list[ContactView], actions: str) -> CaseView:
    able = [*actions.split(), "discard" if kind == "lost_zero" else "dismiss"]
    return CaseView(kind, kind, sentence, contacts, able, [each for each in able if each in ("merge", "keep")])


def a_file() -> ImportView:
    """customers.csv, compared: everything that there can be."""
    why = ErrorView("other_name", "This number is known under another name, 見本 一郎: is it the same person?")
    zero = ErrorView("lost_zero", "9012345678 seems to lack the 0 in front.")
    bad = ErrorView("bad", '"+4477" has too few digits.')
    return ImportView(
        kind="csv",
        encoding="cp932",
        encodings=["cp932", "euc_jp"],
        headed=True,
        columns=[
            ColumnView("氏名", "name", ["山田 花子", "見本 次郎"]),
            ColumnView("フリガナ", "reading", ["ヤマダ ハナコ"]),
            ColumnView("携帯電話", "number", ["09012345678", "9012345678"]),
            ColumnView("会員番号", "x:会員番号", ["A-4711", "A-4712"]),
        ],
        fields=["name", "reading", "number", "notes", "-"],
        counts={"new": 2, "changed": 1, "same": 204, "conflict": 1, "bad": 1, "doubts": 1},
        items=[
            ImportItemView(2, "changed", "山田 花子", ["+819012345678"], 1, "山田 花子",
                           [ChangeView("x:会員番号", "A-4711", "A-4811"), ChangeView("tags", "", "常連")]),
            ImportItemView(3, "new", "見本 三郎", ["+447700900120"]),
            ImportItemView(4, "new", "見本 四郎", [], doubts=[DoubtView("9012345678", "+819012345678")], why=zero),
            ImportItemView(5, "conflict", "見本 次郎", ["+447700900102"], 2, "見本 一郎", why=why),
            ImportItemView(6, "bad", "悪い [/foo]", [], why=bad),
        ],
        seen="0123456789abcdef",
    )  # fmt: skip


def a_visit(gateway: FakeGateway) -> None:
    """A morning, and a technician who looks at north's antenna and at south's card."""
    a_morning(gateway)
    gateway.heard = [-95, -91, None, -83, -79, -71, -73, -77]
    well = [
        *(("config", None, "modemd runs with 2 modem(s)."), ("daemon", None, "modemd 0.1.0 runs (pid 611).")),
        *(("clock", None, "It is set over the network."), ("disk", None, "12.3 GB are free at /var/lib/modemd.")),
        *(("database", None, "It opens; 450 MB."), ("usb", None, "Quectel EC25/EG25-G (2c7c:0125): ttyUSB0, ttyUSB1")),
        *(("port", "north", "/dev/modem/by-path/pci-0000:00:14.0-usb-0:1"), ("answers", "north", "It answers: EC25")),
        *(("network", "north", "Example Mobile LTE: at home"), ("signal", "north", "-79 dBm, fair")),
        *(("port", "south", "/dev/modem/by-path/pci-0000:00:14.0-usb-0:2"), ("answers", "south", "It answers: E3372")),
    ]
    gateway.diagnoses = [DiagnosisView(check, "ok", finding, modem=modem) for check, modem, finding in well]
    first = "Not looked at: SIM comes first."
    gateway.diagnoses += [
        DiagnosisView(
            "sim",
            "fail",
            "The SIM waits for its PIN. Tries left: 3",
            "Write the PIN into a file (chmod 600) and name it in the configuration: pin_file",
            "south",
        ),
        DiagnosisView("network", "skip", first, modem="south"),
        DiagnosisView("signal", "skip", first, modem="south"),
    ]
    rules = "modemd's rules are not installed: ports have no lasting names, and USB may put modems to sleep."
    install = "Copy udev/*.rules to /etc/udev/rules.d/, then: udevadm control --reload && udevadm trigger"
    gateway.diagnoses.insert(6, DiagnosisView("udev", "warn", rules, install))
