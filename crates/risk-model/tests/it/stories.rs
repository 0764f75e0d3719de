//! What events of one identity come to.

use risk_model::{
    AlertStatus, Assessed, Baseline, Context, DAY, EventId, HOUR, Key, Kind, Level, Location, MINUTE, Millis, Model,
    Observation, Origin, Posture, Severity, SignIn, Signal, State, assess, score_at,
};

const START: Millis = 1_780_000_000_000;

struct Story {
    model: Model,
    state: State,
    events: u128,
    everyone: Baseline,
}

fn origin(place: &str, client: &str) -> Origin {
    let key = |kind: &str, word: &str| Some(Key::of(&format!("{kind} {word}")));
    let (latitude, longitude) = if place == "home" { (52_500_000, 13_400_000) } else { (-33_900_000, 151_200_000) };
    Origin {
        address: key("address", place),
        network: key("network", place),
        country: key("country", place),
        device: key("device", client),
        user_agent: key("user agent", client),
        user_agent_family: key("family", client),
        location: Some(Location { latitude, longitude, radius: 20 }),
    }
}

impl Story {
    /// Thirty days of signing in at home, while others do elsewhere.
    fn of_a_month() -> Self {
        let everyone = Baseline::of_population();
        let mut story = Self { model: Model::current(), state: State::new(), events: 0, everyone };
        for day in 0..30 {
            story.everyone.learn(&origin("home", "laptop"), START + day * DAY);
            story.everyone.learn(&origin("away", "phone"), START + day * DAY);
            let assessed = story.sign_in(day * DAY, origin("home", "laptop"));
            assert_eq!(assessed.evidence, [], "day {day}");
        }
        story
    }

    fn happens(&mut self, after: Millis, kind: Kind, context: &Context) -> Assessed {
        self.events += 1;
        let observation = Observation { id: EventId(self.events), at: START + after, kind };
        assess(&self.model, &mut self.state, &observation, context)
    }

    fn sign_in(&mut self, after: Millis, origin: Origin) -> Assessed {
        let global = self.everyone.familiarity(&origin, START + after);
        let sign_in = SignIn { success: true, second_factor: false, origin, session: Some(Key(1)) };
        self.happens(after, Kind::SignIn(sign_in), &Context { global, ..Context::default() })
    }

    fn fails(&mut self, after: Millis) {
        let sign_in = SignIn { success: false, second_factor: false, origin: Origin::default(), session: None };
        assert_eq!(self.happens(after, Kind::SignIn(sign_in), &Context::default()).evidence, []);
    }

    fn score(&self, after: Millis) -> (u8, Level) {
        let assessment = score_at(&self.model, &self.state, START + after);
        (assessment.score, assessment.level)
    }
}

fn signals(assessed: &Assessed) -> Vec<Signal> {
    assessed.evidence.iter().map(|evidence| evidence.signal).collect()
}

#[test]
fn somebody_else_far_away_is_noticed() {
    let mut story = Story::of_a_month();
    let assessed = story.sign_in(29 * DAY + HOUR, origin("away", "phone"));
    assert_eq!(
        signals(&assessed),
        [Signal::UnfamiliarSignIn, Signal::ImpossibleTravel, Signal::SessionContext],
        "{assessed:?}"
    );
    assert_eq!(story.score(29 * DAY + HOUR).1, Level::Critical);
    // It is not learned: without a second factor it may be anyone.
    let country = origin("away", "phone").country.unwrap();
    assert!(!story.state.baseline().share(risk_model::Feature::Country, country, START + 30 * DAY).known());
}

#[test]
fn guessing_shows_once_it_succeeds() {
    let mut story = Story::of_a_month();
    for second in 0..20 {
        story.fails(30 * DAY + second * 1_000);
    }
    assert_eq!(story.score(30 * DAY + MINUTE).0, 0);
    assert_eq!(signals(&story.sign_in(30 * DAY + MINUTE, origin("home", "laptop"))), [Signal::FailuresThenSuccess]);
    assert_eq!(story.score(30 * DAY + MINUTE), (49, Level::Medium));
}

#[test]
fn a_stolen_token_shows_and_the_same_change_counts_once() {
    let mut story = Story::of_a_month();
    let used = |origin| Kind::SessionUse { session: Key(1), origin };
    let at = 29 * DAY + HOUR;
    assert_eq!(story.happens(at, used(origin("home", "laptop")), &Context::default()).evidence, []);
    let stolen = story.happens(at + 1, used(origin("away", "phone")), &Context::default());
    assert_eq!(signals(&stolen), [Signal::SessionContext, Signal::UnfamiliarSignIn]);
    assert_eq!(stolen.evidence[0].strength.millionths(), 950_000);
    assert_eq!(story.score(at + 1), (96, Level::Critical));
    assert_eq!(story.happens(at + 2, used(origin("home", "laptop")), &Context::default()).evidence, []);
    assert_eq!(story.happens(at + 3, used(origin("away", "phone")), &Context::default()).evidence, []);
}

