"""One look for every figure of the course, and the one function that writes figures to disk."""

import os
import re
import sys
from io import BytesIO
from pathlib import Path

import matplotlib
import matplotlib.style
from cycler import cycler
from matplotlib.figure import Figure

#: Colors that people with any common color-vision deficiency can tell apart (Okabe & Ito 2008,
#: "Color Universal Design"; also Wong 2011, Nature Methods 8:441), and a gray. Yellow is for
#: areas only: as a line it is too pale on white.
COLORS = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
    "yellow": "#F0E442",
    "gray": "#767676",
}

_CYCLE = [COLORS[name] for name in COLORS if name not in ("yellow", "gray")]
_CSS_PIXELS_PER_INCH = 100
_STYLE = {
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
_SAVING = {
    "savefig.bbox": None,
    "svg.fonttype": "path",  # text as outlines: drawn alike where DejaVu is not installed
    "svg.hashsalt": "hpo_helpers",  # matplotlib otherwise draws random element ids
    "svg.id": None,
}


def use_style():
    """Start from matplotlib's defaults and turn on the style of the course.

    A figure is 7 inches wide, which a notebook shows as 700 pixels. The user's own
    ``matplotlibrc`` has no say, so that figures come out alike on every machine.
    """
    matplotlib.style.use(["default", _STYLE])


def figures_folder():
    """Tell where figures are written.

    Returns
    -------
    pathlib.Path
        ``$HPO_HELPERS_FIGURES`` if it is set, else ``figures/`` of the checkout that this package
        lives in, else ``figures/`` of the working directory.
    """
    if os.environ.get("HPO_HELPERS_FIGURES"):
        return Path(os.environ["HPO_HELPERS_FIGURES"])
    root = Path(__file__).resolve().parents[2]
    return (root if (root / "pyproject.toml").is_file() else Path.cwd()) / "figures"


def save_figure(fig, name, *, alt):
    """Write a figure as PNG and SVG, and show it with its alt text when run in a notebook.

    The files carry no date and no version, so two runs in one environment write the same bytes.
    The alternative text goes into both files (PNG text ``Description``, SVG ``<title>``), the
    title of the figure into the PNG text ``Title``. In a notebook the figure is shown at once and
    closed, so it appears exactly once.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The finished figure.
    name : str
        Two digits of the chapter, an underscore, then lower-case letters, digits and underscores:
        ``"03_noise"``. It becomes ``03_noise.png`` and ``03_noise.svg``.
    alt : str
        What the figure shows, in at least one full sentence, for those who cannot see it.

    Raises
    ------
    TypeError
        If `fig` is not a figure.
    ValueError
        If `name` or `alt` is not of the form above.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"fig must be a matplotlib Figure, got {type(fig).__name__}: pass ax.figure")
    if not isinstance(name, str) or not re.fullmatch(r"\d\d_[a-z0-9_]+", name):
        raise ValueError(f"name must look like '03_noise' (chapter, then what it shows), got {name!r}")
    if not isinstance(alt, str) or len(alt.split()) < 6 or not alt.rstrip().endswith("."):
        raise ValueError(
            f"alt must say in a full sentence, with its full stop, what {name} shows, got {alt!r}"
        )
    alt = " ".join(alt.split())
    text = {"Title": _title_of(fig), "Description": alt, "Software": None}
    with matplotlib.rc_context(_SAVING):
        png = _render(fig, "png", dpi=150, metadata=text, pil_kwargs={"optimize": True})
        svg = _render(fig, "svg", metadata={"Title": alt, "Date": None, "Creator": None})
    folder = figures_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{name}.png", png)
    _replace(folder / f"{name}.svg", svg)
    _show_in_notebook(fig, png, alt)


def _title_of(fig):
    places = ("left", "center", "right")
    titles = [fig.get_suptitle(), *(ax.get_title(place) for ax in fig.axes for place in places)]
    return next((" ".join(title.split()) for title in titles if title), "")


def _render(fig, kind, **options):
    buffer = BytesIO()
    fig.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def _replace(path, content):
    """Write a file whole or not at all: a full disk leaves the old figure as it was."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _show_in_notebook(fig, png, alt):
    """Show the bytes that were written and close the figure, so that nothing shows it again."""
    ipython = sys.modules.get("IPython")
    if not hasattr(ipython and ipython.get_ipython(), "kernel"):
        return
    from IPython.display import display
    from matplotlib import pyplot

    width, height = (round(inches * _CSS_PIXELS_PER_INCH) for inches in fig.get_size_inches())
    display(
        {"image/png": png, "text/plain": alt},
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
        raw=True,
    )
    pyplot.close(fig)
