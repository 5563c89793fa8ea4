"""The widgets in a plain page: by mouse, keyboard and finger, in light and dark, and without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from hpo_helpers.course.widgets import WIDGETS, module

PAGE = """<!doctype html><html lang="en"><head><title>A widget</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head>
<body style="margin:8px;color:{ink};background:{paper}"><main><h1>A widget</h1>
<div data-widget><img alt="the static figure" width="100" height="50"></div></main>
<script type="module">
import widget from "./{name}.js";
widget.render({{ el: document.querySelector("[data-widget]") }});
</script></body></html>"""
COLORS = {"light": ("#222", "#fff"), "dark": ("#eee", "#111")}


@pytest.fixture
def opened(browser):
    """A function that opens a widget and returns its page, whose errors fail the test."""
    contexts, errors = [], []

    def answer(route):
        file = route.request.url.rsplit("/", 1)[1]
        name, theme = (
            file.split(".")[0].split("-") if file.endswith("html") else (file.split(".")[0], "light")
        )
        ink, paper = COLORS[theme]
        page = PAGE.format(name=name, ink=ink, paper=paper)
        html = file.endswith("html")
        route.fulfill(
            body=page if html else module(name), content_type="text/html" if html else "text/javascript"
        )

    def open_widget(name, theme="light", width=900, wait=".frame svg text", **options):
        options |= {"viewport": {"width": width, "height": 900}}
        contexts.append(browser.new_context(reduced_motion="reduce", **options))
        page = contexts[-1].new_page()
        page.route("**/*", answer)
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(f"http://widgets.test/{name}-{theme}.html")
        page.wait_for_selector(wait, state="attached")
        return page

    yield open_widget
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize("theme", COLORS)
@pytest.mark.parametrize("width", [340, 1440])
@pytest.mark.parametrize("name", WIDGETS)
def test_it_fits_is_large_enough_for_fingers_and_can_be_read(opened, name, width, theme):
    page = opened(name, theme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not page.get_by_alt_text("the static figure").is_visible()
    assert ("dark" in page.locator(".frame").get_attribute("class").split()) == (theme == "dark")
    for chart in page.locator("svg.chart:visible").all():
        assert len(chart.get_attribute("aria-label").split()) > 5
    for target in (
        page.locator("button, select, input[type=range], .handle, .pick").locator("visible=true").all()
    ):
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24, target.evaluate("node => node.outerHTML")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", WIDGETS)
def test_without_scripts_the_figure_is_seen(opened, name):
    page = opened(name, java_script_enabled=False, wait="img")
    assert page.get_by_alt_text("the static figure").is_visible()


def test_a_page_that_turns_dark_takes_the_widget_along(opened):
    page = opened("tpe")
    page.evaluate("document.body.setAttribute('style', 'color: #eee; background: #111')")
    page.wait_for_selector(".frame.dark")


def values(page):
    return [handle.get_attribute("aria-valuetext") for handle in page.locator(".handle").all()]


def test_points_are_moved_added_and_deleted_by_keys(opened):
    page = opened("gaussian_process")
    first = ["10 units, 65 percent", "100 units, 82 percent", "200 units, 84 percent"]
    assert values(page) == first
    page.locator(".handle").nth(2).focus()
    for key in ("ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert values(page) == [*first[:2], "197 units, 79 percent"]
    page.keyboard.press("Enter")
    assert values(page)[3] == "217 units, 79 percent"
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    assert values(page) == first[:2]


def test_a_point_is_dragged_and_the_evidence_moves(opened):
    page = opened("gaussian_process")
    number = page.locator(".number b")
    before, box = number.inner_text(), page.locator(".handle").nth(2).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y + 30, steps=4)
    page.mouse.up()
    assert values(page)[2] != "200 units, 84 percent" and number.inner_text() != before
    assert len(values(page)) == 3, "what ends a drag adds no point"
    page.mouse.click(x + 60, y)
    assert len(values(page)) == 4


def test_a_finger_drags_a_point_and_adds_one(opened):
    page = opened("gaussian_process", width=390, has_touch=True, is_mobile=True)
    box = page.locator(".handle").nth(1).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, step in (("Start", 0), *(("Move", step) for step in range(1, 6))):
        points = [{"x": x - 6 * step, "y": y - 8 * step}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    units = int(values(page)[1].split()[0])
    assert 50 < units < 90
    page.wait_for_timeout(400)
    page.touchscreen.tap(x + 50, y + 60)
    page.wait_for_function(
        "document.querySelector('[data-widget]').shadowRoot.querySelectorAll('.handle').length === 4"
    )


def test_the_button_climbs(opened):
    page = opened("gaussian_process")
    number = page.locator(".number b")
    before = float(number.inner_text().replace("−", "-"))
    page.get_by_role("button", name="Climb").click()
    assert float(number.inner_text().replace("−", "-")) > before


def test_the_five_rules_begin_where_the_chapter_does_and_a_step_trains(opened):
    page = opened("next_trial")
    chosen = [text.inner_text() for text in page.locator(".pick output").all()]
    assert [text.split()[-1] for text in chosen] == ["150", "150", "198", "448", "448"]
    page.get_by_role("radio", name="the article's rule").check()
    assert values(page) == ["448 units"]
    page.get_by_role("button", name="Step", exact=True).click()
    assert "6 networks" in page.locator(".status").inner_text()
    page.locator(".handle").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "7 networks" in page.locator(".status").inner_text()


def test_two_rules_race_to_the_end(opened):
    page = opened("next_trial")
    page.get_by_role("button", name="A race of two rules").click()
    page.get_by_role("button", name="To 15 trials").click()
    assert "After 15 trials" in page.locator(".status").inner_text()
    assert page.get_by_role("button", name="Step both").is_disabled()


def test_tpe_goes_stage_by_stage(opened):
    page = opened("tpe")
    for begin in ("24 candidates", "Of the candidates", "Trained"):
        page.locator("button.main").click()
        assert page.locator(".status").inner_text().startswith(begin)
    page.get_by_role("button", name="Ten trials").click()
    assert "26 trials" in page.locator(".status").inner_text()


def test_the_correlation_is_turned_and_one_number_known(opened):
    page = opened("two_pictures")
    page.locator(".handle").focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowDown")
    assert values(page) == ["-0.36"]
    page.get_by_role("button", name="Variable 1 is known").click()
    assert len(values(page)) == 3
    assert "Variable 1 is 1.5" in page.locator(".status").inner_text()
