//! How callers and agents behave: what is drawn, or given, for each of them.

use std::sync::Arc;

use skillroute_core::contract::{Party, PartyKind};

use crate::draws::{Key, Purpose, share_of};
use crate::played::Played;
use crate::scenario::Class;

/// In place of the number of a given call: it is drawn.
pub(crate) const DRAWN: u32 = u32::MAX;

/// Somebody who calls, for the first time or again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) kind: u32,
    pub(crate) number: u64,
    pub(crate) tries: u64,
    /// Which given call it is; `DRAWN`: none.
    pub(crate) given: u32,
}

impl Caller {
    /// Say what a draw for this caller is about.
    pub(crate) fn key(self, part: u64) -> Key {
        Key { index: self.kind, number: self.number, part }
    }

    /// Return the same caller at the next try.
    pub(crate) fn again(self) -> Self {
        Self { tries: self.tries + 1, ..self }
    }
}

impl<'a> Played<'a> {
    /// Return the kind of a caller's calls.
    pub(crate) fn class(&self, caller: Caller) -> &'a Class {
        &self.scenario.classes[caller.kind as usize]
    }

    /// Return how long somebody waits; `None`: for ever.
    pub(crate) fn patience_ms(&self, caller: Caller) -> Option<i64> {
        if caller.given != DRAWN {
            return self.scenario.calls[caller.given as usize].patience_ms;
        }
        let class = self.class(caller);
        let is_same = class.retry.as_ref().is_some_and(|retry| retry.same_patience);
        let part = if is_same { 1 } else { caller.tries };
        Some(self.draws.length(class.patience?, Purpose::Patience, caller.key(part)))
    }

    /// Return how long the conversation with an agent is.
    pub(crate) fn handling_ms(&self, caller: Caller, agent: u32) -> i64 {
        let given = self.scenario.calls.get(caller.given as usize);
        if let Some(given_ms) = given.and_then(|call| call.handling_ms) {
            return given_ms;
        }
        let class = self.class(caller);
        let group = self.groups[agent as usize];
        let own = class.handling_by_group.get(group as usize).copied().flatten();
        self.draws.length(own.unwrap_or(class.handling), Purpose::Handling, caller.key(0))
    }

    /// Return who calls; it is the same in every try.
    pub(crate) fn party(&self, caller: Caller) -> Arc<Party> {
        if let Some(party) = &self.callers[caller.kind as usize] {
            return Arc::clone(party);
        }
        let class = self.class(caller);
        let word = self.draws.word(Purpose::Caller, caller.key(0));
        let drawn = share_of(10_u64.pow(class.caller_digits), word);
        let (prefix, width) = (&class.caller_prefix, class.caller_digits as usize);
        Arc::new(party_of(format!("{prefix}{drawn:0width$}")))
    }
}

/// Return who makes all calls of a class; `None`: each caller has a number.
pub(crate) fn common_party(class: &Class) -> Option<Arc<Party>> {
    (class.caller_digits == 0).then(|| Arc::new(party_of(class.caller_prefix.clone())))
}

fn party_of(number: String) -> Party {
    let kind = match (number.is_empty(), number.starts_with('+')) {
        (true, _) => PartyKind::Anonymous,
        (false, true) => PartyKind::E164,
        (false, false) => PartyKind::Extension,
    };
    Party {
        kind,
        number,
        raw: String::new(),
        region: String::new(),
        operator: String::new(),
        zones: Vec::new(),
        name: String::new(),
    }
}
