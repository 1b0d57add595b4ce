"""The schema describes every endpoint and every error, without a warning."""

import json
from io import StringIO

from django.core.management import call_command
from django.test import Client

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


def test_the_docs_load_from_here_and_need_no_inline_code(visitor: Caller) -> None:
    page = visitor.client.get("/api/docs/").content.decode()

    assert page.count("<script src=") == page.count("<script") == 3
    assert "<style" not in page
    assert "://" not in page
    assert visitor.client.get("/api/docs/?script=").headers["Content-Type"].startswith("application/javascript")
