from django.db import migrations


def write(apps, schema_editor):
    from inquiries.first_words import TEXTS

    passage = apps.get_model("inquiries", "Passage")
    passage.objects.bulk_create(
        passage(place=place, position=number * 10, title_en=en[0], body_en=en[1], title_es=es[0], body_es=es[1])
        for place, texts in TEXTS.items()
        for number, (en, es) in enumerate(texts, start=1)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('inquiries', '0006_clinic_pages'),
    ]

    operations = [
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
