//! What a document must be before anything is executed: small, GraphQL, and fitting the schema. What has passed
//! once is remembered, so an operation that is asked again costs no parsing and no validation.
mod answer;
mod bind;
mod collect;
mod cost;
mod kinds;
mod lex;
mod measure;
mod place;
mod values;

use super::failure::{Code, Refusal};
use super::limits::Limits;
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::executable::Operation;
use apollo_compiler::parser::Parser;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use async_graphql::{Request, Response, ServerError};
use collect::Asked;
use kinds::Kinds;
use place::Places;
use quick_cache::{Weighter, sync::Cache};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The SHA-256 of a text.
pub(super) type Digest = [u8; 32];

/// The SHA-256 of a text.
pub(super) fn digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// The one field of the introspection that async-graphql answers and apollo-compiler does not know.
const IS_ONE_OF: &str = "extend type __Type { isOneOf: Boolean }";

/// The gate in front of the executor.
pub(super) struct Guard {
    schema: Valid<Schema>,
    kinds: Kinds,
    limits: Limits,
    passed: Cache<Arc<str>, Arc<Checked>, Weight>,
}

/// A document that may be executed.
pub(super) struct Checked {
    /// The hash of its text: the same for two documents only if they are the same.
    pub digest: Digest,
    document: Valid<ExecutableDocument>,
    places: Places,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Arc<str>, Arc<Checked>> for Weight {
    /// An estimate: a syntax tree takes some thirty times the memory of its text.
    fn weight(&self, text: &Arc<str>, _: &Arc<Checked>) -> u64 {
        2_048 + 32 * text.len() as u64
    }
}

impl Guard {
    /// A guard for the schema given as SDL, or what is wrong with it.
    pub fn new(sdl: &str, limits: &Limits) -> Result<Self, String> {
        let schema = Schema::parse_and_validate(format!("{sdl}\n{IS_ONE_OF}"), "schema.graphql").map_err(|error| error.errors.to_string())?;
        let capacity = limits.document_cache_bytes;
        let documents = usize::try_from(capacity / 16_384).unwrap_or(usize::MAX);
        Ok(Self { kinds: Kinds::of(&schema), schema, limits: limits.clone(), passed: Cache::with_weighter(documents, capacity, Weight) })
    }

    /// Checks a document. A caller that may not read the schema (`reveal`) does not learn about it from the
    /// errors either: they tell the place and the rule, nothing else.
    pub fn check(&self, text: &str, reveal: bool) -> Result<Arc<Checked>, Refusal> {
        if let Some(checked) = self.passed.get(text) {
            return Ok(checked);
        }
        lex::check(text, &self.limits)?;
        let places = Places::of(text);
        let told = |code, list: &DiagnosticList| Refusal::of(code, self.errors(list, &places, code == Code::ParseFailed || reveal));
        // The parser's own limits are never met: they are there in case it counts otherwise than `lex` does.
        let mut parser = Parser::new().recursion_limit(self.limits.document_nesting * 4).token_limit(self.limits.document_bytes);
        let ast = parser.parse_ast(text, "document").map_err(|failed| told(Code::ParseFailed, &failed.errors))?;
        if let Some(at) = lex::lost(text, &ast.serialize().no_indent().to_string()) {
            let message = "syntax error: this does not belong here";
            return Err(Refusal::at(Code::ParseFailed, message, places.at(at)));
        }
        measure::check(&ast, &self.limits)?;
        let document = ast.to_executable_validate(&self.schema).map_err(|failed| told(Code::ValidationFailed, &failed.errors))?;
        values::check(&self.schema, &document, &places)?;
        let checked = Arc::new(Checked { digest: digest(text), document, places });
        self.passed.insert(text.into(), Arc::clone(&checked));
        Ok(checked)
    }

    /// Picks the operation and reads the variables it declares.
    pub fn ready(&self, checked: Arc<Checked>, name: Option<&str>, variables: &JsonMap, reveal: bool) -> Result<Ready, Refusal> {
        let operation = checked
            .document
            .operations
            .get(name)
            .map_err(|_| Refusal::new(Code::ValidationFailed, "the document must have the operation that operationName names, or only one"))?;
        let operation = Node::clone(operation);
        let variables = coerce_variable_values(&self.schema, &operation, variables).map_err(|error| {
            let message = if reveal { without_value(&error.message().to_string()) } else { "a variable does not have the form that is declared".to_owned() };
            Refusal::at(Code::BadInput, message, checked.places.find(error.location()))
        })?;
        Ok(Ready { checked, operation, variables })
    }

