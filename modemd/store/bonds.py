"""Which modem and which SIM a configured name stands for: by IMEI and ICCID, whatever the port."""

from dataclasses import dataclass

from sqlite_utils import Database

from drivers.modem import Identity
from modemd.model.actor import Actor
from modemd.store import audit, events


@dataclass(frozen=True)
class Bond:
    """`park`: the code of what a person has to see to before this modem sends again."""

    name: str
    imei: str | None
    iccid: str | None
    imsi: str | None
    park: str | None = None
    parked_at: float | None = None

    def has_other_sim(self, identity: Identity) -> bool:
        """Like is compared with like: a SIM that is still locked tells no IMSI, some modems no ICCID."""
        if self.iccid and identity.iccid:
            return self.iccid != identity.iccid
        return bool(self.imsi and identity.imsi and self.imsi != identity.imsi)


def find(db: Database, name: str) -> Bond | None:
    row = db.execute("select name, imei, iccid, imsi, park, parked_at from bond where name = ?", (name,)).fetchone()
    return Bond(*row) if row else None


def names_of(db: Database, imei: str) -> list[str]:
    return [row[0] for row in db.execute("select name from bond where imei = ?", (imei,)).fetchall()]


def keep(db: Database, name: str, identity: Identity) -> None:
    """From now on the name stands for this modem and this SIM; what is not known stays as it was."""
    db.execute(
        "insert into bond (name, imei, iccid, imsi) values (:name, :imei, :iccid, :imsi)"
        " on conflict (name) do update set imei = coalesce(:imei, imei), iccid = coalesce(:iccid, iccid),"
        " imsi = coalesce(:imsi, imsi)",
        {"name": name, "imei": identity.imei, "iccid": identity.iccid, "imsi": identity.imsi},
    )


def park(db: Database, name: str, code: str, at: float) -> None:
    """A person has to see to it, whatever restarts in between."""
    db.execute(
        "insert into bond (name, park, parked_at) values (:name, :code, :at)"
        " on conflict (name) do update set park = :code, parked_at = :at",
        {"name": name, "code": code, "at": at},
    )


def resume(db: Database, name: str, accepted: Identity | None, at: float, who: Actor) -> None:
    """A person has seen to it. `accepted`: from now on the name stands for this modem and this SIM."""
    db.execute("update bond set park = null, parked_at = null where name = ?", (name,))
    if accepted is not None:
        db.execute("delete from bond where name = ?", (name,))
        keep(db, name, accepted)
    events.record(db, at, "resume", subject=name, who=who.name)
    audit.record(db, at, who, "modem_resumed", f"modem {name}", {"accepted": accepted is not None})
