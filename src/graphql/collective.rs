//! Teams and groups.

mod fields;

use super::connection::connection;
use super::contact::ExternalId;
use super::event::{Difference, EventConnection, Provenance};
use super::failure::Nullable;
use super::moment::At;
use super::organization::Organization;
use super::profile::MemberConnection;
use super::profile::ProfileConnection;
use super::scalars::MemberRole;
use crate::domain::{self, NodeKind};
use async_graphql::{ID, Interface, Json};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// A team: people who work together, in a hierarchy of teams.
pub struct Team(pub At<domain::Collective>);

/// A group: whoever is to have something in common, such as roles; it may contain groups and teams.
pub struct Group(pub At<domain::Collective>);

/// The team or group as the type of its kind.
pub fn collective(collective: At<domain::Collective>) -> Collective {
    if collective.id.kind == NodeKind::Group {
        Collective::Group(Group(collective))
    } else {
        Collective::Team(Team(collective))
    }
}

connection!(TeamConnection, TeamEdge, Team, "A page of teams.", "A team in a page.");
connection!(GroupConnection, GroupEdge, Group, "A page of groups.", "A group in a page.");
connection!(
    TeamChildConnection,
    TeamChildEdge,
    Team,
    "A page of the teams below a team.",
    "A team in a page, and since when it hangs there.",
    relation
);
connection!(
    GroupChildConnection,
    GroupChildEdge,
    Group,
    "A page of the groups below a group.",
    "A group in a page, and since when it hangs there.",
    relation
);
connection!(
    GroupGranteeConnection,
    GroupGranteeEdge,
    Group,
    "A page of the groups that a role was granted to.",
    "A group that has the role, and since when.",
    relation
);
connection!(
    TeamMembershipConnection,
    TeamMembershipEdge,
    Team,
    "A page of the teams that somebody is in.",
    "A team in a page, and what the membership says.",
    membership
);
connection!(
    GroupMembershipConnection,
    GroupMembershipEdge,
    Group,
    "A page of the groups that somebody is in.",
    "A group in a page, and what the membership says.",
    membership
);
connection!(
    CollectiveMemberConnection,
    CollectiveMemberEdge,
    Collective,
    "A page of the teams and groups that are members.",
    "A team or group in a page, and what the membership says.",
    membership
);

/// A team or a group: what profiles belong to.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Public id: `team_…` or `grp_…`. The same on every face of the server."),
    field(name = "organization", ty = "Nullable<Organization>", desc = "The organization it belongs to."),
    field(
        name = "slug",
        ty = "String",
        desc = "Short name, unique among its kind in the organization, whatever the case."
    ),
    field(name = "name", ty = "String", desc = "Name to show."),
    field(name = "description", ty = "Option<String>", desc = "What it is for."),
    field(
        name = "category",
        ty = "Option<String>",
        desc = "A free word for what kind of team or group it is, such as `working-group`."
    ),
    field(name = "metadata", ty = "Json<Map<String, Value>>", desc = "Free JSON."),
    field(
        name = "external_ids",
        ty = "Nullable<Vec<ExternalId>>",
        desc = "The ids by which clients of the directory know it. Needs the role editor."
    ),
    field(
        name = "extensions",
        ty = "Nullable<Json<Map<String, Value>>>",
        desc = "The values of attributes that the organization has declared, by the URN of the schema that declares them. Needs the role editor."
    ),
    field(
        name = "members",
        ty = "MemberConnection",
        desc = "Its members, in the order in which they joined.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        ),
        arg(name = "role", ty = "Option<MemberRole>", desc = "Only members of this role.")
    ),
    field(
        name = "member_collectives",
        ty = "CollectiveMemberConnection",
        desc = "The teams and groups that are its members, in the order in which they joined.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        )
    ),
    field(
        name = "effective_members",
        ty = "ProfileConnection",
        desc = "Everybody in it: its members, those of everything below it, and those of everything that is a member of these, ordered by id.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        )
    ),
    field(
        name = "teams",
        ty = "TeamMembershipConnection",
        desc = "The teams that it is a member of.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        )
    ),
    field(
        name = "groups",
        ty = "GroupMembershipConnection",
        desc = "The groups that it is a member of.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        )
    ),
    field(
        name = "version",
        ty = "i64",
        desc = "Counts the changes, from 1. Give it as `expectedVersion` to change only what you have seen."
    ),
    field(name = "created_at", ty = "DateTime<Utc>", desc = "When it was created."),
    field(name = "updated_at", ty = "DateTime<Utc>", desc = "When it, or an edge that belongs to it, last changed."),
    field(
        name = "history",
        ty = "Nullable<EventConnection>",
        desc = "What was done to it, and to edges at whose other end it is, the newest first. Needs the role admin and the scope `history:read`; profiles may read their own.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        )
    ),
    field(
        name = "changes",
        ty = "Nullable<Vec<Difference>>",
        desc = "What differs between it at one time and at another: its fields, and edges at either end of which it is. What changed and changed back does not differ. Needs what `history` needs.",
        arg(
            name = "after",
            ty = "DateTime<Utc>",
            desc = "The first time; what was done at that very time is not counted."
        ),
        arg(name = "until", ty = "Option<DateTime<Utc>>", desc = "The second time; now unless given.")
    ),
    field(
        name = "provenance",
        ty = "Nullable<Vec<Provenance>>",
        desc = "Where the current value of each field comes from. Needs what `history` needs."
    )
)]
pub enum Collective {
    /// A team.
    Team(Team),
    /// A group.
    Group(Group),
}
