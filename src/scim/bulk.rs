//! Many requests in one (RFC 7644 §3.7): each in a transaction of its own, in an order in which references are known.
//!
//! Passwords are hashed ahead, several at once, while operations are worked through. Whatever the time does not suffice for
//! is told as such, operation by operation, so that the client knows what to send again.

use super::registry::Kind;
use super::session::Session;
use super::write::{Change, Conditions, Hidden, Secret};
use crate::domain::{NodeId, Result};
use crate::resolvers::RunOptions;
use crate::scim::error::of_domain;
use futures::{StreamExt, stream};
use scim_protocol::ScimError;
use scim_protocol::bulk::{BulkMethod, BulkOperation, BulkOutcome, BulkRequest, References, Step};
use scim_protocol::etag::{EntityTags, weak};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::thread::available_parallelism;
use tokio::time::{Instant, timeout_at};

impl Session<'_> {
    /// Works through a request until then, and says what has become of each operation that was attempted, in the order of
    /// the request.
    pub async fn bulk(&self, request: &BulkRequest, deadline: Instant) -> Vec<BulkOutcome> {
        let outcomes = self.work_through(request, deadline, None).await;
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// The same, with the index of each operation that was attempted. With a name for the request, an operation that was done
    /// under that name before is not done again.
    pub(super) async fn work_through(
        &self,
        request: &BulkRequest,
        deadline: Instant,
        name: Option<&str>,
    ) -> Vec<(usize, BulkOutcome)> {
        let mut operations = request.operations.clone();
        let steps = request.plan();
        let hidden: Vec<Hidden> = steps
            .iter()
            .filter_map(|step| if let Step::Operate { operation, .. } = step { Some(*operation) } else { None })
            .map(|index| hide(&mut operations[index]))
            .collect();
        let ahead = available_parallelism().map_or(1, std::num::NonZero::get);
        let mut secrets = stream::iter(hidden).map(|hidden| hidden.hashed(self.app, self.viewer)).buffered(ahead);
        let mut run = Run {
            session: self,
            name,
            references: References::default(),
            made: HashMap::new(),
            outcomes: HashMap::new(),
        };
        let mut errors = 0;
        for step in steps {
            let is_late = Instant::now() >= deadline;
            let failed = match step {
                // What was begun is brought to an end, whatever has failed meanwhile.
                Step::Complete { operation } if is_late => run.leave_incomplete(operation, late()),
                Step::Complete { operation } => run.complete(operation).await,
                Step::Operate { .. } if request.fail_on_errors.is_some_and(|limit| errors >= limit) => continue,
                Step::Operate { operation, .. } if is_late => run.refuse(operation, &operations[operation], late()),
                Step::Operate { operation, without } => match timeout_at(deadline, secrets.next()).await {
                    Ok(secret) => {
                        let secret = secret.unwrap_or(Ok(Secret::Unsaid));
                        run.operate(operation, &operations[operation], &without, secret).await
                    }
                    Err(_) => run.refuse(operation, &operations[operation], late()),
                },
            };
            errors += u64::from(failed);
        }
        let mut outcomes: Vec<(usize, BulkOutcome)> = run.outcomes.into_iter().collect();
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes
    }
}

/// Takes the password out of an operation. That of a PATCH is only found when the operation is understood.
fn hide(operation: &mut BulkOperation) -> Hidden {
    match (operation.method, Kind::from_endpoint(operation.endpoint().0)) {
        (BulkMethod::Post | BulkMethod::Put, Some(kind)) => Hidden::in_body(kind, &mut operation.data),
        _ => Hidden::Unsaid,
    }
}

fn late() -> ScimError {
    let detail = "The time for this request was over before it came to this operation; send it again.";
    ScimError::with_status(503, detail)
}

/// A request that is worked through.
struct Run<'a> {
    session: &'a Session<'a>,
    /// What the request is called, if it may be begun again.
    name: Option<&'a str>,
    references: References,
    made: HashMap<usize, Made>,
    outcomes: HashMap<usize, BulkOutcome>,
}

/// What an operation has made.
struct Made {
    kind: Kind,
    id: NodeId,
    /// A PATCH with what was left out of it at first, if anything was.
    rest: Option<Value>,
}

