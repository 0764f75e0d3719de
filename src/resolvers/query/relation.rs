//! The relations of the graph that faces follow: which edges, which way, to what.

use crate::domain::{EdgeKind, NodeKind};
use crate::store::{RelationFilter, Side};

/// An edge kind, the way it is followed, and which edges are wanted.
pub type Relation = (EdgeKind, Side, RelationFilter);

const fn relation(kind: EdgeKind, side: Side, kinds: &'static [NodeKind]) -> Relation {
    (kind, side, RelationFilter { role: None, kinds })
}

/// From a team or group to the profiles that are its members.
pub const MEMBERS: Relation = relation(EdgeKind::Member, Side::In, &NodeKind::PROFILES);
/// From a team or group to the teams and groups that are its members.
pub const MEMBER_COLLECTIVES: Relation = relation(EdgeKind::Member, Side::In, &NodeKind::COLLECTIVES);
/// From a member to the teams it is in.
pub const TEAMS: Relation = relation(EdgeKind::Member, Side::Out, &[NodeKind::Team]);
/// From a member to the groups it is in.
pub const GROUPS: Relation = relation(EdgeKind::Member, Side::Out, &[NodeKind::Group]);
/// From a child to its parent.
pub const PARENT: Relation = relation(EdgeKind::Parent, Side::Out, &[]);
/// From a parent to its children.
pub const CHILDREN: Relation = relation(EdgeKind::Parent, Side::In, &[]);
/// From a report to its manager.
pub const MANAGER: Relation = relation(EdgeKind::Manager, Side::Out, &[]);
/// From a manager to those who report to it.
pub const REPORTS: Relation = relation(EdgeKind::Manager, Side::In, &[]);
/// From a service account or bot to the user that owns it.
pub const OWNING_USER: Relation = relation(EdgeKind::Owner, Side::Out, &[NodeKind::User]);
/// From a service account or bot to the team that owns it.
pub const OWNING_TEAM: Relation = relation(EdgeKind::Owner, Side::Out, &[NodeKind::Team]);
/// From a user or team to the service accounts and bots it owns.
pub const OWNED: Relation = relation(EdgeKind::Owner, Side::In, &[]);
/// From a profile to the accounts it has elsewhere.
pub const LINKED_IDENTITIES: Relation = relation(EdgeKind::Link, Side::In, &[]);
/// From an account to the profile it belongs to.
pub const LINKED_PROFILE: Relation = relation(EdgeKind::Link, Side::Out, &[]);
/// From a profile or group to the roles it was granted.
pub const ROLES: Relation = relation(EdgeKind::Grant, Side::Out, &[]);
/// From a role to the profiles it was granted to.
pub const GRANTED_PROFILES: Relation = relation(EdgeKind::Grant, Side::In, &NodeKind::PROFILES);
/// From a role to the groups it was granted to.
pub const GRANTED_GROUPS: Relation = relation(EdgeKind::Grant, Side::In, &[NodeKind::Group]);
