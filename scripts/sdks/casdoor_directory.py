"""Organizations, groups, roles, applications and providers, as casdoor and hanzo-iam 1.29 ask for them: the same calls."""

from checks import Client


def check(checks, kind, sdk_of, has_pages):
    """`kind` finds the classes of a package, `sdk_of` makes its client for one of ours."""
    sdk = sdk_of(Client("admin"))
    _organizations(checks, kind("organization", "Organization"), sdk, sdk_of(Client("root")))
    _groups(checks, kind("group", "Group"), sdk)
    _roles(checks, kind("role", "Role"), sdk)
    _applications(checks, kind("application", "Application"), sdk)
    _change_application(checks, sdk_of, sdk)
    _providers(checks, kind("provider", "Provider"), sdk)
    if has_pages:
        _pages(checks, sdk)


def _organizations(checks, Organization, sdk, root):
    found = checks.call("get_organizations()", sdk.get_organizations)
    checks.equal("the organizations", [(one.owner, one.name) for one in found], [("admin", "acme")])
    acme = checks.call("get_organization(acme)", sdk.get_organization, "acme")
    checks.equal("acme", (acme.owner, acme.name, acme.displayName), ("admin", "acme", "Acme Instruments"))
    checks.true("when it was made", acme.createdTime.startswith("20"), acme.createdTime)
    checks.equal("get_organization(beta)", checks.call("get_organization(beta)", sdk.get_organization, "beta"), None)
    everything = {one.name for one in checks.call("get_organizations(as root)", root.get_organizations)}
    checks.true("all of them", {"acme", "beta"} <= everything, everything)

    def new():
        return Organization.new(
            owner="admin", name="gamma", created_time="", display_name="Gamma", website_url="", password_type="",
            password_options=[""], country_codes=[""], tags=[""], languages=[""], init_score=0,
            enable_soft_deletion=False, is_profile_public=False,
        )  # fmt: skip

    _refused(checks, "add_organization(as an admin)", sdk.add_organization, new())
    checks.equal("what was done", checks.call("add_organization()", root.add_organization, new()), "Affected")
    gamma = checks.call("get_organization(gamma)", root.get_organization, "gamma")
    checks.equal("gamma", (gamma.owner, gamma.name, gamma.displayName), ("admin", "gamma", "Gamma"))
    _refused(checks, "add_organization(again)", root.add_organization, new())
    gamma.displayName = "Gamma Rays"
    checks.equal("what was done", checks.call("update_organization()", root.update_organization, gamma), "Affected")
    checks.equal("its name", root.get_organization("gamma").displayName, "Gamma Rays")
    checks.equal("what was done", checks.call("delete_organization()", root.delete_organization, gamma), "Affected")
    checks.equal("whether it is there", root.get_organization("gamma"), None)


def _groups(checks, Group, sdk):
    names = [group.name for group in checks.call("get_groups()", sdk.get_groups)]
    checks.equal("the groups", names, ["engineers"])
    engineers = checks.call("get_group(engineers)", sdk.get_group, "engineers")
    checks.equal("the group", (engineers.owner, engineers.displayName, engineers.isTopGroup), ("acme", "Engineers", True))
    checks.equal("who is in it", engineers.users, ["ada-lovelace"])
    checks.equal("get_group(no such)", checks.call("get_group(no such)", sdk.get_group, "no-such-group"), None)
    new = Group.new(owner="acme", name="platform", created_time="", display_name="Platform")
    new.parentId = "engineers"
    checks.equal("what was done", checks.call("add_group()", sdk.add_group, new), "Affected")
    made = checks.call("get_group(platform)", sdk.get_group, "platform")
    checks.equal("the new one", (made.displayName, made.parentId, made.isTopGroup), ("Platform", "engineers", False))
    _refused(checks, "add_group(again)", sdk.add_group, new)
    made.displayName = "Platform Team"
    checks.equal("what was done", checks.call("update_group()", sdk.update_group, made), "Affected")
    made = sdk.get_group("platform")
    checks.equal("the changed one", (made.displayName, made.parentId), ("Platform Team", "engineers"))
    engineers.displayName = "All Engineers"
    sdk.update_group(engineers)
    checks.equal("who is left in the other", sdk.get_group("engineers").users, ["ada-lovelace"])
    engineers.displayName = "Engineers"
    sdk.update_group(engineers)
    checks.equal("what was done", checks.call("delete_group()", sdk.delete_group, made), "Affected")
    checks.equal("the groups", [group.name for group in sdk.get_groups()], ["engineers"])