impl Run<'_> {
    /// Does an operation without the references to what there is not yet, and says whether it has failed.
    async fn operate(
        &mut self,
        index: usize,
        operation: &BulkOperation,
        without: &BTreeSet<String>,
        secret: Result<Secret>,
    ) -> bool {
        let (mut operation, mut rest) = (operation.clone(), None);
        if !without.is_empty() {
            let deferred = operation.defer(without);
            operation.data = deferred.data;
            rest = Some(deferred.patch);
        }
        let (resolved, secret) = match (self.references.resolve(&operation), secret) {
            (Ok(resolved), Ok(secret)) => (resolved, secret),
            (Err(error), _) => return self.refuse(index, &operation, error),
            (_, Err(error)) => return self.refuse(index, &operation, of_domain(error)),
        };
        let done = self.attempt(index, &resolved, secret).await;
        if let (Ok(Done { kind, id: Some(id), .. }), Some(bulk_id)) = (&done, &operation.bulk_id) {
            self.references.insert(bulk_id.clone(), id.to_string());
            self.made.insert(index, Made { kind: *kind, id: *id, rest });
        }
        self.note(index, &resolved, done).await
    }

    /// Adds what was left out of an operation that has succeeded, and says whether that has failed.
    async fn complete(&mut self, index: usize) -> bool {
        let Some(made) = self.made.get_mut(&index) else { return false };
        let (kind, id, rest) = (made.kind, made.id, made.rest.take());
        let done = match self.references.resolve_data(&rest.unwrap_or_default()) {
            Ok(patch) => {
                let options = self.options(index, ":rest");
                self.session.patch_with(kind, &id.to_string(), &patch, Conditions::default(), options).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            return self.leave_incomplete(index, error);
        }
        let version = self.version(kind, id).await;
        if let Some(outcome) = self.outcomes.get_mut(&index) {
            outcome.version = version;
        }
        false
    }

    /// Tells that a resource was made, and where it is, but that not everything could be added to it.
    fn leave_incomplete(&mut self, index: usize, mut error: ScimError) -> bool {
        let (true, Some(outcome)) = (self.made.contains_key(&index), self.outcomes.get_mut(&index)) else {
            return false;
        };
        error.detail = format!("This was made, but without its references: {}", error.detail);
        outcome.result = Err(error);
        true
    }

    /// How the command of an operation is run, or that of what is added to it.
    fn options(&self, index: usize, part: &str) -> RunOptions {
        RunOptions { client_mutation_id: self.name.map(|name| format!("{name}:{index}{part}")) }
    }

    async fn attempt(&self, index: usize, operation: &BulkOperation, secret: Secret) -> Result<Done, ScimError> {
        let (session, options) = (self.session, self.options(index, ""));
        let (endpoint, id) = operation.endpoint();
        let kind = Kind::from_endpoint(endpoint).ok_or_else(|| {
            ScimError::with_status(
                404,
                format!("There are no resources at /{endpoint}; /ResourceTypes lists what there is."),
            )
        })?;
        let wanted = operation.version.as_deref().map(EntityTags::parse).transpose()?;
        let conditions = Conditions { wanted, unwanted: None };
        let id = id.unwrap_or_default();
        let data = operation.data.clone();
        Ok(match operation.method {
            BulkMethod::Post => {
                let made = session.create_with(kind, data, secret, options).await?;
                Done { kind, id: Some(made.id), status: 201 }
            }
            BulkMethod::Put => {
                let id = session.change_with(kind, id, (Change::Replace(data), secret), conditions, options).await?;
                Done { kind, id: Some(id), status: 200 }
            }
            BulkMethod::Patch => {
                let id = session.patch_with(kind, id, &data, conditions, options).await?;
                Done { kind, id: Some(id), status: if session.options().silent_patch { 204 } else { 200 } }
            }
            BulkMethod::Delete => {
                session.delete_with(kind, id, conditions, options).await?;
                Done { kind, id: None, status: 204 }
            }
        })
    }

    fn refuse(&mut self, index: usize, operation: &BulkOperation, error: ScimError) -> bool {
        let outcome = self.outcome(operation, Err(error));
        self.outcomes.insert(index, outcome);
        true
    }

    /// Notes what has become of an operation, and says whether it has failed.
    async fn note(&mut self, index: usize, operation: &BulkOperation, done: Result<Done, ScimError>) -> bool {
        let version = match &done {
            Ok(Done { kind, id: Some(id), .. }) => self.version(*kind, *id).await,
            _ => None,
        };
        let outcome = BulkOutcome { version, ..self.outcome(operation, done) };
        let failed = outcome.is_error();
        self.outcomes.insert(index, outcome);
        failed
    }

    fn outcome(&self, operation: &BulkOperation, done: Result<Done, ScimError>) -> BulkOutcome {
        let location = match &done {
            Ok(Done { id: Some(id), .. }) => Some(self.session.eye().location(*id)),
            _ if operation.method == BulkMethod::Post => None,
            _ => Some(format!("{}/{}", self.session.base(), operation.path.trim_start_matches('/'))),
        };
        BulkOutcome {
            method: operation.method,
            bulk_id: operation.bulk_id.clone(),
            version: None,
            location,
            result: done.map(|done| done.status),
        }
    }

    /// The entity tag of a resource that was made or changed just now.
    async fn version(&self, kind: Kind, id: NodeId) -> Option<String> {
        self.session.glimpse(kind, id).await.ok().map(|shown| weak(&shown.tag))
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
