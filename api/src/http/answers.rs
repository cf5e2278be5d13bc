//! Answers judged by the reference implementation: a small world in which much fails, is null or is late, and what
//! graphql-js answers to questions about it. `tests/answers/write.mjs` has the same world and wrote the answers down.
use super::tests::Guest;
use super::{Arrival, House, Introspection, Limits, Refused, harden, routes};
use crate::clock::Clock;
use async_graphql::{Error, Interface, Object, Result, Schema, ServerError, Subscription, Union};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use chrono::DateTime;
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::yield_now;
use tower::ServiceExt;

struct Cat(i32);
struct Dog(i32);

#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "i32"),
    field(name = "name", ty = "Option<String>"),
    field(name = "weight", ty = "Option<i32>"),
    field(name = "mate", ty = "Option<Being>"),
    field(name = "friend", ty = "Being"),
    field(name = "kin", ty = "Option<Vec<Option<Being>>>"),
    field(name = "litter", ty = "Option<Vec<Being>>"),
    field(name = "pack", ty = "Vec<Being>")
)]
enum Being {
    Cat(Cat),
    Dog(Dog),
}

#[derive(Union)]
enum Pet {
    Cat(Cat),
    Dog(Dog),
}

fn being(n: i32) -> Being {
    let n = n % 1000;
    if n % 2 == 0 { Being::Cat(Cat(n)) } else { Being::Dog(Dog(n)) }
}

fn pet(n: i32) -> Pet {
    match being(n) {
        Being::Cat(cat) => Pet::Cat(cat),
        Being::Dog(dog) => Pet::Dog(dog),
    }
}

/// A value that comes late, or not at all: what is ready first is not what was asked for first.
async fn late<T>(turns: i32, fails: bool, value: T) -> Result<T> {
    for _ in 0..turns % 4 {
        yield_now().await;
    }
    if fails { Err(Error::new("no")) } else { Ok(value) }
}

/// What cats and dogs have in common, with how a weight is told by each.
macro_rules! kind {
    ($kind:ident, $weight:ty, { $($own:tt)* }) => {
        #[Object]
        impl $kind {
            async fn id(&self) -> Result<i32> {
                late(self.0, false, self.0).await
            }
            async fn name(&self) -> Result<Option<String>> {
                late(3 - self.0 % 4, self.0 % 4 == 1, (self.0 % 4 != 3).then(|| format!("being {}", self.0))).await
            }
            async fn weight(&self) -> Result<$weight> {
                late(self.0 + 1, self.0 % 3 == 0, (self.0 * 10).into()).await
            }
            async fn mate(&self) -> Result<Option<Being>> {
                late(self.0 + 2, self.0 % 5 == 1, (self.0 % 5 != 0).then(|| being(self.0 + 1))).await
            }
            async fn friend(&self) -> Result<Being> {
                late(self.0 + 3, self.0 % 7 == 0, being(self.0 + 3)).await
            }
            async fn kin(&self) -> Result<Option<Vec<Option<Being>>>> {
                late(self.0, self.0 % 6 == 5, Some(vec![Some(being(self.0 + 1)), None, Some(being(self.0 + 2))])).await
            }
            async fn litter(&self) -> Result<Option<Vec<Being>>> {
                late(self.0, false, (self.0 % 6 != 1).then(|| vec![being(self.0 + 2), being(self.0 + 5)])).await
            }
            async fn pack(&self) -> Result<Vec<Being>> {
                late(self.0, self.0 % 11 == 0, vec![being(self.0 + 4), being(self.0 + 7)]).await
            }
            $($own)*
        }
    };
}

kind!(Cat, i32, {
    async fn purr(&self) -> Result<&str> {
        late(2, self.0 % 8 == 0, "purr").await
    }
    async fn claws(&self) -> Vec<i32> {
        vec![self.0, self.0 + 1]
    }
    /// Not a number is no number in GraphQL either.
    async fn speed(&self) -> f64 {
        if self.0 % 9 == 0 { f64::NAN } else { f64::from(self.0) + 0.5 }
    }
});
kind!(Dog, Option<i32>, {
    async fn bark(&self) -> Result<Option<&str>> {
        late(2, self.0 % 8 == 1, Some("wuff")).await
    }
});

struct Query;

#[Object]
impl Query {
    async fn being(&self, n: i32) -> Result<Option<Being>> {
        late(n, n % 13 == 0, Some(being(n))).await
    }
    async fn sure(&self, n: i32) -> Result<Being> {
        late(n, n % 13 == 1, being(n)).await
    }
    async fn pet(&self, n: i32) -> Result<Option<Pet>> {
        late(n, n % 13 == 2, (n % 13 != 3).then(|| pet(n))).await
    }
    async fn pets(&self, n: i32) -> Result<Vec<Pet>> {
        late(n, n % 13 == 4, (n..n + 3).map(pet).collect()).await
    }
    async fn cat(&self, n: i32) -> Cat {
        Cat(n - n % 2)
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn raise(&self, n: i32) -> Result<Option<Being>> {
        late(n, n % 13 == 0, Some(being(n))).await
    }
    async fn raise_surely(&self, n: i32) -> Result<Being> {
        late(n, n % 13 == 1, being(n)).await
    }
}

struct Subscription;

#[Subscription]
impl Subscription {
    async fn beings(&self, n: i32) -> impl Stream<Item = Option<Being>> {
        stream::iter((n..n + 3).map(|n| Some(being(n))))
    }
    async fn sure_beings(&self, n: i32) -> impl Stream<Item = Being> {
        stream::iter((n..n + 3).map(being))
    }
}

struct Zoo(Schema<Query, Mutation, Subscription>);

impl House for Zoo {
    type Query = Query;
    type Mutation = Mutation;
    type Subscription = Subscription;
    type Visitor = Guest;

