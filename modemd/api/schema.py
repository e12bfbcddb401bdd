"""What goes over the wire between the daemon and everybody else. Times are RFC 3339 UTC strings."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ErrorView:
    """`code` is stable, for machines and for support; `sentence` is for people, in their language."""

    code: str
    sentence: str


@dataclass(frozen=True)
class HoldView:
    """Why a message waits. `needs` says what clears it: confirm, approval, edit, or time (at `until`)."""

    code: str
    sentence: str
    needs: str = "edit"
    lapses_at: str | None = None  # of an approval: from then on it has to be staged anew
    until: str | None = None


@dataclass(frozen=True)
class FindingView:
    """What a check says. `fix` is an edit of the field it speaks of; `span` are indexes into the text."""

    code: str
    severity: str  # note, confirm, block
    subject: str  # recipient, text, time, list
    message: str
    span: tuple[int, int] | None = None
    fix: str | None = None


@dataclass(frozen=True)
class ReadBackView:
    """How a person confirms: `act` is key, last_four or family_name; `answer` is what is typed. Enter never does."""

    act: str
    answer: str = ""


@dataclass(frozen=True)
class MeView:
    """Whoever asks. Roles: read, numbers, write, approve, admin."""

    name: str
    roles: list[str]


@dataclass(frozen=True)
class PartView:
    sequence: int
    total: int
    state: str
    tp_mr: int | None = None
    modem: str | None = None
    left_at: str | None = None  # when it passed the mark
    submitted_at: str | None = None
    ended_at: str | None = None
    tp_st: int | None = None
    tp_st_words: str | None = None
    attempts: int = 0
    error: ErrorView | None = None


@dataclass(frozen=True)
class EventView:
    """A line of history; of a message where `message` is set. `id` is what Last-Event-ID resumes from."""

    id: int
    at: str
    kind: str  # as in modemd.store.events: state, part, attempt, report, edit, hold, approve, reject, cancel ...
    message: int | None
    detail: str  # in words
    who: str | None = None
    old: str | None = None
    new: str | None = None
    subject: str | None = None  # the modem's name, the sender, the part


@dataclass(frozen=True)
class RejectionView:
    who: str
    reason: str
    at: str


@dataclass(frozen=True)
class RunView:
    """A run of a text that was changed: `same`, `gone` or `new`."""

    op: str
    text: str


@dataclass(frozen=True)
class ChangeView:
    """What was changed since `at`. `to` and `send_at` are what they were then."""

    at: str
    text: list[RunView]
    to: str | None = None  # None: the same as now
    moved: bool = False  # it is to leave at another time
    send_at: str | None = None


@dataclass(frozen=True)
class CoolView:
    """A draft is not staged before `until`. `before`: what was changed since it was put to cool; of one alone."""

    until: str
    over: bool
    before: ChangeView | None = None


@dataclass(frozen=True)
class MessageView:
    id: int
    state: str
    to: str
    text: str
    encoding: str
    parts: list[PartView]
    created_at: str
    author: str
    release_at: str | None = None  # the end of the fuse; None while a draft
    send_at: str | None = None  # set when the fuse is a schedule
    valid_until: str | None = None
    ended_at: str | None = None
    modem: str | None = None  # asked for, or the one that has it
    category: str = "service"  # service, promotional, emergency
    waits: ErrorView | None = None  # of one queued message alone: what it waits for
    next_try_at: str | None = None  # while it backs off
    batch: int | None = None
    fuse: float | None = None  # seconds, as asked for
    findings: list[FindingView] | None = None
    holds: list[HoldView] | None = None  # why it waits for a person, while it does
    read_back: ReadBackView | None = None  # of one that is held alone: how what is to be confirmed is
    error: ErrorView | None = None
    cool: CoolView | None = None  # of a draft
    forgotten: bool = False  # its text went with the site's period
    rejected: RejectionView | None = None  # of one draft alone: who did not approve it, and why
    events: list[EventView] | None = None  # of one message alone, not in lists


@dataclass(frozen=True)
class MessagePage:
    messages: list[MessageView]
    next: str | None  # pass it as `after`; None at the end


@dataclass(frozen=True)
class BatchView:
    batch: int
    messages: list[MessageView]


@dataclass(frozen=True)
class CancelView:
    """P1's one true answer. `left` of `total` parts left, the last of them at `left_at`."""

    outcome: str  # cancelled, partly, too_late
    message: MessageView
    left: int
    total: int
    left_at: str | None = None


