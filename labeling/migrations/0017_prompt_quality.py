"""What is found in prompts, and what it forbids: texts in use stay, and what is held is not used."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION labeling_prompt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM labeling_response WHERE prompt_id = OLD.id)
        OR EXISTS (SELECT FROM labeling_sample WHERE prompt_id = OLD.id)
        OR EXISTS (SELECT FROM labeling_task WHERE prompt_id = OLD.id) THEN
        RAISE EXCEPTION 'prompt % is in use: it stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER prompt_in_use_stays BEFORE UPDATE OF text, history, system ON labeling_prompt FOR EACH ROW
    WHEN ((OLD.text, OLD.history, OLD.system) IS DISTINCT FROM (NEW.text, NEW.history, NEW.system))
    EXECUTE FUNCTION labeling_prompt_guard();

CREATE FUNCTION labeling_task_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM made JOIN labeling_prompt AS prompt ON prompt.id = made.prompt_id
               WHERE prompt.clearance = 'held' AND made.plan_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a task of a prompt that is held' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER task_of_usable_prompt AFTER INSERT ON labeling_task REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION labeling_task_guard();

CREATE FUNCTION labeling_sample_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM made JOIN labeling_prompt AS prompt ON prompt.id = made.prompt_id
               WHERE prompt.clearance = 'held') THEN
        RAISE EXCEPTION 'a sample of a prompt that is held' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sample_of_usable_prompt AFTER INSERT ON labeling_sample REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION labeling_sample_guard();
"""

NO_GUARDS = """
DROP TRIGGER sample_of_usable_prompt ON labeling_sample;
DROP FUNCTION labeling_sample_guard();
DROP TRIGGER task_of_usable_prompt ON labeling_task;
DROP FUNCTION labeling_task_guard();
DROP TRIGGER prompt_in_use_stays ON labeling_prompt;
DROP FUNCTION labeling_prompt_guard();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('labeling', '0016_imports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fingerprint',
            fields=[
                ('prompt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='fingerprint', serialize=False, to='labeling.prompt')),
                ('signature', models.BinaryField(max_length=100)),
                ('compared', models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name='project',
            name='most_of_owner',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='personal_data',
            field=models.CharField(choices=[('nothing', 'note it, and use them'), ('hold', 'hold them until a lead decides'), ('mask', 'mask it, and use them')], db_default='nothing', default='nothing', max_length=8),
        ),
        migrations.AddField(
            model_name='prompt',
            name='characters',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Length('text'), output_field=models.IntegerField()),
        ),
        migrations.AddField(
            model_name='response',
            name='characters',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Length('text'), output_field=models.IntegerField()),
        ),
        migrations.AddField(
            model_name='prompt',
            name='clearance',
            field=models.CharField(blank=True, choices=[('held', 'waits for a decision'), ('cleared', 'used as it is'), ('masked', 'masked')], db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='prompt',
            name='family',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='prompt',
            name='language_detected',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='prompt',
            name='looked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='prompt',
            name='personal',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('key', 'secret key'), ('email', 'e-mail address'), ('iban', 'bank account'), ('id', 'national id'), ('card', 'payment card'), ('phone', 'phone number'), ('ip', 'IP address')], max_length=8), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddIndex(
            model_name='prompt',
            index=models.Index(condition=models.Q(('looked_at', None)), fields=['project', 'id'], name='prompt_unseen'),
        ),
        migrations.AddIndex(
            model_name='prompt',
            index=models.Index(condition=models.Q(('clearance', 'held')), fields=['project', 'id'], name='prompt_held'),
        ),
        migrations.AddIndex(
            model_name='prompt',
            index=models.Index(condition=models.Q(('family', ''), _negated=True), fields=['project', 'family'], name='prompt_family'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('personal_data__in', ['nothing', 'hold', 'mask'])), name='project_personal_data_known'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('most_of_owner', None), ('most_of_owner__gte', 1), _connector='OR'), name='project_most_of_owner'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('language_detected', False), models.Q(('language', ''), _negated=True), _connector='OR'), name='prompt_language_detected'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('personal__contained_by', ['key', 'email', 'iban', 'id', 'card', 'phone', 'ip'])), name='prompt_personal_known'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('clearance', ''), models.Q(('clearance__in', ['held', 'cleared', 'masked']), ('personal__len__gt', 0)), _connector='OR'), name='prompt_clearance_of_something'),
        ),
        migrations.AddIndex(
            model_name='fingerprint',
            index=models.Index(condition=models.Q(('compared', False)), fields=['prompt'], name='fingerprint_uncompared'),
        ),
        migrations.AddConstraint(
            model_name='fingerprint',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('signature'), 100), name='fingerprint_whole'),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
