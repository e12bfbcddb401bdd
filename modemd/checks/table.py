"""Every check, a row each; all are asked at staging and again at release."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from drivers.words import N_, Sentence
from modemd.checks import (
    addressee,
    confidential,
    days,
    figures,
    leftovers,
    links,
    listing,
    recipient,
    relation,
    text,
    time,
)
from modemd.checks.row import Hit, Row
from modemd.model import opt_out
from modemd.model.candidate import Addressed, Candidate, Site, Wording
from modemd.model.finding import Finding, Severity

# A check that a person has to answer (`confirm`) is one that is quiet on ordinary texts; what is not is a `note`.
CHECKS: tuple[Row, ...] = (
    # -- the number ------------------------------------------------------------------------------------------
    Row("recipient_unreadable", "block", "recipient", recipient.unreadable, "", fixed=True),
    Row(
        "recipient_spreadsheet", "block", "recipient", recipient.from_spreadsheet,
        N_("{number} is what a spreadsheet has made of a number: digits are lost. Take it from its source again."),
        fixed=True,
    ),
    Row(
        "recipient_short", "block", "recipient", recipient.short,
        N_("{number} is an emergency number or a short code: this site does not write to it."),
        fixed=True,
    ),
    Row(
        "recipient_test", "block", "recipient", recipient.test_range,
        N_("{number} is reserved for examples: it must not go to a real modem."),
    ),
    Row(
        "recipient_service", "block", "recipient", recipient.service,
        N_("{number} is a free-phone or service number: it takes no messages."),
    ),
    Row(
        "recipient_fixed", "block", "recipient", recipient.fixed,
        N_("{number} is a fixed line: it takes no messages."),
    ),
    Row("recipient_pager", "block", "recipient", recipient.pager, N_("{number} is a pager: it takes no messages.")),
    Row(
        "recipient_machine", "block", "recipient", recipient.machine,
        N_("{number} belongs to a machine (M2M), not to a person."),
    ),
    Row(
        "recipient_invalid", "confirm", "recipient", recipient.invalid,
        N_("{number} does not exist in the numbering plan of its country: is a digit wrong?"), "last_four",
    ),
    Row(
        "recipient_ip_phone", "confirm", "recipient", recipient.ip_phone,
        N_("{number} is an IP phone: messages often do not reach those. Is there a mobile number?"),
    ),
    Row(
        "recipient_not_mobile", "confirm", "recipient", recipient.not_mobile,
        N_("{number} is no mobile number: messages may not reach it."),
    ),
    Row(
        "recipient_zero_lost", "confirm", "recipient", recipient.zero_lost,
        N_("The 0 in front is missing, as spreadsheets lose it. Is {number} meant?"), "last_four",
    ),
    Row(
        "recipient_plus_lost", "confirm", "recipient", recipient.plus_lost,
        N_("The + in front is missing. Is {number} meant?"), "last_four",
    ),
    Row(
        "recipient_trunk_zero", "confirm", "recipient", recipient.trunk_zero,
        N_("The 0 behind the country code is not dialled. Is {number} meant?"),
    ),
    Row(
        "recipient_prefix", "confirm", "recipient", recipient.dialling_prefix,
        N_("It begins with a prefix for calls abroad. Is {number} meant?"),
    ),
    Row(
        "recipient_full_width", "note", "recipient", recipient.full_width,
        N_("The number is written in full-width digits: it is read as {number}."),
    ),
    # -- the person ------------------------------------------------------------------------------------------
    Row(
        "recipient_opted_out", "block", "recipient", relation.opted_out,
        opt_out.SENTENCES["recipient_opted_out"], fixed=True,
    ),
    Row(
        "recipient_opt_out_asked", "block", "recipient", relation.opt_out_asked,
        opt_out.SENTENCES["recipient_opt_out_asked"], fixed=True,
    ),
    Row(
        "recipient_near_other", "confirm", "recipient", relation.near_other,
        N_("Nobody has written to this number yet; it is one slip away from that of {name}, {number}."), "last_four",
    ),
    Row(
        "recipient_twin", "confirm", "recipient", relation.twin,
        N_("Others have nearly the same name and are written to more often: {names}."), "last_four",
    ),
    Row(
        "recipient_failing", "confirm", "recipient", relation.failing,
        N_("The last {count} messages to this number did not arrive: is it still theirs?"),
    ),
    Row(
        "recipient_repeat", "confirm", "recipient", relation.repeat,
        N_("The same text has gone to this number within a day ({time})."),
    ),
    Row(
        "recipient_twin_usual", "note", "recipient", relation.twin_of_usual,
        N_("Others have nearly the same name: {names}."),
    ),
    Row("recipient_new", "note", "recipient", relation.new, N_("Nobody has written to this number yet.")),
    Row(
        "recipient_dormant", "note", "recipient", relation.dormant,
        N_("Nothing was heard from this number since {date}: is it still theirs?"),
    ),
    # -- the text as it will be on the air ---------------------------------------------------------------------
    Row("text_empty", "block", "text", text.empty, N_("There is no text."), fixed=True),
    Row(
        "text_unsendable", "block", "text", text.unsendable,
        N_("The text holds a character that no phone shows ({code}, position {position})."), fixed=True,
    ),
    Row(
        "text_too_long", "block", "text", text.too_long,
        N_("The text makes {parts} parts; at most {most} are allowed."), fixed=True,
    ),
    Row(
        "text_unicode", "note", "text", text.unicode,
        N_("Because of {characters} the text is sent as Unicode: 70 characters a part, not 160."),
    ),
    # -- for whom it is ------------------------------------------------------------------------------------------
    Row(
        "text_name", "confirm", "text", addressee.other_name,
        N_("The text names {name}; the recipient is {recipient}."), "family_name",
    ),
    Row(
        "text_greeting", "note", "text", addressee.unknown_greeting,
        N_("The text greets {name}; the recipient is {recipient}."),
    ),
    Row(
        "text_identifier", "confirm", "text", addressee.other_identifier,
        N_("{number} belongs to {name}, not to the recipient."), "family_name",
    ),
    Row(
        "text_no_sender", "confirm", "text", text.nameless,
        N_("Advertising has to name its sender, and {sender} is not in the text."),
    ),
    # -- what it should not hold ---------------------------------------------------------------------------------
    Row("text_card", "confirm", "text", confidential.card, N_("This looks like the number of a payment card.")),
    Row(
        "text_my_number", "confirm", "text", confidential.my_number,
        N_("This looks like an individual number (My Number): it does not belong in an SMS."),
    ),
    Row(
        "text_password", "confirm", "text", confidential.password,
        N_("This looks like a password: it stays readable in the phone for years."),
    ),
    Row(
        "text_attached", "confirm", "text", confidential.attached,
        N_("An SMS carries no attachment: give a link, or send it by e-mail."),
    ),
    Row(
        "text_placeholder", "confirm", "text", leftovers.placeholder,
        N_("{slot} is a slot that nobody has filled."),
    ),
    Row("text_blank", "confirm", "text", leftovers.blank, N_("{slot} still waits for what belongs there.")),
    Row(
        "text_half_typed", "confirm", "text", leftovers.half_typed,
        N_('The text breaks off at "{rest}": is it finished?'),
    ),
    # -- days, times, amounts, numbers ---------------------------------------------------------------------------
    Row(
        "text_weekday", "confirm", "text", days.weekday,
        N_("{date} is a {weekday}: either the date or the day of the week is wrong."),
    ),
    Row("text_no_such_date", "confirm", "text", days.no_such_date, N_("There is no such day: {date}.")),
    Row("text_date_past", "confirm", "text", days.past, N_("{date} has passed when this leaves.")),
    Row(
        "text_day", "confirm", "text", days.beside_a_date,
        N_('"{word}" is not {date} on the day on which this leaves.'),
    ),
    Row(
        "text_day_moved", "confirm", "text", days.moved,
        N_('"{word}" was written for another day than that on which this leaves now.'),
    ),
    Row(
        "text_relative_day", "note", "text", days.relative,
        N_('"{word}" is read on the day on which this leaves, not today.'),
    ),
    Row("text_clock", "confirm", "text", figures.clock, N_("There is no such time: {time}.")),
    Row("text_amount", "confirm", "text", figures.amount, N_("The digits of {amount} are grouped oddly.")),
    Row("text_amount_unit", "confirm", "text", figures.without_unit, N_("The amount {amount} has no currency.")),
    Row(
        "text_own_number", "confirm", "text", figures.own_number,
        N_("{number} is one digit off your own number, {own}."),
    ),
    # -- links -----------------------------------------------------------------------------------------------------
    Row("text_link_broken", "confirm", "text", links.broken, N_("{link} does not begin as a link does.")),
    Row("text_link_space", "confirm", "text", links.spaced, N_("There is a space inside the link {link}.")),
    Row(
        "text_link_swallows", "confirm", "text", links.swallows,
        N_('A phone may take "{sign}" into the link: put a space between them.'),
    ),
    Row(
        "text_link_lookalike", "confirm", "text", links.lookalike,
        N_("The link leads to {host}: it imitates another."),
    ),
    Row("text_link_foreign", "note", "text", links.foreign, N_("Many phones do not open {host} as a link.")),
    Row("text_link_shortener", "note", "text", links.shortened, N_("{host} does not show where the link leads.")),
    # -- typing ----------------------------------------------------------------------------------------------------
    Row("text_doubled", "note", "text", leftovers.doubled, N_('"{word}" stands there twice.')),
    Row("text_brackets", "note", "text", leftovers.brackets, N_("{sign} has no counterpart.")),
    # -- when ------------------------------------------------------------------------------------------------------
    Row("time_past", "block", "time", time.past, N_("That time has passed: choose a later one."), fixed=True),
    Row("time_far", "block", "time", time.far, N_("That is more than a year away."), fixed=True),
    Row(
        "time_clock", "block", "time", time.clock_unset,
        N_("The computer's clock is not set: nothing can wait for a time. Set the clock first."), fixed=True,
    ),
    Row(
        "time_quiet", "note", "time", time.quiet,
        N_("Messages of this kind leave from {start} to {end} o'clock: it waits until {time}."), fixed=True,
    ),
    Row(
        "time_no_reason", "block", "time", time.without_reason,
        N_("An emergency outside the usual hours needs a reason: say why it cannot wait."), fixed=True,
    ),
    Row(
        "time_emergency", "confirm", "time", time.emergency,
        N_('It is outside the usual hours ("{reason}"): a second person has to agree.'), "last_four",
        fixed=True,
    ),
    Row("time_tempo", "note", "time", time.haste, N_("You have sent {count} messages within a minute: look twice.")),
    Row("time_late", "note", "time", time.late, N_("It is late: look twice, or let it leave tomorrow.")),
    Row("time_after_undo", "note", "time", time.after_undo, N_("You have just undone a message: look twice.")),
)  # fmt: skip

_LONGEST_QUOTE = 60  # characters

# Asked of the network, by `links_online`.
LINK_DEAD = Row(
    "text_link_dead", "confirm", "text", None, N_("The link to {host} does not work: {problem}.")
)  # fmt: skip
LINK_ELSEWHERE = Row("text_link_elsewhere", "confirm", "text", None, N_("The link to {host} leads on to {end}."))

LIST_CHECKS: tuple[tuple[Row, Callable[[Sequence[Candidate]], Iterable[tuple[int, Hit]]]], ...] = (
    (
        Row("list_twice", "confirm", "list", None, N_("Row {row} is the same recipient as row {first}.")),
        listing.twice,
    ),
    (
        Row(
            "list_too_many", "confirm", "list", None,
            N_("{count} recipients by hand; usual are {most} at most."),
        ),
        listing.too_many,
    ),
)  # fmt: skip

# Asked of the risk: no fuse releases what goes to so many.
LIST_BULK = Row(
    "list_bulk", "confirm", "list", None, N_("It goes to {count} recipients: look at it once more, and let it go.")
)

ROWS = {row.code: row for row in (*CHECKS, LINK_DEAD, LINK_ELSEWHERE, *(row for row, _ in LIST_CHECKS), LIST_BULK)}


# What asks for more than the number, or more than the text: who the recipient is, when it was written. All other
# checks of either get no more than that, and what they find is remembered: a list says the same to many, and a
# message is asked about again when its fuse is spent.
_ASK_MORE = frozenset(
    {
        relation.opted_out, relation.opt_out_asked, relation.near_other, relation.twin, relation.failing,
        relation.repeat, relation.twin_of_usual, relation.new, relation.dormant,
        addressee.other_name, addressee.unknown_greeting, addressee.other_identifier, days.moved, days.relative,
    }
)  # fmt: skip
_PLACED = tuple(enumerate(CHECKS))
_OF_NUMBERS = tuple((place, row) for place, row in _PLACED if row.subject == "recipient" and row.find not in _ASK_MORE)
_OF_TEXTS = tuple((place, row) for place, row in _PLACED if row.subject == "text" and row.find not in _ASK_MORE)
_OF_MESSAGES = tuple(each for each in _PLACED if each not in _OF_NUMBERS and each not in _OF_TEXTS)

_Placed = tuple[int, Finding]  # with its row's place in the table


def examine(candidate: Candidate) -> list[Finding]:
    """All findings of one message, in the table's order."""
    site = candidate.site
    found = [
        *_of_number(Addressed(candidate.to, site)),
        *_of_text(Wording(candidate.text, candidate.category, candidate.release_day, site)),
        *_asked(_OF_MESSAGES, candidate, site),
    ]
    return [finding for _, finding in sorted(found, key=itemgetter(0))]


