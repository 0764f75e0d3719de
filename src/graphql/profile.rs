//! Profiles: users, service accounts and bots, which have the same fields.

mod fields;

use super::collective::{GroupConnection, GroupMembershipConnection, Team};
use super::collective::{TeamConnection, TeamMembershipConnection};
use super::connection::connection;
use super::contact::{Address, Email, ExternalId, PersonName, Phone};
use super::details::ProfileDetails;
use super::event::{Difference, EventConnection, Provenance};
use super::failure::{Nullable, Result};
use super::identity::LinkConnection;
use super::moment::At;
use super::organization::Organization;
use super::relations;
use super::request::of;
use super::risk::ProfileRisk;
use super::role::{EffectiveRoleConnection, RoleGrantConnection};
use super::scalars::{EmailAddress, ProfileStatus, Url};
use crate::domain::{self, NodeKind};
use crate::resolvers::query::relation;
use async_graphql::{Context, ID, Interface, Json, TypeName, Union};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::marker::PhantomData;

/// A kind of profile: it gives the type its name.
pub trait Kind: Send + Sync + 'static {
    /// The name of the type in the schema.
    const NAME: &'static str;
}

/// The kind of [`User`].
pub struct UserKind;
/// The kind of [`ServiceAccount`].
pub struct ServiceAccountKind;
/// The kind of [`Bot`].
pub struct BotKind;

impl Kind for UserKind {
    const NAME: &'static str = "User";
}

impl Kind for ServiceAccountKind {
    const NAME: &'static str = "ServiceAccount";
}

impl Kind for BotKind {
    const NAME: &'static str = "Bot";
}

/// A profile of one kind.
pub struct ProfileNode<K: Kind>(At<domain::Profile>, PhantomData<fn() -> K>);

/// A person.
pub type User = ProfileNode<UserKind>;
/// A program that acts under an account of its own.
pub type ServiceAccount = ProfileNode<ServiceAccountKind>;
/// An automated participant.
pub type Bot = ProfileNode<BotKind>;

impl<K: Kind> ProfileNode<K> {
    /// The profile as the type of that kind, which its id must be of.
    pub const fn of(profile: At<domain::Profile>) -> Self {
        Self(profile, PhantomData)
    }
}

impl<K: Kind> TypeName for ProfileNode<K> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(K::NAME)
    }
}

/// The profile as the type of its kind.
pub fn profile(profile: At<domain::Profile>) -> Profile {
    match profile.id.kind {
        NodeKind::ServiceAccount => Profile::ServiceAccount(ProfileNode(profile, PhantomData)),
        NodeKind::Bot => Profile::Bot(ProfileNode(profile, PhantomData)),
        _ => Profile::User(ProfileNode(profile, PhantomData)),
    }
}

/// Who answers for a service account or bot.
#[derive(Union)]
pub enum Owner {
    /// A person.
    User(User),
    /// A team.
    Team(Team),
}

async fn owner(context: &Context<'_>, owned: &At<domain::Profile>) -> Result<Option<Owner>> {
    if owned.id.kind == NodeKind::User {
        return Ok(None);
    }
    let (user, team) = futures::join!(
        relations::neighbour::<domain::Profile>(context, relation::OWNING_USER, owned.place()),
        relations::neighbour::<domain::Collective>(context, relation::OWNING_TEAM, owned.place()),
    );
    Ok(match (user?, team?) {
        (Some(user), _) => Some(Owner::User(ProfileNode(user, PhantomData))),
        (None, team) => team.map(|team| Owner::Team(Team(team))),
    })
}

impl<K: Kind> ProfileNode<K> {
    fn private(&self, context: &Context<'_>) -> Result<()> {
        Ok(of(context).read().allow_private(self.0.organization, Some(self.0.id))?)
    }
}

connection!(ProfileConnection, ProfileEdge, Profile, "A page of profiles.", "A profile in a page.");
connection!(
    MemberConnection,
    MemberEdge,
    Profile,
    "A page of members.",
    "A member in a page, and what the membership says.",
    membership
);
connection!(
    ReportConnection,
    ReportEdge,
    Profile,
    "A page of those who report to somebody.",
    "A report in a page, and since when.",
    relation
);
connection!(
    OwnershipConnection,
    OwnershipEdge,
    Profile,
    "A page of the service accounts and bots that somebody answers for.",
    "An owned profile in a page, and since when.",
    relation
);
connection!(
    GranteeConnection,
    GranteeEdge,
    Profile,
    "A page of the profiles that a role was granted to.",
    "A profile that has the role, and since when.",
    relation
);

