from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0009_lists_and_exports"),
    ]

    operations = [
        migrations.AlterField(model_name="savedview", name="query", field=models.TextField()),
        migrations.AlterField(model_name="export", name="query", field=models.TextField(blank=True)),
    ]
