//! Services out of a feed of HSDS 3, the Human Services Data Specification of Open Referral: a page as its API (HSDA) answers it, an array, or one record after the
//! other (NDJSON). What has no place in our catalogue is not read. Nothing of what a record says is ever repeated in a refusal.
use super::{
    catalogue::{Feed, LONGEST_ID, Record, Said, ServiceTold, SourceOrganization},
    sheet::MAX_ROWS,
};
use crate::{
    catalogue::service::ChargeType,
    code::lists,
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::{BusinessId, LanguageTag},
    text::{self, Language, LocalizedText},
};
use serde::Deserialize;
use serde_json::{Map, Number, Value, value::RawValue};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

/// Fields of our content that a record calls otherwise.
const NAMES: &[(&str, &str)] = &[
    ("userInstruction", "application_process"),
    ("chargeInfo", "fees_description"),
    ("chargeType", "cost_options"),
    ("price", "cost_options"),
    ("minAge", "minimum_age"),
    ("maxAge", "maximum_age"),
    ("provision", "attributes"),
    ("form", "attributes"),
    ("deliveryForms", "attributes"),
    ("rehabContents", "attributes"),
    ("supportNeeds", "attributes"),
    ("targetGroups", "attributes"),
    ("classes", "attributes"),
    ("lifeEvents", "attributes"),
    ("task", "attributes"),
];

/// The code lists by which a service is classed, the field in which that stands, and whether it has several.
const CLASSED: &[(&str, &str, bool)] = &[
    ("support-need", "supportNeeds", true),
    ("rehab-content", "rehabContents", true),
    ("target-group", "targetGroups", true),
    ("service-class", "classes", true),
    ("life-event", "lifeEvents", true),
    ("delivery-form", "deliveryForms", true),
    ("provision-mode", "provision", false),
    ("service-form", "form", false),
    ("service-task", "task", false),
];

/// The number of a list in [`CLASSED`], and the code, by the address that the code has in its source.
static BY_ADDRESS: LazyLock<HashMap<&str, (usize, &str)>> = LazyLock::new(|| {
    let of = |(number, (key, ..)): (usize, &(&str, &str, bool))| {
        let codes = lists().get(key).map(|list| &list.codes[..]).unwrap_or_default();
        codes.iter().filter_map(move |entry| Some((entry.uri.as_deref()?, (number, entry.code.as_str()))))
    };
    CLASSED.iter().enumerate().flat_map(of).collect()
});

/// A page of an answer of the API. Its counts are not read: what it holds tells itself.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    contents: Option<&'a RawValue>,
}

/// Reads a feed, of which the texts are in a language. Finnish is always there: a text in another language stands as the Finnish one too, until somebody translates it.
///
/// # Errors
/// [`Code::FeedBroken`] for what is no JSON in UTF-8 or ends before it should; no record at all, or more than [`MAX_ROWS`].
pub fn read(bytes: &[u8], language: Language) -> Result<Feed, Rejections> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|fault| broken(line_of(bytes, fault.valid_up_to())))?;
    let mut records: Vec<&RawValue> = Vec::new();
    let mut parts = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let begins = parts.byte_offset();
        let Some(part) = parts.next() else { break };
        let part = part.map_err(|fault| broken(fault.line()))?;
        let wrong = |_: serde_json::Error| broken(line_of(bytes, begins));
        if part.get().starts_with('[') {
            records.extend(serde_json::from_str::<Vec<&RawValue>>(part.get()).map_err(wrong)?);
        } else if part.get().starts_with('{') {
            match serde_json::from_str::<Page<'_>>(part.get()).map_err(wrong)?.contents {
                Some(contents) => records.extend(serde_json::from_str::<Vec<&RawValue>>(contents.get()).map_err(wrong)?),
                None => records.push(part),
            }
        } else {
            records.push(part);
        }
        if records.len() > MAX_ROWS {
            return Err(Rejection::with(Code::TooLong, &["rows"], MAX_ROWS.to_string()).into());
        }
    }
    if records.is_empty() {
        return Err(Rejection::new(Code::Required, &["rows"]).into());
    }
    Ok(Feed { records: records.into_iter().map(|raw| record(raw, language)).collect(), names: NAMES })
}

