"""The glossary's words, linked from the text at their first use in a page."""

import os
import re

from bs4 import BeautifulSoup, NavigableString

UNTOUCHED = ("a", "code", "pre", "summary", "script", "style", "button", "nav")


class Glossary:
    """Words with their anchors on the glossary's page, and links to them."""

    def __init__(self, page, anchors):
        self.page, self.anchors = page, anchors
        words = sorted(map(re.escape, anchors), key=len, reverse=True)
        pattern = rf"(?<![\w-])({'|'.join(words)})s?(?![\w-])"
        self.pattern = re.compile(pattern, re.IGNORECASE) if words else None

    @classmethod
    def of(cls, page):
        """Read the words from the built page, and give each its anchor there; no page, no words."""
        if not page.is_file():
            return cls(page, {})
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        anchors = {}
        for place in entries(soup.find("article")):
            text = re.sub(r"[#\s]+$", "", place.get_text().strip())
            words = [word.strip(" .:") for word in re.split(r"[,/]| or ", text)]
            anchor = "term-" + re.sub(r"\W+", "-", words[0].lower()).strip("-")
            place["id"] = anchor
            anchors |= {word.lower(): anchor for word in words if len(word) > 2}
        page.write_text(str(soup), "utf-8")
        return cls(page, anchors)

    def link(self, soup, article, path, first_only):
        """Link the first use of each word on a chapter's page; other pages stay as they are."""
        if not (self.pattern and first_only):
            return
        target, seen = os.path.relpath(self.page, path.parent), set()

        def linked(match):
            anchor = self.anchors[match[1].lower()]
            if anchor in seen:
                return match[0]
            seen.add(anchor)
            return f'<a class="term" href="{target}#{anchor}">{match[0]}</a>'

        for text in list(article.find_all(string=self.pattern)):
            outside = text.find_parent(["p", "li", "td"]) and not text.find_parent(UNTOUCHED)
            if outside and not text.find_parent(class_=re.compile("math|output|open-in")):
                html = self.pattern.sub(linked, escape(text))
                if "<a " in html:
                    text.replace_with(BeautifulSoup(html, "html.parser"))


def entries(article):
    """The places that name a word: terms of a definition list, small headings, bold beginnings of lines."""
    yield from article.find_all("dt")
    yield from article.find_all(["h3", "h4"])
    for bold in article.find_all("strong"):
        before = bold.previous_sibling
        first = before is None or (isinstance(before, NavigableString) and not before.strip())
        if first and bold.parent.name in ("p", "li", "td"):
            yield bold


def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
