"""hanzoai-iam (/api) and hanzo-iam 1.30 (/v1/iam): the same client, on two faces.

hanzo.py PACKAGE VERSION api|native
"""

import asyncio
import os
import sys

import hanzo_async
import hanzo_fastapi
import hanzo_oauth
from checks import ADAS_LINKS, PASSWORD, URL, Checks, Client, links, token
from hanzo_iam import IAMClient, IAMConfig, User

package, version, face = sys.argv[1:]
native = face == "native"
checks = Checks(package, version)
admin, reader, stranger = Client("admin"), Client("reader"), Client("stranger")
prefix = face


def config(client, secret=None, application="admin"):
    return IAMConfig(
        server_url=URL,
        client_id=client.id,
        client_secret=secret or client.secret,
        organization="acme",
        application=application,
    )


def construction():
    """The constructors that the documentation shows: a configuration, arguments and environment, a bearer's token."""
    os.environ.update(IAM_ENDPOINT=URL, IAM_ORG="acme", IAM_APP="admin")
    by_arguments = IAMClient(client_id=admin.id, client_secret=admin.secret)
    user = checks.call("get_user(by arguments)", by_arguments.get_user, "ada-lovelace")
    checks.equal("the name", user.name, "ada-lovelace")
    os.environ.update(IAM_CLIENT_ID=admin.id, IAM_CLIENT_SECRET=admin.secret)
    by_environment = IAMClient(config=IAMConfig.from_env()) if hasattr(IAMConfig, "from_env") else IAMClient()
    user = checks.call("get_user(by environment)", by_environment.get_user, "ada-lovelace")
    checks.equal("the name", user.name, "ada-lovelace")
    with IAMClient(config=config(admin, secret="of no use"), bearer_token=token(admin)) as by_bearer:
        user = checks.call("get_user(by bearer)", by_bearer.get_user, "ada-lovelace")
        checks.equal("the name", user.name, "ada-lovelace")


def seed_examples(iam):
    """What the product's documentation shows, with this package's constructor."""
    members = checks.call("get_users()", iam.get_users)
    names = {user.name for user in members}
    checks.true("all members are listed", {"ada-lovelace", "grace-hopper", "alan-turing"} <= names, names)
    checks.true("nobody of another organization is", "mallory" not in names, names)
    checks.equal("whose they are", {user.owner for user in members}, {"acme"})
    profile = checks.call("get_user(ada-lovelace)", iam.get_user, "ada-lovelace")
    checks.equal("her links", links(profile.properties), ADAS_LINKS)
    # As it was read, it changes nothing; with new metadata, it changes that and nothing else.
    checks.call("update_user(as read)", iam.update_user, profile)
    same = iam.get_user("ada-lovelace")
    checks.equal("what an update with what was read leaves", same, profile)
    same.properties["title_en"] = "Enchantress of Number"
    checks.call("update_user(with metadata)", iam.update_user, same)
    changed = iam.get_user("ada-lovelace")
    checks.equal("the metadata", changed.properties.get("title_en"), "Enchantress of Number")
    checks.equal("her links", links(changed.properties), ADAS_LINKS)
    for key in ("display_name", "email", "phone", "avatar", "groups", "roles"):
        checks.equal(key, getattr(changed, key), getattr(profile, key))
    del changed.properties["title_en"]
    checks.call("update_user(with metadata)", iam.update_user, changed)
    checks.equal("the metadata", iam.get_user("ada-lovelace").properties, profile.properties)


