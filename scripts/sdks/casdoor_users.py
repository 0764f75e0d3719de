"""Users, as casdoor asks for them."""

from casdoor.user import User
from checks import ADAS_LINKS, PASSWORD, links

NAME = "casdoor-user"
EMAIL = "casdoor-user@acme.example"


def check(checks, sdk, root):
    _finding(checks, sdk, root)
    _pages(checks, sdk)
    _changing(checks, sdk)
    _passwords(checks, sdk)
    _roles(checks, sdk)
    user = sdk.get_user(NAME)
    checks.equal("what was done", checks.call("delete_user()", sdk.delete_user, user)["data"], "Affected")
    checks.equal("whether it is there", checks.call("get_user(who is deleted)", sdk.get_user, NAME), None)
    checks.refused("delete_user(again)", None, sdk.delete_user, user)


def _finding(checks, sdk, root):
    users = checks.call("get_users()", sdk.get_users)
    names = {user.name for user in users}
    checks.true("the members", {"ada-lovelace", "grace-hopper", "alan-turing"} <= names and "mallory" not in names, names)
    ada = checks.call("get_user()", sdk.get_user, "ada-lovelace")
    seen = (ada.owner, ada.displayName, ada.firstName, ada.lastName, ada.email, ada.emailVerified, ada.phone, ada.tag, ada.title)
    told = (
        "acme",
        "Ada Lovelace",
        "Ada",
        "Lovelace",
        "ada@acme.example",
        True,
        "+12025550123",
        "engineering",
        "Principal Engineer",
    )
    checks.equal("ada", seen, told)
    checks.equal("her links", links(ada.properties), ADAS_LINKS)
    checks.equal("her groups", ada.groups, ["acme/engineers"])
    checks.equal("no password is told", (ada.password, ada.passwordSalt), ("", ""))
    by_id = checks.call("get_user(owner/name)", sdk.get_user, "acme/ada-lovelace")
    checks.equal("the same", by_id.id, ada.id)
    checks.equal("by email", checks.call("get_user_by_email()", sdk.get_user_by_email, "ada@acme.example").name, ada.name)
    checks.equal("by phone", checks.call("get_user_by_phone()", sdk.get_user_by_phone, "+12025550123").name, ada.name)
    checks.equal("by id", checks.call("get_user_by_user_id()", sdk.get_user_by_user_id, ada.id).name, ada.name)
    for call, argument in (
        (sdk.get_user, "nobody-there"),
        (sdk.get_user, "beta/mallory"),
        (sdk.get_user_by_email, "mallory@beta.example"),
        (sdk.get_user_by_phone, "+19999999999"),
        (sdk.get_user_by_user_id, "usr_00000000000000000000000000"),
    ):
        checks.equal(f"{call.__name__}({argument})", checks.call(f"{call.__name__}({argument})", call, argument), None)
    count = checks.call("get_user_count()", sdk.get_user_count)
    checks.equal("how many there are", count, len(users))
    online = checks.call("get_user_count(online)", sdk.get_user_count, is_online=True)
    offline = checks.call("get_user_count(offline)", sdk.get_user_count, is_online=False)
    checks.equal("how many there are, online or not", online + offline, count)
    newest = checks.call("get_sorted_users()", sdk.get_sorted_users, "created_time", "2")
    checks.equal("how many of the newest", len(newest), 2)
    checks.true("the newest first", newest[0].createdTime >= newest[1].createdTime, [user.createdTime for user in newest])
    ours = {user.name for user in checks.call("get_global_users()", sdk.get_global_users)}
    checks.equal("all that one may see", ours, names)
    everybody = {user.name for user in checks.call("get_global_users(as root)", root.get_global_users)}
    checks.true("all of the server", names | {"mallory"} <= everybody, everybody)


def _pages(checks, sdk):
    everybody = sorted(user.name for user in sdk.get_users())
    by_name = {"sortField": "name", "sortOrder": "ascend"}
    first, total = checks.call("get_pagination_users()", sdk.get_pagination_users, 1, 2, by_name)
    checks.equal("how many there are", total, len(everybody))
    checks.equal("the first page", [user.name for user in first], everybody[:2])
    second, total = checks.call("get_pagination_users(2)", sdk.get_pagination_users, 2, 2, by_name)
    checks.equal("the second page", ([user.name for user in second], total), (everybody[2:4], len(everybody)))
    beyond, total = checks.call("get_pagination_users(beyond)", sdk.get_pagination_users, 99, 2, by_name)
    checks.equal("beyond the last", (beyond, total), ([], len(everybody)))
    down = {"sortField": "name", "sortOrder": "descend"}
    last, _ = checks.call("get_pagination_users(descending)", sdk.get_pagination_users, 1, 2, down)
    checks.equal("the last ones", [user.name for user in last], everybody[::-1][:2])
    # The search of the product's documentation.
    tagged, total = checks.call(
        "get_pagination_users(tag)", sdk.get_pagination_users, 1, 50, {"field": "tag", "value": "engineering"}
    )
    checks.equal("the engineers", (sorted(user.name for user in tagged), total), (["ada-lovelace", "grace-hopper"], 2))
    tagged = checks.call("do_get(get-users)", sdk.do_get, "get-users", {"owner": "acme", "field": "tag", "value": "engineering"})
    checks.equal("the engineers", sorted(user["name"] for user in tagged), ["ada-lovelace", "grace-hopper"])
    found, total = checks.call(
        "get_pagination_users(email)", sdk.get_pagination_users, 1, 5, {"field": "email", "value": "ada@acme.example"}
    )
    checks.equal("who has the address", ([user.name for user in found], total), (["ada-lovelace"], 1))
    found, total = checks.call(
        "get_pagination_users(no such)", sdk.get_pagination_users, 1, 5, {"field": "tag", "value": "nothing"}
    )
    checks.equal("who has no such tag", (found, total), ([], 0))
    unknown = {"field": "shoeSize", "value": "44"}
    checks.refused("get_pagination_users(unknown field)", None, sdk.get_pagination_users, 1, 5, unknown)
    checks.refused("get_pagination_users(page 0)", None, sdk.get_pagination_users, 0, 5)


