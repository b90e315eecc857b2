"""The three functions, as their callers use them."""

import json
import time

from emulator import REGION


class Handlers:
    """Invokes the functions of one installation: the versions that serve, where it has an alias for them."""

    def __init__(self, emulator, stack, *, alias="live", region=REGION):
        self.client = emulator.client("lambda", region=region)
        self.stack = stack
        self.alias = alias

    def name(self, handler):
        return f"{self.stack}-{handler}"

    def invoke(self, handler, event):
        qualified = {"Qualifier": self.alias} if self.alias else {}
        answer = self.client.invoke(FunctionName=self.name(handler), Payload=json.dumps(event), **qualified)
        text = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise AssertionError(f"{handler} failed on {event}: {text}")
        return json.loads(text)

    def query(self, operation, **parameters):
        return self.invoke("query-handler", {"operation": operation, **parameters})

    def manage(self, operation, **parameters):
        return self.invoke("data-management-handler", {"operation": operation, **parameters})

    def sync(self):
        """The body of the answer, as an object. Waits where another sync is running."""
        for _ in range(30):
            answer = self.invoke("query-handler", {"action": "sync_source_server_inventory"})
            if answer.get("error") != "INVALID_STATE":
                break
            time.sleep(1)
        if answer.get("statusCode") != 200:
            raise AssertionError(f"the sync answered {answer}")
        return json.loads(answer["body"])

    def servers(self, **filters):
        """Every server, page by page, by host name."""
        found, token = [], None
        while True:
            more = {"nextToken": token} if token else {}
            page = self.query("get_source_server_inventory", limit=2, **filters, **more)
            if "error" in page:
                raise AssertionError(f"the inventory answered {page}")
            found += page["servers"]
            token = page.get("nextToken")
            if not token:
                return {row["hostname"]: row for row in found}

    def set_variable(self, name, value):
        """What an operator does in an emergency: one variable, no deployment."""
        function = self.name("query-handler")
        variables = self.client.get_function_configuration(
            FunctionName=function)["Environment"]["Variables"]
        self.client.update_function_configuration(
            FunctionName=function, Environment={"Variables": {**variables, name: value}})
        self.client.get_waiter("function_updated_v2").wait(
            FunctionName=function, WaiterConfig={"Delay": 1})
        if self.alias:
            version = self.client.publish_version(FunctionName=function)["Version"]
            self.client.update_alias(FunctionName=function, Name=self.alias, FunctionVersion=version)

    def serving(self):
        """The version of each function that the alias names."""
        return {name: self.client.get_alias(FunctionName=self.name(name), Name=self.alias)["FunctionVersion"]
                for name in ("query-handler", "data-management-handler", "read-handler")}

    def renew(self):
        """The next event is answered by a new process."""
        self.set_variable("RENEWED", str(time.time()))
