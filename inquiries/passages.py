"""The words of the clinic's own pages, which staff change in the admin, in both languages."""

from django.db import InterfaceError, OperationalError, models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

PLAIN = _(
    "Plain text. An empty line begins a paragraph, a line that begins with “- ” is an item, **two stars** stress."
)


class Passage(models.Model):
    """A titled text at a place of the clinic's pages. Bodies are plain text, which `inquiries.prose` lays out."""

    class Place(models.TextChoices):
        WELCOME = "welcome", _("First page: the welcome")
        STEPS = "steps", _("The first call: its steps")
        WHOM = "whom", _("First page: whom we see")
        CALL = "call", _("The first call: more about it")
        TREATMENT = "treatment", _("Treatment")
        QUESTIONS = "questions", _("Questions")

    place = models.CharField(max_length=16, choices=Place.choices)
    position = models.PositiveSmallIntegerField(default=100, help_text=_("the lowest comes first"))
    title_en = models.CharField(_("title in English"), max_length=120)
    title_es = models.CharField(_("title in Spanish"), max_length=120)
    body_en = models.TextField(_("text in English"), max_length=4000, help_text=PLAIN)
    body_es = models.TextField(_("text in Spanish"), max_length=4000, help_text=PLAIN)
    is_shown = models.BooleanField(_("shown"), default=True)

    class Meta:
        ordering = ["place", "position", "pk"]
        verbose_name = _("text of the clinic's pages")
        verbose_name_plural = _("texts of the clinic's pages")
        constraints = [
            models.CheckConstraint(
                condition=Q(place__in=["welcome", "steps", "whom", "call", "treatment", "questions"]),
                name="passage_place_known",
            ),
            models.CheckConstraint(
                condition=~Q(title_en="") & ~Q(title_es="") & ~Q(body_en="") & ~Q(body_es=""),
                name="passage_in_both_languages",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_es if get_language() == "es" else self.title_en

    @property
    def body(self) -> str:
        return self.body_es if get_language() == "es" else self.body_en


Passages = dict[str, list[Passage]]
# What this process read last, for the minutes in which PostgreSQL does not answer.
_read_last: list[Passage] = []


def by_place() -> tuple[Passages, bool]:
    """What is shown, by place; and whether PostgreSQL answered. Without it: what was read last, or the first words."""
    answered = True
    try:
        _read_last[:] = Passage.objects.all()
    except (OperationalError, InterfaceError):
        answered = False
    found: Passages = {place: [] for place in Passage.Place.values}
    for passage in _read_last or first_words():
        if passage.is_shown:
            found[passage.place].append(passage)
    return found, answered


def first_words() -> list[Passage]:
    """What a new clinic starts with; unsaved."""
    from inquiries.first_words import TEXTS

    return [
        Passage(place=place, position=number * 10, title_en=en[0], body_en=en[1], title_es=es[0], body_es=es[1])
        for place, texts in TEXTS.items()
        for number, (en, es) in enumerate(texts, start=1)
    ]
