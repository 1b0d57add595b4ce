"""What the clinic's pages say until staff write better: by place, the English and the Spanish (title, body).

It names risks beside benefits, says what is off-label, and promises nothing. A clinician of the clinic reviews it.
"""

Texts = dict[str, list[tuple[tuple[str, str], tuple[str, str]]]]

TEXTS: Texts = {
    "welcome": [
        (
            (
                "Talk it over first. Decide later.",
                "We are an infusion clinic in Miami. We see adults who live with depression, bipolar depression, "
                "anxiety or PTSD, in English and in Spanish. It begins with a short phone call.",
            ),
            (
                "Primero, conversemos. Decida después.",
                "Somos una clínica de infusiones en Miami. Atendemos a adultos que viven con depresión, depresión "
                "bipolar, ansiedad o estrés postraumático (TEPT), en inglés y en español. Todo empieza con una breve "
                "llamada telefónica.",
            ),
        ),
    ],
    "steps": [
        (
            (
                "You choose a time",
                "We hold it for you at once, and tell you by when we will answer.",
            ),
            (
                "Usted elige una hora",
                "La reservamos de inmediato y le decimos para cuándo tendrá nuestra respuesta.",
            ),
        ),
        (
            (
                "We confirm it",
                "A person looks at your request and confirms it, or offers you other times. You can move or cancel "
                "the call from your own page.",
            ),
            (
                "La confirmamos",
                "Una persona revisa su solicitud y la confirma, o le ofrece otras horas. Puede cambiar o cancelar la "
                "llamada desde su propia página.",
            ),
        ),
        (
            (
                "We call you",
                "We talk about what you live with and what you have tried. You ask whatever you like. Then we say "
                "honestly whether a visit makes sense.",
            ),
            (
                "Le llamamos",
                "Hablamos de lo que está viviendo y de lo que ha probado. Usted pregunta lo que quiera. Después le "
                "decimos con franqueza si una visita tiene sentido.",
            ),
        ),
    ],
    "whom": [
        (
            (
                "Depression",
                "Low mood that has stayed, above all when other treatments have not helped enough.",
            ),
            (
                "Depresión",
                "Un ánimo bajo que no se va, sobre todo cuando otros tratamientos no han ayudado lo suficiente.",
            ),
        ),
        (
            (
                "Bipolar depression",
                "The low phases, together with the doctor who follows your mood treatment.",
            ),
            (
                "Depresión bipolar",
                "Las fases bajas, junto con el médico que lleva su tratamiento del ánimo.",
            ),
        ),
        (
            (
                "Anxiety",
                "Worry or panic that has taken over ordinary days.",
            ),
            (
                "Ansiedad",
                "Preocupación o pánico que se han adueñado de la vida diaria.",
            ),
        ),
        (
            (
                "PTSD",
                "What stays after something terrible: memories, nightmares, being on guard.",
            ),
            (
                "Estrés postraumático (TEPT)",
                "Lo que queda después de algo terrible: recuerdos, pesadillas, estar siempre en alerta.",
            ),
        ),
    ],
    "call": [
        (
            (
                "What we ask",
                "- what brings you to us, in your own words\n"
                "- which treatments you have had, and how they went\n"
                "- which medicines you take, and which conditions you know of\n"
                "- who looks after you now: a doctor, a therapist, family\n\n"
                "If you do not know or would rather not say, that is an answer too.",
            ),
            (
                "Lo que preguntamos",
                "- qué le trae a nosotros, en sus propias palabras\n"
                "- qué tratamientos ha tenido y cómo le fueron\n"
                "- qué medicinas toma y qué enfermedades sabe que tiene\n"
                "- quién le cuida ahora: un médico, un terapeuta, su familia\n\n"
                "Si no lo sabe o prefiere no decirlo, eso también es una respuesta.",
            ),
        ),
        (
            (
                "What it is not",
                "It is not a diagnosis, and nothing is prescribed on the phone. You agree to nothing by talking with "
                "us. If a visit makes sense, a clinician looks at your health before any treatment is planned; if it "
                "does not, we tell you, and where we can, we say who could help.",
            ),
            (
                "Lo que no es",
                "No es un diagnóstico, y por teléfono no se receta nada. Hablar con nosotros no le compromete a nada. "
                "Si una visita tiene sentido, un profesional clínico revisa su salud antes de planear cualquier "
                "tratamiento; si no lo tiene, se lo decimos y, cuando podemos, le decimos quién podría ayudarle.",
            ),
        ),
        (
            (
                "How to prepare",
                "You need not prepare anything. A quiet place helps, and so does a list of your medicines. Somebody "
                "you trust may listen in, if you want that.",
            ),
            (
                "Cómo prepararse",
                "No tiene que preparar nada. Ayuda estar en un lugar tranquilo y tener a mano la lista de sus "
                "medicinas. Si lo desea, alguien de su confianza puede escuchar.",
            ),
        ),
        (
            (
                "Who learns of it",
                "Only our staff. Our messages name no condition and no treatment, and you choose how we reach you and "
                "whether we may leave a voicemail. Nothing on this site comes from, or is sent to, anybody else.",
            ),
            (
                "Quién se entera",
                "Solo nuestro personal. Nuestros mensajes no nombran ninguna enfermedad ni tratamiento, y usted "
                "decide cómo le contactamos y si podemos dejar un mensaje de voz. Nada en este sitio viene de "
                "terceros ni se envía a nadie más.",
            ),
        ),
    ],
    "treatment": [
        (
            (
                "What ketamine is, and how it may help",
                "Ketamine has been used as an anesthetic for more than fifty years. In much smaller doses it acts "
                "on **glutamate**, the most common messenger between nerve cells. For a while, that seems to let "
                "the cells form and strengthen connections again, which is called **plasticity**.\n\n"
                "Usual antidepressants need weeks. After ketamine, some people feel a change **within hours or "
                "days**. Others feel little, or nothing. How it works is not fully understood.",
            ),
            (
                "Qué es la ketamina y cómo puede ayudar",
                "La ketamina se usa como anestésico desde hace más de cincuenta años. En dosis mucho menores "
                "actúa sobre el **glutamato**, el mensajero más común entre las células nerviosas. Por un tiempo, "
                "eso parece permitir que las células vuelvan a formar y reforzar conexiones, lo que se llama "
                "**plasticidad**.\n\n"
                "Los antidepresivos habituales necesitan semanas. Después de la ketamina, algunas personas notan un "
                "cambio **en horas o días**. Otras notan poco o nada. No se entiende del todo cómo actúa.",
            ),
        ),
        (
            (
                "Off-label, in addition, and for one person at a time",
                "For depression, bipolar depression, anxiety and PTSD, intravenous ketamine is used "
                "**off-label**: the FDA has approved it as an anesthetic, not for these conditions. It needs "
                "medical supervision. Most studies are of depression; about anxiety and PTSD less is known.\n\n"
                "**Esketamine**, a nasal spray, is a different product: the FDA has approved that one for some "
                "adults with depression.\n\n"
                "So we plan it for each person, **in addition** to the care they already have and not in place of it, "
                "and only after a clinician has looked at their health. We promise no result. If we think that "
                "something else would serve you better, we say so.",
            ),
            (
                "Fuera de indicación, como complemento y para cada persona",
                "Para la depresión, la depresión bipolar, la ansiedad y el TEPT, la ketamina intravenosa se usa "
                "**fuera de indicación** (“off-label”): la FDA la ha aprobado como anestésico, no para estas "
                "enfermedades. Requiere supervisión médica. La mayoría de los estudios son sobre la depresión; "
                "sobre la ansiedad y el TEPT se sabe menos.\n\n"
                "La **esketamina**, un aerosol nasal, es otro producto: ese sí lo ha aprobado la FDA para algunos "
                "adultos con depresión.\n\n"
                "Por eso la planeamos para cada persona, **además** de la atención que ya recibe y no en su lugar, y "
                "solo después de que un profesional clínico ha revisado su salud. No prometemos ningún resultado. Si "
                "creemos que otra cosa le serviría mejor, se lo decimos.",
            ),
        ),
        (
            (
                "What you may experience during an infusion",
                "You rest in a quiet room while the medicine runs slowly into a vein, for somewhat less than an "
                "hour. Somebody trained stays with you and watches your blood pressure, heart and breathing.\n\n"
                "- Many people feel light, distant from their body, or as if in a waking dream.\n"
                "- Time, sounds and colors may seem changed.\n"
                "- Some find this pleasant, some find it strange or frightening. It can be slowed or stopped at "
                "any moment.\n\n"
                "It fades within an hour or two. You stay until you feel clear, somebody else takes you home, and you "
                "do not drive until the next day, after a night's sleep.",
            ),
            (
                "Lo que puede sentir durante una infusión",
                "Usted descansa en una habitación tranquila mientras la medicina entra despacio en una vena, algo "
                "menos de una hora. Una persona capacitada se queda con usted y vigila su presión arterial, su "
                "corazón y su respiración.\n\n"
                "- Muchas personas se sienten ligeras, lejos de su cuerpo o como si soñaran despiertas.\n"
                "- El tiempo, los sonidos y los colores pueden parecer distintos.\n"
                "- A algunas les resulta agradable; a otras, extraño o atemorizante. Se puede ir más despacio o "
                "parar en cualquier momento.\n\n"
                "Se pasa en una o dos horas. Usted se queda hasta sentir la mente despejada, otra persona le lleva a "
                "casa y no conduce hasta el día siguiente, después de dormir una noche.",
            ),
        ),
        (
            (
                "Whom it is not for",
                "High blood pressure that is not controlled, some heart and liver conditions, pregnancy, psychosis, "
                "mania, and an addiction that is active now speak against it, and there are other reasons. That is "
                "why we ask before we plan anything.",
            ),
            (
                "Para quién no es",
                "La presión alta sin controlar, algunas enfermedades del corazón y del hígado, el embarazo, la "
                "psicosis, la manía y una adicción activa suelen descartarla, y hay otras razones. Por eso preguntamos "
                "antes de planear nada.",
            ),
        ),
    ],
    "questions": [
        (
            (
                "Is it safe with bipolar disorder?",
                "It can be considered for the depressed phase, with care. There is a risk that mood **swings "
                "upward**, into hypomania or mania. So we see people with bipolar depression only alongside a steady "
                "mood treatment and with the doctor who leads it, we ask about past highs first, and we look again "
                "after every infusion. During a manic or mixed phase we do not treat.",
            ),
            (
                "¿Es seguro con el trastorno bipolar?",
                "Puede considerarse en la fase depresiva, con cuidado. Existe el riesgo de que el ánimo **suba "
                "demasiado**, hacia la hipomanía o la manía. Por eso atendemos a personas con depresión bipolar solo "
                "junto a un tratamiento estable del ánimo y con el médico que lo dirige, preguntamos antes por las "
                "fases altas del pasado y volvemos a evaluar después de cada infusión. Durante una fase maníaca o "
                "mixta no tratamos.",
            ),
        ),
        (
            (
                "How does it differ from the usual treatment?",
                "Most antidepressants act on serotonin or noradrenaline, are taken every day, and need some weeks. "
                "Ketamine acts on glutamate, is given as an infusion under supervision, and what it does shows "
                "sooner, if it helps at all; it also fades sooner. It does not replace your medicines or your "
                "therapy. Please do not stop either on your own.",
            ),
            (
                "¿En qué se diferencia del tratamiento habitual?",
                "La mayoría de los antidepresivos actúan sobre la serotonina o la noradrenalina, se toman a diario y "
                "necesitan algunas semanas. La ketamina actúa sobre el glutamato, se administra por infusión bajo "
                "supervisión y su efecto se nota antes, si es que ayuda; también se pasa antes. No sustituye sus "
                "medicinas ni su terapia. Por favor, no deje ninguna de las dos por su cuenta.",
            ),
        ),
        (
            (
                "What are the side effects?",
                "During an infusion and shortly after it:\n\n"
                "- **blood pressure** and pulse often rise, which is why we measure them throughout\n"
                "- feeling detached from oneself or the surroundings (**dissociation**)\n"
                "- nausea, dizziness, blurred sight, drowsiness or headache\n"
                "- fear or confusion, more seldom\n"
                "- breathing that becomes too slow, rarely; we watch it too\n\n"
                "Mood can **switch** to a high phase, above all with bipolar disorder. Frequent use over a long time "
                "can harm the bladder and the liver and can lead to dependence. Tell us about any of it; we would "
                "rather hear too much.",
            ),
            (
                "¿Cuáles son los efectos secundarios?",
                "Durante una infusión y poco después:\n\n"
                "- la **presión arterial** y el pulso suelen subir, y por eso los medimos todo el tiempo\n"
                "- sensación de estar separado de uno mismo o del entorno (**disociación**)\n"
                "- náuseas, mareo, vista borrosa, somnolencia o dolor de cabeza\n"
                "- miedo o confusión, con menos frecuencia\n"
                "- respiración demasiado lenta, rara vez; también la vigilamos\n\n"
                "El ánimo puede **cambiar** a una fase alta, sobre todo con el trastorno bipolar. El uso frecuente "
                "durante mucho tiempo puede dañar la vejiga y el hígado y puede crear dependencia. Cuéntenos todo "
                "lo que note: más vale de más que de menos.",
            ),
        ),
        (
            (
                "How long does the effect last?",
                "It differs: some days for some people, some weeks for others, and for some there is none. A first "
                "series is often several infusions over a few weeks. We look together at what each one did before we "
                "plan the next, and we stop when it does not help.",
            ),
            (
                "¿Cuánto dura el efecto?",
                "Varía: unos días en algunas personas, unas semanas en otras, y en algunas no hay ninguno. Una "
                "primera serie suele ser de varias infusiones en pocas semanas. Antes de planear la siguiente vemos "
                "juntos qué hizo cada una, y paramos cuando no ayuda.",
            ),
        ),
        (
            (
                "Do I need a diagnosis or a referral?",
                "Not to ask for a call. If a visit follows, we ask for your records, and for the name of the doctor "
                "who looks after you.",
            ),
            (
                "¿Necesito un diagnóstico o que me remita un médico?",
                "No para pedir una llamada. Si después hay una visita, le pedimos su historial y el nombre del médico "
                "que le atiende.",
            ),
        ),
        (
            (
                "What if I feel worse while I wait?",
                "Please do not wait for us: we read messages in office hours only. The numbers at the top of every "
                "page are answered day and night.",
            ),
            (
                "¿Y si me siento peor mientras espero?",
                "Por favor, no nos espere: leemos los mensajes solo en horario de oficina. En los números que están "
                "arriba en cada página responden de día y de noche.",
            ),
        ),
    ],
}
