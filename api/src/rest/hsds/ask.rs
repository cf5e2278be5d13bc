//! What is asked: which address, and with which parameters. The one table of both is what is answered and what is described.
use crate::http::Wrong;
use chrono::{DateTime, NaiveDate, Utc};
use domain::catalogue::session::start_of;
use uuid::Uuid;

/// Most things on a page, and how many there are when nothing is said.
pub const LARGEST_PAGE: usize = 100;
/// The usual size of a page.
pub const USUAL_PAGE: usize = 25;
/// Most services on a page of a minimal list: all of them in one call, as the standard wants it.
pub const LARGEST_MINIMAL: usize = 10_000;
/// Longest text to look for, in characters.
pub const LONGEST_SEARCH: usize = 200;
/// Farthest from a postal code, in metres.
pub const FARTHEST: u32 = 2_000_000;

/// What an address gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// What this API is.
    About,
    /// The description of this API.
    Description,
    /// Services.
    Services,
    /// One service.
    Service,
    /// Organisations.
    Organizations,
    /// One organisation.
    Organization,
    /// Offerings at their places.
    Spots,
    /// One offering at its place.
    Spot,
    /// Code lists.
    Taxonomies,
    /// One code list.
    Taxonomy,
    /// Codes.
    Terms,
    /// One code.
    Term,
}

/// An address.
pub struct Route {
    /// Its path below `/hsds`.
    pub path: &'static str,
    /// What it gives.
    pub what: What,
    /// The name of the operation in the standard's own description.
    pub operation: &'static str,
    /// In one sentence.
    pub summary: &'static str,
    /// What can be said with it.
    pub parameters: &'static [&'static str],
}

/// The addresses of HSDA, and the description.
pub const ROUTES: &[Route] = &[
    Route { path: "/", what: What::About, operation: "getAPIMetaInformation", summary: "What this API is.", parameters: &[] },
    Route {
        path: "/services",
        what: What::Services,
        operation: "getPaginatedListOfServices",
        summary: "The published services, by name.",
        parameters: &[
            "search",
            "taxonomy_term_id",
            "taxonomy_id",
            "organization_id",
            "modified_after",
            "minimal",
            "full",
            "page",
            "per_page",
            "format",
            "version",
        ],
    },
    Route {
        path: "/services/{id}",
        what: What::Service,
        operation: "getFullyNestedServiceById",
        summary: "A published service with everything.",
        parameters: &["version"],
    },
    Route {
        path: "/organizations",
        what: What::Organizations,
        operation: "getPaginatedListOfOrganizations",
        summary: "The organisations of the networks, by name.",
        parameters: &["search", "full", "full_service", "page", "per_page", "format", "version"],
    },
    Route {
        path: "/organizations/{id}",
        what: What::Organization,
        operation: "getFullyNestedOrganizationById",
        summary: "An organisation with everything; with its services where they are asked for.",
        parameters: &["full_service", "version"],
    },
    Route {
        path: "/service_at_locations",
        what: What::Spots,
        operation: "getPaginatedListOfServiceAtLocation",
        summary: "The published offerings at their places, by name.",
        parameters: &[
            "search",
            "taxonomy_term_id",
            "taxonomy_id",
            "organization_id",
            "modified_after",
            "postcode",
            "proximity",
            "full",
            "page",
            "per_page",
            "format",
            "version",
        ],
    },
    Route {
        path: "/service_at_locations/{id}",
        what: What::Spot,
        operation: "getFullyNestedServiceAtLocationById",
        summary: "A published offering at its place, with everything.",
        parameters: &["version"],
    },
    Route {
        path: "/taxonomies",
        what: What::Taxonomies,
        operation: "getPaginatedListOfTaxonomies",
        summary: "The code lists by which services and organisations are classed.",
        parameters: &["search", "page", "per_page", "format"],
    },
    Route { path: "/taxonomies/{id}", what: What::Taxonomy, operation: "getTaxonomyById", summary: "A code list.", parameters: &[] },
    Route {
        path: "/taxonomy_terms",
        what: What::Terms,
        operation: "getPaginatedListOfTaxonomyTerms",
        summary: "The codes of the lists, in their order.",
        parameters: &["search", "taxonomy_id", "top_only", "parent_id", "page", "per_page", "format"],
    },
    Route { path: "/taxonomy_terms/{id}", what: What::Term, operation: "getTaxonomyTermById", summary: "A code.", parameters: &[] },
    Route { path: "/openapi.json", what: What::Description, operation: "getDescription", summary: "This description.", parameters: &[] },
];

