//! The vocabulary of the graph: types and rules, and nothing that touches the outside.
//!
//! A **node** is something with a public id and a life of its own: an [organization](organization), a
//! [profile](profile), a [collective](collective) (team or group), a [role](role), a [linked identity](identity) or an
//! [API token](token). An [**edge**](edge) is a relation between two nodes that holds for a time. An
//! [**event**](event) says what a command did to a node or to its edges, and who did it. What accounts do is no change of
//! the graph: [sessions](session), [access records](access) and [alerts](alert) are facts about them that others report.
//!
//! Nothing here knows of a database, of HTTP, or of the clock on the wall.

pub mod access;
pub mod action;
pub mod alert;
pub mod collective;
pub mod contact;
pub mod deferred;
pub mod details;
pub mod diff;
pub mod edge;
pub mod error;
pub mod event;
pub mod event_document;
pub mod extension;
pub mod feed;
pub mod id;
pub mod identity;
pub mod json;
mod merge;
pub mod meta;
pub mod network;
pub mod node;
pub mod organization;
pub mod outlet;
pub mod page;
pub mod patch;
pub mod profile;
pub mod public_address;
pub mod risk;
pub mod risk_policy;
pub mod role;
pub mod session;
pub mod signal;
pub mod signing;
pub mod standing;
pub mod text;
pub mod time;
pub mod token;
pub mod transmitter;

pub use access::AccessRecord;
pub use action::ActionRecord;
pub use collective::Collective;
pub use edge::{Edge, EdgeKind, MemberRole};
pub use error::{Error, ErrorCode, Result};
pub use event::{Actor, Event, FieldChange, Origin};
pub use extension::{Extension, Extensions};
pub use feed::Feed;
pub use id::{NodeId, NodeKind, OrganizationId};
pub use identity::LinkedIdentity;
pub use meta::{Meta, Provenance};
pub use network::Network;
pub use node::{Node, NodeData};
pub use organization::Organization;
pub use outlet::{Delivery, Outlet};
pub use page::{Cursor, CursorKey, Page, Slice};
pub use patch::Patch;
pub use profile::Profile;
pub use risk_policy::RiskPolicy;
pub use role::Role;
pub use session::{Session, SessionRef};
pub use signing::{SigningAlgorithm, SigningKey};
pub use standing::Standing;
pub use time::{Clock, Timestamp};
pub use token::ApiToken;
