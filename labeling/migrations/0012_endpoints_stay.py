"""What holds of endpoints, runs and samples from now on."""

import django.db.models.deletion
from django.db import migrations, models

SAME_ENDPOINT = """
ALTER TABLE labeling_samplingparams ADD CONSTRAINT params_and_endpoint UNIQUE (id, endpoint_id);
ALTER TABLE labeling_sample ADD CONSTRAINT sample_of_the_endpoint_of_its_params
    FOREIGN KEY (params_id, endpoint_id) REFERENCES labeling_samplingparams (id, endpoint_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

ANY_ENDPOINT = """
ALTER TABLE labeling_sample DROP CONSTRAINT sample_of_the_endpoint_of_its_params;
ALTER TABLE labeling_samplingparams DROP CONSTRAINT params_and_endpoint;
"""

STAYS_ITSELF = """
CREATE FUNCTION labeling_endpoint_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.provider, NEW.model, NEW.revision, NEW.system)
            IS DISTINCT FROM (OLD.provider, OLD.model, OLD.revision, OLD.system)
        AND EXISTS (SELECT FROM labeling_response WHERE endpoint_id = OLD.id)
    THEN
        RAISE EXCEPTION 'endpoint % has answered: make another', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER endpoint_stays_itself BEFORE UPDATE OF provider, model, revision, system ON labeling_endpoint
    FOR EACH ROW EXECUTE FUNCTION labeling_endpoint_guard();
CREATE FUNCTION labeling_samplingparams_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sampling params % stay as they are: make others', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER samplingparams_stay BEFORE UPDATE ON labeling_samplingparams
    FOR EACH ROW EXECUTE FUNCTION labeling_samplingparams_guard();
"""

MAY_CHANGE = """
DROP TRIGGER samplingparams_stay ON labeling_samplingparams;
DROP FUNCTION labeling_samplingparams_guard();
DROP TRIGGER endpoint_stays_itself ON labeling_endpoint;
DROP FUNCTION labeling_endpoint_guard();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('labeling', '0011_parts_of_earlier_runs'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='generationrun',
            name='endpoint',
        ),
        migrations.RemoveField(
            model_name='generationrun',
            name='samples',
        ),
        migrations.RemoveField(
            model_name='generationrun',
            name='woken_at',
        ),
        migrations.RemoveField(
            model_name='sample',
            name='error',
        ),
        migrations.AlterField(
            model_name='generationrun',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='labeling.project'),
        ),
        migrations.AlterField(
            model_name='sample',
            name='params',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='labeling.samplingparams'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('temperature', 0), models.Q(('temperature__gte', 0.01), ('temperature__lte', 5)), _connector='OR'), name='endpoint_temperature_sane', violation_error_message='The temperature is 0 (greedy), or from 0.01 to 5.'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('top_p__gte', 0.01), ('top_p__lte', 1)), name='endpoint_top_p_sane', violation_error_message='Top-p is from 0.01 to 1.'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('problem__in', ['', 'not_a_name', 'not_loaded', 'no_template', 'too_long', 'no_memory', 'no_images', 'template', 'broke', 'nobody', 'given_up', 'refused_address', 'not_an_address', 'key_lost', 'not_a_key', 'redirected', 'no_such_host', 'no_answer', 'too_slow', 'broken_off', 'not_understood', 'throttled', 'server_error', 'no_access', 'no_such_model', 'refused'])), name='endpoint_problem_known'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('provider__in', ['local', 'openai', 'file'])), name='endpoint_provider_known'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['unknown', 'loading', 'reachable', 'failing'])), name='endpoint_state_known'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('concurrency__gte', 1), ('concurrency__lte', 256)), name='endpoint_concurrency_sane'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('prompt_price__isnull', True), ('response_price__isnull', True)), models.Q(('prompt_price__gte', 0), ('prompt_price__isnull', False), ('response_price__gte', 0), ('response_price__isnull', False)), _connector='OR'), name='endpoint_prices_sane', violation_error_message='Give both prices, neither below 0, or none.'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('provider', 'file'), models.Q(models.Q(('model', ''), _negated=True), models.Q(('provider', 'local'), models.Q(('base_url', ''), _negated=True), _connector='XOR')), _connector='OR'), name='endpoint_can_be_reached', violation_error_message='A chat-completions server needs an address, and a model on this machine has none.'),
        ),
        migrations.AddConstraint(
            model_name='generationrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'cancelled'])), name='run_state_known'),
        ),
        migrations.AddConstraint(
            model_name='generationrun',
            constraint=models.CheckConstraint(condition=models.Q(('per_prompt__isnull', True), models.Q(('per_prompt__gte', 1), ('per_prompt__lte', 64)), _connector='OR'), name='run_per_prompt_sane'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'claimed'])), fields=['run', 'params', 'attempts', 'size', 'prompt', 'number'], name='sample_pending'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(condition=models.Q(('state', 'claimed')), fields=['claim'], name='sample_claim'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(condition=models.Q(('state', 'claimed')), fields=['endpoint', 'leased_until'], name='sample_under_way'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(fields=['run', 'state'], name='sample_states'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(('problem__in', ['', 'not_a_name', 'not_loaded', 'no_template', 'too_long', 'no_memory', 'no_images', 'template', 'broke', 'nobody', 'given_up', 'refused_address', 'not_an_address', 'key_lost', 'not_a_key', 'redirected', 'no_such_host', 'no_answer', 'too_slow', 'broken_off', 'not_understood', 'throttled', 'server_error', 'no_access', 'no_such_model', 'refused'])), name='sample_problem_known'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.UniqueConstraint(fields=('params', 'prompt', 'number', 'redraw'), name='sample_once'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'claimed', 'done', 'failed', 'cancelled'])), name='sample_state_known'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(('problem', ''), models.Q(('state', 'done'), _negated=True), _connector='OR'), name='sample_done_without_problem'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('problem', ''), _negated=True), models.Q(('state', 'failed'), _negated=True), _connector='OR'), name='sample_failed_with_problem'),
        ),
        migrations.AddIndex(
            model_name='response',
            index=models.Index(condition=models.Q(('sample__isnull', False)), fields=['endpoint', 'created_at'], name='response_drawn'),
        ),
        migrations.RunSQL(SAME_ENDPOINT, ANY_ENDPOINT),
        migrations.RunSQL(STAYS_ITSELF, MAY_CHANGE),
    ]
