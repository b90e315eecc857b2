"""Changes, as somebody makes them on the page."""

import hostile
from crawl import watch
from program import Program


def held_store(suite):
    """Twenty servers, of which too many are gone at the second sync to be removed unasked."""
    store = suite.folder / "held.db"
    if store.exists():
        return store
    program = Program(suite.program.path, suite.folder)

    def world(count):
        servers = [hostile.server(number, f"host-{number}") for number in range(1, count + 1)]
        return {"hubAccountId": "111111111111",
                "targetAccounts": [{"accountId": hostile.ACCOUNT, "roleArn": hostile.ROLE.format(hostile.ACCOUNT)}],
                "accounts": {hostile.ACCOUNT: {"roles": {"DRSOrchestrationRole": {}}, "ec2": {},
                                               "drs": {"us-east-1": {"sourceServers": servers}}}}}
    program.sync(store, world(20), {hostile.ACCOUNT: "payments"})
    program.sync_again(store, world(2))
    return store


def a_removal_is_approved_by_its_form_and_nowhere_else(suite):
    store = held_store(suite)
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
        page.get_by_role("button", name="Let 18 servers of 222222222222 us-east-1 go").click()
        if not page.url.endswith("/pages/removals") or problems:
            raise AssertionError(f"{page.url}: {page.locator('main').inner_text()} {problems}")
        context.close()


CHECKS = [a_removal_is_approved_by_its_form_and_nowhere_else]
