//! The end of a queue for a call: where it goes that the queue gives up.

use std::sync::Arc;

use crate::ids::{BoxNumber, QueueNumber};
use crate::record::record;
use crate::wire::{Decode, Encode, Malformed, Reader, Writer};

/// Where a call goes that a queue gives up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The site's last resort.
    LastResort,
    /// A voicemail box.
    Voicemail(BoxNumber),
    /// Another queue, or the same.
    Queue(QueueNumber),
    /// An outside number.
    Number(Arc<str>),
    /// A prompt, if it is not empty, and the hang-up.
    HangUp(Arc<str>),
}

record! {
    /// The same as it is written.
    pub struct WrittenEnd {
        /// Which of them.
        pub kind: u8,
        /// The box or queue, else 0.
        pub target: u32,
        /// The outside number or prompt, else empty.
        pub text: Arc<str> = Arc::default(),
    }
}

impl Decode for End {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = reader.at();
        let WrittenEnd { kind, target, text } = WrittenEnd::decode(reader)?;
        match (kind, target, text.is_empty()) {
            (0, 0, true) => Ok(Self::LastResort),
            (1, number, true) => Ok(Self::Voicemail(BoxNumber(number))),
            (2, number, true) => Ok(Self::Queue(QueueNumber(number))),
            (3, 0, false) => Ok(Self::Number(text)),
            (4, 0, _) => Ok(Self::HangUp(text)),
            _ => Err(reader.malformed(start, "a known end")),
        }
    }
}

impl Encode for End {
    fn encode(&self, writer: &mut Writer) {
        let nothing = Arc::default;
        let (kind, target, text) = match self {
            Self::LastResort => (0, 0, nothing()),
            Self::Voicemail(number) => (1, number.0, nothing()),
            Self::Queue(number) => (2, number.0, nothing()),
            Self::Number(number) => (3, 0, Arc::clone(number)),
            Self::HangUp(prompt) => (4, 0, Arc::clone(prompt)),
        };
        WrittenEnd { kind, target, text }.encode(writer);
    }
}
