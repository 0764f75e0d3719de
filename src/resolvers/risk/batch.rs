//! Many events at once: what is kept is read once, and written once.

use super::super::command::{NoteRiskLevels, RiskLevelChange};
use super::super::write::WriteContext;
use super::alerts::{around, day_of_millis, is_around, of_alert};
use super::observed::Fame;
use super::{Incoming, MODEL, settle};
use crate::domain::alert::{Alert, AlertState};
use crate::domain::risk::{
    AddressActivity, AlertStatus, Arrival, Baseline, Context, Entry, Evidence, Feature, Finding, Key, Kind, Level,
    Levels, Observation, Origin, Risk, ScorePoint, SignIn, Strength, evidence_id, moment,
};
use crate::domain::risk_policy::{Happening, RiskOccurrence};
use crate::domain::{NodeId, Result};
use crate::store::Unit;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Assesses events in the order in which they have arrived, and writes down what follows. The records themselves are written
/// by the caller.
pub(in super::super) async fn assess(context: &mut WriteContext<'_>, events: &[Incoming]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::load(context.unit(), events).await?;
    for event in events {
        batch.take_in(event);
    }
    batch.keep(context).await
}

/// What is known, and what comes of the events.
struct Batch {
    risks: BTreeMap<Uuid, Risk>,
    own: Baseline,
    everyone: Baseline,
    lessons: Baseline,
    addresses: HashMap<Key, AddressActivity>,
    /// The addresses that have failed, and when last.
    failed: BTreeMap<Key, i64>,
    arrivals: Vec<Arrival>,
    findings: Vec<Finding>,
    /// Which account came from which address on which day.
    uses: BTreeSet<(Key, i64, Uuid)>,
    /// The alerts about the addresses.
    suspicions: HashMap<Key, Vec<Alert>>,
    /// Which alert counts against which account.
    linked: HashSet<(Uuid, Uuid)>,
    /// The same, as far as it is new: by place in the suspicions of the address.
    new_links: Vec<(Key, usize, Uuid)>,
    /// When the credentials of accounts were changed.
    changed_credentials: BTreeMap<Uuid, i64>,
    /// What policies are asked about.
    occurrences: Vec<RiskOccurrence>,
}

