//! Bulk requests: parsed, put into an order, and answered (RFC 7644 §3.7).
//!
//! A server reads a [`BulkRequest`], and works through its [`plan`](BulkRequest::plan). What it learns by and by, which
//! ids the new resources have, it keeps in [`References`], which replace `bulkId:…` in paths and data. What circular
//! references make it leave out at first, it adds with a PATCH when the plan says so.

mod plan;
mod references;
mod request;
mod response;

pub use plan::{Deferred, Step};
pub use references::{References, bulk_ids};
pub use request::{BULK_REQUEST_SCHEMA, BulkLimits, BulkMethod, BulkOperation, BulkRequest};
pub use response::{BULK_RESPONSE_SCHEMA, BulkOutcome, bulk_response};
