//! Numbers in place of names: dense, and of a type each.

use crate::wire::{Decode, Encode, Malformed, Reader, Writer};

/// Define the number of one kind of thing.
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident($type:ty);)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $type);

        impl Decode for $name {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                <$type>::decode(reader).map(Self)
            }
        }

        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) {
                self.0.encode(writer);
            }
        }
    )*};
}

id! {
    /// A tag: of the plan, or beyond those one that only events have mentioned.
    TagNumber(u32);
    /// An agent, in the order of the plan.
    AgentNumber(u32);
    /// A queue of the plan.
    QueueNumber(u32);
    /// A schedule of the plan.
    ScheduleNumber(u32);
    /// A voicemail box of the plan.
    BoxNumber(u32);
    /// A dialled number of the plan.
    DialledNumber(u32);
    /// The engine's own number of a call: 1 for the first of a site.
    CallNumber(u64);
    /// The number of an offer: 1 for the first of a site, never used twice.
    OfferNumber(u64);
}

/// Numbers that are also places in a table.
macro_rules! index {
    ($($name:ident),*) => {$(
        impl $name {
            /// Return the place in a table of such things.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// Return the number of a place in a table.
            #[must_use]
            pub fn of(index: usize) -> Self {
                Self(u32::try_from(index).expect("tables are shorter than 2^32"))
            }
        }
    )*};
}

index!(TagNumber, AgentNumber, QueueNumber, ScheduleNumber, BoxNumber, DialledNumber);
