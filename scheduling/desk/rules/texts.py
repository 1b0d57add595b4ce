"""The words of the clinic's own pages, in both languages, as a manager writes them."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from inquiries.models import Passage
from inquiries.privacy import clean_text
from scheduling.desk.access import StaffRequest, for_managers

LINES = forms.Textarea(attrs={"rows": 10})


class TextForm(forms.ModelForm):
    class Meta:
        model = Passage
        fields = ["place", "position", "is_shown", "title_en", "body_en", "title_es", "body_es"]
        labels = {"place": _("Where it stands"), "position": _("Order")}
        widgets = {"body_en": LINES, "body_es": LINES}

    def clean(self) -> dict[str, Any]:
        """Without the characters that no page can show."""
        super().clean()
        texts = {name: value for name, value in self.cleaned_data.items() if isinstance(value, str)}
        cleaned = {name: clean_text(value, lines=name.startswith("body")) for name, value in texts.items()}
        return {**self.cleaned_data, **cleaned}


@for_managers
@require_safe
def listed(request: StaffRequest) -> HttpResponse:
    order = Passage.Place.values
    rows = sorted(Passage.objects.all(), key=lambda row: order.index(row.place))
    places = [(Passage.Place(place).label, list(texts)) for place, texts in groupby(rows, lambda row: row.place)]
    return render(request, "scheduling/desk/rules/texts.html", {"places": places})


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    return _form_page(request, Passage())


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, pk: int) -> HttpResponse:
    return _form_page(request, get_object_or_404(Passage, pk=pk))


def _form_page(request: StaffRequest, passage: Passage) -> HttpResponse:
    form = TextForm(request.POST if request.method == "POST" else None, instance=passage)
    if not (form.is_bound and form.is_valid()):
        facts = {"form": form, "is_new": passage.pk is None}
        return render(request, "scheduling/desk/rules/text.html", facts, status=400 if form.is_bound else 200)
    form.save()
    messages.success(request, _("Saved. Visitors read it now."))
    return redirect("desk-pages")
