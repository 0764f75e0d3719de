//! People, and what they do in a day when nobody attacks them.

use crate::chance::Chance;
use crate::events::{Event, What};
use crate::world::{self, Address, CITIES, Client, DAY, HOMES, HOUR, Kind, MINUTE, START};

/// How many resources an organization has.
pub const RESOURCES: i64 = 400;

/// A device, with the session that is open on it.
#[derive(Clone, Debug)]
pub struct Device {
    /// What it is.
    pub client: Client,
    /// Its session.
    pub session: Option<u64>,
    /// Whether it signed in with a second factor before.
    trusted: bool,
}

/// A journey.
#[derive(Clone, Debug)]
struct Trip {
    until: i64,
    city: usize,
    hotel: Address,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its place among all.
    pub number: usize,
    /// Its organization.
    pub organization: usize,
    /// The city where it lives.
    pub city: usize,
    /// The network at home.
    pub home_network: u32,
    home: Address,
    mobile_network: u32,
    office: Option<Address>,
    in_office: f64,
    /// A desktop first, then a phone.
    pub devices: Vec<Device>,
    /// Whether it has a second factor.
    pub second_factor: bool,
    /// When it begins to work, in hours of its time.
    pub begins: f64,
    company_vpn: Option<Address>,
    own_vpn: f64,
    travels: f64,
    team: i64,
    busy: f64,
    trip: Option<Trip>,
    chance: Chance,
    sessions: u64,
}

/// The hours by which a city is ahead of UTC.
fn ahead(city: usize) -> f64 {
    (CITIES[city].3 / 15.0).round()
}

impl Person {
    /// A person of an organization. The office and the VPN are the organization's.
    pub fn new(number: usize, organization: usize, seed: u64, office: Address, vpn: Address) -> Self {
        let mut chance = Chance::new(seed ^ (number as u64).wrapping_mul(0xd134_2543_de82_ef95));
        let country = if chance.happens(0.85) { HOMES[organization % HOMES.len()] } else { chance.of(&CITIES[..23]).1 };
        let city = world::city_in(&mut chance, country);
        let home_network = world::network(&mut chance, Kind::Home, city);
        let remote = chance.happens(0.2) || country != office.country;
        let phone = chance.happens(0.8);
        let mut devices = vec![Client::any(&mut chance, false)];
        if phone {
            devices.push(Client::any(&mut chance, true));
        }
        if chance.happens(0.15) {
            let phone = chance.happens(0.3);
            devices.push(Client::any(&mut chance, phone));
        }
        Self {
            number,
            organization,
            city,
            home_network,
            home: world::address(&mut chance, Kind::Home, city, home_network),
            mobile_network: world::network(&mut chance, Kind::Mobile, city),
            office: (!remote).then_some(office),
            in_office: 0.3 + 0.6 * chance.share(),
            devices: devices.into_iter().map(|client| Device { client, session: None, trusted: false }).collect(),
            second_factor: chance.happens(0.6),
            begins: chance.normal(8.5, 1.0),
            company_vpn: chance.happens(0.25).then_some(vpn),
            own_vpn: if chance.happens(0.04) { 0.3 } else { 0.0 },
            travels: if chance.happens(0.3) { 1.0 / 40.0 } else { 1.0 / 300.0 },
            team: chance.between(0, 10),
            busy: chance.normal(2.2, 0.4),
            trip: None,
            sessions: (number as u64) << 32,
            chance,
        }
    }

    /// A new session.
    pub fn new_session(&mut self) -> u64 {
        self.sessions += 1;
        self.sessions
    }

    /// Moves on by a day: addresses, devices, journeys.
    fn morning(&mut self, day: i64) {
        let chance = &mut self.chance;
        if chance.happens(1.0 / 20.0) {
            self.home = world::address(chance, Kind::Home, self.city, self.home_network);
        }
        if chance.happens(1.0 / 250.0) {
            let place = chance.index(self.devices.len());
            let client = Client::any(chance, self.devices[place].client.kind >= 7);
            self.devices[place] = Device { client, session: None, trusted: false };
        }
        if self.trip.as_ref().is_some_and(|trip| trip.until < day) {
            self.trip = None;
        }
        if self.trip.is_none() && chance.happens(self.travels) {
            let abroad = chance.happens(0.4);
            let city = if abroad { chance.index(23) } else { world::city_in(chance, CITIES[self.city].1) };
            let network = world::network(chance, Kind::Business, city);
            let hotel = world::address(chance, Kind::Business, city, network);
            self.trip = Some(Trip { until: day + chance.between(1, 6), city, hotel });
        }
    }

    /// From where a device is used now. At the desk means where the day is spent.
    fn whereabouts(&mut self, phone: bool, desk: Address) -> Address {
        let chance = &mut self.chance;
        let city = self.trip.as_ref().map_or(self.city, |trip| trip.city);
        let mobile = if phone { 0.55 } else { 0.05 };
        if chance.happens(mobile) {
            // Roaming goes out at home.
            return world::address(chance, Kind::Mobile, self.city, self.mobile_network);
        }
        if chance.happens(0.03) {
            let network = world::network(chance, Kind::Business, city);
            return world::address(chance, Kind::Business, city, network);
        }
        if !phone && chance.happens(self.own_vpn) {
            let city = if chance.happens(0.5) { city } else { chance.index(23) };
            let network = world::network(chance, Kind::Vpn, city);
            return world::address(chance, Kind::Vpn, city, network);
        }
        match self.company_vpn {
            Some(vpn) if !phone && Some(desk) != self.office && chance.happens(0.4) => vpn,
            _ => desk,
        }
    }

