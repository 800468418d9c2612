//! The values that events and actions share: parties, needs and destinations.

use crate::record::{record, words};
use crate::wire::{Decode, Encode, Malformed, Reader, Writer};

words! {
    /// What sort of address a party has.
    pub enum PartyKind {
        /// An international number.
        E164 = "e164",
        /// An emergency or short code.
        Short = "short",
        /// An internal number.
        Extension = "extension",
        /// A SIP or other address.
        Uri = "uri",
        /// None was given.
        Anonymous = "anonymous",
    }
}

words! {
    /// What sort of place a call is sent to.
    pub enum DestinationKind {
        /// One person.
        Agent = "agent",
        /// A queue.
        Queue = "queue",
        /// Whoever has the tags.
        Tags = "tags",
        /// A flow.
        Flow = "flow",
        /// An outside number.
        Number = "number",
        /// A voicemail box.
        Voicemail = "voicemail",
        /// Nowhere.
        None = "none",
    }
}

record! {
    /// Where a call is sent.
    pub struct Destination {
        /// What sort of place it is.
        pub kind: DestinationKind,
        /// Its name; may be empty.
        pub name: String = String::new(),
        /// Who may take it.
        pub needs: Vec<Need> = Vec::new(),
    }
}

record! {
    /// One end of a call: who calls, or which number of ours was dialled.
    pub struct Party {
        /// What sort of address it is.
        pub kind: PartyKind,
        /// Normalised; empty: anonymous.
        pub number: String,
        /// As the switch gave it; empty: the same as `number`.
        pub raw: String = String::new(),
        /// Region id; empty: not known.
        pub region: String = String::new(),
        /// Carrier; empty: not known.
        pub operator: String = String::new(),
        /// Possible IANA zones; empty: not known.
        pub zones: Vec<String> = Vec::new(),
        /// Display name; empty: none.
        pub name: String = String::new(),
    }
}

/// One thing that a call asks of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The agent must hold the tag, at least at this level.
    Required(Required),
    /// The agent must hold at least one of the tags, at any level.
    AnyOf(AnyOf),
    /// The agent must not hold the tag.
    Forbidden(Forbidden),
    /// Agents who hold the tag come first; no test depends on it.
    Preferred(Preferred),
}

record! {
    /// See [`Need::Required`].
    pub struct Required {
        /// Name of the tag.
        pub tag: String,
        /// 1 to 100.
        pub level: i64 = 1,
    }
}

record! {
    /// See [`Need::AnyOf`].
    pub struct AnyOf {
        /// Names of the tags.
        pub tags: Vec<String>,
    }
}

record! {
    /// See [`Need::Forbidden`].
    pub struct Forbidden {
        /// Name of the tag.
        pub tag: String,
    }
}

record! {
    /// See [`Need::Preferred`].
    pub struct Preferred {
        /// Name of the tag.
        pub tag: String,
        /// 1 to 1000; weights of several preferred tags add up.
        pub weight: i64 = 1,
    }
}

record! {
    /// An agent whom a call tries before its queue's strategy decides.
    pub struct PreferredAgent {
        /// Id of the agent; who is not in the plan is passed over.
        pub agent: String,
        /// How long the call is held for them while they are busy; 0: not at all.
        pub for_ms: i64 = 0,
    }
}

impl Decode for Need {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (tag, fields) = tagged(reader)?;
        match tag {
            1 => Required::decode_fields(reader, fields).map(Self::Required),
            2 => AnyOf::decode_fields(reader, fields).map(Self::AnyOf),
            3 => Forbidden::decode_fields(reader, fields).map(Self::Forbidden),
            4 => Preferred::decode_fields(reader, fields).map(Self::Preferred),
            _ => Err(reader.malformed(reader.at(), "a kind of need")),
        }
    }
}

impl Encode for Need {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Required(need) => variant(writer, 1, Required::FIELDS, |w| need.encode_fields(w)),
            Self::AnyOf(need) => variant(writer, 2, AnyOf::FIELDS, |w| need.encode_fields(w)),
            Self::Forbidden(need) => {
                variant(writer, 3, Forbidden::FIELDS, |w| need.encode_fields(w));
            }
            Self::Preferred(need) => {
                variant(writer, 4, Preferred::FIELDS, |w| need.encode_fields(w));
            }
        }
    }
}

/// Read the head of a variant: its tag, and how many fields follow.
pub(crate) fn tagged(reader: &mut Reader<'_>) -> Result<(i128, usize), Malformed> {
    let start = reader.at();
    let length = reader.array()?;
    if length == 0 {
        return Err(reader.malformed(start, "a tag"));
    }
    Ok((reader.integer()?, length - 1))
}

/// Write a variant: its tag, then its fields.
pub(crate) fn variant(
    writer: &mut Writer,
    tag: u64,
    fields: usize,
    encode_fields: impl FnOnce(&mut Writer),
) {
    writer.array(1 + fields);
    writer.natural(tag);
    encode_fields(writer);
}
