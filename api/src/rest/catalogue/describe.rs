//! The description of these addresses by OpenAPI, made of the same table by which they are answered.
use super::{PARAMETERS, ROUTES, Route, What};
use crate::rest::hsds::describe::{fault, info, parameter, problem, with_faults};
use domain::{
    catalogue::{session::SessionState, venue::VenueStatus},
    event::{CatalogueKind, Happening},
};
use serde::Serialize;
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, ContentBuilder, Header, KnownFormat, ObjectBuilder, OneOfBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref,
    RefOr, ResponseBuilder, ResponsesBuilder, Schema, SchemaFormat, Server, Type,
    path::{HttpMethod, Operation, OperationBuilder},
};

const ABOUT: &str = "The published catalogue of the networks for those who keep a copy of it, read only and without signing in. Take a copy by `/export`, and keep \
    it in step by `/changes` from the cursor that the copy ends with. What is not public is not told, nor counted. Faults are told as \
    `application/problem+json` with a stable `code`.";

/// The description.
pub fn description() -> OpenApi {
    let paths = ROUTES.iter().fold(PathsBuilder::new(), |paths, route| paths.path(route.path, PathItem::new(HttpMethod::Get, operation(route))));
    let components = ComponentsBuilder::new().schema("Problem", problem()).schema("Thing", thing()).schema("Session", session());
    let components = components.schema("Change", change()).schema("End", end()).build();
    let info = info("Monituottaja: the catalogue and its changes", ABOUT);
    OpenApiBuilder::new().info(info).servers(Some([Server::new("/catalogue")])).paths(paths.build()).components(Some(components)).build()
}

fn text(about: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(about))
}

fn of_format(about: &str, format: KnownFormat) -> ObjectBuilder {
    text(about).format(Some(SchemaFormat::KnownFormat(format)))
}

fn uuid(about: &str) -> ObjectBuilder {
    of_format(about, KnownFormat::Uuid)
}

fn whole(about: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).description(Some(about))
}

/// One of the words of a vocabulary.
fn words<T: Serialize>(about: &str, all: &[T]) -> ObjectBuilder {
    text(about).enum_values(Some(all.iter().filter_map(|word| serde_json::to_value(word).ok())))
}

