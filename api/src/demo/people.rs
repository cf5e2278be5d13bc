//! The people of the demo: made up, taken up and steered by the demo's actors through the use cases, each once. What a load that was killed left out of one, the next
//! one does.
use super::way::Way;
use crate::{
    act::{
        casework::referral::{self, CreateReferral, Takes, Words},
        person::{client, consent},
    },
    caller::Caller,
    error::{Error, Result},
    identity::{self, demo::ISSUER},
    store::Store,
};
use chrono::TimeDelta;
use domain::{
    casework::referral::{
        DeclineReason, Introduction, ReferralContent, ReferralDirection, ReferralMove, ReferralOutcome, ReferralState, ReferrerKind, Urgency,
    },
    catalogue::service::SupportNeed,
    id::{ClientId, OrganizationId},
    person::{
        consent::{ConsentMethod, ConsentPurpose, ConsentTerms, DataItem},
        identity::Identity,
        purpose::Purpose,
    },
};
use entity::{
    casework::referral as referrals,
    person::{client as clients, consent as consents},
};
use sea_orm::ColumnTrait;
use serde::Deserialize;
use std::{collections::BTreeSet, sync::LazyLock};

#[derive(Deserialize)]
struct People {
    people: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    key: String,
    identity: Option<Identity>,
    alias: Option<String>,
    #[serde(default)]
    protected: bool,
    account: Option<String>,
    introduced_by: Option<String>,
    /// How many days ago the client was taken up, and the case began.
    #[serde(default)]
    days_ago: i64,
    way: Option<Way>,
    #[serde(default)]
    referrals: Vec<Referral>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referral {
    sender: String,
    recipient: String,
    service: Option<String>,
    needs: BTreeSet<SupportNeed>,
    #[serde(default)]
    disclose: BTreeSet<DataItem>,
    urgency: Option<Urgency>,
    legal_basis: Option<String>,
    reason: String,
    handler: String,
    #[serde(default)]
    days_ago: i64,
    until: Until,
}

/// How far a referral of the demo goes.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Until {
    Sent,
    ConsentWithdrawn,
    Declined,
    Accepted,
    Arrived,
}

/// The worker who takes up the demo's clients.
pub(super) const OWN_WORKER: &str = "social-worker";

static PEOPLE: LazyLock<People> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../demo/people.json")).unwrap_or_else(|fault| unreachable!("the demo is part of the program: {fault}"))
});

/// Loads the people who are not there yet.
pub(super) async fn load(loading: &super::Loading<'_>) -> Result<()> {
    for person in &PEOPLE.people {
        match person.load(loading).await {
            // Somebody may have gone another way with one whose load was cut off; the others are loaded all the same.
            Err(why @ (Error::Rejected(_) | Error::Forbidden | Error::NotFound)) => {
                tracing::warn!(code = why.code(), person = person.key, "one of the demo's people could not be loaded further");
            }
            outcome => outcome?,
        }
    }
    Ok(())
}

/// The client that one of the people is; none where the load did not come so far.
pub(super) async fn client(loading: &super::Loading<'_>, key: &str) -> Result<Option<ClientId>> {
    match PEOPLE.people.iter().find(|person| person.key == key) {
        Some(person) => Ok(person.row(loading).await?.map(|row| row.id)),
        None => Ok(None),
    }
}

/// An actor of the demo, at work with clients so many days ago.
pub(super) async fn at_work(loading: &super::Loading<'_>, actor: &str, days_ago: i64) -> Result<Caller> {
    let at = loading.system.now() - TimeDelta::days(days_ago);
    let caller = loading.system.acting_as(&identity::subject_key(ISSUER, actor), Some(Purpose::Care), at).await?;
    caller.note_operation("demo");
    Ok(caller)
}

impl Person {
    async fn load(&self, loading: &super::Loading<'_>) -> Result<()> {
        let client = match (&self.identity, &self.introduced_by) {
            (Some(identity), None) => Some(self.register(loading, identity).await?),
            _ => None,
        };
        // A relation of long ago has ended unless a case keeps it: whoever is a client already is steered from the case.
        if let Some(client) = client {
            self.play(loading, client, OWN_WORKER).await?;
        }
        for each in &self.referrals {
            if let (Some(made), None) = (self.refer(loading, each, client).await?, client) {
                self.play(loading, made, &each.handler).await?;
            }
        }
        Ok(())
    }

    async fn play(&self, loading: &super::Loading<'_>, client: ClientId, opener: &str) -> Result<()> {
        match &self.way {
            Some(way) => way.play(loading, client, self.days_ago, self.account.as_deref(), opener).await,
            None => Ok(()),
        }
    }

    async fn row(&self, loading: &super::Loading<'_>) -> Result<Option<clients::Model>> {
        let Some(hetu) = self.identity.as_ref().and_then(|identity| identity.hetu.as_ref()) else { return Ok(None) };
        let reader = loading.system.reader();
        let named = Store::clients_named(reader, loading.system.vault(), hetu.whole().reveal());
        reader.find::<clients::Entity>().filter(named).one().await
    }

    /// The client, known by the identity code; registered where there is none.
    async fn register(&self, loading: &super::Loading<'_>, identity: &Identity) -> Result<ClientId> {
        let known = self.row(loading).await?;
        if let Some(row) = known.as_ref().filter(|row| self.account.is_none() || row.account.is_some()) {
            return Ok(row.id);
        }
        let worker = at_work(loading, OWN_WORKER, self.days_ago).await?;
        let row = if let Some(row) = known {
            row
        } else {
            let keeper = loading.organization_of(OWN_WORKER)?;
            let what = client::RegisterClient { keeper, identity: identity.clone(), protected: self.protected };
            client::register(&worker, None, what).await?
        };
        if let Some(account) = &self.account {
            client::link_account(&worker, row.id, row.version, identity::subject_key(ISSUER, account)).await?;
        }
        worker.finish().await?;
        Ok(row.id)
    }

