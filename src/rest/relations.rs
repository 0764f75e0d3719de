//! The relations that this face follows, and the cursors of its lists.

use crate::domain::{Cursor, CursorKey, EdgeKind, NodeKind};
use crate::resolvers::query::Relation;
use crate::store::{RelationFilter, Side};
use uuid::Uuid;

/// How cursors call lists of what is next to something, sorted by edge.
pub const BY_EDGE: char = 'e';
/// How cursors call lists of what is reached, sorted by node.
pub const BY_NODE: char = 'r';
/// How cursors call lists of sessions and actions, the newest first.
pub const BY_ID: char = 'C';
/// How cursors call lists of access records, the latest first.
pub const BY_OCCURRENCE: char = 'o';
/// How cursors call lists of events, the newest first.
pub const BY_SEQUENCE: char = 's';

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
/// From a profile to the accounts it owns elsewhere.
pub const LINKED_IDENTITIES: Relation = relation(EdgeKind::Link, Side::In, &[]);
/// From an account to the profile that owns it.
pub const LINKED_PROFILE: Relation = relation(EdgeKind::Link, Side::Out, &[]);

/// The place of something in a list that is sorted by its id.
pub fn id_cursor(order: char, id: Uuid) -> String {
    Cursor::id(order, id).encode()
}

/// The place of something in a list that is sorted by a number.
pub fn number_cursor(order: char, number: i64, id: Uuid) -> String {
    Cursor { order, key: CursorKey::Number(number), id }.encode()
}
