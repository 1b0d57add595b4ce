"""The team: invited by a manager, one role each, and never without somebody who manages."""

import datetime as dt
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone

from inquiries import clinic, team
from inquiries.models import AccountEvent, ApiToken, Invitation, StaffMember
from tests.accounts.conftest import PASSWORD, a_person, link_in_mail, sign_in
from tests.factories import a_bearer_token, a_staff_member

pytestmark = pytest.mark.django_db
NOA = {"name": "Noa Kim", "email": "noa@example.com", "role": "coordinator", "language": "es"}


@pytest.fixture
def boss(client: Client) -> Client:
    """A manager's browser."""
    a_person("boss", role="manager")
    sign_in(client, "boss")
    return client


def told() -> list[str]:
    return list(AccountEvent.objects.exclude(kind="signed_in").order_by("pk").values_list("kind", flat=True))


def test_somebody_is_invited_and_joins_once(boss: Client) -> None:
    assert boss.post("/desk/team/", NOA).status_code == 302
    link, stranger = link_in_mail(), Client()
    new = {"username": "noa", "password": PASSWORD}

    assert "Noa Kim" in stranger.get(link).content.decode()
    assert stranger.post(link, new)["Location"] == "/accounts/login/"

    noa = StaffMember.objects.get(username="noa")
    assert (noa.display_name, noa.role, noa.language, noa.email) == ("Noa Kim", "coordinator", "es", "noa@example.com")
    assert stranger.get(link).status_code == 404
    assert sign_in(stranger, "noa").status_code == 302
    assert told() == ["invited", "joined"]


def test_the_link_is_kept_as_a_digest_only(boss: Client) -> None:
    boss.post("/desk/team/", NOA)
    token = link_in_mail().split("/")[-2]

    assert token not in str(Invitation.objects.values())
    assert (mail.outbox[-1].to, token in mail.outbox[-1].subject) == (["noa@example.com"], False)


def test_mail_about_accounts_comes_from_the_clinic_as_its_manager_named_it(boss: Client) -> None:
    clinic.change(name="Bayside", sender="front@bayside.example")
    boss.post("/desk/team/", NOA)
    assert mail.outbox[-1].from_email == "Bayside <front@bayside.example>"


@pytest.mark.parametrize(("hours", "status"), [(71, 200), (72, 404)])
def test_an_invitation_ends_after_three_days(boss: Client, hours: int, status: int) -> None:
    boss.post("/desk/team/", NOA)
    began = timezone.now() - dt.timedelta(hours=hours)
    Invitation.objects.update(created_at=began, expires_at=began + Invitation.LIFETIME)

    assert boss.get(link_in_mail()).status_code == status


def test_an_invitation_is_withdrawn_and_a_newer_one_replaces_it(boss: Client) -> None:
    boss.post("/desk/team/", NOA)
    first = link_in_mail()
    boss.post("/desk/team/", NOA)
    second = link_in_mail()
    assert (boss.get(first).status_code, boss.get(second).status_code) == (404, 200)

    boss.post(f"/desk/team/invitations/{Invitation.objects.latest('pk').pk}/revoke/")

    assert boss.get(second).status_code == 404


@pytest.mark.parametrize("wrong", [{"password": "short"}, {"username": "boss"}, {"username": "with space"}])
def test_joining_with_something_unusable_keeps_the_link(boss: Client, wrong: dict[str, str]) -> None:
    boss.post("/desk/team/", NOA)

    assert boss.post(link_in_mail(), {"username": "noa", "password": PASSWORD} | wrong).status_code == 400
    assert Invitation.objects.get().accepted_at is None
    assert StaffMember.objects.count() == 1


