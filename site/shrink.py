"""Make the built pages light: out goes what no page uses."""

import re
import shutil

import tinycss2
from fontTools import subset

ICONS = re.compile(r'([^{}]+)\{--fa:"\\([0-9a-f]+)"')


def shrink(out):
    """Take unused rules out of the theme's style and unused signs out of its font of icons."""
    static = out / "_static"
    theme = static / "styles/pydata-sphinx-theme.css"
    drop_icon_script(out)
    used = words_in_use(out)
    style = theme.read_text("utf-8")
    icons = {code: re.findall(r"\.(fa-[\w-]+)", names) for names, code in ICONS.findall(style)}
    signs = ",".join(code for code, names in icons.items() if used.intersection(names))
    style = "".join(kept(tinycss2.parse_stylesheet(style, skip_comments=True), used))
    fonts = static / "vendor/fontawesome/webfonts"
    for font in fonts.glob("*.woff2"):
        if font.stem == "fa-solid-900":
            subset.main([str(font), f"--unicodes={signs}", "--flavor=woff2", f"--output-file={font}"])
        else:
            font.unlink()
    theme.write_text(style, "utf-8")
    for path in [*static.glob("**/*.map"), *static.glob("**/*.LICENSE.txt")]:
        path.unlink()
    shutil.rmtree(out / ".doctrees", ignore_errors=True)


def drop_icon_script(out):
    """The theme loads a script for icons that are not in its font; there are none here."""
    (out / "_static/scripts/fontawesome.js").unlink()
    for path in out.glob("**/*.html"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"<script[^>]*fontawesome\.js[^>]*></script>", "", text), "utf-8")


def words_in_use(out):
    """All that may be the name of a class: every word of the pages and scripts."""
    files = [*out.glob("**/*.html"), *out.glob("_static/**/*.js")]
    return {word for path in files for word in re.findall(r"[\w-]+", path.read_text("utf-8"))}


def kept(rules, used):
    """The rules, as text, of which a selector's classes are all in use."""
    for rule in rules:
        if rule.type == "at-rule" and rule.at_keyword in ("media", "supports") and rule.content is not None:
            inside = "".join(kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), used))
            if inside:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}"
        elif rule.type == "at-rule":
            if "fa-brands" not in rule.serialize() and "fa-regular" not in rule.serialize():
                yield rule.serialize()
        elif rule.type == "qualified-rule":
            selectors = tinycss2.serialize(rule.prelude).split(",")
            if any(set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", selector)) <= used for selector in selectors):
                yield rule.serialize()