    /// How many values the answer could hold, unless they are too many.
    pub fn price(&self, ready: &Ready) -> Result<u64, Refusal> {
        let price = cost::of(&ready.checked.document, &ready.operation, &ready.variables);
        if price > self.limits.operation_complexity {
            let most = self.limits.operation_complexity;
            let message = format!("the answer could hold {price} values; at most {most} are allowed");
            return Err(Refusal::new(Code::TooComplex, message));
        }
        Ok(price)
    }

    /// The request that executes an operation. To a caller that may not read the schema, every `__type` is one that
    /// does not exist.
    pub fn request(&self, ready: &Ready, reveal: bool) -> Result<Request, Refusal> {
        let room = self.limits.body_bytes.saturating_mul(4);
        let mut request = Request::new("");
        request.set_parsed_query(bind::bind(self.asked(ready), &ready.checked.places, &ready.operation, room)?);
        if !reveal {
            request = request.disable_introspection();
        }
        Ok(request)
    }

    /// Makes what was executed the answer to what was asked. Every response goes through here, before anything else
    /// is done with it.
    pub fn fit(&self, ready: &Ready, response: &mut Response) {
        answer::fit(&self.schema, self.asked(ready), &ready.operation, response);
    }

    fn asked<'a>(&'a self, ready: &'a Ready) -> Asked<'a> {
        Asked { kinds: &self.kinds, document: &ready.checked.document, variables: &ready.variables }
    }

    fn errors(&self, list: &DiagnosticList, places: &Places, reveal: bool) -> Vec<ServerError> {
        let diagnostics = list.iter().take(self.limits.answer_errors);
        diagnostics
            .map(|diagnostic| {
                let message = match diagnostic.error.unstable_error_name() {
                    Some(rule) if !reveal => {
                        format!("the document does not fit the schema ({rule})")
                    }
                    _ => without_token(diagnostic.error.to_string()),
                };
                ServerError::new(message, places.find(diagnostic.error.location()))
            })
            .collect()
    }
}

/// An operation that may be executed, with its variables.
pub(super) struct Ready {
    /// The document it is from.
    pub checked: Arc<Checked>,
    operation: Node<Operation>,
    /// The variables that are declared and have a value, defaults filled in.
    pub variables: Valid<JsonMap>,
}

impl Ready {
    /// The name the caller gave it.
    pub fn name(&self) -> Option<&str> {
        self.operation.name.as_ref().map(Name::as_str)
    }

    /// Whether it only reads.
    pub fn is_query(&self) -> bool {
        self.operation.is_query()
    }

    /// Whether it changes something.
    pub fn is_mutation(&self) -> bool {
        self.operation.is_mutation()
    }

    /// Whether it is answered more than once.
    pub fn is_subscription(&self) -> bool {
        self.operation.is_subscription()
    }

