"""A project's agreement and scores in one document, from the reports that are stored."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluation.agreement.models import AgreementReport
from evaluation.paper import agreement, scores
from evaluation.paper.blocks import Paper, Section, Words, whole
from evaluation.paper.methods import methods
from evaluation.reports import Report
from evaluation.scores.models import ScoreReport
from evaluation.scores.page import Page
from evaluation.wording import measure_titles
from labeling.assignment.models import Task
from labeling.people.models import User
from labeling.projects.models import Project


def paper(*, project: Project, with_names: bool = False) -> Paper:
    """In the reader's language. Annotators have numbers for names, unless it is `with_names`."""
    agreed = AgreementReport.objects.filter(project=project).first()
    scored = ScoreReport.objects.filter(project=project).first()
    sections: list[Section] = []
    statistics: set[str] = set()
    found: Page | None = None
    if agreed is not None:
        content = agreed.content
        questions = (question for instrument in project.instruments.all() for question in instrument.questions)
        people = [one["user"] for one in content["annotators"]["each"]]
        names = usernames(people) if with_names else pseudonyms(people)
        sections += agreement.sections(content, measure_titles(questions), names)
        statistics = {one["statistic"] for measure in content["measures"] for one in measure["figures"]}
    if scored is not None and any(figure["n"] for figure in scored.content["figures"]):
        found = Page(scored, project, {})
        sections += scores.sections(found)
    if not sections:
        sections.append(Section(_("Figures"), [Words(_("No figures yet"))]))
    instrument = project.current_instrument()
    sections.append(
        methods(statistics, {one.partition(".")[0] for one in found.standings.figures} if found else (), instrument)
    )
    return Paper(
        title=_("Agreement and scores: %(project)s") % {"project": project.name},
        facts=[*facts(project), *origins(agreed, scored)],
        sections=sections,
    )


def usernames(people: Iterable[int]) -> Mapping[int, str]:
    return dict(User.objects.filter(pk__in=people).values_list("pk", "username"))


def pseudonyms(people: list[int]) -> Mapping[int, str]:
    """By the order of first labels, which nobody is known by; as many digits in all, so that they sort."""
    digits = len(str(len(people)))
    return {
        person: _("Annotator %(number)s") % {"number": f"{number:0{digits}}"} for number, person in enumerate(people, 1)
    }


def facts(project: Project) -> Iterable[tuple[str, str]]:
    yield _("Project"), f"{project.name} ({project.slug})"
    if project.description:
        yield _("Description"), project.description
    instrument, guideline = project.current_instrument(), project.guideline
    yield _("Questions"), _("version %(version)d") % {"version": instrument.version} if instrument else _("none")
    yield (
        _("Guidelines"),
        (
            _("version %(version)d, of %(date)s") % {"version": guideline.version, "date": moment(guideline.created_at)}
            if guideline
            else _("none")
        ),
    )
    tasks = Task.objects.filter(project=project)
    labeled = AgreementReport.labels().filter(seat__project=project)
    yield _("Prompts"), whole(project.prompts.count()).text
    yield _("Endpoints"), whole(project.endpoints.count()).text
    yield _("Tasks"), whole(tasks.count()).text
    yield _("Annotators"), whole(labeled.values("seat__holder").distinct().count()).text


def origins(agreed: AgreementReport | None, scored: ScoreReport | None) -> Iterable[tuple[str, str]]:
    """From which labels the figures are."""
    for title, report in ((_("Agreement"), agreed), (_("Scores"), scored)):
        if report is not None:
            yield title, origin(report)


def origin(report: Report) -> str:
    said = _("from %(n)s annotations, computed %(date)s, seed %(seed)d") % {
        "n": whole(report.n_annotations).text,
        "date": moment(report.computed_at),
        "seed": report.seed,
    }
    return (
        said if report.is_current() else f"{said}. {_('Labels have changed since; these figures do not cover that.')}"
    )


def moment(at: datetime) -> str:
    return f"{date_format(timezone.localtime(at), 'DATETIME_FORMAT')} {timezone.localtime(at):%Z}"