def _roles(checks, Role, sdk):
    names = [role.name for role in checks.call("get_roles()", sdk.get_roles)]
    checks.equal("the roles", names, ["auditor"])
    auditor = checks.call("get_role(auditor)", sdk.get_role, "auditor")
    checks.equal("the role", (auditor.owner, auditor.displayName, auditor.isEnabled), ("acme", "Auditor", True))
    checks.equal("who has it", (auditor.users, auditor.groups if hasattr(auditor, "groups") else []), (["acme/grace-hopper"], []))
    checks.equal("get_role(no such)", checks.call("get_role(no such)", sdk.get_role, "no-such-role"), None)
    new = Role.new(owner="acme", name="pilot", created_time="", display_name="Pilot", description="Flies.")
    checks.equal("what was done", checks.call("add_role()", sdk.add_role, new)["data"], "Affected")
    made = checks.call("get_role(pilot)", sdk.get_role, "pilot")
    checks.equal("the new one", (made.displayName, made.description, made.users), ("Pilot", "Flies.", []))
    _refused(checks, "add_role(again)", sdk.add_role, new)
    made.description, made.users = "Flies well.", ["acme/ada-lovelace"]
    checks.equal("what was done", checks.call("update_role()", sdk.update_role, made)["data"], "Affected")
    made = sdk.get_role("pilot")
    checks.equal("the changed one", (made.description, made.users), ("Flies well.", ["acme/ada-lovelace"]))
    made.users = ["acme/nobody-there"]
    _refused(checks, "update_role(with nobody)", sdk.update_role, made)
    checks.equal("who has it", sdk.get_role("pilot").users, ["acme/ada-lovelace"])
    checks.equal("what was done", checks.call("delete_role()", sdk.delete_role, made)["data"], "Affected")
    checks.equal("the roles", [role.name for role in sdk.get_roles()], ["auditor"])


def _applications(checks, Application, sdk):
    admin, stranger = Client("admin"), Client("stranger")
    found = {one.clientId: one for one in checks.call("get_applications()", sdk.get_applications)}
    checks.true("one's own is listed", admin.id in found, list(found))
    checks.true("one of another organization is not", stranger.id not in found, list(found))
    checks.equal("no secret is told", {one.clientSecret for one in found.values()}, {""})
    own = checks.call("get_application(admin)", sdk.get_application, "admin")
    checks.equal("the application", (own.name, own.clientId, own.organization), ("admin", admin.id, "acme"))
    checks.equal("its secret", own.clientSecret, "")
    checks.equal("get_application(no such)", checks.call("get_application(no such)", sdk.get_application, "no-such"), None)
    new = Application.new(
        owner="admin", name="new", created_time="", display_name="New", logo="", homepage_url="", description="", organization="acme"
    )  # fmt: skip
    _refused(checks, "add_application()", sdk.add_application, new)


def _change_application(checks, sdk_of, sdk):
    """Whoever owns the organization calls a client something else; whoever runs the server deletes it, for good."""
    chief, root = sdk_of(Client("chief")), sdk_of(Client("root"))
    spare = next(one for one in chief.get_applications() if one.name.startswith("spare-"))
    its_own = sdk_of(Client(spare.name))
    checks.true("the client works", its_own.get_users())
    spare.displayName = "to be deleted"
    _refused(checks, "update_application(as an admin)", sdk.update_application, spare)
    _refused(checks, "delete_application(as an admin)", sdk.delete_application, spare)
    # It is called by its id here: its name is what changes.
    spare.name = spare.clientId
    checks.equal("what was done", checks.call("update_application()", chief.update_application, spare), "Affected")
    names = {one.clientId: one.name for one in chief.get_applications()}
    checks.equal("its name", names[spare.clientId], "to be deleted")
    checks.equal("what was done", checks.call("delete_application()", root.delete_application, spare), "Affected")
    checks.true("it is gone", spare.clientId not in {one.clientId for one in chief.get_applications()})
    checks.refused("get_users(as a client that was deleted)", None, its_own.get_users)


def _providers(checks, Provider, sdk):
    found = {provider.name for provider in checks.call("get_providers()", sdk.get_providers)}
    checks.true("the providers of linked identities", {"github", "google"} <= found, found)
    github = checks.call("get_provider(github)", sdk.get_provider, "github")
    checks.equal("the provider", (github.owner, github.name, github.clientSecret), ("acme", "github", ""))
    checks.equal("get_provider(no such)", checks.call("get_provider(no such)", sdk.get_provider, "no-such"), None)
    new = Provider.new(owner="acme", name="new", created_time="", display_name="New", category="OAuth", type="GitHub")
    _refused(checks, "add_provider()", sdk.add_provider, new)


def _pages(checks, sdk):
    groups, total = checks.call("get_pagination_groups()", sdk.get_pagination_groups, 1, 10)
    checks.equal("the groups, and how many", ([group.name for group in groups], total), (["engineers"], 1))
    roles, total = checks.call("get_pagination_roles()", sdk.get_pagination_roles, 1, 10)
    checks.equal("the roles, and how many", ([role.name for role in roles], total), (["auditor"], 1))
    providers, total = checks.call("get_pagination_providers()", sdk.get_pagination_providers, 1, 1)
    checks.equal("how many providers", (len(providers), total), (1, len(sdk.get_providers())))


def _refused(checks, what, function, argument):
    """A refusal, told in the envelope: these packages raise with its sentence, whatever the status."""
    checks.refused(what, None, function, argument)
