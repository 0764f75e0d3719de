//! What becomes of what is reported.

use crate::resolvers::command;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// What has become of the entries, each in the place that it had in the request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reports {
    /// One for each entry.
    pub data: Vec<Report>,
}

/// What has become of an entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// What has become of it.
    pub status: ReportStatus,
    /// Public id of the session, record or alert; null if it was not taken.
    pub id: Option<String>,
    /// Why it was not taken.
    pub error: Option<Rejection>,
}

choice! {
    /// What has become of an entry.
    ReportStatus = command::ReportStatus {
        /// It is new, and was taken.
        Recorded,
        /// It says more of what was known, and was taken.
        Updated,
        /// It was known already.
        Known,
        /// It was not taken.
        Rejected,
    }
}

/// Why an entry was not taken.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rejection {
    /// What programs look at.
    pub code: String,
    /// The field at fault, if it is a single one.
    pub field: Option<String>,
    /// A sentence for people that says what to do.
    pub detail: String,
}

impl Reports {
    /// What the resolvers say, with ids as they are spelled in public.
    pub fn of(reported: Vec<command::Reported>, public: fn(Uuid) -> String) -> Self {
        let report = |reported: command::Reported| Report {
            status: reported.status.into(),
            id: reported.id.map(public),
            error: reported.rejection.map(|rejection| Rejection {
                code: rejection.code,
                field: rejection.field.map(|field| crate::rest::spelling::field_name(&field)),
                detail: rejection.message,
            }),
        };
        Self { data: reported.into_iter().map(report).collect() }
    }
}
