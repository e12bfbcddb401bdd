"""What each call asks of whoever calls: one table. A call that it does not have is for nobody but an admin."""

from functools import lru_cache

from starlette.routing import compile_path

from modemd.model.actor import Role

# None: for everybody, known or not.
NEEDED: dict[tuple[str, str], Role | None] = {
    ("GET", "/healthz"): None,
    ("GET", "/openapi.json"): "read",
    ("GET", "/metrics"): "read",
    ("POST", "/v1/lint"): "read",
    ("GET", "/v1/outbox"): "read",
    ("GET", "/v1/messages"): "read",
    ("GET", "/v1/messages/{id}"): "read",
    ("GET", "/v1/events"): "read",
    ("GET", "/v1/log"): "read",
    ("GET", "/v1/modems"): "read",
    ("GET", "/v1/inbox"): "read",
    ("GET", "/v1/conversations"): "numbers",
    ("GET", "/v1/conversation"): "numbers",
    ("POST", "/v1/messages"): "write",
    ("PATCH", "/v1/messages/{id}"): "write",
    ("POST", "/v1/messages/{id}/cancel"): "write",
    ("POST", "/v1/messages/{id}/settle"): "write",
    ("POST", "/v1/batches/{id}/cancel"): "write",
    ("POST", "/v1/batches/{id}/confirm"): "write",
    ("POST", "/v1/undo"): "write",
    ("POST", "/v1/inbox/read"): "write",
    ("POST", "/v1/stop"): "write",
    ("POST", "/v1/resume"): "write",
    ("GET", "/v1/approvals"): "approve",
    ("GET", "/v1/messages/{id}/approval"): "approve",
    ("GET", "/v1/batches/{id}/approval"): "approve",
    ("POST", "/v1/messages/{id}/approve"): "approve",
    ("POST", "/v1/messages/{id}/reject"): "approve",
    ("POST", "/v1/batches/{id}/approve"): "approve",
    ("POST", "/v1/batches/{id}/reject"): "approve",
    ("GET", "/v1/doctor"): "read",
    ("POST", "/v1/modems/{name:path}/look"): "read",
    ("GET", "/v1/contacts"): "numbers",
    ("GET", "/v1/contacts/complete"): "numbers",
    ("GET", "/v1/contacts/of"): "numbers",
    ("GET", "/v1/contacts/export"): "numbers",
    ("GET", "/v1/contacts/batches"): "read",
    ("GET", "/v1/contacts/{id}"): "numbers",
    ("GET", "/v1/groups"): "read",
    ("GET", "/v1/hygiene"): "numbers",
    ("GET", "/v1/opt-outs"): "numbers",
    ("GET", "/v1/opt-outs/{number}"): "numbers",
    ("POST", "/v1/contacts"): "write",
    ("POST", "/v1/contacts/chosen"): "write",
    ("PATCH", "/v1/contacts/{id}"): "write",
    ("DELETE", "/v1/contacts/{id}"): "write",
    ("POST", "/v1/contacts/import/preview"): "write",
    ("POST", "/v1/contacts/import"): "write",
    ("POST", "/v1/contacts/batches/{id}/undo"): "write",
    ("POST", "/v1/groups"): "write",
    ("POST", "/v1/groups/{name}/members"): "write",
    ("DELETE", "/v1/groups/{name}"): "write",
    ("POST", "/v1/hygiene"): "write",
    ("POST", "/v1/opt-outs"): "write",
    ("DELETE", "/v1/opt-outs/{number}"): "write",
    ("POST", "/v1/modems/{name}/resume"): "admin",
    ("GET", "/v1/modems/{name:path}/trace"): "admin",
    ("GET", "/v1/traces"): "admin",
    ("GET", "/v1/traces/{file}"): "admin",
    ("GET", "/v1/backup"): "admin",
    ("POST", "/v1/backup"): "admin",
    ("GET", "/v1/audit"): "admin",
    ("GET", "/v1/audit/verify"): "admin",
    ("GET", "/v1/audit/export"): "admin",
}

_PATTERNS = [(method, compile_path(path)[0], role) for (method, path), role in NEEDED.items()]


@lru_cache(maxsize=4096)
def needed(method: str, path: str) -> Role | None:
    """The role that a request asks for."""
    for known, pattern, role in _PATTERNS:
        if known == method and pattern.match(path):
            return role
    return "admin"
