//! What went wrong, as it is described. `http` writes it.

use schemars::JsonSchema;
use serde::Serialize;

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// A URI for the kind of problem: `urn:idgraph:error:` and the code, or `about:blank`.
    #[schemars(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The status.
    #[schemars(range(min = 400, max = 599))]
    pub status: u16,
    /// A sentence for people that says what to do.
    pub detail: String,
    /// What programs look at. It never changes its meaning.
    pub code: String,
    /// The field, parameter or header at fault, if it is a single one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The id of the request, under which the log of the server knows more.
    pub request_id: String,
}
