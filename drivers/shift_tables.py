"""The national language tables of TS 23.038 Annex A, for decoding: septet → character."""

# Table 6.2.1.2.4.1 numbers the languages: 1 Turkish, 2 Spanish, 3 Portuguese, 4 Bengali, 5 Gujarati,
# 6 Hindi, 7 Kannada, 8 Malayalam, 9 Oriya, 10 Punjabi, 11 Tamil, 12 Telugu, 13 Urdu.

ESC = 0x1B
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = "abcdefghijklmnopqrstuvwxyz"

BASIC = (  # §6.2.1
    f"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡{_LETTERS}ÄÖÑÜ§¿{_SMALL}äöñüà"
)
EXTENSION = {  # §6.2.1.1
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

# The scripts of India follow one another letter by letter in Unicode, as in ISCII before: each row of
# this frame is (first septet, first offset in the script's block, how many).
_FRAME = (
    (0x00, 0x01, 3),
    (0x03, 0x05, 7),
    (0x0B, 0x0C, 2),
    (0x0E, 0x0E, 13),
    (0x1C, 0x1B, 4),
    (0x22, 0x1F, 6),
    (0x2A, 0x25, 2),
    (0x2D, 0x27, 1),
    (0x2F, 0x28, 1),
    (0x3C, 0x29, 3),
    (0x40, 0x2C, 14),
    (0x4E, 0x3C, 18),
)
_COMMON = {0x0A: "\n", 0x0D: "\r", 0x21: "!", 0x28: ")", 0x29: "(", 0x2C: ",", 0x2E: ".", 0x3F: "?"}
_COMMON |= dict(enumerate("0123456789:;", 0x30)) | dict(enumerate(_SMALL, 0x61))


def _indic(block: int, empty: str, tail: tuple[int, ...]) -> str:
    """A locking table: the frame less the `empty` septets, and what stands at 0x60 and 0x7B to 0x7F."""
    cells = dict(_COMMON)
    for septet, offset, count in _FRAME:
        cells |= {septet + i: chr(block + offset + i) for i in range(count)}
    cells |= {at: chr(block + offset) for at, offset in zip((0x60, *range(0x7B, 0x80)), tail, strict=True)}
    holes = bytes.fromhex(empty)
    return "".join(" " if at in holes else cells.get(at, " ") for at in range(128))


_URDU = (
    "\u0627\u0622\u0628\u067b\u0680\u067e\u06a6\u062a\u06c2\u067f\n\u0679\u067d\r\u067a\u067c"
    "\u062b\u062c\u0681\u0684\u0683\u0685\u0686\u0687\u062d\u062e\u062f\x1b\u068c\u0688\u0689\u068a"
    " !\u068f\u068d\u0630\u0631\u0691\u0693)(\u0699\u0632,\u0696.\u0698"
    "0123456789:;\u069a\u0633\u0634?"
    "\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06a9\u06aa\u06ab\u06af\u06b3\u06b1\u0644\u0645\u0646"
    "\u06ba\u06bb\u06bc\u0648\u06c4\u06d5\u06c1\u06be\u0621\u06cc\u06d0\u06d2\u064d\u0650\u064f\u0657"
    f"\u0654{_SMALL}\u0655\u0651\u0653\u0656\u0670"
)

LOCKING = {  # §A.3; Spanish has none; an empty cell reads as a space
    0: BASIC,
    1: BASIC.translate(str.maketrans("èìØøÆæ¡¿", "€ıĞğŞşİç")),
    3: f"@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?Í{_LETTERS}ÃÕÚÜ§~{_SMALL}ãõ`üà",
    4: _indic(0x0980, "0C0E11123C4547484957585B5C", (0x4E, 0x57, 0x5C, 0x5D, 0x70, 0x71)),
    5: _indic(0x0A80, "0E123C4548585C", (0x50, 0x60, 0x61, 0x62, 0x63, 0x71)),
    6: _indic(0x0900, "", (0x50, 0x72, 0x7B, 0x7C, 0x7E, 0x7F)),
    7: _indic(0x0C80, "000C113C48575B", (0x55, 0x56, 0x60, 0x61, 0x62, 0x63)),
    8: _indic(0x0D00, "000C113C4E575B", (0x57, 0x60, 0x61, 0x62, 0x63, 0x79)),
    9: _indic(0x0B00, "0C0E11123C454857585B5C", (0x56, 0x57, 0x60, 0x61, 0x62, 0x63)),
    10: _indic(0x0A00, "090B0C0E11123C45484B4F555657585B5C", (0x51, 0x70, 0x71, 0x72, 0x73, 0x74)),
    11: _indic(
        0x0B80,
        "00090B0C111617181C1E2324252A2B2D3E40414E4F5556575B",
        (0x50, 0x57, 0x70, 0x71, 0x72, 0x79),
    ),
    12: _indic(0x0C00, "0C113C484E575B", (0x55, 0x56, 0x60, 0x61, 0x62, 0x63)),
    13: _URDU,
}

# §A.2.4 to §A.2.13 have these in common, and their own signs in the septets of _OWN.
_INDIC_EXTENSION = (
    dict(enumerate("@£$¥¿\"¤%&'\f*+"))
    | dict(enumerate("-/<=>¡^¡_#*", 0x0E))
    | EXTENSION
    | dict(enumerate(_LETTERS, 0x41))
)
_OWN = (0x19, 0x1A, *range(0x1C, 0x28), *range(0x2A, 0x2F), *range(0x30, 0x3C), 0x3F)


def _single(own: str) -> dict[int, str]:
    return _INDIC_EXTENSION | dict(zip(_OWN, own, strict=False))


def _latin(own: dict[int, str]) -> dict[int, str]:
    return EXTENSION | own


def _run(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


_DANDA = "\u0964\u0965"
SINGLE = {  # §A.2; a septet that is not here reads as in the locking table (§6.2.1.2.2)
    0: EXTENSION,
    1: _latin({0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"}),
    2: _latin(dict(zip(b"\x09\x41\x49\x4f\x55\x61\x69\x6f\x75", "çÁÍÓÚáíóú", strict=True))),
    3: _latin(
        dict(zip(b"\x05\x09\x0b\x0c\x0e\x0f\x12\x13\x15\x16\x17\x18\x19\x1f", "êçÔôÁáΦΓΩΠΨΣΘÊ", strict=True))
        | dict(zip(b"\x41\x49\x4f\x55\x5b\x5c\x61\x69\x6f\x75\x7b\x7c\x7f", "ÀÍÓÚÃÕÂíóúãõâ", strict=True))
    ),
    4: _single(_run(0x09E6, 0x09EF) + _run(0x09DF, 0x09E3) + _run(0x09F2, 0x09FA)),
    5: _single(_DANDA + _run(0x0AE6, 0x0AEF)),
    6: _single(_DANDA + _run(0x0966, 0x096F) + _run(0x0951, 0x0954) + _run(0x0958, 0x0963) + "\u0970\u0971"),
    7: _single(_DANDA + _run(0x0CE6, 0x0CEF) + "\u0cde\u0cf1\u0cf2"),
    8: _single(_DANDA + _run(0x0D66, 0x0D75) + _run(0x0D7A, 0x0D7F)),
    9: _single(_DANDA + _run(0x0B66, 0x0B6F) + "\u0b5c\u0b5d\u0b5f\u0b70\u0b71"),
    10: _single(_DANDA + _run(0x0A66, 0x0A6F) + "\u0a59\u0a5a\u0a5b\u0a5c\u0a5e\u0a75"),
    11: _single(_DANDA + _run(0x0BE6, 0x0BEF) + _run(0x0BF3, 0x0BF8) + "\u0bfa"),
    12: _INDIC_EXTENSION
    | dict(zip(_OWN[2:], _run(0x0C66, 0x0C6F) + "\u0c58\u0c59" + _run(0x0C78, 0x0C7F), strict=False)),
    13: _single(
        "\u0600\u0601" + _run(0x06F0, 0x06F9) + "\u060c\u060d" + _run(0x060E, 0x0614) + "\u061b\u061f\u0640"
        "\u0652\u0658\u066b\u066c\u0672\u0673\u06cd\u06d4"
    ),
}
