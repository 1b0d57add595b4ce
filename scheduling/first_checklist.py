"""The checklist that a new clinic begins with; managers change it. Pairs of (English, Spanish)."""

LINES = (
    ("Current treatment and medicines", "Tratamiento y medicamentos actuales"),
    (
        "Who leads their mood treatment, and may we talk to them",
        "Quién lleva su tratamiento y si podemos hablar con él",
    ),
    ("Blood pressure: known, treated, controlled", "Presión arterial: conocida, tratada, controlada"),
    ("Heart, liver or bladder conditions", "Problemas del corazón, del hígado o de la vejiga"),
    ("History of mania, hypomania or psychosis", "Antecedentes de manía, hipomanía o psicosis"),
    ("Pregnant, trying to be, or breastfeeding", "Embarazo, deseo de embarazo o lactancia"),
    ("Alcohol and drugs now, and before", "Alcohol y drogas, ahora y antes"),
    (
        "Who is with them after an infusion, and drives them home",
        "Quién le acompaña tras una infusión y le lleva a casa",
    ),
    ("Thoughts of harming themselves: how they are today", "Pensamientos de hacerse daño: cómo está hoy"),
)