/// The line on which a byte lies, from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].split(|byte| *byte == b'\n').count()
}

fn broken(line: usize) -> Rejections {
    Rejection::with(Code::FeedBroken, &["feed"], line.to_string()).into()
}

/// Reads a record, which may be anything.
fn record(raw: &RawValue, language: Language) -> Record {
    // What lies in itself too deeply is no object either.
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(raw.get()) else {
        return Record { id: None, read: Err(Rejection::new(Code::Invalid, &["record"]).into()) };
    };
    let mut reading = Reading { fields: &fields, language, faults: Rejections::default() };
    let id = reading.id();
    let told = ServiceTold { id: id.clone().unwrap_or_default(), organization: reading.organization(), said: reading.service() };
    Record { id, read: reading.faults.into_result().map(|()| told) }
}

/// A record that is being read.
struct Reading<'a> {
    fields: &'a Map<String, Value>,
    language: Language,
    faults: Rejections,
}

impl<'a> Reading<'a> {
    /// A field that is there.
    fn field(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// A field of a form; any other is told.
    fn of<T>(&mut self, name: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.field(name)?;
        let read = read(value);
        if read.is_none() {
            self.faults.add(Code::Invalid, &[name]);
        }
        read
    }

    fn id(&mut self) -> Option<String> {
        if self.field("id").is_none() {
            self.faults.add(Code::Required, &["id"]);
        }
        let id = self.of("id", Value::as_str)?;
        let before = self.faults.iter().count();
        text::check(id, &["id"], LONGEST_ID, &mut self.faults);
        (self.faults.iter().count() == before).then(|| id.to_owned())
    }

    /// A text in the language of the feed, with the ends of lines as they are here.
    fn text(&mut self, name: &str) -> Option<LocalizedText> {
        let text = text::tidy(&self.of(name, Value::as_str)?.replace("\r\n", "\n").replace('\r', "\n"));
        if text.is_empty() {
            return None;
        }
        Some(match self.language {
            Language::Fi => LocalizedText::fi(text),
            Language::Sv => LocalizedText { sv: Some(text.clone()), ..LocalizedText::fi(text) },
            Language::En => LocalizedText { en: Some(text.clone()), ..LocalizedText::fi(text) },
        })
    }

    /// The objects of a list.
    fn list(&mut self, name: &str) -> Vec<&'a Map<String, Value>> {
        let read = |value: &'a Value| value.as_array()?.iter().map(Value::as_object).collect::<Option<Vec<_>>>();
        self.of(name, read).unwrap_or_default()
    }

    fn service(&mut self) -> Said {
        let mut said = Said::default();
        if self.of("status", Value::as_str).is_some_and(|status| status != "active") {
            self.faults.add(Code::NotActive, &["status"]);
        }
        match self.text("name") {
            Some(name) => said.say("name", name),
            None if self.field("name").is_none_or(Value::is_string) => self.faults.add(Code::Required, &["name"]),
            None => {}
        }
        // HSDS has called it both.
        let fees = if self.field("fees_description").is_some() { "fees_description" } else { "fees" };
        for (field, name) in [("description", "description"), ("userInstruction", "application_process"), ("chargeInfo", fees)] {
            if let Some(text) = self.text(name) {
                said.say(field, text);
            }
        }
        for (field, name) in [("minAge", "minimum_age"), ("maxAge", "maximum_age")] {
            if let Some(years) = self.of(name, whole) {
                said.say(field, years);
            }
        }
        self.languages(&mut said);
        self.costs(&mut said);
        self.classes(&mut said);
        said
    }

