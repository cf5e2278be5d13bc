//! Refusals: a provider of another organisation is refused what there is of purchases as it is refused what never was, by every mutation that the schema has.
use super::{
    super::who_sees_clients::{self, OTHER_PROVIDER},
    schema::{Schema, bare, each, is_needed, name},
};
use crate::{funding, person::given::text};
use domain::id::{
    AttendanceId, CaseId, ClientId, ComplaintId, ContractLineId, DeliveryEventId, FrameworkContractId, InvoiceId, Kinded, ProcurementId, ProviderApprovalId,
    ProviderReportId, PurchaseOrderId, RulebookId, ServiceDecisionId, VoucherId, VoucherSettlementId,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tests::{TestApp, in_days, stories};

/// A kind of thing, an id of it that nothing has, and by which fields of an input it is named beside `id`.
type Thing = (&'static str, fn() -> String, &'static [&'static str]);

/// The things that mutations of purchases are about, or name.
const THINGS: &[Thing] = &[
    ("PurchaseOrder", || PurchaseOrderId::new().to_public(), &["order"]),
    ("Voucher", || VoucherId::new().to_public(), &["voucher"]),
    ("DeliveryEvent", || DeliveryEventId::new().to_public(), &["delivery"]),
    ("ProviderReport", || ProviderReportId::new().to_public(), &[]),
    ("Complaint", || ComplaintId::new().to_public(), &[]),
    ("ServiceDecision", || ServiceDecisionId::new().to_public(), &["decision", "amends"]),
    ("Invoice", || InvoiceId::new().to_public(), &[]),
    ("VoucherSettlement", || VoucherSettlementId::new().to_public(), &[]),
    ("Procurement", || ProcurementId::new().to_public(), &["procurement"]),
    ("FrameworkContract", || FrameworkContractId::new().to_public(), &["contract"]),
    ("ContractLine", || ContractLineId::new().to_public(), &["line"]),
    ("Rulebook", || RulebookId::new().to_public(), &["rulebook", "follows"]),
    ("ProviderApproval", || ProviderApprovalId::new().to_public(), &[]),
    ("Client", || ClientId::new().to_public(), &["client"]),
    ("Case", || CaseId::new().to_public(), &["case"]),
    ("Attendance", || AttendanceId::new().to_public(), &["attendance"]),
];

/// What is said in an input beside what it names.
struct Words {
    organization: String,
    service: String,
    area: String,
    unit: String,
    approved: String,
}

/// Fills inputs by the schema.
struct Filler<'f> {
    schema: &'f Schema,
    words: &'f Words,
    /// The thing that the mutation is about, and an id for each kind.
    about: &'f str,
    ids: &'f BTreeMap<&'static str, String>,
    /// The field that is given though it need not be.
    also: Option<&'f str>,
}

impl Filler<'_> {
    /// The fields of an input, and of what is given in it, that are ids and need not be given.
    fn free<'s>(schema: &'s Schema, input: &str) -> Vec<&'s str> {
        let below = |field: &'s Value| match (is_needed(field), bare(field)) {
            (false, "ID") => vec![name(field)],
            (true, of) if schema.0[of]["kind"] == "INPUT_OBJECT" => Self::free(schema, of),
            _ => Vec::new(),
        };
        each(&schema.0[input], "inputFields").flat_map(below).collect()
    }

    fn object(&self, of: &str) -> Value {
        let given = each(&self.schema.0[of], "inputFields").filter(|field| is_needed(field) || self.also == Some(name(field)));
        Value::Object(given.map(|field| (name(field).to_owned(), self.value(of, name(field), &field["type"]))).collect::<Map<_, _>>())
    }

    fn value(&self, input: &str, field: &str, of: &Value) -> Value {
        match of["kind"].as_str().unwrap() {
            "NON_NULL" => self.value(input, field, &of["ofType"]),
            "LIST" => json!([self.value(input, field, &of["ofType"])]),
            "ENUM" => each(&self.schema.0[name(of)], "enumValues").next().unwrap()["name"].clone(),
            "INPUT_OBJECT" => self.object(name(of)),
            _ => self.scalar(input, field, name(of)),
        }
    }

    fn scalar(&self, input: &str, field: &str, of: &str) -> Value {
        match of {
            "ID" => json!(self.id(input, field)),
            "Int" if field == "expectedVersion" => json!(1),
            "Int" => json!(100),
            "Boolean" => json!(true),
            "Date" => json!(in_days(0)),
            "Iban" => json!("FI21 1234 5600 0007 85"),
            "String" => json!("x"),
            "LanguageTag" => json!("fi"),
            other => panic!("{input}.{field} is a {other}: say here what is given"),
        }
    }

    fn id(&self, input: &str, field: &str) -> &str {
        match field {
            "id" => &self.ids[self.about],
            "provider" if input == "ChooseVoucherProviderInput" => &self.words.approved,
            "organization" | "provider" | "providers" => &self.words.organization,
            "service" | "services" => &self.words.service,
            "area" | "areas" => &self.words.area,
            "unit" => &self.words.unit,
            _ => {
                let thing = THINGS.iter().find(|(.., fields)| fields.contains(&field));
                let (kind, ..) = thing.unwrap_or_else(|| panic!("{input}.{field} names something that is not known: add it to THINGS"));
                &self.ids[kind]
            }
        }
    }
}