    /// A referral that was made before: known by its words.
    async fn made(&self, loading: &super::Loading<'_>, each: &Referral) -> Result<Option<referrals::Model>> {
        let by = referrals::Column::CreatedBy.eq(identity::subject_key(ISSUER, &each.sender));
        for row in loading.system.reader().find::<referrals::Entity>().filter(by).all().await? {
            let told = referral::introduction(loading.system.vault(), &row)?;
            if told.is_some_and(|told| told.reveal().reason.as_deref() == Some(&each.reason)) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Steers the client with a referral, as far as it goes, from where it is; the client whom it has made.
    async fn refer(&self, loading: &super::Loading<'_>, each: &Referral, client: Option<ClientId>) -> Result<Option<ClientId>> {
        let row = match self.made(loading, each).await? {
            Some(row) if row.state != ReferralState::Draft => row,
            known => self.send(loading, each, client, known).await?,
        };
        let waits = matches!(row.state, ReferralState::Sent | ReferralState::Received);
        let untold = each.until == Until::Arrived && row.state == ReferralState::Accepted && row.outcome.is_none();
        if each.until == Until::Sent || !(waits || untold) {
            return Ok(client.or(row.client_id));
        }
        let handler = at_work(loading, &each.handler, each.days_ago).await?;
        let row = match row.state {
            ReferralState::Sent => referral::move_on(&handler, row.id, row.version, ReferralMove::Acknowledge, Words::default()).await?,
            _ => row,
        };
        let mut known = client;
        match (each.until, row.consent_id) {
            (Until::ConsentWithdrawn, Some(consent)) => {
                let account = self.account.as_deref().ok_or(Error::Internal)?;
                let oneself = at_work(loading, account, each.days_ago).await?;
                let consent = loading.row::<consents::Entity>(consent).await?;
                consent::withdraw(&oneself, consent.id, consent.version).await?;
            }
            (Until::Declined, _) => {
                let words = Words { decline: Some(DeclineReason::NoCapacity), message: Some("Ryhmä on täynnä tammikuuhun asti.".to_owned()) };
                referral::move_on(&handler, row.id, row.version, ReferralMove::Decline, words).await?;
            }
            _ => {
                let takes = match (&self.identity, self.introduced_by.is_some()) {
                    (Some(identity), true) => Takes::Register(Box::new(identity.clone())),
                    _ => Takes::Nothing,
                };
                let row = if row.state == ReferralState::Accepted { row } else { referral::accept(&handler, row.id, row.version, takes, None).await? };
                known = row.client_id;
                if each.until == Until::Arrived {
                    referral::report_outcome(&handler, row.id, row.version, ReferralOutcome::Arrived, None).await?;
                }
            }
        }
        handler.finish().await?;
        Ok(known)
    }

    /// Writes a referral, where it is not written yet, and sends it.
    async fn send(&self, loading: &super::Loading<'_>, each: &Referral, client: Option<ClientId>, known: Option<referrals::Model>) -> Result<referrals::Model> {
        let sender = at_work(loading, &each.sender, each.days_ago).await?;
        let recipient: OrganizationId = loading.id("organization", &each.recipient)?;
        let inbound = self.introduced_by.is_some();
        let introduction = match (&self.identity, client) {
            (Some(identity), None) => Introduction::of(identity, &[DataItem::FullName, DataItem::Contact].into(), Some(each.reason.clone())),
            _ => Introduction { alias: self.alias.clone(), reason: Some(each.reason.clone()), ..Introduction::default() },
        };
        let mut scope = introduction.items();
        scope.extend(&each.disclose);
        let referrer = match each.sender.as_str() {
            "partner" | "partner-b" => ReferrerKind::Ngo,
            "social-worker-b" => ReferrerKind::HealthCare,
            _ => ReferrerKind::AdultSocialWork,
        };
        let content = ReferralContent {
            direction: if inbound { ReferralDirection::Inbound } else { ReferralDirection::Outbound },
            referrer,
            needs: each.needs.clone(),
            urgency: each.urgency.unwrap_or(Urgency::Normal),
            disclose: each.disclose.clone(),
            legal_basis: each.legal_basis.clone(),
            despite_prohibition: None,
        };
        let what = CreateReferral {
            sender: loading.organization_of(&each.sender)?,
            recipient,
            service: each.service.as_deref().map(|service| loading.id("service", service)).transpose()?,
            client,
            introduction,
            anonymous: self.identity.is_none(),
            content,
        };
        let row = match known {
            Some(row) => row,
            None => referral::create(&sender, None, what).await?,
        };
        let given = loading.system.reader().find::<consents::Entity>().filter(consents::Column::ReferralId.eq(row.id)).count().await?;
        if given == 0 && self.identity.is_some() && each.legal_basis.is_none() {
            let terms = ConsentTerms {
                purpose: ConsentPurpose::Referral,
                recipient,
                scope,
                method: ConsentMethod::Written,
                text_version: "ohjaus-2026-1".to_owned(),
                expires_at: sender.now() + TimeDelta::days(365),
            };
            consent::record(&sender, None, consent::RecordConsent { client: None, referral: Some(row.id), terms }).await?;
        }
        let row = referral::send(&sender, row.id, row.version).await?;
        sender.finish().await?;
        Ok(row)
    }
}
