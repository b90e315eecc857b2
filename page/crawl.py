"""Every page that a link leads to, with JavaScript off."""

import re
from urllib.parse import urljoin, urlsplit

MOST_PAGES = 400
LARGEST_PAGE = 100_000
# All that the templates write. A text that became markup would bring another.
ATTRIBUTES = {
    "action", "aria-current", "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "content",
    "data-figure", "data-label", "data-shown", "data-value", "href", "id", "inputmode", "lang", "maxlength", "method",
    "name", "open", "placeholder", "rel", "required", "role", "scope", "selected", "size", "tabindex", "type", "value"}
# What a reader does not see, and what turns the direction of writing.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def pages(suite, serve, start="/"):
    """(address, page) of every page that can be reached, each once."""
    with_scripts_off = suite.context(serve, java_script_enabled=False)
    page = with_scripts_off.new_page()
    problems = watch(page)
    left, seen = [start], {start}
    while left:
        path = left.pop(0)
        answer = page.goto(serve.origin + path)
        if answer.status != 200:
            raise AssertionError(f"{path}: status {answer.status}")
        yield path, page
        for link in page.eval_on_selector_all("a[href]", "all => all.map(it => it.getAttribute('href'))"):
            address = urljoin(serve.origin + path, link)
            if not address.startswith(serve.origin + "/"):
                raise AssertionError(f"{path} links to {link}, which is another site")
            parts = urlsplit(address)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            # The browser would save it; figures.py reads it.
            if target not in seen and not target.startswith("/pages/servers.csv"):
                seen.add(target)
                left.append(target)
        if len(seen) > MOST_PAGES:
            raise AssertionError(f"more than {MOST_PAGES} pages")
    if problems:
        raise AssertionError("\n".join(problems))
    with_scripts_off.close()


def is_left_behind(request):
    """The icon of a page that was left before it came; door.py asks for it by itself."""
    return "/assets/icon" in request.url and request.failure == "net::ERR_ABORTED"


def watch(page):
    """What the browser complains of from now on."""
    problems = []
    page.on("console", lambda message: problems.append(f"{page.url}: {message.type} {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: is_left_behind(request) or problems.append(
        f"{request.url} failed: {request.failure}"))
    page.on("dialog", lambda dialog: (problems.append(f"{page.url}: a dialog"), dialog.dismiss()))
    return problems


def look(path, page):
    """What every page has."""
    headings = page.locator("h1").count()
    if headings != 1:
        raise AssertionError(f"{path} has {headings} h1")
    if not page.title() or page.locator("html").get_attribute("lang") != "en":
        raise AssertionError(f"{path} has no title, or no language")
    broken = page.locator("script, style, [style], [onclick], [onerror], iframe, img, object, embed")
    if broken.count():
        raise AssertionError(f"{path} holds {broken.first.evaluate('it => it.outerHTML')[:200]}")
    written = page.evaluate("[...document.querySelectorAll('*')].flatMap(it => it.getAttributeNames())")
    if set(written) - ATTRIBUTES:
        raise AssertionError(f"{path} has attributes that no template writes: {set(written) - ATTRIBUTES}")
    unseen = UNSEEN.search(page.locator("html").evaluate("it => it.outerHTML"))
    if unseen:
        raise AssertionError(f"{path} holds {unseen[0]!r}")


def every_page_of_the_demo_can_be_reached_without_scripts(suite):
    with suite.serve(suite.demo) as serve:
        count = 0
        for path, page in pages(suite, serve):
            look(path, page)
            count += 1
    return f"{count} pages"


def every_page_of_the_hostile_world_shows_its_texts_as_texts(suite):
    import hostile
    with suite.serve(suite.hostile) as serve:
        count, shown = 0, 0
        for path, page in pages(suite, serve):
            look(path, page)
            shown += hostile.SCRIPT in page.locator("body").inner_text()
            count += 1
        if not shown:
            raise AssertionError("no page shows the host name")
    return f"{count} pages, {shown} with a script as text"


def pages_are_small(suite):
    largest = 0
    for store in (suite.demo, suite.hostile):
        with suite.serve(store) as serve:
            style = serve.get("/").split('href="/assets/style')[1].split('"')[0]
            styles = len(serve.get(f"/assets/style{style}"))
            for path in ("/", "/pages/servers", "/pages/places", "/pages/changes", "/pages/report"):
                largest = max(largest, styles + len(serve.get(path).encode()))
    if largest > LARGEST_PAGE:
        raise AssertionError(f"{largest} bytes with styles, at most {LARGEST_PAGE}")
    return f"at most {largest // 1000} KB with styles"


CHECKS = [every_page_of_the_demo_can_be_reached_without_scripts,
          every_page_of_the_hostile_world_shows_its_texts_as_texts, pages_are_small]
