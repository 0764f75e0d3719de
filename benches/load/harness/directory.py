"""The directory that is measured: made by rule, so that the same sizes are the same lines on every machine.

Organizations are alike in size. Teams of an organization form a tree with four children to a node; a user is in as many
teams as the sizes say on average, and in the first teams as often as in the last ones. User names begin with one of a
few hundred first names, so that prefixes of any length exist.
"""

import json
import random
import typing

from .settings import Settings, Sizes, say

GIVEN = (
    "ada alan alma amir anna anton aya bea ben berta bruno carla cem chen clara cora dana daria david dora edda elena "
    "emil emma erik eva fatima felix finn flora frida gina greta hana hans hugo ida igor ilse iris irma ivan jana jin "
    "joan jonas juri kai karin karl kira lara lars lea lena leon lia lin lisa lotte luca luis mara marc maria mei mia "
    "mila mina nadia nele nils nina noa nora olga oskar otto paul petra pia rana rita rosa ruth sami sara selma sven "
    "tara theo tabea tom tuva ulla uwe vera wanda wei xenia yara yuki zara zoe"
).split()
FAMILY = (
    "abel adler bach bauer becker berg blum brandt busch dahl ebert engel ernst falk felber fink frank frey fuchs gross "
    "haas hahn hansen hart heine heller herz hirsch holm horn huber jansen jung kaiser keller kern klein koch kraft "
    "krause kuhn lang lehmann lindner lorenz ludwig maier marx mayer moser nagel neumann olsen otto park peters pohl "
    "reich reiter richter roth sauer schmid scholz seidel simon sommer stein stern thomas vogel voigt wagner walter "
    "weber weiss werner winter wolf young ziegler zimmer"
).split()
PROVIDERS = ("github", "slack", "azure_ad", "google", "gitlab", "jira", "okta", "zoom")
FUNCTIONS = ("on-call", "release-manager", "reviewer")


def write(settings: Settings) -> None:
    """Writes the file of the directory, unless it is there."""
    path = settings.directory_file
    if path.exists():
        say(f"{path.name} is there already")
        return
    unfinished = path.with_suffix(".unfinished")
    count = 0
    with unfinished.open("w", buffering=1 << 20) as file:
        for line in lines(settings.sizes):
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
            count += 1
    unfinished.rename(path)
    say(f"{path.name}: {count} lines, {path.stat().st_size / 1e6:.0f} MB")


def lines(sizes: Sizes) -> typing.Iterator[dict]:
    """The lines of the directory: organizations, teams, users, memberships."""
    for number in range(sizes.organizations):
        yield {"type": "organization", "slug": organization_slug(number), "name": f"Organization {number}"}
    for number in range(sizes.organizations):
        yield from _teams(sizes, number)
    for number in range(sizes.organizations):
        yield from _users(sizes, number)
    for number in range(sizes.organizations):
        yield from _memberships(sizes, number)


def organization_slug(number: int) -> str:
    """The slug of an organization."""
    return f"org-{number:03}"


def _share(total: int, parts: int, part: int) -> int:
    """How many of a total belong to one of several parts of about the same size."""
    return total // parts + (part < total % parts)


def _teams(sizes: Sizes, organization: int) -> typing.Iterator[dict]:
    for number in range(_share(sizes.teams, sizes.organizations, organization)):
        yield {
            "type": "team",
            "organization": organization_slug(organization),
            "slug": f"team-{number:04}",
            "name": f"Team {number} of {organization}",
            "kind": "delivery" if number % 3 else "department",
            "parent": f"team-{(number - 1) // 4:04}" if number >= 4 else None,
            "description": f"Looks after part {number} of what organization {organization} does.",
        }


def _usernames(sizes: Sizes, organization: int) -> typing.Iterator[tuple[str, str, str]]:
    """Given name, family name and user name of each user of an organization."""
    for number in range(_share(sizes.users, sizes.organizations, organization)):
        given = GIVEN[number % len(GIVEN)]
        family = FAMILY[(number // len(GIVEN) + 7 * organization) % len(FAMILY)]
        yield given, family, f"{given}.{family}{number}"


def _users(sizes: Sizes, organization: int) -> typing.Iterator[dict]:
    chance = random.Random(f"users {sizes.seed} {organization}")
    slug = organization_slug(organization)
    for number, (given, family, username) in enumerate(_usernames(sizes, organization)):
        email = f"{username}@{slug}.example.org"
        yield {
            "type": "user",
            "organization": slug,
            "username": username,
            "name": {"given": given.title(), "family": family.title()},
            "email": email,
            "title": chance.choice(("Engineer", "Designer", "Analyst", "Manager")),
            "department": f"Department {number % 12}",
            "employee_number": f"E{number:06}",
            "locale": chance.choice(("de-AT", "en-GB", "pt-BR")),
            "tags": ["remote"] if chance.random() < 0.2 else [],
            "linked_identities": [
                {
                    "provider": provider,
                    "external_id": f"{provider[:2]}-{organization}-{number}",
                    "username": f"{given}-{family}-{number}",
                    "email": email,
                    "verified": True,
                }
                for provider in chance.sample(PROVIDERS, _around(chance, sizes.identities_per_user, len(PROVIDERS)))
            ],
        }


def _around(chance: random.Random, mean: float, most: int) -> int:
    """A number of things, `mean` on average and not far from it."""
    if mean <= 0:
        return 0
    number = mean + chance.uniform(-min(mean, 1.5), min(mean, 1.5))
    return min(most, int(number) + (chance.random() < number % 1))


def _memberships(sizes: Sizes, organization: int) -> typing.Iterator[dict]:
    chance = random.Random(f"memberships {sizes.seed} {organization}")
    teams = range(_share(sizes.teams, sizes.organizations, organization))
    slug = organization_slug(organization)
    pairs = [
        (team, username)
        for _, _, username in _usernames(sizes, organization)
        for team in chance.sample(teams, _around(chance, sizes.memberships_per_user, len(teams)))
    ]
    # In the order of users, the first members of all teams would be the same few users.
    chance.shuffle(pairs)
    for team, username in pairs:
        line = {"type": "membership", "organization": slug, "team": f"team-{team:04}", "user": username}
        fortune = chance.random()
        if fortune < 0.05:
            line["role"] = "lead"
        elif fortune < 0.1:
            line["functions"] = [chance.choice(FUNCTIONS)]
        yield line
