from django.conf import settings

from config.celery import CHAPTERS


def test_workers_know_the_jobs_of_every_chapter() -> None:
    with_jobs = {file.parent.relative_to(settings.BASE_DIR) for file in settings.BASE_DIR.glob("*/*/jobs.py")}
    assert {".".join(chapter.parts) for chapter in with_jobs} == set(CHAPTERS)


def test_every_job_that_is_done_by_the_clock_is_one_that_workers_know() -> None:
    asked = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {job.rsplit(".", 2)[0] for job in asked} <= set(CHAPTERS)
