//! A session that is used from elsewhere, or by another client: how a stolen token shows.

use crate::evidence::Novelty;
use crate::model::SessionNumbers;

/// What the changes are worth together.
#[must_use]
pub fn strength(numbers: &SessionNumbers, network: Option<Novelty>, user_agent: bool, country: Option<Novelty>) -> f64 {
    let change = |novelty: Option<Novelty>, new: f64, known: f64| match novelty {
        Some(Novelty::New) => new,
        Some(Novelty::Known) => known,
        None => 0.0,
    };
    change(network, numbers.new_network, numbers.known_network)
        + if user_agent { numbers.user_agent } else { 0.0 }
        + change(country, numbers.new_country, numbers.known_country)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    #[test]
    fn changes_add_up() {
        let model = Model::current();
        let of = |network, user_agent, country| strength(&model.numbers().session, network, user_agent, country);
        assert!(of(None, false, None).abs() < 1e-9);
        assert!((of(Some(Novelty::Known), false, None) - 0.05).abs() < 1e-9);
        assert!((of(Some(Novelty::New), true, Some(Novelty::New)) - 0.95).abs() < 1e-9);
        assert!((of(Some(Novelty::Known), true, Some(Novelty::Known)) - 0.60).abs() < 1e-9);
    }
}
