//! Measures how well the risk model tells attackers from users, beside a likelihood ratio, on people who do not exist.
//!
//! `cargo run --release [--seed N] [--people N] [--origins-only]`; the same seed gives the same table.

mod attackers;
mod chance;
mod events;
mod likelihood;
mod measure;
mod people;
mod server;
mod world;

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use attackers::Attacker;
use chance::Chance;
use events::{Event, What};
use likelihood::Likelihood;
use people::Person;
use risk_model::{Level, Signal};
use server::Server;
use world::{DAY, HOMES, Kind, START};

const WARM_UP: i64 = 30;
const DAYS: i64 = 75;
const ORGANIZATIONS: usize = 10;

/// The highest scores of a person on a day.
#[derive(Clone, Debug)]
struct UserDay {
    model: f64,
    ratio: f64,
    level: Level,
    signals: Vec<Signal>,
}

struct Options {
    seed: u64,
    people: usize,
    origins_only: bool,
    why: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seed: 1, people: 1_800, origins_only: false, why: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number =
            || arguments.next().and_then(|word| word.parse::<u64>().ok()).ok_or(format!("{argument} needs a number"));
        match argument.as_str() {
            "--seed" => options.seed = number()?,
            "--people" => options.people = number()?.clamp(200, 20_000) as usize,
            "--origins-only" => options.origins_only = true,
            "--why" => options.why = true,
            _ => return Err(format!("{argument} is unknown: --seed N, --people N, --origins-only, --why")),
        }
    }
    Ok(options)
}

/// People of organizations, each of which has an office and a VPN.
fn people(options: &Options) -> Vec<Person> {
    let mut chance = Chance::new(options.seed);
    let mut offices = Vec::new();
    for organization in 0..ORGANIZATIONS {
        let city = world::city_in(&mut chance, HOMES[organization % HOMES.len()]);
        let network = world::network(&mut chance, Kind::Business, city);
        let office = world::address(&mut chance, Kind::Business, city, network);
        let network = world::network(&mut chance, Kind::Hosting, city);
        offices.push((office, world::address(&mut chance, Kind::Hosting, city, network)));
    }
    (0..options.people)
        .map(|number| {
            let organization = number % ORGANIZATIONS;
            let (office, vpn) = offices[organization];
            Person::new(number, organization, options.seed, office, vpn)
        })
        .collect()
}

/// Who is attacked, how, and on which day: two of three, each once.
fn plan(options: &Options) -> Vec<Option<(Attacker, i64)>> {
    let mut chance = Chance::new(options.seed ^ 0xa77a_c4e5);
    (0..options.people)
        .map(|_| {
            let attacker = *chance.of(&Attacker::ALL);
            let day = chance.between(WARM_UP, DAYS);
            chance.happens(2.0 / 3.0).then_some((attacker, day))
        })
        .collect()
}

struct Evaluation {
    people: Vec<Person>,
    plan: Vec<Option<(Attacker, i64)>>,
    server: Server,
    likelihood: Likelihood,
    days: HashMap<(usize, i64), UserDay>,
    waiting: Vec<Event>,
    handled: u64,
    spent: f64,
}

impl Evaluation {
    /// Makes a day, and takes in what is then complete: what people far east do in the morning is of the day before.
    fn day(&mut self, day: i64, chance: &mut Chance, options: &Options) {
        for number in 0..self.people.len() {
            let attack = self.plan[number];
            if attack.is_some_and(|(_, on)| day > on) {
                continue;
            }
            self.people[number].day(day, &mut self.waiting);
            if let Some((attacker, _)) = attack.filter(|(_, on)| *on == day) {
                let organization = self.people[number].organization;
                let mut colleagues: Vec<usize> = Vec::new();
                for _ in 0..chance.between(50, 150) {
                    colleagues.push(chance.index(self.people.len() / ORGANIZATIONS) * ORGANIZATIONS + organization);
                }
                let victim = &mut self.people[number];
                attacker.attack(chance, victim, day, &colleagues, &mut self.waiting);
            }
        }
        if options.origins_only {
            self.waiting.retain(|event| matches!(event.what, What::SignIn { .. } | What::Use { .. }));
        }
        self.waiting.sort_by_key(|event| (event.at, event.person));
        let complete = self.waiting.partition_point(|event| event.at < START + day * DAY);
        let ready: Vec<Event> = self.waiting.drain(..complete).collect();
        for event in &ready {
            self.take(event);
        }
    }

