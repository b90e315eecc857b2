"""Figures: cards, lists, tables for spreadsheets and `status` say the same."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from program import with_query

CARDS = {"Not ready": "NOT_READY", "Unknown": "UNKNOWN", "At risk": "AT_RISK", "Ready": "READY"}
KEYS = {"NOT_READY": "notReady", "UNKNOWN": "unknown", "AT_RISK": "atRisk", "READY": "ready"}


def figure(html, name):
    """A figure as programs read it, which must be what people read."""
    value, shown = re.search(rf'data-figure="{re.escape(name)}" data-value="(\d+)">([^<]*)<', html).groups()
    if shown.replace(",", "") != value:
        raise AssertionError(f"{name} is shown as {shown} and is {value}")
    return int(value)


def rows(serve, **filters):
    """The servers of a list, over all its pages."""
    return rows_at(serve, with_query("/pages/servers", **filters))


def rows_at(serve, path):
    first, found = path, []
    while path:
        html = serve.get(path)
        found += re.findall(r'<tr><th scope="row" data-label="Host name"><a href="([^"]*)"', html)
        following = re.search(r'<a rel="next" href="([^"]*)"', html)
        path = unescape(following[1]) if following else None
    if len(set(found)) != len(found):
        raise AssertionError(f"{first}: a server is listed twice")
    return found


def table(serve, **filters):
    return list(csv.DictReader(io.StringIO(serve.get(with_query("/pages/servers.csv", **filters)))))


def cards_lists_and_tables_agree_with_status(suite):
    said = []
    for store in (suite.demo, suite.hostile):
        status = json.loads(suite.program.run("status", "--output", "json", "--store", store))
        with suite.serve(store) as serve:
            overview, total = serve.get("/"), 0
            for card, verdict in CARDS.items():
                expected = status["verdicts"][KEYS[verdict]]
                of_table = table(serve, verdict=verdict)
                counted = {"card": figure(overview, card), "list": len(rows(serve, verdict=verdict)),
                           "table": len(of_table)}
                if set(counted.values()) != {expected}:
                    raise AssertionError(f"{verdict}: status says {expected}, and {counted}")
                if {row["verdict"] for row in of_table} - {verdict}:
                    raise AssertionError(f"{verdict}: the table holds others")
                total += expected
            everything = {figure(overview, "servers"), len(rows(serve)), len(table(serve)), status["servers"]}
            if everything != {total}:
                raise AssertionError(f"all servers are {everything}, and the cards add up to {total}")
            said.append(f"{total} servers")
    return ", ".join(said)


def every_number_that_is_a_link_counts_the_list_behind_it(suite):
    asked, wrong = 0, []
    for store in (suite.demo, suite.hostile):
        with suite.serve(store) as serve:
            for path in ("/", "/pages/places", "/pages/report", "/pages/groups", "/pages/removals"):
                links = re.findall(r'<a href="(/pages/servers\?[^"]*)">(.*?)</a>', serve.get(path))
                for address, text in links:
                    words = unescape(re.sub("<[^>]*>", " ", text))
                    # Of a lag and an age of drills the last number; of the others the first.
                    number = re.search(r"([\d,]+)\s*$" if re.search("lag=|drillAge=", address) else r"^\s*([\d,]+)\b", words)
                    if not number:
                        continue
                    address, number = unescape(address), int(number[1].replace(",", ""))
                    found = known(serve, address) if counts_the_known(address) else rows_at(serve, address)
                    if len(found) != number:
                        wrong.append(f"{path}: {words!r} leads to {len(found)} servers, at {address}")
                    asked += 1
    if wrong:
        raise AssertionError("\n".join(wrong))
    return f"{asked} links"


def counts_the_known(address):
    """Servers of a place that is not known are counted as unknown, and as nothing else."""
    return bool(re.search("[?&](reason|lag|drillAge)=", address))


def known(serve, address):
    lines = table(serve, **dict(parse_qsl(urlsplit(address).query)))
    return [line for line in lines if line["verdict"] != "UNKNOWN"]


def what_is_not_protected_is_listed(suite):
    with suite.serve(suite.demo) as serve:
        listed = len(re.findall(r"<td>i-[0-9a-f]+|<th scope=\"row\"[^>]*>(?:<[^>]*>)*i-[0-9a-f]+", serve.get("/pages/unprotected")))
        if listed != figure(serve.get("/"), "Unprotected") or not listed:
            raise AssertionError(f"the card says {figure(serve.get('/'), 'Unprotected')}, and {listed} are listed")
    return f"{listed} instances"


def every_filter_shows_only_what_fits(suite):
    with suite.serve(suite.demo) as serve:
        everything = table(serve)
        status = json.loads(serve.get("/overview"))
        asked = 0
        for field, column in [("account", "account"), ("region", "region"), ("state", "state"), ("drill", "drill")]:
            for value in sorted({row[column] for row in everything} - {""}):
                found = table(serve, **{field: value})
                expected = [row["arn"] for row in everything if row[column] == value]
                if sorted(row["arn"] for row in found) != sorted(expected) or len(rows(serve, **{field: value})) != len(expected):
                    raise AssertionError(f"{field}={value}: {len(found)} servers, not {len(expected)}")
                asked += 1
        for reason in status["reasons"]:
            expected = [row for row in everything if reason in row["reasons"].split()]
            if len(table(serve, reason=reason)) != len(expected) or not expected:
                raise AssertionError(f"reason={reason}: not the {len(expected)} servers that have it")
            asked += 1
        for field, counted in [("lag", status["lag"]), ("drillAge", status["drillAges"])]:
            for value, servers in counted.items():
                # Servers of a place that is not known are counted as unknown alone.
                known = [row for row in table(serve, **{field: value}) if row["verdict"] != "UNKNOWN"]
                if len(known) != servers:
                    raise AssertionError(f"{field}={value}: {len(known)} servers, the overview says {servers}")
                asked += 1
        for part in ("db", "WEB"):
            found = table(serve, hostname=part)
            if not found or any(part.lower() not in row["hostname"].lower() for row in found):
                raise AssertionError(f"hostname={part}: {len(found)} servers, not all with it")
            asked += 1
        for wrong in ({"verdict": "GOOD"}, {"reason": "x"}, {"tag": "x"}, {"colour": "red"}, {"next": "x"}):
            status, _, body = serve.ask("GET", with_query("/pages/servers", **wrong), {"Authorization": serve.bearer})
            if status != 400 or "INVALID_PARAMETER" not in body:
                raise AssertionError(f"{wrong}: {status}")
            asked += 1
    return f"{asked} questions"


def a_group_and_a_tag_choose_servers(suite):
    with suite.serve(suite.hostile) as serve:
        group = json.loads(serve.get("/protection-groups"))["groups"][0]
        if len(rows(serve, group=group["groupId"])) != 1:
            raise AssertionError("the group has not its one server")
        import hostile
        tagged = table(serve, tag=f"Name={hostile.SCRIPT}")
        if len(tagged) < 5:
            raise AssertionError(f"{len(tagged)} servers with the tag")


def cells_of_a_table_are_no_formulas(suite):
    with suite.serve(suite.hostile) as serve:
        cells = [cell for row in csv.reader(io.StringIO(serve.get("/pages/servers.csv"))) for cell in row]
    formulas = [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    if formulas:
        raise AssertionError(f"a spreadsheet runs {formulas}")


CHECKS = [cards_lists_and_tables_agree_with_status, every_number_that_is_a_link_counts_the_list_behind_it,
          what_is_not_protected_is_listed, every_filter_shows_only_what_fits, a_group_and_a_tag_choose_servers,
          cells_of_a_table_are_no_formulas]
