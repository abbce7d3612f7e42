from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("news", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name='post',
            name='mailed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='mailed to subscribers'),
        ),
        # What was public before there were subscribers is no news to them.
        migrations.RunSQL("UPDATE news_post SET mailed_at = now()", migrations.RunSQL.noop),
    ]
