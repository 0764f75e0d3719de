//! Many requests in one (RFC 7644 §3.7): each in a transaction of its own, in an order in which references are known.

use super::error::of_domain;
use super::registry::Kind;
use super::session::Session;
use crate::domain::NodeId;
use scim_protocol::ScimError;
use scim_protocol::bulk::{BulkMethod, BulkOperation, BulkOutcome, BulkRequest, References, Step};
use scim_protocol::etag::EntityTags;
use scim_protocol::projection::Projection;
use serde_json::Value;
use std::collections::HashMap;

impl Session<'_> {
    /// Works through a request, and says what has become of each operation that was attempted, in the order of the request.
    pub async fn bulk(&self, request: &BulkRequest) -> Vec<BulkOutcome> {
        let mut run =
            Run { session: self, references: References::default(), made: HashMap::new(), outcomes: HashMap::new() };
        let mut errors = 0;
        for step in request.plan() {
            if request.fail_on_errors.is_some_and(|limit| errors >= limit) {
                break;
            }
            let (index, failed) = match &step {
                Step::Operate { operation, without } => {
                    let index = *operation;
                    let operation = &request.operations[index];
                    let data = if without.is_empty() { operation.data.clone() } else { operation.defer(without).data };
                    (index, run.operate(index, &BulkOperation { data, ..operation.clone() }).await)
                }
                Step::Complete { operation } => {
                    let index = *operation;
                    let without = request.plan().into_iter().find_map(|step| match step {
                        Step::Operate { operation, without } if operation == index => Some(without),
                        _ => None,
                    });
                    let deferred = request.operations[index].defer(&without.unwrap_or_default());
                    (index, run.complete(index, &request.operations[index], &deferred.patch).await)
                }
            };
            if failed {
                errors += 1;
                tracing::debug!(operation = index, "an operation of a bulk request has failed");
            }
        }
        let mut outcomes: Vec<(usize, BulkOutcome)> = run.outcomes.into_iter().collect();
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

/// A request that is worked through.
struct Run<'a> {
    session: &'a Session<'a>,
    references: References,
    made: HashMap<usize, (Kind, NodeId)>,
    outcomes: HashMap<usize, BulkOutcome>,
}

impl Run<'_> {
    /// Does an operation, and says whether it has failed.
    async fn operate(&mut self, index: usize, operation: &BulkOperation) -> bool {
        let done = match self.references.resolve(operation) {
            Ok(resolved) => self.attempt(&resolved).await,
            Err(error) => Err(error),
        };
        let outcome = self.outcome(operation, done.as_ref().copied().map_err(Clone::clone)).await;
        if let (Ok(Done { kind, id: Some(id), .. }), Some(bulk_id)) = (&done, &operation.bulk_id) {
            self.references.insert(bulk_id.clone(), id.to_string());
            self.made.insert(index, (*kind, *id));
        }
        let failed = outcome.is_error();
        self.outcomes.insert(index, outcome);
        failed
    }

    /// Adds what was left out of an operation that has succeeded, and says whether that has failed.
    async fn complete(&mut self, index: usize, operation: &BulkOperation, patch: &Value) -> bool {
        let Some((kind, id)) = self.made.get(&index).copied() else { return false };
        let done = match self.references.resolve_data(patch) {
            Ok(patch) => self.session.patch(kind, &id.to_string(), &patch, None).await,
            Err(error) => Err(error),
        };
        let done = done.map(|id| Done { kind, id: Some(id), status: 201 });
        let failed = done.is_err();
        let outcome = self.outcome(operation, done).await;
        self.outcomes.insert(index, outcome);
        failed
    }

    async fn attempt(&self, operation: &BulkOperation) -> Result<Done, ScimError> {
        let session = self.session;
        let (endpoint, id) = operation.endpoint();
        let kind = Kind::from_endpoint(endpoint).ok_or_else(|| {
            ScimError::with_status(
                404,
                format!("There are no resources at /{endpoint}; /ResourceTypes lists what there is."),
            )
        })?;
        let tags = operation.version.as_deref().map(EntityTags::parse).transpose()?;
        let id = id.unwrap_or_default();
        Ok(match operation.method {
            BulkMethod::Post => {
                let id = session.create(kind, operation.data.clone()).await?;
                Done { kind, id: Some(id), status: 201 }
            }
            BulkMethod::Put => {
                let id = session.replace(kind, id, operation.data.clone(), tags).await?;
                Done { kind, id: Some(id), status: 200 }
            }
            BulkMethod::Patch => {
                let id = session.patch(kind, id, &operation.data, tags).await?;
                Done { kind, id: Some(id), status: if session.options().silent_patch { 204 } else { 200 } }
            }
            BulkMethod::Delete => {
                session.delete(kind, id, tags).await?;
                Done { kind, id: None, status: 204 }
            }
        })
    }

    async fn outcome(&self, operation: &BulkOperation, done: Result<Done, ScimError>) -> BulkOutcome {
        let (location, version) = match &done {
            Ok(Done { kind, id: Some(id), .. }) => {
                (Some(self.session.eye().location(*id)), self.version(*kind, *id).await)
            }
            _ if operation.method == BulkMethod::Post => (None, None),
            _ => (Some(format!("{}/{}", self.session.base(), operation.path.trim_start_matches('/'))), None),
        };
        BulkOutcome {
            method: operation.method,
            bulk_id: operation.bulk_id.clone(),
            version,
            location,
            result: done.map(|done| done.status),
        }
    }

    /// The entity tag of a resource that was made or changed just now.
    async fn version(&self, kind: Kind, id: NodeId) -> Option<String> {
        let only = ["meta.version".to_owned()];
        let projection = Projection::new(self.session.registry().get(kind), &only, &[]).ok()?;
        let shown = self.session.show(kind, id, &projection).await.map_err(of_domain).ok()?;
        shown.get("meta")?.get("version")?.as_str().map(str::to_owned)
    }
}

/// What an operation has done.
#[derive(Debug, Clone, Copy)]
struct Done {
    kind: Kind,
    /// The resource, if it is there.
    id: Option<NodeId>,
    status: u16,
}
