//! What is asked of what stands beside orders and vouchers: complaints about the provider, procurements, and the cases in which services are bought.
use super::{
    asked::{Asked, BUYS, PROVIDER, Whose, World, at, nth, pick},
    tried::Try,
};
use crate::{casework::opened::at as case_at, funding::given};
use domain::funding::{
    complaint::{ComplaintMove, ComplaintState},
    procurement::{ProcurementMove, ProcurementState},
};
use serde_json::{Value, json};

/// Who reports for a client, and some who know nothing of the order.
const REPORTS: Whose = (&["social-worker", "service-guide"], &["finance", "manager-b"]);
/// Who closes a case, and some who do not.
const CLOSES: Whose = (&["social-worker"], &["provider", "finance", "client"]);
/// Who decides of a procurement: nobody who prepares it.
const AWARDS: Whose = (&["lead", "council"], &["procurement", "manager", "social-worker"]);

impl World<'_> {
    /// Reports a complaint about an order.
    pub(super) async fn complain(&self, one: &Try) -> Result<(), String> {
        let organization = |name| self.app.world.organization(name);
        let orders = self.orders().await;
        let placed: Vec<_> = orders.iter().filter(|order| order["state"] != "DRAFT").collect();
        let Some(order) = nth(&placed, one.which) else { return Ok(()) };
        let input = json!({
            "organization": organization("county"), "provider": organization("company"), "kind": "FAULT", "order": order["id"], "occurredOn": self.day(0),
            "description": "Ohjaaja ei tullut paikalle.",
        });
        self.ask(one, Asked { mutation: "reportComplaint", field: "complaint", input, whose: REPORTS }).await.map(drop)
    }

    pub(super) async fn move_complaint(&self, one: &Try, by: ComplaintMove) -> Result<(), String> {
        let query = "query($id: ID!) { complaints(organization: $id, first: 100) { nodes { id version state } } }";
        let seen = self.told("procurement", query, json!({ "id": self.app.world.organization("county") })).await;
        let (mutation, more, whose) = match by {
            ComplaintMove::TakeUp => ("takeUpComplaint", json!({ "question": "Jäikö ryhmä pitämättä?" }), BUYS),
            ComplaintMove::Answer => ("answerComplaint", json!({ "answer": "Sijainen on järjestetty." }), PROVIDER),
            ComplaintMove::Close => ("closeComplaint", json!({ "outcome": "Korjattu." }), BUYS),
            ComplaintMove::Dismiss => ("dismissComplaint", json!({ "outcome": "Ei aihetta." }), BUYS),
        };
        let Some(complaint) = pick::<ComplaintState>(seen["complaints"]["nodes"].as_array().unwrap(), one.which, by) else { return Ok(()) };
        self.ask(one, Asked { mutation, field: "complaint", input: at(complaint, more), whose }).await.map(drop)
    }

    /// Takes a procurement a step on its way; plans one where there is none.
    pub(super) async fn procure(&self, one: &Try, by: ProcurementMove) -> Result<(), String> {
        let seen = self.told("procurement", "{ procurements(first: 100) { nodes { id version state } } }", json!({})).await;
        let Some(procurement) = pick::<ProcurementState>(seen["procurements"]["nodes"].as_array().unwrap(), one.which, by) else {
            let input = json!({ "organization": self.app.world.organization("county"), "content": given::procurement(&self.service) });
            return self.ask(one, Asked { mutation: "planProcurement", field: "procurement", input, whose: BUYS }).await.map(drop);
        };
        let (mutation, more, whose) = match by {
            ProcurementMove::OpenDialogue => ("openMarketDialogue", json!({}), BUYS),
            ProcurementMove::Tender => ("tenderProcurement", json!({}), BUYS),
            ProcurementMove::Evaluate => ("evaluateProcurement", json!({}), BUYS),
            ProcurementMove::Award => ("awardProcurement", self.award(), AWARDS),
            ProcurementMove::Appeal => ("appealProcurement", json!({ "reason": "Valitus markkinaoikeuteen." }), BUYS),
            ProcurementMove::Uphold => ("upholdProcurement", json!({}), BUYS),
            ProcurementMove::Interrupt => ("interruptProcurement", json!({ "reason": "Rahoitus raukesi." }), BUYS),
        };
        self.ask(one, Asked { mutation, field: "procurement", input: at(procurement, more), whose }).await.map(drop)
    }

    fn award(&self) -> Value {
        json!({ "providers": [self.app.world.organization("company")], "reasoning": "Paras laatu." })
    }

    /// Closes a case, and with it whatever is bought in it.
    pub(super) async fn close(&self, one: &Try) -> Result<(), String> {
        let input = case_at(self.app, nth(&self.cases, one.which).unwrap(), json!({ "reason": "MOVED_AWAY", "note": "Päätetään." })).await;
        self.ask(one, Asked { mutation: "closeCase", field: "case", input, whose: CLOSES }).await.map(drop)
    }
}
