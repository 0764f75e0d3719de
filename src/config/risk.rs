//! The section about risk.

use super::list::List;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where it is known from what addresses are, besides what is reported.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskConfig {
    /// The paths of databases in the MaxMind DB format (`.mmdb`), separated by commas: of countries or cities, autonomous
    /// systems, anonymisers. What the first does not know of an address, the next may. Read into memory, and read anew when
    /// a file is replaced. Empty means that nothing is looked up.
    #[schemars(with = "String", extend("x-expected" = "paths of .mmdb files, separated by commas, or nothing"))]
    pub address_databases: List<String>,
    /// Whether threat-intelligence feeds of organizations may lead to addresses that are not public. Those that count for every
    /// organization always may.
    pub feeds_on_private_networks: bool,
}
