from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import override

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.report import report_agreement
from evaluation.paper.formats import FORMATS
from evaluation.paper.paper import paper
from evaluation.reports import Report
from evaluation.scores.models import ScoreReport
from evaluation.scores.report import report_scores
from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.errors import Refused
from labeling.projects.models import Project


class Command(ConcordCommand):
    help = "Write agreement and scores, with methods and definitions, as one file."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--format", required=True, choices=list(FORMATS), help="what is written")
        parser.add_argument("--out", required=True, metavar="FILE", type=Path, help="where to, replacing what is there")
        parser.add_argument("--names", action="store_true", help="annotators by their user names, not by numbers")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default=settings.LANGUAGE_CODE,
            help="of the report (default: %(default)s)",
        )

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        computed = renew(project)
        with override(options["language"]):
            text = FORMATS[options["format"]].write(paper(project=project, with_names=options["names"]))
        try:
            options["out"].write_text(text, encoding="utf-8")
        except OSError as wrong:
            raise Refused(f"{options['out']}: {wrong.strerror}.") from wrong
        return {"project": project.slug, "format": options["format"], "out": str(options["out"]), "computed": computed}

    def tell(self, result: Result) -> str:
        return f"{result['out']}: the report of {result['project']}."


REPORTS: dict[str, tuple[type[Report], Callable[..., Report]]] = {
    "agreement": (AgreementReport, report_agreement),
    "scores": (ScoreReport, report_scores),
}


def renew(project: Project) -> list[str]:
    """Compute those of the stored figures that do not cover the labels of now; which these were."""
    computed = []
    for name, (kind, compute) in REPORTS.items():
        stored = kind._default_manager.filter(project=project).first()
        is_covered = stored.is_current() if stored else not kind.labels().filter(seat__project=project).exists()
        if not is_covered:
            compute(project=project)
            computed.append(name)
    return computed
