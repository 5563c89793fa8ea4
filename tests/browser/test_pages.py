"""Every page of the built site, in a real browser, with every other host out of reach."""

import itertools
import os
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from bs4 import BeautifulSoup
from places import ROOT, SCREENSHOTS, SITE

PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("**/*.html"))
SOURCES = [name for name in PAGES if name.startswith("_modules/")]
READ = [name for name in PAGES if name not in SOURCES and not name.startswith("_static/")]
CHAPTERS = [name for name in READ if re.match(r"notebooks/\d\d_", name)]
MOST = 1_000_000  # bytes, before anyone scrolls
soups = {}


def soup(name):
    if name not in soups:
        soups[name] = BeautifulSoup((SITE / name).read_text("utf-8"), "html.parser")
    return soups[name]


def test_all_chapters_are_there_in_order():
    stems = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    assert [Path(name).stem for name in CHAPTERS] == stems
    for before, after in itertools.pairwise(CHAPTERS):
        assert Path(soup(before).select_one("a.right-next")["href"]).name == Path(after).name
        assert Path(soup(after).select_one("a.left-prev")["href"]).name == Path(before).name


@pytest.mark.parametrize("name", READ)
def test_links_lead_somewhere(name):
    for link in soup(name).select("a[href]"):
        target, anchor = urldefrag(unquote(link["href"]))
        if re.match(r"[a-z]+:", target):
            continue
        path = os.path.normpath(os.path.join(os.path.dirname(name), target)) if target else name
        assert (SITE / path).exists(), f"{link['href']} leads nowhere"
        if anchor and path.endswith(".html"):
            assert soup(path).find(id=anchor), f"{link['href']} has no such place"


@pytest.mark.parametrize("name", READ)
def test_one_heading_and_words_for_every_picture(name):
    assert len(soup(name).find_all("h1")) == 1
    for image in soup(name).find_all("img"):
        assert len(image.get("alt", "")) > 10, image
    images = soup(name).select("article img")
    assert all(image.get("loading") == "lazy" for image in images[1:])


@pytest.mark.parametrize("name", CHAPTERS)
def test_solutions_are_folded_and_formulas_are_set(name):
    boxes = soup(name).select("details.solution")
    assert len(boxes) >= 3 and not any(box.has_attr("open") for box in boxes)
    assert "Exercise" not in " ".join(heading.get_text() for box in boxes for heading in box.select("h3, h4"))
    assert not [cell for cell in soup(name).select(".tag_solution") if not cell.find_parent("details")]
    assert not soup(name).select(".katex-error")
    for formula in soup(name).select(".math"):
        assert formula.select_one(".katex"), formula


@pytest.mark.parametrize("name", READ)
def test_opens_whole_light_and_no_wider_than_a_phone(name, visit):
    phone = visit(width=390)
    page = phone.open(name)
    assert phone.faults == []
    assert phone.weight < MOST
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("[...document.fonts].filter(font => font.status == 'error').length") == 0


SERIOUS = """async (rules) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, ...rules });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
}"""
COLORS_ALONE = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.fixture(scope="module")
def axe():
    base = pytest.importorskip("axe_playwright_python.base")
    return base.AXE_SCRIPT


@pytest.mark.parametrize("name", READ)
def test_everyone_can_read_it(name, visit, axe):
    light = visit()
    page = light.open(name)
    page.evaluate(axe)
    assert page.evaluate(SERIOUS, {}) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(300)  # the colors change slowly
    assert page.evaluate(SERIOUS, COLORS_ALONE) == []
    assert light.faults == []


@pytest.mark.parametrize("name", [name for name in READ if not name.startswith("reference/")])
def test_screenshots(name, visit):
    """Pictures of the pages to look at, in build/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for mode in ("light", "dark"):
        page = visit(mode=mode).open(name)
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(150)
            stem = name.removesuffix(".html").replace("/", "-")
            path = SCREENSHOTS / f"{stem}-{width}-{mode}.png"
            page.screenshot(path=path)
            assert path.stat().st_size > 5_000


def test_search_finds_a_word(visit):
    here = visit()
    page = here.open("search.html?q=expected+improvement")
    page.wait_for_selector("ul.search li a")
    assert page.locator("ul.search a", has_text="Expected improvement").count() >= 1
    page = here.open("index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("parzen")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search li a")
    assert here.faults == []


def test_the_front_page_says_it_on_one_screen(visit):
    here = visit()
    page = here.open("index.html")
    for place in ("h1", ".hero-words", ".door.first", ".hero-picture svg"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= 900, place


def test_opens_elsewhere_only_from_a_repository_that_is_named():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    repository = project.get("urls", {}).get("Repository")
    for name in CHAPTERS:
        links = [link["href"] for link in soup(name).select(".open-in a")]
        assert links[0] == Path(name).stem + ".ipynb"
        if not os.environ.get("GITHUB_REPOSITORY"):
            assert len(links) == (3 if repository else 1)