    fn schema(&self) -> &Schema<Query, Mutation, Subscription> {
        &self.0
    }
    async fn admit(&self, _: Arrival) -> Result<Guest, Refused> {
        Ok(Guest::nobody())
    }
    fn catalogue_version(&self) -> u64 {
        1
    }
    async fn ready(&self) -> bool {
        true
    }
    fn explain(&self, _: &mut ServerError) {}
}

fn door() -> Router {
    // Everything is told, and nothing is too much, so that each answer can be compared.
    let limits = Limits {
        answer_errors: 10_000,
        operation_complexity: 1_000_000,
        rate_complexity: 0,
        rate_requests: 0,
        introspection: Introspection::Open,
        ..Limits::default()
    };
    let zoo = Zoo(harden(Schema::build(Query, Mutation, Subscription), &limits).finish());
    routes(Arc::new(zoo), limits, Clock::fixed(DateTime::UNIX_EPOCH), None, Router::new()).unwrap()
}

/// A question, and what graphql-js answers: once, or, to a subscription, once for each event.
#[derive(Deserialize)]
struct Asked {
    query: String,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    /// As text: the order of the keys is part of the answer.
    data: String,
    /// The paths of the errors.
    errors: Vec<Value>,
}

fn asked() -> Vec<Asked> {
    serde_json::from_str(include_str!("../../../tests/answers/answers.json")).unwrap()
}

/// What is answered to a question in a media type, as text.
async fn ask(door: &Router, query: &str, accept: &str) -> String {
    let request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
    let response = door.clone().oneshot(request.body(Body::from(json!({ "query": query }).to_string())).unwrap()).await.unwrap();
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// graphql-js gives up what a null above has made useless, so it may tell of fewer errors than there were.
fn agree(query: &str, ours: &str, theirs: &Answer) {
    let data = format!("\"data\":{}}}", theirs.data);
    assert!(ours.ends_with(&data), "{query}\nours:   {ours}\ntheirs: {data}");
    let told: Value = serde_json::from_str(ours).unwrap();
    let paths: Vec<_> = told["errors"].as_array().into_iter().flatten().map(|error| &error["path"]).collect();
    for path in &theirs.errors {
        assert!(paths.contains(&path), "{query}\n{path} is missing in {paths:?}");
    }
    assert_eq!(paths.is_empty(), theirs.errors.is_empty(), "{query}");
    let unique: std::collections::HashSet<_> = paths.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), paths.len(), "{query}: an error is told twice");
}

#[tokio::test]
async fn answers_are_those_of_the_reference_implementation() {
    let (door, mut nulls) = (door(), 0);
    for Asked { query, answers } in asked().iter().filter(|asked| !asked.query.starts_with("subscription")) {
        let first = ask(&door, query, "application/json").await;
        agree(query, &first, &answers[0]);
        nulls += usize::from(answers[0].data == "null");
        if answers[0].errors.is_empty() {
            assert_eq!(ask(&door, query, "application/json").await, first, "what was kept is what was answered");
        }
    }
    assert!(nulls > 10, "{nulls} questions without any data are too few to learn from");
}

#[tokio::test]
async fn events_are_those_of_the_reference_implementation() {
    let door = door();
    for Asked { query, answers } in asked() {
        let stream = ask(&door, &query, "text/event-stream").await;
        let events: Vec<_> = stream.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        assert_eq!(events.len(), answers.len(), "{query}\n{stream}");
        for (ours, theirs) in events.into_iter().zip(&answers) {
            agree(&query, ours, theirs);
        }
    }
}

#[tokio::test]
async fn the_schema_is_told_in_the_order_it_is_asked_for() {
    let query = "{__schema{types{kind name fields(includeDeprecated:true){type{name kind ofType{name}} name} possibleTypes{name}} queryType{name} directives{name args{name}}}}";
    let told = ask(&door(), query, "application/json").await;
    assert!(told.starts_with(r#"{"data":{"__schema":{"types":[{"kind":""#), "{told}");
    assert!(told.contains(r#""queryType":{"name":"Query"},"directives":["#), "{told}");
}

#[tokio::test]
async fn an_error_without_words_of_its_own_is_our_fault() {
    let told: Value = serde_json::from_str(&ask(&door(), "{cat(n:18){speed}}", "application/json").await).unwrap();
    assert_eq!(told["data"], Value::Null);
    assert_eq!((&told["errors"][0]["path"], &told["errors"][0]["extensions"]["code"]), (&json!(["cat", "speed"]), &json!("INTERNAL")));
}
