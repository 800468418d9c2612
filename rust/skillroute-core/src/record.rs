//! Values on the wire: plain ones, records, choices and words.
//!
//! A record is written as an array of its fields, a choice as a number, a word as a string.
//! The macros below define such a type and its form at once, so that the two cannot differ.

use std::borrow::Cow;
use std::sync::Arc;

use crate::wire::{Decode, Encode, Malformed, Reader, Writer};

/// Every number has a range far inside of 64 bits, so one that is beyond them is kept as
/// far outside as it can be: the checks refuse it like any other.
impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.integer().map(|value| Self::try_from(value).unwrap_or(Self::MAX))
    }
}

impl Decode for i128 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.integer()
    }
}

impl Encode for i128 {
    fn encode(&self, writer: &mut Writer) {
        match u64::try_from(*self) {
            Ok(value) => writer.natural(value),
            Err(_) => writer.integer(i64::try_from(*self).unwrap_or(i64::MIN)),
        }
    }
}

impl Encode for i64 {
    fn encode(&self, writer: &mut Writer) {
        writer.integer(*self);
    }
}

/// Unsigned integers: a negative or too large one is malformed.
macro_rules! natural {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let start = reader.at();
                let value = reader.integer()?;
                Self::try_from(value)
                    .map_err(|_| reader.malformed(start, "an integer in range"))
            }
        }

        impl Encode for $type {
            fn encode(&self, writer: &mut Writer) {
                writer.natural(u64::from(*self));
            }
        }
    )*};
}

natural!(u8, u16, u32, u64);

impl Decode for bool {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.flag()
    }
}

impl Encode for bool {
    fn encode(&self, writer: &mut Writer) {
        writer.flag(*self);
    }
}

impl Decode for String {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.text().map(Self::from)
    }
}

impl Encode for String {
    fn encode(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl Encode for str {
    fn encode(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl Encode for Cow<'_, str> {
    fn encode(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl Decode for Arc<str> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.text().map(Self::from)
    }
}

impl Encode for Arc<str> {
    fn encode(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<T: Decode> Decode for Arc<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::decode(reader).map(Self::new)
    }
}

impl<T: Encode> Encode for Arc<T> {
    fn encode(&self, writer: &mut Writer) {
        (**self).encode(writer);
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.nothing() { Ok(None) } else { T::decode(reader).map(Some) }
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.encode(writer),
            None => writer.nothing(),
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = reader.array()?;
        // Every element takes a byte: a false length must not reserve memory.
        let mut values = Self::with_capacity(length.min(reader.left()));
        for _ in 0..length {
            values.push(T::decode(reader)?);
        }
        Ok(values)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, writer: &mut Writer) {
        self.as_slice().encode(writer);
    }
}

impl<T: Decode> Decode for Arc<[T]> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Vec::decode(reader).map(Self::from)
    }
}

impl<T: Encode> Encode for Arc<[T]> {
    fn encode(&self, writer: &mut Writer) {
        (**self).encode(writer);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, writer: &mut Writer) {
        writer.array(self.len());
        for value in self {
            value.encode(writer);
        }
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, writer: &mut Writer) {
        (*self).encode(writer);
    }
}

impl<A: Decode, B: Decode> Decode for (A, B) {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = reader.at();
        match reader.array()? {
            2 => Ok((A::decode(reader)?, B::decode(reader)?)),
            _ => Err(reader.malformed(start, "a pair")),
        }
    }
}

impl<A: Encode, B: Encode> Encode for (A, B) {
    fn encode(&self, writer: &mut Writer) {
        writer.array(2);
        self.0.encode(writer);
        self.1.encode(writer);
    }
}

impl<A: Decode, B: Decode, C: Decode> Decode for (A, B, C) {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = reader.at();
        match reader.array()? {
            3 => Ok((A::decode(reader)?, B::decode(reader)?, C::decode(reader)?)),
            _ => Err(reader.malformed(start, "three values")),
        }
    }
}

impl<A: Encode, B: Encode, C: Encode> Encode for (A, B, C) {
    fn encode(&self, writer: &mut Writer) {
        writer.array(3);
        self.0.encode(writer);
        self.1.encode(writer);
        self.2.encode(writer);
    }
}

