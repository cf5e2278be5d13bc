//! The description of the API by OpenAPI, made of the same table by which it is answered.
use super::{
    ask::{self, Kind, PARAMETERS, ROUTES, Route, What},
    object::{About, MinimalService, Organization, Page, Service, ServiceAtLocation, Taxonomy, TaxonomyTerm},
};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        AllOfBuilder, ArrayBuilder, ComponentsBuilder, ContentBuilder, Info, InfoBuilder, KnownFormat, LicenseBuilder, ObjectBuilder, OneOfBuilder, OpenApi,
        OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, ResponseBuilder, ResponsesBuilder, Schema, SchemaFormat, Server, Type,
        path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    },
};

const ABOUT: &str = "The published catalogue of the networks in the Human Services Data Specification of Open Referral, read only and without signing in. \
    Texts are in the language of `Accept-Language`: Finnish, Swedish or English. What is not public is not told, nor counted. Faults are told as \
    `application/problem+json` with a stable `code`. `ETag` and `Last-Modified` are honoured.";

/// The description.
pub fn description() -> OpenApi {
    let paths = ROUTES.iter().fold(PathsBuilder::new(), |paths, route| paths.path(route.path, PathItem::new(HttpMethod::Get, operation(route))));
    OpenApiBuilder::new()
        .info(info("Monituottaja: HSDS", ABOUT))
        .servers(Some([Server::new("/hsds")]))
        .paths(paths.build())
        .components(Some(components().build()))
        .build()
}

/// What an API says of itself.
pub(in crate::rest) fn info(title: &str, about: &str) -> Info {
    let license = LicenseBuilder::new().name("EUPL-1.2").identifier(Some("EUPL-1.2")).build();
    InfoBuilder::new().title(title).version(env!("CARGO_PKG_VERSION")).description(Some(about)).license(Some(license)).build()
}

fn components() -> ComponentsBuilder {
    fn of<T: ToSchema>(out: &mut Vec<(String, RefOr<Schema>)>) {
        out.push((T::name().into_owned(), T::schema()));
        T::schemas(out);
    }
    let mut all = Vec::new();
    of::<Service>(&mut all);
    of::<MinimalService>(&mut all);
    of::<Organization>(&mut all);
    of::<ServiceAtLocation>(&mut all);
    of::<Taxonomy>(&mut all);
    of::<TaxonomyTerm>(&mut all);
    of::<About>(&mut all);
    of::<Page>(&mut all);
    ComponentsBuilder::new().schemas_from_iter(all).schema("Problem", problem())
}

/// A fault by RFC 9457.
pub(in crate::rest) fn problem() -> ObjectBuilder {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let fields = [
        ("type", text("`about:blank`: the status says it.")),
        ("title", text("The status in words.")),
        ("detail", text("What is wrong, for people.")),
        ("code", text("What is wrong, for programs: the codes of the whole server.")),
        ("requestId", text("By what it is found in the server's log.")),
        ("parameter", text("Which parameter is meant, where one is.")),
    ];
    let status = ObjectBuilder::new().schema_type(Type::Integer).description(Some("The status."));
    let object = fields.into_iter().fold(ObjectBuilder::new().property("status", status), |object, (name, field)| object.property(name, field));
    ["type", "title", "status", "detail", "code", "requestId"].into_iter().fold(object, ObjectBuilder::required)
}

fn operation(route: &Route) -> Operation {
    let id = route.path.ends_with("{id}").then(|| {
        let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        ParameterBuilder::new().name("id").parameter_in(ParameterIn::Path).required(Required::True).description(Some("Its UUID.")).schema(Some(schema)).build()
    });
    let said = route.parameters.iter().filter_map(|name| PARAMETERS.iter().find(|known| known.name == *name)).map(|known| described(route, known));
    let mut responses = ResponsesBuilder::new().response("200", answer(route)).response("304", ResponseBuilder::new().description("It is as you know it."));
    if !route.parameters.is_empty() {
        responses = responses.response("400", fault("What is asked makes no sense."));
    }
    if id.is_some() {
        responses = responses.response("404", fault("There is no such thing, or it is not public."));
    }
    let responses = with_faults(responses);
    OperationBuilder::new()
        .operation_id(Some(route.operation))
        .summary(Some(route.summary))
        .parameters(Some(id.into_iter().chain(said)))
        .responses(responses.build())
        .build()
}

