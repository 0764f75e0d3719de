"""The client of Casdoor, synchronous and asynchronous."""

import asyncio
import importlib
import sys
from base64 import urlsafe_b64decode

import casdoor_directory
import casdoor_users
import certificate
import jwt
from casdoor import AsyncCasdoorSDK, CasdoorSDK
from casdoor.user import User
from checks import ADAS_LINKS, PASSWORD, URL, Checks, Client, form, links, token

checks = Checks("casdoor", sys.argv[1])
admin, ada, root = Client("admin"), Client("ada"), Client("root")


def kind(module, name):
    return getattr(importlib.import_module(f"casdoor.{module}"), name)


def sdk_of(client, made=CasdoorSDK, secret=None, certificate_of=""):
    return made(URL, client.id, secret or client.secret, certificate_of, "acme", "admin")


def tokens(sdk):
    granted = checks.call("get_oauth_token()", sdk.get_oauth_token)
    access = granted["access_token"]
    checks.equal("the type", granted["token_type"], "Bearer")
    pem, algorithm = certificate.of_token(access)
    checks.true("an algorithm that is known", algorithm in sdk.algorithms, algorithm)
    verifying = sdk_of(admin, certificate_of=pem)
    claims = checks.call("parse_jwt_token()", verifying.parse_jwt_token, access)
    checks.equal("the claims", (claims["sub"], claims["iss"], claims["owner"]), (admin.id, URL, "acme"))
    head, body, signature = access.split(".")
    forged = f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    refusal = checks.refused("parse_jwt_token(forged)", None, verifying.parse_jwt_token, forged)
    checks.true("it was the signature", isinstance(refusal, jwt.InvalidSignatureError), refusal)
    other = sdk_of(ada, certificate_of=pem)
    refusal = checks.refused("parse_jwt_token(meant for another)", None, other.parse_jwt_token, access)
    checks.true("it was the audience", isinstance(refusal, jwt.InvalidAudienceError), refusal)
    checks.true("the body is JSON", urlsafe_b64decode(body + "==").startswith(b"{"))

    told = checks.call("introspect_token()", sdk.introspect_token, access)
    checks.equal("what is told of it", (told["active"], told["client_id"]), (True, admin.id))
    checks.equal("of a forged one", checks.call("introspect_token(forged)", sdk.introspect_token, forged), {"active": False})
    wrong = sdk_of(admin, secret="idg_of-no-use")
    checks.equal(
        "the error", checks.call("get_oauth_token(with another secret)", wrong.get_oauth_token)["error"], "invalid_client"
    )
    told = checks.call("introspect_token(with another secret)", wrong.introspect_token, access)
    checks.equal("the error", told.get("error"), "invalid_client")
    tokens = checks.call("refresh_oauth_tokens()", sdk.refresh_oauth_tokens, "of no use")
    checks.equal("the error", tokens.get("error"), "unsupported_grant_type")
    checks.equal("no token", checks.call("refresh_oauth_token()", sdk.refresh_oauth_token, "of no use"), None)
    told = checks.call("get_oauth_token(code)", sdk.get_oauth_token, code="of no use")
    checks.equal("the error", told.get("error"), "unsupported_grant_type")


def people(sdk):
    """Somebody signs in, acts for themselves, and is shut out."""
    name = "casdoor-person"
    user = User.new(owner="acme", name=name, created_time="", display_name="Person", email=f"{name}@acme.example")
    user.password = PASSWORD
    sdk.add_user(user)
    granted = checks.call("get_oauth_token(password)", sdk.get_oauth_token, username=name, password=PASSWORD)
    first = granted["access_token"]
    granted = checks.call("get_oauth_token_by_password()", sdk.get_oauth_token_by_password, name, PASSWORD)
    second = granted["access_token"]
    checks.refused("get_oauth_token_by_password(another)", None, sdk.get_oauth_token_by_password, name, PASSWORD + "!")
    checks.refused("impersonate_user()", None, sdk.impersonate_user, name, "a master password")
    person = sdk.with_access_token(first)
    account = checks.call("get_account()", person.get_account)
    checks.equal("who it is", (account.owner, account.name, account.displayName), ("acme", name, "Person"))
    seen = [found.name for found in checks.call("get_users(as oneself)", person.get_users)]
    checks.true("nobody else is seen", set(seen) <= {name}, seen)
    checks.refused("delete_user(as oneself)", None, person.delete_user, person.get_account())
    checks.equal(
        "get_user(somebody else, as oneself)", checks.call("get_user(as oneself)", person.get_user, "ada-lovelace"), None
    )
    # Sessions end at the IAM, or by giving the token back.
    checks.refused("logout_current_session()", None, sdk.logout_current_session, second)
    checks.refused("logout()", None, sdk.logout, second)
    checks.equal("the token of the second session", sdk.introspect_token(second)["active"], True)
    checks.equal("the answer to giving it back", form("/oauth/revoke", admin, token=second)[0], 200)
    checks.equal("the token of the second session", sdk.introspect_token(second), {"active": False})
    checks.equal("the token of the first", sdk.introspect_token(first)["active"], True)
    checks.refused("get_account(given back)", None, sdk.with_access_token(second).get_account)
    account.displayName = "Shut out"
    account.isForbidden = True
    sdk.update_user(account)
    checks.equal("the token of who is shut out", sdk.introspect_token(first), {"active": False})
    checks.refused("get_account(shut out)", None, person.get_account)
    sdk.delete_user(sdk.get_user(name))
    mine = sdk.with_access_token(token(ada))
    checks.equal("who ada is", checks.call("get_account(ada)", mine.get_account).name, "ada-lovelace")


