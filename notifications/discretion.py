"""No message of ours tells whoever glances at it that somebody seeks care: a list of words that none may hold.

Both languages' words are refused in every message. `word*` stands for every word that begins so; accents, case, and
characters that nobody sees make no difference. The names that settings give (the clinic's, its address on the web)
are the clinic's own choice: `discreet_name` says how a message shows them.
"""

import re
import unicodedata
from collections.abc import Iterable

ENGLISH = """
addict* adhd alcohol* antidepress* anxiety anxious anxiolytic* assessment* autis* benzo* bipolar* brain burnout cancer
clinical clinician* counsel* crisis depress* diagnos* disease* disorder* doctor* dose dosing drug* ect emotional*
esketamin* evaluation* grief healing health* hospital* illness* infusion* injection* insomni* intravenous iv ketamin*
mania manic medic* mental* microdos* mood neuro* nurse* ocd opioid* overdos* pain panic* patient patients phobia* pill
pills prescri* psych* ptsd rehab* schizo* screening self-harm* sick* spravato ssri stress* suicid* symptom* therap* tms
trauma* treatment* wellbeing wellness
"""
SPANISH = """
adiccion* adict* angusti* animo ansied* ansios* ansiolitic* antidepres* autolesion* bienestar cerebr* clinico clinicos
consulta* consejer* deprim* depresi* dolor dosis droga* duelo emocional* enferm* esketamin* esquizo* estres*
evaluacion* farmac* fobia* hospital* infusion* inyeccion* intravenos* ketamin* medicament* medicin* opiace* paciente*
pastilla* psico* psiquiatr* receta* salud saludable sicolog* sicoterap* sintoma* siquiatr* sobredosis suicid* tamizaje*
tdah tept terap* toc trastorno* tratamiento* trauma*
"""
FOREIGN, UNSEEN = re.compile(r"[^\x00-\x7f]"), {"Mn", "Cf"}  # accents that stand alone, joiners, soft hyphens
JOINING_WORDS = {"&", "+", "and", "of", "for", "y", "e", "de", "del", "para", "-", "–"}


class Indiscreet(Exception):
    """A message says more than it may. The text of the error names the words, never the message."""

    permanent = True


def plain(text: str) -> str:
    """Case-folded, without accents, and without what has no width.

    >>> plain("Depresión"), plain("de\\u200dpre\\u00adsion")
    ('depresion', 'depresion')
    """
    if text.isascii():
        return text.casefold()
    return FOREIGN.sub(_if_seen, unicodedata.normalize("NFKD", text)).casefold()


def _if_seen(mark: re.Match[str]) -> str:
    return "" if unicodedata.category(mark[0]) in UNSEEN else mark[0]


def _pattern(words: str) -> re.Pattern[str]:
    """One branch for each first letter, a third of the time of one for each word. An underscore is no letter."""
    tails: dict[str, list[str]] = {}
    for word in words.split():
        tail = re.escape(word[1:].removesuffix("*")) + (r"\w*" if word.endswith("*") else "")
        tails.setdefault(word[0], []).append(tail)
    choices = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in tails.items())
    return re.compile(rf"(?<![^\W_])(?:{choices})(?![^\W_])")


HEALTH_WORDS = _pattern(ENGLISH + SPANISH)


def health_words(text: str) -> list[str]:
    """The refused words of a text, in order.

    >>> health_words("Your Ketamine infusion, terapéutica")
    ['ketamine', 'infusion', 'terapeutica']
    """
    return HEALTH_WORDS.findall(plain(text))


def check(texts: Iterable[str], *, allowed: Iterable[str] = (), unwanted: Iterable[str] = ()) -> None:
    """Refuse texts with a health word, or with one of the `unwanted` names, once the `allowed` ones are taken out.

    Raises Indiscreet.
    """
    text = plain("\n".join(texts))
    for name in filter(None, allowed):
        text = text.replace(plain(name), " ")
    found = health_words(text) + [name for name in map(plain, filter(None, unwanted)) if name in text]
    if found:
        raise Indiscreet(", ".join(sorted(set(found))))


def discreet_name(name: str) -> str:
    """A name without the words that would tell: how mail calls a clinic whose full name says what it does.

    >>> discreet_name("Biscayne Infusion Clinic"), discreet_name("Miami Ketamine & Wellness Center")
    ('Biscayne Clinic', 'Miami Center')
    """
    if not health_words(name):
        return name
    return " ".join(word for word in name.split() if word not in JOINING_WORDS and not health_words(word))
