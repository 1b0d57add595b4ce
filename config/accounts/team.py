"""The team's pages: who is in it, who is invited, what happened to accounts; and joining it."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.accounts import post
from config.accounts.second_factor import MAIN_FACTORS
from config.accounts.sessions import end_sessions
from inquiries import fields, team, trail
from inquiries.models import AccountEvent, Invitation, StaffMember
from scheduling.desk.access import StaffRequest, for_everybody, for_managers

EVENTS = 200
REFUSED = {
    team.LastManager: gettext_lazy("Somebody has to manage the clinic: make another person a manager first."),
    team.NotForManagers: gettext_lazy("Only a superuser changes the account of a superuser."),
}


class InviteForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=fields.NAME_LENGTH)
    email = forms.CharField(label=gettext_lazy("E-mail"), widget=forms.EmailInput)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=StaffMember.Role.choices)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    def clean_name(self) -> str:
        return fields.name(self.cleaned_data["name"])

    def clean_email(self) -> str:
        email = fields.email(self.cleaned_data["email"])
        if StaffMember.objects.filter(email__iexact=email, is_active=True).exists():
            raise ValidationError(_("Somebody of the team has this address already."))
        return email


class JoinForm(forms.Form):
    username = forms.CharField(label=gettext_lazy("Username"), max_length=150, validators=[UnicodeUsernameValidator()])
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Twelve characters or more; a sentence is easy to remember."),
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if StaffMember.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Somebody has this name already. Choose another one."))
        return username


def members() -> QuerySet[StaffMember]:
    """Those at work first; with `seen_at`, and whether they have a `second_step`. One query."""
    seen = UserSession.objects.filter(user=OuterRef("pk")).order_by("-last_seen_at").values("last_seen_at")[:1]
    steps = Authenticator.objects.filter(user=OuterRef("pk"), type__in=MAIN_FACTORS)
    rows = StaffMember.objects.annotate(seen_at=Subquery(seen), second_step=Exists(steps))
    return rows.order_by("-is_active", "username", "pk")


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: StaffRequest) -> HttpResponse:
    """The team, and whoever is invited; a POST invites."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _invited(request, form.cleaned_data)
    return _page(request, form)


def _invited(request: StaffRequest, facts: dict[str, Any]) -> HttpResponse:
    invitation, token = team.invite(**facts, by=request.user, now=timezone.now())
    link = settings.SITE_URL + reverse("join", args=[token])
    about = {"name": invitation.name, "by": request.user.display_name, "link": link}
    if post.send("invitation", to=invitation.email, language=invitation.language, **about):
        messages.success(request, _("The invitation is on its way."))
    else:
        messages.error(request, _("The mail server did not take the invitation. Send it again in a while."))
    return redirect("desk-team")


def _page(request: StaffRequest, form: InviteForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    context = {
        "rows": members(),
        "invitations": Invitation.objects.open(now).select_related("invited_by"),
        "roles": StaffMember.Role.choices,
        "form": form,
        "refusal": refusal,
        "now": now,
    }
    return render(request, "account/team.html", context, status=400 if form.is_bound else status)


@for_managers
@require_POST
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    team.revoke(invitation=get_object_or_404(Invitation, pk=pk), by=request.user, now=timezone.now())
    messages.success(request, _("The link no longer works."))
    return redirect("desk-team")


def _change_role(request: StaffRequest, member: StaffMember) -> None:
    role = request.POST.get("role", "")
    if role in StaffMember.Role.values:
        team.change_role(member=member, role=role, by=request.user, now=timezone.now())


def _deactivate(request: StaffRequest, member: StaffMember) -> None:
    team.deactivate(member=member, by=request.user, now=timezone.now())
    end_sessions(member)


def _reactivate(request: StaffRequest, member: StaffMember) -> None:
    team.reactivate(member=member, by=request.user, now=timezone.now())


def _end_sessions(request: StaffRequest, member: StaffMember) -> None:
    count = end_sessions(member)
    facts = {"sessions": count}
    trail.record(trail.Kind.SESSIONS_ENDED, about=member, by=request.user, facts=facts, now=timezone.now())


ACTIONS: dict[str, tuple[Callable[[StaffRequest, StaffMember], None], Any]] = {
    "role": (_change_role, gettext_lazy("The role is changed.")),
    "deactivate": (_deactivate, gettext_lazy("The account is closed; its sessions and tokens have ended.")),
    "reactivate": (_reactivate, gettext_lazy("The account is open again.")),
    "end-sessions": (_end_sessions, gettext_lazy("Their sessions have ended.")),
}


@for_managers
@require_POST
def act(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    """Do it to one account; a refusal is said on the page."""
    member = get_object_or_404(StaffMember, pk=pk)
    do, said = ACTIONS[action]
    try:
        with transaction.atomic():
            do(request, member)
    except tuple(REFUSED) as refusal:
        return _page(request, InviteForm(), refusal=str(REFUSED[type(refusal)]), status=409)
    messages.success(request, said)
    return redirect("desk-team")


@for_managers
@require_safe
def events(request: StaffRequest) -> HttpResponse:
    """What happened to accounts, the newest first."""
    rows = AccountEvent.objects.lately()[:EVENTS]
    return render(request, "account/events.html", {"rows": rows, "now": timezone.now(), "limit": EVENTS})


@for_everybody
@require_POST
def end_own_session(request: StaffRequest, pk: int) -> HttpResponse:
    """Ends one of one's own sessions; the one that one is in too."""
    get_object_or_404(UserSession, pk=pk, user=request.user).end()
    trail.record(trail.Kind.SESSIONS_ENDED, about=request.user, facts={"sessions": 1}, now=timezone.now())
    return redirect("mfa_index")


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation leads: choose a name and a password."""
    invitation = team.invitation_of(token, now=timezone.now())
    if invitation is None:
        return render(request, "account/join.html", {"invitation": None}, status=404)
    with translation.override(invitation.language):
        form = JoinForm(request.POST or None, initial={"username": invitation.email.partition("@")[0]})
        if form.is_valid() and _joined(invitation, form):
            messages.success(request, _("Your account is made. Sign in."))
            return redirect("account_login")
        status = 400 if form.is_bound else 200
        return render(request, "account/join.html", {"invitation": invitation, "form": form}, status=status)


def _joined(invitation: Invitation, form: JoinForm) -> bool:
    try:
        return team.accept(invitation=invitation, **form.cleaned_data, now=timezone.now()) is not None
    except ValidationError as error:
        form.add_error("password", error.messages)
        return False
