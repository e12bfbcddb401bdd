"""The HTTP API, put together."""

from fastapi import FastAPI

from modemd.api import (
    approvals,
    audit,
    backup,
    contact_files,
    contacts,
    desk,
    doctor,
    errors,
    opt_outs,
    outbox,
    stream,
    traces,
)
from modemd.api.door import Door
from modemd.api.gateway import Gateway
from modemd.api.quick import QuickStage


def build_app(gateway: Gateway) -> FastAPI:
    app = FastAPI(title="modemd", version="1", docs_url=None, redoc_url=None)
    app.state.gateway = gateway
    app.router.routes.append(QuickStage())
    app.include_router(outbox.router)
    app.include_router(stream.router)
    app.include_router(desk.router)
    app.include_router(doctor.router)
    app.include_router(traces.router)
    app.include_router(backup.router)
    app.include_router(contact_files.router)  # before contacts/{id}
    app.include_router(contacts.router)
    app.include_router(opt_outs.router)
    app.include_router(approvals.router)
    app.include_router(audit.router)
    errors.install(app)
    app.add_middleware(Door, identities=gateway.identities)
    return app