@dataclass(frozen=True)
class BatchCancelView:
    cancelled: int
    partly: int
    too_late: int


@dataclass(frozen=True)
class RiskView:
    """Why the fuse is as long as it is. `fuse` in seconds; `waits`: no fuse releases it, a person does."""

    score: int
    fuse: float
    reason: str
    waits: bool


@dataclass(frozen=True)
class LintView:
    findings: list[FindingView]
    encoding: str
    parts: int
    units: int
    per_part: int  # units that one part holds at this number of parts
    room: int  # units left in the last part
    forcing: list[str]  # the characters that force UCS-2
    to: str | None  # the recipient as it would be dialled, if it can be read
    read_back: ReadBackView | None = None  # how a person confirms what is to be confirmed
    risk: RiskView | None = None
    cost: str | None = None  # "6.6 JPY", where the site has said what a part costs


@dataclass(frozen=True)
class LineView:
    stopped: bool
    who: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class QuotaView:
    """`window`: minute, hour, day, month; in parts."""

    window: str
    used: int
    limit: int


@dataclass(frozen=True)
class StorageView:
    name: str  # SM, ME, MT, SR
    used: int
    slots: int


@dataclass(frozen=True)
class ModemView:
    name: str
    port: str
    state: str  # starting, ready, busy, waiting, parked, gone
    sentence: str  # the state in words, with what to do
    operator: str | None = None
    technology: str | None = None
    registration: str | None = None
    signal_dbm: int | None = None
    signal_history: list[int | None] | None = None  # dBm, oldest first
    imei: str | None = None  # the last four digits
    iccid: str | None = None  # the last four digits
    own_number: str | None = None
    model: str | None = None
    smsc: str | None = None
    queue: int = 0  # queued messages that this modem may take
    sent_today: int = 0  # parts
    last_error: ErrorView | None = None
    last_error_at: str | None = None
    since: str | None = None
    park: str | None = None  # the code of what a person has to see to: POST /v1/modems/{name}/resume
    quota: list[QuotaView] | None = None
    alerts: list[ErrorView] = field(default_factory=list)  # what is wrong though it may send
    storages: list[StorageView] = field(default_factory=list)  # as when last swept


@dataclass(frozen=True)
class DiagnosisView:
    """One check of the doctor; `check` is stable, a key of modemd.model.doctor_labels.LABELS."""

    check: str
    verdict: str  # ok, warn, fail, skip
    finding: str
    next_step: str | None = None
    modem: str | None = None
    value: str | int | None = None


@dataclass(frozen=True)
class DoctorView:
    """In the order of a message's way: this computer, USB, then each modem."""

    findings: list[DiagnosisView]


@dataclass(frozen=True)
class LookView:
    """What a modem hears right now; the rest is as the daemon saw it last."""

    name: str
    state: str
    sentence: str
    signal_dbm: int | None = None
    operator: str | None = None
    technology: str | None = None
    registration: str | None = None


@dataclass(frozen=True)
class OutboxView:
    """The counts of the home screen's groups, and all that its top line shows."""

    now: str  # the daemon's clock: fuses are counted against it
    needs_you: int
    burning: int
    scheduled: int
    on_air: int
    done_today: int
    drafts: int
    unread: int
    line: LineView
    modems: list[ModemView]
    fuse: float  # the configured fuse, seconds
    max_parts: int
    approvals: int = 0  # what waits for the decision of whoever asks
    me: MeView | None = None