/// Define a struct that is read and written as an array of its fields.
///
/// Their order is the contract; a field with `= value` may be missing at the end. What
/// is `not written` begins anew with its initial value.
#[macro_export]
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident: $type:ty $(= $default:expr)?,)*
        }
        $(not written {
            $($(#[$own_meta:meta])* pub $own:ident: $own_type:ty = $initial:expr,)*
        })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            $($($(#[$own_meta])* pub $own: $own_type,)*)?
        }

        impl $name {
            /// How many fields are written.
            pub(crate) const FIELDS: usize = Self::NAMES.len();

            const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];

            /// Read the fields of a record whose head said how many there are.
            #[allow(unused_mut, unused_variables, reason = "not every record has fields")]
            pub(crate) fn decode_fields(
                reader: &mut $crate::wire::Reader<'_>,
                mut left: usize,
            ) -> Result<Self, $crate::wire::Malformed> {
                $(
                    let field = concat!(stringify!($name), ".", stringify!($field));
                    let $field: $type = if left > 0 {
                        left -= 1;
                        $crate::wire::Decode::decode(reader)
                            .map_err(|error| $crate::record::in_field(error, field))?
                    } else {
                        $crate::record::record!(@missing reader, field $(, $default)?)
                    };
                )*
                for _ in 0..left {
                    reader.skip()?;
                }
                Ok(Self { $($field,)* $($($own: $initial,)*)? })
            }

            /// Write the fields of a record whose head has been written.
            #[allow(unused_variables, reason = "not every record has fields")]
            pub(crate) fn encode_fields(&self, writer: &mut $crate::wire::Writer) {
                $($crate::wire::Encode::encode(&self.$field, writer);)*
            }
        }

        impl $crate::wire::Decode for $name {
            fn decode(
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::Malformed> {
                let fields = reader.array()?;
                Self::decode_fields(reader, fields)
            }
        }

        impl $crate::wire::Encode for $name {
            fn encode(&self, writer: &mut $crate::wire::Writer) {
                writer.array(Self::FIELDS);
                self.encode_fields(writer);
            }
        }
    };
    (@missing $reader:ident, $field:ident) => {
        return Err($crate::record::in_field(
            $reader.malformed($reader.at(), "another field"),
            $field,
        ))
    };
    (@missing $reader:ident, $field:ident, $default:expr) => {
        $default
    };
}
pub use record;

/// Define an enum that is written as a number.
macro_rules! choice {
    ($($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$arm_meta:meta])* $arm:ident = $number:literal,)*
    })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$arm_meta])* $arm = $number,)* }

        impl $crate::wire::Decode for $name {
            fn decode(
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::Malformed> {
                let start = reader.at();
                match reader.integer()? {
                    $($number => Ok(Self::$arm),)*
                    _ => Err(reader.malformed(start, "the number of a known choice")),
                }
            }
        }

        impl $crate::wire::Encode for $name {
            fn encode(&self, writer: &mut $crate::wire::Writer) {
                writer.natural(*self as u64);
            }
        }
    )*};
}
pub(crate) use choice;

/// Define an enum that is written as a word.
macro_rules! words {
    ($($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$arm_meta:meta])* $arm:ident = $word:literal,)*
    })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$arm_meta])* $arm,)* }

        impl $name {
            /// Return the word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$arm => $word,)* }
            }
        }

        impl $crate::wire::Decode for $name {
            fn decode(
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::Malformed> {
                let start = reader.at();
                match reader.text()? {
                    $($word => Ok(Self::$arm),)*
                    _ => Err(reader.malformed(start, "a known word")),
                }
            }
        }

        impl $crate::wire::Encode for $name {
            fn encode(&self, writer: &mut $crate::wire::Writer) {
                writer.text(self.word());
            }
        }
    )*};
}
pub(crate) use words;

/// Name the field of an error, unless a deeper one is named already.
#[must_use]
pub fn in_field(error: Malformed, field: &'static str) -> Malformed {
    if error.field.is_empty() { Malformed { field, ..error } } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        /// A record for the tests.
        pub struct Sample {
            /// First.
            pub number: i64,
            /// Second.
            pub names: Vec<String>,
            /// Third, may be missing.
            pub limit: Option<u32> = Some(7),
        }
    }

    fn written(value: &impl Encode) -> Vec<u8> {
        let mut writer = Writer::new();
        value.encode(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn a_record_may_lack_what_has_a_default_and_have_more_than_is_known() {
        let short = [0x92, 1, 0x91, 0xa1, b'a'];
        let sample = Sample::decode(&mut Reader::new(&short)).unwrap();
        assert_eq!(Some(7), sample.limit);
        let long = [0x94, 1, 0x90, 0xc0, 0x92, 1, 2];
        let mut reader = Reader::new(&long);
        let sample = Sample::decode(&mut reader).unwrap();
        assert_eq!((None, true), (sample.limit, reader.is_at_end()));
    }

    #[test]
    fn an_error_names_the_field_and_the_byte() {
        let error = Sample::decode(&mut Reader::new(&[0x92, 1, 0x91, 5])).unwrap_err();
        assert_eq!("Sample.names: expected a string at byte 3", error.to_string());
        let error = Sample::decode(&mut Reader::new(&[0x91, 1])).unwrap_err();
        assert_eq!("Sample.names: expected another field at byte 2", error.to_string());
    }

    #[test]
    fn bytes_that_are_cut_anywhere_are_refused() {
        let sample = Sample {
            number: -70_000,
            names: vec!["a".repeat(40), String::new()],
            limit: Some(300),
        };
        let bytes = written(&sample);
        assert_eq!(Ok(sample), Sample::decode(&mut Reader::new(&bytes)));
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            assert!(Sample::decode(&mut Reader::new(cut)).is_err(), "{length}");
            assert!(Reader::new(cut).skip().is_err(), "{length}");
        }
    }

    #[test]
    fn a_false_length_reserves_no_memory() {
        let bytes = [0xdd, 0xff, 0xff, 0xff, 0xff, 1];
        assert!(Vec::<i64>::decode(&mut Reader::new(&bytes)).is_err());
        assert!(Reader::new(&bytes).skip().is_err());
    }
}