    /// Whether it asks for the schema.
    pub fn asks_for_schema(&self) -> bool {
        self.operation.root_fields(&self.checked.document).any(|field| field.name == "__schema")
    }
}

/// The message without the piece of the document that its author could not read.
fn without_token(message: String) -> String {
    match message.split_once(", got ") {
        Some((expected, _)) => expected.to_owned(),
        None => message,
    }
}

/// The message without the value that was sent: it may be personal, and messages are kept by clients.
fn without_value(message: &str) -> String {
    match (message.split_once(": "), message.rsplit_once(" to type ")) {
        (Some((what, _)), Some((_, ty))) => format!("{what} to type {ty}"),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::types::{DocumentOperations, ExecutableDocument as Runnable};

    const SDL: &str = r#"
        type Query { node(id: ID!): Node, tree(of: Tree, only: Choice, many: [Tree!]): Int, text(of: String = "a"): String, count(of: Int! = 3): Int }
        type Subscription { tick: Int }
        interface Node { id: ID! }
        type Leaf implements Node { id: ID! name: String }
        type Twig implements Node { id: ID! }
        input Tree { kids: [Tree!], size: Int! = 1 }
        input Choice @oneOf { a: Int, b: Int }
        directive @oneOf on INPUT_OBJECT
        scalar Phone @specifiedBy(url: "https://www.itu.int/rec/T-REC-E.164")
    "#;

    fn guard() -> Guard {
        Guard::new(SDL, &Limits::default()).unwrap()
    }

    fn ready(text: &str, variables: &str) -> Result<Ready, Refusal> {
        let guard = guard();
        guard.ready(guard.check(text, true)?, None, &serde_json::from_str(variables).unwrap(), true)
    }

    fn refused(text: &str) -> Option<Code> {
        guard().check(text, true).err().map(|refusal| refusal.code)
    }

    #[test]
    fn a_document_that_passed_is_not_checked_again() {
        let guard = guard();
        let first = guard.check("{__typename}", false).unwrap();
        assert!(Arc::ptr_eq(&first, &guard.check("{__typename}", true).unwrap()));
        assert!(!Arc::ptr_eq(&first, &guard.check("{__typename }", true).unwrap()));
    }

    #[test]
    fn what_the_parser_would_overlook_is_refused() {
        for text in ["{node(id:1 other){id}}", "{node(other id:1){id}}", "{tree(of:{size})}", "query(){__typename}", "{__typename}}"] {
            assert_eq!(refused(text), Some(Code::ParseFailed), "{text}");
        }
    }

    #[test]
    fn what_the_validator_would_overlook_is_refused() {
        for text in [
            "{tree(of:{size:1 size:1})}",
            "{tree(of:{kids:[{size:1 size:2}]})}",
            "query($t:[Tree]){tree(of:{kids:$t})}",
            "query($t:Tree){tree(of:{kids:[$t]})}",
            "query($t:Tree){...F} fragment F on Query{tree(many:[$t])}",
            "query($i:ID=null){node(id:$i){id}}",
            "{tree(only:{})}",
            "{tree(only:{a:1 b:2})}",
            "{tree(only:{a:null})}",
            "query($n:Int){tree(only:{a:$n})}",
        ] {
            assert_eq!(refused(text), Some(Code::ValidationFailed), "{text}");
        }
        for text in [
            "query($t:[Tree!]){tree(of:{kids:$t})}",
            "query($s:Int){tree(of:{size:$s})}",
            "query($n:Int){count(of:$n)}",
            "query($i:ID=1){node(id:$i){id}}",
            "query($n:Int!){tree(only:{a:$n})}",
            r#"{text(of:"\u{1F600}") a:text(of:"\uD83D\uDE00")}"#,
            "query( $t : [ Tree ! ] ){tree(many:$t)}",
            "{__type(name:\"Tree\"){isOneOf specifiedByURL}}",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn a_stranger_learns_nothing_about_the_schema_from_errors() {
        let guard = guard();
        let messages = |text: &str, reveal| {
            let errors = guard.check(text, reveal).err().unwrap().errors;
            errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join("; ")
        };
        assert!(messages("{node{id}}", true).contains("Query.node(id:)"));
        assert_eq!(messages("{node{id}}", false), "the document does not fit the schema (RequiredArgument)");
        assert!(!messages(r#"{text("a secret")}"#, true).contains("secret"));
    }

    #[test]
    fn a_value_that_was_sent_is_not_told_again() {
        let wrong = ready("query($n:Int!){count(of:$n)}", r#"{"n":"secret: to type b"}"#).err().unwrap();
        assert_eq!((wrong.code, wrong.errors[0].message.as_str()), (Code::BadInput, "could not coerce variable n to type Int"));
    }

    #[test]
    fn an_operation_is_found_by_its_name_or_by_being_the_only_one() {
        let guard = guard();
        let checked = guard.check("query A{__typename} query B{a:__typename}", true).unwrap();
        let pick = |name| guard.ready(Arc::clone(&checked), name, &JsonMap::new(), true);
        assert_eq!(pick(Some("B")).unwrap().name(), Some("B"));
        assert!(pick(None).is_err() && pick(Some("C")).is_err());
        assert!(ready("{...F} fragment F on Query{a:__schema{description}}", "{}").unwrap().asks_for_schema());
        assert!(!ready("{__typename}", "{}").unwrap().asks_for_schema());
    }

    /// The document that is run for a question, as async-graphql's own types tell it.
    fn bound(text: &str, variables: &str) -> Runnable {
        let guard = guard();
        let mut request = guard.request(&ready(text, variables).unwrap(), true).unwrap();
        request.parsed_query().unwrap().clone()
    }

    fn printed(text: &str, variables: &str) -> String {
        let DocumentOperations::Single(operation) = bound(text, variables).operations else { panic!("one operation") };
        let words = format!("{:?}", operation.node.selection_set.node);
        words.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    #[test]
    fn conditions_are_decided_before_anything_is_run() {
        let text = "query($s:Boolean!){a:count @skip(if:$s) b:count @include(if:$s) c:count @skip(if:false)}";
        let when = |skipped: &str| printed(text, &format!(r#"{{"s":{skipped}}}"#));
        assert!(when("true").contains(r#"Name("b")"#) && !when("true").contains(r#"Name("a")"#));
        assert!(when("false").contains(r#"Name("a")"#) && !when("false").contains(r#"Name("b")"#));
        assert!(!when("true").contains("skip"));
    }

    #[test]
    fn an_argument_without_a_value_is_left_to_its_default() {
        assert!(!printed("query($n:Int){count(of:$n)}", "{}").contains("Number"));
        assert!(printed("query($n:Int){count(of:$n)}", r#"{"n":7}"#).contains("Number(7)"));
        assert!(printed("query($n:Int=9){count(of:$n)}", "{}").contains("Number(9)"));
        assert!(printed("{count(of:-0)}", "{}").contains("Number(0)"));
        assert!(!printed("query($s:Int){tree(of:{size:$s})}", "{}").contains("size"));
    }

    #[test]
    fn the_type_is_asked_for_where_the_answer_cannot_be_read_without_it() {
        for (text, kept) in [
            ("{node(id:1){id @skip(if:true)}}", true),
            ("{node(id:1){...on Leaf{name}}}", true),
            ("{node(id:1){...F}} fragment F on Node{id}", true),
            ("{count @skip(if:true)}", true),
            ("{...F} fragment F on Query{count}", false),
            ("{count}", false),
        ] {
            assert_eq!(printed(text, "{}").contains(r#"Name("-")"#), kept, "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_twice_is_run_once() {
        let times = |text: &str, name: &str| printed(text, "{}").matches(&format!(r#"Name("{name}")"#)).count();
        assert_eq!(times("{count count ...F ...{count}} fragment F on Query{count}", "count"), 1);
        let nested = "{node(id:1){id ...A ...B}} fragment A on Leaf{name} fragment B on Leaf{name}";
        assert_eq!((times(nested, "name"), times(nested, "Leaf"), times(nested, "Twig")), (1, 1, 1));
        assert_eq!(times("{a:count b:count}", "count"), 2);
    }

    #[test]
    fn the_field_of_a_subscription_is_found_in_its_fragments() {
        assert!(printed("subscription{...F} fragment F on Subscription{tick}", "{}").contains(r#"Name("tick")"#));
    }

    #[test]
    fn fragments_on_unions_cannot_multiply_without_end() {
        let each = |write: fn(usize) -> String| (0..12).map(write).collect::<Vec<_>>();
        let sdl = format!(
            "type Query implements Node {{ next: Node }} interface Node {{ next: Node }} {} union Some = {}",
            each(|n| format!("type M{n} implements Node {{ next: Node }}")).concat(),
            each(|n| format!("M{n}")).join("|"),
        );
        let guard = Guard::new(&sdl, &Limits::default()).unwrap();
        let answer = |levels: usize| {
            let inner = "{...on Some{...on Node{next".repeat(levels);
            let text = format!("{{next{inner}{{__typename}}{}}}", "}}}".repeat(levels));
            let ready = guard.ready(guard.check(&text, true)?, None, &JsonMap::new(), true)?;
            guard.request(&ready, true).map(|_| ())
        };
        assert!(answer(2).is_ok());
        assert_eq!(answer(12).unwrap_err().code, Code::TooComplex);
    }

    #[test]
    fn a_large_variable_cannot_be_used_without_end() {
        let guard = guard();
        let fields: Vec<_> = (0..20).map(|n| format!("a{n}:text(of:$t) ")).collect();
        let text = format!("query($t:String){{{}}}", fields.concat());
        let answer = |length: usize| {
            let variables = format!(r#"{{"t":"{}"}}"#, "x".repeat(length));
            let ready = ready(&text, &variables).unwrap();
            guard.request(&ready, true).err().map(|refusal| refusal.code)
        };
        assert_eq!(answer(20_000), None);
        assert_eq!(answer(100_000), Some(Code::TooComplex));
    }
}
