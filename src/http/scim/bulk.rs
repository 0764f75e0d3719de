//! Many requests in one (RFC 7644 §3.7).

use super::answer::Answer;
use super::discovery::MAX_OPERATIONS;
use super::{Asked, Meter, Refused};
use crate::scim::session::Session;
use scim_protocol::ScimError;
use scim_protocol::bulk::{BulkLimits, BulkRequest, bulk_response};

/// Works through a bulk request.
pub(super) async fn answer(session: &Session<'_>, asked: &Asked, meter: &Meter<'_>) -> Result<Answer, Refused> {
    let request = request(asked)?;
    meter.charge(request.operations.len() as u64).await?;
    Ok(done(session, asked, &request).await)
}

/// The request.
pub(super) fn request(asked: &Asked) -> Result<BulkRequest, ScimError> {
    asked.check_content_type()?;
    // No more bytes than may be read have come here.
    let limits = BulkLimits { max_operations: MAX_OPERATIONS, max_payload_size: usize::MAX };
    BulkRequest::parse(&asked.body, limits)
}

/// Works through a request that is paid for.
pub(super) async fn done(session: &Session<'_>, asked: &Asked, request: &BulkRequest) -> Answer {
    Answer::of(bulk_response(&session.bulk(request, asked.deadline).await))
}
