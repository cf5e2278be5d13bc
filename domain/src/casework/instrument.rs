//! Instruments (mittarit) as data: definitions are read from the data files beside this crate, responses are never changed, and change is told
//! between phases.
use crate::{
    rejection::{Code, Rejections},
    text::LocalizedText,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};

vocabulary! {
    /// In which phase of the case something is measured (mittauksen vaihe).
    pub enum MeasurementPhase ["measurement-phase"] {
        /// At the beginning (alkumittaus).
        Baseline,
        /// On the way (välimittaus).
        Interim,
        /// At the end (loppumittaus).
        Final,
        /// After the end (seurantamittaus).
        FollowUp,
    }
}

vocabulary! {
    /// How a score is made of the answers (pisteytys).
    pub enum Scoring {
        /// The mean of the answers (keskiarvo).
        Mean,
        /// No score: each item stands for itself (ei kokonaispistettä).
        None,
    }
}

/// An instrument in one version.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Its key, for example `WAS`.
    pub key: String,
    /// Its version.
    pub version: String,
    /// What it is called.
    pub name: LocalizedText,
    /// Where it comes from.
    pub source: String,
    /// Under which terms it may be used.
    pub licence: String,
    /// How many items must be answered at least.
    pub least: usize,
    /// How a score is made.
    pub scoring: Scoring,
    /// More is better.
    pub higher_is_better: bool,
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// An item of an instrument.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its key, for example `self_esteem`.
    pub key: String,
    /// The least answer.
    pub min: i32,
    /// The greatest answer.
    pub max: i32,
    /// What is asked or scored.
    pub text: LocalizedText,
}

#[derive(Deserialize)]
struct InstrumentRow {
    key: String,
    version: String,
    name_fi: String,
    name_sv: String,
    name_en: String,
    source: String,
    licence: String,
    least: usize,
    scoring: Scoring,
    higher_is_better: bool,
}

#[derive(Deserialize)]
struct ItemRow {
    instrument: String,
    item: String,
    min: i32,
    max: i32,
    fi: String,
    sv: String,
    en: String,
}

/// Every instrument of this build, in the order of the file; read once.
pub fn instruments() -> &'static [Instrument] {
    static ALL: LazyLock<Vec<Instrument>> = LazyLock::new(|| read().unwrap_or_else(|fault| unreachable!("the instruments are part of the program: {fault}")));
    &ALL
}

/// The instrument of this key.
#[must_use]
pub fn instrument(key: &str) -> Option<&'static Instrument> {
    instruments().iter().find(|instrument| instrument.key == key)
}

fn read() -> Result<Vec<Instrument>, csv::Error> {
    let mut items: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for row in csv::Reader::from_reader(include_str!("../../data/instruments/items.csv").as_bytes()).deserialize::<ItemRow>() {
        let row = row?;
        let text = LocalizedText::of(row.fi, row.sv, row.en);
        items.entry(row.instrument).or_default().push(Item { key: row.item, min: row.min, max: row.max, text });
    }
    let rows = csv::Reader::from_reader(include_str!("../../data/instruments/instruments.csv").as_bytes()).into_deserialize::<InstrumentRow>();
    rows.map(|row| {
        let row = row?;
        Ok(Instrument {
            items: items.remove(&row.key).unwrap_or_default(),
            key: row.key,
            version: row.version,
            name: LocalizedText::of(row.name_fi, row.name_sv, row.name_en),
            source: row.source,
            licence: row.licence,
            least: row.least,
            scoring: row.scoring,
            higher_is_better: row.higher_is_better,
        })
    })
    .collect()
}

/// The answer to one item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject, async_graphql::InputObject),
    graphql(name = "InstrumentAnswer", input_name = "InstrumentAnswerInput")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InstrumentAnswer {
    /// The key of the item.
    pub item: String,
    /// The answer, within the range of the item.
    pub value: i32,
}

crate::private::masked!(InstrumentAnswer);

