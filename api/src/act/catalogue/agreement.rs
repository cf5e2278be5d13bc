//! Partnership agreements: concluded, changed, and ended by their last day.
use crate::{act::under, caller::Caller, error::Result, store::Work};
use domain::{
    catalogue::agreement::PartnershipAgreementContent,
    id::{OrganizationId, PartnershipAgreementId},
    policy::Action,
    rejection::Code,
};
use entity::catalogue::{agreement_party, organization, partnership_agreement};
use sea_orm::ColumnTrait;
use serde::Serialize;
use uuid::Uuid;

/// What is said when an agreement is concluded.
#[derive(Clone, Debug, Serialize)]
pub struct ConcludeAgreement {
    /// The organisation that keeps it; one of the parties.
    pub keeper: OrganizationId,
    /// What is agreed.
    pub content: PartnershipAgreementContent,
}

/// Concludes a partnership agreement.
///
/// # Errors
/// What the content lacks, a party of another network, or a caller without the right.
pub async fn conclude(caller: &Caller, key: Option<&str>, input: ConcludeAgreement) -> Result<partnership_agreement::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = PartnershipAgreementId::new();
    caller
        .write_once::<partnership_agreement::Entity>(key, "concludePartnershipAgreement", &input, id, async |work: &mut Work| {
            let keeper = work.refer::<organization::Entity>(input.keeper, &["keeper"]).await?;
            let now = work.now();
            let row = partnership_agreement::Model {
                id,
                network_id: keeper.network_id,
                organization_id: keeper.id,
                content: input.content.clone(),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            bind(work, &row).await?;
            work.insert::<partnership_agreement::Entity>(row).await
        })
        .await
}

/// Replaces what is agreed.
///
/// # Errors
/// As [`conclude`], and a stale version.
pub async fn update(caller: &Caller, id: PartnershipAgreementId, expected: i32, content: PartnershipAgreementContent) -> Result<partnership_agreement::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<partnership_agreement::Entity>(id, expected, Action::Update).await?;
            for party in work.find::<agreement_party::Entity>(agreement_party::Column::AgreementId.eq(id)).await? {
                work.remove::<agreement_party::Entity>(party.id).await?;
            }
            let next = partnership_agreement::Model { content: content.clone(), ..before.clone() };
            bind(work, &next).await?;
            work.update::<partnership_agreement::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Binds the parties: each sees the agreement from then on.
async fn bind(work: &mut Work, agreement: &partnership_agreement::Model) -> Result<()> {
    if !agreement.content.parties.contains(&agreement.organization_id) {
        return Err(crate::error::Error::reject(Code::Required, &["content", "parties"]));
    }
    for party in &agreement.content.parties {
        let party = work.refer::<organization::Entity>(*party, &["content", "parties"]).await?;
        if party.network_id != agreement.network_id {
            return Err(crate::error::Error::reject(Code::OtherNetwork, &["content", "parties"]));
        }
        let row = agreement_party::Model {
            id: Uuid::now_v7(),
            network_id: agreement.network_id,
            agreement_id: agreement.id,
            keeper_id: agreement.organization_id,
            organization_id: party.id,
        };
        work.insert::<agreement_party::Entity>(row).await?;
    }
    Ok(())
}
