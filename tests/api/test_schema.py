"""The schema describes every endpoint and every error, without a warning."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from tests.api.caller import Caller
from tests.api.test_access import desk_routes


def schema() -> dict:
    return dict(json.loads(Client().get("/api/schema/?format=json").content))


def test_the_schema_is_valid_and_without_warnings() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_the_schema_is_openapi_31_and_names_every_door() -> None:
    described = schema()

    assert described["openapi"] == "3.1.0"
    assert {"/api/v1/slots/", "/api/v1/inquiries/", "/api/v1/manage/{token}/"} <= described["paths"].keys()
    operations = [path for path in described["paths"] if path.startswith("/api/v1/desk/")]
    assert len(operations) == len({path for _method, path in desk_routes()})


def test_every_operation_describes_its_errors_as_problems() -> None:
    for path, operations in schema()["paths"].items():
        for method, operation in operations.items():
            errors = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
            assert {"400", "429", "503"} <= errors.keys(), (method, path)
            if path.startswith("/api/v1/desk/"):
                assert "401" in errors, (method, path)
                assert operation["security"] == [{"bearer": []}]
            assert {media for answer in errors.values() for media in answer["content"]} == {"application/problem+json"}


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(inner)


def test_what_is_said_to_be_the_usual_is_possible() -> None:
    for shape in inside(schema()):
        if "type" in shape and "default" in shape:
            Draft202012Validator({name: rule for name, rule in shape.items() if name != "$ref"}).validate(
                shape["default"]
            )


def test_a_body_says_that_it_takes_no_more() -> None:
    bodies = {name: shape for name, shape in schema()["components"]["schemas"].items() if name.endswith("Request")}

    assert {name for name, shape in bodies.items() if shape.get("additionalProperties") is not False} == set()


def test_a_stale_version_is_described_with_the_state_as_it_is() -> None:
    (body,) = schema()["paths"]["/api/v1/desk/appointments/{id}/confirm/"]["post"]["responses"]["412"][
        "content"
    ].values()

    assert body["schema"]["$ref"].endswith("/TransitionShape")


def test_the_docs_load_from_here_and_need_no_inline_code(visitor: Caller) -> None:
    page = visitor.client.get("/api/docs/").content.decode()

    assert page.count("<script src=") == page.count("<script") == 3
    assert "<style" not in page
    assert "://" not in page
    assert visitor.client.get("/api/docs/?script=").headers["Content-Type"].startswith("application/javascript")
