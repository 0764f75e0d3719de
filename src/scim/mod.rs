//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865): directories of elsewhere provision people, agents and groups.
//!
//! The protocol, which is to say filters, paths, bodies and messages, is the crate `scim_protocol`, which knows nothing of
//! the graph. This face says how the graph looks through it:
//!
//! | Resource type | In the graph |
//! |---|---|
//! | `User` | a profile that is a user |
//! | `Agent` | a profile that is a bot |
//! | `AgenticApplication` | a profile that is a service account |
//! | `Group` | a team or a group |
//!
//! The [`table`] lists the attributes, each with the place where the graph keeps it. To read, a [filter](filter) becomes one
//! of the resolvers' and what is found is [shown](present). To write, the resource is shown as it is inside the transaction,
//! the protocol changes what is shown, and the difference becomes the same [commands](write) that GraphQL runs, each with its
//! own event. So nothing can be done here that a command does not do.

mod apply;
mod bulk;
mod change;
mod declared;
pub mod deferred;
pub mod error;
pub mod events;
pub mod filter;
pub mod list;
mod needle;
mod order;
mod pictures;
mod places;
pub mod present;
mod read;
pub mod registry;
mod related;
pub mod session;
pub mod table;
mod walk;
pub mod write;
