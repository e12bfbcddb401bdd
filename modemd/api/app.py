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
from modemd.api.routes import App

_ROUTERS = (
    outbox.router,
    stream.router,
    desk.router,
    doctor.router,
    traces.router,
    backup.router,
    contact_files.router,  # before contacts/{id}
    contacts.router,
    opt_outs.router,
    approvals.router,
    audit.router,
)


def build_app(gateway: Gateway) -> FastAPI:
    app = App(title="modemd", version="1", docs_url=None, redoc_url=None)
    app.state.gateway = gateway
    app.router.routes.append(QuickStage())
    for router in _ROUTERS:
        app.router.routes += router.routes  # `include_router` would build each of them a second time
    errors.install(app)
    app.add_middleware(Door, identities=gateway.identities)
    return app
