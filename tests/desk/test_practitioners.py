"""Who takes calls, and the rules of what is booked, as a manager changes them."""

import pytest
from django.test import Client

from inquiries.models import StaffMember
from scheduling.models import AppointmentType, Practitioner
from tests.factories import a_staff_member, an_appointment
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

PEOPLE = "/desk/settings/practitioners/"
TYPE = "/desk/settings/types/screening-call/"
NADIA = {"name": "Nadia Ruiz, NP", "languages": ["en", "es"], "time_zone": "America/Chicago", "is_active": "on"}


def test_somebody_new_is_led_to_their_hours(manager: Client) -> None:
    account = a_staff_member("nadia")

    answer = manager.post(PEOPLE + "new/", NADIA | {"staff_member": str(account.pk)})

    nadia = Practitioner.objects.get(name="Nadia Ruiz, NP")
    assert answer["Location"] == f"{PEOPLE}{nadia.pk}/hours/"
    assert (nadia.languages, nadia.time_zone, nadia.staff_member) == (["en", "es"], "America/Chicago", account)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter a name."),
        ("name", "x" * 81, "Use 80 characters at most."),
        ("languages", [], "Choose at least one language."),
        ("time_zone", "Mars/Olympus", "Choose a time zone like America/New_York."),
        ("staff_member", "999999", "Choose an account that is nobody else's."),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(
    manager: Client, field: str, value: str | list[str], sentence: str
) -> None:
    answer = manager.post(PEOPLE + "new/", NADIA | {field: value})

    assert answer.status_code == 400
    assert sentence in Page(answer).text
    assert Practitioner.objects.count() == 3


def test_one_account_is_one_practitioner(manager: Client) -> None:
    first, second = Practitioner.objects.order_by("pk")[:2]
    Practitioner.objects.filter(pk=first.pk).update(staff_member=StaffMember.objects.get(username="cleo"))
    cleo = str(StaffMember.objects.get(username="cleo").pk)

    assert manager.post(f"{PEOPLE}{second.pk}/", NADIA | {"staff_member": cleo}).status_code == 400
    assert manager.post(f"{PEOPLE}{first.pk}/", NADIA | {"staff_member": cleo}).status_code == 302


def test_whoever_leaves_leaves_no_call_unseen(manager: Client) -> None:
    row = an_appointment("booked")
    address, leaving = f"{PEOPLE}{row.practitioner_id}/", NADIA | {"is_active": "", "time_zone": "America/New_York"}

    answer = manager.post(address, leaving)
    assert (answer.status_code, Page(answer).values("keep")) == (409, [str(row.pk)])
    assert Practitioner.objects.get(pk=row.practitioner_id).is_active

    assert manager.post(address, leaving | {"keep": str(row.pk)}).status_code == 302
    assert not Practitioner.objects.get(pk=row.practitioner_id).is_active
    assert manager.post(address, leaving).status_code == 302  # away already: nothing new to see


def test_another_zone_moves_the_hours_and_shows_what_falls_out(manager: Client) -> None:
    row = an_appointment("booked")  # 9:00 in New York, when Los Angeles sleeps

    answer = manager.post(f"{PEOPLE}{row.practitioner_id}/", NADIA | {"time_zone": "America/Los_Angeles"})

    assert (answer.status_code, Page(answer).values("keep")) == (409, [str(row.pk)])


def the_form(manager: Client) -> dict[str, str]:
    """What the page would send unchanged."""
    form = manager.get(TYPE).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        parts = field.field.widget.decompress(value) if field.widget_type == "span" else None
        if parts:
            sent |= {f"{field.name}_{at}": "" if part is None else str(part) for at, part in enumerate(parts)}
        elif value is not None and value is not False:
            sent[field.name] = "on" if value is True else str(value)
    return sent


def test_a_type_saved_unchanged_stays_as_it_was(manager: Client, kind: AppointmentType) -> None:
    before = AppointmentType.objects.values().get()

    assert manager.post(TYPE, the_form(manager)).status_code == 302

    assert AppointmentType.objects.values().get() == before


def test_every_rule_is_changed_in_words(manager: Client, kind: AppointmentType) -> None:
    sent = the_form(manager) | {
        "notice_minutes_0": "1",
        "notice_minutes_1": "1440",
        "daily_cap": "5",
        "auto_confirm": "on",
        "reminder_0_0": "",
        "reminder_2_0": "3",
        "reminder_2_1": "60",
    }

    manager.post(TYPE, sent)

    kind.refresh_from_db()
    assert (kind.notice_minutes, kind.daily_cap, kind.auto_confirm) == (1440, 5, True)
    assert kind.reminder_offsets_minutes == [1440, 180]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("duration_minutes", "4", "Enter a whole number from 5 to 480."),
        ("duration_minutes", "", "Enter a whole number from 5 to 480."),
        ("buffer_after_minutes", "1441", "Enter a whole number from 0 to 480."),
        ("horizon_days", "3660", "Enter a whole number from 1 to 366."),
        ("daily_cap", "0", "Enter a whole number from 1 to 1000."),
        ("answer_within_business_minutes_0", "0", "Choose a longer time."),
        ("notice_minutes_0", "745", "Choose a shorter time: a month at most."),
        ("reminder_0_0", "1", "There is a reminder then already."),
        ("name", "", "Enter a name."),
    ],
)
def test_a_rule_out_of_bounds_is_refused_beside_its_field(
    manager: Client, kind: AppointmentType, field: str, value: str, sentence: str
) -> None:
    before = AppointmentType.objects.values().get()

    answer = manager.post(TYPE, the_form(manager) | {field: value})

    assert answer.status_code == 400
    assert Page(answer).text.count(sentence) == 2
    assert AppointmentType.objects.values().get() == before


def test_bounds_are_said_in_the_managers_own_language(manager: Client, kind: AppointmentType) -> None:
    StaffMember.objects.update(language="es")
    answer = manager.post(TYPE, the_form(manager) | {"daily_cap": "0"})
    assert "Escriba un número entero de 1 a 1000." in Page(answer).text
