//! Attackers. Each has what it takes to get in once; how it looks depends on how much it knows of the victim.

use crate::chance::Chance;
use crate::events::{Event, What};
use crate::people::{Person, RESOURCES};
use crate::world::{self, Address, CITIES, Client, DAY, HOUR, Kind, MINUTE, START};

/// The kinds of attackers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attacker {
    /// Has a password, knows nothing else: comes from abroad.
    Naive,
    /// Comes through a VPN or data centre in the country of the victim.
    VpnInCountry,
    /// Comes from a home in the country, mostly with a client of the same family.
    Targeted,
    /// Comes from the victim's own provider and city, with the victim's user agent, during its hours.
    VeryTargeted,
    /// Tries few passwords at many accounts.
    Spray,
    /// Stole a token, by malware or phishing.
    TokenReplay,
}

impl Attacker {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Naive, Self::VpnInCountry, Self::Targeted, Self::VeryTargeted, Self::Spray, Self::TokenReplay];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::VpnInCountry => "VPN in the country",
            Self::Targeted => "targeted",
            Self::VeryTargeted => "very targeted",
            Self::Spray => "spray",
            Self::TokenReplay => "token replay",
        }
    }

    /// How probably the address is on a list.
    fn listed(self) -> f64 {
        match self {
            Self::Naive => 0.30,
            Self::Spray => 0.25,
            Self::VpnInCountry | Self::TokenReplay => 0.08,
            Self::Targeted | Self::VeryTargeted => 0.03,
        }
    }

    fn address(self, chance: &mut Chance, victim: &Person) -> Address {
        let abroad = |chance: &mut Chance| loop {
            let city = chance.index(CITIES.len());
            if CITIES[city].1 != CITIES[victim.city].1 {
                return city;
            }
        };
        let inside = world::city_in(chance, CITIES[victim.city].1);
        let (kind, city) = match self {
            Self::Naive | Self::Spray => {
                let kinds = [Kind::Home, Kind::Hosting, Kind::Vpn, Kind::Tor];
                (kinds[chance.weighted(&[0.45, 0.25, 0.15, 0.15])], abroad(chance))
            }
            Self::VpnInCountry => (*chance.of(&[Kind::Hosting, Kind::Vpn]), inside),
            Self::Targeted => (Kind::Home, inside),
            Self::VeryTargeted => (Kind::Home, victim.city),
            Self::TokenReplay => match chance.weighted(&[0.5, 0.3, 0.2]) {
                0 => (Kind::Hosting, abroad(chance)),
                1 => (Kind::Home, inside),
                _ => (Kind::Home, abroad(chance)),
            },
        };
        let network = match self {
            Self::VeryTargeted => victim.home_network,
            _ => world::network(chance, kind, city),
        };
        let mut address = world::address(chance, kind, city, network);
        if chance.happens(self.listed()) {
            address.listed = Some(chance.between(40, 95) as u8);
        }
        address
    }

    fn client(self, chance: &mut Chance, victim: &Person) -> Client {
        let same = victim.devices[0].client;
        let late = chance.between(0, 4);
        match self {
            Self::VeryTargeted => same,
            Self::Targeted if chance.happens(0.7) => Client { late, ..same },
            Self::TokenReplay if chance.happens(0.4) => Client { late, ..same },
            _ => Client::any(chance, false),
        }
    }

    /// What it does to a victim on a day.
    pub fn attack(
        self,
        chance: &mut Chance,
        victim: &mut Person,
        day: i64,
        colleagues: &[usize],
        events: &mut Vec<Event>,
    ) {
        let (address, client) = (self.address(chance, victim), self.client(chance, victim));
        let hour = match self {
            Self::Targeted | Self::VeryTargeted | Self::TokenReplay => {
                let local = victim.begins + 8.0 * chance.share() - (CITIES[victim.city].3 / 15.0).round();
                local.rem_euclid(24.0)
            }
            _ => 24.0 * chance.share(),
        };
        let last = START + (day + 1) * DAY - 2 * HOUR;
        let mut at = (START + day * DAY + (hour * HOUR as f64) as i64).min(last);
        let person = victim.number;
        let mut tell = |at, what| events.push(Event { at, person, what });
        let stolen = victim.devices[0].session.filter(|_| self == Self::TokenReplay);
        if let Some(session) = stolen {
            for _ in 0..chance.between(1, 5) {
                tell(at, What::Use { session, address, client });
                at += chance.between(1, 15) * MINUTE;
            }
        } else {
            let session = victim.new_session();
            let try_once = |success, second_factor| What::SignIn { success, second_factor, address, client, session };
            if self == Self::Spray {
                for (number, colleague) in colleagues.iter().enumerate() {
                    let at = at + (number as i64 - colleagues.len() as i64) * 15_000;
                    events.push(Event { at, person: *colleague, what: try_once(false, false) });
                }
            }
            let mut tell = |at, what| events.push(Event { at, person, what });
            for _ in 0..chance.between(0, 4) {
                tell(at, try_once(false, false));
                at += 20_000;
            }
            let way_past = if victim.second_factor { chance.weighted(&[0.35, 0.40, 0.25]) } else { 2 };
            if way_past == 0 {
                for _ in 0..chance.between(1, 9) {
                    tell(at, What::PromptDenied);
                    at += chance.between(20, 90) * 1_000;
                }
            }
            tell(at, try_once(true, way_past < 2));
            at += MINUTE;
        }
        self.afterwards(chance, person, at, events);
    }

    /// What it came for, and who notices.
    fn afterwards(self, chance: &mut Chance, person: usize, at: i64, events: &mut Vec<Event>) {
        let greedy = chance.happens(0.5);
        let count = if greedy { chance.between(40, 200) } else { chance.between(3, 15) };
        let last = (at.div_euclid(DAY) + 1) * DAY - 1;
        let mut tell = |at: i64, what| events.push(Event { at: at.min(last), person, what });
        for number in 0..count {
            let resource =
                if greedy || chance.happens(0.2) { chance.between(0, RESOURCES) } else { chance.between(0, 20) };
            tell(at + number * 10_000, What::Access { resource: resource as u64 });
        }
        let noticed = if self == Self::Spray { 0.20 } else { 0.12 };
        if chance.happens(noticed) {
            let severity = 1 + chance.weighted(&[0.5, 0.35, 0.15]) as u8;
            tell(at + chance.between(5, 120) * MINUTE, What::Alert(chance.bits(), severity));
        }
        if chance.happens(0.05) {
            tell(at + chance.between(5, 120) * MINUTE, What::Reported);
        }
        if self == Self::Naive && chance.happens(0.2) {
            tell(at - HOUR, What::Leaked);
        }
    }
}