def reading(iam):
    ada = checks.call("get_user(ada-lovelace)", iam.get_user, "ada-lovelace")
    checks.equal("owner", ada.owner, "acme")
    checks.equal("display name", ada.display_name, "Ada Lovelace")
    checks.equal("email", ada.email, "ada@acme.example")
    checks.equal("whether it is verified", ada.email_verified, True)
    checks.equal("phone", ada.phone, "+12025550123")
    checks.equal("avatar", ada.avatar, "https://cdn.acme.example/ada.jpg")
    checks.equal("groups", ada.groups, ["acme/engineers"])
    checks.equal("metadata", ada.properties.get("timezone"), "America/Los_Angeles")
    checks.equal("whether she is shut out", (ada.is_forbidden, ada.is_deleted), (False, False))
    checks.true("her id", (ada.id or "").startswith("usr_"), ada.id)
    checks.true("when she came", (ada.created_time or "").startswith("20"), ada.created_time)
    checks.equal("no password is told", (ada.password or "", ada.password_salt or ""), ("", ""))
    grace = checks.call("get_user(grace-hopper)", iam.get_user, "grace-hopper")
    checks.equal("her roles", grace.roles, ["acme/auditor"])
    checks.refused("get_user(nobody)", 404, iam.get_user, "nobody-there")
    checks.refused("get_user(of another organization)", 404, iam.get_user, "mallory")

    organizations = checks.call("get_organizations()", iam.get_organizations)
    checks.equal("the organizations", [found["name"] for found in organizations], ["acme"])
    acme = checks.call("get_organization(acme)", iam.get_organization, "acme")
    checks.equal("acme", (acme["owner"], acme["name"], acme["displayName"]), ("admin", "acme", "Acme Instruments"))
    if native:
        checks.refused("get_organization(beta)", 404, iam.get_organization, "beta")
    else:
        checks.equal("get_organization(beta)", checks.call("get_organization(beta)", iam.get_organization, "beta"), None)
    for owner in ("admin", "acme"):
        providers = checks.call(f"get_providers({owner})", iam.get_providers, owner)
        names = {provider["name"] for provider in providers}
        checks.true("the providers of linked identities", {"github", "google"} <= names, names)
    roles = checks.call("get_roles()", iam.get_roles)
    auditor = next((role for role in roles if role["name"] == "auditor"), {})
    checks.equal("the role", (auditor.get("owner"), auditor.get("displayName")), ("acme", "Auditor"))
    checks.equal("who has it", auditor.get("users"), ["acme/grace-hopper"])
    application = checks.call("get_application()", iam.get_application)
    checks.equal("the application", (application.name, application.client_id), ("admin", admin.id))
    checks.equal("its secret", application.client_secret, "")
    applications = checks.call("get_applications()", iam.get_applications)
    ids = {found.client_id for found in applications}
    checks.true("one's own application is listed", admin.id in ids, ids)
    checks.true("one of another organization is not", stranger.id not in ids, ids)


def writing(iam):
    name = f"{prefix}-sync"
    email = f"{name}@acme.example"
    new = User(owner="acme", name=name, displayName="Sync", email=email, properties={"colour": "red"}, groups=["acme/engineers"])
    checks.call("create_user()", iam.create_user, new)
    made = checks.call("get_user(the new one)", iam.get_user, name)
    seen = (made.display_name, made.email, made.properties.get("colour"), made.groups)
    checks.equal("the new one", seen, ("Sync", email, "red", ["acme/engineers"]))
    checks.refused("create_user(again)", 409, iam.create_user, new)
    checks.refused("create_user(without a name)", 422, iam.create_user, User(owner="acme", name=""))
    made.display_name, made.properties["colour"], made.groups = "Changed", "blue", []
    checks.call("update_user()", iam.update_user, made)
    made = iam.get_user(name)
    seen = (made.display_name, made.email, made.properties.get("colour"), made.groups)
    checks.equal("what was changed", seen, ("Changed", email, "blue", []))
    made.properties["linked_identities"] = [{"provider": "github", "external_id": name}]
    checks.call("update_user(with a link)", iam.update_user, made)
    checks.equal("the link", links(iam.get_user(name).properties), [f"github: {name}"])
    made = iam.get_user(name)
    made.properties["linked_identities"] = []
    checks.call("update_user(without the link)", iam.update_user, made)
    checks.equal("the links", links(iam.get_user(name).properties), [])
    checks.refused("update_user(nobody)", 404, iam.update_user, User(owner="acme", name="nobody-there", displayName="?"))

    checks.call("set_password()", iam.set_password, "acme", name, PASSWORD)
    checks.refused("set_password(too short)", 422, iam.set_password, "acme", name, "short")
    checks.refused("set_password(nobody)", 404, iam.set_password, "acme", "nobody-there", PASSWORD)
    # The package signs in without its secret, for a code; here a client asks for a token, with its own.
    checks.refused("login()", 404, iam.login, name, PASSWORD)
    signed_in = token(admin, grant_type="password", username=name, password=PASSWORD)
    info = checks.call("get_user_info(of who signed in)", iam.get_user_info, signed_in)
    checks.equal("who signed in", (info.preferred_username, info.sub), (name, made.id))

    made.is_forbidden = True
    checks.call("update_user(shut out)", iam.update_user, made)
    checks.equal("whether the account is shut out", iam.get_user(name).is_forbidden, True)
    checks.refused("get_user_info(of who is shut out)", 401, iam.get_user_info, signed_in)
    checks.call("delete_user()", iam.delete_user, made)
    checks.refused("get_user(who is deleted)", 404, iam.get_user, name)
    checks.refused("delete_user(again)", 404, iam.delete_user, made)


