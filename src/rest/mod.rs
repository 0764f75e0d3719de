//! REST: profiles, directories and the identity API as resources under `/v1`.
//!
//! The face is one [table of operations](operations::all). An operation says where it is, what it takes and what it answers,
//! and most of that by the types of its handler:
//!
//! ```text
//! async fn update(call: Call, (expected, change): (IfMatch, MergePatch<ProfileChange>)) -> Result<Changed<Profile>>
//!                                ^ header, status 412      ^ body, statuses 413 and 415        ^ body, header ETag, status 200
//! ```
//!
//! The routes, the [OpenAPI document](openapi) and the matrix of who may do what are made from that table, so they cannot
//! say different things. A handler translates what it is given into a [command](crate::resolvers::command) or a
//! [question](crate::resolvers::query), as the other faces do, and shows what comes of it in the words of its
//! [model](model). HTTP itself (credentials, limits, bodies, problems) is the business of `http::rest`.

pub mod call;
pub mod input;
pub mod model;
pub mod openapi;
pub mod operation;
pub mod operations;
pub mod outcome;
pub mod refusal;
mod risk;

mod accounts;
mod around;
mod cursors;
mod merge;
mod spelling;

pub use call::Call;
pub use operation::{Method, Operation};
pub use outcome::Reply;
pub use refusal::Refusal;
