//! A policy fires: it does what it is for, and tells so in the histories of the accounts.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, DisableIdentity, ForcePasswordReset, RevokeSessions, Target};
use super::situation::Situation;
use crate::domain::diff::Difference;
use crate::domain::risk::Level;
use crate::domain::risk_policy::{PolicyAction, PolicyMode, RiskPolicy, firing_id};
use crate::domain::{NodeId, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An account for which a policy fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Firing {
    /// The account.
    pub identity: NodeId,
    /// From which level to which it has risen, if that is why.
    pub levels: Option<(Level, Level)>,
    /// The evidence that is new, if that is why, or some of it.
    pub evidence: Vec<String>,
}

/// Has a policy fire for some accounts. It is a part of whatever has set it off, and done by the server.
#[derive(Debug, Clone, Serialize)]
pub struct FirePolicy {
    /// The policy.
    #[serde(skip)]
    pub policy: RiskPolicy,
    /// The accounts, and why.
    pub firings: Vec<Firing>,
}

/// What has become of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It was done.
    Done,
    /// It would have been done, if the policy were in force.
    WouldBeDone,
    /// There was nothing to do.
    AlreadyDone,
}

impl Command for FirePolicy {
    type Output = ();
    const ACTION: &'static str = "identity.risk_policy";

    fn target(&self) -> Target {
        Target::Organization(self.policy.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        context.authorize_tenant(Action::Administer)?;
        let identities: Vec<NodeId> = self.firings.iter().map(|firing| firing.identity).collect();
        let outcomes = if self.policy.mode == PolicyMode::Enforce {
            let mut outcomes = Vec::with_capacity(identities.len());
            for identity in &identities {
                outcomes.push(self.enforce(context, *identity).await?);
            }
            outcomes
        } else {
            self.rehearse(context, &identities).await?
        };
        context.because(Some(&self.reason()))?;
        context.load_all(&identities).await?;
        for (firing, outcomes) in self.firings.iter().zip(outcomes) {
            // An account that is gone has no history to tell it in.
            if context.has(firing.identity) {
                let path = format!("risk_policies.{}.{}", self.policy.public_id(), firing_id(context.unit().new_id()));
                let after = self.view(firing, &outcomes);
                context.tell(firing.identity, Difference { path, before: Value::Null, after })?;
            }
        }
        Ok(())
    }
}

impl FirePolicy {
    /// Does what is not done yet. Each account is looked at by itself: what was done about one may have settled another of the same
    /// profile.
    async fn enforce(&self, context: &mut WriteContext<'_>, identity: NodeId) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(self.policy.actions.len());
        let situation = self.situation(context, &[identity]).await?;
        for action in &self.policy.actions {
            if situation.as_ref().is_some_and(|situation| situation.is_done(*action, identity)) {
                outcomes.push(Outcome::AlreadyDone);
                continue;
            }
            let (id, reason) = (identity, self.reason());
            match action {
                PolicyAction::Notify => {}
                PolicyAction::RevokeSessions => {
                    context.perform(&RevokeSessions { id, reason: Some(reason) }).await?;
                }
                PolicyAction::ForcePasswordReset => {
                    context.perform(&ForcePasswordReset { id, reason: Some(reason) }).await?;
                }
                PolicyAction::Disable => {
                    context.perform(&DisableIdentity { id, reason }).await?;
                }
            }
            outcomes.push(Outcome::Done);
        }
        Ok(outcomes)
    }

    /// Looks at what would be done.
    async fn rehearse(&self, context: &mut WriteContext<'_>, identities: &[NodeId]) -> Result<Vec<Vec<Outcome>>> {
        let situation = self.situation(context, identities).await?;
        let outcome = |action: PolicyAction, identity: NodeId| {
            let is_done = situation.as_ref().is_some_and(|situation| situation.is_done(action, identity));
            if is_done { Outcome::AlreadyDone } else { Outcome::WouldBeDone }
        };
        let of = |identity: &NodeId| self.policy.actions.iter().map(|action| outcome(*action, *identity)).collect();
        Ok(identities.iter().map(of).collect())
    }

    /// Where the accounts stand; none for a policy that only tells, to which it is all the same.
    async fn situation(&self, context: &mut WriteContext<'_>, identities: &[NodeId]) -> Result<Option<Situation>> {
        if self.policy.actions == [PolicyAction::Notify] {
            return Ok(None);
        }
        Situation::of(context, identities).await.map(Some)
    }

    /// Why something is done, for the events.
    fn reason(&self) -> String {
        let RiskPolicy { name, trigger, .. } = &self.policy;
        format!("Policy {name} ({}): {}.", self.policy.public_id(), trigger.cause())
    }

    /// How the history tells it.
    fn view(&self, firing: &Firing, outcomes: &[Outcome]) -> Value {
        let mut view = self.policy.view();
        let actions: Map<String, Value> = self
            .policy
            .actions
            .iter()
            .zip(outcomes)
            .map(|(action, done)| (action.name().to_owned(), json!(done)))
            .collect();
        view["actions"] = Value::Object(actions);
        if let Some((before, after)) = firing.levels {
            view["level"] = json!({"before": before.name(), "after": after.name()});
        }
        if !firing.evidence.is_empty() {
            view["evidence"] = json!(firing.evidence);
        }
        view
    }
}