    fn languages(&mut self, said: &mut Said) {
        let mut spoken = BTreeSet::new();
        for language in self.list("languages") {
            match language.get("code").and_then(Value::as_str).map(LanguageTag::parse) {
                Some(Ok(tag)) => {
                    spoken.insert(tag);
                }
                Some(Err(_)) => return self.faults.add(Code::Invalid, &["languages"]),
                None => {}
            }
        }
        if !spoken.is_empty() {
            said.say("languages", spoken);
        }
    }

    /// What it costs: nothing, one price, or prices that depend on something, which is for the words beside them.
    fn costs(&mut self, said: &mut Said) {
        let mut prices = BTreeSet::new();
        for option in self.list("cost_options") {
            let Some(amount) = option.get("amount").filter(|amount| !amount.is_null()) else { continue };
            let Some(amount_cents) = amount.as_number().and_then(cents) else { return self.faults.add(Code::Invalid, &["cost_options"]) };
            if amount_cents != 0 && option.get("currency").and_then(Value::as_str).is_some_and(|currency| currency != "EUR") {
                return self.faults.add(Code::OtherCurrency, &["cost_options"]);
            }
            prices.insert(Money { amount_cents });
        }
        let mut prices = prices.into_iter();
        match (prices.next(), prices.next()) {
            (None, _) => {}
            (Some(Money { amount_cents: 0 }), None) => said.say("chargeType", ChargeType::Free),
            (Some(price), None) => {
                said.say("chargeType", ChargeType::Chargeable);
                said.say("price", price);
            }
            (Some(_), Some(_)) => said.say("chargeType", ChargeType::Chargeable),
        }
    }

    /// What it is classed as by our own code lists and the national ones: by the key of the list and the code, as our own feed tells them, or by the address of the code.
    fn classes(&mut self, said: &mut Said) {
        let mut found: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for attribute in self.list("attributes") {
            let Some(term) = attribute.get("taxonomy_term").and_then(Value::as_object) else { continue };
            let text = |of: &'a Map<String, Value>, name: &str| of.get(name).and_then(Value::as_str);
            let number = text(attribute, "link_type").and_then(|key| CLASSED.iter().position(|(of, ..)| *of == key));
            let by_code = || {
                let (number, code) = (number?, text(term, "code")?);
                lists().knows(CLASSED[number].0, code).then_some((number, code))
            };
            if let Some((number, code)) = by_code().or_else(|| BY_ADDRESS.get(text(term, "term_uri")?).copied()) {
                found.entry(number).or_default().insert(code);
            }
        }
        for (number, codes) in found {
            let (_, field, several) = CLASSED[number];
            if several { said.say(field, codes) } else { said.say(field, codes.first()) }
        }
    }

    fn organization(&mut self) -> Option<SourceOrganization> {
        let whole = self.of("organization", Value::as_object);
        let by_id = self.of("organization_id", Value::as_str);
        let id = whole.and_then(|whole| whole.get("id")).and_then(Value::as_str);
        if id.zip(by_id).is_some_and(|(id, by_id)| id != by_id) {
            self.faults.add(Code::DoesNotAgree, &["organization_id"]);
        }
        let business_id = whole.and_then(|whole| whole.get("tax_id")).and_then(Value::as_str).and_then(|id| BusinessId::parse(id).ok());
        id.or(by_id).map(|id| SourceOrganization { id: id.to_owned(), business_id })
    }
}

/// A whole number, also one that is written with a fraction of nothing.
fn whole(value: &Value) -> Option<i32> {
    value.as_number()?.to_string().trim_end_matches(".0").parse().ok()
}