    /// What it does on a day, in no order.
    pub fn day(&mut self, day: i64, events: &mut Vec<Event>) {
        self.morning(day);
        self.noise(day, events);
        let works = if day % 7 < 5 { 0.93 } else { 0.12 };
        if !self.chance.happens(works) {
            return;
        }
        let city = self.trip.as_ref().map_or(self.city, |trip| trip.city);
        let desk = match (&self.trip, self.office) {
            (Some(trip), _) => trip.hotel,
            (None, Some(office)) if self.chance.happens(self.in_office) => office,
            _ => self.home,
        };
        let begins =
            START + day * DAY + ((self.begins + self.chance.normal(0.0, 0.6) - ahead(city)) * HOUR as f64) as i64;
        for place in 0..self.devices.len() {
            self.with_device(place, day, begins, desk, events);
        }
        self.accesses(day, begins, events);
    }

    fn with_device(&mut self, place: usize, day: i64, begins: i64, desk: Address, events: &mut Vec<Event>) {
        let phone = self.devices[place].client.kind >= 7;
        if place > 0 && !self.chance.happens(0.6) {
            return;
        }
        let mut at = begins + self.chance.between(0, 60) * MINUTE;
        let anew = if phone { 0.06 } else { 0.5 };
        if self.devices[place].session.is_none() || self.chance.happens(anew) {
            let address = self.whereabouts(phone, desk);
            at = self.sign_in(place, at, address, events);
        }
        for _ in 0..self.chance.between(2, 6) {
            at += self.chance.between(10, 120) * MINUTE;
            let (address, device) = (self.whereabouts(phone, desk), &self.devices[place]);
            let Some(session) = device.session else { continue };
            let what = What::Use { session, address, client: device.client };
            events.push(Event { at: at.min(START + (day + 1) * DAY - 1), person: self.number, what });
        }
    }

    fn sign_in(&mut self, place: usize, mut at: i64, address: Address, events: &mut Vec<Event>) -> i64 {
        let chance = &mut self.chance;
        let client = self.devices[place].client;
        let failures = match chance.share() {
            share if share < 0.003 => chance.between(5, 9),
            share if share < 0.06 => chance.between(1, 4),
            _ => 0,
        };
        let asked = self.second_factor && (!self.devices[place].trusted || chance.happens(0.4));
        let session = self.new_session();
        for _ in 0..failures {
            let what = What::SignIn { success: false, second_factor: false, address, client, session };
            events.push(Event { at, person: self.number, what });
            at += self.chance.between(5, 40) * 1_000;
        }
        let what = What::SignIn { success: true, second_factor: asked, address, client, session };
        events.push(Event { at, person: self.number, what });
        self.devices[place].session = Some(session);
        self.devices[place].trusted |= asked;
        at
    }

    /// Something of the team, of everyone, or of nobody in particular.
    fn resource(&mut self) -> u64 {
        let chance = &mut self.chance;
        match chance.share() {
            share if share < 0.85 => (20 + self.team * 25 + chance.between(0, 25)) as u64,
            share if share < 0.99 => chance.between(0, 20) as u64,
            _ => chance.between(0, RESOURCES) as u64,
        }
    }

    fn accesses(&mut self, day: i64, begins: i64, events: &mut Vec<Event>) {
        // The end of a quarter, a deadline.
        let more = if self.chance.happens(0.01) { 1.4 } else { 0.0 };
        let count = self.chance.normal(self.busy + more, 0.4).exp() as i64;
        for _ in 0..count {
            let at = (begins + self.chance.between(5, 9 * 60) * MINUTE).min(START + (day + 1) * DAY - 1);
            let what = What::Access { resource: self.resource() };
            events.push(Event { at, person: self.number, what });
        }
    }

    /// What goes wrong without an attacker.
    fn noise(&mut self, day: i64, events: &mut Vec<Event>) {
        let at = START + day * DAY + self.chance.between(8, 18) * HOUR;
        let person = self.number;
        let mut tell = |at, what| events.push(Event { at, person, what });
        if self.chance.happens(1.0 / 300.0) {
            let severity = self.chance.weighted(&[0.7, 0.25, 0.05]) as u8;
            let alert = self.chance.bits();
            tell(at, What::Alert(alert, severity));
            if self.chance.happens(0.8) {
                tell(at + self.chance.between(1, 20) * HOUR, What::Dismissed(alert, severity));
            }
        }
        if self.second_factor && self.chance.happens(0.002) {
            let prompts = if self.chance.happens(0.05) { 3 } else { 1 };
            for prompt in 0..prompts {
                tell(at + prompt * MINUTE, What::PromptDenied);
            }
        }
        if self.chance.happens(1.0 / 30_000.0) {
            tell(at, What::Leaked);
            tell(at + 2 * DAY, What::Changed);
        }
    }
}
