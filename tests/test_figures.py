import base64
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from PIL import Image

from hpo_helpers.course import save_figure, use_style
from hpo_helpers.plots import COLORS

ALT = "A curve that climbs from zero to sixteen, with “quotes”, <tags> & a minus −1."


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HPO_HELPERS_FIGURES", str(tmp_path / "figures"))
    with matplotlib.rc_context():
        use_style()
        yield tmp_path / "figures"


def draw():
    fig, ax = plt.subplots()
    ax.plot(np.arange(5), np.arange(5) ** 2, marker="o", label="squares")
    ax.fill_between(np.arange(5), np.arange(5), hatch="//")
    ax.set(title="Squares\ngrow", xlabel="n", ylabel=r"$n^2$")
    ax.legend()
    return fig


def test_writes_a_png_and_an_svg_that_know_their_alt_text(folder):
    save_figure(draw(), "03_squares", alt=ALT)
    assert sorted(path.name for path in folder.iterdir()) == ["03_squares.png", "03_squares.svg"]
    with Image.open(folder / "03_squares.png") as image:
        assert image.text == {"Title": "Squares grow", "Description": ALT}
        assert image.size == (1050, 585)  # 7 by 3.9 inches
    root = ElementTree.parse(folder / "03_squares.svg").getroot()
    assert root.find("{http://www.w3.org/2000/svg}title").text == ALT
    svg = (folder / "03_squares.svg").read_text(encoding="utf-8")
    assert "<text" not in svg  # outlines: nothing depends on the fonts of the reader
    assert "Matplotlib v" not in svg
    assert "<dc:date>" not in svg


def test_title_is_the_suptitle_if_there_is_one_and_may_be_missing(folder):
    fig = draw()
    fig.suptitle("The answer")
    save_figure(fig, "03_answer", alt=ALT)
    save_figure(plt.figure(), "03_empty", alt=ALT)
    with Image.open(folder / "03_answer.png") as image:
        assert image.text["Title"] == "The answer"
    with Image.open(folder / "03_empty.png") as image:
        assert image.text["Title"] == ""


SCRIPT = """
import sys
sys.path[:0] = sys.argv[1:]
from test_figures import ALT, draw
from hpo_helpers.course import save_figure, use_style
use_style()
save_figure(draw(), "03_squares", alt=ALT)
"""


