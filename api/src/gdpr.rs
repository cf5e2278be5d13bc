//! The pair of the City of Helsinki's GDPR API over the same use cases as everything else: who may ask, and the tree and the reasons in its form.
use crate::{
    act::person::rights,
    caller::{Badge, Caller},
    error::Result,
    http::{Reason, Told},
    store::{Hold, KeptRecord, Record},
};
use clap::Args;
use domain::{
    code::Coded,
    text::{Language, LocalizedText},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Settings of the GDPR API.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "GDPR API")]
pub struct GdprSettings {
    /// Serve `GET` and `DELETE /gdpr/{uuid}`, the interface of the City of Helsinki's profile service.
    #[arg(long, env = "MONITUOTTAJA_GDPR_API", value_parser = clap::builder::FalseyValueParser::new())]
    pub gdpr_api: bool,
    /// The scope that a token must carry to be told everything.
    #[arg(long, env = "MONITUOTTAJA_GDPR_QUERY_SCOPE", default_value = "gdprquery")]
    pub gdpr_query_scope: String,
    /// The scope that a token must carry to have erased what may be.
    #[arg(long, env = "MONITUOTTAJA_GDPR_DELETE_SCOPE", default_value = "gdprdelete")]
    pub gdpr_delete_scope: String,
}

/// The key of an account, where the bearer of this badge may ask this about it.
pub(crate) fn key_of(badge: &Badge, account: Uuid, scope: &str) -> Option<String> {
    // A service asks with a token of the account that it asks about: which application has fetched a token tells nothing of whose it is.
    let own = Uuid::try_parse(&badge.subject).is_ok_and(|subject| subject == account);
    (own && badge.scopes.contains(scope)).then(|| crate::identity::subject_key(&badge.issuer, &badge.subject))
}

/// Everything that is kept about the caller as a client, as a tree.
pub(crate) async fn everything(caller: &Caller) -> Result<Told> {
    let records = rights::export_whole(caller).await?;
    if records.is_empty() {
        return Ok(Told::Nothing);
    }
    let children: Vec<Value> = records.iter().map(record).collect();
    Ok(Told::Data(json!({ "key": "MONITUOTTAJA", "label": label(&title()), "children": children })))
}

/// Erases what is kept about the caller as a client, or tells why it is kept.
pub(crate) async fn erase(caller: &Caller, dry_run: bool) -> Result<Told> {
    let kept = rights::erase_own(caller, dry_run).await?;
    Ok(if kept.is_empty() { Told::Nothing } else { Told::Kept(kept.iter().flat_map(reasons).collect()) })
}

fn title() -> LocalizedText {
    LocalizedText { fi: "Monituottajaverkosto".into(), sv: Some("Multiproducentnätverket".into()), en: Some("Multi-provider network".into()) }
}

fn label(text: &LocalizedText) -> Value {
    Language::ALL.iter().map(|language| (language.tag().to_owned(), Value::from(text.in_language(*language)))).collect::<Map<_, _>>().into()
}

/// A record as a node: where it comes from, and what it says.
fn record(record: &Record) -> Value {
    let mut children = vec![leaf("ID", &record.id.to_string().into())];
    let at = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|at| Value::from(at.to_rfc3339()));
    let provenance = [
        ("KEEPER", record.organization.map(|id| Value::from(id.to_string()))),
        ("MADE_BY", record.made_by.clone().map(Value::from)),
        ("MADE_AT", at(record.made_at)),
        ("CHANGED_AT", at(record.changed_at)),
    ];
    children.extend(provenance.into_iter().filter_map(|(key, value)| value.map(|value| leaf(key, &value))));
    let basis = record.kind.basis();
    children.push(json!({ "key": "LEGAL_BASIS", "label": label(&basis.label()), "value": basis.code() }));
    children.extend(record.data.iter().map(|(name, value)| leaf(name, value)));
    json!({ "key": record.kind.code(), "label": label(&record.kind.label()), "children": children })
}

/// A value as a node: an object or a list is a heading over what is in it.
fn leaf(name: &str, value: &Value) -> Value {
    let key = screaming(name);
    match value {
        Value::Object(fields) => json!({ "key": key, "children": fields.iter().map(|(name, value)| leaf(name, value)).collect::<Vec<_>>() }),
        Value::Array(items) => json!({ "key": key, "children": items.iter().map(|item| leaf(name, item)).collect::<Vec<_>>() }),
        Value::String(text) => json!({ "key": key, "value": text }),
        other => json!({ "key": key, "value": other.to_string() }),
    }
}

