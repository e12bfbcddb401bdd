"""Colours: the Okabe-Ito palette, whose good and bad stay apart for the colour-blind; 16 colours else."""

from collections.abc import Mapping

from textual.theme import Theme

_OWN = {
    "text-success": "#56B4E9",
    "text-error": "#E8743B",
    "text-warning": "#F0E442",
    "text-accent": "#E69F00",
    "text-secondary": "#CC79A7",
    "text-primary": "#8FD0F5",
    "text-muted": "#9AA3AD",
    "cursor-line": "#27435A",
    "banner-demo-text": "#10161C",
    "banner-demo": "#56B4E9",
    "banner-stop-text": "#FFFFFF",
    "banner-stop": "#B03A00",
    "banner-away-text": "#10161C",
    "banner-away": "#F0E442",
}

OKABE_ITO = Theme(
    name="modemd",
    primary="#0072B2",
    secondary="#CC79A7",
    warning="#F0E442",
    error="#D55E00",
    success="#56B4E9",
    accent="#E69F00",
    foreground="#E4E7EA",
    background="#10161C",
    surface="#161E26",
    panel="#1E2832",
    dark=True,
    variables=_OWN,
)

SIXTEEN = Theme(
    name="modemd-16",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_magenta",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_cyan",
    accent="ansi_yellow",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
        "text-success": "ansi_bright_cyan",
        "text-error": "ansi_bright_red",
        "text-warning": "ansi_bright_yellow",
        "text-accent": "ansi_yellow",
        "text-secondary": "ansi_bright_magenta",
        "text-primary": "ansi_bright_blue",
        "text-muted": "ansi_white",
        "cursor-line": "ansi_blue",
        "banner-demo-text": "ansi_black",
        "banner-demo": "ansi_cyan",
        "banner-stop-text": "ansi_bright_white",
        "banner-stop": "ansi_red",
        "banner-away-text": "ansi_black",
        "banner-away": "ansi_yellow",
    },
)


def sixteen_colours(environ: Mapping[str, str]) -> bool:
    """The Linux console and old terminals: the sixteen colours that they have."""
    term = environ.get("TERM", "")
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return False
    return term in ("linux", "cons25", "ansi") or term.startswith("vt")