def test_two_processes_write_the_same_bytes(tmp_path):
    tests = Path(__file__).parent
    for run, seed in (("a", "1"), ("b", "2")):
        figures = tmp_path / run
        environment = {**os.environ, "PYTHONHASHSEED": seed, "HPO_HELPERS_FIGURES": str(figures)}
        command = [sys.executable, "-c", SCRIPT, str(tests), str(tests.parent)]
        subprocess.run(command, env=environment, check=True)
    for name in ("03_squares.png", "03_squares.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_bytes_do_not_depend_on_how_figures_are_saved_elsewhere(folder):
    save_figure(draw(), "03_once", alt=ALT)
    with matplotlib.rc_context({"svg.fonttype": "none", "savefig.bbox": "tight"}):
        save_figure(draw(), "03_twice", alt=ALT)
    for suffix in (".png", ".svg"):
        once, twice = folder / f"03_once{suffix}", folder / f"03_twice{suffix}"
        assert once.read_bytes() == twice.read_bytes()


@pytest.mark.parametrize("name", ["noise", "3_noise", "03_Noise", "03-noise", "03_noise\n", "", 3])
def test_refuses_a_name_without_a_chapter(folder, name):
    with pytest.raises(ValueError, match="name must look like '03_noise'.* got " + re.escape(repr(name))):
        save_figure(draw(), name, alt=ALT)
    assert not folder.exists()


@pytest.mark.parametrize("alt", ["", "A curve.", "no full stop at the end of this", None])
def test_refuses_an_alt_text_that_is_no_sentence(folder, alt):
    with pytest.raises(ValueError, match="alt must say in a full sentence, .* what 03_noise shows, got"):
        save_figure(draw(), "03_noise", alt=alt)
    assert not folder.exists()


def test_refuses_axes_for_a_figure(folder):
    with pytest.raises(TypeError, match="fig must be a matplotlib Figure, got .*; pass ax.figure"):
        save_figure(draw().axes[0], "03_noise", alt=ALT)


def test_a_full_disk_leaves_the_old_figure_and_no_rubbish(folder, monkeypatch):
    save_figure(draw(), "03_noise", alt=ALT)
    before = {path: path.read_bytes() for path in folder.iterdir()}

    def fill_up(path, content):
        with open(path, "wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    with pytest.raises(OSError, match="No space left"):
        save_figure(plt.figure(), "03_noise", alt=ALT)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_few_colors_change_no_pixel_much(folder):
    fig = draw()
    save_figure(fig, "03_squares", alt=ALT)
    with matplotlib.rc_context({"savefig.bbox": None}):
        fig.savefig(folder / "all.png", dpi=150)
    few, every = (Image.open(folder / name).convert("RGB") for name in ("03_squares.png", "all.png"))
    difference = np.abs(np.asarray(few, int) - np.asarray(every, int)).max(axis=-1)
    assert (difference > 16).mean() < 1e-3
    assert (folder / "03_squares.png").stat().st_size < 0.6 * (folder / "all.png").stat().st_size


class Images(HTMLParser):
    """The attributes of the images of some HTML, read as a browser would."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found += [dict(attributes)] if tag == "img" else []


class Shell:
    kernel = "a Jupyter kernel"


@pytest.fixture
def shown(monkeypatch):
    import IPython
    import IPython.display

    calls = []
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: calls.append((data, more)))
    return calls


def test_a_notebook_shows_the_written_bytes_once_with_their_alt_text(folder, shown):
    fig = draw()
    assert save_figure(fig, "03_squares", alt=ALT) is None
    ((data, more),) = shown
    png = (folder / "03_squares.png").read_bytes()
    assert data["image/png"] == png
    assert data["text/plain"] == ALT
    image = Images(data["text/html"]).found
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    assert image == [{"alt": ALT, "width": "700", "height": "390", "src": source}]
    assert more["metadata"] == {"image/png": {"alt": ALT, "width": 700, "height": 390}}
    assert more["raw"] is True
    assert not plt.fignum_exists(fig.number)  # the inline backend shows what is still open


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_written_unless_it_is_asked_for(tmp_path, monkeypatch, shown, value):
    """Whatever a reader calls a figure, it is shown, and no file of theirs or ours is touched."""
    monkeypatch.delenv("HPO_HELPERS_FIGURES")
    if value is not None:
        monkeypatch.setenv("HPO_HELPERS_FIGURES", value)
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: pytest.fail(f"wrote {path}"))
    monkeypatch.chdir(tmp_path)
    for name in ("03_noise", "My first figure!", "../up", 3):
        save_figure(draw(), name, alt=ALT)
    assert [data["text/plain"] for data, _ in shown] == [ALT] * 4
    assert len({data["image/png"] for data, _ in shown}) == 1
    assert not list(tmp_path.iterdir())


def test_a_script_shows_nothing_and_keeps_the_figure_open(folder, shown, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    fig = draw()
    save_figure(fig, "03_squares", alt=ALT)
    assert shown == []
    assert plt.fignum_exists(fig.number)


def test_the_style_starts_from_the_defaults(folder):
    matplotlib.rcParams["lines.dashed_pattern"] = [9, 9]
    use_style()
    assert matplotlib.rcParams["lines.dashed_pattern"] == [3.7, 1.6]
    assert matplotlib.rcParams["figure.constrained_layout.use"]


# Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", severity 1.0: what protan and deutan eyes see of linear RGB.
DEFICIENCIES = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("eyes", DEFICIENCIES)
def test_colors_stay_apart(eyes):
    rgb = np.array([to_rgb(color) for color in COLORS.values()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(DEFICIENCIES[eyes]), 0, 1)
    apart = np.linalg.norm(lab(seen)[:, None] - lab(seen)[None], axis=-1)
    # About 2.3 is the least difference that one can notice (CIE 1976).
    assert apart[np.triu_indices(len(COLORS), 1)].min() > 10


def lab(linear):
    """CIE 1976 L*a*b* of linear sRGB under D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    t = linear @ np.transpose(to_xyz) / [0.9505, 1.0, 1.089]
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
