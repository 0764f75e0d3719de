//! Requests that are done later (RFC 9967 §2.5.1): how they are written down, done, and told.
//!
//! Every request is written down as a bulk request, so there is one way to do it, and what is told of it has the form of
//! one operation of a bulk response, as the standard wants. A request that says a password is not written down: it is done
//! at once, which the standard allows for any.

use super::events::{MISC_ASYNC_RESPONSE, claims};
use super::session::Session;
use crate::domain::deferred::DeferredRequest;
use crate::domain::{Error, NodeKind, Organization, Origin, Result};
use crate::resolvers::command::DeferRequest;
use crate::resolvers::query::questions::Named;
use crate::resolvers::{App, RunOptions};
use crate::scim::error::of_domain;
use scim_protocol::ScimError;
use scim_protocol::bulk::{BulkMethod, BulkOperation, BulkOutcome, BulkRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, interval};
use uuid::Uuid;

/// What this face is called in events.
const FACE: &str = "scim";
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How often it is said that a request is still being done.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// A request as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    /// Whether it was a bulk request.
    bulk: bool,
    fail_on_errors: Option<u64>,
    operations: Vec<WrittenOperation>,
}

/// An operation as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct WrittenOperation {
    method: String,
    path: String,
    bulk_id: Option<String>,
    version: Option<String>,
    data: Value,
}

/// What has become of a request, as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    /// Whether it was a bulk request.
    bulk: bool,
    /// The claims of each operation.
    events: Vec<Value>,
}

/// What a client is told of a request that it has asked for.
#[derive(Debug)]
pub enum Progress {
    /// It is not done yet.
    Waiting,
    /// The claims of the event that says what has become of it.
    Done(Value),
    /// The same of each operation of a bulk request.
    AllDone(Vec<Value>),
}

/// The request as it is to be written down; none, if it must not be.
#[must_use]
pub fn written(request: &BulkRequest, bulk: bool) -> Option<Value> {
    if request.operations.iter().any(|operation| speaks_of_passwords(&operation.data)) {
        return None;
    }
    let operations = request.operations.iter().map(|operation| WrittenOperation {
        method: operation.method.as_str().to_owned(),
        path: operation.path.clone(),
        bulk_id: operation.bulk_id.clone(),
        version: operation.version.clone(),
        data: operation.data.clone(),
    });
    let written = Written { bulk, fail_on_errors: request.fail_on_errors, operations: operations.collect() };
    serde_json::to_value(written).ok()
}

/// A request that was written down, and whether it was a bulk request.
fn read(request: &Value) -> Option<(BulkRequest, bool)> {
    let written: Written = serde_json::from_value(request.clone()).ok()?;
    let operations = written.operations.into_iter().map(|operation| {
        let WrittenOperation { method, path, bulk_id, version, data } = operation;
        BulkMethod::named(&method).map(|method| BulkOperation { method, path, bulk_id, version, data })
    });
    let (fail_on_errors, operations) = (written.fail_on_errors, operations.collect::<Option<_>>()?);
    Some((BulkRequest { fail_on_errors, operations }, written.bulk))
}

/// Whether a body may say a password: it is enough that a name of something in it, or a path, has the word.
fn speaks_of_passwords(body: &Value) -> bool {
    let has_word = |text: &str| text.to_ascii_lowercase().contains("password");
    match body {
        Value::Object(parts) => parts.iter().any(|(name, part)| {
            let is_path = name.eq_ignore_ascii_case("path") && part.as_str().is_some_and(has_word);
            has_word(name) || is_path || speaks_of_passwords(part)
        }),
        Value::Array(parts) => parts.iter().any(speaks_of_passwords),
        _ => false,
    }
}

/// The name by which a client knows a request: the `txn` of the events that it leads to.
#[must_use]
pub fn txn(id: Uuid) -> String {
    id.simple().to_string()
}

/// Takes up a request that is to be done, if there is one, and does it. Says whether there was one.
///
/// # Errors
/// When the database cannot be reached. The request is done later then.
pub async fn work(app: &App, claim: Uuid) -> Result<bool> {
    let Some(request) = app.claim_request(claim).await? else { return Ok(false) };
    // There may be more than one.
    app.announce_request();
    let outcome = {
        let done = outcome(app, &request);
        tokio::pin!(done);
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.tick().await;
        loop {
            tokio::select! {
                outcome = &mut done => break outcome?,
                _ = heartbeat.tick() => {
                    // Whoever has it now finds what was done here.
                    if !app.keep_request(request.id, claim).await? {
                        return Ok(true);
                    }
                }
            }
        }
    };
    app.finish_request(request.id, claim, &outcome).await?;
    Ok(true)
}

