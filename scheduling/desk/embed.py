"""The lines to paste into the clinic's own site."""

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from scheduling.desk.access import StaffRequest, for_staff

KINDS = {
    "button": _("A button that leads to the form"),
    "popup": _("A button that opens the form on top of the page"),
    "inline": _("The form itself, in the page"),
}


class SnippetForm(forms.Form):
    """How the form is to appear; the words of the button are the usual ones when none are given."""

    kind = forms.ChoiceField(label=_("What to show"), choices=list(KINDS.items()))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    label = forms.CharField(label=_("Words on the button"), max_length=40, required=False)


@for_staff
@require_safe
def snippet(request: StaffRequest) -> HttpResponse:
    usual = {"kind": "button", "language": "en", "label": ""}
    form = SnippetForm(request.GET if "kind" in request.GET else usual)
    chosen = form.cleaned_data if form.is_valid() else usual
    context = {"form": form, "lines": lines(**chosen), "kind": chosen["kind"], "origins": settings.EMBED_ORIGINS}
    return render(request, "scheduling/desk/embed.html", context)


def lines(*, kind: str, language: str, label: str) -> SafeString:
    """The snippet as HTML, to be shown as text."""
    words = format_html(' data-label="{}"', label) if label else ""
    return format_html(
        '<script src="{}" data-firstcall="{}" data-language="{}"{} async></script>',
        settings.SITE_URL + reverse("embed-script"),
        kind,
        language,
        words,
    )