def test_a_dead_mail_server_is_said_and_loses_nothing(boss: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    page = boss.post("/desk/team/", NOA, follow=True).content.decode()

    assert "The mail server did not take the invitation" in page
    assert "Noa Kim" in page


def test_a_closed_account_has_no_session_and_no_token(boss: Client, kind: object) -> None:
    cleo, theirs = a_person("cleo"), Client()
    sign_in(theirs, "cleo")
    a_bearer_token(cleo)

    boss.post(f"/desk/team/{cleo.pk}/deactivate/")

    assert theirs.get("/desk/").status_code == 302
    assert (UserSession.objects.filter(user=cleo).count(), ApiToken.objects.usable().count()) == (0, 0)
    assert sign_in(Client(), "cleo").status_code == 400
    boss.post(f"/desk/team/{cleo.pk}/reactivate/")
    assert sign_in(Client(), "cleo").status_code == 302
    assert told()[:2] == ["deactivated", "sign_in_failed"]


def test_a_managers_press_ends_somebodys_sessions(boss: Client, kind: object) -> None:
    cleo, theirs = a_person("cleo"), Client()
    sign_in(theirs, "cleo")

    boss.post(f"/desk/team/{cleo.pk}/end-sessions/")

    assert theirs.get("/desk/").status_code == 302


def test_one_ends_ones_own_session_elsewhere_and_nobody_elses(client: Client, kind: object) -> None:
    cleo, elsewhere, eve = a_person("cleo"), Client(HTTP_USER_AGENT="Phone"), Client()
    a_person("eve")
    for browser, name in ((client, "cleo"), (elsewhere, "cleo"), (eve, "eve")):
        sign_in(browser, name)
    phone = UserSession.objects.get(user=cleo, user_agent="Phone")

    assert eve.post(f"/desk/sessions/{phone.pk}/end/").status_code == 404
    assert "Phone" in client.get("/accounts/2fa/").content.decode()
    client.post(f"/desk/sessions/{phone.pk}/end/")

    assert (elsewhere.get("/desk/").status_code, client.get("/desk/").status_code) == (302, 200)


def test_a_role_is_changed_and_told(boss: Client) -> None:
    cleo = a_staff_member("cleo")

    boss.post(f"/desk/team/{cleo.pk}/role/", {"role": "practitioner"})

    cleo.refresh_from_db()
    event = AccountEvent.objects.get(kind="role_changed")
    assert (cleo.role, event.facts) == ("practitioner", {"from": "coordinator", "to": "practitioner"})
    assert (event.staff_member, event.by) == (cleo, StaffMember.objects.get(username="boss"))


@pytest.mark.parametrize(("action", "sent"), [("deactivate", {}), ("role", {"role": "coordinator"})])
def test_the_last_manager_stays(boss: Client, action: str, sent: dict[str, str]) -> None:
    me = StaffMember.objects.get(username="boss")

    assert boss.post(f"/desk/team/{me.pk}/{action}/", sent).status_code == 409
    a_staff_member("other", role="manager")
    assert boss.post(f"/desk/team/{me.pk}/{action}/", sent).status_code == 302


def test_a_manager_does_not_touch_a_superuser(boss: Client) -> None:
    root = a_staff_member("root", is_superuser=True)

    assert boss.post(f"/desk/team/{root.pk}/deactivate/").status_code == 409
    with pytest.raises(team.NotForManagers):
        team.deactivate(member=root, by=StaffMember.objects.get(username="boss"), now=timezone.now())


def test_managers_read_what_happened(boss: Client) -> None:
    sign_in(Client(), "boss", "wrong")

    page = boss.get("/desk/team/events/").content.decode()

    assert ("Sign-in failed" in page, "127.0.0.1" in page) == (True, False)


@pytest.mark.parametrize("size", [1, 30])
def test_the_team_page_asks_the_database_as_often_whatever_its_size(
    boss: Client, size: int, django_assert_max_num_queries: Any
) -> None:
    StaffMember.objects.bulk_create(StaffMember(username=f"person{number}", password="!") for number in range(size))

    with django_assert_max_num_queries(8):
        assert boss.get("/desk/team/").status_code == 200