fn object(required: &[&str], fields: impl IntoIterator<Item = (&'static str, RefOr<Schema>)>) -> ObjectBuilder {
    let object = fields.into_iter().fold(ObjectBuilder::new().schema_type(Type::Object), |object, (name, field)| object.property(name, field));
    required.iter().fold(object, |object, name| object.required(*name))
}

fn field(name: &'static str, schema: ObjectBuilder) -> (&'static str, RefOr<Schema>) {
    (name, RefOr::T(Schema::Object(schema.build())))
}

fn named(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

fn kind() -> ObjectBuilder {
    words("What kind of thing.", CatalogueKind::ALL)
}

fn places() -> [(&'static str, RefOr<Schema>); 3] {
    [
        field("placesTaken", whole("Places that are taken, where one registers for this.")),
        field("freePlaces", whole("Places that are free for anybody; missing without a limit.")),
        field("reservedFree", whole("Places that are free and kept for clients of the network.")),
    ]
}

fn thing() -> ObjectBuilder {
    let content = ObjectBuilder::new().schema_type(Type::Object);
    let about = "What is said of it, under the names that the type of this kind has in `/schema.graphql`; the others that it names, by their `uuid`.";
    let own = [
        field("kind", kind()),
        field("id", text("Its id in GraphQL.")),
        field("uuid", uuid("By which others name it, and HSDS too.")),
        field("network", uuid("The network that it belongs to; missing of the national register of areas.")),
        field("organization", uuid("Whose it is; of an offering the provider, of an approved provider who has approved it.")),
        field("service", uuid("Of an offering: the service that is offered.")),
        field("status", words("Of a venue: how far its use is agreed.", VenueStatus::ALL)),
        field("closedOn", of_format("Of a unit, a route or an area: the day on which it was closed; missing while it is in use.", KnownFormat::Date)),
        field("content", content.description(Some(about))),
        ("sessions", ArrayBuilder::new().items(named("Session")).description(Some("Of an offering: its sessions that are not over, by their start.")).into()),
        field("updatedAt", of_format("When it was last changed.", KnownFormat::DateTime)),
        field("version", whole("Counts its changes.")),
    ];
    object(&["kind", "id", "uuid", "content", "updatedAt", "version"], own.into_iter().chain(places()))
}

fn session() -> ObjectBuilder {
    let own = [
        field("id", text("Its id in GraphQL.")),
        field("uuid", uuid("Its UUID.")),
        field("startsAt", of_format("When it starts.", KnownFormat::DateTime)),
        field("endsAt", of_format("When it ends.", KnownFormat::DateTime)),
        field("state", words("What became of it.", SessionState::ALL)),
        field(
            "reason",
            object(&["fi"], ["fi", "sv", "en"].map(|language| field(language, text("In this language.")))).description(Some("Why it was moved or cancelled.")),
        ),
        field("leader", text("Who leads it, as everybody may know the name.")),
        field("venue", uuid("Where it is held, when not at the offering's own place.")),
    ];
    object(&["id", "uuid", "startsAt", "endsAt", "state"], own.into_iter().chain(places()))
}

fn change() -> ObjectBuilder {
    let nothing = ObjectBuilder::new().schema_type(Type::Null).build();
    let either = OneOfBuilder::new().item(named("Thing")).item(Schema::Object(nothing));
    let own = [
        field("cursor", text("The place after this change.")),
        field("at", of_format("When it happened.", KnownFormat::DateTime)),
        field("happening", words("What happened.", Happening::ALL)),
        field("kind", kind()),
        field("id", text("The id of the thing in GraphQL.")),
        field("uuid", uuid("The UUID of the thing.")),
        field("deletedAt", of_format("When the thing left the catalogue.", KnownFormat::DateTime)),
        (
            "object",
            RefOr::T(Schema::OneOf(either.description(Some("The thing as it is now; null when it is not public any more: then throw it away.")).build())),
        ),
    ];
    object(&["cursor", "at", "happening", "kind", "id", "uuid", "object"], own)
}

fn end() -> ObjectBuilder {
    let more = ObjectBuilder::new().schema_type(Type::Boolean).description(Some("There is more already."));
    let own = [field("cursor", text("Where to go on.")), field("hasMore", more)];
    object(&["cursor", "hasMore"], own).description(Some("The last line: an answer without it was cut off."))
}

fn operation(route: &Route) -> Operation {
    let said = route.parameters.iter().filter_map(|name| PARAMETERS.iter().find(|known| known.name == *name)).map(|known| parameter(known, None));
    let mut responses = ResponsesBuilder::new().response("200", answer(route)).response("304", ResponseBuilder::new().description("It is as you know it."));
    responses = match route.what {
        What::Changes => responses
            .response("400", fault("What is asked makes no sense, or the cursor was never told (`CURSOR_UNKNOWN`) or is ahead of the feed (`CURSOR_AHEAD`).")),
        What::Export => responses.response("400", fault("What is asked makes no sense.")),
        What::Description => responses,
    };
    OperationBuilder::new()
        .operation_id(Some(route.operation))
        .summary(Some(route.summary))
        .parameters(Some(said))
        .responses(with_faults(responses).build())
        .build()
}

fn answer(route: &Route) -> ResponseBuilder {
    let lines = |line: &str| RefOr::T(Schema::OneOf(OneOfBuilder::new().item(named(line)).item(named("End")).build()));
    let content = |schema: RefOr<Schema>| ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(route.summary);
    let cursor = || Header::builder().schema(Some(Schema::Object(text("Where to go on.").build()))).description(Some("The cursor of the last line.")).build();
    match route.what {
        What::Changes => response.content("application/x-ndjson", content(lines("Change"))).header("X-Catalogue-Cursor", cursor()),
        What::Export => {
            let zip = RefOr::T(Schema::Object(text("The tables as CSV.").format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).build()));
            response.content("application/x-ndjson", content(lines("Thing"))).content("application/zip", content(zip)).header("X-Catalogue-Cursor", cursor())
        }
        What::Description => response.content("application/json", content(RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Object).build())))),
    }
}