@lru_cache(maxsize=1024)
def _of_number(addressed: Addressed) -> tuple[_Placed, ...]:
    return tuple(_asked(_OF_NUMBERS, addressed, addressed.site))


@lru_cache(maxsize=64)
def _of_text(wording: Wording) -> tuple[_Placed, ...]:
    return tuple(_asked(_OF_TEXTS, wording, wording.site))


def _asked(rows: Sequence[tuple[int, Row]], of: Any, site: Site) -> Iterator[_Placed]:
    for place, row in rows:
        if row.find is None or (site.severities and severity_of(row, site) is None):
            continue
        for hit in row.find(of):
            if (finding := judged(row, site, hit)) is not None:
                yield place, finding


def examine_list(rows: Sequence[Candidate]) -> list[Finding]:
    """The findings of the list as a whole; those of its messages are `examine`'s."""
    return [
        finding
        for row, find in LIST_CHECKS
        for index, hit in find(rows)
        if (finding := judged(row, rows[0].site, hit, index)) is not None
    ]


def severity_of(row: Row, site: Site) -> Severity | None:
    """As the site has it; None: switched off. This is the one place where its policy on findings is applied."""
    wanted = site.severities.get(row.code, row.severity)
    if row.fixed or wanted == row.severity:
        return row.severity
    return None if wanted == "off" else wanted


def judged(row: Row, site: Site, hit: Hit, index: int | None = None) -> Finding | None:
    """What a row has found, as the site takes it; None where it does not want to know."""
    severity = severity_of(row, site)
    if severity is None:
        return None
    values = {name: _clipped(value) for name, value in hit.values.items()}
    sentence = hit.sentence or Sentence(row.sentence, values)
    return Finding(row.code, severity, row.subject, sentence, hit.span, hit.fix, index)


def _clipped(value: object) -> object:
    """What is quoted of a text is shown in a line."""
    return f"{value[:_LONGEST_QUOTE]}…" if isinstance(value, str) and len(value) > _LONGEST_QUOTE else value
