"""Changes, as somebody makes them on the page."""

import json
import shutil
from urllib.parse import urlencode

import hostile
from crawl import watch
from door import came_from
from program import Program


def held_world(count):
    servers = [hostile.server(number, f"host-{number}") for number in range(1, count + 1)]
    return {"hubAccountId": "111111111111",
            "targetAccounts": [{"accountId": hostile.ACCOUNT, "roleArn": hostile.ROLE.format(hostile.ACCOUNT)}],
            "accounts": {hostile.ACCOUNT: {"roles": {"DRSOrchestrationRole": {}}, "ec2": {},
                                           "drs": {"us-east-1": {"sourceServers": servers}}}}}


def held_store(suite):
    """Twenty servers, of which too many are gone at the second sync to be removed unasked."""
    store = suite.folder / "held.db"
    if store.exists():
        return store
    program = Program(suite.program.path, suite.folder)
    program.sync(store, held_world(20), {hostile.ACCOUNT: "payments"})
    program.sync_again(store, held_world(2))
    return store


def a_removal_is_approved_by_its_form_and_nowhere_else(suite):
    store = suite.folder / "approved.db"
    shutil.copy(held_store(suite), store)
    with suite.serve(store) as serve:
        context = suite.context(serve)
        page = context.new_page()
        page.goto(serve.origin + "/pages/removals")
        if page.locator("form").count():
            raise AssertionError("a page that only reads offers a change")
        if "18 servers" not in page.locator("main").inner_text():
            raise AssertionError(f"the removals are {page.locator('main').inner_text()!r}")
        context.close()
    with suite.serve(store, "--allow-changes") as serve:
        context = suite.context(serve, java_script_enabled=False)
        page = context.new_page()
        problems = watch(page)
        page.goto(serve.origin + "/pages/removals")
        with page.expect_navigation():
            page.get_by_role("button", name="Let 18 servers of 222222222222 us-east-1 go").click()
        gone = page.get_by_role("button", name="Let 18 servers of 222222222222 us-east-1 go").count() == 0
        if not page.url.endswith("/pages/removals") or problems or not gone:
            raise AssertionError(f"{page.url}: {page.locator('main').inner_text()} {problems}")
        context.close()


def a_closed_region_is_acknowledged_by_its_form(suite):
    store = suite.folder / "closed.db"
    program = Program(suite.program.path, suite.folder)
    world = held_world(2)
    program.sync(store, world, {hostile.ACCOUNT: "payments"})
    # No longer initialised, twice: now the region is closed, and its rows wait.
    world["accounts"][hostile.ACCOUNT]["drs"] = {}
    program.sync_again(store, world)
    program.sync_again(store, world)
    with suite.serve(store, "--allow-changes") as serve:
        context = suite.context(serve, java_script_enabled=False)
        page = context.new_page()
        problems = watch(page)
        page.goto(serve.origin + "/pages/removals")
        page.get_by_label("It is closed on purpose, until").fill("2099-01-31")
        page.get_by_label("because").fill("left <Virginia>")
        with page.expect_navigation():
            page.get_by_role("button", name="Keep its servers, and report no failure").click()
        if not page.url.endswith("/pages/removals") or problems:
            raise AssertionError(f"{page.url}: {page.locator('main').inner_text()} {problems}")
        context.close()
    own = json.loads(program.run("regions", "--account", hostile.ACCOUNT, "--output", "json", "--store", store))
    entry, = [it for it in own if it["region"] == "us-east-1"]
    if entry.get("acknowledgedBecause") != "left <Virginia>" or entry["acknowledgedUntil"][:10] != "2099-01-31":
        raise AssertionError(f"the region is {entry}")
    program.sync_again(store, world)
    with suite.serve(store) as serve:
        overview = json.loads(serve.get("/overview"))
        if overview["removalsHeld"] or not overview["complete"] or overview["servers"] != 2:
            raise AssertionError(f"acknowledged, and a sync later: {json.dumps(overview)[:1000]}")


def held_of(serve):
    """What waits in one region; another entry is of the whole installation."""
    held = json.loads(serve.get("/overview"))["removalsHeld"]
    return [it for it in held if "accountId" in it]


def approvals(held):
    """(path, type, body) of an approval, each as it would be taken from the page itself."""
    shown = {"accountId": held["accountId"], "region": held["region"], "count": held["count"], "since": held["since"]}
    return [("/pages/removals/approve", "application/x-www-form-urlencoded", urlencode(shown)),
            ("/removals/approve", "application/json", json.dumps(shown)),
            # As a form of another site could send it.
            ("/removals/approve", "text/plain", json.dumps(shown))]


def a_change_that_this_page_did_not_ask_for_is_refused(suite):
    store = suite.folder / "refused.db"
    shutil.copy(held_store(suite), store)
    for options in (["--allow-changes"], []):
        with suite.serve(store, *options) as serve:
            suite.context(serve).close()
            cookie, = serve.cookies
            cookie = {"Cookie": f"{cookie['name']}={cookie['value']}"}
            held, = held_of(serve)
            # Where changes are not allowed, nobody's is taken, wherever it comes from.
            tried = [{**cookie, **headers} for headers in came_from(serve.origin)] if options else [
                {**cookie, "Origin": serve.origin, "Sec-Fetch-Site": "same-origin"},
                {"Authorization": serve.bearer}]
            for headers in tried:
                for path, type, body in approvals(held):
                    status, _, text = serve.ask("POST", path, {**headers, "Content-Type": type}, body)
                    if status != 403:
                        raise AssertionError(f"{options} {headers} {path} {type}: {status} {text[:200]}")
            if held_of(serve) != [held]:
                raise AssertionError(f"{options}: the removals have changed")
    # It was refused for where it came from alone.
    with suite.serve(store, "--allow-changes") as serve:
        path, type, body = approvals(held)[0]
        headers = {"Authorization": serve.bearer, "Origin": serve.origin, "Content-Type": type}
        status, answered, _ = serve.ask("POST", path, headers, body)
        if status != 303 or answered["location"] != "/pages/removals":
            raise AssertionError(f"from the page itself: {status}")
    Program(suite.program.path, suite.folder).sync_again(store, held_world(2))
    with suite.serve(store) as serve:
        if held_of(serve):
            raise AssertionError(f"approved, and a sync later they wait: {held_of(serve)}")


CHECKS = [a_change_that_this_page_did_not_ask_for_is_refused,
          a_removal_is_approved_by_its_form_and_nowhere_else,
          a_closed_region_is_acknowledged_by_its_form]
