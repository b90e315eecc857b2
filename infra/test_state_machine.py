#!/usr/bin/env python3
"""Evaluates the decision of an execution to leave the sync to an earlier one."""

import functools
import itertools
import json
import unittest

import jsonata

import check_policies as check

NAMES = ["a", "b", "c"]
TIMES = ["2026-11-24T12:00:00.000Z", "2026-11-24T12:00:00.001Z", "2026-11-24T12:00:01Z"]


@functools.cache
def earlier_expression():
    """The JSONata between its marks."""
    text = (check.INFRA / "sync.asl.json").read_text()
    output = json.loads(check.substituted(text, {"AccountsAtOnce": "40"}))["States"]["List running executions"]["Output"]["earlier"]
    return output.removeprefix("{%").removesuffix("%}")


def arn(name):
    return f"arn:aws:states:us-east-1:111111111111:execution:sync:{name}"


def skips(own, running):
    """Whether the execution `own` leaves the work to another of `running`: names by start."""
    states = {
        "result": {"Executions": [
            {"ExecutionArn": arn(name), "StartDate": start} for name, start in running.items()]},
        "context": {"Execution": {"Id": arn(own), "StartTime": running[own]}},
    }
    expression = jsonata.Jsonata(earlier_expression())
    expression.assign("states", states)
    return expression.evaluate(None) > 0


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
        expression = jsonata.Jsonata(earlier_expression())
        expression.assign("states", states)
        self.assertEqual(expression.evaluate(None), 1)


if __name__ == "__main__":
    unittest.main()
