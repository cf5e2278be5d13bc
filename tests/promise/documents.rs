//! Documents that are printed from the code equal what is kept. `UPDATE_DOCUMENTS=1` writes them anew.
use api::{
    finvoice::Document,
    http::{Limits, sdl},
};
use chrono::NaiveDate;
use domain::{
    casework::{
        case::CaseStage, client_plan::PlanState, final_assessment::FinalAssessmentState, follow_on_path::PathState, goal::GoalState,
        needs_assessment::AssessmentState, referral::ReferralState, service_decision::DecisionState,
    },
    catalogue::{closing::PlaceState, publishing::PublishingState, session::SessionState, venue::VenueStatus},
    delivery::{participation::ParticipationState, visit::VisitState},
    funding::{
        complaint::ComplaintState,
        contract::ContractState,
        delivery::{DeliveryKind, DeliveryState},
        invoice::{InvoiceContent, InvoiceLine, InvoiceState, Payee, Side},
        price::{Quantity, QuantityUnit},
        procurement::ProcurementState,
        provider_approval::ApprovalState,
        purchase_order::OrderState,
        report::ReportState,
        rulebook::RulebookState,
        settlement::SettlementState,
        voucher::VoucherState,
    },
    machine::mermaid,
    money::Money,
    outreach::{anonymous_handle::AnonymousHandleState, drop_in_day::DropInState, outreach_shift::ShiftState, record::OutreachState},
    person::{consent::ConsentState, rights::RequestState},
    policy,
    scalar::{Bic, BusinessId, Date, Iban, PaymentReference},
    text::{Language, LocalizedText},
    webhook::{WebhookDeliveryState, WebhookState},
};
use entity::funding::invoice::{self, Reckoned};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use uuid::Uuid;

fn kept(name: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, printed).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == printed, "{name} is not what the code says: run the tests with UPDATE_DOCUMENTS=1, and read the difference");
}

#[test]
fn the_schema_at_the_root_is_the_one_that_is_served() {
    let sdl = sdl(&api::schema(&Limits::default()));
    kept("schema.graphql", &format!("{}\n", sdl.trim_end()));
}

#[test]
fn the_machines_are_drawn_from_their_tables() {
    let machines = [
        mermaid::<PublishingState>(),
        mermaid::<SessionState>(),
        mermaid::<VenueStatus>(),
        mermaid::<DropInState>(),
        mermaid::<OutreachState>(),
        mermaid::<ShiftState>(),
        mermaid::<AnonymousHandleState>(),
        mermaid::<PlaceState>(),
        mermaid::<ConsentState>(),
        mermaid::<ReferralState>(),
        mermaid::<CaseStage>(),
        mermaid::<AssessmentState>(),
        mermaid::<PlanState>(),
        mermaid::<GoalState>(),
        mermaid::<FinalAssessmentState>(),
        mermaid::<DecisionState>(),
        mermaid::<PathState>(),
        mermaid::<ParticipationState>(),
        mermaid::<VisitState>(),
        mermaid::<ProcurementState>(),
        mermaid::<ContractState>(),
        mermaid::<OrderState>(),
        mermaid::<DeliveryState>(),
        mermaid::<ReportState>(),
        mermaid::<ComplaintState>(),
        mermaid::<InvoiceState>(),
        mermaid::<VoucherState>(),
        mermaid::<SettlementState>(),
        mermaid::<RulebookState>(),
        mermaid::<ApprovalState>(),
        mermaid::<RequestState>(),
        mermaid::<WebhookState>(),
        mermaid::<WebhookDeliveryState>(),
    ];
    kept(
        "docs/machines.md",
        &format!("# State machines\n\nPrinted from the tables in `domain`; every other move is refused as ILLEGAL_TRANSITION.\n\n{}", machines.join("\n")),
    );
}

#[test]
fn the_policy_is_printed_from_its_function() {
    kept(
        "docs/policy.md",
        &format!(
            "# Who may do what\n\nPrinted from `domain::policy`. A dash is nothing; own: the rows of one's organisation; network: of one's network.\n\n{}\n\
             ## At another controller\n\nWhat workers with a care relation to the client see by it of rows that another authority keeps.\n\n{}\n\
             ## Data of special categories\n\nHealth and substances in an intake baseline and a needs assessment, observations by the ICF, answers to instruments \
             with their score and change, why a case is suspended and what is said of its moves, and the entries of others in the client's record: beside \
             the row in which they stand, they take a care relation that opens them, for reading and for writing over them. The client sees them.\n\n{}\n\
             ## Reports\n\nWho is told the reports of one's organisation: figures, and nobody's row. As they are, they take the purpose STATISTICS, by which no \
             row about a client is seen.\n\n{}",
            policy::table(),
            policy::table_elsewhere(),
            policy::table_of_special_categories(),
            policy::table_of_reports()
        ),
    );
}

