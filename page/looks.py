"""How pages look and sound: light, dark, narrow, on paper, by keyboard, to a screen reader."""

from crawl import watch

PAGES = ["/", "/pages/places", "/pages/servers", "/pages/servers?verdict=NOT_READY", "/pages/changes",
         "/pages/removals", "/pages/accounts", "/pages/account?id=222222222222", "/pages/groups",
         "/pages/unprotected", "/pages/report", "/pages/what-to-do"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def check(suite, serve, paths, **options):
    """axe, and what the browser says, for each page."""
    # The pages' own policy forbids every script, axe's too.
    context = suite.context(serve, bypass_csp=True, **options)
    page = context.new_page()
    problems = watch(page)
    for path in paths:
        page.goto(serve.origin + path)
        page.evaluate(suite.axe)
        found = page.evaluate("rules => axe.run({ runOnly: { type: 'tag', values: rules } })", RULES)
        for violation in found["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            problems.append(f"{path}: {violation['id']}: {violation['help']}: {nodes}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            problems.append(f"{path}: {wider} px wider than the window")
    context.close()
    if problems:
        raise AssertionError("\n".join(problems))


def paths_of(serve):
    """The pages, and one server of each."""
    import re
    server = re.search(r'href="(/pages/server\?id=[^"]*)"', serve.get("/pages/servers"))[1]
    return [*PAGES, server.replace("&#38;", "&")]


def everywhere(suite, **options):
    for store in (suite.demo, suite.hostile):
        with suite.serve(store, "--allow-changes") as serve:
            check(suite, serve, paths_of(serve), **options)


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
        for gone in ("header.top", ".screen"):
            if page.locator(gone).is_visible():
                raise AssertionError(f"{gone} is printed")
        if not page.locator(".cards").is_visible():
            raise AssertionError("the figures are not printed")
        context.close()


def everything_can_be_reached_by_keyboard(suite):
    with suite.serve(suite.demo) as serve:
        context = suite.context(serve)
        page = context.new_page()
        page.goto(serve.origin + "/")
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.textContent")
        if "Skip" not in first:
            raise AssertionError(f"the first is {first!r}, not the way to the content")
        page.keyboard.press("Enter")
        if not page.url.endswith("#main"):
            raise AssertionError("the way to the content leads nowhere")
        page.goto(serve.origin + "/")
        controls = page.locator("a[href], button, input, select, summary, [tabindex='0']").count()
        reached, unseen = set(), []
        for _ in range(controls + 5):
            page.keyboard.press("Tab")
            place = page.evaluate("""() => {
                const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
                const all = [...document.querySelectorAll('*')];
                return { number: all.indexOf(it), tag: it.tagName, text: it.textContent.slice(0, 40),
                         seen: style.outlineStyle !== 'none' && box.width > 0 }; }""")
            if place["tag"] == "BODY":
                break
            reached.add(place["number"])
            if not place["seen"]:
                unseen.append(place["text"])
        if len(reached) < controls:
            raise AssertionError(f"{len(reached)} of {controls} can be reached")
        if unseen:
            raise AssertionError(f"nobody sees where they are at {unseen[:5]}")
        context.close()
    return f"{len(reached)} links and controls"


CHECKS = [axe_finds_nothing_in_the_light, axe_finds_nothing_in_the_dark,
          axe_finds_nothing_at_320_px_and_nothing_is_wider, on_paper_there_are_figures_and_no_controls,
          everything_can_be_reached_by_keyboard]
