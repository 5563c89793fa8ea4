"""One look for every figure of the course, and the one function that shows and writes them."""

import os
import re
import sys
from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.style
from cycler import cycler
from matplotlib.figure import Figure

from ..checks import checked_option, refuse
from ..plots.colors import COLORS
from .widgets import WIDGETS, view

FOLDER_VARIABLE = "HPO_HELPERS_FIGURES"
_CYCLE = [COLORS[name] for name in COLORS if name not in ("yellow", "gray")]
_CSS_PIXELS_PER_INCH = 100
_STYLE: dict[Any, Any] = {
    "figure.figsize": (7.0, 3.9),
    "figure.dpi": _CSS_PIXELS_PER_INCH,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 9.0,
    "axes.labelcolor": "#333333",
    "axes.edgecolor": "#767676",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=_CYCLE),
    "axes.formatter.use_mathtext": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.8,
    "xtick.color": "#767676",
    "ytick.color": "#767676",
    "xtick.labelcolor": "#333333",
    "ytick.labelcolor": "#333333",
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 6.0,
    "hatch.linewidth": 0.8,
    "image.cmap": "cividis",
}
# What a saved file needs to be the same on every run, whatever style is in force.
_SAVING: dict[Any, Any] = {
    "savefig.bbox": None,
    "svg.fonttype": "path",  # text as outlines: drawn alike where DejaVu is not installed
    "svg.hashsalt": "hpo_helpers",  # matplotlib otherwise draws random element ids
    "svg.id": None,
}


def use_style() -> None:
    """Start from matplotlib's defaults and turn on the style of the course.

    A figure is 7 inches wide, which a notebook shows as 700 pixels. The user's own
    ``matplotlibrc`` has no say, so that figures come out alike on every machine.
    """
    matplotlib.style.use(["default", _STYLE])


def save_figure(fig: Figure, name: str, *, alt: str, widget: str | None = None) -> None:
    """Show a figure with its alt text when run in a notebook, and write it if that is asked for.

    It is written as PNG and SVG to the folder that the environment variable ``HPO_HELPERS_FIGURES``
    names, as ``make run`` does for the course's own figures. Where that is not set, nothing is written.

    The files carry no date and no version, so two runs in one environment write the same bytes.
    The alternative text goes into both files (PNG text ``Description``, SVG ``<title>``), the
    title of the figure into the PNG text ``Title``. In a notebook the figure is shown at once and
    closed, so it appears exactly once, as an HTML image with this alternative text.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The finished figure.
    name : str
        Of the files, if they are written: two digits of the chapter, an underscore, then lower-case
        letters, digits and underscores. ``"03_noise"`` becomes ``03_noise.png`` and ``03_noise.svg``.
    alt : str
        What the figure shows, in at least one full sentence, for those who cannot see it.
    widget : str, optional
        One of `hpo_helpers.course.widgets.WIDGETS`, which is shown in place of the figure where scripts
        run. Where files are written, and so in stored outputs, it is only named beside the figure.

    Raises
    ------
    TypeError
        If `fig` is not a figure.
    ValueError
        If `alt` is not of the form above, or `name` is not and files are written, or if there is no such
        widget.
    """
    if not isinstance(fig, Figure):
        refuse("fig", "be a matplotlib Figure", fig, "pass ax.figure", TypeError)
    if not isinstance(alt, str) or len(alt.split()) < 6 or not alt.rstrip().endswith("."):
        refuse("alt", f"say in a full sentence, with its full stop, what {name} shows", alt)
    if widget is not None:
        checked_option("widget", widget, WIDGETS)
    alt, folder = " ".join(alt.split()), os.environ.get(FOLDER_VARIABLE)
    if folder and not re.fullmatch(r"\d\d_[a-z0-9_]+", str(name)):
        refuse("name", "look like '03_noise' (chapter, then what it shows)", name)
    if folder or _in_notebook():
        with matplotlib.rc_context(_SAVING):
            png = _with_few_colors(_render(fig, "png", dpi=150), _title_of(fig), alt)
            if folder:
                svg = _render(fig, "svg", metadata={"Title": alt, "Date": None, "Creator": None})
                _write(Path(folder), name, {"png": png, "svg": svg})
        if _in_notebook():
            _show(fig, png, alt, widget, live=not folder)


def _title_of(fig: Figure) -> str:
    titles = [fig.get_suptitle()]
    for ax in fig.axes:
        titles += [ax.get_title("left"), ax.get_title("center"), ax.get_title("right")]
    return next((" ".join(title.split()) for title in titles if title), "")


def _render(fig: Figure, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    fig.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def _with_few_colors(png: bytes, title: str, alt: str) -> bytes:
    """The same picture in 256 colors, a third of the bytes, with its title and alt text inside."""
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    text.add_itxt("Title", title)
    text.add_itxt("Description", alt)
    buffer = BytesIO()
    with Image.open(BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(buffer, "png", optimize=True, pnginfo=text)
    return buffer.getvalue()


def _write(folder: Path, name: str, contents: dict[str, bytes]) -> None:
    """Write each file whole or not at all: a full disk leaves the old figure as it was."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, content in contents.items():
        part = folder / f".{name}.{kind}.{os.getpid()}.part"
        try:
            part.write_bytes(content)
            part.replace(folder / f"{name}.{kind}")
        finally:
            part.unlink(missing_ok=True)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return hasattr(ipython and ipython.get_ipython(), "kernel")


def _show(fig: Figure, png: bytes, alt: str, widget: str | None, live: bool) -> None:
    """Show a figure's bytes or its widget, and close it, so that nothing shows it again."""
    from IPython import display
    from matplotlib import pyplot

    show: Any = display.display
    width, height = (round(inches * _CSS_PIXELS_PER_INCH) for inches in fig.get_size_inches())
    about = {"alt": alt, "width": width, "height": height} | ({"widget": widget} if widget else {})
    parts, more = view(widget) if widget and live else ({}, {})
    # JupyterLab gives its own <img> for image/png no alt text, so it gets ours; where HTML is not shown, the
    # PNG is, and nbconvert and others find its alt text in the metadata.
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    html = f'<img alt="{escape(alt)}" width="{width}" height="{height}" src="{source}">'
    data = {"text/html": html, "image/png": png, "text/plain": alt}
    show(data | parts, metadata={"image/png": about} | more, raw=True)
    pyplot.close(fig)
