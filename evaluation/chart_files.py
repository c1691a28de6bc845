"""Charts as files to be kept."""

from collections.abc import Iterable

from django.http import Http404, HttpResponse

from evaluation.charts.chart import Chart

TYPES = {"svg": "image/svg+xml", "csv": "text/csv; charset=utf-8"}


def chart_file(charts: Iterable[Chart], name: str, ending: str) -> HttpResponse:
    """The chart of that name; 404 where there is none."""
    chart = next((one for one in charts if one.name == name), None)
    if chart is None or ending not in TYPES:
        raise Http404
    content = chart.file if ending == "svg" else chart.csv()
    disposition = f'attachment; filename="{name}.{ending}"'
    return HttpResponse(content, content_type=TYPES[ending], headers={"Content-Disposition": disposition})
