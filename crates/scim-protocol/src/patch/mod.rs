//! PATCH: a request parsed, and applied to a resource (RFC 7644 §3.5.2).
//!
//! [`apply`] is atomic by nature: it makes a new resource, or an error. Values that live outside of the resource, as
//! the members of a group, are not needed for it: what is to become of them is returned as [`DetachedChange`]s, whose
//! number follows the request and not the group.

mod apply;
mod detached;
mod elements;
mod request;
mod single;

pub use apply::{MAX_WORK, PatchOptions, Patched, apply};
pub use detached::{DetachedAction, DetachedChange};
pub(crate) use request::member;
pub use request::{MAX_OPERATIONS, OperationKind, PATCH_SCHEMA, PatchOperation, PatchRequest, parse_patch};