/// Does a request, and says what has become of it, as it is written down.
///
/// # Errors
/// When the database cannot be reached, or the server has failed.
pub async fn outcome(app: &App, request: &DeferredRequest) -> Result<Value> {
    let Some((bulk, is_bulk)) = read(&request.request) else {
        // Nobody will ever understand it, and others wait behind it.
        tracing::error!(txn = txn(request.id), "a request that was to be done later cannot be read");
        return serde_json::to_value(Told { bulk: true, events: Vec::new() }).map_err(|_| Error::internal());
    };
    let done = match outcomes(app, request, &bulk).await {
        Ok(done) => done,
        // What is away comes back.
        Err(error) if error.status == 503 => return Err(Error::unavailable()),
        Err(error) => {
            (0..bulk.operations.len()).map(|index| (index, refused(&bulk.operations[index], &error))).collect()
        }
    };
    let mut by_index: Vec<Option<BulkOutcome>> = bulk.operations.iter().map(|_| None).collect();
    for (index, outcome) in done {
        by_index[index] = Some(outcome);
    }
    let txn = txn(request.id);
    let events = bulk.operations.iter().zip(by_index).enumerate().map(|(index, (operation, outcome))| {
        // Each operation has its event, also those that were not begun.
        let outcome = outcome.unwrap_or_else(|| refused(operation, &passed_over()));
        let place = outcome.location.as_deref().and_then(|location| location.strip_prefix(&request.base));
        let uri = place.map_or_else(|| format!("/{}", operation.path.trim_start_matches('/')), str::to_owned);
        let txn = if is_bulk { format!("{txn}:{index}") } else { txn.clone() };
        let id = (app.clock().new_id(), app.clock().now());
        claims(&request.base, id, (&uri, &txn), &[(MISC_ASYNC_RESPONSE, outcome.to_json())])
    });
    let told = Told { bulk: is_bulk, events: events.collect() };
    serde_json::to_value(told).map_err(|_| Error::internal())
}

/// Does the operations of a request, as whoever asked for it is allowed to now.
async fn outcomes(
    app: &App,
    request: &DeferredRequest,
    bulk: &BulkRequest,
) -> Result<Vec<(usize, BulkOutcome)>, ScimError> {
    let name = txn(request.id);
    let origin = Origin { face: FACE, request_id: Arc::from(name.as_str()) };
    let viewer = app.viewer_of(request.token, origin).await.map_err(of_domain)?;
    let named = Named::<Organization> { of: PhantomData };
    let found = app.read(&viewer).ask(&named, &[request.organization.0]).await.map_err(of_domain)?;
    let organization = found.get(&request.organization.0).cloned();
    let organization = organization.ok_or_else(|| of_domain(Error::not_found("organization", "organization")))?;
    let session = Session::open(app, &viewer, organization, request.base.clone()).await.map_err(of_domain)?;
    Ok(session.work_through(bulk, Instant::now() + PATIENCE, Some(&name)).await)
}

fn refused(operation: &BulkOperation, error: &ScimError) -> BulkOutcome {
    BulkOutcome {
        method: operation.method,
        bulk_id: operation.bulk_id.clone(),
        version: None,
        location: None,
        result: Err(error.clone()),
    }
}

fn passed_over() -> ScimError {
    ScimError::with_status(
        424,
        "So many operations had failed (failOnErrors) that this one was not begun; send it again.",
    )
}

impl Session<'_> {
    /// What has become of a request of that name; none, if there is none for this credential.
    pub async fn progress(&self, txn: &str) -> Result<Option<Progress>> {
        let Ok(id) = Uuid::try_parse(txn) else { return Ok(None) };
        let Some(request) = self.reader().deferred_request(self.tenant(), id).await? else { return Ok(None) };
        let Some(outcome) = request.outcome else { return Ok(Some(Progress::Waiting)) };
        let mut told: Told = serde_json::from_value(outcome).map_err(|_| Error::internal())?;
        Ok(Some(match told.events.pop() {
            Some(event) if !told.bulk => Progress::Done(event),
            last => {
                told.events.extend(last);
                Progress::AllDone(told.events)
            }
        }))
    }

    /// Accepts a request that is done later, under a new name; none, if it has to be done at once.
    pub async fn defer(&self, request: &BulkRequest, bulk: bool) -> Result<Option<String>> {
        let token = self.viewer.actor.id.filter(|id| id.kind == NodeKind::Token);
        let (Some(token), Some(written)) = (token, written(request, bulk)) else { return Ok(None) };
        let id = self.app.clock().new_id();
        let (organization, base) = (self.tenant(), self.base().to_owned());
        let command = DeferRequest { id, organization, token, base, request: written };
        self.app.run(self.viewer, command, RunOptions::default()).await?;
        self.app.announce_request();
        Ok(Some(txn(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_request_that_may_say_a_password_is_written_down() {
        let operation = |data: Value| BulkRequest {
            fail_on_errors: None,
            operations: vec![BulkOperation {
                method: BulkMethod::Patch,
                path: "/Users/usr_1".to_owned(),
                bulk_id: None,
                version: None,
                data,
            }],
        };
        for data in [
            json!({"passWord": "hidden horse"}),
            json!({"Operations": [{"op": "add", "path": "PASSWORD", "value": "hidden horse"}]}),
            json!({"Operations": [{"op": "add", "Path": "urn:ietf:params:scim:schemas:core:2.0:User:password", "value": "x"}]}),
            json!({"Operations": [{"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:password": "x"}}]}),
        ] {
            assert!(written(&operation(data.clone()), false).is_none(), "{data}");
        }
        assert!(written(&operation(json!({"title": "Keeper of passwords"})), false).is_some());
    }
}
