"""The store's rows as the API shows them, in the reader's language."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from drivers.at.results import by_code
from drivers.words import N_, Sentence
from modemd.api import schema
from modemd.checks.risk import ReadBack
from modemd.checks.table import ROWS
from modemd.engine.status import BUSY, READY, WAITING, ModemStatus
from modemd.i18n import say
from modemd.model import approval, tp_st
from modemd.model.difference import difference
from modemd.model.doctor import Diagnosis
from modemd.model.finding import Finding
from modemd.model.hold import Hold, Needs
from modemd.model.message import Cool, Event, Inbound, Message, Part
from modemd.model.states import MessageState
from modemd.store.outbox import Outcome
from modemd.store.versions import Version


def moment(seconds: float | None) -> str | None:
    """RFC 3339, UTC, milliseconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _known_moment(seconds: float) -> str:
    return moment(seconds) or ""


_OUR_CODES = {
    "rejected": N_("It was not approved and is a draft again: read why, change it, stage it anew."),
    "internal": N_("modemd met a fault of its own with this message: its log says more. Edit it or cancel it."),
    "recipient_unreadable": N_("Its recipient cannot be dialled: correct it, or cancel it."),
    "text_empty": N_("It has no text: write one, or cancel it."),
    "text_unsendable": N_("Its text holds a character that no phone shows: take that out, or cancel it."),
    "text_too_long": N_("Its text makes more parts than are allowed: shorten it, or cancel it."),
    "recipient_opted_out": N_("Its recipient has asked for no more messages: cancel it."),
    "recipient_opt_out_asked": N_("Its recipient may have asked for no more messages: read what it wrote, and decide."),
    "expired": N_("Its validity ended before it could leave."),
    "port_lost_before": N_("The modem went away before the message was sent."),
    "restored": N_("It comes from a backup: it may have left or been cancelled since. Make sure before you send it."),
    "settled_sent": N_("A person has settled that it was sent."),
    "settled_not_sent": N_("A person has settled that it was not sent."),
    "settled_resend": N_("It was decided to send it again."),
    "quota_hour": N_("The quota for an hour has no room for it."),
    "quota_day": N_("The quota for today has no room for it."),
    "quota_month": N_("The quota for this month has no room for it."),
    "undecodable": N_("This PDU cannot be read; it is kept as it came."),
    "data": N_("This message carries data, not text; it is shown in hex."),
    "wap_push": N_("A WAP push, mostly the notice of an MMS, which a modem cannot fetch; it is shown in hex."),
    "call_refused": N_("A call, which was hung up: this modem is for messages."),
    "call_missed": N_("A call that nobody has taken."),
}


def error(code: str | None, language: str) -> schema.ErrorView | None:
    if code is None:
        return None
    return schema.ErrorView(code, say(_OUR_CODES.get(code) or _by_check(code) or by_code(code).sentence, language))


def _by_check(code: str) -> str | None:
    """A check's own words need the message; these stand where there is the code alone."""
    return N_("A check speaks against it: correct it, or cancel it.") if code in ROWS else None


_HOLD_WORDS: dict[Needs, str] = {
    "confirm": N_("A check asks ({code}): look at it, then confirm it, edit it or cancel it."),
    "approval": N_("It waits for the approval of another person."),
    "edit": N_("It is held ({code}): edit it, or cancel it."),
    "time": N_("It waits for a time at which it may leave."),
}


def hold(found: Hold, language: str) -> schema.HoldView:
    template = _OUR_CODES.get(found.code) or _HOLD_WORDS[found.needs]
    sentence = found.sentence or Sentence(template, {"code": found.code})
    lapses_at = moment(approval.lapses_at(found)) if found.needs == "approval" else None
    return schema.HoldView(found.code, say(sentence, language), found.needs, lapses_at, moment(found.until))


def read_back(asked: ReadBack | None) -> schema.ReadBackView | None:
    return schema.ReadBackView(asked.act, asked.answer) if asked else None


def finding(found: Finding, language: str) -> schema.FindingView:
    return schema.FindingView(
        found.code, found.severity, found.subject, say(found.sentence, language), found.span, found.fix
    )


