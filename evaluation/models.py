"""All tables of what the labels mean; each chapter defines its own."""

from evaluation.agreement.models import AgreementReport
from evaluation.datasets.models import Snapshot
from evaluation.enough.models import EnoughReport
from evaluation.progress.models import Tally
from evaluation.scores.models import ScoreReport

__all__ = ["AgreementReport", "EnoughReport", "ScoreReport", "Snapshot", "Tally"]
