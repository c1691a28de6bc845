from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from evaluation.agreement.consensus import consensus as consensus_of
from evaluation.api import figures, stored
from evaluation.api.asked import (
    USUAL_TASKS,
    AgreementAsked,
    ConsensusAsked,
    EnoughAsked,
    ProgressAsked,
    ReportAsked,
    RowsAsked,
    ScoresAsked,
)
from evaluation.api.page import page_of
from evaluation.api.shapes.agreement import AgreementAnswer, AgreementReportAnswer
from evaluation.api.shapes.consensus import ConsensusAnswer
from evaluation.api.shapes.datasets import DatasetsAnswer, SnapshotRow
from evaluation.api.shapes.enough import EnoughAnswer
from evaluation.api.shapes.progress import ProgressAnswer
from evaluation.api.shapes.report import ReportAnswer
from evaluation.api.shapes.scores import ScoresAnswer, ScoresReportAnswer
from evaluation.datasets.models import SnapshotState
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.stream import lines
from evaluation.datasets.views import archive_of
from evaluation.paper.formats import FORMATS
from evaluation.paper.paper import paper
from evaluation.progress.plain import plain_progress
from labeling.api.reading import ProgramRequest, reads
from labeling.api.serializers import PageAsked
from labeling.api.views import page
from labeling.assignment.progress import progress as counts_of
from labeling.projects.roles import Action


@reads("Progress", asks=ProgressAsked, gives=ProgressAnswer, action=Action.LEAD)
def progress(request: ProgramRequest) -> Response:
    """How the labeling goes at this moment: what there is, seats by state, labels by day, week and person, active time,
    and when the seats left will be filled. For leads.
    """
    counts = {"counts": counts_of(request.project)}
    return Response(ProgressAnswer(plain_progress(request.project, **request.asked) | counts).data)


@reads("Agreement", asks=AgreementAsked, gives=AgreementAnswer, action=Action.LEAD)
def agreement(request: ProgramRequest) -> Response:
    """How much annotators agree, with 95 % intervals from resampling prompts. For leads.

    The figures are those of the page: they follow the labels by some seconds. Whoever asks for more than is stored, by
    parameters other than `question` and `statistic`, gets figures that are computed while they wait. Those of each two
    annotators come with `statistic=cohen_kappa`.
    """
    return Response(AgreementAnswer(figures.agreement(request.project, request.asked)).data)


@reads("Report on agreement", gives=AgreementReportAnswer, action=Action.LEAD)
def agreement_report(request: ProgramRequest) -> Response:
    """All that the page of agreement is made of: figures by parts, confusion, each two annotators, and each annotator
    with flags. For leads.
    """
    return Response(AgreementReportAnswer(stored.agreement_report(request.project)).data)


@reads("Scores", asks=ScoresAsked, gives=ScoresAnswer, action=Action.LEAD)
def scores(request: ProgramRequest) -> Response:
    """How the endpoints fare by what people said, with 95 % intervals from resampling prompts. For leads.

    The figures are those of the page. Where a reviewer decided about a task, the decision counts. Whoever asks for more
    than is stored, by parameters other than `score`, gets figures that are computed while they wait.
    """
    return Response(ScoresAnswer(figures.scores(request.project, request.asked)).data)


@reads("Report on scores", gives=ScoresReportAnswer, action=Action.LEAD)
def scores_report(request: ProgramRequest) -> Response:
    """All that the page of scores is made of: figures by parts, win rates of each two endpoints, at equal length,
    distributions of ratings, and paired differences. For leads.
    """
    return Response(ScoresReportAnswer(stored.scores_report(request.project)).data)


@reads("Enough?", asks=EnoughAsked, gives=EnoughAnswer, action=Action.LEAD)
def enough(request: ProgramRequest) -> Response:
    """How many more labels would make an interval so narrow, or tell two endpoints apart, and the work they are. For
    leads. It is foreseen from the labels in the background.
    """
    return Response(EnoughAnswer(figures.enough(request.project, request.asked)).data)


@reads("Consensus", asks=ConsensusAsked, gives=ConsensusAnswer, action=Action.LEAD)
def consensus(request: ProgramRequest) -> Response:
    """What annotators say together: a ranking of each task's responses and an answer to each flag, with how often each
    annotator is wrong about it. For leads. Computed from the labels while you wait.
    """
    asked = {"limit": USUAL_TASKS, **request.asked}
    found = consensus_of(project=request.project, question=asked.pop("question", None))
    rows, after = page_of(request, found.rows, **asked)
    shown = {"project": request.project.slug, "flags": found.flags, "rows": rows, "next": after}
    return Response(ConsensusAnswer(shown).data)


@reads("Report", asks=ReportAsked, gives=ReportAnswer, action=Action.LEAD)
def report(request: ProgramRequest) -> Response:
    """Agreement and scores as they are stored, with methods and definitions, as one file to hand on, in the language of
    `Accept-Language`. For leads.
    """
    asked = {"format": "html", "names": False, **request.asked}
    form = FORMATS[asked["format"]]
    written = {
        "project": request.project.slug,
        "name": f"{request.project.slug}-report.{form.ending}",
        "content_type": form.content_type,
        "content": form.write(paper(project=request.project, with_names=asked["names"])),
    }
    return Response(ReportAnswer(written).data)


@reads("Data sets", asks=PageAsked, gives=DatasetsAnswer, action=Action.LEAD)
def datasets(request: ProgramRequest) -> Response:
    """The data sets that were written or are being written, the oldest first, each with how labels became rows. For
    leads.
    """
    return page(request, request.project.snapshots.select_related("project"), SnapshotRow)


@reads("Rows of labels", asks=RowsAsked, gives=None, action=Action.LEAD, media_type="application/x-ndjson")
def dataset_rows(request: ProgramRequest) -> StreamingHttpResponse:
    """The labels as they are now, one row a line, in any of the formats, sent as they are read: as of one moment,
    however long it takes. For leads. Whoever needs the same rows again writes a data set.
    """
    stated = {**request.asked}
    split = stated.pop("split", None)
    return StreamingHttpResponse(
        lines(request.project, recipe_of(stated), split), content_type="application/x-ndjson; charset=utf-8"
    )


SNAPSHOT = OpenApiParameter("snapshot_id", int, OpenApiParameter.PATH, description="The data set, by its `id`.")


@reads("Archive of a data set", gives=None, action=Action.LEAD, media_type="application/zip", row=SNAPSHOT)
def dataset_archive(request: ProgramRequest, snapshot_id: int) -> HttpResponseBase:
    """A data set that is written, as one zip file; where it is kept elsewhere, the way there. For leads."""
    ready = request.project.snapshots.filter(state=SnapshotState.DONE)
    return archive_of(get_object_or_404(ready.select_related("project"), pk=snapshot_id))