def refusals():
    wrong = sdk_of(admin, secret="idg_of-no-use")
    for call in (wrong.get_users, wrong.get_groups, wrong.get_roles, wrong.get_organizations, wrong.get_applications):
        checks.refused(f"{call.__name__}(with another secret)", None, call)
    reader, stranger = sdk_of(Client("reader")), sdk_of(Client("stranger"))
    user = User.new(owner="acme", name="casdoor-no", created_time="", display_name="No")
    for who, sdk in (("a reader", reader), ("a stranger", stranger)):
        checks.refused(f"add_user(as {who})", None, sdk.add_user, user)
        checks.refused(f"set_password(as {who})", None, sdk.set_password, "acme", "ada-lovelace", "", PASSWORD)
    checks.equal("get_user(as a stranger)", checks.call("get_user(as a stranger)", stranger.get_user, "ada-lovelace"), None)
    checks.refused("get_users(as a stranger)", None, stranger.get_users)
    sdk = sdk_of(admin)
    checks.equal("whether anybody was made", sdk.get_user("casdoor-no"), None)
    checks.refused("enforce()", None, sdk.enforce, "acme/p", "", "", "", "", ["ada", "data", "read"])
    for call in (sdk.get_permissions, sdk.get_plans, sdk.get_payments, sdk.get_models, sdk.get_tokens):
        checks.refused(f"{call.__name__}()", None, call)


async def asynchronous():
    sdk = sdk_of(admin, AsyncCasdoorSDK)
    granted = await checks.acall("async get_oauth_token()", sdk.get_oauth_token)
    pem, _ = certificate.of_token(granted["access_token"])
    claims = checks.call(
        "async parse_jwt_token()", sdk_of(admin, AsyncCasdoorSDK, certificate_of=pem).parse_jwt_token, granted["access_token"]
    )
    checks.equal("the subject", claims["sub"], admin.id)
    users = await checks.acall("async get_users()", sdk.get_users)
    checks.true("the members", {"ada-lovelace", "grace-hopper"} <= {user["name"] for user in users}, users)
    count = await checks.acall("async get_user_count()", sdk.get_user_count)
    checks.equal("how many there are", count, len(users))
    # The example of the product's documentation, word for word.
    profile = await checks.acall("async get_user()", sdk.get_user, "ada-lovelace")
    found = []
    for identity in profile.get("properties", {}).get("linked_identities", []):
        found.append(f"{identity['provider']}: {identity['external_id']}")
    checks.equal("her links", sorted(found), ADAS_LINKS)
    checks.equal("async get_user(nobody)", await checks.acall("async get_user(nobody)", sdk.get_user, "nobody-there"), None)
    user = User.new(owner="acme", name="casdoor-async", created_time="", display_name="Async", email="async@acme.example")
    answer = await checks.acall("async add_user()", sdk.add_user, user)
    checks.equal("what was done", (answer["status"], answer["data"]), ("ok", "Affected"))
    user.displayName = "Changed"
    answer = await checks.acall("async update_user()", sdk.update_user, user)
    checks.equal("what was done", (answer["status"], answer["data"]), ("ok", "Affected"))
    checks.equal("the name", (await sdk.get_user("casdoor-async"))["displayName"], "Changed")
    await checks.acall("async assign_role_to_user()", sdk.assign_role_to_user, "casdoor-async", "auditor")
    roles = await checks.acall("async get_user_roles()", sdk.get_user_roles, "casdoor-async")
    checks.equal("the roles", [role["name"] for role in roles], ["auditor"])
    await checks.acall("async remove_role_from_user()", sdk.remove_role_from_user, "casdoor-async", "auditor")
    role = await checks.acall("async get_role()", sdk.get_role, "auditor")
    checks.equal("who has it", role["users"], ["acme/grace-hopper"])
    roles = await checks.acall("async get_roles()", sdk.get_roles)
    checks.equal("the roles", [role["name"] for role in roles], ["auditor"])
    role["description"] = "Reads it all."
    answer = await checks.acall("async update_role()", sdk.update_role, role)
    checks.equal("what was done", answer["status"], "ok")
    checks.equal("the description", (await sdk.get_role("auditor"))["description"], "Reads it all.")
    await sdk.update_role({**role, "description": "Reads everything."})
    answer = await checks.acall("async delete_user()", sdk.delete_user, user)
    checks.equal("what was done", (answer["status"], answer["data"]), ("ok", "Affected"))
    checks.equal("whether it is there", await sdk.get_user("casdoor-async"), None)
    wrong = sdk_of(admin, AsyncCasdoorSDK, secret="idg_of-no-use")
    answer = await checks.acall("async add_user(with another secret)", wrong.add_user, user)
    checks.equal("what was done", (answer["status"], answer["data"]), ("error", None))
    await checks.arefused("async get_roles(with another secret)", None, wrong.get_roles)


sdk = sdk_of(admin)
tokens(sdk)
casdoor_users.check(checks, sdk, sdk_of(root))
casdoor_directory.check(checks, kind, sdk_of, has_pages=True)
names = checks.call("get_organization_names()", sdk.get_organization_names)
checks.equal("the names", [(one.name, one.displayName) for one in names], [("acme", "Acme Instruments")])
own = checks.call("get_organization_applications()", sdk.get_organization_applications)
checks.true("one's own application is listed", admin.id in {one.clientId for one in own})
people(sdk)
refusals()
asyncio.run(asynchronous())
checks.equal("her links, after everything", links(sdk.get_user("ada-lovelace").properties), ADAS_LINKS)
checks.done()
