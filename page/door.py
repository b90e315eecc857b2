"""Who may come in: another site, another name, another key, somebody who looks over the shoulder."""

import http.server
import json
import re
import threading

HEADERS = ["content-security-policy", "x-frame-options", "x-content-type-options", "referrer-policy",
           "cross-origin-resource-policy", "cross-origin-opener-policy", "cache-control"]


class Elsewhere:
    """A site of somebody else on this machine. Use as a context."""

    def __init__(self, html, host):
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(html.encode())
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://{host}:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def came_from(origin):
    """What a request says that another site led here, as browsers of today and of yesterday say it."""
    return [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://elsewhere.example"},
            {"Origin": "null"}, {"Origin": origin + "0"}]


def whoever_does_not_know_the_key_reads_nothing(suite):
    with suite.serve(suite.demo, "--allow-changes") as serve:
        context = suite.context(serve)
        cookie, = serve.cookies
        if not cookie["httpOnly"] or cookie["sameSite"] != "Strict":
            raise AssertionError(f"the cookie is {cookie}")
        right = f"{cookie['name']}={cookie['value']}"
        for name, headers, expected in [
            ("nothing", {}, 401),
            ("the cookie", {"Cookie": right}, 200),
            ("a changed cookie", {"Cookie": right[:-2] + "AA"}, 401),
            ("another name", {"Cookie": f"x{right}"}, 401),
            ("the used token", {"Authorization": f"Bearer {serve.address.split('token=')[1]}"}, 401),
            ("another site", {"Cookie": right, "Sec-Fetch-Site": "cross-site"}, 403),
            ("the same site, another port", {"Cookie": right, "Sec-Fetch-Site": "same-site"}, 403),
            ("another name of the host", {"Cookie": right, "Host": "rebound.example"}, 403),
        ]:
            for path in ("/", "/overview", "/pages/servers.csv", "/openapi.json"):
                status, answered, body = serve.ask("GET", path, headers)
                if status != expected:
                    raise AssertionError(f"{name} at {path}: {status}")
                missing = [it for it in HEADERS if it not in answered]
                if missing:
                    raise AssertionError(f"{name} at {path}: no {missing}")
                if expected != 200 and ("222222222222" in body or "pay-db" in body):
                    raise AssertionError(f"{name} at {path} reads {body[:200]}")
        status, _, _ = serve.ask("GET", serve.address.removeprefix(serve.origin))
        if status != 403:
            raise AssertionError(f"the printed address opens twice: {status}")
        # A browser asks so before it lets another site send JSON.
        asked = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"}
        status, answered, _ = serve.ask("OPTIONS", "/target-accounts", asked)
        if status < 400 or any(name.startswith("access-control-") for name in answered):
            raise AssertionError(f"another site may ask: {status} {answered}")
        context.close()


def another_site_in_the_same_browser_reads_and_changes_nothing(suite):
    """Of another name, and of another port of the same name, which a browser sends the same cookies to."""
    for host in ("localhost", "127.0.0.1"):
        another_site_at(host, suite)


def another_site_at(host, suite):
    with suite.serve(suite.demo, "--allow-changes") as serve:
        accounts = json.loads(serve.get("/target-accounts"))
        body = json.dumps({"accountId": "999999999999", "roleArn": "arn:aws:iam::999999999999:role/x"})
        html = f"""<!doctype html><title>elsewhere</title><iframe src="{serve.origin}/"></iframe>
            <img src="{serve.origin}/overview"><form id="form" method="post" target="there" enctype="text/plain"
            action="{serve.origin}/target-accounts"><input name='{body[:-1]},"x":"' value='"}}'></form>
            <form id="approve" method="post" target="here" action="{serve.origin}/pages/removals/approve">
            <input name="count" value="1"><input name="since" value="x"></form>
            <iframe name="there"></iframe><iframe name="here"></iframe><a href="{serve.origin}/">there</a>"""
        with Elsewhere(html, host) as elsewhere:
            context = suite.context(serve)
            page = context.new_page()
            answers = []
            page.on("response", lambda answer: answers.append((answer.url, answer.status)))
            page.goto(elsewhere.origin)
            read = page.evaluate("""async origin => {
                const seen = [];
                for (const path of ['/overview', '/', '/pages/servers.csv']) {
                    for (const mode of ['cors', 'no-cors']) {
                        try {
                            const answer = await fetch(origin + path, { credentials: 'include', mode });
                            seen.push(await answer.text());
                        } catch (error) { }
                    }
                }
                return seen.filter(text => text.length > 0);
            }""", serve.origin)
            page.evaluate("document.getElementById('form').submit()")
            page.evaluate("document.getElementById('approve').submit()")
            page.wait_for_timeout(500)
            let_in = [it for it in answers if it[0].startswith(serve.origin) and it[1] < 400]
            if read or let_in:
                raise AssertionError(f"read {read}, and let in {let_in}")
            for frame in page.frames[1:]:
                if "readiness" in frame.content():
                    raise AssertionError("the page shows in a frame of another site")
            with page.expect_navigation():
                page.get_by_role("link", name="there").click()
            if "readiness" in page.content():
                raise AssertionError("a link of another site opens the page")
            context.close()
        if json.loads(serve.get("/target-accounts")) != accounts:
            raise AssertionError("the accounts have changed")


def assets_are_kept_for_good_and_data_is_not(suite):
    with suite.serve(suite.demo) as serve:
        assets = re.findall(r'href="(/assets/[^"]*)"', serve.get("/"))
        known = {"Authorization": serve.bearer}
        for asset in assets:
            status, answered, _ = serve.ask("GET", asset, known)
            if status != 200 or "immutable" not in answered["cache-control"]:
                raise AssertionError(f"{asset}: {status} {answered}")
        if len(assets) != 2:
            raise AssertionError(f"the assets are {assets}")
        for path in ("/", "/overview", "/pages/servers.csv", "/nothing"):
            kept = serve.ask("GET", path, known)[1]["cache-control"]
            if kept != "no-store":
                raise AssertionError(f"{path}: {kept}")


CHECKS = [whoever_does_not_know_the_key_reads_nothing,
          another_site_in_the_same_browser_reads_and_changes_nothing, assets_are_kept_for_good_and_data_is_not]
