//! Rehearsals that span organizations: an import may create several, and everything it would do is tried in one
//! transaction.

use crate::domain::{Error, OrganizationId, Result};
use crate::resolvers::policy;
use crate::resolvers::{Rehearsal, Viewer};
use crate::store::{Job, Unit, Verdict};
use futures::future::BoxFuture;
use tokio::sync::oneshot;

impl Rehearsal {
    /// Turns to another organization, or to one that does not exist yet. What was done in others stays to be seen.
    pub async fn turn_to(&mut self, viewer: &Viewer, tenant: OrganizationId) -> Result<()> {
        policy::allow_tenant(viewer, tenant, "organization")?;
        let (sender, receiver) = oneshot::channel();
        self.rehearsal.run(Box::new(Turn { tenant, answer: None, sender })).await?;
        receiver.await.map_err(|_| Error::unavailable())?
    }
}

/// The turn, as something that is done in the transaction.
struct Turn {
    tenant: OrganizationId,
    answer: Option<Result<()>>,
    sender: oneshot::Sender<Result<()>>,
}

impl Job for Turn {
    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let answer = unit.turn_to(self.tenant).await;
            let verdict = if answer.is_ok() { Verdict::Keep } else { Verdict::Undo };
            self.answer = Some(answer);
            verdict
        })
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        // Whoever asked may have gone.
        let _ = self.sender.send(committed.and(self.answer.unwrap_or_else(|| Err(Error::internal()))));
    }
}
