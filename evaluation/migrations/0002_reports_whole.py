from django.db import migrations, models

FORGET = [
    "DELETE FROM evaluation_scorefigure",
    "DELETE FROM evaluation_agreementfigure",
    "DELETE FROM evaluation_scorereport",
    "DELETE FROM evaluation_agreementreport",
]
"""Reports are computed again from the labels."""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.DeleteModel("AgreementFigure"),
        migrations.DeleteModel("ScoreFigure"),
        migrations.RemoveField("agreementreport", "majority"),
        migrations.AddField("agreementreport", "content", models.JSONField(default=dict)),
        migrations.AddField("scorereport", "content", models.JSONField(default=dict)),
    ]
