"""The widgets in a plain page: by mouse, keyboard and finger, in light and dark, and without scripts."""

import math

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
PHONE = {"width": 390, "has_touch": True, "is_mobile": True}
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


def middle(place):
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag_by_finger(page, x, y, right, down):
    touch = page.context.new_cdp_session(page)
    for kind, step in (("Start", 0), *(("Move", step) for step in range(1, 6))):
        points = [{"x": x + right * step / 5, "y": y + down * step / 5}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def drag_by_mouse(page, x, y, right, down):
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


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
    before, (x, y) = number.inner_text(), middle(page.locator(".handle").nth(2))
    drag_by_mouse(page, x, y, -80, 30)
    assert values(page)[2] != "200 units, 84 percent" and number.inner_text() != before
    assert len(values(page)) == 3, "what ends a drag adds no point"
    page.mouse.click(x + 60, y)
    assert len(values(page)) == 4


def test_a_finger_drags_a_point_and_adds_one(opened):
    page = opened("gaussian_process", **PHONE)
    x, y = middle(page.locator(".handle").nth(1))
    drag_by_finger(page, x, y, -30, -40)
    units = int(values(page)[1].split()[0])
    assert 50 < units < 90
    for _ in range(15):  # on a busy machine a tap may last too long to be one
        if len(values(page)) == 3:
            page.touchscreen.tap(x + 50, y + 60)
            page.wait_for_timeout(400)
    assert len(values(page)) == 4


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


def test_a_race_ends_where_the_other_search_is_shown(opened):
    page = opened("next_trial")
    race, search = (page.get_by_role("button", name=name) for name in ("A race of two rules", "One search"))
    race.click()
    page.get_by_role("button", name="Race on 50 functions").click()
    search.click()
    status = page.locator(".status").inner_text()
    assert status.startswith("5 networks")
    page.wait_for_timeout(500)
    assert page.locator(".status").inner_text() == status
    race.click()
    assert page.get_by_role("button", name="Race on 50 functions").is_visible()


def test_a_network_is_trained_once(opened):
    page = opened("next_trial")
    page.locator(".handle").focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    assert values(page) == ["200 units"]
    assert page.get_by_role("button", name="Step", exact=True).is_disabled()
    page.keyboard.press("Enter")
    assert values(page) == ["200 units"] and "trained already" in page.locator(".status").inner_text()


def test_the_other_button_of_a_mouse_moves_nothing(opened):
    page = opened("gaussian_process")
    box = page.locator(".handle .dot").first.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + 90, box["y"] + 40)
    page.mouse.up(button="right")
    assert page.locator(".handle .dot").first.bounding_box() == box


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


@pytest.mark.parametrize("drag", [drag_by_mouse, drag_by_finger])
def test_the_next_trial_goes_where_it_is_dragged(opened, drag):
    page = opened("next_trial", **PHONE)
    before = int(values(page)[0].split()[0])
    page.locator(".handle").scroll_into_view_if_needed()
    drag(page, *middle(page.locator(".handle")), 30, 0)
    there = int(values(page)[0].split()[0])
    drag(page, *middle(page.locator(".handle")), -60, 0)
    back = int(values(page)[0].split()[0])
    assert back < before < there and abs((there - before) - (before - back)) <= 2


@pytest.mark.parametrize("drag", [drag_by_mouse, drag_by_finger])
def test_the_correlation_goes_where_it_is_dragged(opened, drag):
    page = opened("two_pictures", **PHONE)
    before = float(values(page)[0])
    drag(page, *middle(page.locator(".handle")), 0, 40)
    assert float(values(page)[0]) < before - 0.1


@pytest.mark.parametrize("how", ["mouse", "finger", "keys"])
def test_gamma_says_how_many_trials_are_good(opened, how):
    page = opened("tpe", **PHONE)
    slider = page.get_by_role("slider", name="gamma")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2
    if how == "mouse":
        page.mouse.click(x, y)
    elif how == "finger":
        page.touchscreen.tap(x, y)
    else:
        slider.focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")
    share = int(page.get_by_text("% good").inner_text().split()[0])
    assert 28 <= share <= 34 if how == "keys" else 50 <= share <= 60
    counts = {math.ceil((share + rounding) / 100 * 15) for rounding in (-0.5, 0.5)}
    assert any(f"the best {count} are good" in page.locator(".status").inner_text() for count in counts)
