"""The asynchronous clients of hanzo-iam and hanzoai-iam, which can do more, and read what changes answer."""

from checks import ADAS_LINKS, PASSWORD, URL, Client, links, token
from hanzo_iam import AsyncIAMClient, User


async def check(checks, config, native):
    admin = Client("admin")
    async with AsyncIAMClient(config=config(admin)) as iam:
        await _oauth(checks, iam)
        await _users(checks, iam, native)
        await _directory(checks, iam, native)
        await checks.arefused("async enforce()", 404, iam.enforce, "p", "m", "r", "e", request=["ada", "data", "read"])
        await checks.arefused("async batch_enforce()", 404, iam.batch_enforce, "p", "m", "e", requests=[["a", "b", "c"]])
    async with AsyncIAMClient(config=config(admin, secret="of no use"), bearer_token=token(admin)) as iam:
        await _roles(checks, iam, "by bearer", native)
    async with AsyncIAMClient(config=config(admin)) as iam:
        await _roles(checks, iam, "by secret", native)
    async with AsyncIAMClient(config=config(Client("chief"), application="kept")) as iam:
        application = await iam.get_application()
        application.display_name = "kept too"
        await checks.acall("async update_application()", iam.update_application, application)
        names = {found.client_id: found.name for found in await iam.get_applications()}
        checks.equal("its name", names[application.client_id], "kept too")
        application.display_name = "kept"
        await iam.update_application(application)
    async with AsyncIAMClient(config=config(Client("reader"))) as iam:
        await checks.arefused("async add_role_for_user(as a reader)", 403, iam.add_role_for_user, "ada-lovelace", "auditor")
        await checks.arefused("async create_user(as a reader)", 403, iam.create_user, User(owner="acme", name="no"))
    async with AsyncIAMClient(config=config(admin, secret="idg_of-no-use")) as iam:
        await checks.arefused("async get_users(with another secret)", 401, iam.get_users)
        await checks.arefused(
            "async add_role_for_user(with another secret)", 401, iam.add_role_for_user, "ada-lovelace", "auditor"
        )


async def _oauth(checks, iam):
    document = await checks.acall("async get_openid_configuration()", iam.get_openid_configuration)
    checks.equal("the issuer", document["issuer"], URL)
    keys = await checks.acall("async get_jwks()", iam.get_jwks)
    checks.true("there are keys", len(keys["keys"]) >= 1, keys)
    granted = await checks.acall("async client_credentials()", iam.client_credentials)
    claims = checks.call("async validate_token()", iam.validate_token, granted.access_token)
    checks.equal("the subject", claims.sub, iam.config.client_id)
    told = await checks.acall("async introspect_token()", iam.introspect_token, granted.access_token)
    checks.equal("whether it is good", told["active"], True)
    info = await checks.acall("async get_user_info()", iam.get_user_info, granted.access_token)
    checks.equal("who it is", info.sub, iam.config.client_id)
    await checks.arefused("async refresh_token()", 400, iam.refresh_token, "of no use")
    await checks.arefused("async exchange_code()", 400, iam.exchange_code, "of no use", "https://app.example/callback")


async def _users(checks, iam, native):
    names = {user.name for user in await checks.acall("async get_users()", iam.get_users)}
    checks.true("the members", {"ada-lovelace", "grace-hopper", "alan-turing"} <= names and "mallory" not in names, names)
    if not native:
        count = await checks.acall("async get_user_count()", iam.get_user_count)
        checks.equal("how many there are", count, len(names))
        online = await checks.acall("async get_user_count(online)", iam.get_user_count, is_online=True)
        offline = await checks.acall("async get_user_count(offline)", iam.get_user_count, is_online=False)
        checks.equal("how many there are, online or not", online + offline, count)
    ada = await checks.acall("async get_user()", iam.get_user, "ada-lovelace")
    checks.equal("her links", links(ada.properties), ADAS_LINKS)
    await checks.arefused("async get_user(nobody)", 404, iam.get_user, "nobody-there")

    name = f"{'native' if native else 'api'}-async"
    new = User(owner="acme", name=name, displayName="Async", email=f"{name}@acme.example")
    made = await checks.acall("async create_user()", iam.create_user, new)
    checks.equal("who was made", (made.owner, made.name, made.display_name, made.email), ("acme", name, "Async", new.email))
    checks.true("the id", (made.id or "").startswith("usr_"), made.id)
    await checks.arefused("async create_user(again)", 409, iam.create_user, new)
    made.display_name = "Changed"
    changed = await checks.acall("async update_user()", iam.update_user, made)
    checks.equal("who was changed", (changed.id, changed.display_name), (made.id, "Changed"))
    await checks.acall("async set_password()", iam.set_password, "acme", name, PASSWORD)
    await checks.arefused("async set_password(too short)", 422, iam.set_password, "acme", name, "short")
    gone = await checks.acall("async delete_user()", iam.delete_user, changed)
    checks.equal("who was deleted", (gone.id, gone.name), (made.id, name))
    await checks.arefused("async get_user(who is deleted)", 404, iam.get_user, name)


async def _directory(checks, iam, native):
    organizations = await checks.acall("async get_organizations()", iam.get_organizations)
    checks.equal("the organizations", [found["name"] for found in organizations], ["acme"])
    acme = await checks.acall("async get_organization()", iam.get_organization, "acme")
    checks.equal("its name", acme["displayName"], "Acme Instruments")
    application = await checks.acall("async get_application()", iam.get_application)
    checks.equal("the application", (application.name, application.client_id), ("admin", iam.config.client_id))
    applications = await checks.acall("async get_applications()", iam.get_applications)
    checks.true("it is listed", iam.config.client_id in {found.client_id for found in applications})


async def _roles(checks, iam, how, native):
    roles = await checks.acall(f"async get_roles({how})", iam.get_roles)
    checks.true("the roles", "auditor" in {role["name"] for role in roles}, roles)
    role = await checks.acall(f"async get_role({how})", iam.get_role, "auditor")
    checks.equal("the role", (role["name"], role["users"]), ("auditor", ["acme/grace-hopper"]))
    hers = await checks.acall(f"async get_user_roles({how})", iam.get_user_roles, "grace-hopper")
    checks.equal("her roles", [role["name"] for role in hers], ["auditor"])
    hers = await checks.acall(f"async get_user_roles({how})", iam.get_user_roles, "ada-lovelace")
    checks.equal("her roles", hers, [])
    done = await checks.acall(f"async add_role_for_user({how})", iam.add_role_for_user, "ada-lovelace", "auditor")
    checks.equal("whether it is done", done, True)
    hers = await checks.acall(f"async get_user_roles({how})", iam.get_user_roles, "ada-lovelace")
    checks.equal("her roles", [role["name"] for role in hers], ["auditor"])
    holders = sorted((await iam.get_role("auditor"))["users"])
    checks.equal("who has it", holders, ["acme/ada-lovelace", "acme/grace-hopper"])
    done = await checks.acall(f"async remove_role_from_user({how})", iam.remove_role_from_user, "ada-lovelace", "auditor")
    checks.equal("whether it is done", done, True)
    checks.equal("who has it", (await iam.get_role("auditor"))["users"], ["acme/grace-hopper"])
    await checks.arefused(
        f"async add_role_for_user(no such role, {how})", 404, iam.add_role_for_user, "ada-lovelace", "no-such-role"
    )
    await checks.arefused(f"async add_role_for_user(nobody, {how})", 404, iam.add_role_for_user, "nobody-there", "auditor")
