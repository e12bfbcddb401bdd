"""From information texts, as modems really write them, to values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.at import answers

PDU = "07917407090099F9040C9144779000000100006201210200000001C8"
PARSERS = (
    answers.registration,
    answers.signal_dbm,
    answers.operator,
    answers.smsc,
    answers.own_number,
    answers.iccid,
    answers.words,
    answers.pin_state,
    answers.routing_offer,
    answers.storage_offer,
    answers.storage_use,
    answers.chosen_use,
    answers.service,
    answers.routing,
    answers.listed,
    answers.tp_mr,
    answers.chosen_use,
    lambda information: answers.tries(information, waits_for_puk=False),
)


@given(st.lists(st.text('+CREG:MSPL0189ABDF,.;"()- <>\\x', max_size=40), max_size=3))
def test_nothing_that_a_modem_says_raises(information: list[str]) -> None:
    for parse in PARSERS:
        parse(information)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("+CSQ: 1,2", ["1", "2"]),
        ('+CMGL: 1,1,"Smith, John",24', ["1", "1", "Smith, John", "24"]),
        ("+CMGL: 1,1,,24", ["1", "1", "", "24"]),
        ('+COPS: 0,0,"",7', ["0", "0", "", "7"]),
        ("+X: 1,", ["1", ""]),
        ("+X:", [""]),
        ('+CREG: 2,1,"5E25', ["2", "1", '"5E25']),
    ],
)
def test_fields(line: str, values: list[str]) -> None:
    assert answers.fields(line) == values


@pytest.mark.parametrize(
    ("line", "stat"),
    [
        ("+CREG: 0,1", 1),
        ("+CREG:0,1", 1),
        ("+CREG: 0, 5 ", 5),
        ('+CEREG: 2,6,"8B37","0A265185",7', 6),
        ('+CGREG:002,0011,"0f0d","14c3"', 11),
        ('+CREG: 2,1,"5E25', 1),
        ("+CREG: 2,0,00,0", 0),
        ("+CREG: 2", None),
        ("+CREG: ,", None),
    ],
)
def test_registration(line: str, stat: int | None) -> None:
    """Defect 42 of the library: +CREG: 0,0 on LTE was an error, and 0,6 (SMS only) never registered."""
    assert answers.registration([line]) == stat


@pytest.mark.parametrize(
    ("line", "dbm"),
    [
        ("+CSQ: 0,0", -113),
        ("+CSQ: 31,99", -51),
        ("+CSQ:17,99", -79),
        ("+CSQ: 99,99", None),
        ("+CSQ: 199,99", None),
        ("+CSQ: 148,99", -68),
        ("+CSQ: 32,0", None),
        ("+CSQ: --1,0", None),
        ("+CSQ:", None),
    ],
)
def test_signal(line: str, dbm: int | None) -> None:
    assert answers.signal_dbm([line]) == dbm


@pytest.mark.parametrize(
    ("line", "operator"),
    [
        ('+COPS: 0,0,"Example",7', ("Example", "LTE")),
        ('+COPS: 1,0,"EXAMPLE MOBILE"', ("EXAMPLE MOBILE", None)),
        ('+COPS: 0,2,"00101",2', ("00101", "UMTS")),
        ("+COPS: 0", (None, None)),
        ('+COPS: 0,0,"",0', (None, "GSM")),
        ('+COPS: 0,0,"004500780061006D0070006C0065",11', ("Example", "NR")),
        ('+COPS: 0,0,"A, B",7', ("A, B", "LTE")),
    ],
)
def test_operator(line: str, operator: tuple[str | None, str | None]) -> None:
    assert answers.operator([line]) == operator
    assert answers.operator([]) == (None, None)


@pytest.mark.parametrize(
    ("line", "smsc"),
    [
        ('+CSCA: "+447700900999",145', "+447700900999"),
        ('+CSCA:"+447700900999",145', "+447700900999"),
        ('+CSCA: "447700900999",145', "+447700900999"),
        ('+CSCA: "07700900999",129', "07700900999"),
        ('+CSCA: "002B003400340037003700300030003900300030003900390039",145', "+447700900999"),
        ('+CSCA: "",129', None),
        ('+CSCA: "","145"', None),
        ('+CSCA: "00300031D80000320033",129', None),
        ("+CSCA: +447700900999,145", "+447700900999"),
    ],
)
def test_smsc(line: str, smsc: str | None) -> None:
    assert answers.smsc([line]) == smsc


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (['+CNUM: "","+447700900010",145'], "+447700900010"),
        (['+CNUM: ,"07700900010",129'], "07700900010"),
        (['+CNUM: "12345","+447700900010",145,7,4'], "+447700900010"),
        (['+CNUM: "Own","",145', '+CNUM: "Fax","+447700900011",145'], "+447700900011"),
        (['+CNUM: "Own",,145'], None),
        ([], None),
    ],
)
def test_own_number(lines: list[str], number: str | None) -> None:
    assert answers.own_number(lines) == number


@pytest.mark.parametrize(
    ("line", "iccid"),
    [
        ("+CCID: 89010100000000000011", "89010100000000000011"),
        ('+ICCID: "8901010000000000001F"', "8901010000000000001"),
        ("8901010000000000001", "8901010000000000001"),
        ("^ICCID: 98101000000000000011", "89010100000000000011"),
        ("ERROR", None),
    ],
)
def test_iccid(line: str, iccid: str | None) -> None:
    assert answers.iccid([line]) == iccid


def test_digits_and_words() -> None:
    assert answers.digits(["+CGSN: 001017000000005"], 14, 16) == "001017000000005"
    assert answers.digits(["00101700000000501"], 14, 16) is None
    assert answers.words(["+CGMI: Quectel"]) == "Quectel"
    assert answers.words(['"Motorola CE"']) == "Motorola CE"
    assert answers.words([]) is None


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("+CPIN: READY", "READY"),
        ("+CPIN:READY", "READY"),
        ("+CPIN: SIM PIN", "SIM PIN"),
        ("+CPIN: sim pin2", "SIM PIN2"),
        ('+CPIN: "PH-NET PIN"', "PH-NET PIN"),
        ("+CPIN: ", None),
    ],
)
def test_pin_state(line: str, state: str | None) -> None:
    """Defect 9 of the library: anything but the exact words `+CPIN: READY` had the PIN sent."""
    assert answers.pin_state([line]) == state


@pytest.mark.parametrize(
    ("line", "offer"),
    [
        ("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", [[0, 1, 2], [0, 1, 2, 3], [0, 2], [0, 1, 2], [0, 1]]),
        ("+CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)", [[0, 1, 2, 3], [0, 1], [0, 2, 3], [0, 2], [1]]),
        ("+CNMI:(2),(0-1,3),(0,2),(0-1),(0)", [[2], [0, 1, 3], [0, 2], [0, 1], [0]]),
        ("+CNMI: (1,2),(0-3),(0,2),(0,1)", [[1, 2], [0, 1, 2, 3], [0, 2], [0, 1]]),
        ("+CNMI: 2,(0,1),0,(0-1),1", [[2], [0, 1], [0], [0, 1], [1]]),
        ("+CNMI: (0-2)", None),
        ("+CNMI: (0-999999999),(0),(0),(0)", [[*range(1000), 999, 999], [0], [0], [0]]),
    ],
)
def test_routing_offer(line: str, offer: list[list[int]] | None) -> None:
    assert answers.routing_offer([line]) == offer


@pytest.mark.parametrize(
    ("line", "offer"),
    [
        ('+CPMS: ("ME","MT"),("ME","SM"),("SM")', [["ME", "MT"], ["ME", "SM"], ["SM"]]),
        ('+CPMS:("SM"),("SM"),("SM")', [["SM"], ["SM"], ["SM"]]),
        ('+CPMS: ("ME","MT"),"ME",("SM")', [["ME", "MT"], ["ME"], ["SM"]]),
        ('+CPMS: (  "ME" , "MT" ) , "ME" , ( "SM" )', [["ME", "MT"], ["ME"], ["SM"]]),
        ('+CPMS: "SM","ME"', [["SM", "ME"]] * 3),
        ('+CPMS: (SM", "SR"), ("SM"), ("SM")', [["SM", "SR"], ["SM"], ["SM"]]),
        ('+CPMS: ("SM","SM_P"),("SM"),("SM")', [["SM"], ["SM"], ["SM"]]),
        ("+CPMS: (),(),()", []),
        ("+CPMS: ", []),
    ],
)
def test_storage_offer(line: str, offer: list[list[str]]) -> None:
    """Defect 43 of the library: a missing space or an empty list was an IndexError."""
    assert answers.storage_offer([line]) == offer


def test_storage_use() -> None:
    assert answers.storage_use(['+CPMS: "SM",3,30,"ME",0,255']) == {"SM": (3, 30), "ME": (0, 255)}
    assert answers.storage_use(["+CPMS: ,,,,"]) == {}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["+CMGL: 0,1,,20", PDU.lower()], [(0, PDU, True)]),
        (["+CMGL:3,0,20", PDU, '+CMGL: 4,1,"A, B",20', PDU], [(3, PDU, True), (4, PDU, True)]),
        (["+CMGL: 1,2,,20", PDU, "+CMGL: 2,3,,20", PDU], []),
        (["+CMGL: 1,1,,20", "+CMGL: 2,1,,20", PDU], [(1, "", False), (2, PDU, True)]),
        (["+CMGL: 1,1,,0", "00"], [(1, "00", True)]),
        (["+CMGL: 1,1,,0"], [(1, "", False)]),
        (["+CMGL: 1,1,,20", PDU[:-2]], [(1, PDU[:-2], False)]),
        (["+CMGL: 1,1,,20", "xyz"], [(1, "xyz", False)]),
        (["+CMGL: 1,1,,", PDU], [(1, PDU, False)]),
        (["+CMGL: 1", PDU, "+CMGL: x,1,,20", PDU], []),
        ([], []),
    ],
)
def test_listed(lines: list[str], found: list[tuple[int, str, bool]]) -> None:
    """Defect 15 of the library: one bad PDU gave the next message the wrong index."""
    assert [(each.index, each.pdu, each.is_whole) for each in answers.listed(lines)] == found


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("+CPMS: 3,20,3,20,0,100", (3, 20)),
        ("+CPMS:0,255,0,255", (0, 255)),
        ('+CPMS: "ME",1,23,"ME",1,23', (1, 23)),
        ("+CPMS: ", None),
        ("+CPMS: ,,,", None),
    ],
)
def test_chosen_use(line: str, use: tuple[int, int] | None) -> None:
    assert answers.chosen_use([line]) == use


@pytest.mark.parametrize(("line", "service"), [("+CSMS: 1,1,1,1", 1), ("+CSMS:0,1,1,1", 0), ("+CSMS: ", None)])
def test_service(line: str, service: int | None) -> None:
    assert answers.service([line]) == service


@pytest.mark.parametrize(
    ("line", "routing"), [("+CNMI: 2,1,0,2,0", (1, 2)), ("+CNMI:2,0,0,0", (0, 0)), ("+CNMI: 2,1", None)]
)
def test_routing(line: str, routing: tuple[int, int] | None) -> None:
    assert answers.routing([line]) == routing


@pytest.mark.parametrize(
    ("line", "tp_mr"),
    [
        ("+CMGS: 12", 12),
        ("+CMGS:12", 12),
        ('+CMGS: 12,"24/01/01,10:00:00+04"', 12),
        ("+CMGS: 300", 44),
        ("+CMGS: ", None),
    ],
)
def test_tp_mr(line: str, tp_mr: int | None) -> None:
    """Defect 20 of the library: `+CMGS:12` was 2."""
    assert answers.tp_mr([line]) == tp_mr


@pytest.mark.parametrize(
    ("lines", "pin", "puk"),
    [
        (["+CPINR: SIM PIN,3,3", "+CPINR: SIM PUK,10,10", "+CPINR: SIM PIN2,1,3"], 3, 10),
        (['+CPINR: "SIM PIN",1,3'], 1, None),
        (["+CPINR: SIM PUK,9"], None, 9),
        (["^CPIN: SIM PIN,3,10,2,10,3"], 2, 10),
        (["^CPIN: READY,,10,3,10,3"], 3, 10),
        (['+QPINC: "SC",3,10', '+QPINC: "P2",1,9'], 3, 10),
        (["+SPIC: 2,3,10,10"], 2, None),  # 3,10,3,10 with others: the second field is nobody's
        (["+SPIC: 3"], 3, None),
        (["+ZPINPUK: 2,10"], 2, 10),
        (["+UPINCNT: 3,3,10,10"], 3, 10),
        (["^SPIC: 2"], 2, None),
        (["#PCT: 1"], 1, None),
        (["+CPINR: SIM PIN"], None, None),
        (["+CPINR: SIM PIN,x,3"], None, None),
        (["^CPIN: SIM PIN,3"], None, None),
        ([], None, None),
    ],
)
def test_the_tries_that_are_left(lines: list[str], pin: int | None, puk: int | None) -> None:
    assert answers.tries(lines, waits_for_puk=False) == answers.Tries(pin, puk)


def test_a_counter_without_a_name_counts_what_is_waited_for() -> None:
    """On an open card ^SPIC speaks of PIN2 (EHS6 AT command set V03.001, p. 133)."""
    assert answers.tries(["^SPIC: 9"], waits_for_puk=True) == answers.Tries(None, 9)
    assert answers.tries(["^SPIC: 3"], waits_for_puk=None) == answers.Tries()


@pytest.mark.parametrize(
    ("line", "use"),
    [("+CPMS: 3,20,3,20,3,20", (3, 20)), ("+CPMS: 0,100", (0, 100)), ("+CPMS: ", None)],
)
def test_the_use_of_the_storage_just_chosen(line: str, use: tuple[int, int] | None) -> None:
    assert answers.chosen_use([line]) == use
