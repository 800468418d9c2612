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

    /// Read an integer of 64 bits, with a sign or without.
    ///
    /// # Errors
    ///
    /// The next value is no integer.
    pub fn integer(&mut self) -> Result<i128, Malformed> {
        let start = self.at;
        let byte = self.byte()?;
        let value = match byte {
            0x00..=0x7f => i128::from(byte),
            0xe0..=0xff => i128::from(i8::from_be_bytes([byte])),
            0xcc => i128::from(u8::from_be_bytes(self.take()?)),
            0xcd => i128::from(u16::from_be_bytes(self.take()?)),
            0xce => i128::from(u32::from_be_bytes(self.take()?)),
            0xcf => i128::from(u64::from_be_bytes(self.take()?)),
            0xd0 => i128::from(i8::from_be_bytes(self.take()?)),
            0xd1 => i128::from(i16::from_be_bytes(self.take()?)),
            0xd2 => i128::from(i32::from_be_bytes(self.take()?)),
            0xd3 => i128::from(i64::from_be_bytes(self.take()?)),
            _ => return Err(self.malformed(start, "an integer")),
        };
        Ok(value)
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

    /// Return how many bytes have not been read.
    #[must_use]
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Tell whether everything has been read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Say what was expected at an offset.
    #[must_use]
    pub fn malformed(&self, at: usize, expected: &'static str) -> Malformed {
        Malformed { at, field: "", expected }
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
        Ok(read.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut taken = [0; N];
        taken.copy_from_slice(self.slice(N)?);
        Ok(taken)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
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

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(Ok(i128::from(value)), Reader::new(&bytes).integer());
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
}