#[test]
fn what_recurs_on_other_days_becomes_a_habit() {
    let mut story = Story::of_a_month();
    let train = Origin { device: None, user_agent: None, ..origin("train", "laptop") };
    let used = |origin| Kind::SessionUse { session: Key(1), origin };
    let mut said = Vec::new();
    for day in 30..40 {
        for minute in 0..3 {
            let assessed = story.happens(day * DAY + minute * MINUTE, used(train), &Context::default());
            said.extend(assessed.evidence.iter().map(|evidence| (day, evidence.signal)));
        }
        // The next day has a session of its own.
        let sign_in =
            SignIn { success: true, second_factor: true, origin: origin("home", "laptop"), session: Some(Key(1)) };
        let _ = story.happens(day * DAY + HOUR, Kind::SignIn(sign_in), &Context::default());
    }
    assert_eq!(said, [(30, Signal::SessionContext)]);
    let network = story.state.baseline().share(risk_model::Feature::Network, train.network.unwrap(), START + 40 * DAY);
    assert!(network.count() >= 3.0, "{network:?}");
}

#[test]
fn a_session_that_an_untrusted_sign_in_began_teaches_nothing() {
    let mut story = Story::of_a_month();
    let away = origin("away", "phone");
    let sign_in = SignIn { success: true, second_factor: false, origin: away, session: Some(Key(2)) };
    let _ = story.happens(29 * DAY + HOUR, Kind::SignIn(sign_in), &Context::default());
    for day in 30..40 {
        let used = Kind::SessionUse { session: Key(2), origin: away };
        let _ = story.happens(day * DAY, used, &Context::default());
    }
    let share = story.state.baseline().share(risk_model::Feature::Network, away.network.unwrap(), START + 40 * DAY);
    assert!(!share.known());
}

#[test]
fn of_those_who_always_hide_the_place_says_nothing() {
    let exit = |number: i64| Context {
        anonymiser: true,
        hosting: true,
        threat_confidence: (number == 9).then_some(60),
        ..Context::default()
    };
    let mut story = Story::of_a_month();
    let mut scores = Vec::new();
    for number in 0..10 {
        let origin = Origin { location: None, ..origin(&format!("exit {number}"), "laptop") };
        let sign_in = SignIn { success: true, second_factor: true, origin, session: None };
        let assessed = story.happens((30 + number) * DAY, Kind::SignIn(sign_in), &exit(number));
        scores.push(assessed.evidence.len());
    }
    assert!(scores[0] >= 2, "{scores:?}");
    assert_eq!(scores[3..], [0; 7], "{scores:?}");
}

#[test]
fn an_alert_counts_unless_it_is_dismissed_by_its_latest_revision() {
    let mut story = Story::of_a_month();
    let alert = |severity, status| {
        let (alert, raised_at) = (EventId(1 << 90), START + 30 * DAY);
        Kind::Alert { alert, raised_at, severity, status, before: None }
    };
    let now = 30 * DAY + HOUR;
    let _ = story.happens(30 * DAY, alert(Severity::High, AlertStatus::Open), &Context::default());
    assert_eq!(story.score(30 * DAY).0, 55);
    let _ = story.happens(now + 2, alert(Severity::High, AlertStatus::Dismissed), &Context::default());
    assert_eq!(story.score(now).0, 0);
    // An earlier revision that arrives late changes nothing.
    let _ = story.happens(now + 1, alert(Severity::Critical, AlertStatus::Confirmed), &Context::default());
    assert_eq!(story.score(now).0, 0);
    let _ = story.happens(now + 3, alert(Severity::Critical, AlertStatus::Confirmed), &Context::default());
    assert_eq!(story.score(now).0, 80);
}

#[test]
fn an_alert_that_a_state_has_forgotten_is_dismissed_all_the_same() {
    let model = Model::current();
    let tell = |state: &mut State, number: u32, status, before| {
        let (alert, raised_at) = (EventId(u128::from(number) << 64), START + Millis::from(number) * MINUTE);
        let kind = Kind::Alert { alert, raised_at, severity: Severity::Low, status, before };
        let (id, at) = (EventId(alert.0 + 1 + u128::from(before.is_some())), raised_at);
        let _ = assess(&model, state, &Observation { id, at, kind }, &Context::default());
    };
    // More than a state lists, and more than it knows the revisions of.
    let (mut with, mut without) = (State::new(), State::new());
    for number in 1..200 {
        tell(&mut with, number, AlertStatus::Open, None);
        if number > 1 {
            tell(&mut without, number, AlertStatus::Open, None);
        }
    }
    let score = |state: &State| score_at(&model, state, START + 90 * DAY).effects;
    assert_ne!(score(&with), score(&without));
    tell(&mut with, 1, AlertStatus::Dismissed, Some((Severity::Low, AlertStatus::Open)));
    assert_eq!(score(&with), score(&without));
}

