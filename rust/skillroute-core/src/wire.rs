//! MessagePack, as far as plans, events, actions and snapshots use it.
//!
//! Records are arrays without names, written in the shortest form, so equal values
//! give equal bytes. Reading is as strict as that of the Python side: a string is not
//! an integer, an integer is not a flag, and no map or float is ever expected. A record
//! may be longer than known (a later version added fields, which are skipped) and
//! shorter where the missing fields have defaults.
//!
//! The crates for this cost more in compile time than these lines do, and would have to
//! be talked out of accepting maps, byte strings and floats.

use std::fmt;
use std::sync::Arc;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Offset of the offending byte.
    pub at: usize,
    /// The innermost record and field that was being read; empty: none.
    pub field: &'static str,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

impl std::error::Error for Malformed {}

/// A value that can be read.
pub trait Decode: Sized {
    /// Read the next value.
    ///
    /// # Errors
    ///
    /// The bytes are something else, or end too early.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// A value that can be written.
pub trait Encode {
    /// Append the value.
    fn encode(&self, writer: &mut Writer);
}

/// Reads one value after another from bytes.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begin at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Read the head of an array and return how many elements follow.
    ///
    /// # Errors
    ///
    /// The next value is no array.
    pub fn array(&mut self) -> Result<usize, Malformed> {
        let start = self.at;
        let byte = self.byte()?;
        match byte {
            0x90..=0x9f => Ok(usize::from(byte & 0x0f)),
            0xdc => self.length(2),
            0xdd => self.length(4),
            _ => Err(self.malformed(start, "an array")),
        }
    }

    /// Read an integer.
    ///
    /// # Errors
    ///
    /// The next value is no integer, or exceeds 64 bits with a sign.
    pub fn integer(&mut self) -> Result<i64, Malformed> {
        let start = self.at;
        let byte = self.byte()?;
        let value = match byte {
            0x00..=0x7f => Some(i64::from(byte)),
            0xe0..=0xff => Some(i64::from(i8::from_be_bytes([byte]))),
            0xcc => Some(i64::from(u8::from_be_bytes(self.take()?))),
            0xcd => Some(i64::from(u16::from_be_bytes(self.take()?))),
            0xce => Some(i64::from(u32::from_be_bytes(self.take()?))),
            0xcf => i64::try_from(u64::from_be_bytes(self.take()?)).ok(),
            0xd0 => Some(i64::from(i8::from_be_bytes(self.take()?))),
            0xd1 => Some(i64::from(i16::from_be_bytes(self.take()?))),
            0xd2 => Some(i64::from(i32::from_be_bytes(self.take()?))),
            0xd3 => Some(i64::from_be_bytes(self.take()?)),
            _ => None,
        };
        value.ok_or_else(|| self.malformed(start, "an integer"))
    }

    /// Read a string, which stays where it is.
    ///
    /// # Errors
    ///
    /// The next value is no string, or no valid UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        let byte = self.byte()?;
        let length = match byte {
            0xa0..=0xbf => usize::from(byte & 0x1f),
            0xd9 => self.length(1)?,
            0xda => self.length(2)?,
            0xdb => self.length(4)?,
            _ => return Err(self.malformed(start, "a string")),
        };
        let bytes = self.slice(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed(start, "valid UTF-8"))
    }

    /// Read a flag.
    ///
    /// # Errors
    ///
    /// The next value is neither true nor false.
    pub fn flag(&mut self) -> Result<bool, Malformed> {
        let start = self.at;
        match self.byte()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            _ => Err(self.malformed(start, "true or false")),
        }
    }

    /// Read nothing, if that is what comes next.
    pub fn nothing(&mut self) -> bool {
        let is_next = self.bytes.get(self.at) == Some(&0xc0);
        if is_next {
            self.at += 1;
        }
        is_next
    }

    /// Read one value of any type and forget it.
    ///
    /// # Errors
    ///
    /// The bytes end too early, or are no MessagePack.
    pub fn skip(&mut self) -> Result<(), Malformed> {
        // A counter instead of recursion: no nesting can exhaust the stack.
        let mut pending: u64 = 1;
        while pending > 0 {
            pending = pending - 1 + self.skip_head()?;
        }
        Ok(())
    }

    /// Return how many bytes have been read.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Tell whether everything has been read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Say what was expected at an offset.
    #[must_use]
    pub fn malformed(&self, at: usize, expected: &'static str) -> Malformed {
        Malformed {
            at,
            field: "",
            expected,
        }
    }

    /// Skip a value but for the elements of an array or map; return their number.
    fn skip_head(&mut self) -> Result<u64, Malformed> {
        let start = self.at;
        let byte = self.byte()?;
        let (length, elements) = match byte {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => (0, 0),
            0x80..=0x8f => (0, 2 * u64::from(byte & 0x0f)),
            0x90..=0x9f => (0, u64::from(byte & 0x0f)),
            0xa0..=0xbf => (usize::from(byte & 0x1f), 0),
            0xc4 | 0xd9 => (self.length(1)?, 0),
            0xc5 | 0xda => (self.length(2)?, 0),
            0xc6 | 0xdb => (self.length(4)?, 0),
            0xc7 => (self.length(1)? + 1, 0),
            0xc8 => (self.length(2)? + 1, 0),
            0xc9 => (self.length(4)? + 1, 0),
            0xcc | 0xd0 => (1, 0),
            0xcd | 0xd1 | 0xd4 => (2, 0),
            0xd5 => (3, 0),
            0xca | 0xce | 0xd2 => (4, 0),
            0xd6 => (5, 0),
            0xcb | 0xcf | 0xd3 => (8, 0),
            0xd7 => (9, 0),
            0xd8 => (17, 0),
            0xdc => (0, self.length(2)? as u64),
            0xdd => (0, self.length(4)? as u64),
            0xde => (0, 2 * self.length(2)? as u64),
            0xdf => (0, 2 * self.length(4)? as u64),
            0xc1 => return Err(self.malformed(start, "MessagePack")),
        };
        self.slice(length)?;
        Ok(elements)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_be_bytes(self.take()?))
    }

    /// Read a length of so many bytes.
    fn length(&mut self, bytes: usize) -> Result<usize, Malformed> {
        let read = self.slice(bytes)?;
        Ok(read
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut taken = [0; N];
        taken.copy_from_slice(self.slice(N)?);
        Ok(taken)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self
            .at
            .checked_add(length)
            .filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(self.malformed(self.bytes.len(), "more bytes"));
        };
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }
}

