//! Vouchers, and notices of them.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{boolean, date, date_null, integer, integer_null, text, text_null, text_uniq, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let voucher = kept("voucher")
            .col(uuid("client_id"))
            .col(uuid("case_id"))
            .col(text_uniq("number"))
            .col(text("state"))
            .col(uuid("decision_id"))
            .col(uuid("rulebook_id"))
            .col(uuid("series_id"))
            .col(uuid("service_id"))
            .col(text("unit"))
            .col(integer("quantity_hundredths"))
            .col(integer("value_cents"))
            .col(boolean("free_of_charge"))
            .col(date("valid_from"))
            .col(date("valid_to"))
            .col(text("issued_by"))
            .col(uuid_null("approval_id"))
            .col(uuid_null("provider_id"))
            .col(timestamp_with_time_zone_null("chosen_at"))
            .col(text_null("chosen_by"))
            .col(integer_null("unit_price_cents"))
            .col(integer_null("vat_rate_bp"))
            .col(text_null("introduction"))
            .col(text_null("reason"))
            .col(text_null("alternative"))
            .col(timestamp_with_time_zone_null("arranged_at"))
            .col(text_null("arranged_by"))
            .col(date_null("ended_on"))
            .col(text_null("ended_by"))
            .to_owned();
        manager.create_table(voucher).await?;
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("voucher_id")).to_owned()).await?;
        for (table, columns) in [
            ("voucher", &["client_id"][..]),
            ("voucher", &["case_id"]),
            ("voucher", &["decision_id"]),
            ("voucher", &["approval_id"]),
            ("voucher", &["provider_id", "state"]),
            ("voucher", &["state", "valid_to"]),
            ("notice", &["voucher_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("vouchers are not thrown away".to_owned()))
    }
}
