"""Every answer that is not a success is a problem document (RFC 9457)."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from admin_api.language import spoken
from flows.diagnostic import did_you_mean
from flows.faults import keys_at
from flows.wording import in_language
from schemas.problems import Misuse, Problem, Refused

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_LIMITS = ("min_length", "max_length", "gt", "ge", "lt", "le")  # as pydantic names them


class ProblemDocument(BaseModel):
    """What went wrong. `code` never changes once released; further members are the facts of the sentence."""

    type: str
    title: str
    status: int
    detail: str
    code: str

    model_config = {"extra": "allow"}


class InputUnfit(Refused):
    """The request's body, path or query is not as described. `errors` lists the places, with the limit that is broken."""

    code = "input.unfit"
    status = 422
    title = "The request is not as it should be"
    sentence = "The request has {count} faults; the first: {first}."


class NoSuchRoute(Refused):
    """Nothing answers there, or not by that method."""

    code = "route.none"
    status = 404
    title = "Not found"
    sentence = "{why}"


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may raise `kinds`."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        text = f"`{kind.code}`: {(kind.__doc__ or kind.title).strip().splitlines()[0]}"
        known = found.get(kind.status)
        found[kind.status] = {
            "model": ProblemDocument,
            "description": f"{known['description']}\n\n{text}" if known else text,
            "content": {MEDIA_TYPE: {}},
        }
    return found


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with problems under the media type that they have, which FastAPI cannot be told."""
    document = FastAPI.openapi(app)
    for methods in document["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                if MEDIA_TYPE in content and "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return document


def answer(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The HTTP answer of a problem."""
    return JSONResponse(
        _jsonable(problem.document()), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def install(app: FastAPI) -> None:
    """Make `app` answer with problem documents only."""

    @app.exception_handler(Problem)
    async def _(request: Request, problem: Problem) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        if isinstance(problem, Misuse):
            log.error("misuse in %s", request.url.path, exc_info=problem)
        return answer(problem, getattr(problem, "headers", None))

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        faults = [
            {
                "at": ".".join(str(part) for part in each["loc"]),
                "why": _why(request, each),
                "kind": each["type"],
                **_limit(each.get("ctx", {})),
            }
            for each in error.errors()
        ]
        first = f"{faults[0]['at']}: {faults[0]['why']}" if faults else "it is empty"
        return answer(InputUnfit(count=len(faults), first=first, errors=faults))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        if error.status_code == 400:  # what FastAPI says of a body that is no JSON, or not UTF-8
            said = {"at": "body", "why": "it is not JSON in UTF-8", "kind": "json_invalid"}
            return answer(InputUnfit(count=1, first=f"body: {said['why']}", errors=[said]))
        problem = NoSuchRoute(why=str(error.detail))
        document = {**problem.document(), "status": error.status_code, "title": str(error.detail)}
        if error.status_code != 404:
            document["code"] = f"http.{error.status_code}"
            document["type"] = f"https://chatloom.dev/problems/http.{error.status_code}"
        return JSONResponse(document, error.status_code, error.headers, MEDIA_TYPE)

    @app.exception_handler(Exception)
    async def _(request: Request, error: Exception) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return answer(Misuse(why="Something went wrong on our side. The log has the details."))


def _why(request: Request, fault: dict[str, Any]) -> str:
    if fault["type"] != "extra_forbidden":
        return fault["msg"]
    body = request.scope["route"].body_field.field_info.annotation
    _, *inside, key = fault["loc"]  # the first part says "body"
    near = did_you_mean(str(key), keys_at(body, inside))
    return f"no such key is read here; {near}" if near else "no such key is read here"


def _limit(facts: dict[str, Any]) -> dict[str, int | float]:
    """The bound that a value breaks, where it is a number."""
    for name in _LIMITS:
        if isinstance(limit := facts.get(name), int | float):
            return {"limit": limit}
    return {}


def _jsonable(value: Any) -> Any:
    match value:
        case dict():
            return {str(name): _jsonable(each) for name, each in value.items()}
        case list() | tuple():
            return [_jsonable(each) for each in value]
        case str():
            return in_language(value, spoken())
        case int() | float() | None:
            return value
        case _:
            return str(value)
