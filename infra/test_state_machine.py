#!/usr/bin/env python3
"""Evaluates what the state machine decides: whether to leave the sync to an earlier execution, what it
tells of the accounts at the end, and whether enough of them answered."""

import functools
import itertools
import json
import unittest

import jsonata

import check_policies as check

NAMES = ["a", "b", "c"]
TIMES = ["2026-11-24T12:00:00.000Z", "2026-11-24T12:00:00.001Z", "2026-11-24T12:00:01Z"]


@functools.cache
def states_of(percent="20"):
    text = (check.INFRA / "sync.asl.json").read_text()
    values = {"AccountsAtOnce": "40", "WithoutAnswerAtMostPercent": percent}
    return json.loads(check.substituted(text, values))["States"]


def evaluate(given, states, **variables):
    """A value of the definition: the JSONata between its marks, also within lists and objects."""
    match given:
        case dict():
            return {name: evaluate(it, states, **variables) for name, it in given.items()}
        case str() if given.startswith("{%"):
            expression = jsonata.Jsonata(given.removeprefix("{%").removesuffix("%}"))
            for name, value in {"states": states, **variables}.items():
                expression.assign(name, value)
            return expression.evaluate(None)
        case _:
            return given


def arn(name):
    return f"arn:aws:states:us-east-1:111111111111:execution:sync:{name}"


def skips(own, running):
    """Whether the execution `own` leaves the work to another of `running`: names by start."""
    states = {
        "result": {"Executions": [
            {"ExecutionArn": arn(name), "StartDate": start} for name, start in running.items()]},
        "context": {"Execution": {"Id": arn(own), "StartTime": running[own]}},
    }
    return earlier(states) > 0


def earlier(states):
    return evaluate(states_of()["List running executions"]["Output"]["earlier"], states)


class Earlier(unittest.TestCase):
    def test_exactly_one_of_those_that_run_goes_on(self):
        for count in range(1, len(NAMES) + 1):
            for starts in itertools.product(TIMES, repeat=count):
                running = dict(zip(NAMES, starts))
                with self.subTest(running=running):
                    going_on = [name for name in running if not skips(name, running)]
                    first = min(running, key=lambda name: (TIMES.index(running[name]), name))
                    self.assertEqual(going_on, [first])

    def test_an_execution_that_does_not_see_itself_listed_waits_for_those_before_it(self):
        running = {"a": TIMES[0], "b": TIMES[1]}
        states = {"result": {"Executions": [{"ExecutionArn": arn("a"), "StartDate": TIMES[0]}]},
                  "context": {"Execution": {"Id": arn("b"), "StartTime": running["b"]}}}
        self.assertEqual(earlier(states), 1)


def item(answer):
    """What the map keeps of an account that answered so."""
    states = states_of()["Sync each account"]["ItemProcessor"]["States"]
    given = {"input": {"accountId": "222222222222", "answer": answer}}
    choice, = states["Is it complete?"]["Choices"]
    follows = choice["Next"] if evaluate(choice["Condition"], given) else states["Is it complete?"]["Default"]
    return evaluate(states[follows]["Output"], given)


def told_at_the_end(items, accounts):
    states = {"input": items, "context": {"Execution": {"StartTime": TIMES[0]}}}
    return evaluate(states_of()["Finish the sync"]["Arguments"]["Payload"], states, accountIds=accounts)


def after(answer, percent="20"):
    """The state after an answer of finish_sync, with what it says where it is a failure."""
    states, given = states_of(percent), {"input": answer}
    choice = states["Did enough accounts answer?"]
    for it in choice["Choices"]:
        if evaluate(it["Condition"], given):
            return it["Next"], evaluate(states[it["Next"]], given)
    return choice["Default"], None


def details(complete, removed):
    return {"totalSynced": 3, "totalErrors": 0, "details": {"complete": complete, "serversRemoved": removed}}


class End(unittest.TestCase):
    def test_of_an_account_only_what_the_ledger_does_not_know_is_kept(self):
        self.assertEqual(item(details(True, 2)), {"removed": 2})
        self.assertEqual(item(details(False, 1)), {"removed": 1, "incomplete": 1})
        for answer in ({"error": "NOT_FOUND", "message": "…"}, {"error": "States.Timeout"}, {}):
            self.assertEqual(item(answer), {"removed": 0, "incomplete": 1})

    def test_8000_accounts_fit_between_the_states(self):
        size = len(json.dumps([item({})] * 8000, separators=(",", ":")))
        self.assertLess(size, 256 * 1024)
        ids = json.dumps({"accountIds": ["2" * 12] * 16_000}, separators=(",", ":"))
        self.assertLess(len(ids), 256 * 1024)

    def test_the_end_is_told_what_became_of_the_accounts(self):
        items = [item(details(True, 2)), item(details(True, 0)), item(details(False, 1)), item({})]
        # Of the fifth, nothing came back.
        told = told_at_the_end(items, ["1", "2", "3", "4", "5"])
        self.assertEqual(told, {"operation": "finish_sync", "startedAt": TIMES[0],
                                "serversRemoved": 3, "accountsIncomplete": 3})
        for items, accounts, incomplete in [
            ([], [], 0), ([{"removed": 0}], ["1"], 0), ([], ["1", "2"], 2),
            ([{"removed": 0, "incomplete": 1}], ["1"], 1),
        ]:
            with self.subTest(items=items):
                told = told_at_the_end(items, accounts)
                self.assertEqual((told["serversRemoved"], told["accountsIncomplete"]), (0, incomplete))

    def test_it_fails_where_too_many_accounts_did_not_answer(self):
        def answer(without):
            return {"accounts": 10, "accountsWithoutAnswer": without, "notKnown": ["1", "2"][:without]}
        for without, percent, state in [
            (0, "20", "Done"), (2, "20", "Done"), (3, "20", "Too many accounts without an answer"),
            (0, "0", "Done"), (1, "0", "Too many accounts without an answer"), (10, "100", "Done"),
        ]:
            with self.subTest(without=without, percent=percent):
                self.assertEqual(after(answer(without), percent)[0], state)
        self.assertEqual(after({"accounts": 0, "accountsWithoutAnswer": 0, "notKnown": []})[0], "Done")
        failure = after({"accounts": 20, "accountsWithoutAnswer": 12, "notKnown": [str(n) for n in range(12)]})[1]
        self.assertEqual(failure["Error"], "AccountsWithoutAnswer")
        self.assertEqual(failure["Cause"],
                         "12 of 20 accounts did not answer; not known: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9")
        one = after({"accounts": 1, "accountsWithoutAnswer": 1, "notKnown": ["7"]})[1]
        self.assertEqual(one["Cause"], "1 of 1 accounts did not answer; not known: 7")

    def test_it_fails_where_the_end_is_not_recorded(self):
        state, failure = after({"error": "DYNAMODB_ERROR", "message": "the table T is throttled"})
        self.assertEqual((state, failure["Error"], failure["Cause"]),
                         ("The end is not recorded", "DYNAMODB_ERROR", "the table T is throttled"))
        state, failure = after({})
        self.assertEqual((state, failure["Error"]), ("The end is not recorded", "NoAnswer"))


if __name__ == "__main__":
    unittest.main()
