"""Calls the API as a program would: JSON in, the response out."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from scheduling.models import Appointment
from tests.factories import ZONE, a_bearer_token, an_appointment, free_times

Body = dict[str, Any]
NOBODY = "00000000-0000-4000-8000-000000000000"


class Caller:
    """`headers` go with every call; `raw` bytes are sent as they are."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers
        self.client = Client()

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers | (headers or {}))

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> HttpResponse:
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method, f"/api/v1/{path}", data, content_type=content_type, headers=self.headers | (headers or {})
        )

    def post(self, path: str, body: Any = None, **rest: Any) -> HttpResponse:
        return self.send("POST", path, body, **rest)

    def patch(self, path: str, body: Any = None, **rest: Any) -> HttpResponse:
        return self.send("PATCH", path, body, **rest)

    def put(self, path: str, body: Any = None, **rest: Any) -> HttpResponse:
        return self.send("PUT", path, body, **rest)


def at_the_desk(role: str = "coordinator") -> Caller:
    """Calls as a staff member of the role."""
    from tests.factories import a_staff_member

    return Caller(Authorization=f"Bearer {a_bearer_token(a_staff_member(role, role))}")


def ask(**changes: Any) -> Body:
    """What Ana sends; a change of None leaves the member out."""
    usual: Body = {
        "given_name": "Ana",
        "family_name": "Ruiz",
        "email": "ana@example.com",
        "phone": "+13055550123",
        "preferred_language": "en",
        "time_zone": ZONE,
        "consent": {"contact": True, "reminders": True},
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def a_wish(start: str | None = None) -> Body:
    """The `appointment` of a request: the first free time, or the one given."""
    return {"appointment_type": "screening-call", "start": start or free_times()[0].isoformat()}


def a_request(status: str = Appointment.Status.PENDING) -> Appointment:
    return an_appointment(status)
