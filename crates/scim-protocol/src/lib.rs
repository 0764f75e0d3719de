//! SCIM 2.0 as rules: RFC 7643 (schemas), RFC 7644 (protocol) and RFC 9865 (cursors), without I/O, clock or ids.
//!
//! A server describes its resources as [`schema::ResourceType`]s. Everything else follows from them:
//!
//! | To | Use |
//! |---|---|
//! | understand a filter | [`filter::parse_filter`], [`ResourceType::bind`](schema::ResourceType::bind) |
//! | evaluate it, or make SQL of it | [`filter::BoundFilter`] |
//! | read the body of a POST or PUT | [`body::read`] |
//! | apply a PATCH | [`patch::parse_patch`], [`patch::apply`] |
//! | choose the attributes of an answer | [`projection::Projection`] |
//! | read the parameters of a query, and answer it | [`query::Query`], [`list::ListResponse`] |
//! | work through a bulk request | [`bulk::BulkRequest`] |
//! | compare versions | [`etag::EntityTags`] |
//!
//! **The canonical form.** What [`body::read`] makes, and what everything else expects, is a map with the names of
//! attributes and the URNs of schemas in the case in which the schemas write them; with an extension as an object under
//! its URN; and without anything that has no value: `null`, `[]` and what is absent are the same (RFC 7643 §2.5).
//!
//! **Case.** Where an attribute is not `caseExact`, values are compared by their [`fold`], and ordered by the code
//! points of it.

pub mod body;
pub mod bulk;
mod error;
pub mod etag;
pub mod filter;
mod fold;
pub mod list;
mod moment;
pub mod patch;
pub mod path;
pub mod projection;
pub mod query;
mod required;
pub mod schema;
pub mod sort;
mod value;

pub use error::{ERROR_SCHEMA, ScimError, ScimType};
pub use fold::fold;
pub use moment::parse_date_time;
pub use value::MAX_VALUES;
