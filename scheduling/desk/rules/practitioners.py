"""Who takes calls: the list with everybody's hours, somebody new, and changes with what they leave behind."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import fields
from inquiries.forms import Cleaned, ZoneSelect
from inquiries.models import StaffMember
from scheduling import hours, staffing
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.desk.rules.keeping import are_kept
from scheduling.models import Appointment, Practitioner, WorkingHours


class PractitionerForm(forms.Form):
    """`staff_member` is offered from the accounts that are nobody else's."""

    name = Cleaned(
        fields.name,
        label=gettext_lazy("Name"),
        max_length=fields.NAME_LENGTH,
        help_text=gettext_lazy("As patients read it, such as Dana Whitfield, RN."),
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages of their calls"),
        choices=settings.LANGUAGES,
        initial=["en"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    time_zone = Cleaned(
        fields.time_zone,
        label=gettext_lazy("Their time zone"),
        help_text=gettext_lazy("Their hours are on this clock."),
        widget=ZoneSelect,
        initial=settings.CLINIC_TIME_ZONE,
    )
    staff_member = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label=gettext_lazy("Their staff account"),
        required=False,
        empty_label=gettext_lazy("none"),
        error_messages={"invalid_choice": gettext_lazy("Choose an account that is nobody else's.")},
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Takes calls"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Off: no new call is offered with them."),
    )

    def __init__(self, data: Any = None, *, person: Practitioner | None = None) -> None:
        known = ("name", "languages", "time_zone", "staff_member", "is_active")
        super().__init__(data, initial={each: getattr(person, each) for each in known} if person else None)
        own = Q(practitioner=None) | Q(practitioner=person) if person else Q(practitioner=None)
        accounts: Any = self.fields["staff_member"]
        accounts.queryset = StaffMember.objects.filter(own, is_active=True).order_by("first_name", "username")
        accounts.label_from_instance = lambda member: member.display_name


@for_managers
@require_safe
def listed(request: StaffRequest) -> HttpResponse:
    """Everybody with their week, and the office's; two queries besides who asks."""
    weeks: dict[int | None, list[hours.Shift]] = {}
    for row in WorkingHours.objects.all():
        weeks.setdefault(row.practitioner_id, []).append((row.weekday, row.start_minute, row.end_minute))
    people = Practitioner.objects.select_related("staff_member").order_by("-is_active", "name", "pk")
    context = {
        "people": [(person, hours.by_weekday(weeks.get(person.pk, ()))) for person in people],
        "office": hours.by_weekday(weeks.get(None, ())),
    }
    return render(request, "scheduling/desk/rules/practitioners.html", context)


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    form = PractitionerForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return _page(request, form, status=400 if form.is_bound else 200)
    person = staffing.add(**form.cleaned_data)
    messages.success(request, _("Added. Now say when they take calls."))
    return redirect("desk-hours", pk=person.pk)


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def practitioner(request: StaffRequest, pk: int) -> HttpResponse:
    """A change that would leave calls behind shows them before it is saved."""
    person = get_object_or_404(Practitioner, pk=pk)
    form = PractitionerForm(request.POST if request.method == "POST" else None, person=person)
    if not (form.is_bound and form.is_valid()):
        return _page(request, form, person=person, status=400 if form.is_bound else 200)
    facts = form.cleaned_data
    after = {name: facts[name] for name in ("time_zone", "is_active")}
    left = staffing.left_alone(practitioner=person, **after, now=timezone.now())
    if not are_kept(request, left):
        return _page(request, form, person=person, left=left, status=409)
    staffing.change(practitioner=person, **facts)
    messages.success(request, _("Saved."))
    return redirect("desk-practitioners")


def _page(
    request: StaffRequest,
    form: PractitionerForm,
    *,
    person: Practitioner | None = None,
    left: list[Appointment] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "person": person, "left": left}
    return render(request, "scheduling/desk/rules/practitioner.html", context, status=status)
