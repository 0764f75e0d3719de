//! From an event to evidence.

use crate::baseline::value_of;
use crate::evidence::{EventId, Evidence, Feature, Novelty, Reason};
use crate::ledger::Entry;
use crate::model::Model;
use crate::number::{DAY, HOUR, Key, MINUTE, Millis, Strength};
use crate::observation::{AlertStatus, Context, Kind, Observation, Origin, Posture, Severity, SignIn};
use crate::signal::Signal;
use crate::signals::{self, activity, session, sign_in, travel};
use crate::state::{Fact, Revision, Session, State, Visit};

/// What became of an event.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Assessed {
    /// The event was assessed before; nothing changed.
    pub duplicate: bool,
    /// What it says. It is in the state already; the caller stores it with the event.
    pub evidence: Vec<Evidence>,
}

/// Assesses an event: finds what it says, adds that to the state, and teaches the baseline.
///
/// The cost does not depend on how many events came before. A state remembers its newest 128 events, and so sees a
/// duplicate among these. Beyond them the caller's unique index on event ids does.
///
/// Events are assessed in the order in which they arrive, and a replay in that order gives the same state, bit for bit.
/// Evidence, once found, is free of any order.
pub fn assess(model: &Model, state: &mut State, observation: &Observation, context: &Context) -> Assessed {
    if !state.seen.add((observation.at, observation.id.key())) {
        return Assessed { duplicate: true, evidence: Vec::new() };
    }
    let mut assessment = Assessment { model, state, event: observation.id, at: observation.at, evidence: Vec::new() };
    assessment.observe(&observation.kind, context);
    Assessed { duplicate: false, evidence: assessment.evidence }
}

/// Stands for all anonymisers among the networks of a user.
const HIDING: &str = "any anonymiser";

fn fact_of(parts: &[u64]) -> Key {
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_be_bytes()).collect();
    Key::of_bytes(&bytes)
}

/// How a session was used otherwise than before.
struct SessionChange {
    /// From a network that is new to the session.
    network: bool,
    /// By another client.
    user_agent: bool,
}

struct Assessment<'a> {
    model: &'a Model,
    state: &'a mut State,
    event: EventId,
    at: Millis,
    evidence: Vec<Evidence>,
}

