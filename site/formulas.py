"""Formulas, set by KaTeX while the site is built: the pages need its style and fonts, not its script."""

import re
import shutil
from pathlib import Path

from bs4 import BeautifulSoup
from py_mini_racer import MiniRacer

KATEX = Path(__file__).resolve().parent / "katex"  # katex 0.16.47 as on npm: script, style and fonts


class Formulas:
    """Sets formulas, each text once."""

    def __init__(self):
        self._script = MiniRacer()
        self._script.eval((KATEX / "katex.min.js").read_text("utf-8"))
        self._set = {}

    def html(self, text, block):
        """The HTML of a formula; raises an error that names the formula when KaTeX cannot read it."""
        if (text, block) not in self._set:
            options = {"displayMode": block, "throwOnError": True, "strict": "ignore"}
            self._set[text, block] = self._script.call("katex.renderToString", text, options)
        return self._set[text, block]

    def set(self, article, soup):
        """Set all formulas of a page, and load KaTeX's style there if it has any."""
        found = article.select(".math")
        for place in found:
            block = "block" in place["class"]
            html = self.html(place.get_text(), block)
            place.clear()
            place.append(BeautifulSoup(html, "html.parser"))
            if block:
                place["tabindex"] = "0"
        if found:
            root = soup.html.get("data-content_root", "./")
            soup.head.append(soup.new_tag("link", rel="stylesheet", href=f"{root}_static/katex/katex.css"))

    def write(self, out):
        """Write style and fonts, of which every browser of today needs one kind."""
        folder = out / "_static/katex"
        shutil.copytree(KATEX / "fonts", folder / "fonts")
        style = (KATEX / "katex.min.css").read_text("utf-8")
        style = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", style)
        (folder / "katex.css").write_text(style, "utf-8")