def _changing(checks, sdk):
    user = User.new(owner="acme", name=NAME, created_time="", display_name="New", email=EMAIL, phone="+12025550199")
    user.password, user.tag, user.properties = PASSWORD, "research", {"colour": "red"}
    checks.equal("what was done", checks.call("add_user()", sdk.add_user, user)["data"], "Affected")
    made = checks.call("get_user(the new one)", sdk.get_user, NAME)
    seen = (made.displayName, made.email, made.phone, made.tag, made.properties.get("colour"))
    checks.equal("the new one", seen, ("New", EMAIL, "+12025550199", "research", "red"))
    checks.refused("add_user(again)", None, sdk.add_user, user)
    checks.refused("add_user(without a name)", None, sdk.add_user, User.new("acme", "", "", "Nobody"))
    made.displayName, made.groups = "Changed", ["acme/engineers"]
    checks.equal("what was done", checks.call("update_user()", sdk.update_user, made)["data"], "Affected")
    made = sdk.get_user(NAME)
    checks.equal("the changed one", (made.displayName, made.groups, made.tag), ("Changed", ["acme/engineers"], "research"))
    made.displayName, made.email = "By column", "other@acme.example"
    checks.call("update_user_for_columns()", sdk.update_user_for_columns, made, ["displayName"])
    made = sdk.get_user(NAME)
    checks.equal("the changed one", (made.displayName, made.email), ("By column", EMAIL))
    made.displayName = "By user id"
    checks.call("update_user_by_user_id()", sdk.update_user_by_user_id, "acme", made.id, made)
    checks.equal("the changed one", sdk.get_user(NAME).displayName, "By user id")
    made.name = NAME + "-renamed"
    checks.call("update_user_by_id()", sdk.update_user_by_id, f"acme/{NAME}", made)
    checks.equal("the id of the renamed one", sdk.get_user(NAME + "-renamed").id, made.id)
    checks.equal("the old name", sdk.get_user(NAME), None)
    made.name = NAME
    checks.call("update_user_by_id()", sdk.update_user_by_id, f"acme/{NAME}-renamed", made)
    checks.equal("the id of the renamed one", sdk.get_user(NAME).id, made.id)
    made.email = "this is no address"
    checks.refused("update_user(bad address)", None, sdk.update_user, made)
    checks.equal("the address", sdk.get_user(NAME).email, EMAIL)


def _passwords(checks, sdk):
    user = sdk.get_user(NAME)
    user.password = PASSWORD
    checks.equal("the password", checks.call("check_user_password()", sdk.check_user_password, user), True)
    user.password = PASSWORD + "!"
    checks.equal("another", checks.call("check_user_password(another)", sdk.check_user_password, user), False)
    changed = "two umbrellas in the rain"
    checks.equal("whether it is set", checks.call("set_password()", sdk.set_password, "acme", NAME, PASSWORD, changed), True)
    user.password = changed
    checks.equal("the new one", sdk.check_user_password(user), True)
    user.password = PASSWORD
    checks.equal("the old one", sdk.check_user_password(user), False)
    checks.refused("set_password(too short)", None, sdk.set_password, "acme", NAME, "", "short")
    checks.refused("set_password(nobody)", None, sdk.set_password, "acme", "nobody-there", "", changed)
    user.password = changed
    checks.equal("the password after that", sdk.check_user_password(user), True)


def _roles(checks, sdk):
    checks.call("assign_role_to_user()", sdk.assign_role_to_user, NAME, "auditor")
    roles = [role.name for role in checks.call("get_user_roles()", sdk.get_user_roles, NAME)]
    checks.equal("the roles", roles, ["auditor"])
    checks.equal("as the user has them", sdk.get_user(NAME).roles, ["acme/auditor"])
    checks.refused("assign_role_to_user(no such role)", None, sdk.assign_role_to_user, NAME, "no-such-role")
    role = sdk.get_role("auditor")
    role.description, role.displayName = "Read by nobody", "Auditors"
    checks.call("update_role_for_columns()", sdk.update_role_for_columns, role, ["displayName"])
    role = sdk.get_role("auditor")
    checks.equal("the role", (role.displayName, role.description), ("Auditors", "Reads everything."))
    role.displayName = "Auditor"
    sdk.update_role_for_columns(role, ["displayName"])
    checks.equal("who has it", sorted(sdk.get_role("auditor").users), [f"acme/{NAME}", "acme/grace-hopper"])
    checks.call("remove_role_from_user()", sdk.remove_role_from_user, NAME, "auditor")
    checks.equal("the roles", sdk.get_user_roles(NAME), [])
    checks.equal("who has it", sdk.get_role("auditor").users, ["acme/grace-hopper"])
