"""The OpenAPI 3.1 description of our own API, made from the route table and the shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final

import msgspec

from dealwright import __version__
from dealwright.dialects.native.examples import EXAMPLES
from dealwright.dialects.native.problems import MEDIA, ProblemDocument
from dealwright.dialects.native.reading import JSON, MERGE_PATCH, repeats
from dealwright.dialects.native.routing import LARGEST_ID, PREFIX, WORD, Download, Route

Json = dict[str, Any]
_LISTING: Final = re.compile(r"Listing_(\w+?)_")
_REF: Final = "#/components/schemas/{name}"
_INTRODUCTION: Final = """\
Opportunities, their pipelines and their contacts, under the same rules and rights as every other face of this portal.
Absent is not null; members and parameters that are not described here are refused. Instants are RFC 3339 in UTC,
amounts are decimal text. Problems are `application/problem+json` (RFC 9457) with a stable `code`."""
_HEADERS: Final[Mapping[str, str]] = {
    "ETag": "The version of the record, as a strong entity tag.",
    "Location": "Where the new record is.",
}
_UPLOAD: Final[Json] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {}, "example": "The bytes of the file."}},
}
_PROBLEMS: Final[Mapping[int, str]] = {
    400: "Something about the request cannot be understood: `errors` names parameters.",
    401: "Nobody is signed in.",
    403: "A right is missing: `right` names it.",
    404: "There is no such record, or not for you.",
    409: "Something stands in the way: what is in use, a likely duplicate, too many changes at once.",
    412: "The version that `If-Match` names is not the present one: `current` is, `differing` says in what.",
    413: "The body is too large: `limit` says how many bytes may be.",
    415: "The body is not JSON in UTF-8.",
    422: "Members do not fit: `errors` points at every one.",
}


def document(routes: Sequence[Route]) -> Json:
    """Return the description of some routes."""
    shapes = _shapes(routes)
    _, schemas = msgspec.json.schema_components([*shapes, ProblemDocument], ref_template=_REF)
    paths: Json = {}
    for route in routes:
        paths.setdefault(f"{PREFIX}{route.path}", {})[route.method.lower()] = _operation(route)
    found: Json = _tidied(
        {
            "openapi": "3.1.0",
            "info": {"title": "Dealwright", "version": __version__, "description": _INTRODUCTION},
            "security": [{"bearer": []}, {"basic": []}],
            "paths": paths,
            "components": {
                "schemas": {**schemas, **_sparse(routes, schemas)},
                "responses": {f"Problem{status}": _problem(says) for status, says in _PROBLEMS.items()},
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer", "description": "A token, `dw_…`."},
                    "basic": {"type": "http", "scheme": "basic", "description": "E-mail and password."},
                },
            },
        }
    )
    return found


def _tidied(value: Any) -> Any:  # noqa: ANN401
    """Return a description whose texts have no indentation and whose lists have a name to be proud of."""
    if isinstance(value, dict):
        return {_LISTING.sub(r"\1List", key): _tidied(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_tidied(inner) for inner in value]
    return _LISTING.sub(r"\1List", cleandoc(value)) if isinstance(value, str) else value


def _shapes(routes: Iterable[Route]) -> list[Any]:
    bodies = [route.body for route in routes if route.body is not None]
    return [*bodies, *(route.answer for route in routes if _has_answer(route))]


def _has_answer(route: Route) -> bool:
    return route.answer not in (None, type(None), msgspec.Raw, Download)


def _schema(shape: Any) -> Json:  # noqa: ANN401
    (found,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return found


def _operation(route: Route) -> Json:
    summary, _, rest = (route.handler.__doc__ or "").strip().partition("\n")
    found: Json = {"operationId": route.name, "summary": summary.rstrip("."), "tags": [route.path.split("/")[1]]}
    if rest.strip():
        found["description"] = " ".join(rest.split())
    if route.open:
        found["security"] = []
    elif route.right:
        found["security"] = [{"bearer": [route.right]}, {"basic": [route.right]}]
    if parameters := [*_path(route), *_query(route), *_conditions(route)]:
        found["parameters"] = parameters
    if route.takes_upload:
        found["requestBody"] = _UPLOAD
    if route.body is not None:
        found["requestBody"] = _body(route)
    found["responses"] = _responses(route)
    return found


# What goes in -----------------------------------------------------------------------------------------------


def _path(route: Route) -> list[Json]:
    schemas = {
        WORD: {"type": "string", "enum": list(route.words)},
        "{id}": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    }
    named = [place for place in schemas if place in route.path]
    return [{"name": name[1:-1], "in": "path", "required": True, "schema": schemas[name]} for name in named]


def _query(route: Route) -> list[Json]:
    _, schemas = msgspec.json.schema_components([route.query], ref_template=_REF)
    own = schemas.get(route.query.__name__, {})
    return [_parameter(route, name, schema) for name, schema in own.get("properties", {}).items()]


def _parameter(route: Route, name: str, schema: Json) -> Json:
    found: Json = {"name": name, "in": "query", "schema": dict(schema)}
    if says := found["schema"].pop("description", ""):
        found["description"] = says
    field = next(field for field in msgspec.structs.fields(route.query) if field.name == name)
    if repeats(field.type):
        # A list is either one value with commas, or the parameter given again for each.
        found |= {"style": "form", "explode": name not in getattr(route.query, "lists", ())}
    if field.default_factory is not msgspec.NODEFAULT:
        found["schema"]["default"] = field.default_factory()
    return found


def _conditions(route: Route) -> list[Json]:
    text = {"type": "string"}
    if route.guarded:
        says = "Do it only if this is the present version."
        return [{"name": "If-Match", "in": "header", "schema": text, "description": says, "example": '"v7"'}]
    if _has_tag(route) and route.method == "GET":
        says = "Answer 304 if this is the present version."
        return [{"name": "If-None-Match", "in": "header", "schema": text, "description": says, "example": '"v7"'}]
    return []


def _body(route: Route) -> Json:
    medias = [MERGE_PATCH, JSON] if route.method == "PATCH" else [JSON]
    said = {"schema": _schema(route.body), "example": EXAMPLES[route.name]}
    content = dict.fromkeys(medias, said)
    return {"required": not route.bodiless, "content": content}


# What comes out ---------------------------------------------------------------------------------------------


def _has_tag(route: Route) -> bool:
    shape = route.answer
    return "version" in getattr(shape, "__struct_fields__", ()) or getattr(shape, "tagged", False)


def _responses(route: Route) -> Json:
    found: Json = {str(route.status): _answer(route)}
    if _has_tag(route) and route.method == "GET":
        found["304"] = {"description": "You have it already.", "headers": _headers("ETag")}
    found |= {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _problems_of(route)}
    return found | {"default": _problem("Whatever else went wrong.")}


def _answer(route: Route) -> Json:
    found: Json = {"description": HTTPStatus(route.status).phrase}
    names = [*(["ETag"] if _has_tag(route) else []), *(["Location"] if route.status == 201 else [])]
    if names:
        found["headers"] = _headers(*names)
    if route.answer is Download:
        found["content"] = {"*/*": {"schema": {}}}
    elif route.status != 204:
        found["content"] = {JSON: {"schema": _answer_schema(route)}}
    return found


def _answer_schema(route: Route) -> Json:
    if not _has_answer(route):
        return {"type": "object"}
    schema = _schema(route.answer)
    return _also_sparse(schema) if _is_sparse(route) else schema


def _headers(*names: str) -> Json:
    return {name: {"schema": {"type": "string"}, "description": _HEADERS[name]} for name in names}


def _problem(says: str) -> Json:
    return {"description": says, "content": {MEDIA: {"schema": {"$ref": _REF.format(name=ProblemDocument.__name__)}}}}


def _problems_of(route: Route) -> list[int]:
    found = {400}
    found |= set() if route.open else {401}
    found |= {403} if route.right else set()
    found |= {404} if "{id}" in route.path else set()
    found |= {409} if route.method != "GET" else set()
    found |= {412} if route.guarded else set()
    found |= {413, 415, 422} if route.body is not None else {413, 415} if route.takes_upload else set()
    return sorted(found)


# Answers with some of the members ---------------------------------------------------------------------------


def _is_sparse(route: Route) -> bool:
    return "fields" in route.query.__struct_fields__


def _record(shape: Any) -> str:  # noqa: ANN401
    """Return the name of the record that an answer is, or lists."""
    inner = getattr(shape, "__args__", (shape,))[0]
    name: str = inner.__name__
    return name


def _also_sparse(schema: Json) -> Json:
    """Return a schema in which the record may also come with some of its members."""
    whole: str = schema["$ref"]
    return {"anyOf": [schema, {"$ref": f"{whole}Sparse"}]}


def _sparse(routes: Iterable[Route], schemas: Json) -> Json:
    found: Json = {}
    for route in filter(_is_sparse, routes):
        record = _record(route.answer)
        found[f"{record}Sparse"] = {**schemas[record], "title": f"{record} with chosen members", "required": []}
        listing = _schema(route.answer)["$ref"].removeprefix(_REF.format(name=""))
        if listing != record:
            items = {"type": "array", "items": {"$ref": _REF.format(name=f"{record}Sparse")}}
            whole = schemas[listing]
            found[f"{listing}Sparse"] = {**whole, "properties": {**whole["properties"], "data": items}}
    return found