impl Batch {
    async fn load(unit: &Unit, events: &[Incoming]) -> Result<Self> {
        let mut identities: BTreeMap<Uuid, NodeId> = BTreeMap::new();
        let (mut values, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for event in events {
            identities.insert(event.identity.uuid, event.identity);
            let Some(origin) = origin_of(&event.observation.kind) else { continue };
            values.extend(values_of(origin, event.observation.at));
            addresses.extend(origin.address);
        }
        let ids: Vec<Uuid> = identities.keys().copied().collect();
        let mut known = unit.risks(&ids).await?;
        let risks = identities
            .into_iter()
            .map(|(uuid, id)| (uuid, known.remove(&uuid).unwrap_or_else(|| Risk::unknown(id))))
            .collect();
        let (own, everyone) = unit.usual(&values, Baseline::epochs(crate::domain::risk::millis(unit.now()))).await?;
        let days = events.iter().map(|event| day_of_millis(event.observation.at));
        let days = days.fold((i64::MAX, i64::MIN), |(first, last), day| (day.min(first), day.max(last)));
        let mut suspicions: HashMap<Key, Vec<Alert>> = HashMap::new();
        for (address, alert) in unit.alerts_about(&addresses, around(days)).await? {
            suspicions.entry(address).or_default().push(alert);
        }
        let alerts: Vec<Uuid> = suspicions.values().flatten().map(|alert| alert.id).collect();
        let linked = unit.accounts_of_alerts(&alerts).await?.into_iter().collect();
        let addresses = unit.address_activity(&addresses).await?;
        Ok(Self {
            risks,
            own,
            everyone,
            lessons: Baseline::part(),
            addresses,
            failed: BTreeMap::new(),
            arrivals: Vec::new(),
            findings: Vec::new(),
            uses: BTreeSet::new(),
            suspicions,
            linked,
            new_links: Vec::new(),
            changed_credentials: BTreeMap::new(),
            occurrences: Vec::new(),
        })
    }

    fn take_in(&mut self, event: &Incoming) {
        let Incoming { identity, source, observation, fame, is_heard, counted } = event;
        let Some(mut risk) = self.risks.remove(&identity.uuid) else { return };
        if let Kind::SignIn(SignIn { success: false, origin, .. }) = &observation.kind {
            self.note_failure(&risk, origin, observation.at);
        }
        let context = self.looked_up(observation, *fame);
        let assessed = risk_model::assess(&MODEL, &mut risk.state, observation, &context);
        if !assessed.duplicate {
            risk.arrivals += 1;
            if let Kind::SignIn(SignIn { success: true, origin, .. }) = &observation.kind {
                self.own.learn(origin, observation.at);
                self.lessons.learn(origin, observation.at);
            }
            let (id, identity, place) = (*identity, identity.uuid, risk.arrivals);
            for evidence in assessed.evidence {
                // What is reported late may be of before somebody confirmed that the account is safe.
                let counts = !risk.state.is_over(&evidence) && !is_dismissed(&observation.kind);
                self.occurrences.extend(counts.then(|| found(id, &evidence, *counted)));
                if *is_heard && is_dismissed(&observation.kind) {
                    risk.unhear(&evidence);
                } else if *is_heard {
                    risk.hear(&evidence);
                }
                self.findings.push(Finding { identity, evidence, source: source.clone(), arrival: place, counts });
            }
            let entry = Entry::Event { observation: observation.clone(), context: Box::new(context) };
            self.arrivals.push(Arrival { identity, place, entry });
        }
        self.risks.insert(identity.uuid, risk);
        if let Kind::CredentialChanged = observation.kind {
            let changed = self.changed_credentials.entry(identity.uuid).or_insert(observation.at);
            *changed = observation.at.max(*changed);
        }
        self.note_use(identity.uuid, observation);
    }

    /// Who comes from an address is whom the alerts about it are about.
    fn note_use(&mut self, identity: Uuid, observation: &Observation) {
        if let Kind::SignIn(SignIn { success: false, .. }) = &observation.kind {
            return;
        }
        let Some(address) = origin_of(&observation.kind).and_then(|origin| origin.address) else { return };
        let day = day_of_millis(observation.at);
        if !self.uses.insert((address, day, identity)) {
            return;
        }
        let mut told = Vec::new();
        for (place, alert) in self.suspicions.get(&address).into_iter().flatten().enumerate() {
            let counts = is_around(alert, day) && alert.state != AlertState::Dismissed;
            if counts && self.linked.insert((alert.id, identity)) {
                self.new_links.push((address, place, identity));
                told.push(of_alert(alert, None, identity));
            }
        }
        for event in &told {
            self.take_in(event);
        }
    }

    /// An address that fails at accounts that do not know it may be trying many.
    fn note_failure(&mut self, risk: &Risk, origin: &Origin, at: i64) {
        let Some(address) = origin.address else { return };
        if risk.state.baseline().share(Feature::Address, address, at).known() {
            return;
        }
        self.addresses.entry(address).or_default().failed(Key::of_bytes(risk.identity.uuid.as_bytes()), at);
        let last = self.failed.entry(address).or_insert(at);
        *last = at.max(*last);
    }

    fn looked_up(&self, observation: &Observation, fame: Fame) -> Context {
        let Some(origin) = origin_of(&observation.kind) else { return Context::default() };
        let at = observation.at;
        let activity = origin.address.and_then(|address| self.addresses.get(&address));
        Context {
            organization: self.own.familiarity(origin, at),
            global: self.everyone.familiarity(origin, at),
            anonymiser: fame.anonymiser,
            hosting: fame.hosting,
            threat_confidence: fame.threat_confidence,
            organization_uses: origin.network.filter(|_| fame.hosting).map_or(0, |network| self.uses_of(network, at)),
            victims: activity.map_or(0, |activity| activity.victims(at)),
            ..Context::default()
        }
    }

    /// How often sign-ins of the organization came from a network.
    fn uses_of(&self, network: Key, at: i64) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let whole = |count: f64| count as u32;
        whole(self.own.share(Feature::Network, network, at).count())
    }

