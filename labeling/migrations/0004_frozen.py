"""What was labeled with stays as it was: questions once frozen, and every version of the guidelines."""

from django.db import migrations

FROZEN = """
CREATE FUNCTION labeling_instrument_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (NEW.questions, NEW.frozen_at) IS DISTINCT FROM (OLD.questions, OLD.frozen_at) THEN
        RAISE EXCEPTION 'instrument % is frozen: make another version', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER instrument_frozen BEFORE UPDATE ON labeling_instrument
    FOR EACH ROW EXECUTE FUNCTION labeling_instrument_guard();
CREATE FUNCTION labeling_guideline_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'guideline % stays as it is: make another version', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER guideline_frozen BEFORE UPDATE ON labeling_guideline
    FOR EACH ROW EXECUTE FUNCTION labeling_guideline_guard();
"""

NOT_FROZEN = """
DROP TRIGGER guideline_frozen ON labeling_guideline;
DROP FUNCTION labeling_guideline_guard();
DROP TRIGGER instrument_frozen ON labeling_instrument;
DROP FUNCTION labeling_instrument_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0003_the_screen")]
    operations = [migrations.RunSQL(FROZEN, NOT_FROZEN)]
