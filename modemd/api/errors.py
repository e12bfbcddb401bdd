"""Every no as application/problem+json (RFC 9457), in the reader's language."""

import logging
import sqlite3
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from drivers.words import N_, Sentence
from modemd.api import views
from modemd.i18n import from_header, say
from modemd.model.errors import Blocked, Problem, StoreError
from modemd.store import damage

logger = logging.getLogger(__name__)


def language_of(request: Request) -> str:
    return from_header(request.headers.get("accept-language", ""))


def answer(request: Request, status: int, code: str, sentence: Sentence, **more: Any) -> JSONResponse:
    language = language_of(request)
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": say(sentence, language)}
    return JSONResponse(body | more, status, media_type="application/problem+json")


async def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    more: dict[str, Any] = {}
    if isinstance(error, Blocked):
        found = [views.finding(each, language_of(request)) for each in error.findings]
        more["findings"] = [asdict(each) for each in found]
    return answer(request, error.status, error.code, error.sentence, **more)


_UNREADABLE = {
    "extra_forbidden": N_("{place} is not known here: check its spelling, or leave it out."),
    "missing": N_("{place} is missing."),
    "json_invalid": N_("The request is not JSON."),
}


async def _unreadable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    path = [str(each) for each in first["loc"] if each != "body"]
    place = ".".join(path).encode("utf-8", "replace").decode()[:100] or "body"
    template = _UNREADABLE.get(first["type"], N_("{place}: {why}"))
    return answer(request, 422, "invalid", Sentence(template, {"place": place, "why": str(first["msg"])}))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return answer(request, error.status_code, "http", Sentence("{why}", {"why": error.detail}))


async def _stopping(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StoreError)
    return answer(request, 503, "store", error.sentence)


async def _store(request: Request, error: Exception) -> JSONResponse:
    logger.error("the database failed: %s", error)
    template = N_("The database cannot be written ({why}): nothing was accepted.")
    if damage.is_damage(error):
        template = N_(
            "The database is damaged ({why}): nothing was accepted. Stop modemd, move its database away, and restore a"
            " backup: modemd restore FILE."
        )
    return answer(request, 503, "store", Sentence(template, {"why": error}))


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(sqlite3.Error, _store)
    app.add_exception_handler(StoreError, _stopping)
