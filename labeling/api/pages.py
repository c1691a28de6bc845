"""Long lists, a page at a time."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from labeling.api.serializers import MOST_ON_PAGE, USUAL_ON_PAGE


class Pages(CursorPagination):
    """In the order in which rows were added, so none is missed or given twice when there are more meanwhile."""

    ordering = "pk"
    page_size = USUAL_ON_PAGE
    page_size_query_param = "limit"
    max_page_size = MOST_ON_PAGE

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises ValidationError for cursors that we did not make; the database would not take some of them."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as invalid:
            raise ValidationError({"cursor": [str(invalid.detail)]}) from None
        position: Any = cursor and cursor.position
        if position and not position.isdecimal():
            raise ValidationError({"cursor": [str(self.invalid_cursor_message)]})
        return cursor
