"""Who a program comes in as: whoever the token it shows belongs to. Sessions of browsers count for nothing here."""

from typing import Any, NoReturn

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from labeling.people.models import AccessToken, User
from labeling.people.tokens import find_token, note_use

SCHEME = "bearer"


class BearerToken(BaseAuthentication):
    """By `Authorization: Bearer TOKEN`, and by nothing else: 401 says what is wrong with it."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken]:
        token = find_token(shown_secret(request))
        if token is None:
            refuse("token_unknown", _("There is no such access token."))
        if token.revoked_at is not None:
            refuse("token_revoked", _("This access token was revoked."))
        if token.is_expired:
            refuse("token_expired", _("This access token has expired: make another."))
        if not token.user.is_active:
            refuse("account_closed", _("The account of this access token is closed."))
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        wrong = ', error="invalid_token"' if "Authorization" in request.headers else ""
        return f'Bearer realm="Concord"{wrong}'


def shown_secret(request: Request) -> str:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        refuse("token_missing", _("Send an access token in the header “Authorization: Bearer TOKEN”."))
    return secret.strip()


def refuse(code: str, message: str) -> NoReturn:
    raise AuthenticationFailed(message, code)


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": SCHEME,
            "description": "An access token of yours, from the page Access tokens.",
        }