/// Appends values in their shortest form.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begin with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Write the head of an array of so many elements.
    pub fn array(&mut self, length: usize) {
        match length {
            0..=15 => self.bytes.push(0x90 | low_byte(length)),
            _ => self.head(length, None, 0xdc, 0xdd),
        }
    }

    /// Write an integer.
    pub fn integer(&mut self, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            self.natural(value);
        } else if let Ok(value) = i8::try_from(value) {
            if value < -32 {
                self.bytes.push(0xd0);
            }
            self.bytes.extend(value.to_be_bytes());
        } else if let Ok(value) = i16::try_from(value) {
            self.tagged(0xd1, value.to_be_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.tagged(0xd2, value.to_be_bytes());
        } else {
            self.tagged(0xd3, value.to_be_bytes());
        }
    }

    /// Write an integer that is not negative.
    pub fn natural(&mut self, value: u64) {
        if let Ok(value) = u8::try_from(value) {
            if value > 0x7f {
                self.bytes.push(0xcc);
            }
            self.bytes.push(value);
        } else if let Ok(value) = u16::try_from(value) {
            self.tagged(0xcd, value.to_be_bytes());
        } else if let Ok(value) = u32::try_from(value) {
            self.tagged(0xce, value.to_be_bytes());
        } else {
            self.tagged(0xcf, value.to_be_bytes());
        }
    }

    /// Write a string.
    pub fn text(&mut self, text: &str) {
        match text.len() {
            length @ 0..=31 => self.bytes.push(0xa0 | low_byte(length)),
            length => self.head(length, Some(0xd9), 0xda, 0xdb),
        }
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Write a flag.
    pub fn flag(&mut self, flag: bool) {
        self.bytes.push(if flag { 0xc3 } else { 0xc2 });
    }

    /// Write that there is nothing.
    pub fn nothing(&mut self) {
        self.bytes.push(0xc0);
    }

    /// Return what was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Write a length behind the tag of its width.
    fn head(&mut self, length: usize, tag_8: Option<u8>, tag_16: u8, tag_32: u8) {
        if let (Some(tag), Ok(length)) = (tag_8, u8::try_from(length)) {
            self.tagged(tag, length.to_be_bytes());
        } else if let Ok(length) = u16::try_from(length) {
            self.tagged(tag_16, length.to_be_bytes());
        } else {
            let length = u32::try_from(length).expect("limits.rs keeps lengths below 2^32");
            self.tagged(tag_32, length.to_be_bytes());
        }
    }

    fn tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&bytes);
    }
}

fn low_byte(length: usize) -> u8 {
    length.to_le_bytes()[0]
}

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.integer()
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
        if reader.nothing() {
            Ok(None)
        } else {
            T::decode(reader).map(Some)
        }
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
        let mut values = Self::with_capacity(length.min(reader.bytes.len() - reader.at));
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
                            .map_err(|error| $crate::wire::in_field(error, field))?
                    } else {
                        $crate::wire::record!(@missing reader, field $(, $default)?)
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
        return Err($crate::wire::in_field(
            $reader.malformed($reader.at(), "another field"),
            $field,
        ))
    };
    (@missing $reader:ident, $field:ident, $default:expr) => {
        $default
    };
}
pub(crate) use record;

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
pub(crate) fn in_field(error: Malformed, field: &'static str) -> Malformed {
    if error.field.is_empty() {
        Malformed { field, ..error }
    } else {
        error
    }
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
    fn integers_take_their_shortest_form_and_come_back() {
        let lengths = [
            (0, 1),
            (127, 1),
            (128, 2),
            (255, 2),
            (256, 3),
            (65_535, 3),
            (65_536, 5),
            (4_294_967_295, 5),
            (4_294_967_296, 9),
            (i64::MAX, 9),
            (-1, 1),
            (-32, 1),
            (-33, 2),
            (-128, 2),
            (-129, 3),
            (-32_769, 5),
            (-2_147_483_649, 9),
            (i64::MIN, 9),
        ];
        for (value, length) in lengths {
            let bytes = written(&value);
            assert_eq!(length, bytes.len(), "{value}");
            assert_eq!(Ok(value), Reader::new(&bytes).integer());
        }
    }

    #[test]
    fn strings_of_every_width_come_back() {
        for (length, head) in [(0, 1), (31, 1), (32, 2), (255, 2), (256, 3), (65_536, 5)] {
            let text = "x".repeat(length);
            let bytes = written(&text);
            assert_eq!(length + head, bytes.len());
            assert_eq!(Ok(text.as_str()), Reader::new(&bytes).text());
        }
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
        assert_eq!(
            "Sample.names: expected a string at byte 3",
            error.to_string()
        );
        let error = Sample::decode(&mut Reader::new(&[0x91, 1])).unwrap_err();
        assert_eq!(
            "Sample.names: expected another field at byte 2",
            error.to_string()
        );
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
