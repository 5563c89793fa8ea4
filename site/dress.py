"""What is done to the pages that Sphinx wrote: formulas, pictures, widgets, solutions, linked words."""

import hashlib
import re
import shutil
from pathlib import Path

from bs4 import BeautifulSoup
from formulas import Formulas
from glossary import Glossary
from PIL import Image

from hpo_helpers.course import widgets

HEAVY = 80_000  # bytes; a heavier picture gives up the last bit of sharpness
EAGER = 1  # pictures of a page that do not wait until they are scrolled to


class Dresser:
    """Dresses all pages of the site in the folder `out`."""

    def __init__(self, out, cache):
        self.out, self.cache = out, cache
        self.formulas = Formulas()
        self.glossary = Glossary.of(out / "notebooks/glossary.html")

    def dress_all(self):
        for name in widgets.WIDGETS:
            (self.out / "widgets").mkdir(exist_ok=True)
            (self.out / f"widgets/{name}.js").write_text(widgets.module(name), "utf-8")
        pictures = sorted(self.out.glob("_images/*.png"))
        self.pictures = {path.name: light(path, self.cache) for path in pictures}
        for path in sorted(self.out.glob("**/*.html")):
            if "_modules" not in path.parts and "_static" not in path.parts:
                self.dress(path)
        leave_out_what_has_no_source(self.out / "_modules/index.html")
        self.formulas.write(self.out)

    def dress(self, path):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        article = soup.find("article") or soup
        self.formulas.set(article, soup)
        self.show_pictures(article)
        place_widgets(soup, article)
        fold_solutions(soup, article)
        color_boxes(article)
        let_tables_scroll(soup, article)
        name_for_readers(soup)
        chapter = re.fullmatch(r"\d\d_.*", path.stem) and path.parent.name == "notebooks"
        self.glossary.link(soup, article, path, first_only=bool(chapter))
        path.write_text(str(soup), "utf-8")

    def show_pictures(self, article):
        """Give each picture its size, so that nothing jumps, and let those further down wait."""
        for number, image in enumerate(article.find_all("img")):
            name, size = self.pictures.get(Path(image["src"]).name, (None, None))
            if name:
                image["src"] = image["src"].rsplit("/", 1)[0] + "/" + name
                image["width"], image["height"] = size
            del image["style"]
            image["decoding"] = "async"
            if number >= EAGER:
                image["loading"] = "lazy"
            link = image.find_parent("a", class_="image-reference")
            if link:  # the link to the picture's file alone
                link.unwrap()


def leave_out_what_has_no_source(index):
    """Sphinx lists `builtins` among the modules whose source is on a page, which it has none for."""
    soup = BeautifulSoup(index.read_text("utf-8"), "html.parser")
    for link in soup.select("article li > a"):
        if not (index.parent / link["href"]).exists():
            link.parent.decompose()
    index.write_text(str(soup), "utf-8")


def light(path, cache):
    """Write a picture anew as WebP, half as heavy; return its name and its size on the page."""
    content = path.read_bytes()
    kept = cache / (hashlib.sha256(content).hexdigest()[:20] + ".webp")
    with Image.open(path) as image:
        if not kept.exists():
            cache.mkdir(parents=True, exist_ok=True)
            image.save(kept, lossless=True, quality=50, method=2)
            if kept.stat().st_size > HEAVY:
                image.save(kept, quality=85, method=4)
        width, height = image.size
    target = path.with_suffix(".webp")
    shutil.copy(kept, target)
    path.unlink()
    # matplotlib's figures of this course are saved at 150 dots an inch; a page has 96.
    return target.name, (round(width * 0.64), round(height * 0.64))


def place_widgets(soup, article):
    """Put each figure that can be played with into a box, where course.js starts the widget."""
    for image in article.find_all("img", class_=re.compile("^widget-")):
        (kind,) = (name.removeprefix("widget-") for name in image["class"] if name.startswith("widget-"))
        kind = kind.replace("-", "_")  # docutils writes a class so
        image.wrap(soup.new_tag("div", attrs={"data-widget": kind}))


def fold_solutions(soup, article):
    """Fold what stands under a heading "Solution", and cells tagged so that stand elsewhere."""
    for heading in article.find_all(re.compile("^h[2-6]$"), string=None):
        if heading.get_text().strip().lower().startswith("solution") and heading.parent.name == "section":
            box = heading.parent
            box.name = "details"
            heading.name = "summary"
    for cell in article.find_all("div", class_="tag_solution"):
        if not cell.find_parent("details"):
            box = cell.wrap(soup.new_tag("details"))
            summary = soup.new_tag("summary")
            summary.string = "Solution"
            box.insert(0, summary)
    for box in article.find_all("details"):
        summary = box.find("summary", recursive=False)
        if summary and summary.get_text().strip().lower().startswith("solution"):
            box["class"] = [*box.get("class", []), "solution"]
            for entry in soup.select(f'.page-toc li:has(> a[href="#{box.get("id")}"])'):
                entry.decompose()


def color_boxes(article):
    """Give the boxes of every chapter their class: what the article did, and questions before an output."""
    for quote in article.find_all("blockquote"):
        if quote.get_text().strip().startswith("What the article did"):
            quote["class"] = "article-box"
    for start in article.find_all("strong"):
        if start.get_text().strip() == "Predict." and start.parent.name == "p" and not start.previous_sibling:
            start.parent["class"] = "predict"


def let_tables_scroll(soup, article):
    """A table that is wider than a phone scrolls in a box, which the keyboard reaches as well."""
    for table in article.find_all("table"):
        if "field-list" in table.get("class", []):
            continue
        box = table.find_parent("div", class_=re.compile("table-container|pst-scrollable")) or table.wrap(
            soup.new_tag("div")
        )
        box["class"] = "table-box"
        box["tabindex"], box["role"], box["aria-label"] = "0", "region", "Table"


def name_for_readers(soup):
    """Mend what the theme leaves without a name or with a second one of its kind."""
    for image in soup.find_all("img", alt=""):
        raise ValueError(f"a picture without alt text: {image}")
    for code in soup.select("article pre"):
        code["tabindex"] = "0"
