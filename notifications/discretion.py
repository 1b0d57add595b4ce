"""No message of ours tells whoever glances at it that somebody seeks care: a list of words that none may hold.

Both languages' words are refused in every message. `word*` stands for every word that begins so; accents and case
make no difference. The names that settings give (the clinic's, its address on the web) are the clinic's own choice:
`discreet_name` says how a message shows them.
"""

import re
import unicodedata
from collections.abc import Iterable

ENGLISH = """
addict* anxiety anxious bipolar cancer clinical counsel* crisis depress* diagnos* disease* disorder* doctor* dose dosing
drug* esketamin* health* hospital* illness* infusion* injection* intravenous iv ketamin* medic* mental* mood nurse*
patient patients prescri* psych* ptsd screening self-harm sick* spravato stress suicid* symptom* therap* trauma*
treatment* wellbeing wellness
"""
SPANISH = """
adiccion* ansied* ansios* autolesion* bienestar clinico clinicos consulta* consejer* depresi* dosis droga* enferm*
esketamin* estres evaluacion* farmac* hospital* infusion* inyeccion* intravenos* ketamin* medicament* medicin* paciente*
psico* psiquiatr* receta* salud saludable sintoma* suicid* tamizaje* tept terap* trastorno* tratamiento* trauma*
"""
JOINING_WORDS = {"&", "+", "and", "of", "for", "y", "e", "de", "del", "para", "-", "–"}


class Indiscreet(Exception):
    """A message says more than it may. The text of the error names the words, never the message."""

    permanent = True


def plain(text: str) -> str:
    """Case-folded, without accents.

    >>> plain("Depresión")
    'depresion'
    """
    if text.isascii():
        return text.casefold()
    return "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark)).casefold()


def _pattern(words: str) -> re.Pattern[str]:
    choices = [re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in words.split()]
    return re.compile(rf"\b(?:{'|'.join(choices)})\b")


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
