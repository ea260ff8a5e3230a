"""Charts on pages: pictures in SVG that stand in the page itself, without a script or a style."""

from markupsafe import Markup

from interpreters.domain.charts import Chart, svg


def drawn(chart: Chart) -> Markup:
    """Return a chart as a part of a page; the picture escapes every word in it."""
    return Markup(svg(chart))  # noqa: S704 - it escapes  # nosec B704 # it escapes
