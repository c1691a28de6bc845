"""All tables of what the labels mean; each chapter defines its own."""

from evaluation.agreement.models import AgreementFigure, AgreementReport
from evaluation.datasets.models import Snapshot
from evaluation.scores.models import ScoreFigure, ScoreReport

__all__ = ["AgreementFigure", "AgreementReport", "ScoreFigure", "ScoreReport", "Snapshot"]