/// A fault that is told.
pub(in crate::rest) fn fault(words: &str) -> ResponseBuilder {
    let schema = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(words).content("application/problem+json", schema)
}

/// With the faults that every address may tell.
pub(in crate::rest) fn with_faults(responses: ResponsesBuilder) -> ResponsesBuilder {
    responses
        .response("401", fault("A bearer was sent that is not valid; none is needed."))
        .response("405", fault("Nothing but GET and HEAD is answered."))
        .response("429", fault("Too much was asked in a short time: `Retry-After` tells when to come back."))
        .response("500", fault("Something went wrong on our side."))
        .response("503", fault("The server cannot take requests now."))
}

fn described(route: &Route, known: &ask::Parameter) -> Parameter {
    // Only services have the larger page, and that only with little on it.
    let most = match known.name {
        "per_page" if route.what == What::Services => Some(ask::LARGEST_MINIMAL),
        "per_page" => Some(ask::LARGEST_PAGE),
        _ => None,
    };
    parameter(known, most)
}

/// A parameter as it is described; a number up to this, where that is less than it can be elsewhere.
pub(in crate::rest) fn parameter(known: &ask::Parameter, most_here: Option<usize>) -> Parameter {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let schema = match known.kind {
        Kind::Text(most) => text().max_length(Some(most)),
        Kind::Flag => ObjectBuilder::new().schema_type(Type::Boolean).default(Some(json!(false))),
        Kind::Number(most) => {
            let most = most_here.unwrap_or_else(|| usize::try_from(most).unwrap_or(usize::MAX));
            ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1_usize)).maximum(Some(most))
        }
        Kind::Id => text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
        Kind::Moment => text().examples(["2026-11-29T12:00:00Z", "2026-11-29"]),
        Kind::Word(words) => text().enum_values(Some(words.iter().copied())).default(words.first().map(|word| json!(word))),
    };
    ParameterBuilder::new()
        .name(known.name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(known.about))
        .schema(Some(schema))
        .build()
}

fn answer(route: &Route) -> ResponseBuilder {
    let named = |name: &str| RefOr::<Schema>::Ref(Ref::from_schema_name(name));
    let page = |item: RefOr<Schema>| {
        let contents = ObjectBuilder::new().property("contents", ArrayBuilder::new().items(item)).required("contents");
        RefOr::T(Schema::AllOf(AllOfBuilder::new().item(named("Page")).item(contents).build()))
    };
    let (schema, line) = match route.what {
        What::About => (named("About"), None),
        What::Description => (RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Object).build())), None),
        What::Service => (named("Service"), None),
        What::Services => {
            let item = || RefOr::T(Schema::OneOf(OneOfBuilder::new().item(named("Service")).item(named("MinimalService")).build()));
            (page(item()), Some(item()))
        }
        What::Organization => (named("Organization"), None),
        What::Organizations => (page(named("Organization")), Some(named("Organization"))),
        What::Spot => (named("ServiceAtLocation"), None),
        What::Spots => (page(named("ServiceAtLocation")), Some(named("ServiceAtLocation"))),
        What::Taxonomy => (named("Taxonomy"), None),
        What::Taxonomies => (page(named("Taxonomy")), Some(named("Taxonomy"))),
        What::Term => (named("TaxonomyTerm"), None),
        What::Terms => (page(named("TaxonomyTerm")), Some(named("TaxonomyTerm"))),
    };
    let answer = ResponseBuilder::new().description(route.summary).content("application/json", ContentBuilder::new().schema(Some(schema)).build());
    match line {
        Some(line) => answer.content("application/x-ndjson", ContentBuilder::new().schema(Some(line)).build()),
        None => answer,
    }
}
