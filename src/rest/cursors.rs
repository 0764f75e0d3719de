//! The cursors of the lists of this face.

use crate::domain::{Cursor, CursorKey};
use uuid::Uuid;

/// How cursors call lists of what is next to something, sorted by edge.
pub const BY_EDGE: char = 'e';
/// How cursors call lists of what is reached, sorted by node.
pub const BY_NODE: char = 'r';
/// How cursors call lists of webhooks, the oldest first.
pub const BY_CREATION: char = 'c';
/// How cursors call lists of deliveries, the newest first.
pub const BY_POSITION: char = 'x';
/// How cursors call lists of sessions and actions, the newest first.
pub const BY_ID: char = 'C';
/// How cursors call lists of access records, the latest first.
pub const BY_OCCURRENCE: char = 'o';
/// How cursors call lists of alerts, the latest first.
pub const BY_OBSERVATION: char = 'a';
/// How cursors call lists of events, the newest first.
pub const BY_SEQUENCE: char = 's';

/// The place of something in a list that is sorted by its id.
pub fn id_cursor(order: char, id: Uuid) -> String {
    Cursor::id(order, id).encode()
}

/// The place of something in a list that is sorted by a number.
pub fn number_cursor(order: char, number: i64, id: Uuid) -> String {
    Cursor { order, key: CursorKey::Number(number), id }.encode()
}
