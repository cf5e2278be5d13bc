//! What is asked of vouchers: issued, chosen with, used, and settled with the provider.
use super::{
    asked::{Asked, BUYS, MANAGES, ORDERER, PAYS, PROVIDER, Whose, World, at, nth},
    tried::Try,
};
use crate::person::given::text;
use domain::funding::{delivery::DeliveryMove, settlement::SettlementMove, voucher::VoucherMove};
use serde_json::{Value, json};

/// The client, or who writes down what the client says.
const CLIENT: Whose = (&["client", "social-worker", "service-guide"], &["provider", "finance", "procurement", "manager-b"]);

impl World<'_> {
    /// The vouchers that were issued, as the social worker sees them.
    pub(super) async fn vouchers(&self) -> Vec<Value> {
        let ids = self.by_voucher.issued.lock().unwrap().clone();
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Voucher { id version state quantity { hundredths } usedQuantity { hundredths } } } }";
        self.told("social-worker", query, json!({ "ids": ids })).await["nodes"].as_array().unwrap().clone()
    }

    /// The settlements, as finance sees them.
    pub(super) async fn settlements(&self) -> Vec<Value> {
        let seen = self.told("finance", "{ voucherSettlements(first: 100) { nodes { id version state } } }", json!({})).await;
        seen["voucherSettlements"]["nodes"].as_array().unwrap().clone()
    }

    /// Issues a voucher for so many hundredths.
    pub(super) async fn issue(&self, one: &Try, hundredths: i32) -> Result<(), String> {
        let by = &self.by_voucher;
        let decision = nth(&by.decisions, one.which + usize::try_from(hundredths).unwrap()).unwrap();
        let input = json!({
            "decision": decision, "rulebook": by.rulebook, "quantity": { "hundredths": hundredths },
            "validFrom": self.day(0), "validTo": self.day(i64::from(5 + hundredths % 30)),
        });
        if let Some(voucher) = self.ask(one, Asked { mutation: "issueVoucher", field: "voucher", input, whose: ORDERER }).await? {
            by.issued.lock().unwrap().push(text(&voucher["id"]));
        }
        Ok(())
    }

    pub(super) async fn move_voucher(&self, one: &Try, voucher: &Value, by: VoucherMove) -> Result<(), String> {
        let (mutation, more, whose) = match by {
            VoucherMove::Choose => ("chooseVoucherProvider", self.choice(voucher).await, CLIENT),
            VoucherMove::Leave => ("leaveVoucherProvider", json!({}), CLIENT),
            VoucherMove::Refuse => ("refuseVoucher", json!({ "reason": "Ei halua valita." }), CLIENT),
            VoucherMove::Cancel => ("cancelVoucher", json!({ "reason": "Tarve muuttui." }), ORDERER),
            VoucherMove::Begin | VoucherMove::UseUp | VoucherMove::Restore | VoucherMove::Expire => unreachable!("nobody's mutation"),
        };
        self.ask(one, Asked { mutation, field: "voucher", input: at(voucher, more), whose }).await.map(drop)
    }

    /// The company, at the own share that is told where it can be chosen.
    async fn choice(&self, voucher: &Value) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on Voucher { offers { ownShare { amountCents } } } } }";
        let offers = self.told("social-worker", query, json!({ "id": voucher["id"] })).await["node"]["offers"].clone();
        let own = offers[0]["ownShare"]["amountCents"].as_i64().unwrap_or_default();
        json!({ "provider": self.by_voucher.provider, "ownShare": { "amountCents": own } })
    }

    pub(super) async fn use_voucher(&self, one: &Try, voucher: &Value, hundredths: i64, ago: i64) -> Result<(), String> {
        let input = json!({ "voucher": voucher["id"], "content": self.delivered(hundredths, ago) });
        self.ask(one, Asked { mutation: "recordDeliveryEvent", field: "deliveryEvent", input, whose: PROVIDER }).await.map(drop)
    }

    /// Puts together what was given up to so many days ago.
    pub(super) async fn settle(&self, one: &Try, ago: i64) -> Result<(), String> {
        let organization = |name| self.app.world.organization(name);
        let input = json!({ "organization": organization("county"), "provider": organization("company"), "through": self.day(-ago) });
        self.ask(one, Asked { mutation: "drawUpVoucherSettlement", field: "voucherSettlement", input, whose: PAYS }).await.map(drop)
    }

    pub(super) async fn move_settlement(&self, one: &Try, settlement: &Value, by: SettlementMove) -> Result<(), String> {
        let (mutation, more) = match by {
            SettlementMove::Approve => ("approveVoucherSettlement", json!({})),
            SettlementMove::Pay => ("payVoucherSettlement", json!({})),
            SettlementMove::Discard => ("discardVoucherSettlement", json!({ "reason": "Väärä kausi." })),
            SettlementMove::Reverse => ("reverseVoucherSettlement", json!({ "reason": "Maksettu kahdesti." })),
        };
        self.ask(one, Asked { mutation, field: "voucherSettlement", input: at(settlement, more), whose: PAYS }).await.map(drop)
    }

    /// Asks for another price of the approved provider, or answers where one is asked for.
    pub(super) async fn listed(&self, one: &Try, cents: i32) -> Result<(), String> {
        let query = "query($id: ID!) { providerApproval(id: $id) { id version state } }";
        let approval = self.told("procurement", query, json!({ "id": self.by_voucher.approval })).await["providerApproval"].clone();
        let answer = || if cents % 2 == 0 { ("approveProviderPrice", json!({})) } else { ("declineProviderPrice", json!({ "reason": "Liian kallis." })) };
        let price = json!({ "service": self.by_voucher.service, "price": { "validFrom": self.day(0), "price": { "amountCents": cents } } });
        let waits = approval["state"] == "PRICE_PENDING";
        let ((mutation, more), whose) = if waits { (answer(), BUYS) } else { (("submitApprovedPrice", price), MANAGES) };
        self.ask(one, Asked { mutation, field: "providerApproval", input: at(&approval, more), whose }).await.map(drop)
    }

    /// Takes a voucher a step further on its usual way.
    pub(super) async fn forward_voucher(&self, one: &Try) -> Result<(), String> {
        let over = ["REFUSED", "EXPIRED", "CANCELLED"];
        let vouchers: Vec<_> = self.vouchers().await.into_iter().filter(|voucher| !over.contains(&voucher["state"].as_str().unwrap())).collect();
        let Some(voucher) = nth(&vouchers, one.which / 2) else { return self.issue(one, 300).await };
        if voucher["state"] == "ISSUED" {
            return self.move_voucher(one, voucher, VoucherMove::Choose).await;
        }
        let events: Vec<_> = self.events().await.into_iter().filter(|event| event["voucher"]["id"] == voucher["id"]).collect();
        let in_state = |state: &str| events.iter().find(|event| event["state"] == state);
        for (state, by) in [("RECORDED", DeliveryMove::Approve), ("DISPUTED", DeliveryMove::Void)] {
            if let Some(event) = in_state(state) {
                return self.move_event(one, event, by, (0, 0)).await;
            }
        }
        let left = voucher["quantity"]["hundredths"].as_i64().unwrap() - voucher["usedQuantity"]["hundredths"].as_i64().unwrap();
        if left > 0 {
            return self.use_voucher(one, voucher, if left > 300 { left / 2 } else { left }, 0).await;
        }
        if in_state("APPROVED").is_some() {
            return self.settle(one, 0).await;
        }
        let settlements = self.settlements().await;
        for (state, by) in [("APPROVED", SettlementMove::Pay), ("DRAWN_UP", SettlementMove::Approve)] {
            if let Some(settlement) = settlements.iter().find(|settlement| settlement["state"] == state) {
                return self.move_settlement(one, settlement, by).await;
            }
        }
        Ok(())
    }
}