/// An amount of whole cents.
fn cents(amount: &Number) -> Option<i32> {
    let text = amount.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 2 { None } else { format!("{whole}{fraction:0<2}").parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(faults: &Rejections) -> Vec<String> {
        faults.iter().map(|fault| format!("{:?} {}", fault.code, fault.path.join("."))).collect()
    }

    fn one(record: &Value) -> Result<ServiceTold, Vec<String>> {
        let feed = read(record.to_string().as_bytes(), Language::Fi).unwrap();
        feed.records[0].read.clone().map_err(|faults| told(&faults))
    }

    fn refused(bytes: &[u8]) -> Vec<String> {
        let faults = read(bytes, Language::Fi).unwrap_err();
        faults.iter().map(|fault| format!("{:?} {} {}", fault.code, fault.path.join("."), fault.detail.as_deref().unwrap_or("-"))).collect()
    }

    #[test]
    fn a_page_an_array_lines_and_pages_one_after_the_other_are_the_same() {
        let (a, b) = (r#"{"id":"a","name":"Kerho"}"#, r#"{"id":"b","name":"Paja"}"#);
        for text in [
            format!(r#"{{"total_items":31,"contents":[{a},{b}],"last_page":true}}"#),
            format!("[{a},\n{b}]"),
            format!("{a}\n{b}\n"),
            format!("\u{feff}{{\"contents\":[{a}]}}\n{{\"contents\":[{b}]}}"),
        ] {
            let feed = read(text.as_bytes(), Language::Fi).unwrap();
            let ids: Vec<_> = feed.records.iter().map(|record| record.read.as_ref().unwrap().id.clone()).collect();
            assert_eq!(ids, ["a", "b"], "{text}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_json_in_utf_8_is_refused_as_a_whole_with_its_line() {
        let whole = "[\n{\"id\":\"a\",\"name\":\"Kerho\"},\n{\"id\":\"b\",\"name\":\"Päivä\"}\n]";
        assert_eq!(read(whole.as_bytes(), Language::Fi).unwrap().records.len(), 2);
        for end in (1..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(refused(&whole.as_bytes()[..end])[0].starts_with("FeedBroken feed"), "{end}");
        }
        let lines = "{\"id\":\"a\",\"name\":\"Kerho\"}\n{\"id\":\"b\",\n\"name\"";
        assert_eq!(refused(lines.as_bytes()), ["FeedBroken feed 3"]);
        let latin: Vec<u8> = whole.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(refused(&latin), ["FeedBroken feed 3"]);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(whole.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(refused(&wide), ["FeedBroken feed 1"]);
        assert_eq!(refused(b"PK\x03\x04"), ["FeedBroken feed 1"]);
        assert_eq!(refused(br#"{"contents":{}}"#), ["FeedBroken feed 1"]);
        assert_eq!((refused(b""), refused(br#"{"contents":[]}"#)), (vec!["Required rows -".to_owned()], vec!["Required rows -".to_owned()]));
        assert_eq!(refused(format!("[{}1]", "1,".repeat(MAX_ROWS)).as_bytes()), ["TooLong rows 10000"]);
    }

    #[test]
    fn a_record_says_what_our_catalogue_has_words_for() {
        let class = "http://uri.suomi.fi/codelist/ptv/ptvserclass2/code/P4.1";
        let told = one(&json!({
            "id": "a", "name": " Kerho ", "status": "active", "description": "Rivi.\r\nToinen.", "application_process": "Soita.", "fees": "Kahvi 1 €",
            "minimum_age": 18, "maximum_age": 64.0, "last_modified": null, "languages": [{ "code": "sv" }, { "code": "fi" }, { "name": "Finnish" }, { "code": "fi" }],
            "cost_options": [{ "amount": 12.5, "currency": "EUR" }, { "option": "Avustaja" }],
            "attributes": [
                { "taxonomy_term": { "term_uri": class, "code": "x" } },
                { "link_type": "support-need", "taxonomy_term": { "code": "HOUSING" } },
                { "link_type": "service-form", "taxonomy_term": { "code": "GROUP" } },
                { "link_type": "support-need", "taxonomy_term": { "code": "unknown" } },
                { "value": "x" },
            ],
            "organization": { "id": "o", "tax_id": "2211414-8", "parent_organization_id": "o" }, "organization_id": "o",
        }))
        .unwrap();
        assert_eq!(
            told.said.to_value(),
            json!({
                "name": { "fi": "Kerho" }, "description": { "fi": "Rivi.\nToinen." }, "userInstruction": { "fi": "Soita." }, "chargeInfo": { "fi": "Kahvi 1 €" },
                "minAge": 18, "maxAge": 64, "languages": ["fi", "sv"], "chargeType": "CHARGEABLE", "price": { "amountCents": 1250 },
                "classes": ["P4.1"], "supportNeeds": ["HOUSING"], "form": "GROUP",
            })
        );
        assert!(told.said.begun("hsds").unwrap().check().into_result().is_ok());
        assert_eq!(told.organization, Some(SourceOrganization { id: "o".into(), business_id: BusinessId::parse("2211414-8").ok() }));
        let costs =
            |options: Value| one(&json!({ "id": "a", "name": "Kerho", "cost_options": options })).map(|told| told.said.to_value()["chargeType"].clone());
        assert_eq!((costs(json!([{ "amount": 0 }])), costs(json!([{ "amount": 1 }, { "amount": 2 }]))), (Ok(json!("FREE")), Ok(json!("CHARGEABLE"))));
        assert_eq!(costs(json!([{ "amount": 5, "currency": "GBP" }])), Err(vec!["OtherCurrency cost_options".into()]));
        assert_eq!(costs(json!([{ "amount": 0.005 }])), Err(vec!["Invalid cost_options".into()]));
    }

    #[test]
    fn a_text_in_another_language_stands_as_the_finnish_one_too() {
        let feed = read(r#"{"id":"a","name":"Klubben"}"#.as_bytes(), Language::Sv).unwrap();
        assert_eq!(feed.records[0].read.as_ref().unwrap().said.to_value(), json!({ "name": { "fi": "Klubben", "sv": "Klubben" } }));
    }

    #[test]
    fn a_bad_record_is_refused_by_its_fields_and_alone() {
        let deep = format!("{{\"id\":\"deep\",\"x\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
        let text =
            format!(r#"[{{"id":"a","name":"Kerho"}},{deep},7,null,{{}},{{"id":5,"name":["x"],"minimum_age":"18","languages":"fi","organization":"o"}}]"#);
        let feed = read(text.as_bytes(), Language::Fi).unwrap();
        let all: Vec<_> = feed.records.iter().map(|record| record.read.as_ref().map_or_else(told, |_| vec![])).collect();
        assert_eq!(
            all,
            [
                vec![],
                vec!["Invalid record".to_owned()],
                vec!["Invalid record".into()],
                vec!["Invalid record".into()],
                vec!["Required id".into(), "Required name".into()],
                ["Invalid id", "Invalid organization", "Invalid name", "Invalid minimum_age", "Invalid languages"].map(str::to_owned).to_vec(),
            ]
        );
        assert_eq!(one(&json!({ "id": "a", "name": "Kerho", "status": "defunct" })).unwrap_err(), ["NotActive status"]);
        assert_eq!(one(&json!({ "id": "a".repeat(201), "name": "Kerho" })).unwrap_err(), ["TooLong id"]);
        assert_eq!(
            one(&json!({ "id": "a", "name": "Kerho", "organization": { "id": "o" }, "organization_id": "p" })).unwrap_err(),
            ["DoesNotAgree organization_id"]
        );
    }

    #[test]
    fn faults_of_our_content_are_told_by_the_fields_of_the_feed_and_once() {
        let long = "x".repeat(2_501);
        let feed = read(json!({ "id": "a", "name": "Kerho", "application_process": long, "minimum_age": 200 }).to_string().as_bytes(), Language::En).unwrap();
        let content = feed.records[0].read.as_ref().unwrap().said.begun("hsds").unwrap();
        assert_eq!(told(&feed.told(&content.check())), ["TooLong application_process", "OutOfRange minimum_age"]);
    }
}
