//! The part of the vocabulary that today's engine does not carry out.
//!
//! Such an event is read and its fields are checked like those of any other, so that a
//! journal's damage is found whatever an event means; then only its name is kept.

use crate::contract::{Destination, Need, Party};
use crate::record::words;
use crate::wire::{Decode, Malformed, Reader};

/// Define events by tag, name, types of the fields, and of those that may be missing.
macro_rules! later {
    ($($tag:literal $name:ident($($type:ty),*) or ($($optional:ty),*);)*) => {
        /// Read the fields of an event of later; `None`: no such tag.
        ///
        /// # Errors
        ///
        /// A field has a wrong type, or is missing.
        #[allow(unused_assignments, reason = "the last field's count is not read")]
        pub(crate) fn decode(
            tag: i128,
            reader: &mut Reader<'_>,
            fields: usize,
        ) -> Result<Option<&'static str>, Malformed> {
            let mut left = fields;
            let name = match tag {
                $($tag => {
                    $(
                        if left == 0 {
                            return Err(reader.malformed(reader.at(), "another field"));
                        }
                        left -= 1;
                        <$type>::decode(reader)?;
                    )*
                    $(
                        if left > 0 {
                            left -= 1;
                            <$optional>::decode(reader)?;
                        }
                    )*
                    stringify!($name)
                })*
                _ => return Ok(None),
            };
            for _ in 0..left {
                reader.skip()?;
            }
            Ok(Some(name))
        }
    };
}

later! {
    11 CallEnriched(String, String, bool) or (Vec<Need>, Option<i64>, Vec<String>, Pairs);
    12 DigitsCollected(String, String) or ();
    13 PromptEnded(String, String) or (String);
    18 CallHeld(String, String) or ();
    19 CallResumed(String, String) or ();
    50 ListEntryAdded(String, String) or (Option<i64>, String, String);
    51 ListEntryRemoved(String, String) or (String, String);
    80 TransferRequested(String, String, TransferKind, Destination) or (Pairs, String);
    81 TransferCompleted(String, String) or ();
    82 TransferCancelled(String, String) or ();
    83 ConsultToggled(String, String) or ();
    84 ConferenceStarted(String, String) or ();
    85 MessageLeft(String, String, String, String) or (String);
    90 CallbackRequested(String, Party) or (Option<i64>, Option<i64>);
    91 CallbackCancelled(String) or (String, String);
    92 CustomerAnswered(String) or ();
    93 CustomerFailed(String, CustomerFailure) or ();
    94 OutboundRequested(String, String, Party) or (String);
    95 OutboundDialled(String, String) or ();
    96 OutboundEnded(String, String) or ();
}

type Pairs = Vec<(String, String)>;

words! {
    /// How a call is transferred.
    pub enum TransferKind {
        /// At once.
        Blind = "blind",
        /// After talking to the target.
        Attended = "attended",
    }

    /// Why a customer could not be had.
    pub enum CustomerFailure {
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The line is busy.
        Busy = "busy",
        /// There is no such number.
        Invalid = "invalid",
        /// A machine answered.
        Machine = "machine",
        /// Anything else.
        Failed = "failed",
    }
}
