//! Many requests in one (RFC 7644 §3.7).

use super::answer::Answer;
use super::discovery::MAX_OPERATIONS;
use super::{Asked, Meter, Refused};
use crate::scim::session::Session;
use scim_protocol::bulk::{BulkLimits, BulkRequest, bulk_response};

/// Works through a bulk request.
pub(super) async fn answer(session: &Session<'_>, asked: &Asked, meter: &Meter<'_>) -> Result<Answer, Refused> {
    asked.check_content_type()?;
    // No more bytes than may be read have come here.
    let limits = BulkLimits { max_operations: MAX_OPERATIONS, max_payload_size: usize::MAX };
    let request = BulkRequest::parse(&asked.body, limits)?;
    meter.charge(request.operations.len() as u64).await?;
    Ok(Answer::of(bulk_response(&session.bulk(&request).await)))
}
