//! Who is in what.

use super::choice::MemberRole;
use super::moment::Moment;
use crate::rest::input::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Somebody who is in a team or group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Member {
    /// Public id of the profile.
    pub id: String,
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub name: String,
    /// The e-mail address to use.
    pub email: Option<String>,
    /// What the membership is; null for those who are in it through others only.
    pub membership: Option<Membership>,
}

/// A membership.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Membership {
    /// Lead or member.
    pub role: MemberRole,
    /// Named functions, such as `release-manager`.
    pub functions: Vec<String>,
    /// Since when.
    pub since: Moment,
}

/// A team or group, and the membership by which somebody is in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberOf {
    /// Public id of the team or group.
    pub id: String,
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What the membership is; null for what somebody is in through others only.
    pub membership: Option<Membership>,
}

/// Members to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMembers {
    /// Whom; those who are members already are given the role and the functions.
    #[schemars(length(min = 1, max = 1000))]
    pub members: Vec<Object<NewMember>>,
}

/// A member to add.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Public id of a profile, team or group.
    pub id: String,
    /// Lead or member; member unless given.
    pub role: Option<MemberRole>,
    /// Named functions, such as `release-manager`.
    #[serde(default)]
    pub functions: Vec<String>,
}

/// Who came, and who changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MembersChanged {
    /// Public ids of those who were not members before.
    pub added: Vec<String>,
    /// Public ids of those whose role or functions changed.
    pub updated: Vec<String>,
}
