//! Write down what is to be sent of what has happened.

use super::super::super::outlets::{Facts, Signal, cloud_event, initiating_entity, of_event, signal_delivery, sub_id};
use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::outlet::{Exclusion, OutletStatus};
use crate::domain::{Delivery, Event, OrganizationId, Outlet, Result};
use serde::Serialize;
use std::collections::HashSet;
use uuid::Uuid;

/// How many events are looked at in one transaction.
const AT_ONCE: u64 = 200;

/// Turns events of an organization into deliveries of its outlets, and moves the outlets on to the last of them. Both are done, or
/// neither is: no event is left out, and none is told twice under two names.
#[derive(Debug, Clone, Serialize)]
pub struct CollectDeliveries {
    /// The organization.
    pub organization: OrganizationId,
    /// What the signals say that they are from.
    pub issuer: String,
}

impl Command for CollectDeliveries {
    /// Whether there may be more.
    type Output = bool;
    const ACTION: &'static str = "deliveries.collect";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<bool> {
        context.authorize_tenant(Action::Administer)?;
        let outlets = context.unit().outlets_to_collect().await?;
        let Some(from) = outlets.iter().map(|outlet| outlet.collected_seq).min() else { return Ok(false) };
        let events = context.unit().events_to_collect(from, AT_ONCE).await?;
        let Some(last) = events.last().map(|event| event.seq) else { return Ok(false) };
        let listening: Vec<&Outlet> = outlets.iter().filter(|outlet| outlet.status != OutletStatus::Disabled).collect();
        let mut deliveries = Vec::new();
        if listening.iter().any(|outlet| outlet.kind.is_stream()) {
            deliveries.extend(self.signals(context, &listening, &events).await?);
        }
        for outlet in listening.into_iter().filter(|outlet| !outlet.kind.is_stream()) {
            let wanted = |event: &&Event| event.seq > outlet.collected_seq && outlet.wants(&event.action);
            let now = context.now();
            deliveries.extend(events.iter().filter(wanted).map(|event| cloud_event(outlet, event, &self.issuer, now)));
        }
        let facts = context.facts()?;
        facts.write_deliveries(&deliveries).await?;
        facts.move_outlets_on(last).await?;
        Ok(last < context.unit().last_event())
    }
}

impl CollectDeliveries {
    async fn signals(
        &self,
        context: &WriteContext<'_>,
        outlets: &[&Outlet],
        events: &[Event],
    ) -> Result<Vec<Delivery>> {
        let said: Vec<(&Event, Vec<Signal>)> = events.iter().map(|event| (event, of_event(event))).collect();
        let all: Vec<Signal> = said.iter().flat_map(|(_, signals)| signals.iter().cloned()).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let facts = Facts::load(context.unit(), &all).await?;
        let nodes: HashSet<Uuid> = all
            .iter()
            .flat_map(|signal| [Some(signal.subject), facts.profile(signal.subject)])
            .flatten()
            .map(|id| id.uuid)
            .collect();
        let nodes: Vec<Uuid> = nodes.into_iter().collect();
        let excluded: HashSet<Exclusion> = context.unit().exclusions(&nodes).await?.into_iter().collect();
        let mut deliveries = Vec::new();
        for outlet in outlets.iter().filter(|outlet| outlet.kind.is_stream()) {
            let is_wanted = |signal: &Signal| {
                let about = [Some(signal.subject), facts.profile(signal.subject)];
                let is_excluded = |node: Uuid| excluded.contains(&Exclusion { outlet: outlet.id, node });
                outlet.wants(&signal.kind.uri()) && !about.into_iter().flatten().any(|id| is_excluded(id.uuid))
            };
            for (event, signals) in said.iter().filter(|(event, _)| event.seq > outlet.collected_seq) {
                for signal in signals.iter().filter(|signal| is_wanted(signal)) {
                    let whom =
                        sub_id(signal, &facts, outlet.format.unwrap_or_default(), (&self.issuer, self.organization));
                    let who = initiating_entity(signal, &facts, (&event.actor, &event.face));
                    let (id, now) = (context.unit().new_id(), context.now());
                    deliveries.push(signal_delivery((outlet, &self.issuer), (signal, event), (whom, who), (id, now)));
                }
            }
        }
        // In the order of what has happened, whatever the order of the outlets.
        deliveries.sort_by_key(|delivery| delivery.seq);
        Ok(deliveries)
    }
}
