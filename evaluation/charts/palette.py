"""The colours of charts: custom properties, which follow the page's light or dark, and what they are on paper."""

import re

TEXT = "var(--text)"
MUTED = "var(--muted)"
LINE = "var(--line)"
SURFACE = "var(--surface)"
SUNKEN = "var(--sunken)"
ACCENT = "var(--accent)"
INVERSE = "var(--on-accent)"
SANS = "var(--sans)"

RAMP = tuple(f"var(--ramp-{step})" for step in range(1, 8))
"""From little to much: one hue whose lightness alone tells the steps apart, so it reads in grey as well."""
ON_RAMP = (TEXT,) * 4 + (INVERSE,) * 3
"""What is written on each step."""

ON_PAPER = {
    "--text": "#1a1d23",
    "--muted": "#5a6270",
    "--line": "#d9dde5",
    "--surface": "#ffffff",
    "--sunken": "#eef0f4",
    "--accent": "#3451c7",
    "--on-accent": "#ffffff",
    "--ramp-1": "#e6ebff",
    "--ramp-2": "#d3dcff",
    "--ramp-3": "#b9c7ff",
    "--ramp-4": "#97aaf5",
    "--ramp-5": "#5570d2",
    "--ramp-6": "#3f59bd",
    "--ramp-7": "#2a3f99",
    "--sans": "sans-serif",
}
"""The light values of static/css, for files that no style sheet reaches; a test holds the two together."""


def on_paper(svg: str) -> str:
    return re.sub(r"var\((--[\w-]+)\)", lambda found: ON_PAPER[found[1]], svg)