@dataclass(frozen=True)
class InboundView:
    id: int
    sender: str
    text: str | None  # None: a call; or undecodable, `raw` has it. [...] stands for parts that have not come
    received_at: str
    smsc_time: str | None
    modem: str
    parts: int
    missing: list[int]  # sequences that have not come
    alphanumeric: bool = False
    read: bool = False
    raw: str | None = None
    error: ErrorView | None = None
    kind: str = "message"  # or call
    lacking: ErrorView | None = None  # `missing` in words: awaited, or after a day incomplete


@dataclass(frozen=True)
class InboxPage:
    messages: list[InboundView]
    next: str | None


@dataclass(frozen=True)
class ConversationView:
    number: str
    last_at: str
    last_text: str
    last_is_inbound: bool
    unread: int
    alphanumeric: bool  # a sender that cannot be answered
    last_kind: str = "message"  # or call


@dataclass(frozen=True)
class ConversationPage:
    conversations: list[ConversationView]
    next: str | None


@dataclass(frozen=True)
class ConversationEntry:
    """A line of a conversation: exactly one of the two is set. Oldest first."""

    at: str
    inbound: InboundView | None = None
    outbound: MessageView | None = None


@dataclass(frozen=True)
class EventPage:
    events: list[EventView]
    next: str | None


@dataclass(frozen=True)
class TraceLineView:
    """A line of a modem's AT dialogue, masked."""

    at: str
    elapsed: float  # seconds since the line before, by a clock that nobody sets
    direction: str  # sent, received, note
    text: str


@dataclass(frozen=True)
class TraceView:
    modem: str
    lines: list[TraceLineView]  # oldest first


@dataclass(frozen=True)
class TraceFileView:
    """A dialogue that was written down because something failed; `text` in GET /v1/traces/{file} alone."""

    file: str
    modem: str
    at: str
    why: str  # refused, uncertain, no_prompt, timeout, lost, ...
    octets: int
    text: str | None = None


@dataclass(frozen=True)
class BackupView:
    """How far the backup under way is. `phase`: none, copy, check, send; `done` of `total` pages or octets."""

    phase: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class RuleView:
    """`given` of `needed` approvals; by whom: users and @groups, nobody named is everybody with the role."""

    name: str
    needed: int
    given: list[str]
    by: list[str]


@dataclass(frozen=True)
class ApprovalView:
    """A message, or what waits of a batch (`message` or `batch` is set). `hash` is what approving it names."""

    message: int | None
    batch: int | None
    count: int  # messages
    hash: str
    to: str  # of the first
    text: str
    parts: int
    author: str
    category: str
    asked_at: str
    lapses_at: str  # from then on nobody can approve it
    rules: list[RuleView]
    findings: list[FindingView]
    confirmed: list[str]  # "code: who"
    examples: list[str]  # of a batch: its first recipients, and its last
    texts: int  # of a batch: how many different ones
    may: bool  # whether whoever asks may decide
    send_at: str | None = None
    before: ChangeView | None = None  # since whoever asks saw it last, or anybody approved it


@dataclass(frozen=True)
class ApprovalList:
    approvals: list[ApprovalView]


@dataclass(frozen=True)
class DecidedView:
    """How many messages of a batch were decided on; `waits`: of those, for more approvals or something else."""

    decided: int
    waits: int


@dataclass(frozen=True)
class AuditView:
    """A decision. `data` is JSON: digests, ids, counts; never a text or a number."""

    id: int
    at: str
    who: str
    uid: int | None
    origin: str  # "pid 4711", "tcp 192.0.2.7:4711", "sms …5678", "daemon"
    deed: str
    words: str
    subject: str | None
    data: str
    hash: str


@dataclass(frozen=True)
class AuditPage:
    rows: list[AuditView]
    next: str | None


@dataclass(frozen=True)
class AuditCheckView:
    """`checkpoint` of the last row that is as it was written: "id:hash", to be kept elsewhere."""

    whole: bool
    rows: int
    checkpoint: str
    row: int | None = None  # the first that is not
    sentence: str | None = None
