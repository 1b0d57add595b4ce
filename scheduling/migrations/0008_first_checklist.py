from django.db import migrations


def write(apps, schema_editor):
    from scheduling.first_checklist import LINES

    line = apps.get_model("scheduling", "ChecklistLine")
    line.objects.bulk_create(
        line(position=number * 10, text_en=en, text_es=es) for number, (en, es) in enumerate(LINES, start=1)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0007_call_desk'),
    ]

    operations = [
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
