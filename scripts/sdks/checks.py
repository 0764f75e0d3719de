"""What the drivers of the Python packages share: calls are counted, and the first thing that is wrong ends it all."""

import json
import os
import sys
import traceback
import urllib.error
import urllib.parse
import urllib.request

WORLD = json.load(open(os.environ["SDKS_WORLD"], encoding="utf-8"))
URL = WORLD["url"]
PASSWORD = "an umbrella in the rain"


class Client:
    """An API token, as an OAuth client: its id and its secret."""

    def __init__(self, name):
        self.name, self.id, self.secret = name, WORLD["tokens"][name]["id"], WORLD["tokens"][name]["secret"]


class Checks:
    """The calls of one package, and what is expected of them."""

    def __init__(self, package, version):
        from importlib.metadata import version as installed

        self.package, self.calls, self.assertions, self.doing = f"{package} {version}", set(), 0, "starting"
        self.times = 0
        self.equal("the version that is installed", installed(package), version)

    def fail(self, message):
        sys.exit(f"check-sdks: {self.package}, {self.doing}: {message}")

    def _begin(self, what):
        self.doing = what
        self.calls.add(what.split("(")[0])
        self.times += 1

    def call(self, what, function, *args, **kwargs):
        """The answer to a call that has to succeed. `what` is how people would write it."""
        self._begin(what)
        try:
            return function(*args, **kwargs)
        except Exception as error:  # whatever a package raises
            traceback.print_exc()
            self.fail(f"raised {type(error).__name__}: {error}{_body(error)}")

    async def acall(self, what, function, *args, **kwargs):
        """The same for a coroutine."""
        self._begin(what)
        try:
            return await function(*args, **kwargs)
        except Exception as error:
            traceback.print_exc()
            self.fail(f"raised {type(error).__name__}: {error}{_body(error)}")

    def refused(self, what, status, function, *args, **kwargs):
        """A call that has to be refused: with that HTTP status where the package tells it, else with a sentence."""
        self._begin(what)
        try:
            answer = function(*args, **kwargs)
        except Exception as error:
            return self._refusal(error, status)
        self.fail(f"was not refused: {answer!r}")

    async def arefused(self, what, status, function, *args, **kwargs):
        """The same for a coroutine."""
        self._begin(what)
        try:
            answer = await function(*args, **kwargs)
        except Exception as error:
            return self._refusal(error, status)
        self.fail(f"was not refused: {answer!r}")

    def _refusal(self, error, status):
        self.assertions += 1
        response = getattr(error, "response", None)
        if response is not None and response.status_code != status:
            self.fail(f"was refused with {response.status_code} instead of {status}: {response.text}")
        # An error of the package's own making says that the answer was none that it understands.
        if isinstance(error, (KeyError, AttributeError, TypeError, json.JSONDecodeError)):
            traceback.print_exc()
            self.fail(f"could not read the refusal: {type(error).__name__}: {error}")
        if not str(error):
            self.fail("was refused without a word")
        return error

    def equal(self, what, actual, expected):
        self.assertions += 1
        if actual != expected:
            self.fail(f"{what} is {actual!r} instead of {expected!r}")

    def true(self, what, holds, seen=None):
        self.assertions += 1
        if not holds:
            self.fail(f"{what} does not hold{'' if seen is None else f': {seen!r}'}")

    def done(self):
        print(f"    {self.package}: {len(self.calls)} calls, {self.times} times; {self.assertions} assertions hold")


def _body(error):
    response = getattr(error, "response", None)
    return "" if response is None else f": {response.text}"


def form(path, client, **fields):
    """Posts a form as a client: the status, and the JSON. For what a package has no call for."""
    fields = {**({"client_id": client.id, "client_secret": client.secret} if client else {}), **fields}
    return send(urllib.request.Request(URL + path, urllib.parse.urlencode(fields).encode()))


def get(path, bearer=None, **query):
    """Gets a path: the status, and the JSON."""
    url = URL + path + ("?" + urllib.parse.urlencode(query) if query else "")
    return send(urllib.request.Request(url, headers={"Authorization": f"Bearer {bearer}"} if bearer else {}))


def send(request):
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def token(client, **fields):
    """An access token of a client."""
    status, body = form("/oauth/token", client, **{"grant_type": "client_credentials", **fields})
    if status != 200:
        sys.exit(f"check-sdks: no token for {client.name}: {status} {body}")
    return body["access_token"]


def links(properties):
    """The linked identities in the properties of a user, as the example of the documentation walks them."""
    return sorted(f"{link['provider']}: {link['external_id']}" for link in properties.get("linked_identities", []))


ADAS_LINKS = ["github: ada-lovelace", "google: ada@gmail.example"]
