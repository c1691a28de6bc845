from rest_framework.response import Response

from evaluation.api import figures
from evaluation.api.serializers import AgreementAnswer, AgreementAsked, ScoresAnswer, ScoresAsked
from labeling.api.reading import ProgramRequest, reads
from labeling.projects.roles import Action


@reads("Agreement", asks=AgreementAsked, gives=AgreementAnswer, action=Action.LEAD)
def agreement(request: ProgramRequest) -> Response:
    """How much annotators agree, with 95 % intervals from resampling prompts. For leads.

    The figures are those of the page: they follow the labels by some seconds.
    """
    return Response(AgreementAnswer(figures.agreement(request.project, **request.asked)).data)


@reads("Scores", asks=ScoresAsked, gives=ScoresAnswer, action=Action.LEAD)
def scores(request: ProgramRequest) -> Response:
    """How the endpoints fare by what people said, with 95 % intervals from resampling prompts. For leads.

    The figures are those of the page. Where a reviewer decided about a task, the decision counts.
    """
    return Response(ScoresAnswer(figures.scores(request.project, **request.asked)).data)
