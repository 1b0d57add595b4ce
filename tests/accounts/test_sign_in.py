"""Signing in: name and password, a second step, and what happens to somebody who guesses."""

import json
from io import StringIO
from typing import Any

import pytest
import redis
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from config.cache import QuietRedisCache
from inquiries import privacy
from inquiries.models import AccountEvent
from tests.accounts.conftest import PASSWORD, a_person, an_app_of, code_of, link_in_mail, recovery_codes_of, sign_in

pytestmark = pytest.mark.django_db
STEP = "/accounts/2fa/authenticate/"


def trail() -> list[str]:
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_name_and_password_let_in_and_are_told(client: Client) -> None:
    a_person()

    assert sign_in(client)["Location"] == "/desk/"
    event = AccountEvent.objects.get()
    assert (event.kind, event.facts) == ("signed_in", {"by": ["password"]})


def test_signing_in_leads_back_to_where_one_was(client: Client, kind: object) -> None:
    a_person()
    page = client.get("/desk/calls/")

    answer = client.post(page["Location"], {"login": "cleo", "password": PASSWORD, "next": "/desk/calls/"})

    assert answer["Location"] == "/desk/calls/"


def test_signing_in_leads_to_no_other_site(client: Client) -> None:
    a_person()

    answer = client.post("/accounts/login/", {"login": "cleo", "password": PASSWORD, "next": "https://evil.example/"})

    assert answer["Location"] == "/desk/"