/// What a parameter can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text of at most so many characters.
    Text(usize),
    /// `true` or `false`.
    Flag,
    /// A whole number, from 1 to this.
    Number(u32),
    /// A UUID.
    Id,
    /// A moment or a day.
    Moment,
    /// One of these words, the first of which is meant when nothing is said.
    Word(&'static [&'static str]),
}

/// A parameter.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it can be.
    pub kind: Kind,
    /// What it does.
    pub about: &'static str,
}

/// A parameter of this name.
pub(in crate::rest) const fn parameter(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about }
}

/// Every parameter.
pub const PARAMETERS: &[Parameter] = &[
    parameter("search", Kind::Text(LONGEST_SEARCH), "Words to look for, in any inflected form. Of organisations and codes: a part of the name."),
    parameter("taxonomy_term_id", Kind::Id, "Only what is classed as this term, or as one below it."),
    parameter("taxonomy_id", Kind::Id, "Only what is classed by this taxonomy; of terms, only those of this taxonomy."),
    parameter("organization_id", Kind::Id, "Only services of this organisation, or that it gives."),
    parameter("modified_after", Kind::Moment, "Only what was changed at this moment or later: RFC 3339, or a day in Finland."),
    parameter("minimal", Kind::Flag, "Nothing but `id` and `modified_date`; up to 10,000 on a page. Not together with `full`."),
    parameter("full", Kind::Flag, "Everything, as by id."),
    parameter("full_service", Kind::Flag, "Organisations with everything, and with their services with everything."),
    parameter("postcode", Kind::Text(5), "Only what is given at a place with this postal code, or in this postal area."),
    parameter("proximity", Kind::Number(FARTHEST), "With `postcode`: only what is given at most so many metres from its middle."),
    parameter("top_only", Kind::Flag, "Only terms with none above them."),
    parameter("parent_id", Kind::Id, "Only terms right below this one."),
    parameter("page", Kind::Number(u32::MAX), "Which page, from 1 on. A page after the last one is empty."),
    parameter("per_page", Kind::Number(u32::MAX), "How many on a page: 25 when nothing is said, 100 at the most."),
    parameter("format", Kind::Word(&["json", "ndjson"]), "`ndjson` gives all of them without pages, one JSON object a line."),
    parameter("version", Kind::Word(&["3.0", "3.1"]), "The version of HSDS: 3.1 tells how many places there are and are free (`capacities`)."),
];

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A page as one JSON object.
    #[default]
    Page,
    /// Everything, one JSON object a line.
    Lines,
}

/// What was said with an address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Words to look for.
    pub search: Option<String>,
    /// A term.
    pub term: Option<Uuid>,
    /// A taxonomy.
    pub taxonomy: Option<Uuid>,
    /// An organisation.
    pub organization: Option<Uuid>,
    /// Not changed before this.
    pub since: Option<DateTime<Utc>>,
    /// Ids and times alone.
    pub minimal: bool,
    /// Everything.
    pub full: bool,
    /// Organisations with their services.
    pub full_service: bool,
    /// A postal code.
    pub postcode: Option<String>,
    /// Metres from it.
    pub proximity: Option<u32>,
    /// Terms with none above.
    pub top_only: bool,
    /// A term above.
    pub parent: Option<Uuid>,
    /// The page, from 1 on.
    pub page: Option<usize>,
    /// Things on a page.
    pub per_page: Option<usize>,
    /// How the answer is written.
    pub format: Format,
    /// HSDS 3.1 rather than 3.0.
    pub newer: bool,
}

/// The address that a path below `/hsds` names, and the id in it.
pub fn route(path: &str) -> Option<(&'static Route, Option<&str>)> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let path = if path.is_empty() { "/" } else { path };
    let plain = ROUTES.iter().find(|route| route.path == path).map(|route| (route, None));
    let by_id = || {
        let (list, id) = path.rsplit_once('/')?;
        let route = ROUTES.iter().find(|route| route.path.strip_suffix("/{id}") == Some(list))?;
        Some((route, Some(id)))
    };
    plain.or_else(by_id)
}