    async fn keep(mut self, context: &mut WriteContext<'_>) -> Result<()> {
        let now = context.now();
        let (mut scores, mut changes) = (Vec::new(), Vec::new());
        for (uuid, risk) in &mut self.risks {
            let (score, before, was) = (risk.score, risk.levels(), risk.schedule.level_at(now));
            settle(risk, now);
            self.occurrences.extend(risen(risk, was));
            if risk.score != score {
                scores.push((*uuid, ScorePoint { at: now, score: risk.score, level: risk.level }));
            }
            changes.extend(changed(risk, before));
        }
        let facts = context.facts()?;
        facts.write_risks(&self.risks.values().collect::<Vec<_>>(), MODEL.version()).await?;
        facts.write_arrivals(&self.arrivals).await?;
        facts.write_findings(&self.findings).await?;
        facts.write_address_uses(&self.uses).await?;
        let link = |(address, place, identity): &(Key, usize, Uuid)| {
            Some((self.suspicions.get(address)?.get(*place)?, *identity))
        };
        facts.write_accounts_of_alerts(&self.new_links.iter().filter_map(link).collect::<Vec<_>>()).await?;
        let changed: Vec<_> = self.changed_credentials.iter().map(|(identity, at)| (*identity, moment(*at))).collect();
        facts.cancel_leaks(&changed).await?;
        facts.write_scores(&scores).await?;
        facts.learn(&self.lessons).await?;
        let failed = self.failed.iter().filter_map(|(address, at)| {
            let activity = self.addresses.get(address)?;
            Some((*address, moment(*at), activity))
        });
        facts.write_address_activity(&failed.collect::<Vec<_>>()).await?;
        context.occur(self.occurrences);
        tell(context, changes).await
    }
}

/// That the level has risen from what it was at the time, whether or not it was told by then that it had dropped.
pub(in super::super) fn risen(risk: &Risk, was: Level) -> Option<RiskOccurrence> {
    let what = Happening::Level { before: was, after: risk.level };
    (was < risk.level).then_some(RiskOccurrence { identity: risk.identity, what })
}

/// That something was found.
fn found(identity: NodeId, evidence: &Evidence, before: Option<Strength>) -> RiskOccurrence {
    let Evidence { event, signal, strength, .. } = *evidence;
    RiskOccurrence { identity, what: Happening::Evidence { id: evidence_id(event, signal), signal, strength, before } }
}

/// What has become of the levels.
pub(in super::super) fn changed(risk: &Risk, before: Levels) -> Option<RiskLevelChange> {
    let after = risk.levels();
    (after != before).then_some(RiskLevelChange { identity: risk.identity, before, after })
}

/// Tells of changed levels in the histories of the accounts.
pub(in super::super) async fn tell(context: &mut WriteContext<'_>, changes: Vec<RiskLevelChange>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let organization = context.tenant();
    context.perform(&NoteRiskLevels { organization, changes }).await
}

/// Whether an event says that something was nothing.
const fn is_dismissed(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Alert { status: AlertStatus::Dismissed, .. } | Kind::LeakReported { status: AlertStatus::Dismissed, .. }
    )
}

fn origin_of(kind: &Kind) -> Option<&Origin> {
    match kind {
        Kind::SignIn(SignIn { origin, .. }) | Kind::SessionUse { origin, .. } => Some(origin),
        _ => None,
    }
}

/// What of an origin may be usual.
fn values_of(origin: &Origin, at: i64) -> impl Iterator<Item = (Feature, Key)> {
    let value = move |feature| risk_model::value_of(origin, at, feature).map(|key| (feature, key));
    Feature::OF_SIGN_IN.into_iter().filter_map(value)
}
