from celery import shared_task

from evaluation.progress.keep_tallies import keep_tallies


@shared_task
def sweep() -> None:
    """Keep the pages of large projects quick."""
    keep_tallies()