def test_nobody_can_sign_up(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404


@pytest.mark.parametrize("redis_is_down", [False, True])
def test_guessing_ends_after_ten_tries_with_and_without_redis(
    client: Client, redis_is_down: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_person()
    if redis_is_down:
        without_redis(monkeypatch)

    guesses = [sign_in(client, password="wrong").status_code for _ in range(11)]

    assert guesses == [400] * 10 + [429]
    assert sign_in(client).status_code == 429
    assert trail() == ["sign_in_failed"] * 10


def test_the_cache_alone_would_have_let_them_guess_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with Redis gone, a counter in it counts nothing."""
    without_redis(monkeypatch)

    cache.set("tries", 10)

    assert cache.get("tries") is None


def without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_args: Any, **_options: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr("redis.connection.Connection.connect", dead)
    monkeypatch.setattr("redis.connection.ConnectionPool.get_connection", dead)
    monkeypatch.setattr(QuietRedisCache, "_resting_until", 0.0)


def test_one_place_cannot_try_one_password_on_everybody(client: Client, settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"login_place": (3, 300)}
    a_person()
    for username in ("ann", "ben", "eve"):
        sign_in(client, username, "Summer2026!")

    assert sign_in(client).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9")).status_code == 302


def test_a_second_step_is_asked_for_and_no_session_begins_without(client: Client, kind: object) -> None:
    secret = an_app_of(a_person())

    assert sign_in(client)["Location"] == STEP
    assert client.get("/desk/").status_code == 302
    assert client.post(STEP, {"code": "000000"}).status_code == 200
    assert client.post(STEP, {"code": code_of(secret)})["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert trail() == ["code_failed", "signed_in"]


def test_a_code_works_once(client: Client) -> None:
    secret = an_app_of(a_person())
    code = code_of(secret)
    sign_in(client)
    client.post(STEP, {"code": code})

    thief = Client()
    sign_in(thief)

    assert thief.post(STEP, {"code": code}).status_code == 200


def test_a_recovery_code_works_once(client: Client) -> None:
    member = a_person()
    an_app_of(member)
    code = recovery_codes_of(member)[0]

    sign_in(client)
    assert client.post(STEP, {"code": code})["Location"] == "/desk/"
    again = Client()
    sign_in(again)
    assert again.post(STEP, {"code": code}).status_code == 200


@pytest.mark.parametrize("redis_is_down", [False, True])
def test_codes_are_not_guessed_either(client: Client, redis_is_down: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = an_app_of(a_person())
    if redis_is_down:
        without_redis(monkeypatch)
    sign_in(client)
    for number in range(10):
        client.post(STEP, {"code": f"{number:06}"})

    answer = client.post(STEP, {"code": code_of(secret)})

    assert "Too many attempts" in answer.content.decode()
    assert client.get("/desk/").status_code == 302


def test_the_secrets_of_second_steps_are_sealed() -> None:
    member = a_person()
    secret = an_app_of(member)
    recovery_codes_of(member)

    kept = {row.type: row.data for row in Authenticator.objects.filter(user=member)}

    assert secret not in json.dumps(kept)
    assert privacy.unseal(kept["totp"]["secret"], place="mfa_authenticator:data:secret") == secret
    with pytest.raises(privacy.CannotOpen):
        privacy.unseal(kept["recovery_codes"]["seed"], place="somewhere:else:1")


@pytest.mark.parametrize(("role", "page"), [("manager", "/accounts/2fa/"), ("coordinator", "")])
def test_a_manager_without_a_second_step_gets_no_further(
    client: Client, kind: object, settings: Any, role: str, page: str
) -> None:
    settings.REQUIRE_MFA = True
    member = a_person(role=role)
    sign_in(client)

    answer = client.get("/desk/")
    assert (answer.status_code, answer.headers.get("Location", "")) == ((302, page) if page else (200, ""))
    an_app_of(member)
    assert client.get("/desk/").status_code == 200


def test_the_second_step_that_a_role_needs_stays(client: Client, settings: Any) -> None:
    member = a_person(role="manager")
    secret = an_app_of(member)
    settings.REQUIRE_MFA = True
    sign_in(client)
    client.post(STEP, {"code": code_of(secret)})
    client.post("/accounts/reauthenticate/?next=/accounts/2fa/totp/deactivate/", {"password": PASSWORD})

    client.post("/accounts/2fa/totp/deactivate/")

    assert Authenticator.objects.filter(user=member, type="totp").count() == 1


def test_an_app_is_set_up_with_ones_password_and_its_first_code(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    member = a_person()
    sign_in(client)
    page = "/accounts/2fa/totp/activate/"

    asked = client.get(page)
    assert asked["Location"] == f"/accounts/reauthenticate/?next={page.replace('/', '%2F')}"
    client.post(asked["Location"], {"password": PASSWORD})
    shown = client.get(page)
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(page, {"code": code_of(shown.context["form"].secret)})

    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    assert len(client.get(done["Location"]).context["unused_codes"]) == 10
    assert Authenticator.objects.filter(user=member).count() == 2
    assert "Authenticator app added" in str(mail.outbox[-1].body)


def test_a_forgotten_password_is_replaced_by_mail(client: Client) -> None:
    member = a_person()
    asked = client.post("/accounts/password/reset/", {"email": "cleo@example.com"})
    form = client.get(link_in_mail(), follow=True)
    new = "a new horse with a battery"

    done = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    assert (asked["Location"], done.status_code) == ("/accounts/password/reset/done/", 302)
    member.refresh_from_db()
    assert member.check_password(new)
    assert trail() == ["reset_asked", "password_reset"]
    assert client.get(link_in_mail() if len(mail.outbox) == 1 else "/accounts/login/").status_code == 200


def test_who_is_not_there_reads_the_same_answer_and_gets_no_mail(client: Client) -> None:
    a_person("gone", is_active=False)
    answers = [client.post("/accounts/password/reset/", {"email": f"{name}@example.com"}) for name in ("no", "gone")]

    assert {answer["Location"] for answer in answers} == {"/accounts/password/reset/done/"}
    assert mail.outbox == []


def test_nobody_is_flooded_with_such_mail(client: Client) -> None:
    a_person()
    for _ in range(5):
        client.post("/accounts/password/reset/", {"email": "cleo@example.com"})

    assert len(mail.outbox) == 3


@pytest.mark.parametrize(
    "statement", ["update inquiries_accountevent set kind = 'x'", "delete from inquiries_accountevent"]
)
def test_the_trail_is_append_only(client: Client, statement: str) -> None:
    a_person()
    sign_in(client)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_no_secret_is_written_to_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    member = a_person()
    secret = an_app_of(member)
    sign_in(client, password="wrong")
    sign_in(client)
    client.post(STEP, {"code": "123123"})
    client.post("/accounts/password/reset/", {"email": "cleo@example.com"})

    assert [word for word in (secret, PASSWORD, "wrong", "123123", link_in_mail()) if word in caplog.text] == []


def test_who_lost_everything_is_helped_by_command(client: Client) -> None:
    an_app_of(a_person())

    call_command("forget_second_step", "cleo", stdout=StringIO())

    assert sign_in(client)["Location"] == "/desk/"
