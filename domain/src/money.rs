//! Money (raha): one amount under one name, whether it is written, kept or read.
use crate::rejection::{Code, Rejections};
use serde::{Deserialize, Serialize};

/// An amount of money (rahamäärä) in euros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "MoneyInput"))]
#[serde(rename_all = "camelCase", from = "Kept")]
pub struct Money {
    /// The amount in euro cents.
    pub amount_cents: i32,
}

/// How an amount may have been kept: as a whole, or by its cents alone, as in rows from before there was a type for it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Cents(i32),
    #[serde(rename_all = "camelCase")]
    Whole {
        amount_cents: i32,
    },
}

impl From<Kept> for Money {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Cents(amount_cents) | Kept::Whole { amount_cents } => Self { amount_cents },
        }
    }
}

impl Money {
    /// The amount is not negative and at most `max`.
    pub fn check(self, field: &str, max: Self, out: &mut Rejections) {
        if !(0..=max.amount_cents).contains(&self.amount_cents) {
            out.add_with(Code::OutOfRange, &[field, "amountCents"], format!("0–{}", max.amount_cents));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_it_is_kept_now_and_as_it_was_kept_before() {
        let five = Money { amount_cents: 500 };
        assert_eq!(serde_json::to_string(&five).unwrap(), r#"{"amountCents":500}"#);
        for kept in [r#"{"amountCents":500}"#, "500"] {
            assert_eq!(serde_json::from_str::<Money>(kept).unwrap(), five, "{kept}");
        }
        assert!(serde_json::from_str::<Money>(r#""500""#).is_err());
    }

    #[test]
    fn an_amount_has_bounds() {
        let faults = |amount_cents| {
            let mut out = Rejections::default();
            Money { amount_cents }.check("price", Money { amount_cents: 100 }, &mut out);
            (&out).into_iter().map(|r| r.path.join(".")).collect::<Vec<_>>()
        };
        assert_eq!((faults(0), faults(100)), (vec![], vec![]));
        assert_eq!((faults(-1), faults(101)), (vec!["price.amountCents".to_owned()], vec!["price.amountCents".to_owned()]));
    }
}
