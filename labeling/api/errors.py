"""What programs are told when they get nothing: one shape for every failure, in the reader's language."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from labeling.errors import Refused

Fields = Mapping[str, list[str]]


def failure(code: str, message: str, fields: Fields | None = None) -> dict[str, Any]:
    """`code` is for programs, `message` for whoever reads it; `fields` names the parameters that are wrong."""
    error = {"code": code, "message": message} | ({"fields": dict(fields)} if fields else {})
    return {"error": error}


def answer(raised: Exception, context: dict[str, Any]) -> Response | None:
    """Of what a view raised. None for mistakes of ours, which Django logs and config/api/failures.py answers."""
    if isinstance(raised, Refused):
        return Response(failure("refused", str(raised)), status=HTTPStatus.CONFLICT)
    response = exception_handler(raised, context)
    if response is not None:
        response.data = described(raised, response.data)
    return response


def described(raised: Exception, said: Any) -> dict[str, Any]:
    if isinstance(raised, ValidationError):
        fields = {name: [str(one) for one in problems] for name, problems in said.items()}
        sentences = [f"{name}: {' '.join(problems)}" for name, problems in fields.items()]
        return failure("invalid", " ".join(sentences), fields)
    detail: ErrorDetail = said["detail"]
    return failure(str(detail.code), str(detail))
