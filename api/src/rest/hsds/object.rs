//! The objects of HSDS 3, as far as this catalogue has something to say in them. The order and the names are those of the standard.
#![expect(clippy::struct_field_names, reason = "the names are those of the standard")]
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What has one value only, which is what a table has columns for.
pub trait Fields: Serialize {
    /// The names of such fields, as Rust spells them; those that hold other objects are among them.
    const FIELDS: &'static [&'static str];
}

/// Declares objects: first what each always has, then what it may have, then its lists. What there is not is left out: the standard has no nulls.
macro_rules! objects { ($(
    $(#[$meta:meta])*
    $name:ident { $($(#[$must_meta:meta])* $must:ident: $must_type:ty,)* }
    may { $($(#[$may_meta:meta])* $may:ident: $may_type:ty,)* }
    many { $($(#[$many_meta:meta])* $many:ident: $many_type:ty,)* }
)*) => { $(
    $(#[$meta])*
    #[derive(Clone, Debug, Default, Serialize, ToSchema)]
    pub struct $name {
        $($(#[$must_meta])* pub $must: $must_type,)*
        $($(#[$may_meta])* #[serde(skip_serializing_if = "Option::is_none")] #[schema(nullable = false)] pub $may: Option<$may_type>,)*
        $($(#[$many_meta])* #[serde(skip_serializing_if = "Vec::is_empty")] #[schema(required = false)] pub $many: Vec<$many_type>,)*
    }

    impl Fields for $name {
        const FIELDS: &'static [&'static str] = &[$(stringify!($must),)* $(stringify!($may),)*];
    }
)* } }

objects! {
    /// A service (palvelu).
    Service {
        /// The UUID that stays.
        id: Uuid,
        /// What it is called.
        name: String,
        /// Always `active`: what is withdrawn is not told of.
        status: &'static str,
    }
    may {
        /// Whose service it is.
        organization_id: Uuid,
        /// What it is, for whom and what it aims at.
        description: String,
        /// How to come to it.
        application_process: String,
        /// What it costs, in words.
        fees_description: String,
        /// For whom it is, in words.
        eligibility_description: String,
        /// The youngest age in full years.
        minimum_age: i32,
        /// The highest age in full years.
        maximum_age: i32,
        /// When anything that is told of it was last changed; to the millisecond, in UTC.
        #[schema(format = DateTime)]
        last_modified: String,
        /// Whose service it is.
        organization: Box<Organization>,
    }
    many {
        /// When it is given, where no place is told.
        schedules: Schedule,
        /// The areas where it is given.
        service_areas: ServiceArea,
        /// Where it is given: one for each offering and place.
        #[schema(no_recursion)]
        service_at_locations: ServiceAtLocation,
        /// Languages in which it is given.
        languages: Language,
        /// What it costs.
        cost_options: CostOption,
        /// Who gives it, where no place is told.
        contacts: Contact,
        /// What it is classed as.
        attributes: Attribute,
        /// Places in all and places that are free: of HSDS 3.1, asked for with `version=3.1`.
        capacities: ServiceCapacity,
    }

    /// A service as few words as can be: what `minimal=true` lists.
    MinimalService {
        /// The UUID that stays.
        id: Uuid,
        /// When anything that is told of it was last changed.
        #[schema(format = DateTime)]
        modified_date: String,
    }
    may {}
    many {}

    /// An organisation (organisaatio).
    Organization {
        /// The UUID that stays.
        id: Uuid,
        /// What it is called.
        name: String,
        /// What it is and does; where that is not told, what kind of organisation it is.
        description: String,
    }
    may {
        /// Its web pages.
        #[schema(format = "uri")]
        website: String,
        /// Its business id (Y-tunnus).
        tax_id: String,
        /// What kind of organisation it is.
        legal_status: String,
    }
    many {
        /// Its service units that are in use, and its venues whose use is agreed.
        locations: Location,
        /// By what other registers know it.
        organization_identifiers: OrganizationIdentifier,
        /// What it is classed as.
        attributes: Attribute,
        /// Its published services, asked for with `full_service=true`.
        #[schema(no_recursion)]
        services: Service,
    }

    /// An offering (tarjonta) at one of its places.
    ServiceAtLocation {
        /// The UUID that stays: that of the offering, where it has one place.
        id: Uuid,
    }
    may {
        /// The service.
        service_id: Uuid,
        /// The place.
        location_id: Uuid,
        /// What a person should know of this offering.
        description: String,
        /// The place.
        location: Location,
        /// The service.
        #[schema(no_recursion)]
        service: Box<Service>,
    }
    many {
        /// Who gives it here.
        contacts: Contact,
        /// When it is given here.
        schedules: Schedule,
    }

    /// A place: a venue (tila), a service unit (palveluyksikkö), a stop of a route, or none on earth.
    Location {
        /// The UUID that stays.
        id: Uuid,
        /// `physical`, or `virtual` of what is given remotely.
        location_type: &'static str,
    }
    may {
        /// Who keeps it.
        organization_id: Uuid,
        /// What it is called.
        name: String,
        /// What else should be known of it.
        description: String,
        /// By what one comes, or it comes: the route of a stop.
        transportation: String,
        /// Degrees north, WGS 84.
        latitude: f64,
        /// Degrees east, WGS 84.
        longitude: f64,
        /// By what another register knows it.
        external_identifier: String,
        /// Which register that is: `VTJ-PRT` of buildings or `Soteri` of service units.
        external_identifier_type: String,
    }
    many {
        /// Its street address.
        addresses: Address,
        /// Where it is written to.
        contacts: Contact,
        /// How it can be used with a disability; what is not told is not there, or not known.
        accessibility: Accessibility,
        /// Its telephone number.
        phones: Phone,
    }

    /// A street address.
    Address {
        /// The UUID that stays.
        id: Uuid,
        /// Street and number.
        address_1: String,
        /// Post office.
        city: String,
        /// The wellbeing services county.
        state_province: String,
        /// Five digits.
        postal_code: String,
        /// `FI`.
        country: &'static str,
        /// `physical`.
        address_type: &'static str,
    }
    may {
        /// The place.
        location_id: Uuid,
        /// The municipality.
        region: String,
    }
    many {}

    /// How a place can be used with a disability.
    Accessibility {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The place.
        location_id: Uuid,
        /// What there is.
        description: String,
    }
    many {}

    /// Times at which a service is given: a recurrence of RFC 5545, within which the clock is not changed.
    Schedule {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The service, where no place is told.
        service_id: Uuid,
        /// Another place than usual.
        location_id: Uuid,
        /// The offering at its place.
        service_at_location_id: Uuid,
        /// The first day.
        #[schema(format = Date)]
        valid_from: String,
        /// The last day.
        #[schema(format = Date)]
        valid_to: String,
        /// The day of the first one that is not over.
        #[schema(format = Date)]
        dtstart: String,
        /// By how many hours the clock is ahead of UTC on these days.
        timezone: i32,
        /// The day of the last one.
        #[schema(format = Date)]
        until: String,
        /// 1, of what does not recur.
        count: u32,
        /// The day on which weeks begin.
        wkst: String,
        /// `WEEKLY` or `MONTHLY`.
        freq: &'static str,
        /// Every how many weeks or months.
        interval: u32,
        /// Days of the week, of a month with a number before.
        byday: String,
        /// Days of the month.
        bymonthday: String,
        /// Where it is, when that is another place than usual.
        description: String,
        /// When it begins, `HH:MM` and the offset from UTC.
        opens_at: String,
        /// When it ends, `HH:MM` and the offset from UTC.
        closes_at: String,
        /// A calendar (iCalendar) of each single one.
        #[schema(format = "uri")]
        schedule_link: String,
    }
    many {}

    /// An area where a service is given.
    ServiceArea {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The service.
        service_id: Uuid,
        /// What it is called.
        name: String,
        /// The kind of area and its name.
        extent: String,
        /// `text`.
        extent_type: &'static str,
        /// Its address in the national code list.
        uri: String,
    }
    many {}

    /// A language in which a service is given.
    Language {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The service.
        service_id: Uuid,
        /// The code by ISO 639.
        code: String,
    }
    many {}

    /// What a service costs.
    CostOption {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The service.
        service_id: Uuid,
        /// On what the cost depends: how it is charged, or for which offering.
        option: String,
        /// `EUR`.
        currency: &'static str,
        /// The amount in euros.
        amount: f64,
        /// More on what it costs.
        amount_description: String,
    }
    many {}

    /// Whom to turn to: an organisation, never a person.
    Contact {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The organisation that gives the service.
        organization_id: Uuid,
        /// The service.
        service_id: Uuid,
        /// The offering at its place.
        service_at_location_id: Uuid,
        /// The place.
        location_id: Uuid,
        /// What the organisation is called.
        name: String,
        /// The service unit.
        department: String,
        /// The e-mail address of the unit.
        email: String,
    }
    many {
        /// The telephone number of the unit.
        phones: Phone,
    }

    /// A telephone number.
    Phone {
        /// The UUID that stays.
        id: Uuid,
        /// In the international form of E.164.
        number: String,
    }
    may {
        /// The place.
        location_id: Uuid,
        /// The contact.
        contact_id: Uuid,
        /// `voice`.
        r#type: &'static str,
    }
    many {}

    /// By what another register knows an organisation.
    OrganizationIdentifier {
        /// The UUID that stays.
        id: Uuid,
        /// Which register that is: `Y-tunnus`, `Soteri`, `PTV` or `OID`.
        identifier_type: &'static str,
        /// What it is there.
        identifier: String,
    }
    may {
        /// The organisation.
        organization_id: Uuid,
    }
    many {}

    /// What a thing is classed as.
    Attribute {
        /// The UUID that stays.
        id: Uuid,
    }
    may {
        /// The thing.
        link_id: Uuid,
        /// The term.
        taxonomy_term_id: Uuid,
        /// What the term tells of it: the key of the code list.
        link_type: &'static str,
        /// `service` or `organization`.
        link_entity: &'static str,
        /// The term.
        taxonomy_term: TaxonomyTerm,
    }
    many {}

    /// A code list (koodisto).
    Taxonomy {
        /// The UUID that stays.
        id: Uuid,
        /// What it is called.
        name: String,
        /// Where it comes from.
        description: String,
    }
    may {
        /// Where its source is published.
        #[schema(format = "uri")]
        uri: String,
        /// The version, as its source names it.
        version: String,
    }
    many {}

    /// A code of a list.
    TaxonomyTerm {
        /// The UUID that stays, from one version of the list to the next.
        id: Uuid,
        /// What it is called.
        name: String,
        /// What it means; where the name says it all, the name.
        description: String,
    }
    may {
        /// The code.
        code: String,
        /// The code above it.
        parent_id: Uuid,
        /// What its list is called.
        taxonomy: String,
        /// Its list.
        taxonomy_detail: Taxonomy,
        /// The language in which this is written.
        language: &'static str,
        /// Its list.
        taxonomy_id: Uuid,
        /// Its address in the source.
        #[schema(format = "uri")]
        term_uri: String,
    }
    many {}

    /// Places of an offering, in all and free.
    ServiceCapacity {
        /// The UUID that stays.
        id: Uuid,
        /// What is counted.
        unit: Unit,
        /// Places that anybody can have now.
        available: i32,
        /// When places or what is told of the offering last changed.
        #[schema(format = DateTime)]
        updated: String,
    }
    may {
        /// The service.
        service_id: Uuid,
        /// Places in all.
        maximum: i32,
        /// Of which offering.
        description: String,
    }
    many {}

    /// What is counted.
    Unit {
        /// The UUID that stays.
        id: Uuid,
        /// What it is called.
        name: String,
    }
    may {}
    many {}

    /// What this API is.
    About {
        /// The version of HSDS.
        version: &'static str,
        /// Where the standard is described.
        #[schema(format = "uri")]
        profile: String,
        /// The description of this API.
        #[schema(format = "uri")]
        openapi_url: String,
    }
    may {}
    many {}

    /// Where a page stands in the whole.
    Page {
        /// How many there are in all.
        total_items: usize,
        /// How many pages there are.
        total_pages: usize,
        /// Which page this is, from 1 on.
        page_number: usize,
        /// How many are on this page.
        size: usize,
        /// This is the first page.
        first_page: bool,
        /// No page comes after this one.
        last_page: bool,
        /// Nothing is on this page.
        empty: bool,
    }
    may {}
    many {}
}