/// Adds the ids of what is bought and paid beside that about clients.
async fn bought(app: &TestApp, ids: &mut BTreeMap<&'static str, String>) -> Words {
    let (order, voucher) = (json!({ "id": ids["PurchaseOrder"] }), json!({ "id": ids["Voucher"] }));
    ids.insert("Invoice", funding::invoice::furnish(app, &order).await);
    ids.insert("VoucherSettlement", funding::voucher_use::furnish(app, &voucher).await);
    let placed = app.ask("provider", "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { line { id } service { id } } } }", order).await["node"].clone();
    ids.insert("ContractLine", text(&placed["line"]["id"]));
    let query = "query($id: ID!) { contractLine(id: $id) { contract { id } } }";
    let line = app.ask("procurement", query, json!({ "id": placed["line"]["id"] })).await;
    ids.insert("FrameworkContract", text(&line["contractLine"]["contract"]["id"]));
    for (kind, id) in Box::pin(funding::given::furnish(app)).await {
        ids.entry(kind).or_insert(id);
    }
    let approved = app.ask("", "{ approvedProviders { nodes { id } } }", json!({})).await["approvedProviders"]["nodes"][0]["id"].clone();
    let unit = crate::catalogue_given::unit(app, "partner-b", "parish").await;
    Words {
        organization: app.world.organization("parish"),
        service: text(&placed["service"]["id"]),
        area: app.world.municipality("297"),
        unit,
        approved: text(&approved),
    }
}

stories! {
    async fn no_refusal_tells_another_provider_what_there_is(app) {
        let schema = Schema::read(app).await;
        let (rows, _) = Box::pin(who_sees_clients::unrestricted(app)).await;
        let first = |kind: &str| rows.iter().find(|(of, _)| *of == kind).map(|(_, id)| id.clone());
        let mut real: BTreeMap<&'static str, String> = THINGS.iter().filter_map(|(kind, ..)| Some((*kind, first(kind)?))).collect();
        let words = bought(app, &mut real).await;
        let none: BTreeMap<&'static str, String> = THINGS.iter().map(|(kind, nothing, _)| (*kind, nothing())).collect();
        for (kind, ..) in THINGS {
            assert!(real.contains_key(kind), "there is no {kind}");
        }
        let mut tried = 0;
        for field in schema.fields("Mutation") {
            let things = schema.fields(bare(field)).map(bare).find(|kind| THINGS.iter().any(|(thing, ..)| thing == kind));
            let Some(about) = things.filter(|kind| !["Client", "Case", "Attendance"].contains(kind)) else { continue };
            let input = bare(each(field, "args").next().unwrap());
            let query = format!("mutation($input: {input}!) {{ it: {}(input: $input) {{ userErrors {{ code message path }} }} }}", name(field));
            let variants = [None].into_iter().chain(Filler::free(&schema, input).into_iter().map(Some));
            for also in variants {
                let filled = |ids| Filler { schema: &schema, words: &words, about, ids, also }.object(input);
                let (there, nowhere) = (filled(&real), filled(&none));
                for actor in OTHER_PROVIDER {
                    let answer = async |input: &Value| {
                        let answer = app.post(actor, &query, json!({ "input": input })).await;
                        assert!(answer.code() != "INTERNAL" && !answer.code().starts_with("GRAPHQL"), "{actor}: {} of {input}: {}", name(field), answer.text);
                        let errors = answer.body["errors"].as_array().into_iter().flatten();
                        let errors: Vec<_> = errors.map(|error| json!([error["message"], error["path"], error["extensions"]["code"], error["extensions"]["field"]])).collect();
                        json!({ "data": answer.body["data"]["it"], "errors": errors })
                    };
                    let (told, of_nothing) = (answer(&there).await, answer(&nowhere).await);
                    assert_eq!(told, of_nothing, "{actor} learns by {} that there is what {there} names", name(field));
                    assert!(told["errors"] != json!([]) || told["data"]["userErrors"] != json!([]), "{actor} has done {} of {there}", name(field));
                    tried += 1;
                }
            }
        }
        assert!(tried > 200, "{tried} were tried");
    }
}