def part(message: Message, part: Part, language: str) -> schema.PartView:
    return schema.PartView(
        sequence=part.sequence,
        total=len(message.parts),
        state=part.state,
        tp_mr=part.tp_mr if part.tp_mr_known else None,
        modem=part.modem,
        left_at=moment(part.left_at),
        submitted_at=moment(part.submitted_at),
        ended_at=moment(part.ended_at),
        tp_st=part.tp_st,
        tp_st_words=say(tp_st.words(part.tp_st), language) if part.tp_st is not None else None,
        attempts=part.attempts,
        error=error(part.error, language),
    )


def message(
    found: Message,
    language: str,
    *,
    findings: list[Finding] | None = None,
    events: list[Event] | None = None,
    waits: tuple[str, Sentence] | None = None,
    rejected: tuple[str, str, float] | None = None,
    asked: ReadBack | None = None,
) -> schema.MessageView:
    return schema.MessageView(
        id=found.id,
        state=found.state,
        to=found.recipient,
        text=found.shown,
        encoding=found.encoding,
        parts=[part(found, each, language) for each in found.parts],
        created_at=_known_moment(found.created_at),
        author=found.author,
        release_at=moment(found.release_at),
        send_at=moment(found.send_at),
        valid_until=moment(found.valid_until),
        ended_at=moment(found.ended_at),
        modem=found.modem or next((p.modem for p in found.parts if p.modem), None),
        category=found.category,
        waits=schema.ErrorView(waits[0], say(waits[1], language)) if waits else None,
        next_try_at=moment(found.not_before) if found.state is MessageState.QUEUED and found.not_before else None,
        batch=found.batch_id,
        fuse=found.fuse,
        findings=[finding(each, language) for each in findings] if findings is not None else None,
        holds=[hold(each, language) for each in found.holds] or None,
        read_back=read_back(asked),
        error=_error_of(found, language),
        cool=_cool(found, events is not None),
        forgotten=not found.text and found.salt is None and found.ended_at is not None,
        rejected=schema.RejectionView(rejected[0], rejected[1], _known_moment(rejected[2])) if rejected else None,
        events=[event(each, language) for each in events] if events is not None else None,
    )


def change(before: Version | Cool, now: Message) -> schema.ChangeView:
    """What was changed in a message since."""
    then = before.send_at if isinstance(before, Version) else now.send_at
    return schema.ChangeView(
        at=_known_moment(before.at),
        text=[schema.RunView(op, run) for op, run in difference(before.text, now.text)],
        to=before.recipient if before.recipient != now.recipient else None,
        moved=then != now.send_at,
        send_at=moment(then),
    )


def _cool(found: Message, alone: bool) -> schema.CoolView | None:
    if found.cool is None:
        return None
    over = found.cool.until <= datetime.now(UTC).timestamp()
    return schema.CoolView(_known_moment(found.cool.until), over, change(found.cool, found) if alone else None)


def _error_of(found: Message, language: str) -> schema.ErrorView | None:
    """Of one that is held: its first reason, in that reason's own words."""
    if found.holds:
        reason = hold(found.holds[0], language)
        return schema.ErrorView(reason.code, reason.sentence)
    return error(found.error, language)


def cancel(outcome: Outcome, language: str) -> schema.CancelView:
    return schema.CancelView(
        outcome=outcome.outcome,
        message=message(outcome.message, language),
        left=outcome.left,
        total=outcome.total,
        left_at=moment(outcome.left_at),
    )


_STATE_WORDS = {
    "draft": N_("draft"),
    "held": N_("held: waits for a person"),
    "staged": N_("staged: the fuse burns"),
    "queued": N_("queued: waits for a modem"),
    "submitting": N_("on its way to the network"),
    "submitted": N_("the network has taken it"),
    "delivered": N_("delivered"),
    "undelivered": N_("not delivered: the network has given up"),
    "cancelled": N_("cancelled"),
    "expired": N_("expired: its validity ended before it left"),
    "failed": N_("failed: it did not leave"),
    "uncertain": N_("uncertain: it may have left"),
}


_CANCEL_WORDS = {
    "partly": N_("cancelled when some parts had left: the rest stays here"),
    "too_late": N_("the cancel came too late: it had left"),
}


