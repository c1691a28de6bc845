"""Requests that the test's web server is at work on."""

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

changed = threading.Condition()
count = 0


class InFlight:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        global count
        with changed:
            count += 1
        try:
            return self.get_response(request)
        finally:
            with changed:
                count -= 1
                changed.notify_all()


def wait_for_none() -> None:
    with changed:
        assert changed.wait_for(lambda: count == 0, timeout=20)
