import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import labeling.prompts.text_length

TABLES = ("labeling_prompt", "labeling_response")

COUNT_NO_MORE = "; ".join(f"ALTER TABLE {table} ALTER COLUMN characters DROP EXPRESSION" for table in TABLES)
COUNT_ALWAYS = "; ".join(
    f"ALTER TABLE {table} DROP COLUMN characters, "
    "ADD COLUMN characters integer GENERATED ALWAYS AS (length(text)) STORED NOT NULL"
    for table in TABLES
)

COUNT_AGAIN = """
CREATE FUNCTION count_text_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.characters := length(NEW.text);
    RETURN NEW;
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_counted BEFORE UPDATE OF text ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION count_text_again();"
    for table in TABLES
)
NOT_AGAIN = "DROP FUNCTION count_text_again() CASCADE"

OCTETS = models.Func("text", function="octet_length", output_field=models.IntegerField())
LENGTH_POSSIBLE = models.Q(characters__lte=OCTETS, characters__gte=OCTETS / 4)


class Migration(migrations.Migration):
    dependencies = [("labeling", "0018_fewer_indexes")]

    operations = [
        migrations.RunSQL(
            COUNT_NO_MORE,
            COUNT_ALWAYS,
            state_operations=[
                migrations.AlterField(
                    model_name=name,
                    name="characters",
                    field=labeling.prompts.text_length.CharacterCount(editable=False),
                )
                for name in ("prompt", "response")
            ],
        ),
        migrations.RunSQL(COUNT_AGAIN, NOT_AGAIN),
        migrations.AddConstraint(
            model_name="prompt",
            constraint=models.CheckConstraint(condition=LENGTH_POSSIBLE, name="prompt_length_possible"),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(condition=LENGTH_POSSIBLE, name="response_length_possible"),
        ),
        migrations.RemoveConstraint(model_name="response", name="imported_response_once"),
        migrations.AlterField(
            model_name="response",
            name="prompt",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="responses",
                to="labeling.prompt",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="sample",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="labeling.sample",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                fields=("prompt", "endpoint", "digest", "sample"), name="imported_response_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sample__isnull", False)), fields=("sample",), name="sample_filled_once"
            ),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='constraints',
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='history',
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', max_length=35),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='metadata',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='owner',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='reference',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='source',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='system',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='prompt',
            name='use_case',
            field=models.CharField(blank=True, choices=[('generation', 'generation'), ('open_qa', 'open QA'), ('closed_qa', 'closed QA'), ('brainstorming', 'brainstorming'), ('chat', 'chat'), ('rewrite', 'rewrite'), ('summarization', 'summarization'), ('classification', 'classification'), ('extract', 'extract'), ('other', 'other')], db_default='', default='', max_length=16),
        ),
        migrations.AlterField(
            model_name='response',
            name='finish_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=32),
        ),
        migrations.AlterField(
            model_name='response',
            name='marks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('empty', 'empty'), ('cut_off', 'cut off'), ('looping', 'looping'), ('refusing', 'refusing'), ('identity', 'tells which model it is'), ('twin', 'nearly the same as another')], max_length=16), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AlterField(
            model_name='response',
            name='revision',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
    ]