/// A user, a service account or a bot: one record for everybody who acts.
#[derive(Interface)]
#[graphql(
    field(
        name = "id",
        ty = "ID",
        desc = "Public id: `usr_…`, `svc_…` or `bot_…`. The same on every face of the server."
    ),
    field(name = "organization", ty = "Nullable<Organization>", desc = "The organization it belongs to."),
    field(
        name = "username",
        ty = "String",
        desc = "The name to sign in with; unique in the organization, whatever the case."
    ),
    field(
        name = "display_name",
        ty = "String",
        desc = "The name to show: the display name, else the formal one, else given and family name, else the user name."
    ),
    field(name = "name", ty = "PersonName", desc = "The parts of the name."),
    field(
        name = "email",
        ty = "Option<EmailAddress>",
        desc = "The e-mail address to use: the primary one, else the first."
    ),
    field(name = "emails", ty = "Vec<Email>", desc = "Every e-mail address."),
    field(name = "phones", ty = "Vec<Phone>", desc = "Every telephone number."),
    field(
        name = "addresses",
        ty = "Nullable<Vec<Address>>",
        desc = "Every postal address. Needs the role editor; profiles may read their own."
    ),
    field(name = "avatar", ty = "Option<Url>", desc = "URL of a picture."),
    field(name = "locale", ty = "Option<String>", desc = "Language tag (BCP 47), such as `pt-BR`."),
    field(name = "time_zone", ty = "Option<String>", desc = "Time zone (IANA), such as `Europe/Vienna`."),
    field(name = "title", ty = "Option<String>", desc = "Job title."),
    field(name = "department", ty = "Option<String>", desc = "Department."),
    field(name = "employee_number", ty = "Option<String>", desc = "Employee number."),
    field(name = "status", ty = "ProfileStatus", desc = "Where it stands in its life."),
    field(
        name = "status_reason",
        ty = "Nullable<String>",
        desc = "Why it stands there, if somebody said so. Needs the role editor; profiles may read their own."
    ),
    field(name = "tags", ty = "Vec<String>", desc = "Free labels."),
    field(name = "metadata", ty = "Json<Map<String, Value>>", desc = "Free JSON."),
    field(
        name = "external_ids",
        ty = "Nullable<Vec<ExternalId>>",
        desc = "The ids by which clients of the directory know it. Needs the role editor; profiles may read their own."
    ),
    field(
        name = "details",
        ty = "Nullable<ProfileDetails>",
        desc = "What directories say of it beyond that. Needs the role editor; profiles may read their own."
    ),
    field(
        name = "extensions",
        ty = "Nullable<Json<Map<String, Value>>>",
        desc = "The values of attributes that the organization has declared, by the URN of the schema that declares them. Needs the role editor; profiles may read their own."
    ),
    field(name = "manager", ty = "Nullable<Profile>", desc = "Who it reports to."),
    field(
        name = "reports",
        ty = "ReportConnection",
        desc = "Those who report to it, in the order in which they came.",
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
        desc = "The teams it is a member of, in the order in which it joined.",
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
        desc = "The groups it is a member of, in the order in which it joined.",
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
        name = "effective_teams",
        ty = "TeamConnection",
        desc = "The teams it is in, directly or through teams they contain, ordered by id.",
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
        name = "effective_groups",
        ty = "GroupConnection",
        desc = "The groups it is in, directly or through teams and groups they contain, ordered by id.",
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
        name = "linked_identities",
        ty = "LinkConnection",
        desc = "The accounts it owns at other providers, in the order in which they were linked.",
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
        name = "roles",
        ty = "RoleGrantConnection",
        desc = "The roles granted to itself, in the order in which they were granted.",
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
        name = "effective_roles",
        ty = "EffectiveRoleConnection",
        desc = "The roles it has, by itself or through groups it is in, ordered by id.",
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
    field(name = "owner", ty = "Nullable<Owner>", desc = "The user or team that answers for it. Users have none."),
    field(
        name = "risk",
        ty = "Nullable<ProfileRisk>",
        desc = "How risky it is, as of now: its accounts combined. Needs the role editor."
    ),
    field(
        name = "owned",
        ty = "OwnershipConnection",
        desc = "The service accounts and bots it answers for, in the order in which it took them over.",
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
        name = "merged_profiles",
        ty = "ProfileConnection",
        desc = "The profiles that were merged into it, ordered by id, as they were in the end; `asOf` shows them as they were before.",
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
        name = "as_of",
        ty = "Nullable<Profile>",
        desc = "The same as it was at that time, with whatever is reached from there; null if it did not exist then.",
        arg(name = "time", ty = "DateTime<Utc>", desc = "When, in the past.")
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
pub enum Profile {
    /// A person.
    User(User),
    /// A program that acts under an account of its own.
    ServiceAccount(ServiceAccount),
    /// An automated participant.
    Bot(Bot),
}
