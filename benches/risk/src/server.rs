//! What a server does around the model: it looks up, assesses, and keeps what is usual.

use std::collections::{HashMap, HashSet};

use risk_model::{
    AddressActivity, AlertStatus, Baseline, Context, EventId, Key, Level, Location, Model, Observation, Origin, Peers,
    Severity, SignIn, Signal, State, assess, score_at,
};

use crate::events::{Event, What};
use crate::people::Person;
use crate::world::{Address, Client, DAY, Kind, START};

/// The model at work.
pub struct Server {
    model: Model,
    states: Vec<State>,
    organization_of: Vec<usize>,
    organizations: Vec<Organization>,
    everyone: Baseline,
    activity: HashMap<u64, AddressActivity>,
    events: u128,
}

struct Organization {
    members: f64,
    baseline: Baseline,
    users_of: HashMap<u64, HashSet<usize>>,
    /// Accesses of each member today, and the mean and deviation of the last day that is over.
    today: HashMap<usize, u32>,
    day: i64,
    peers: Option<Peers>,
}

/// A score, and which signals made it.
pub struct Scored {
    /// From 0 to 100.
    pub score: u8,
    /// In one word.
    pub level: Level,
    /// What adds at least a tenth to it.
    pub signals: Vec<Signal>,
}

fn origin(address: &Address, client: &Client, at: i64) -> Origin {
    let day = (at - START).div_euclid(DAY);
    let (north, east, radius) = address.place;
    Origin {
        address: Some(Key::of_bytes(&address.number.to_be_bytes())),
        network: Some(Key::of_bytes(&address.network.to_be_bytes())),
        country: Some(Key::of(address.country)),
        device: Some(Key::of(&client.device())),
        user_agent: Some(Key::of(&client.user_agent(day))),
        user_agent_family: Some(Key::of(&client.family())),
        location: Some(Location { latitude: (north * 1e6) as i32, longitude: (east * 1e6) as i32, radius }),
    }
}

fn severity(number: u8) -> Severity {
    [Severity::Low, Severity::Medium, Severity::High, Severity::Critical][usize::from(number.min(3))]
}

impl Server {
    /// A server that knows nothing yet.
    pub fn new(people: &[Person]) -> Self {
        let count = people.iter().map(|person| person.organization + 1).max().unwrap_or(0);
        let organization = |number| Organization {
            members: people.iter().filter(|person| person.organization == number).count() as f64,
            baseline: Baseline::of_population(),
            users_of: HashMap::new(),
            today: HashMap::new(),
            day: 0,
            peers: None,
        };
        Self {
            model: Model::current(),
            states: vec![State::new(); people.len()],
            organization_of: people.iter().map(|person| person.organization).collect(),
            organizations: (0..count).map(organization).collect(),
            everyone: Baseline::of_population(),
            activity: HashMap::new(),
            events: 0,
        }
    }

    fn looked_up(&self, person: usize, address: &Address, origin: &Origin, at: i64) -> Context {
        let organization = &self.organizations[self.organization_of[person]].baseline;
        let uses = origin.network.map(|network| organization.share(risk_model::Feature::Network, network, at).count());
        Context {
            organization: organization.familiarity(origin, at),
            global: self.everyone.familiarity(origin, at),
            anonymiser: address.anonymiser,
            hosting: matches!(address.kind, Kind::Hosting | Kind::Vpn | Kind::Tor),
            organization_uses: uses.unwrap_or(0.0) as u32,
            threat_confidence: address.listed,
            victims: self.activity.get(&address.number).map_or(0, |activity| activity.victims(at)),
            ..Context::default()
        }
    }

    /// Takes an event in.
    pub fn handle(&mut self, event: &Event) -> Scored {
        let (at, person) = (event.at, event.person);
        self.events += 1;
        let mut id = EventId(self.events);
        let (kind, context) = match &event.what {
            What::SignIn { success, second_factor, address, client, session } => {
                let origin = origin(address, client, at);
                let known = origin.address.is_some_and(|address| {
                    self.states[person].baseline().share(risk_model::Feature::Address, address, at).known()
                });
                if !success && !known {
                    self.activity.entry(address.number).or_default().failed(Key(person as u64), at);
                }
                let context = self.looked_up(person, address, &origin, at);
                if *success {
                    self.everyone.learn(&origin, at);
                    self.organizations[self.organization_of[person]].baseline.learn(&origin, at);
                }
                let session = Some(Key(*session));
                (
                    risk_model::Kind::SignIn(SignIn {
                        success: *success,
                        second_factor: *second_factor,
                        origin,
                        session,
                    }),
                    context,
                )
            }
            What::Use { session, address, client } => {
                let origin = origin(address, client, at);
                let context = self.looked_up(person, address, &origin, at);
                (risk_model::Kind::SessionUse { session: Key(*session), origin }, context)
            }
            What::Access { resource } => {
                (risk_model::Kind::Access { resource: Key(*resource) }, self.access(person, *resource, at))
            }
            What::PromptDenied => (risk_model::Kind::MfaPromptDenied, Context::default()),
            What::Reported => (risk_model::Kind::ReportedByUser, Context::default()),
            What::Alert(alert, how_bad) | What::Dismissed(alert, how_bad) => {
                let dismissed = matches!(event.what, What::Dismissed(..));
                let status = if dismissed { AlertStatus::Dismissed } else { AlertStatus::Open };
                let alert = EventId(u128::from(*alert) << 64);
                id = EventId(self.events);
                (
                    risk_model::Kind::Alert {
                        alert,
                        raised_at: at,
                        severity: severity(*how_bad),
                        status,
                        before: None,
                    },
                    Context::default(),
                )
            }
            What::Leaked => (risk_model::Kind::CredentialLeaked, Context::default()),
            What::Changed => (risk_model::Kind::CredentialChanged, Context::default()),
        };
        let _ = assess(&self.model, &mut self.states[person], &Observation { id, at, kind }, &context);
        let assessment = score_at(&self.model, &self.states[person], at);
        // What adds a tenth or more.
        let strong = assessment.effects.iter().filter(|(_, effect)| *effect >= 100_000_000);
        let signals = strong.map(|(signal, _)| *signal).collect();
        Scored { score: assessment.score, level: assessment.level, signals }
    }

    fn access(&mut self, person: usize, resource: u64, at: i64) -> Context {
        let organization = &mut self.organizations[self.organization_of[person]];
        let day = at.div_euclid(DAY);
        if day > organization.day {
            let counts: Vec<f64> = organization.today.values().map(|count| f64::from(*count).ln_1p()).collect();
            if counts.len() > 20 {
                let mut counts = counts;
                counts.sort_unstable_by(f64::total_cmp);
                let mean = counts.iter().sum::<f64>() / counts.len() as f64;
                let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / counts.len() as f64;
                organization.peers = Some(Peers { mean, deviation: variance.sqrt() });
            }
            organization.today.clear();
            organization.day = day;
        }
        *organization.today.entry(person).or_default() += 1;
        let users = organization.users_of.entry(resource).or_default();
        let using = (users.len() as f64 * 100.0 / organization.members) as u8;
        users.insert(person);
        Context { peers: organization.peers, peers_using: Some(using), ..Context::default() }
    }
}
