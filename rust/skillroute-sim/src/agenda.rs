//! What is going to happen, in order: by time, then by rank, then as it was noted.
//!
//! Of what happens in one millisecond the lower rank comes first: who is free is known
//! before who is asked, who answers before who gives up, and a caller without patience is
//! served if anybody is free.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A call that the engine knows: how many had come, with it.
pub(crate) type CallId = u64;
/// An offer of the engine.
pub(crate) type OfferId = u64;

/// What comes first of what happens at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rank {
    /// Log-ins and breaks.
    Told = 0,
    /// A leg is gone.
    LegGone = 1,
    /// A conversation ends.
    TalkEnds = 2,
    /// An agent has finished.
    WrapUpEnds = 3,
    /// An agent answers or refuses.
    Reaction = 4,
    /// Caller and agent hear each other.
    Joined = 5,
    /// Mailboxes and outside numbers.
    Elsewhere = 6,
    /// A caller gives up.
    Leaves = 7,
    /// A caller has passed the menu, or tries again.
    Comes = 8,
    /// A new caller.
    Dials = 9,
}

/// Something that is going to happen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    /// The next call of a source is dialled; its class, and which given call it is.
    Dial { source: u32, kind: u32, given: u32 },
    /// A caller who waits outside dials again.
    TryAgain(u32),
    /// A caller who waits outside has passed the menu.
    Come(u32),
    /// The caller gives up.
    Leave(CallId),
    /// The agent picks up.
    Accept(OfferId),
    /// The agent refuses.
    Decline(OfferId),
    /// The agent presses the digit asked for.
    Press(OfferId),
    /// Both hear each other.
    Join(OfferId),
    /// The conversation ends.
    TalkEnds(OfferId),
    /// The agent ends the wrap-up.
    WrapUpEnds(u32),
    /// The leg of a withdrawn offer is gone.
    Cancelled(OfferId),
    /// A released leg is gone.
    Released(OfferId),
    /// The message is left.
    MessageEnds(CallId),
    /// The outside number picks up.
    OutsideAnswers(CallId),
    /// The conversation with it ends.
    OutsideEnds(CallId),
    /// An agent logs in.
    LogIn(u32),
    /// An agent takes a break.
    Pause(u32),
    /// It is over.
    Resume(u32),
}

/// All that is going to happen.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// Comes before all of the heap; `None`: the first of the heap does.
    ///
    /// Half of what is noted happens at once: the agent picks up, both hear each other.
    first: Option<Entry>,
    heap: BinaryHeap<Reverse<Entry>>,
    noted: u64,
}

#[derive(Debug)]
struct Entry {
    at_ms: i64,
    /// Rank, then sequence.
    order: u64,
    happening: Happening,
}

const RANK_SHIFT: u32 = 56;

impl Agenda {
    /// Note what is going to happen.
    pub(crate) fn note(&mut self, at_ms: i64, rank: Rank, happening: Happening) {
        self.noted += 1;
        self.put(at_ms, rank, self.noted, happening);
    }

    /// Note the next call of a source, whose place at an instant is that of the source.
    pub(crate) fn note_dial(&mut self, at_ms: i64, source: u32, happening: Happening) {
        self.put(at_ms, Rank::Dials, source.into(), happening);
    }

    /// Return when something happens next.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        let first = self.first.as_ref();
        first.or_else(|| self.heap.peek().map(|Reverse(entry)| entry)).map(|entry| entry.at_ms)
    }

    /// Take what happens next.
    pub(crate) fn take(&mut self) -> Option<Happening> {
        let first = self.first.take();
        first.or_else(|| self.heap.pop().map(|Reverse(entry)| entry)).map(|entry| entry.happening)
    }

    fn put(&mut self, at_ms: i64, rank: Rank, sequence: u64, happening: Happening) {
        let order = ((rank as u64) << RANK_SHIFT) + sequence;
        let entry = Entry { at_ms, order, happening };
        if let Some(first) = &mut self.first {
            let later = if entry < *first { std::mem::replace(first, entry) } else { entry };
            self.heap.push(Reverse(later));
        } else if self.heap.peek().is_none_or(|Reverse(next)| entry < *next) {
            self.first = Some(entry);
        } else {
            self.heap.push(Reverse(entry));
        }
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at_ms, self.order).cmp(&(other.at_ms, other.order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_is_taken_first_whenever_it_was_noted() {
        let mut agenda = Agenda::default();
        let mut noted = Vec::new();
        let mut taken = Vec::new();
        for number in 0..200_i64 {
            // Whatever is noted comes after what was taken, as in a replication.
            let from_ms = taken.last().map_or(0, |(at_ms, _)| *at_ms);
            let at_ms = from_ms + number * 7919 % 5;
            let call = number.unsigned_abs();
            agenda.note(at_ms, Rank::Leaves, Happening::Leave(call));
            noted.push((at_ms, call));
            if number % 3 > 0 {
                taken.push(next(&mut agenda));
            }
        }
        while agenda.next_ms().is_some() {
            taken.push(next(&mut agenda));
        }
        noted.sort_unstable();
        assert_eq!(noted, taken);
    }

    fn next(agenda: &mut Agenda) -> (i64, CallId) {
        let at_ms = agenda.next_ms().expect("something was noted");
        match agenda.take() {
            Some(Happening::Leave(call)) => (at_ms, call),
            other => panic!("only leaving was noted: {other:?}"),
        }
    }
}
