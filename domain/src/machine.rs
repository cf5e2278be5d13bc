//! How any state machine moves: the machines are tables, and this is the one function that steps them.

/// One legal transition: in state `from`, the move `by` leads to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<S, M> {
    /// The state before.
    pub from: S,
    /// The named move.
    pub by: M,
    /// The state after.
    pub to: S,
}

/// A state of a machine whose transitions are a table.
pub trait Machine: Copy + PartialEq + std::fmt::Debug + 'static {
    /// The named moves.
    type Move: Copy + PartialEq + std::fmt::Debug + 'static;
    /// What the machine is called in the documents.
    const NAME: &'static str;
    /// Every legal transition; anything else is refused.
    const EDGES: &'static [Edge<Self, Self::Move>];

    /// The state after `by`.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the table has no such edge.
    fn step(self, by: Self::Move) -> Result<Self, IllegalTransition> {
        Self::EDGES.iter().find(|edge| edge.from == self && edge.by == by).map(|edge| edge.to).ok_or_else(|| IllegalTransition::of(self, by))
    }

    /// The moves that are possible in this state.
    fn moves(self) -> impl Iterator<Item = Self::Move> {
        Self::EDGES.iter().filter(move |edge| edge.from == self).map(|edge| edge.by)
    }
}

/// A move that the table does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{attempted} is not possible from {from}")]
pub struct IllegalTransition {
    /// The state it was in.
    pub from: String,
    /// The move that was tried.
    pub attempted: String,
}

impl IllegalTransition {
    /// This move from that state.
    pub(crate) fn of<S: Machine>(from: S, by: S::Move) -> Self {
        Self { from: format!("{from:?}"), attempted: format!("{by:?}") }
    }
}

/// Declares a machine: its moves and its edges, one line each.
macro_rules! machine {
    ($(#[$meta:meta])* $state:ident as $name:literal, pub enum $moves:ident { $($(#[$mmeta:meta])* $variant:ident),+ $(,)? } $($from:ident -- $by:ident -> $to:ident;)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        pub enum $moves { $($(#[$mmeta])* $variant),+ }
        impl $crate::machine::Machine for $state {
            type Move = $moves;
            const NAME: &'static str = $name;
            const EDGES: &'static [$crate::machine::Edge<Self, $moves>] = &[$($crate::machine::Edge { from: $state::$from, by: $moves::$by, to: $state::$to }),+];
        }
    };
}
pub(crate) use machine;

/// The machine as a Mermaid diagram, for the documents.
#[must_use]
pub fn mermaid<S: Machine>() -> String {
    use std::fmt::Write as _;
    let mut out = format!("## {}\n\n```mermaid\nstateDiagram-v2\n", S::NAME);
    for edge in S::EDGES {
        let _ = writeln!(out, "    {:?} --> {:?}: {:?}", edge.from, edge.to, edge.by);
    }
    out.push_str("```\n");
    out
}