#[test]
fn a_reported_leak_counts_unless_it_is_dismissed_or_the_credential_has_changed_since() {
    let mut story = Story::of_a_month();
    let leak = |status| Kind::LeakReported { leak: EventId(1 << 90), since: START + 10 * DAY, status };
    let now = 30 * DAY;
    let _ = story.happens(now, leak(AlertStatus::Open), &Context::default());
    assert_eq!(story.score(now).0, 80);
    let _ = story.happens(now + 1, leak(AlertStatus::Dismissed), &Context::default());
    assert_eq!(story.score(now + 1).0, 0);
    let _ = story.happens(now + 2, leak(AlertStatus::Confirmed), &Context::default());
    assert_eq!(story.score(now + 2).0, 80);
    let _ = story.happens(9 * DAY, Kind::CredentialChanged, &Context::default());
    assert_eq!(story.score(now + 2).0, 80);
    let _ = story.happens(11 * DAY, Kind::CredentialChanged, &Context::default());
    assert_eq!(story.score(now + 2).0, 0);
    let _ = story.happens(now + 3, leak(AlertStatus::Confirmed), &Context::default());
    assert_eq!(story.score(now + 3).0, 0);
}

#[test]
fn a_leak_stands_until_the_credential_changes() {
    let mut story = Story::of_a_month();
    let _ = story.happens(40 * DAY, Kind::CredentialLeaked, &Context::default());
    assert_eq!(story.score(4_000 * DAY), (80, Level::Critical));
    let _ = story.happens(39 * DAY, Kind::CredentialChanged, &Context::default());
    assert_eq!(story.score(41 * DAY).0, 80);
    let _ = story.happens(41 * DAY, Kind::CredentialChanged, &Context::default());
    assert_eq!(story.score(41 * DAY).0, 0);
    // A leak of the credential before is over, also if it is heard of late.
    let _ = story.happens(40 * DAY + 1, Kind::CredentialLeaked, &Context::default());
    assert_eq!(story.score(41 * DAY).0, 0);
}

#[test]
fn the_rest_of_the_signals() {
    let mut story = Story::of_a_month();
    let at = 29 * DAY + HOUR;
    let bare = |story: &mut Story, kind| signals(&story.happens(at, kind, &Context::default()));
    assert_eq!(bare(&mut story, Kind::MfaPromptDenied), []);
    assert_eq!(bare(&mut story, Kind::MfaPromptDenied), []);
    assert_eq!(bare(&mut story, Kind::MfaPromptDenied), [Signal::Mfa]);
    assert_eq!(bare(&mut story, Kind::ReportedByUser), [Signal::Mfa]);
    assert_eq!(bare(&mut story, Kind::ThreatHit { confidence: 80 }), [Signal::ThreatIntelligence]);
    assert_eq!(bare(&mut story, Kind::AddressAttacked { victims: 4 }), []);
    assert_eq!(bare(&mut story, Kind::AddressAttacked { victims: 9 }), [Signal::AttackingAddress]);
    assert_eq!(bare(&mut story, Kind::PrivilegeGranted { holders: 2, population: 100 }), [Signal::RarePrivilege]);
    assert_eq!(bare(&mut story, Kind::Posture(Posture { old_key: true, ..Posture::default() })), [Signal::Posture]);
    let from_tor = Context { anonymiser: true, hosting: true, threat_confidence: Some(50), ..Context::default() };
    let used = |origin| Kind::SessionUse { session: Key(9), origin };
    let assessed = story.happens(at, used(origin("away", "laptop")), &from_tor);
    assert_eq!(signals(&assessed), [Signal::Anonymiser, Signal::HostingNetwork, Signal::ThreatIntelligence]);
    assert_eq!(story.happens(at + MINUTE, used(origin("away", "laptop")), &from_tor).evidence, []);
    let assessed = story.happens(at + 100 * DAY, used(origin("home", "laptop")), &Context::default());
    assert_eq!(signals(&assessed), [Signal::Dormant, Signal::SessionContext]);
}

#[test]
fn a_day_of_many_accesses_is_said_as_far_as_it_goes() {
    let mut story = Story::of_a_month();
    let mut said = 1.0;
    for day in 0..20 {
        let accesses = if day == 19 { 2_000 } else { 10 + day % 3 };
        for number in 0..accesses {
            let access = Kind::Access { resource: Key(1) };
            for evidence in story.happens(day * DAY + number * 1_000, access, &Context::default()).evidence {
                assert_eq!((day, evidence.signal), (19, Signal::AccessVolume));
                said *= 1.0 - evidence.strength.value();
            }
        }
    }
    assert!((0.4..=0.5).contains(&(1.0 - said)), "{}", 1.0 - said);
}
