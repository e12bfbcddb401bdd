"""What the states of a message are called in one or two words; the API's strings stay as they are."""

from drivers.words import N_

LABELS = {
    "draft": N_("draft"),
    "held": N_("needs you"),
    "staged": N_("burning"),
    "queued": N_("waits for a modem"),
    "submitting": N_("on air"),
    "submitted": N_("submitted"),
    "delivered": N_("delivered"),
    "undelivered": N_("undelivered"),
    "cancelled": N_("cancelled"),
    "expired": N_("expired"),
    "failed": N_("failed"),
    "uncertain": N_("uncertain"),
}