impl Instrument {
    /// Every fault of the answers: an item that there is not, one that is answered twice, a value out of range, too few answers.
    #[must_use]
    pub fn check(&self, answers: &[InstrumentAnswer]) -> Rejections {
        let mut out = Rejections::default();
        if answers.len() < self.least {
            out.add(Code::Required, &["answers"]);
        }
        for (i, answer) in answers.iter().enumerate() {
            let at = i.to_string();
            match self.items.iter().find(|item| item.key == answer.item) {
                None => out.add_with(Code::UnknownCode, &["answers", &at, "item"], answer.item.as_str()),
                Some(_) if answers[..i].iter().any(|other| other.item == answer.item) => out.add(Code::Duplicate, &["answers", &at, "item"]),
                Some(item) if !(item.min..=item.max).contains(&answer.value) => {
                    out.add_with(Code::OutOfRange, &["answers", &at, "value"], format!("{}–{}", item.min, item.max));
                }
                Some(_) => {}
            }
        }
        out
    }

    /// The score of the answers; none where each item stands for itself, or nothing is answered.
    #[must_use]
    pub fn score(&self, answers: &[InstrumentAnswer]) -> Option<f64> {
        let count = u32::try_from(answers.len()).ok().filter(|count| *count > 0)?;
        match self.scoring {
            Scoring::Mean => Some(answers.iter().map(|answer| f64::from(answer.value)).sum::<f64>() / f64::from(count)),
            Scoring::None => None,
        }
    }
}

impl Instrument {
    /// The score of the answers in hundredths, half of one rounded up: as reports count it.
    #[must_use]
    pub fn mean_hundredths(&self, answers: &[InstrumentAnswer]) -> Option<i32> {
        let count = i32::try_from(answers.len()).ok().filter(|count| *count > 0 && self.scoring == Scoring::Mean)?;
        let sum: i32 = answers.iter().map(|answer| answer.value).sum();
        Some((200 * sum + count).div_euclid(2 * count))
    }
}

/// How an item has changed between two responses.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct ItemChange {
    /// The key of the item.
    pub item: String,
    /// The answer before.
    pub before: i32,
    /// The answer after.
    pub after: i32,
    /// The difference, after less before.
    pub change: i32,
}

/// How the items have changed that are answered both times, in the order of the later answers.
#[must_use]
pub fn changes(before: &[InstrumentAnswer], after: &[InstrumentAnswer]) -> Vec<ItemChange> {
    let both = after.iter().filter_map(|now| before.iter().find(|then| then.item == now.item).map(|then| (then, now)));
    both.map(|(then, now)| ItemChange { item: now.item.clone(), before: then.value, after: now.value, change: now.value - then.value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(item: &str, value: i32) -> InstrumentAnswer {
        InstrumentAnswer { item: item.into(), value }
    }

    #[test]
    fn every_instrument_has_items_a_source_and_terms() {
        assert_eq!(instruments().iter().map(|i| i.key.as_str()).collect::<Vec<_>>(), ["WAS", "X3_10D", "KYKYVIISARI", "ESIS"]);
        for instrument in instruments() {
            assert!(!instrument.items.is_empty() && instrument.least <= instrument.items.len() && !instrument.licence.is_empty());
            assert!(instrument.items.iter().all(|item| item.min < item.max));
        }
        assert_eq!(instrument("X3_10D").map(|i| i.items.len()), Some(10));
    }

    #[test]
    fn answers_may_be_partial_but_not_empty_unknown_doubled_or_out_of_range() {
        let meter = instrument("X3_10D").unwrap();
        let codes = |answers: &[InstrumentAnswer]| meter.check(answers).iter().map(|r| r.code).collect::<Vec<_>>();
        assert_eq!(codes(&[answer("health", 7)]), []);
        assert_eq!(codes(&[]), [Code::Required]);
        assert_eq!(codes(&[answer("luck", 7)]), [Code::UnknownCode]);
        assert_eq!(codes(&[answer("health", 7), answer("health", 8)]), [Code::Duplicate]);
        assert_eq!(codes(&[answer("health", 11)]), [Code::OutOfRange]);
    }

    #[test]
    fn change_is_told_of_what_is_answered_both_times() {
        let changed = changes(&[answer("health", 4), answer("friends", 5)], &[answer("family", 8), answer("health", 7)]);
        assert!(changed == [ItemChange { item: "health".into(), before: 4, after: 7, change: 3 }]);
        let was = instrument("WAS").unwrap();
        assert_eq!((was.score(&[answer("work_ability", 5)]), was.score(&[])), (Some(5.0), None));
    }
}