_CODE_WORDS = {
    "wrong": N_("a wrong code for an approval"),
    "locked": N_("a code for an approval, after too many wrong ones: not looked at"),
    "changed": N_("a code for an approval of what was changed meanwhile: not approved"),
}


def event(found: Event, language: str) -> schema.EventView:
    return schema.EventView(
        id=found.id,
        at=_known_moment(found.at),
        kind=found.kind,
        message=found.message_id,
        detail=_detail(found, language),
        who=found.who,
        old=found.old,
        new=found.new,
        subject=found.subject,
    )


def _detail(found: Event, language: str) -> str:
    words = _words(found, language)
    if found.code and found.kind in ("state", "part", "attempt") and (why := error(found.code, language)):
        return f"{words} – {why.sentence} [{found.code}]"
    return words


def _words(found: Event, language: str) -> str:
    state = say(_STATE_WORDS.get(found.new or "", found.new or ""), language)
    match found.kind:
        case "state":
            return state
        case "part":
            return say(Sentence(N_("part {part}: {state}"), {"part": found.subject, "state": state}), language)
        case "attempt":
            if found.subject is None:
                return say(N_("not now"), language)
            return say(Sentence(N_("part {part}: not sent, still queued"), {"part": found.subject}), language)
        case "report":
            status = int((found.code or "0").rpartition("_")[2])
            values: dict[str, object] = {
                "part": found.subject,
                "words": say(tp_st.words(status), language),
                "code": status,
            }
            return say(Sentence(N_("part {part}: report: {words} (TP-ST {code})"), values), language)
        case "cancel":
            return say(_CANCEL_WORDS.get(found.code or "", N_("cancelled")), language)
        case "approve":
            return say(N_("approved"), language)
        case "reject":
            return say(Sentence(N_("not approved: {reason}"), {"reason": found.data}), language)
        case "code":
            return say(_CODE_WORDS.get(found.code or "", N_("a code for an approval came too late")), language)
        case "hold":
            return say(Sentence(N_("a reason to hold it was cleared: {code}"), {"code": found.code}), language)
        case "edit" if found.code == "extended":
            return say(Sentence(N_("fuse lengthened by {seconds} s"), {"seconds": found.data}), language)
        case "edit":
            return say(N_("edited: the fuse burns anew"), language)
        case "route":
            return say(
                Sentence(N_("its modem {modem} has sent enough: any may take it"), {"modem": found.old}), language
            )
        case "resume":
            return say(Sentence(N_("{modem}: a person has seen to it"), {"modem": found.subject}), language)
        case "opt_out":
            return say(Sentence(_OPT_OUT_WORDS.get(found.new or "", "{number}"), {"number": found.subject}), language)
        case "contact":
            template = _CONTACT_WORDS.get(found.code or "", N_("contact {what} changed"))
            return say(Sentence(template, {"what": found.data}), language)
        case "inbox":
            return _inbox_words(found, language)
        case "clock":
            return say(
                Sentence(N_("the computer's clock was set by {seconds} s: fuses burn on"), {"seconds": found.data}),
                language,
            )
        case "line":
            stopped = found.new == "stopped"
            return say(N_("the line was stopped") if stopped else N_("the line runs again"), language)
        case "restore" if found.message_id is not None:
            return say(N_("it comes from a backup: it may have gone on after that was made"), language)
        case "restore":
            made = datetime.fromtimestamp(float(found.data or 0), UTC).strftime("%Y-%m-%d %H:%M UTC")
            restored = N_("restored from the backup of {moment}: nothing leaves until a person lets the line run")
            return say(Sentence(restored, {"moment": made}), language)
        case "backup":
            return say(N_("a backup was made"), language)
        case "modem":
            return f"{found.subject}: {_modem_words(found, language)}"
        case _:
            return found.data or ""


