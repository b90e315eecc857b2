"""How pages look and sound: light, dark, narrow, on paper, by keyboard, to a screen reader."""

import re
from html import unescape

from playwright.sync_api import TimeoutError as Timeout

from changes import held_store
from crawl import watch

PAGES = ["/", "/pages/places", "/pages/servers", "/pages/servers?verdict=NOT_READY", "/pages/changes",
         "/pages/removals", "/pages/accounts", "/pages/account?id=222222222222", "/pages/groups",
         "/pages/unprotected", "/pages/report", "/pages/what-to-do", "/pages/servers?hostname=nothing-has-this-name"]
# What somebody mistyped.
REFUSED = "/pages/servers?verdict=GOOD"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def check(suite, serve, paths, media=None, **options):
    """axe, and what the browser says, for each page."""
    # The pages' own policy forbids every script, axe's too.
    context = suite.context(serve, bypass_csp=True, **options)
    page = context.new_page()
    page.emulate_media(media=media)
    problems = watch(page)
    for path in paths:
        before = len(problems)
        page.goto(serve.origin + path)
        if path == REFUSED:
            # The browser tells its console of each 400.
            del problems[before:]
        page.evaluate(suite.axe)
        found = page.evaluate("rules => axe.run({ runOnly: { type: 'tag', values: rules } })", RULES)
        for violation in found["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            problems.append(f"{path}: {violation['id']}: {violation['help']}: {nodes}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0 and media != "print":
            problems.append(f"{path}: {wider} px wider than the window")
        # Scripts may run here, so one that came in as a name would have.
        if page.evaluate("'broken' in window"):
            problems.append(f"{path}: a script of the world ran")
    context.close()
    if problems:
        raise AssertionError("\n".join(problems))


def paths_of(serve):
    """The pages, one server, one group where there is one, and the page of a mistake."""
    found = [re.search(r'href="(/pages/server\?id=[^"]*)"', serve.get("/pages/servers")),
             re.search(r'href="(/pages/group\?id=[^"]*)"', serve.get("/pages/groups"))]
    return [*PAGES, *(unescape(it[1]) for it in found if it), REFUSED]


def everywhere(suite, **options):
    for store in (suite.demo, suite.hostile):
        with suite.serve(store, "--allow-changes") as serve:
            check(suite, serve, paths_of(serve), **options)
    with suite.serve(held_store(suite), "--allow-changes") as serve:
        check(suite, serve, ["/", "/pages/removals"], **options)


def axe_finds_nothing_in_the_light(suite):
    everywhere(suite, color_scheme="light", viewport={"width": 1280, "height": 900})


def axe_finds_nothing_in_the_dark(suite):
    everywhere(suite, color_scheme="dark", viewport={"width": 1280, "height": 900})


def axe_finds_nothing_at_320_px_and_nothing_is_wider(suite):
    everywhere(suite, viewport={"width": 320, "height": 640})


def on_paper_there_are_figures_and_no_controls(suite):
    with suite.serve(suite.demo) as serve:
        context = suite.context(serve)
        page = context.new_page()
        page.goto(serve.origin + "/pages/report")
        page.emulate_media(media="print")
        for gone in ("header.top", "form", ".button"):
            if any(it.is_visible() for it in page.locator(gone).all()):
                raise AssertionError(f"{gone} is printed")
        if not page.locator(".cards").is_visible():
            raise AssertionError("the figures are not printed")
        context.close()
        check(suite, serve, ["/", "/pages/report"], media="print")


def the_first_key_leads_to_the_content(page, address):
    page.goto(address)
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    if "Skip" not in first:
        raise AssertionError(f"{address}: the first is {first!r}, not the way to the content")
    page.keyboard.press("Enter")
    try:
        # The browser goes there after the key has returned.
        page.wait_for_url("**/*#main")
    except Timeout as gone_nowhere:
        raise AssertionError(f"{address}: the way to the content leads nowhere") from gone_nowhere


def reached_by_keyboard(page, address):
    """How many links and controls a page has. Each must be reached, and seen to be."""
    the_first_key_leads_to_the_content(page, address)
    page.goto(address)
    controls = page.locator("a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']").count()
    reached, unseen = set(), []
    # A date has several stops.
    for _ in range(controls + 20):
        page.keyboard.press("Tab")
        place = page.evaluate("""() => {
            const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
            const all = [...document.querySelectorAll('*')];
            return { number: all.indexOf(it), tag: it.tagName, text: it.textContent.slice(0, 40),
                     seen: style.outlineStyle !== 'none' && box.width > 0 && box.right > 0 && box.bottom > 0 }; }""")
        if place["tag"] == "BODY":
            break
        reached.add(place["number"])
        if not place["seen"]:
            unseen.append(place["text"])
    if len(reached) < controls:
        raise AssertionError(f"{address}: {len(reached)} of {controls} can be reached")
    if unseen:
        raise AssertionError(f"{address}: nobody sees where they are at {unseen[:5]}")
    return controls


def everything_can_be_reached_by_keyboard(suite):
    controls = 0
    for store, paths in [(suite.demo, ["/", "/pages/servers", "/pages/changes"]),
                         (held_store(suite), ["/pages/removals"])]:
        with suite.serve(store, "--allow-changes") as serve:
            context = suite.context(serve)
            page = context.new_page()
            controls += sum(reached_by_keyboard(page, serve.origin + path) for path in paths)
            context.close()
    return f"{controls} links and controls"


CHECKS = [axe_finds_nothing_in_the_light, axe_finds_nothing_in_the_dark,
          axe_finds_nothing_at_320_px_and_nothing_is_wider, on_paper_there_are_figures_and_no_controls,
          everything_can_be_reached_by_keyboard]
