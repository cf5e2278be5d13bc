//! A value that must be revealed on purpose: it has no form of its own in logs, errors or audit rows.

/// What anybody sees of a private value that is not revealed to them.
pub const MASK: &str = "•••";

/// A value about a person. Debug shows a mask, there is no Display and no way to serialize it.
#[derive(Clone, PartialEq, Eq)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: whoever calls this answers for who is shown it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

/// Values whose content is about a person: Debug shows a mask.
macro_rules! masked {
    ($($name:ident),+ $(,)?) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::private::MASK)
            }
        }
    )+ };
}
pub(crate) use masked;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_seen_in_a_log() {
        assert_eq!(format!("{:?}", Some(Private::new("Aino"))), "Some(•••)");
    }
}
