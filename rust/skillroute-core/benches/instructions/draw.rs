//! Draws: the same numbers for the same seed, on every machine.

/// A generator of numbers.
#[derive(Debug)]
pub struct Draw(u64);

impl Draw {
    /// Start from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Return a number that is less than *bound*.
    pub fn below(&mut self, bound: u32) -> u32 {
        let scaled = (self.next() >> 32) * u64::from(bound);
        u32::try_from(scaled >> 32).expect("it is less than the bound")
    }

    /// Return a number from *low* to *high*, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// Return one of the elements.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let count = u32::try_from(of.len()).expect("it is short");
        &of[self.below(count) as usize]
    }

    /// Return *count* of the bits of a set that has at least as many.
    pub fn bits(&mut self, count: u32, of: u64) -> u64 {
        let (mut drawn, mut left) = (0, of);
        for _ in 0..count.min(of.count_ones()) {
            let mut rest = left;
            for _ in 0..self.below(left.count_ones()) {
                rest &= rest - 1;
            }
            let bit = rest & rest.wrapping_neg();
            drawn |= bit;
            left &= !bit;
        }
        drawn
    }

    /// Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA
    /// 2014, figure 16.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
