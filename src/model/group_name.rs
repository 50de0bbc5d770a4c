//! `HttpWebRequest.ConnectionGroupName` as the simulator carries it: a number.
//!
//! Names are compared for equality and never for spelling, so a name is 64 bits: a class and a
//! number within it. Only a user name that itself contains `S>` or `U>` needs its text, for the
//! prefix match of CL-4; whoever drives the model with texts keeps those.

use crate::units::{FNV_1A_START, fnv_1a};
use core::fmt;

/// A `ConnectionGroupName`. Equal names are the same group of one ServicePoint (CG-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupName(u64);

const CLASS_SHIFT: u32 = 61;
const NUMBER_MASK: u64 = (1 << CLASS_SHIFT) - 1;

/// Where a group name comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupNameClass {
    /// No name was set: the default group.
    Unnamed,
    /// A fresh name for one request.
    Fresh,
    /// One of a bounded pool of names.
    Pooled,
    /// The name of a user, tenant or device.
    User,
    /// A name read from a trace or timeline; the number is a digest of the text.
    Text,
}

impl GroupName {
    /// `null` or empty: the default group.
    pub const UNNAMED: GroupName = GroupName(0);

    /// The `ordinal`-th fresh name of a run.
    pub const fn fresh(ordinal: u64) -> GroupName {
        GroupName((1 << CLASS_SHIFT) | (ordinal & NUMBER_MASK))
    }

    /// Name number `index` of a pool of names.
    pub const fn pooled(index: u64) -> GroupName {
        GroupName((2 << CLASS_SHIFT) | (index & NUMBER_MASK))
    }

    /// The name of user number `index`.
    pub const fn user(index: u64) -> GroupName {
        GroupName((3 << CLASS_SHIFT) | (index & NUMBER_MASK))
    }

    /// The name spelt `text`: a 61-bit FNV-1a digest. The empty text is [`GroupName::UNNAMED`].
    pub fn from_text(text: &str) -> GroupName {
        if text.is_empty() {
            return GroupName::UNNAMED;
        }
        let digest = fnv_1a(FNV_1A_START, text.as_bytes());
        // Fold the three bits that the class takes, so that none of the digest is lost.
        GroupName((4 << CLASS_SHIFT) | ((digest ^ (digest >> CLASS_SHIFT)) & NUMBER_MASK))
    }

    /// Where the name comes from.
    pub const fn class(self) -> GroupNameClass {
        match self.0 >> CLASS_SHIFT {
            0 => GroupNameClass::Unnamed,
            1 => GroupNameClass::Fresh,
            2 => GroupNameClass::Pooled,
            3 => GroupNameClass::User,
            _ => GroupNameClass::Text,
        }
    }

    /// Whether it is a name made up for one request.
    pub const fn is_fresh(self) -> bool {
        self.0 >> CLASS_SHIFT == 1
    }

    /// The name with the next number.
    pub const fn next(self) -> GroupName {
        GroupName(self.0 + 1)
    }

    /// The number within its class.
    pub const fn number(self) -> u64 {
        self.0 & NUMBER_MASK
    }

    /// The whole name as one integer: a key for tables; consecutive fresh names are consecutive.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The name whose [`GroupName::to_bits`] is `bits`.
    pub const fn from_bits(bits: u64) -> GroupName {
        GroupName(bits)
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class() {
            GroupNameClass::Unnamed => f.write_str("(none)"),
            GroupNameClass::Fresh => write!(f, "unique-{}", self.number()),
            GroupNameClass::Pooled => write!(f, "pool-{}", self.number()),
            GroupNameClass::User => write!(f, "user-{}", self.number()),
            GroupNameClass::Text => write!(f, "name-{:016x}", self.number()),
        }
    }
}
