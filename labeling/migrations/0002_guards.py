"""What constraints on one row cannot say."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION labeling_annotation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.is_current AND NOT NEW.is_current THEN
        NEW.is_current := OLD.is_current;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            NEW.is_current := false;
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'annotation % is append-only: add a revision', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER annotation_append_only BEFORE UPDATE OR DELETE ON labeling_annotation
    FOR EACH ROW EXECUTE FUNCTION labeling_annotation_guard();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER annotation_append_only ON labeling_annotation;
DROP FUNCTION labeling_annotation_guard();
"""

SAME_PROJECT = """
ALTER TABLE labeling_task ADD CONSTRAINT task_and_project UNIQUE (id, project_id);
ALTER TABLE labeling_seat ADD CONSTRAINT seat_in_the_project_of_its_task
    FOREIGN KEY (task_id, project_id) REFERENCES labeling_task (id, project_id) DEFERRABLE INITIALLY DEFERRED;
"""

ANY_PROJECT = """
ALTER TABLE labeling_seat DROP CONSTRAINT seat_in_the_project_of_its_task;
ALTER TABLE labeling_task DROP CONSTRAINT task_and_project;
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(SAME_PROJECT, ANY_PROJECT),
    ]
