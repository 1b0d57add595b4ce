"""What the letters say, in both languages: read by staff, rewritten by managers, with a preview before it is kept."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from inquiries.privacy import clean_text
from notifications import letters, samples
from notifications.models import LetterText, Notification
from scheduling.desk.access import StaffRequest, for_staff

LANGUAGES = {"en": gettext_lazy("English"), "es": gettext_lazy("Spanish")}
VERSIONS_SHOWN = 20


class TextForm(forms.Form):
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=120, required=False)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "true"}),
    )

    def clean_subject(self) -> str:
        return clean_text(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return clean_text(self.cleaned_data["body"], lines=True)

    def text(self) -> letters.Text:
        return letters.tidied(self.cleaned_data.get("subject", ""), self.cleaned_data.get("body", ""))


@for_staff
@require_safe
def texts(request: StaffRequest) -> HttpResponse:
    """Each letter in each language, and whether the clinic has rewritten it; one query."""
    newest: dict[tuple[str, str], LetterText] = {}
    for row in LetterText.objects.select_related("by").order_by("version"):
        newest[row.kind, row.language] = row
    lines = [
        (
            Notification.Kind(kind).label,
            kind,
            [(code, word, newest.get((kind, code))) for code, word in LANGUAGES.items()],
        )
        for kind in letters.EDITABLE
    ]
    return render(request, "notifications/desk/texts.html", {"lines": lines, "now": timezone.now()})


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: StaffRequest, kind: str, language: str) -> HttpResponse:
    """One letter. `look` shows what it would look like, `keep` puts it in force, `reset` the standard text."""
    if kind not in letters.EDITABLE or language not in LANGUAGES:
        raise Http404
    own = letters.in_force().get((kind, language))
    if request.method != "POST":
        return _page(request, kind, language, own or samples.draft(kind, language))
    if not request.user.is_manager:
        raise PermissionDenied
    if "reset" in request.POST:
        letters.reset(kind=kind, language=language, by=request.user, now=timezone.now())
        flash.success(request, _("The standard text is in force again."))
        return redirect("desk-text", kind=kind, language=language)
    form = TextForm(request.POST)
    written = form.text() if form.is_valid() else letters.Text("", "")
    problems = (
        letters.problems_of(kind, written)
        if not form.errors
        else [str(e) for each in form.errors.values() for e in each]
    )
    if problems or "keep" not in request.POST:
        return _page(request, kind, language, written, problems=problems, form=form)
    letters.rewrite(kind=kind, language=language, text=written, by=request.user, now=timezone.now())
    flash.success(request, _("Kept. Letters say this from now on."))
    return redirect("desk-text", kind=kind, language=language)


def _page(
    request: StaffRequest,
    kind: str,
    language: str,
    written: letters.Text,
    *,
    problems: list[str] | None = None,
    form: TextForm | None = None,
) -> HttpResponse:
    versions = list(letters.versions(kind, language)[:VERSIONS_SHOWN])
    context: dict[str, Any] = {
        "title": Notification.Kind(kind).label,
        "in_words": LANGUAGES[language],
        "code": language,
        "form": form or TextForm(initial={"subject": written.subject, "body": written.body}),
        "problems": problems or [],
        "placeholders": letters.placeholders_of(kind),
        "versions": versions,
        "is_own": bool(versions and versions[0].body),
        "now": timezone.now(),
    }
    if not problems:
        context["sample"] = samples.sample(kind, language, text=_shown(form, versions, written), now=context["now"])
    return render(request, "notifications/desk/text.html", context, status=400 if problems else 200)


def _shown(form: TextForm | None, versions: list[LetterText], written: letters.Text) -> letters.Text | None:
    """What the preview shows: what is being written, else what is in force (None: the standard text)."""
    return written if form is not None or (versions and versions[0].body) else None