_OPT_OUT_WORDS = {
    "out": N_("{number} wants no more messages"),
    "asked": N_("{number} may want no more messages: a person reads it"),
    "back": N_("{number} may be written to again"),
}
_CONTACT_WORDS = {
    "added": N_("contact {what} added"),
    "deleted": N_("contact {what} deleted"),
    "group_added": N_("group {what} added"),
    "group_deleted": N_("group {what} deleted"),
    "imported": N_("contacts imported (no. {what})"),
    "merged": N_("contacts merged (no. {what})"),
    "dismissed": N_("contacts: {what} is right as it is"),
    "undone": N_("what was done to contacts (no. {what}) was undone"),
}


_INBOX_WORDS = {
    "call": N_("call from {sender}"),
    "repeat": N_("message from {sender}: it came again, and is kept once"),
}


def _inbox_words(found: Event, language: str) -> str:
    sentence = Sentence(_INBOX_WORDS.get(found.code or "", N_("message from {sender}")), {"sender": found.subject})
    if found.code != "incomplete":
        return say(sentence, language)
    said = json.loads(found.data or "{}")
    return f"{say(sentence, language)}: {say(_lacking(said['missing'], said['total']), language)}"


def _lacking(missing: Sequence[int | str], total: int) -> Sentence:
    template = N_("part {parts} of {total} has not come")
    if len(missing) > 1:
        template = N_("parts {parts} of {total} have not come")
    return Sentence(template, {"parts": ", ".join(map(str, missing)), "total": total})


def _modem_words(found: Event, language: str) -> str:
    return say(Sentence.of_data(json.loads(found.data or "{}")), language)


def modem(
    state: ModemStatus, language: str, *, queue: int, sent_today: int, quota: list[tuple[str, int, int]]
) -> schema.ModemView:
    health, identity = state.health, state.identity
    last = error(state.error_code, language)
    if last is None and state.error is not None:
        last = schema.ErrorView("modem", say(state.error, language))
    return schema.ModemView(
        name=state.name,
        port=state.port,
        state=state.state,
        sentence=say(state.sentence, language),
        operator=health.operator if health else None,
        technology=health.technology if health else None,
        registration=health.registration if health else None,
        signal_dbm=health.signal_dbm if health else None,
        signal_history=list(state.signal),
        imei=identity.imei[-4:] if identity.imei else None,
        iccid=identity.iccid[-4:] if identity.iccid else None,
        own_number=identity.own_number,
        model=identity.model,
        smsc=health.smsc if health else None,
        queue=queue,
        sent_today=sent_today,
        last_error=last,
        last_error_at=moment(state.error_at),
        since=moment(state.since),
        park=state.park,
        alerts=[schema.ErrorView(code, say(each, language)) for code, each in state.alerts.items()],
        storages=[schema.StorageView(name, used, slots) for name, (used, slots) in state.storages.items()],
        quota=[schema.QuotaView(code.removeprefix("quota_"), used, limit) for code, used, limit in quota],
    )


def look(state: ModemStatus, language: str) -> schema.LookView:
    """Of a modem that is gone nothing is heard, whatever was heard last."""
    health = state.health if state.state in (READY, BUSY, WAITING) else None
    return schema.LookView(
        name=state.name,
        state=state.state,
        sentence=say(state.sentence, language),
        signal_dbm=health.signal_dbm if health else None,
        operator=health.operator if health else None,
        technology=health.technology if health else None,
        registration=health.registration if health else None,
    )


def diagnosis(found: Diagnosis, language: str) -> schema.DiagnosisView:
    return schema.DiagnosisView(
        check=found.check,
        verdict=found.verdict,
        finding=say(found.finding, language),
        next_step=say(found.next_step, language) if found.next_step else None,
        modem=found.modem,
        value=found.value,
    )


def inbound(found: Inbound, language: str) -> schema.InboundView:
    lacking = None
    if found.missing:
        code = "incomplete" if found.overdue_at else "awaited"
        lacking = schema.ErrorView(code, say(_lacking(found.missing, found.parts), language))
    return schema.InboundView(
        id=found.id,
        sender=found.sender,
        text=found.text,
        received_at=_known_moment(found.received_at),
        smsc_time=moment(found.smsc_time),
        modem=found.modem,
        parts=found.parts,
        missing=list(found.missing),
        alphanumeric=found.alphanumeric,
        read=found.is_read,
        raw=found.raw,
        error=error(found.error, language),
        kind=found.kind,
        lacking=lacking,
    )
