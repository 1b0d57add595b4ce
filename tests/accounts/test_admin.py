"""Django's admin: for superusers, behind the one door, and without a personal fact."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from inquiries.models import StaffMember
from notifications import planner
from tests.factories import NOW, a_link, a_staff_member, an_appointment

pytestmark = pytest.mark.django_db

MODELS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
OURS = [name for name in MODELS if name.split("_")[0] in ("inquiries", "scheduling", "notifications")]
CHANGED_HERE = {"inquiries_passage", "scheduling_appointmenttype", "scheduling_practitioner"}


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(a_staff_member("root", is_superuser=True, is_staff=True))
    return client


def test_strangers_are_sent_to_the_one_door(client: Client) -> None:
    asked = client.get("/admin/scheduling/appointment/", follow=True).redirect_chain

    assert asked[-1][0] == "/accounts/login/?next=/admin/scheduling/appointment/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_takes_no_password_itself(client: Client, method: str) -> None:
    StaffMember.objects.create_superuser("root", password="correct horse")
    sent = {"username": "root", "password": "correct horse"}

    answer = getattr(client, method)("/admin/login/", sent)

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/admin/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("facts", [{"role": "coordinator"}, {"role": "manager"}, {"is_staff": True}])
def test_nobody_but_a_superuser_comes_in(client: Client, facts: dict[str, object]) -> None:
    client.force_login(a_staff_member("cleo", **facts))  # type: ignore[arg-type]

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(reverse("admin:scheduling_appointment_changelist"), follow=True).status_code == 403


def test_every_list_opens(root: Client, kind: object) -> None:
    an_appointment()

    answers = {name: root.get(reverse(f"admin:{name}_changelist")).status_code for name in MODELS}

    assert answers == dict.fromkeys(MODELS, 200)


def test_what_a_verb_changes_is_only_shown(root: Client, kind: object) -> None:
    row = an_appointment()
    for name in set(OURS) - CHANGED_HERE:
        assert root.get(reverse(f"admin:{name}_add")).status_code == 403
    page = reverse("admin:scheduling_appointment_change", args=[row.pk])

    assert root.get(page).status_code == 200
    assert root.post(page, {"status": "booked"}).status_code == 403
    assert root.post(reverse("admin:scheduling_appointment_delete", args=[row.pk])).status_code == 403


def test_no_page_of_the_admin_holds_a_personal_fact(root: Client, kind: object) -> None:
    row = an_appointment()
    a_link(row.inquiry)
    planner.plan_pending(now=NOW)
    message = row.notifications.first()
    assert message is not None
    rows = {
        "inquiries_inquiry": row.inquiry_id,
        "scheduling_appointment": row.pk,
        "notifications_notification": message.pk,
    }

    pages = [root.get(reverse(f"admin:{name}_change", args=[pk])) for name, pk in rows.items()]
    pages += [root.get(reverse(f"admin:{name}_changelist")) for name in OURS]
    told = [
        fact
        for page in pages
        for fact in ("Ana", "Ruiz", "ana@example.com", "3055550123")
        if fact in page.content.decode()
    ]

    assert {page.status_code for page in pages} == {200}
    assert told == []