def applications():
    """A client is called something else, by whoever owns the organization."""
    kept, chief = Client("kept"), IAMClient(config=config(Client("chief"), application="kept"))
    application = chief.get_application()
    checks.equal("which it is", application.client_id, kept.id)
    application.display_name = "kept for good"
    checks.call("update_application()", chief.update_application, application)
    names = {found.client_id: found.name for found in chief.get_applications()}
    checks.equal("its name", names[kept.id], "kept for good")
    application.display_name = "kept"
    chief.update_application(application)
    application = chief.get_application()
    checks.equal("its name", (application.name, application.client_id), ("kept", kept.id))
    application.display_name = "taken over"
    with IAMClient(config=config(admin)) as weaker:
        checks.refused("update_application(as an admin)", 403, weaker.update_application, application)
    checks.equal("its name", chief.get_application().display_name, "kept")


def refusals():
    """Nothing is done, or told, for those who may not."""
    secret = IAMClient(config=config(admin, secret=reader.secret))
    for what, call in (
        ("get_users", secret.get_users),
        ("get_roles", secret.get_roles),
        ("get_application", secret.get_application),
    ):
        checks.refused(f"{what}(with another secret)", 401, call)
    weak = IAMClient(config=config(reader))
    checks.call("get_users(as a reader)", weak.get_users)
    checks.refused("create_user(as a reader)", 403, weak.create_user, User(owner="acme", name=f"{prefix}-no"))
    ada = weak.get_user("ada-lovelace")
    ada.display_name = "Somebody else"
    checks.refused("update_user(as a reader)", 403, weak.update_user, ada)
    checks.refused("delete_user(as a reader)", 403, weak.delete_user, ada)
    checks.refused("set_password(as a reader)", 403, weak.set_password, "acme", "ada-lovelace", PASSWORD)
    other = IAMClient(config=config(stranger))
    checks.refused("get_users(as a stranger)", 404, other.get_users)
    checks.refused("get_user(as a stranger)", 404, other.get_user, "ada-lovelace")
    checks.refused("update_user(as a stranger)", 404, other.update_user, ada)
    checks.refused("set_password(as a stranger)", 404, other.set_password, "acme", "ada-lovelace", PASSWORD)
    checks.equal("her name after all that", weak.get_user("ada-lovelace").display_name, "Ada Lovelace")


construction()
with IAMClient(config=config(admin)) as iam:
    seed_examples(iam)
    reading(iam)
    writing(iam)
    hanzo_oauth.check(checks, iam, config, native)
applications()
refusals()
asyncio.run(hanzo_async.check(checks, config, native))
hanzo_fastapi.check(checks, native)
checks.done()
