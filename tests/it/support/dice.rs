//! Chance that is the same each time.

/// A generator of numbers that are the same each time.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    /// One of the items.
    pub fn pick<'a>(&mut self, items: &'a [String]) -> &'a str {
        let place = self.roll(items.len());
        &items[place]
    }
}
