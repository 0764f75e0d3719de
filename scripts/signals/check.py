"""A story with a server and two receivers of its signals, one by push and one by poll. See scripts/check-signals."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

from receiver import PushReceiver, poll_all
from rules import Rules

BINARY, DATABASE, PORT, AWAY = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
URL = f"http://127.0.0.1:{PORT}"
ENVIRONMENT = {
    **os.environ,
    "IDGRAPH_DATABASE__URL": DATABASE,
    "IDGRAPH_REDIS__URL": "",
    "IDGRAPH_SERVER__LISTEN": f"127.0.0.1:{PORT}",
    "IDGRAPH_OAUTH__KEY_SECRET": "0123456789abcdef0123456789abcdef",
    "IDGRAPH_DELIVERIES__ALLOW_PRIVATE_NETWORKS": "true",
    "IDGRAPH_DELIVERIES__POLL_MILLISECONDS": "50",
    "IDGRAPH_DELIVERIES__FIRST_RETRY_MILLISECONDS": "200",
    "IDGRAPH_DELIVERIES__LONGEST_RETRY_SECONDS": "1",
}
PEOPLE = [
    {"type": "organization", "slug": "acme", "name": "Acme"},
    *(
        {
            "type": "user",
            "organization": "acme",
            "username": name,
            "email": f"{name}@example.org",
            "linked_identities": [{"provider": "okta", "external_id": name}],
        }
        for name in ("ada", "bob", "eve")
    ),
]


def fail(message):
    sys.exit(f"check-signals: {message}")


def program(*arguments, text=None):
    ran = subprocess.run([BINARY, *arguments], env=ENVIRONMENT, input=text, capture_output=True, text=True)
    if ran.returncode:
        fail(f"idgraph {' '.join(arguments)}: {ran.stderr}")
    return ran


def token(name, role):
    return program("token", "create", "--name", name, "--organization", "acme", "--role", role).stdout.split()[-1]


def ask(method, path, bearer=None, body=None):
    """The status and the JSON of an answer."""
    headers = {"Content-Type": "application/json"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    data = None if body is None else json.dumps(body).encode()
    url = path if path.startswith("http") else URL + path
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def done(method, path, bearer=None, body=None):
    status, answer = ask(method, path, bearer, body)
    if status >= 300:
        fail(f"{method} {path}: {status} {answer}")
    return answer


class Server:
    def __init__(self):
        self.start()

    def start(self):
        self.process = subprocess.Popen([BINARY, "serve"], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=sys.stderr)
        for _ in range(200):
            try:
                if ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        fail("the server does not come up")

    def kill(self):
        self.process.kill()
        self.process.wait()


def main():
    program("migrate", "up")
    people = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"people-{os.getpid()}.ndjson")
    with open(people, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in PEOPLE)
    program("import", people)
    os.remove(people)
    owner, admin = token("owner", "owner"), token("receiver", "admin")
    server = Server()
    try:
        story(server, owner, admin)
    finally:
        server.kill()


def story(server, owner, admin):
    about = done("GET", "/.well-known/ssf-configuration")
    push = PushReceiver("Bearer a header of the receiver")
    streams = about["configuration_endpoint"]
    pushed = done("POST", streams, admin, {"delivery": {
        "method": "urn:ietf:rfc:8935", "endpoint_url": push.url, "authorization_header": push.authorization}})
    polled = done("POST", streams, admin, {"delivery": {"method": "urn:ietf:rfc:8936"}})
    if "authorization_header" in pushed["delivery"]:
        fail("the header of the receiver is shown")
    rules = Rules(about, done("GET", about["jwks_uri"]), pushed["aud"])
    rules.stream_ids = {pushed["stream_id"], polled["stream_id"]}

    expected = []

    def account(name):
        found = done("GET", "/v1/identity?page%5Blimit%5D=200", owner)["data"]
        return next(one["id"] for one in found if one["provider_id"] == name)

    ids = {name: account(name) for name in ("ada", "bob", "eve")}

    def act(name, action, body, *events):
        done("POST", f"/v1/identity/{ids[name]}/{action}", owner, body)
        expected.extend(events)

    def round_of_actions():
        act("ada", "revoke-sessions", {"reason": "Laptop lost"}, "session-revoked")
        act("bob", "force-password-reset", {}, "account-credential-change-required")
        # The profile and the account.
        act("eve", "disable", {"reason": "left"}, "account-disabled", "account-disabled", "session-revoked")
        act("eve", "enable", {}, "account-enabled", "account-enabled")

    for stream in (pushed, polled):
        done("POST", about["verification_endpoint"], admin, {"stream_id": stream["stream_id"], "state": stream["stream_id"]})
    round_of_actions()
    prompts = [{"event_id": f"prompt-{n}", "identity": {"id": ids["bob"]}, "kind": "mfa", "outcome": "failure",
                "method": "push"} for n in range(3)]
    done("POST", "/v1/access-records", owner, prompts)
    expected.append("risk-level-change")
    profile = next(one["id"] for one in done("GET", "/v1/profiles", owner)["data"] if one["username"] == "ada")
    query = "mutation($i: SetPasswordInput!) { setPassword(input: $i) { errors { message } } }"
    done("POST", "/graphql", owner, {"query": query, "variables": {"i": {"id": profile, "password": "an umbrella in the rain"}}})
    expected.append("credential-change")
    push.wait_for(len(expected) + 1)

    # The receiver is away, and meanwhile the server dies.
    push.go_away()
    round_of_actions()
    time.sleep(AWAY / 2)
    server.kill()
    server.start()
    round_of_actions()
    time.sleep(AWAY / 2)
    push.come_back()
    push.wait_for(len(expected) + 1)
    time.sleep(0.5)

    by_push = [rules.check(set_) for set_ in push.taken]
    if any(header != push.authorization for header in push.headers):
        fail("a signal came without the header of the receiver")
    fetched = poll_all(lambda body: done("POST", polled["delivery"]["endpoint_url"], admin, body))
    by_poll = [rules.check(set_) for set_ in fetched]
    compare("push", by_push, expected)
    compare("poll", by_poll, expected)
    rules.compare_subjects(by_push, by_poll)
    if poll_all(lambda body: done("POST", polled["delivery"]["endpoint_url"], admin, body)):
        fail("what was acknowledged comes again")
    for stream, told in ((pushed, by_push), (polled, by_poll)):
        states = [event["state"] for name, event, _ in told if name == "verification"]
        if states != [stream["stream_id"]]:
            fail(f"the signs of life are {states}")
    status, _ = ask("DELETE", f"{streams}?stream_id={pushed['stream_id']}", admin)
    if status != 204:
        fail(f"a stream cannot be removed: {status}")
    print(f"    {len(by_push)} signals by push, {len(by_poll)} by poll, each verified; the receiver was away "
          f"for {AWAY:g} s, the server killed meanwhile; none lost, none twice under another id")


def compare(how, told, expected):
    names = sorted(name for name, _, _ in told if name != "verification")
    if names != sorted(expected):
        fail(f"by {how} came {names} instead of {sorted(expected)}")


main()