    fn take(&mut self, event: &Event) {
        let began = Instant::now();
        let scored = self.server.handle(event);
        self.spent += began.elapsed().as_secs_f64();
        self.handled += 1;
        let day = (event.at - START).div_euclid(DAY);
        let ratio = match &event.what {
            What::SignIn { success: true, address, client, .. } | What::Use { address, client, .. } => {
                let ratio = self.likelihood.score(event.person, address, client, day);
                self.likelihood.learn(event.person, address, client, day);
                ratio
            }
            _ => f64::NEG_INFINITY,
        };
        let nothing = UserDay { model: 0.0, ratio: f64::NEG_INFINITY, level: Level::Low, signals: Vec::new() };
        let user_day = self.days.entry((event.person, day)).or_insert(nothing);
        if f64::from(scored.score) > user_day.model {
            user_day.signals = scored.signals;
        }
        user_day.model = user_day.model.max(f64::from(scored.score));
        user_day.level = user_day.level.max(scored.level);
        user_day.ratio = user_day.ratio.max(ratio);
    }
}

/// The measures of one score.
fn row(name: &str, others: &[f64], attacked: &[f64]) -> String {
    let at = |part| measure::above(attacked, measure::threshold(others, part));
    format!("{name} {:.3} | {:.3} | {:.3}", measure::auc(others, attacked), at(0.01), at(0.05))
}

fn report(evaluation: &Evaluation, options: &Options) {
    let mut attacked: BTreeMap<usize, Vec<&UserDay>> = BTreeMap::new();
    let mut others = Vec::new();
    for ((person, day), user_day) in &evaluation.days {
        match evaluation.plan[*person] {
            Some((attacker, on)) if on == *day => attacked.entry(attacker as usize).or_default().push(user_day),
            None if *day >= WARM_UP => others.push(user_day),
            _ => {}
        }
    }
    let model = |days: &[&UserDay]| days.iter().map(|day| day.model).collect::<Vec<f64>>();
    let ratio = |days: &[&UserDay]| days.iter().map(|day| day.ratio).collect::<Vec<f64>>();
    let (others_model, others_ratio) = (model(&others), ratio(&others));
    println!("| attacker | attacks | AUC | TPR at FPR 1 % | TPR at FPR 5 % | ratio: AUC | TPR at 1 % | TPR at 5 % |");
    println!("|---|---|---|---|---|---|---|---|");
    let tell = |name: &str, days: &[&UserDay]| {
        let ours = row("|", &others_model, &model(days));
        println!("| {name} | {} {ours} {} |", days.len(), row("|", &others_ratio, &ratio(days)));
    };
    for attacker in Attacker::ALL {
        if let Some(days) = attacked.get(&(attacker as usize)) {
            tell(attacker.name(), days);
        }
    }
    tell("**all**", &attacked.values().flatten().copied().collect::<Vec<_>>());
    println!("\nUser-days of people who were never attacked: {}.", others.len());
    for level in [Level::Low, Level::Medium, Level::High, Level::Critical] {
        let count = others.iter().filter(|day| day.level == level).count();
        println!("- {level:?}: {count}, {:.2} %", count as f64 * 100.0 / others.len() as f64);
    }
    println!(
        "\n{} events, {:.0} events/s assessed and scored on one core, looking up included.",
        evaluation.handled,
        evaluation.handled as f64 / evaluation.spent
    );
    if options.why {
        let mut counts: BTreeMap<(Level, Vec<Signal>), u32> = BTreeMap::new();
        for day in others.iter().filter(|day| day.level > Level::Low) {
            *counts.entry((day.level, day.signals.clone())).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.truncate(40);
        println!(
            "\nThresholds at 1 % and 5 %: {}, {}",
            measure::threshold(&others_model, 0.01),
            measure::threshold(&others_model, 0.05)
        );
        for ((level, signals), count) in counts {
            println!("never attacked, {level:?}: {count} of {signals:?}");
        }
    }
}

fn main() {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            std::process::exit(2);
        }
    };
    let people = people(&options);
    let server = Server::new(&people);
    let mut evaluation = Evaluation {
        plan: plan(&options),
        server,
        likelihood: Likelihood::default(),
        days: HashMap::new(),
        waiting: Vec::new(),
        handled: 0,
        spent: 0.0,
        people,
    };
    let mut chance = Chance::new(options.seed ^ 0x0a77_ac4e);
    for day in 0..=DAYS {
        evaluation.day(day, &mut chance, &options);
    }
    report(&evaluation, &options);
}