/// Why a parameter is refused.
pub(in crate::rest) fn wrong(parameter: &str, words: impl Into<String>) -> Wrong {
    Wrong::Input { parameter: parameter.to_owned(), words: words.into() }
}

/// What was said by parameters, each known here and given once.
pub(in crate::rest) fn said(all: &'static [Parameter], here: &[&str], query: &str) -> Result<Vec<(&'static Parameter, String)>, Wrong> {
    let mut out: Vec<(&Parameter, String)> = Vec::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let Some(parameter) = all.iter().find(|known| known.name == name && here.contains(&known.name)) else {
            let words = if here.is_empty() {
                "nothing can be said here".to_owned()
            } else {
                format!("there is no such parameter here; there are: {}", here.join(", "))
            };
            let name: String = name.chars().take(40).collect();
            return Err(wrong(&name, words));
        };
        if out.iter().any(|(known, _)| known.name == parameter.name) {
            return Err(wrong(parameter.name, "a parameter is given once"));
        }
        out.push((parameter, text.into_owned()));
    }
    Ok(out)
}

impl Asked {
    /// Reads what was said. What is misspelt is refused: a filter that is not understood would give everything.
    pub fn read(route: &Route, query: &str) -> Result<Self, Wrong> {
        let mut asked = Self::default();
        for (parameter, text) in said(PARAMETERS, route.parameters, query)? {
            asked.take(parameter, &text)?;
        }
        asked.holds_together()?;
        Ok(asked)
    }

    fn take(&mut self, of: &Parameter, text: &str) -> Result<(), Wrong> {
        let name = of.name;
        match of.kind {
            Kind::Text(most) => {
                let text = text.trim();
                if text.chars().count() > most || text.chars().any(char::is_control) {
                    return Err(wrong(name, format!("a text of at most {most} characters, without control characters")));
                }
                let text = Some(text.to_owned()).filter(|text| !text.is_empty());
                match name {
                    "search" => self.search = text,
                    _ => self.postcode = text,
                }
            }
            Kind::Flag => {
                let flag = match text {
                    "true" => true,
                    "false" => false,
                    _ => return Err(wrong(name, "true or false")),
                };
                match name {
                    "minimal" => self.minimal = flag,
                    "full" => self.full = flag,
                    "full_service" => self.full_service = flag,
                    _ => self.top_only = flag,
                }
            }
            Kind::Number(most) => {
                let number = number(name, text, most)?;
                match name {
                    "proximity" => self.proximity = Some(number),
                    "page" => self.page = usize::try_from(number).ok(),
                    _ => self.per_page = usize::try_from(number).ok(),
                }
            }
            Kind::Id => {
                let id = Some(Uuid::try_parse(text).map_err(|_| wrong(name, "a UUID"))?);
                match name {
                    "taxonomy_term_id" => self.term = id,
                    "taxonomy_id" => self.taxonomy = id,
                    "organization_id" => self.organization = id,
                    _ => self.parent = id,
                }
            }
            Kind::Moment => self.since = Some(moment(text).ok_or_else(|| wrong(name, "a moment like 2026-11-29T12:00:00Z, or a day like 2026-11-29"))?),
            Kind::Word(words) => {
                let at = word(name, text, words)?;
                match name {
                    "format" => self.format = if at == 1 { Format::Lines } else { Format::Page },
                    _ => self.newer = at == 1,
                }
            }
        }
        Ok(())
    }

    fn holds_together(&self) -> Result<(), Wrong> {
        if self.minimal && self.full {
            return Err(wrong("minimal", "not together with full"));
        }
        if self.proximity.is_some() && self.postcode.is_none() {
            return Err(wrong("proximity", "metres from a postcode, which is not given"));
        }
        if self.format == Format::Lines && (self.page.is_some() || self.per_page.is_some()) {
            return Err(wrong("format", "ndjson has no pages"));
        }
        let most = if self.minimal { LARGEST_MINIMAL } else { LARGEST_PAGE };
        if self.per_page.is_some_and(|size| size > most) {
            return Err(Wrong::PageTooLarge(most));
        }
        Ok(())
    }

    /// How many things are on a page.
    pub fn size(&self) -> usize {
        self.per_page.unwrap_or(if self.minimal { LARGEST_MINIMAL } else { USUAL_PAGE })
    }
}

/// A whole number from 1 to this.
pub(in crate::rest) fn number(name: &str, text: &str, most: u32) -> Result<u32, Wrong> {
    text.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| wrong(name, format!("a whole number from 1 to {most}")))
}

