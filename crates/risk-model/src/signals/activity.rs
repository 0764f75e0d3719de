//! Days with more accesses, or rarer ones, than usual.

use crate::model::AccessNumbers;
use crate::number::sigmoid;
use crate::observation::Peers;

/// How far a day is from what is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// In standard deviations of ln(1 + count).
    pub z: f64,
    /// The mean of ln(1 + count).
    pub usual: f64,
}

/// Compares a day with the days before and with peers. If both are known it has to be unusual for both.
#[must_use]
pub fn deviation(numbers: &AccessNumbers, before: &[u32], today: u32, peers: Option<Peers>) -> Option<Deviation> {
    let today = libm::log1p(f64::from(today));
    let against = |mean: f64, deviation: f64| Deviation {
        z: (today - mean) / deviation.max(numbers.least_deviation),
        usual: mean,
    };
    let own = (before.len() >= numbers.warm_days as usize && !before.is_empty()).then(|| {
        let days = before.len() as f64;
        let logarithms = before.iter().map(|count| libm::log1p(f64::from(*count)));
        let mean = logarithms.clone().sum::<f64>() / days;
        let variance = logarithms.map(|value| (value - mean) * (value - mean)).sum::<f64>() / days;
        against(mean, libm::sqrt(variance))
    });
    let peers = peers.filter(|peers| peers.mean.is_finite() && peers.deviation.is_finite());
    match (own, peers.map(|peers| against(peers.mean, peers.deviation))) {
        (Some(own), Some(peers)) => Some(if peers.z < own.z { peers } else { own }),
        (own, peers) => own.or(peers),
    }
}

/// What a deviation says.
#[must_use]
pub fn strength(numbers: &AccessNumbers, z: f64) -> f64 {
    numbers.most * sigmoid(z - numbers.centre)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    #[test]
    fn a_day_is_unusual_only_if_it_is_so_for_both() {
        let model = Model::current();
        let numbers = &model.numbers().access;
        let usual_for_peers = Some(Peers { mean: libm::log1p(900.0), deviation: 0.5 });
        let days = [20, 22, 19, 25, 21, 18];
        let own = deviation(numbers, &days, 900, None).unwrap();
        assert!(own.z > 8.0);
        assert!(deviation(numbers, &days, 900, usual_for_peers).unwrap().z.abs() < 1e-9);
        assert_eq!(deviation(numbers, &days[..4], 900, None), None);
        assert!(deviation(numbers, &days, 21, None).unwrap().z.abs() < 1.0);
        assert_eq!(deviation(numbers, &[], 1, Some(Peers { mean: f64::NAN, deviation: 1.0 })), None);
    }

    #[test]
    fn half_is_said_at_the_centre() {
        let model = Model::current();
        let numbers = &model.numbers().access;
        assert!((strength(numbers, numbers.centre) - numbers.most / 2.0).abs() < 1e-9);
    }
}
