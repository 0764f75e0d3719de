//! What is known of addresses: the country, the network and its operator, whether it is a data centre or hides who is behind it.
//!
//! It comes from databases in the MaxMind DB format (`.mmdb`), which others publish: of countries, cities, autonomous systems,
//! anonymisers. Each is read [into memory](database), and says what it has of what [a record](record) can have; what the
//! first does not say, the next may. A file that was replaced is read anew, while the server runs.

mod countries;
mod database;
mod record;

use self::countries::centre_of;
use self::database::Database;
use crate::config::RiskConfig;
use crate::domain::Network;
use crate::resolvers::networks::NetworkDatabase;
use std::net::IpAddr;
use std::sync::Arc;

/// The databases of the configuration, in their order.
#[derive(Debug)]
pub struct Databases(Vec<Database>);

impl Databases {
    /// Opens the databases of the configuration; none if it names none.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or is none, with its path.
    pub fn of(config: &RiskConfig) -> Result<Option<Arc<Self>>, String> {
        let opened = config.address_databases.iter().map(|path| Database::open(path.into()));
        let opened = opened.collect::<Result<Vec<_>, _>>()?;
        Ok((!opened.is_empty()).then(|| Arc::new(Self(opened))))
    }

    /// What the databases are, and of when: for the operator.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        self.0.iter().map(Database::summary).collect()
    }
}

impl NetworkDatabase for Databases {
    fn find(&self, address: IpAddr, country: Option<&str>) -> Option<Network> {
        // An IPv4 address in the clothes of IPv6 is the same address.
        let address = address.to_canonical();
        let mut network = Network::default();
        let mut places = Vec::new();
        for record in self.0.iter().filter_map(|database| database.find(address)) {
            if let Some(place) = record.place {
                places.push((record.country.clone(), place));
            }
            network.country = network.country.or(record.country);
            if network.number.is_none() {
                (network.number, network.operator) = (record.number, record.operator);
            }
            network.hosting |= record.hosting;
            network.anonymiser |= record.anonymiser;
        }
        if network == Network::default() && places.is_empty() {
            return None;
        }
        // Whoever reports the country knows better, and the place has to be in it.
        let country = country.or(network.country.as_deref());
        let place = places.into_iter().find(|(of, _)| of.as_deref().is_none_or(|of| country == Some(of)));
        network.location = place.map(|(_, place)| place).or_else(|| country.and_then(centre_of));
        Some(network)
    }

    fn refresh(&self) {
        for database in &self.0 {
            database.refresh();
        }
    }
}
