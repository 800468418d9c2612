//! A counter-based generator: equal counters give equal numbers, on every machine.

use crate::mutants::broken;

/// Hash whole numbers with SplitMix64, one after another, to 64 bits.
///
/// Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA
/// 2014, figure 16.
pub(super) fn split_mix(values: [u64; 4]) -> u64 {
    values.into_iter().fold(0, |state: u64, value| {
        let mut state = (state ^ value).wrapping_add(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^ (state >> broken!(31, 31, 30))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_specification() {
        assert_eq!(0x2130_748a_aac8_0268, split_mix([0; 4]));
        assert_eq!(0xd55c_cd4a_eb3c_cafb, split_mix([1, 2, 3, 4]));
        assert_eq!(0x83bb_626e_0877_ffbd, split_mix([u64::MAX, 0, 7, 9]));
    }
}
