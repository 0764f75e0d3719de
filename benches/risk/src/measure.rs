//! How well scores tell two groups apart.

/// The probability that one of the attacked scores higher than one of the others; of equal scores, half.
pub fn auc(others: &[f64], attacked: &[f64]) -> f64 {
    let mut sorted = others.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let won: f64 = attacked
        .iter()
        .map(|score| {
            let below = sorted.partition_point(|other| other < score);
            let equal = sorted.partition_point(|other| other <= score) - below;
            below as f64 + equal as f64 / 2.0
        })
        .sum();
    won / (others.len() as f64 * attacked.len() as f64)
}

/// The lowest threshold above which at most this part of the others scores.
pub fn threshold(others: &[f64], part: f64) -> f64 {
    let mut sorted = others.to_vec();
    sorted.sort_unstable_by(|one, other| other.total_cmp(one));
    let allowed = (others.len() as f64 * part) as usize;
    // Whoever scores more than the first that is not allowed.
    sorted.get(allowed).copied().unwrap_or(f64::NEG_INFINITY)
}

/// The part of the attacked that scores above a threshold.
pub fn above(attacked: &[f64], threshold: f64) -> f64 {
    attacked.iter().filter(|score| **score > threshold).count() as f64 / attacked.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_half() {
        assert_eq!(auc(&[1.0, 2.0], &[3.0]), 1.0);
        assert_eq!(auc(&[1.0, 3.0], &[3.0]), 0.75);
        assert_eq!(auc(&[0.0, 0.0], &[0.0]), 0.5);
    }

    #[test]
    fn no_more_than_allowed_are_above_the_threshold() {
        let others: Vec<f64> = (0..100).map(f64::from).collect();
        let threshold = threshold(&others, 0.05);
        assert_eq!(above(&others, threshold), 0.05);
        let tied = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(above(&tied, super::threshold(&tied, 0.25)), 0.0);
    }
}