/// Which of these words it is.
pub(in crate::rest) fn word(name: &str, text: &str, words: &[&str]) -> Result<usize, Wrong> {
    words.iter().position(|word| *word == text).ok_or_else(|| wrong(name, format!("one of: {}", words.join(", "))))
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    // A plus sign that is not escaped comes as a space.
    let text = text.replace(' ', "+");
    let day = || text.parse::<NaiveDate>().ok().map(start_of);
    DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc()).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, query: &str) -> Result<Asked, Wrong> {
        Asked::read(route(path).unwrap().0, query)
    }

    #[test]
    fn an_address_is_one_of_the_table_and_its_id_is_told() {
        let found = |path| route(path).map(|(route, id)| (route.path, id));
        assert_eq!((found(""), found("/"), found("/services/")), (Some(("/", None)), Some(("/", None)), Some(("/services", None))));
        assert_eq!(found("/services/x"), Some(("/services/{id}", Some("x"))));
        for nowhere in ["/service", "/services/x/y", "/openapi.json/x", "//services", "/services//"] {
            assert_eq!(found(nowhere).filter(|(_, id)| *id != Some("")), None, "{nowhere}");
        }
    }

    #[test]
    fn every_parameter_of_every_address_is_known_and_does_something() {
        for route in ROUTES {
            for name in route.parameters {
                let parameter = PARAMETERS.iter().find(|known| known.name == *name).unwrap_or_else(|| panic!("{name}"));
                let mut asked = Asked::default();
                let value = match parameter.kind {
                    Kind::Text(_) => "x",
                    Kind::Flag => "true",
                    Kind::Number(_) => "7",
                    Kind::Id => "2178df48-9a79-4a09-ae9c-84deba66d142",
                    Kind::Moment => "2026-11-29",
                    Kind::Word(words) => words[1],
                };
                asked.take(parameter, value).unwrap();
                assert_ne!(asked, Asked::default(), "{name}");
            }
        }
        let used = |name: &str| ROUTES.iter().any(|route| route.parameters.contains(&name));
        assert!(PARAMETERS.iter().all(|known| used(known.name)));
    }

    #[test]
    fn no_two_parameters_are_kept_in_the_same_place() {
        let all = "search=a&taxonomy_term_id=2178df48-9a79-4a09-ae9c-84deba66d142&postcode=70100&proximity=5&page=2&per_page=3&full=true&version=3.1";
        let asked = read("/service_at_locations", all).unwrap();
        assert_eq!((asked.search.as_deref(), asked.postcode.as_deref(), asked.proximity), (Some("a"), Some("70100"), Some(5)));
        assert_eq!(
            (asked.page, asked.per_page, asked.full, asked.newer, asked.minimal, asked.taxonomy, asked.organization),
            (Some(2), Some(3), true, true, false, None, None)
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for query in [
            "page=0",
            "page=-1",
            "page=1.5",
            "page=x",
            "page=",
            "page=99999999999",
            "per_page=0",
            "per_page=101",
            "minimal=1",
            "full=TRUE",
            "minimal=true&full=true",
            "organization_id=x",
            "modified_after=yesterday",
            "format=xml",
            "format=ndjson&page=1",
            "version=2",
            "pages=1",
            "postcode=70100",
            "page=1&page=2",
            "minimal=true&per_page=10001",
        ] {
            assert!(read("/services", query).is_err(), "{query}");
        }
        assert!(read("/service_at_locations", "proximity=100").is_err() && read("/taxonomies/x", "page=1").is_err());
        assert!(read("/services", &format!("search={}", "a".repeat(201))).is_err() && read("/services", "search=a%00b").is_err());
    }

    #[test]
    fn a_moment_is_a_moment_or_a_day_in_finland() {
        let at = |text: &str| moment(text).map(|at| at.to_rfc3339());
        assert_eq!(at("2026-07-01"), Some("2026-06-30T21:00:00+00:00".to_owned()));
        assert_eq!(at("2026-07-01T12:00:00 02:00"), Some("2026-07-01T10:00:00+00:00".to_owned()));
        assert_eq!((at("2026-07-01T12:00:00Z"), at("2026-13-01"), at("")), (Some("2026-07-01T12:00:00+00:00".to_owned()), None, None));
    }
}
