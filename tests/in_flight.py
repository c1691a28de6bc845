"""Requests that the test's web server is at work on, and a door that is shut to those that come after the test."""

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

changed = threading.Condition()
count = 0
shut = False


class InFlight:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        global count
        with changed:
            if shut:
                return HttpResponse(status=503)
            count += 1
        try:
            return self.get_response(request)
        finally:
            with changed:
                count -= 1
                changed.notify_all()


def shut_the_door() -> None:
    """What a browser says as it closes (a draft, a seat let go) may come long after; it finds no database any more."""
    global shut
    with changed:
        shut = True
        assert changed.wait_for(lambda: count == 0, timeout=20)


def open_the_door() -> None:
    global shut
    with changed:
        shut = False
