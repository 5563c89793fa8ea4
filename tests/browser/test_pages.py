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
from visits import Visit

from hpo_helpers.course.widgets import WIDGETS

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


@pytest.mark.parametrize("name", [*READ, "_modules/index.html"])
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


AT_ONCE = "*, ::before, ::after { transition: none !important }"  # no color between light and dark


@pytest.fixture(scope="module", params=READ)
def here(request, browser, address):
    """A visit to each page in turn, which the tests below share: first as a phone shows it."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    here = Visit(context, address)
    here.open(request.param).add_style_tag(content=AT_ONCE)
    yield here
    context.close()


def shown(page, width, mode):
    """Show a page as wide as that, in a system that is light or dark."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=mode)
    page.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)


# Formulas too wide for their place, which must be seen from their beginning.
HIDDEN_ON_THE_LEFT = """[...document.querySelectorAll(".math.block")].filter(node =>
  node.querySelector(".katex").getBoundingClientRect().left < node.getBoundingClientRect().left - 1
).map(node => node.textContent)"""


def test_opens_whole_light_and_no_wider_than_a_phone(here):
    assert here.faults == []
    assert here.weight_opened < MOST
    for place in ("html", ".bd-article-container"):  # the theme lets an article scroll sideways
        assert here.page.locator(place).evaluate("node => node.scrollWidth") <= 390
    assert here.page.evaluate("[...document.fonts].filter(font => font.status == 'error').length") == 0
    assert here.page.evaluate(HIDDEN_ON_THE_LEFT) == []


def test_screenshots(here):
    """Pictures of the pages to look at, in build/screenshots: of the names' pages, one."""
    if here.name.startswith("reference/") and here.name != "reference/hpo_helpers.minimize.html":
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for mode, width in itertools.product(("light", "dark"), (1440, 1024, 390)):
        shown(here.page, width, mode)
        here.page.wait_for_timeout(150)
        stem = here.name.removesuffix(".html").replace("/", "-")
        path = SCREENSHOTS / f"{stem}-{width}-{mode}.png"
        here.page.screenshot(path=path)
        assert path.stat().st_size > 5_000
    assert here.faults == []


SERIOUS = """async ([context, rules]) => {
  const options = { resultTypes: ["violations"], preload: false, ...rules };
  const { violations } = await axe.run(context, options);
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
}"""
COLORS_ALONE = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# A chapter has thousands of words of code in a dozen colors: one of each is enough for axe.
ONE_OF_A_KIND = """() => {
  const kinds = new Set();
  for (const word of document.querySelectorAll(".highlight span, .katex")) {
    if (kinds.has(word.className)) word.replaceWith(word.textContent);
    kinds.add(word.className);
  }
}"""


@pytest.fixture(scope="module")
def axe():
    base = pytest.importorskip("axe_playwright_python.base")
    return base.AXE_SCRIPT


def test_everyone_can_read_it(here, axe):
    here.page.evaluate(ONE_OF_A_KIND)
    here.page.evaluate(axe)
    names = here.name.startswith("reference/")  # around their text is what is around every page's
    for mode, place, rules in (("light", "html", {}), ("dark", "article" if names else "html", COLORS_ALONE)):
        shown(here.page, 1440, mode)
        assert here.page.evaluate(SERIOUS, [{"include": [[place]]}, rules]) == []
    assert here.faults == []


@pytest.mark.parametrize("kind", WIDGETS)
def test_each_widget_starts_in_its_chapter(visit, kind):
    place = f'[data-widget="{kind}"]'
    page = visit.open(next(name for name in CHAPTERS if soup(name).select(place)))
    assert page.locator(f"{place} img").is_visible()
    page.locator(place).scroll_into_view_if_needed()
    page.wait_for_selector(f"{place} .frame svg text", state="attached")
    assert not page.locator(f"{place} img").is_visible()
    assert visit.faults == []


def test_search_finds_a_word(visit):
    page = visit.open("search.html?q=expected+improvement")
    page.wait_for_selector("ul.search li a")
    assert page.locator("ul.search a", has_text="Expected improvement").count() >= 1
    page = visit.open("index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("parzen")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search li a")
    assert visit.faults == []


def test_the_front_page_says_it_on_one_screen(visit):
    page = visit.open("index.html")
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