/// An invoice of two deliveries, one of them taxed, that was taken back.
fn an_invoice() -> invoice::Model {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let side = |name: &str, id: &str| Side { name: LocalizedText::fi(name), business_id: Some(BusinessId::parse(id).unwrap()) };
    let line = |delivered_on: &str, hundredths: i32, amount_cents: i32, vat_rate_bp: i32| InvoiceLine {
        kind: DeliveryKind::Service,
        delivery: Uuid::nil().into(),
        order: Uuid::nil().into(),
        contract_line: Uuid::nil().into(),
        service: Uuid::nil().into(),
        service_name: LocalizedText::fi("Hyvinvointi-ryhmävalmennus"),
        delivered_on: Date(day(delivered_on)),
        unit: QuantityUnit::Session,
        quantity: Quantity { hundredths },
        unit_price: Money { amount_cents },
        vat_rate_bp,
        net_cents: Quantity { hundredths }.cost(Money { amount_cents }),
    };
    let lines = vec![line("2026-11-03", 100, 5_000, 0), line("2026-11-10", 150, 3_333, 2_550)];
    let content = InvoiceContent {
        number: "2026-17".to_owned(),
        issued_on: Date(day("2026-12-01")),
        due_on: Date(day("2026-12-31")),
        currency: "EUR".to_owned(),
        payee: Payee {
            iban: Iban::parse("FI2112345600000785").unwrap(),
            bic: Some(Bic::parse("NDEAFIHH").unwrap()),
            reference: Some(PaymentReference::parse("1232").unwrap()),
        },
        lines: Vec::new(),
        total: Money { amount_cents: 11_275 },
    };
    let reckoned = Reckoned {
        lines,
        mismatches: Vec::new(),
        seller: side("Valmennus & Tuki Oy", "2211414-8"),
        buyer: side("Keksityn hyvinvointialue", "0737546-2"),
        contract: "HVA/77/2026".to_owned(),
        barred: BTreeSet::new(),
    };
    invoice::Model {
        id: Uuid::nil().into(),
        network_id: Uuid::nil().into(),
        organization_id: Uuid::nil().into(),
        provider_id: Uuid::nil().into(),
        contract_id: Uuid::nil().into(),
        state: InvoiceState::Credited,
        number: content.number.clone(),
        issued_on: content.issued_on.0,
        due_on: content.due_on.0,
        net_cents: 10_000,
        vat_cents: 1_275,
        content,
        reckoned,
        sent_by: String::new(),
        corrected_by: None,
        approved_by: None,
        approved_at: Some(chrono::DateTime::UNIX_EPOCH),
        paid_on: None,
        reason: None,
        credit_number: Some("2026-18".to_owned()),
        credited_on: Some(day("2026-12-05")),
        created_at: chrono::DateTime::UNIX_EPOCH,
        updated_at: chrono::DateTime::UNIX_EPOCH,
        version: 1,
    }
}

#[test]
fn invoices_are_written_as_the_samples_show() {
    let row = an_invoice();
    let (invoice, credit) = (Document::invoice(&row).unwrap(), Document::credit_note(&row).unwrap());
    let language = Language::Fi;
    kept("docs/samples/invoice.finvoice.xml", &invoice.xml(language).unwrap());
    kept("docs/samples/credit-note.finvoice.xml", &credit.xml(language).unwrap());
    kept("docs/samples/invoice.csv", &invoice.csv(language).unwrap());
}

#[test]
fn the_readme_tells_of_every_setting_what_it_is_called_and_what_it_is() {
    use clap::CommandFactory;
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    // A row: flag, variable, default, meaning.
    let mut rows: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for row in readme.lines().filter(|line| line.starts_with("| `--")) {
        let cells: Vec<_> = row.split(" | ").map(|cell| cell.trim_start_matches("| ").trim_matches('`')).collect();
        rows.insert(cells[0].trim_start_matches("--"), (cells[1], cells[2]));
    }
    let command = api::config::Cli::command();
    for setting in command.find_subcommand("serve").unwrap().get_arguments() {
        let Some(flag) = setting.get_long().filter(|flag| *flag != "help") else { continue };
        let (variable, default) = rows.remove(flag).unwrap_or_else(|| panic!("README has no row for --{flag}"));
        assert_eq!(setting.get_env().and_then(|name| name.to_str()), Some(variable), "--{flag}");
        if let [value] = setting.get_default_values() {
            let told = default.split([' ', '`']).next();
            assert!(told == value.to_str() || (told == Some("off") && value == "false"), "--{flag}: {told:?} is told, {value:?} is so");
        }
    }
    assert!(rows.is_empty(), "README tells of settings that there are not: {rows:?}");
}