impl Assessment<'_> {
    fn observe(&mut self, kind: &Kind, context: &Context) {
        match kind {
            Kind::SignIn(attempt) if attempt.success => self.signed_in(attempt, context),
            Kind::SignIn(_) => {
                self.state.failures.add((self.at, self.event.key()));
            }
            Kind::SessionUse { session, origin } => self.session_used(*session, origin, context),
            Kind::Access { resource } => self.accessed(*resource, context),
            Kind::MfaPromptDenied => self.prompt_denied(),
            Kind::ReportedByUser => self.give(Signal::Mfa, self.model.numbers().mfa.reported, Reason::ReportedByUser),
            Kind::Alert { alert, raised_at, severity, status, before } => {
                self.alerted((*alert, *raised_at), (*severity, *status), *before);
            }
            Kind::LeakReported { leak, since, status } => self.leak_reported(*leak, *since, *status),
            Kind::ThreatHit { confidence } => self.threat(None, *confidence),
            Kind::AddressAttacked { victims } => self.attacking(None, *victims),
            Kind::CredentialLeaked => {
                self.give(Signal::LeakedCredential, self.model.numbers().strengths.leak, Reason::LeakedCredential);
            }
            Kind::CredentialChanged => self.state.change_credential(self.at),
            Kind::PrivilegeGranted { holders, population } => {
                let strength = signals::rare_privilege(self.model, *holders, *population);
                let reason = Reason::RarePrivilege { holders: *holders, population: *population };
                self.give(Signal::RarePrivilege, strength, reason);
            }
            Kind::Posture(posture) => self.posture(*posture),
        }
    }

    /// Evidence, if it is strong enough to be any.
    fn give(&mut self, signal: Signal, strength: f64, reason: Reason) {
        if strength < self.model.numbers().least_strength {
            return;
        }
        self.put(signal, strength, reason);
    }

    fn put(&mut self, signal: Signal, strength: f64, reason: Reason) {
        let strength = Strength::new(strength);
        let evidence =
            Evidence { event: self.event, signal, at: self.at, strength, model: self.model.version(), reason };
        self.state.record(self.model, &evidence);
        self.evidence.push(evidence);
    }

    /// Evidence, unless the same fact counted a short time ago.
    fn give_once(&mut self, signal: Signal, key: Key, strength: f64, reason: Reason) {
        if strength < self.model.numbers().least_strength {
            return;
        }
        let quiet = (self.model.numbers().quiet_hours * HOUR as f64) as u64;
        let counted = |fact: &Fact| fact.signal == signal && fact.key == key && fact.at.abs_diff(self.at) < quiet;
        if self.state.counted.iter().any(counted) {
            return;
        }
        self.state.counted.add(Fact { at: self.at, signal, key });
        self.put(signal, strength, reason);
    }

    fn signed_in(&mut self, attempt: &SignIn, context: &Context) {
        let origin = &attempt.origin;
        self.woke_up();
        self.unfamiliar(origin, context);
        self.travelled(origin, self.hides(context));
        self.failed_before();
        self.network(origin, context);
        self.attacking(origin.address, context.victims);
        if let Some(key) = attempt.session {
            self.session_changed(key, origin, context);
        }
        let doubt = 1.0 - self.evidence.iter().map(|evidence| 1.0 - evidence.strength.value()).product::<f64>();
        if attempt.second_factor || doubt < self.model.numbers().learn_below {
            self.state.baseline.learn(origin, self.at);
            self.learn_hiding(context);
            if let Some(key) = attempt.session {
                self.state.session(key, self.at).0.trusted = true;
            }
        }
    }

    fn unfamiliar(&mut self, origin: &Origin, context: &Context) {
        let numbers = &self.model.numbers().sign_in;
        // Where someone seems to be says nothing of those who always hide it.
        let somewhere = Origin { address: None, network: None, country: None, ..*origin };
        let origin = if self.hides(context) { &somewhere } else { origin };
        let user = self.state.baseline.familiarity(origin, self.at);
        let (ratio, features) =
            sign_in::ratio(numbers, (origin, self.at), &user, &context.organization, &context.global);
        let sign_ins = self.state.baseline.sign_ins(self.at);
        let strength = sign_in::strength(numbers, ratio, sign_ins);
        // What is new is the fact. Another familiar client at the same new place is the same fact.
        let new = [Feature::Network, Feature::Country, Feature::Device, Feature::UserAgent].map(|feature| {
            let value = value_of(origin, self.at, feature);
            value.filter(|_| !user.share(feature).known()).map_or(0, |key| key.0)
        });
        let fact = fact_of(&new);
        let reason = Reason::UnfamiliarSignIn { ratio, features, sign_ins };
        self.give_once(Signal::UnfamiliarSignIn, fact, strength, reason);
    }

    fn known(&self, feature: Feature, key: Option<Key>) -> bool {
        key.is_some_and(|key| self.state.baseline.share(feature, key, self.at).known())
    }

    /// Whether someone hides who does so habitually: comes through an anonymiser or a data centre, and often came through
    /// an anonymiser before.
    fn hides(&self, context: &Context) -> bool {
        (context.anonymiser || context.hosting) && self.is_habit(Feature::Network, Some(Key::of(HIDING)))
    }

    fn learn_hiding(&mut self, context: &Context) {
        if context.anonymiser {
            self.state.baseline.learn_value(Feature::Network, Key::of(HIDING), self.at);
        }
    }

    fn is_habit(&self, feature: Feature, key: Option<Key>) -> bool {
        let habit = self.model.numbers().habit;
        key.is_some_and(|key| self.state.baseline.share(feature, key, self.at).count() >= habit)
    }

    fn travelled(&mut self, origin: &Origin, hides: bool) {
        let Some(to) = origin.location else { return };
        let numbers = &self.model.numbers().travel;
        let known = self.known(Feature::Address, origin.address) || self.known(Feature::Network, origin.network);
        let place = Novelty::of(known);
        let before = self.state.visits.iter().rev().find(|visit| visit.at <= self.at);
        let after = self.state.visits.iter().find(|visit| visit.at > self.at);
        let mut worst: Option<(f64, Reason)> = None;
        for visit in before.into_iter().chain(after) {
            let kilometres = travel::kilometres(visit.place(), to);
            let kilometres_per_hour = travel::speed(kilometres, visit.at, self.at);
            let strength = travel::strength(numbers, kilometres, kilometres_per_hour, place);
            if worst.as_ref().is_none_or(|(most, _)| strength > *most) {
                let reason = Reason::ImpossibleTravel { kilometres, kilometres_per_hour, other: visit.event, place };
                worst = Some((strength, reason));
            }
        }
        let location = (to.latitude, to.longitude, to.radius);
        self.state.visits.add(Visit { at: self.at, event: self.event, location });
        let silent = hides || self.is_habit(Feature::Network, origin.network);
        if let Some((strength, reason)) = worst.filter(|_| !silent) {
            self.give(Signal::ImpossibleTravel, strength, reason);
        }
    }

    fn failed_before(&mut self) {
        let window = (self.model.numbers().failure_minutes * MINUTE as f64) as Millis;
        let within = |at: Millis| (0..window).contains(&self.at.saturating_sub(at));
        let failures = self.state.failures.iter().filter(|(at, _)| within(*at)).count();
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        self.state.failures.retain(|(at, _)| *at > self.at);
        let strength = signals::saturating(self.model.numbers().failures, failures);
        self.give(Signal::FailuresThenSuccess, strength, Reason::FailuresThenSuccess { failures });
    }

    /// What the network says by itself, whoever comes from it.
    fn network(&mut self, origin: &Origin, context: &Context) {
        let address = origin.address.unwrap_or(Key(0));
        let hides = self.hides(context);
        if context.anonymiser && !hides && !self.is_habit(Feature::Network, origin.network) {
            let strength = self.model.numbers().strengths.anonymiser;
            self.give_once(Signal::Anonymiser, address, strength, Reason::Anonymiser);
        }
        if context.hosting && !hides && !self.known(Feature::Network, origin.network) {
            let strength = signals::hosting(self.model, context.organization_uses);
            let reason = Reason::HostingNetwork { organization_uses: context.organization_uses };
            self.give_once(Signal::HostingNetwork, origin.network.unwrap_or(Key(0)), strength, reason);
        }
        // Lists name the exits of anonymisers for what others do from there.
        if let Some(confidence) = context.threat_confidence.filter(|_| !hides) {
            self.threat(origin.address, confidence);
        }
    }

    fn threat(&mut self, address: Option<Key>, confidence: u8) {
        let strength = signals::threat(self.model, confidence);
        let reason = Reason::ThreatIntelligence { confidence };
        self.give_once(Signal::ThreatIntelligence, address.unwrap_or(self.event.key()), strength, reason);
    }

    fn attacking(&mut self, address: Option<Key>, victims: u32) {
        let strength = signals::saturating(self.model.numbers().attacking_address, victims);
        let reason = Reason::AttackingAddress { victims };
        self.give_once(Signal::AttackingAddress, address.unwrap_or(self.event.key()), strength, reason);
    }

    fn session_used(&mut self, key: Key, origin: &Origin, context: &Context) {
        self.woke_up();
        let change = self.session_changed(key, origin, context);
        if change.network {
            // A session that stays in its networks is not asked again: phones change addresses all the time.
            self.network(origin, context);
        }
        let elsewhere = change.network || !self.known(Feature::Address, origin.address);
        let another = origin.user_agent.is_some() && !self.known(Feature::UserAgent, origin.user_agent);
        if elsewhere && another {
            // Whoever has the token is signed in: from elsewhere and with another client, this is as much a sign-in as
            // one with a password.
            self.unfamiliar(origin, context);
        }
        let day = self.at.div_euclid(DAY);
        let (session, _) = self.state.session(key, self.at);
        if !change.user_agent && session.may_teach(origin.network, day) {
            // The client that signed in has moved on. What recurs on other days becomes a habit.
            self.state.baseline.learn_place(origin, self.at);
            self.learn_hiding(context);
            if let Some(key) = origin.user_agent.filter(|_| self.is_habit(Feature::Network, origin.network)) {
                // A client that was updated, where it always is.
                self.state.baseline.learn_value(Feature::UserAgent, key, self.at);
            }
        }
    }

    fn session_changed(&mut self, key: Key, origin: &Origin, context: &Context) -> SessionChange {
        let hides = self.hides(context);
        // Colleagues are known from there, and it is no data centre.
        let colleagues =
            |feature| !context.hosting && context.organization.share(feature).count() >= self.model.numbers().habit;
        let novelty = |feature, key| {
            let silent = hides || self.is_habit(feature, key);
            (!silent).then(|| Novelty::of(self.known(feature, key) || colleagues(feature)))
        };
        let network_novelty = novelty(Feature::Network, origin.network);
        let country_novelty = novelty(Feature::Country, origin.country);
        let (session, known) = self.state.session(key, self.at);
        let network_changed = Session::changes(&mut session.networks, origin.network);
        let user_agent = Session::changes(&mut session.families, origin.user_agent_family);
        let country_changed = Session::changes(&mut session.countries, origin.country);
        if known {
            let network = network_novelty.filter(|_| network_changed);
            let country = country_novelty.filter(|_| country_changed);
            let strength = session::strength(&self.model.numbers().session, network, user_agent, country);
            // The same new place, of several sessions of the same clients, is the same fact.
            let client = origin.user_agent_family.filter(|_| user_agent);
            let fact = fact_of(&[origin.network, origin.country, client].map(|key| key.map_or(0, |key| key.0)));
            let reason = Reason::SessionContext { network, user_agent, country };
            self.give_once(Signal::SessionContext, fact, strength, reason);
        }
        SessionChange { network: network_changed || !known, user_agent }
    }

    /// More of a day's accesses add only what they say beyond what was said of that day.
    fn accessed(&mut self, resource: Key, context: &Context) {
        self.woke_up();
        let numbers = &self.model.numbers().access;
        let few = context.peers_using.is_some_and(|percent| percent <= numbers.rare_percent);
        let rare = few && !self.known(Feature::Resource, Some(resource));
        self.state.baseline.learn_value(Feature::Resource, resource, self.at);
        let Some((before, day)) = self.state.day(self.at.div_euclid(DAY)) else { return };
        day.count = day.count.saturating_add(1);
        day.rare = day.rare.saturating_add(u32::from(rare));
        let counts: Vec<u32> = before.iter().map(|day| day.count).collect();
        let rares: Vec<u32> = before.iter().map(|day| day.rare).collect();
        let volume = activity::deviation(numbers, &counts, day.count, context.peers).map(|z| (z, false, day.count));
        let rarity = activity::deviation(numbers, &rares, day.rare, None).map(|z| (z, true, day.rare));
        let worst = match (volume, rarity) {
            (Some(volume), Some(rarity)) => Some(if rarity.0.z > volume.0.z { rarity } else { volume }),
            (volume, rarity) => volume.or(rarity),
        };
        let Some((deviation, rare, count)) = worst else { return };
        let strength = activity::strength(numbers, deviation.z);
        let said = Strength::from(day.said).value();
        if strength - said < numbers.least {
            return;
        }
        day.said = Strength::new(strength).millionths();
        let reason = Reason::AccessVolume { count, rare, z: deviation.z, usual: deviation.usual };
        self.give(Signal::AccessVolume, 1.0 - (1.0 - strength) / (1.0 - said), reason);
    }

    fn prompt_denied(&mut self) {
        let numbers = &self.model.numbers().mfa;
        self.state.prompts.add((self.at, self.event.key()));
        let window = (numbers.fatigue_minutes * MINUTE as f64) as u64;
        let prompts = self.state.prompts.iter().filter(|(at, _)| at.abs_diff(self.at) < window).count();
        let prompts = u32::try_from(prompts).unwrap_or(u32::MAX);
        if prompts >= numbers.fatigue_prompts {
            let (strength, hour) = (numbers.fatigue, self.at.div_euclid(HOUR).unsigned_abs());
            self.give_once(Signal::Mfa, Key(hour), strength, Reason::MfaFatigue { prompts });
        }
    }

    fn alerted(
        &mut self,
        (alert, raised_at): (EventId, Millis),
        (severity, status): (Severity, AlertStatus),
        before: Option<(Severity, AlertStatus)>,
    ) {
        let known = self.state.alerts.iter().find(|revision| revision.alert == alert).copied();
        // One that a state has forgotten is counted in it all the same.
        let forgotten = before.map(|(severity, status)| Revision {
            revised: Millis::MIN,
            by: EventId(0),
            alert,
            raised: raised_at,
            strength: Strength::new(signals::alert(self.model, severity)),
            dismissed: status == AlertStatus::Dismissed,
        });
        let known = known.or(forgotten);
        if known.is_some_and(|known| (known.revised, known.by) >= (self.at, self.event)) {
            return;
        }
        self.state.alerts.retain(|revision| revision.alert != alert);
        let evidence = Evidence {
            event: alert,
            signal: Signal::Alert,
            // When it was raised does not change.
            at: known.map_or(raised_at, |known| known.raised),
            strength: Strength::new(signals::alert(self.model, severity)),
            model: self.model.version(),
            reason: Reason::Alert { severity, status },
        };
        let dismissed = status == AlertStatus::Dismissed;
        let now = Entry::of(&evidence, dismissed);
        let before = known.map_or(now, |known| Entry { strength: known.strength, cancelled: known.dismissed, ..now });
        if known.is_some() {
            self.state.ledger.restate(self.model, before, now);
        } else {
            self.state.ledger.add(self.model, now);
        }
        self.state.alerts.add(Revision {
            revised: self.at,
            by: self.event,
            alert,
            raised: now.at,
            strength: now.strength,
            dismissed,
        });
        self.evidence.push(evidence);
    }

    fn leak_reported(&mut self, leak: EventId, since: Millis, status: AlertStatus) {
        let evidence = Evidence {
            event: leak,
            signal: Signal::LeakedCredential,
            at: since,
            strength: Strength::new(self.model.numbers().strengths.leak),
            model: self.model.version(),
            reason: Reason::LeakedCredential,
        };
        if status == AlertStatus::Dismissed {
            self.state.cancel(self.model, &evidence);
        } else {
            self.state.restore(self.model, &evidence);
        }
        self.evidence.push(evidence);
    }

    fn posture(&mut self, posture: Posture) {
        let Posture { administrator_without_mfa, ownerless, old_key } = posture;
        let reason = Reason::Posture { administrator_without_mfa, ownerless, old_key };
        // Also if all is well: what was wrong before is over.
        self.put(Signal::Posture, signals::posture(self.model, posture), reason);
    }

    /// Activity. After a long silence it says something.
    fn woke_up(&mut self) {
        let strengths = &self.model.numbers().strengths;
        let last = self.state.last_active;
        self.state.last_active = last.max(Some(self.at));
        let days = last.map_or(0, |last| self.at.saturating_sub(last).div_euclid(DAY));
        if days as f64 > strengths.dormant_days {
            let days = u32::try_from(days).unwrap_or(u32::MAX);
            self.give(Signal::Dormant, strengths.dormant, Reason::Dormant { days });
        }
    }
}
