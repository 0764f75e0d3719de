"""hanzo-iam 1.29, which is imported as `iam`: an older relative of casdoor's client. It verifies RS256 and nothing else."""

import asyncio
import importlib
import sys

import casdoor_directory
import certificate
from checks import ADAS_LINKS, PASSWORD, URL, Checks, Client, links

from iam import IAMSDK, AsyncIAMSDK, User

checks = Checks("hanzo-iam", sys.argv[1])
admin = Client("admin")
# Whatever the asynchronous client is answered other than 200, it takes for a failure; the other one looks into the envelope.


def kind(module, name):
    return getattr(importlib.import_module(f"iam.{module}"), name)


def sdk_of(client, made=IAMSDK, secret=None, certificate_of=""):
    return made(URL, client.id, secret or client.secret, certificate_of, "acme", "admin")


def new_user(name, display_name):
    user = User.new(owner="acme", name=name, created_time="", display_name=display_name)
    # The package asks for an attribute that its own class does not set.
    user.display_name = display_name
    user.email = f"{name}@acme.example"
    return user


def tokens(sdk):
    access = checks.call("get_oauth_token()", sdk.get_oauth_token)["access_token"]
    pem, algorithm = certificate.of_token(access)
    checks.equal("the algorithm", algorithm, "RS256")
    claims = checks.call("parse_jwt_token()", sdk_of(admin, certificate_of=pem).parse_jwt_token, access)
    checks.equal("the subject", claims["sub"], admin.id)
    checks.equal("no token", checks.call("refresh_oauth_token()", sdk.refresh_oauth_token, "of no use"), None)
    told = checks.call("refresh_oauth_tokens()", sdk.refresh_oauth_tokens, "of no use")
    checks.equal("the error", told.get("error"), "unsupported_grant_type")
    told = checks.call("get_oauth_token(with another secret)", sdk_of(admin, secret="idg_of-no-use").get_oauth_token)
    checks.equal("the error", told.get("error"), "invalid_client")
    return pem


def users(sdk):
    names = {user.name for user in checks.call("get_users()", sdk.get_users)}
    checks.true("the members", {"ada-lovelace", "grace-hopper"} <= names and "mallory" not in names, names)
    ada = checks.call("get_user()", sdk.get_user, "ada-lovelace")
    seen = (ada.owner, ada.displayName, ada.email, ada.phone, ada.tag, ada.avatar)
    told = ("acme", "Ada Lovelace", "ada@acme.example", "+12025550123", "engineering", "https://cdn.acme.example/ada.jpg")
    checks.equal("ada", seen, told)
    count = checks.call("get_user_count()", sdk.get_user_count)
    checks.equal("how many there are", count["data"], len(names))
    checks.refused("get_user(nobody)", None, sdk.get_user, "nobody-there")
    name = "iam-user"
    checks.equal("what was done", checks.call("add_user()", sdk.add_user, new_user(name, "New")), "Affected")
    made = checks.call("get_user(the new one)", sdk.get_user, name)
    checks.equal("the new one", (made.displayName, made.email), ("New", f"{name}@acme.example"))
    checks.refused("add_user(again)", None, sdk.add_user, new_user(name, "New"))
    made.displayName = made.display_name = "Changed"
    checks.equal("what was done", checks.call("update_user()", sdk.update_user, made), "Affected")
    made.displayName = made.display_name = "Modified"
    checks.equal("what was done", checks.call("modify_user()", sdk.modify_user, made), "Affected")
    made = sdk.get_user(name)
    checks.equal("the changed one", (made.displayName, made.email), ("Modified", f"{name}@acme.example"))
    wrong = sdk_of(admin, secret="idg_of-no-use")
    checks.refused("get_users(with another secret)", None, wrong.get_users)
    checks.refused("delete_user(with another secret)", None, wrong.delete_user, made)
    checks.refused("delete_user(as a reader)", None, sdk_of(Client("reader")).delete_user, made)
    checks.refused("get_user(as a stranger)", None, sdk_of(Client("stranger")).get_user, "ada-lovelace")
    checks.equal("what was done", checks.call("delete_user()", sdk.delete_user, made), "Affected")
    checks.refused("get_user(who is deleted)", None, sdk.get_user, name)
    # It knows nothing of properties, so what it writes back must not touch them.
    ada.display_name = ada.displayName
    checks.call("update_user(ada, as read)", sdk.update_user, ada)


async def asynchronous(pem):
    sdk = sdk_of(admin, AsyncIAMSDK, certificate_of=pem)
    granted = await checks.acall("async get_oauth_token()", sdk.get_oauth_token)
    claims = checks.call("async parse_jwt_token()", sdk.parse_jwt_token, granted["access_token"])
    checks.equal("the subject", claims["sub"], admin.id)
    link = await checks.acall("async get_auth_link()", sdk.get_auth_link, "https://app.example/callback")
    checks.true("where people would sign in", link.startswith(f"{URL}/login/oauth/authorize?client_id={admin.id}"), link)
    members = await checks.acall("async get_users()", sdk.get_users)
    ada = next(user for user in members if user["name"] == "ada-lovelace")
    checks.equal("her links", links(ada["properties"]), ADAS_LINKS)
    count = await checks.acall("async get_user_count()", sdk.get_user_count)
    checks.equal("how many there are", count, len(members))
    user = await checks.acall("async get_user()", sdk.get_user, "ada-lovelace")
    checks.equal("her name", user.displayName, "Ada Lovelace")
    await checks.arefused("async get_user(nobody)", None, sdk.get_user, "nobody-there")
    name = "iam-async"
    done = await checks.acall("async add_user()", sdk.add_user, new_user(name, "Async"))
    checks.equal("what was done", done, "Affected")
    await checks.arefused("async add_user(again)", None, sdk.add_user, new_user(name, "Async"))
    made = await sdk.get_user(name)
    made.displayName = made.display_name = "Changed"
    await checks.acall("async update_user()", sdk.update_user, made)
    checks.equal("the name", (await sdk.get_user(name)).displayName, "Changed")
    answer = await checks.acall("async modify_user()", sdk.modify_user, "update-user", made, {"id": f"acme/{name}"})
    checks.equal("what was done", answer["status"], "ok")
    await checks.acall("async delete_user()", sdk.delete_user, made)
    await checks.arefused("async get_user(who is deleted)", None, sdk.get_user, name)
    await checks.arefused("async refresh_token_request()", None, sdk.refresh_token_request, "of no use")
    wrong = sdk_of(admin, AsyncIAMSDK, secret="idg_of-no-use")
    await checks.arefused("async get_users(with another secret)", None, wrong.get_users)


def passwords(sdk):
    """The package sets no passwords; it only signs in with one."""
    name = "iam-person"
    user = new_user(name, "Person")
    user.password = PASSWORD
    sdk.add_user(user)
    granted = checks.call("get_oauth_token(password)", sdk.get_oauth_token, username=name, password=PASSWORD)
    checks.true("there is a token", granted.get("access_token"), granted)
    told = checks.call("get_oauth_token(another password)", sdk.get_oauth_token, username=name, password=PASSWORD + "!")
    checks.equal("the error", told.get("error"), "invalid_grant")
    sdk.delete_user(sdk.get_user(name))


sdk = sdk_of(admin)
pem = tokens(sdk)
users(sdk)
passwords(sdk)
casdoor_directory.check(checks, kind, sdk_of, has_pages=False)
asyncio.run(asynchronous(pem))
checks.done()
