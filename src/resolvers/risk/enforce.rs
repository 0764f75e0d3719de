//! The policies of an organization are asked about what has happened to the risk of its accounts.
//!
//! They are asked when everything that a command does is written, in the same transaction: once, whatever the number of accounts, and
//! only if something has happened. What they do is done by the server and not by whoever has reported something, who may do much less.
//! A replay or a simulation happens to nobody, so it asks nothing; nor does a level that drops.

use super::super::command::{Command, FirePolicy, Firing};
use super::super::networks::NetworkDatabase;
use super::super::viewer::Viewer;
use super::super::write::WriteContext;
use crate::domain::Result;
use crate::domain::risk_policy::{Happening, MAX_NAMED_EVIDENCE, PolicyTrigger, RiskOccurrence};
use crate::store::Unit;
use std::collections::HashMap;
use std::sync::Arc;

/// Has the policies fire that what has happened sets off.
pub(in super::super) async fn enforce(
    (viewer, networks): (&Viewer, Option<&dyn NetworkDatabase>),
    unit: &mut Unit,
    occurrences: &[RiskOccurrence],
) -> Result<()> {
    if occurrences.is_empty() {
        return Ok(());
    }
    for policy in unit.risk_policies_in_force().await? {
        let firings = firings(&policy.trigger, occurrences);
        if firings.is_empty() {
            continue;
        }
        let server = Viewer::policy(&policy.public_id(), Arc::clone(&viewer.origin.request_id));
        let command = FirePolicy { policy, firings };
        let mut context = WriteContext::new((&server, networks), &mut *unit, FirePolicy::ACTION, command.target());
        command.execute(&mut context).await?;
        context.seal().await?;
    }
    Ok(())
}

/// For which accounts a policy fires, and why: once for each, in the order in which it was set off.
fn firings(trigger: &PolicyTrigger, occurrences: &[RiskOccurrence]) -> Vec<Firing> {
    let (mut firings, mut places): (Vec<Firing>, _) = (Vec::new(), HashMap::new());
    for RiskOccurrence { identity, what } in occurrences {
        if !trigger.fires_on(what) {
            continue;
        }
        let place = *places.entry(*identity).or_insert_with(|| {
            firings.push(Firing { identity: *identity, levels: None, evidence: Vec::new() });
            firings.len() - 1
        });
        let firing = &mut firings[place];
        match what {
            Happening::Level { before, after } => {
                firing.levels = Some((firing.levels.map_or(*before, |(before, _)| before), *after));
            }
            Happening::Evidence { id, .. } if firing.evidence.len() < MAX_NAMED_EVIDENCE => {
                firing.evidence.push(id.clone());
            }
            Happening::Evidence { .. } => {}
        }
    }
    firings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::risk::{Level, Signal, Strength};
    use crate::domain::{NodeId, NodeKind};
    use uuid::Uuid;

    #[test]
    fn a_policy_fires_once_for_an_account_however_much_has_happened() {
        let account = |number| NodeId::new(NodeKind::LinkedIdentity, Uuid::from_u128(number));
        let evidence = |number: u128, id: usize| {
            let (signal, strength) = (Signal::Mfa, Strength::new(0.5));
            let what = Happening::Evidence { id: format!("evd_{id}"), signal, strength, before: None };
            RiskOccurrence { identity: account(number), what }
        };
        let rise = |number, before, after| RiskOccurrence {
            identity: account(number),
            what: Happening::Level { before, after },
        };
        let mut occurrences: Vec<RiskOccurrence> = (0..20).map(|id| evidence(2, id)).collect();
        occurrences.push(evidence(1, 20));
        occurrences.push(rise(1, Level::Low, Level::High));
        let of_signal = PolicyTrigger::Signal { signal: Signal::Mfa, minimum_strength: None };
        let fired = firings(&of_signal, &occurrences);
        let told: Vec<_> = fired.iter().map(|firing| (firing.identity, firing.evidence.len())).collect();
        assert_eq!(told, [(account(2), MAX_NAMED_EVIDENCE), (account(1), 1)]);
        let fired = firings(&PolicyTrigger::Level(Level::Medium), &occurrences);
        let levels = Some((Level::Low, Level::High));
        assert_eq!(fired, [Firing { identity: account(1), levels, evidence: Vec::new() }]);
        assert_eq!(firings(&PolicyTrigger::Level(Level::Critical), &occurrences), []);
    }
}