/// A name as the keys of the tree are written.
fn screaming(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before_is_lower = false;
    for letter in name.chars() {
        if letter.is_uppercase() && before_is_lower {
            out.push('_');
        }
        before_is_lower = letter.is_lowercase();
        out.extend(letter.to_uppercase());
    }
    out
}

/// What keeps a record, as reasons.
fn reasons(kept: &KeptRecord) -> Vec<Reason> {
    let mut out = Vec::new();
    if kept.statutory {
        out.push(statutory(kept));
    }
    for hold in &kept.holds {
        out.push(match hold {
            Hold::Live if kept.statutory => continue,
            Hold::Live => Reason::new(
                "MATTER_OPEN",
                "Asiaasi käsitellään. Peru ohjaukset ja suostumukset, tai odota asian päättymistä.",
                "Ditt ärende behandlas. Återkalla hänvisningarna och samtyckena, eller vänta tills ärendet är avslutat.",
                "Your matter is being handled. Withdraw the referrals and consents, or wait until it is closed.",
            ),
            Hold::Legal(_) => Reason::new(
                "LEGAL_HOLD",
                "Tiedot on säilytettävä oikeudellisen menettelyn vuoksi.",
                "Uppgifterna ska bevaras på grund av ett rättsligt förfarande.",
                "The data must be kept for a legal procedure.",
            ),
            Hold::Restricted => Reason::new(
                "PROCESSING_RESTRICTED",
                "Tietojen käsittelyä on rajoitettu (tietosuoja-asetus 18 art.), joten ne säilytetään.",
                "Behandlingen av uppgifterna är begränsad (dataskyddsförordningen art. 18), så de bevaras.",
                "Processing of the data is restricted (GDPR 18), so it is stored.",
            ),
            Hold::RequestOpen => Reason::new(
                "REQUEST_OPEN",
                "Tietojasi koskevaan pyyntöön ei ole vielä vastattu.",
                "Din begäran om uppgifterna har ännu inte besvarats.",
                "Your request about the data is not answered yet.",
            ),
        });
    }
    out
}

/// The law by which statutory documents are kept, and until when.
fn statutory(kept: &KeptRecord) -> Reason {
    let law = kept.retention.map_or("703/2023", |retention| retention.rule.legal_basis.as_str());
    let until = kept.retention.map(|retention| retention.destroy_after.format("%-d.%-m.%Y").to_string());
    match until {
        Some(day) => Reason::new(
            "STATUTORY_RECORD",
            format!("Lakisääteiset asiakirjat on säilytettävä {day} asti ({law}); tietosuoja-asetus 17 art. 3 b."),
            format!("De lagstadgade handlingarna ska bevaras till {day} ({law}); dataskyddsförordningen art. 17.3 b."),
            format!("The statutory documents must be kept until {day} ({law}); GDPR 17(3)(b)."),
        ),
        None => Reason::new(
            "STATUTORY_RECORD",
            format!(
                "Asiakkuutesi on kesken, ja sen lakisääteiset asiakirjat on säilytettävä ({law}, sosiaalihuoltolaki 1301/2014); tietosuoja-asetus 17 art. 3 b."
            ),
            format!(
                "Din klientrelation pågår, och dess lagstadgade handlingar ska bevaras ({law}, socialvårdslagen 1301/2014); dataskyddsförordningen art. 17.3 b."
            ),
            format!("Your case is open, and its statutory documents must be kept ({law}, Social Welfare Act 1301/2014); GDPR 17(3)(b)."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_asked_about_by_itself_and_with_the_scope_only() {
        let badge = |subject: &str, scope: &str| Badge { issuer: "https://issuer".into(), subject: subject.into(), scopes: [scope.to_owned()].into() };
        let id: Uuid = "0190f3a2-0000-7000-8000-000000000001".parse().unwrap();
        let key = Some(format!("https://issuer|{id}"));
        assert_eq!(key_of(&badge(&id.to_string(), "gdprquery"), id, "gdprquery"), key);
        for (subject, scope) in [(id.to_string(), "gdprdelete"), ("other".to_owned(), "gdprquery"), (id.to_string(), "")] {
            assert_eq!(key_of(&badge(&subject, scope), id, "gdprquery"), None, "{subject} {scope}");
        }
    }

    #[test]
    fn names_become_keys() {
        for (name, key) in [("first_names", "FIRST_NAMES"), ("firstNames", "FIRST_NAMES"), ("ID", "ID"), ("LEGAL_BASIS", "LEGAL_BASIS"), ("text", "TEXT")] {
            assert_eq!(screaming(name), key);
        }
    }
}
