//! The words that a plan chooses from, as `skillroute/plan/names.py` numbers them.

use crate::record::choice;

choice! {
    /// How the eligible agents are put in order.
    pub enum Strategy {
        /// Fewest tags, then longest idle.
        MostSpecific = 0,
        /// Longest idle.
        LongestIdle = 1,
        /// Fewest tags that the call did not ask for.
        FewestExtraTags = 2,
        /// Highest levels of the required tags.
        HighestLevel = 3,
        /// Offered from the queue longest ago.
        RoundRobin = 4,
        /// In the order of the plan.
        InOrder = 5,
        /// By chance.
        Random = 6,
        /// By chance, some more often than others.
        WeightedRandom = 7,
        /// Fewest open cases.
        FewestOpenCases = 8,
        /// Fewest calls today.
        FewestCalls = 9,
        /// Least time on calls today.
        LeastTalk = 10,
        /// Least part of the time there on calls and after them today.
        LeastOccupied = 11,
        /// The tags that the call did not ask for are the least asked for by others.
        OpportunityCost = 12,
    }

    /// How an agent comes to be there.
    pub enum Login {
        /// By being on shift.
        Auto = 0,
        /// By logging in.
        Manual = 1,
    }

    /// What happens when nobody is left to be tried.
    pub enum RoundEnd {
        /// The call waits for the next round.
        Wait = 0,
        /// The call leaves the line.
        Overflow = 1,
        /// The next step begins.
        NextStep = 2,
    }

    /// How the agents of a call are rung.
    pub enum Ringing {
        /// One after another.
        One = 0,
        /// As many at once as may be.
        All = 1,
        /// More and more of them.
        Progressively = 2,
    }

    /// Which call of a queue goes first.
    pub enum LineOrder {
        /// The one of the highest effective priority.
        Priority = 0,
        /// The one that has waited longest.
        LongestWaiting = 1,
        /// The one that the fewest agents could serve.
        HardestFirst = 2,
    }

    /// How the time after a call ends.
    pub enum WrapUp {
        /// By its length, or by the agent.
        Capped = 0,
        /// By its length.
        Fixed = 1,
        /// By the agent, at the latest after its length.
        Manual = 2,
    }

    /// What makes a queue give up a call; at one instant the first in this order decides.
    pub enum Limit {
        /// The queue's hours are over.
        Closed = 0,
        /// Nobody who could serve the call has a shift.
        NobodyOnShift = 1,
        /// Nobody who could serve the call is logged in.
        NobodyLoggedIn = 2,
        /// The caller has too many calls in the line.
        SizePerCaller = 3,
        /// Too many calls are in the line.
        Size = 4,
        /// The call has waited as long as it may.
        MaxWait = 5,
        /// Nobody is left to be tried.
        RoundEnd = 6,
    }

    /// What a need asks.
    pub enum NeedKind {
        /// To hold the tag.
        Required = 0,
        /// To hold one of the tags.
        AnyOf = 1,
        /// Not to hold the tag.
        Forbidden = 2,
        /// To hold the tag, rather.
        Preferred = 3,
    }
}
