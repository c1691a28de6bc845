"""Runs of before had one endpoint, which was asked with its own sampling values."""

from django.db import migrations

PARTS = """
UPDATE labeling_endpoint SET provider = 'local' WHERE provider = 'transformers';
INSERT INTO labeling_samplingparams (endpoint_id, temperature, top_p, max_new_tokens)
    SELECT DISTINCT endpoint.id, endpoint.temperature, endpoint.top_p, endpoint.max_new_tokens
    FROM labeling_endpoint AS endpoint
    WHERE EXISTS (SELECT FROM labeling_generationrun AS run WHERE run.endpoint_id = endpoint.id)
        OR EXISTS (SELECT FROM labeling_sample AS sample WHERE sample.endpoint_id = endpoint.id);
UPDATE labeling_generationrun AS run SET project_id = endpoint.project_id
    FROM labeling_endpoint AS endpoint WHERE endpoint.id = run.endpoint_id;
INSERT INTO labeling_runpart (run_id, params_id, samples, woken_at)
    SELECT run.id, params.id, run.samples, run.woken_at
    FROM labeling_generationrun AS run JOIN labeling_samplingparams AS params ON params.endpoint_id = run.endpoint_id;
UPDATE labeling_sample AS sample
    SET params_id = params.id,
        size = length(prompt.text) + length(prompt.system) + length(prompt.history::text),
        problem = CASE WHEN sample.state = 'failed' THEN 'broke' ELSE '' END,
        problem_detail = CASE WHEN sample.state = 'failed' THEN jsonb_build_object('why', sample.error) ELSE '{}'::jsonb END
    FROM labeling_samplingparams AS params, labeling_prompt AS prompt
    WHERE params.endpoint_id = sample.endpoint_id AND prompt.id = sample.prompt_id;
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0010_several_endpoints")]
    operations = [migrations.RunSQL(PARTS, migrations.RunSQL.noop)]
