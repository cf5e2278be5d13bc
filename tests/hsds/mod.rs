//! The catalogue in the standard HSDS, as a partner reads it: every answer judged by the standard's own schemas.
mod description;
pub mod given;
pub mod schema;
mod times;

use crate::catalogue_given::{agreed_venue, draft, found_venue, offering, published, unit, whole_service};
use axum::http::{Method, StatusCode, header};
use given::each;
pub use given::{all, fetch, get, refused, rich, uuid};
use schema::{Is, check};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{TestApp, stories};

/// Services of these names.
async fn services(app: &TestApp, names: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for name in names {
        out.push(uuid(&published(app, "partner", "ngo", whole_service(name)).await));
    }
    out
}

async fn lines(app: &TestApp, path: &str) -> Vec<Value> {
    let answer = fetch(app, Method::GET, path, &[]).await;
    assert_eq!(
        (answer.status, answer.headers[header::CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "application/x-ndjson; charset=utf-8"),
        "{}",
        answer.text
    );
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The id of a term.
async fn term(app: &TestApp, taxonomy: &str, code: &str) -> String {
    let terms = all(app, "/hsds/taxonomy_terms", Is::TaxonomyTerm).await;
    let found = terms.iter().find(|term| term["code"] == code && term["taxonomy"] == taxonomy).unwrap_or_else(|| panic!("{taxonomy} {code}"));
    found["id"].as_str().unwrap().to_owned()
}

stories! {
    async fn everything_that_is_told_is_what_the_standard_says_and_nothing_more(app) {
        let rich = rich(app).await;
        let about = get(app, "/hsds").await;
        assert_eq!(about, json!({ "version": "3.0", "profile": "https://docs.openreferral.org/en/3.0/", "openapi_url": "http://palvelut.example/hsds/openapi.json" }));
        assert_eq!(get(app, "/hsds/").await, about);
        for (path, row, whole) in [
            ("services", Is::ServiceRow, Is::Service), ("organizations", Is::OrganizationRow, Is::Organization),
            ("service_at_locations", Is::ServiceAtLocationRow, Is::ServiceAtLocation), ("taxonomies", Is::Taxonomy, Is::Taxonomy), ("taxonomy_terms", Is::TaxonomyTerm, Is::TaxonomyTerm),
        ] {
            let rows = all(app, &format!("/hsds/{path}"), row).await;
            assert!(!rows.is_empty(), "{path}");
            assert_eq!(lines(app, &format!("/hsds/{path}?format=ndjson")).await, rows, "{path}");
            let fulls = if row == whole { Vec::new() } else { all(app, &format!("/hsds/{path}?full=true"), whole).await };
            for (number, row) in rows.iter().enumerate() {
                let one = get(app, &format!("/hsds/{path}/{}", row["id"].as_str().unwrap())).await;
                check(whole, &one);
                // A row is the whole without its lists.
                assert_eq!((&one["id"], &one["name"], &one["description"], &one["last_modified"]), (&row["id"], &row["name"], &row["description"], &row["last_modified"]), "{path}");
                assert!(fulls.get(number).is_none_or(|full| *full == one), "{path}");
            }
        }
        all(app, "/hsds/organizations?full_service=true", Is::Organization).await;
        for language in ["sv", "en"] {
            let answer = fetch(app, Method::GET, &format!("/hsds/services/{}", uuid(&rich.service)), &[(header::ACCEPT_LANGUAGE, language)]).await;
            check(Is::Service, &answer.body);
        }
    }

    async fn a_service_is_told_with_its_places_prices_languages_and_classes(app) {
        let rich = rich(app).await;
        let service = get(app, &format!("/hsds/services/{}", uuid(&rich.service))).await;
        assert_eq!(service["description"], "Tehdään palikoita yhdessä.");
        assert_eq!(service["application_process"], "Palveluun tullaan ohjauksella.\n\nSoita etukäteen.");
        assert_eq!((&service["minimum_age"], &service["maximum_age"], &service["eligibility_description"]), (&json!(18), &json!(64), &json!("Nuoret")));
        assert_eq!(service["languages"].as_array().unwrap().iter().map(|language| language["code"].as_str().unwrap()).collect::<Vec<_>>(), ["fi", "sv", "en"]);
        let costs: Vec<_> = service["cost_options"].as_array().unwrap().iter().map(|cost| (cost["option"].as_str().unwrap(), cost["amount"].as_f64().unwrap(), cost["currency"].as_str().unwrap())).collect();
        assert_eq!(costs, [("Maksullinen", 12.5, "EUR"), ("Kylätalon verstas", 9.99, "EUR")]);
        let codes: BTreeSet<_> = service["attributes"].as_array().unwrap().iter().map(|of| (of["link_type"].as_str().unwrap(), of["taxonomy_term"]["code"].as_str().unwrap())).collect();
        for code in [("service-class", "P4.13"), ("life-event", "KE8"), ("target-group", "KR1.3"), ("support-need", "EXCLUSION_AND_PARTICIPATION"), ("service-task", "WORKING_AGE_SERVICES"), ("service-form", "GROUP")] {
            assert!(codes.contains(&code), "{code:?}: {codes:?}");
        }
        assert_eq!(service["service_areas"][0]["name"], "Kuopio");
        assert!(service["service_areas"][0]["uri"].as_str().unwrap().ends_with("/code/297"));
        let organization = &service["organization"];
        assert_eq!((&organization["tax_id"], &organization["legal_status"], &organization["website"]), (&json!("2211414-8"), &json!("Yhdistys"), &json!("https://yhdistys.example/")));
        let known: Vec<_> = organization["organization_identifiers"].as_array().unwrap().iter().map(|id| id["identifier_type"].as_str().unwrap()).collect();
        assert_eq!(known, ["Y-tunnus", "Soteri", "PTV", "OID"]);

        let spots = service["service_at_locations"].as_array().unwrap();
        let names: BTreeSet<_> = spots.iter().map(|spot| spot["location"]["name"].as_str().unwrap()).collect();
        assert_eq!((spots.len(), names), (3, BTreeSet::from(["Kylätalo", "Kaupan piha"])), "the venue for two offerings, and a stop");
        let at_venue = spots.iter().find(|spot| spot["id"] == uuid(&rich.at_venue)).unwrap();
        let location = &at_venue["location"];
        assert_eq!((&location["id"], &location["external_identifier_type"], &location["description"]), (&json!(uuid(&rich.venue)), &json!("VTJ-PRT"), &json!("Avain naapurista.")));
        let address = &location["addresses"][0];
        assert_eq!((&address["postal_code"], &address["region"], &address["country"]), (&json!("70200"), &json!("Kuopio"), &json!("FI")));
        assert!(address["state_province"].as_str().unwrap().contains("hyvinvointialue"));
        assert_eq!(location["accessibility"].as_array().unwrap().len(), 4);
        let contact = &at_venue["contacts"][0];
        assert_eq!((&contact["name"], &contact["department"], &contact["email"], &contact["phones"][0]["number"]), (&json!("ngo"), &json!("Toimipiste"), &json!("toimipiste@yhdistys.example"), &json!("+358401234567")));
        let stop = spots.iter().find(|spot| spot["location"]["name"] == "Kaupan piha").unwrap();
        assert_eq!((&stop["location"]["transportation"], &stop["schedules"][0]["byday"]), (&json!("Kyläauto"), &json!("TU")));
        assert!(stop["schedules"][0]["opens_at"].as_str().unwrap().starts_with("09:00+0"));

        let remote = get(app, &format!("/hsds/services/{}", uuid(&rich.remote))).await;
        assert_eq!((&remote["service_at_locations"][0]["location"]["location_type"], &remote["service_at_locations"][0]["id"]), (&json!("virtual"), &json!(uuid(&rich.remotely))));
        assert_eq!((&remote["cost_options"][0]["amount"], &remote["cost_options"][0]["option"]), (&json!(0.0), &json!("Maksuton")));
        let at_home = get(app, &format!("/hsds/services/{}", uuid(&rich.at_home))).await;
        assert!(at_home["service_at_locations"].is_null());
        assert_eq!((&at_home["schedules"][0]["dtstart"], &at_home["contacts"][0]["name"]), (&json!("2035-05-02"), &json!("ngo")));

        let ngo = get(app, &format!("/hsds/organizations/{}", uuid(&app.world.organization("ngo")))).await;
        assert_eq!(ngo["locations"].as_array().unwrap().iter().map(|place| place["id"].clone()).collect::<Vec<_>>(), [json!(uuid(&rich.unit)), json!(uuid(&rich.venue))]);
        assert!(ngo["services"].is_null());
    }

    async fn the_pages_of_a_list_add_up_to_the_whole(app) {
        let mut made = services(app, &["Aalto", "Beeta", "Ceeta", "Delta", "Eepos", "Fakta", "Gamma"]).await;
        let mut seen = Vec::new();
        for (page, size) in [(1, 3), (2, 3), (3, 1)] {
            let told = get(app, &format!("/hsds/services?per_page=3&page={page}")).await;
            let rest = (told["total_items"].clone(), told["total_pages"].clone(), told["page_number"].clone(), told["size"].clone());
            assert_eq!(rest, (json!(7), json!(3), json!(page), json!(size)));
            assert_eq!((&told["first_page"], &told["last_page"], &told["empty"]), (&json!(page == 1), &json!(page == 3), &json!(false)));
            seen.extend(each(told["contents"].as_array().unwrap(), "id").into_iter().map(str::to_owned));
        }
        assert_eq!(seen, made, "by name");
        let whole = get(app, "/hsds/services").await;
        assert_eq!((each(whole["contents"].as_array().unwrap(), "id"), &whole["first_page"], &whole["last_page"]), (seen.iter().map(String::as_str).collect(), &json!(true), &json!(true)));
        for beyond in [4, u32::MAX] {
            let told = get(app, &format!("/hsds/services?per_page=3&page={beyond}")).await;
            assert_eq!((&told["contents"], &told["empty"], &told["last_page"], &told["total_items"]), (&json!([]), &json!(true), &json!(true), &json!(7)));
        }
        let nothing = get(app, "/hsds/services?search=olematon").await;
        assert_eq!((&nothing["total_pages"], &nothing["first_page"], &nothing["last_page"], &nothing["empty"]), (&json!(0), &json!(true), &json!(true), &json!(true)));
        let mut minimal = get(app, "/hsds/services?minimal=true").await;
        let minimal = minimal["contents"].as_array_mut().unwrap();
        assert!(minimal.iter().all(|one| one.as_object().unwrap().keys().eq(["id", "modified_date"])));
        let mut ids: Vec<_> = each(minimal, "id").into_iter().map(str::to_owned).collect();
        ids.sort();
        made.sort();
        assert_eq!(ids, made);
    }

    async fn what_is_not_public_is_neither_told_nor_counted(app) {
        let shown = published(app, "partner", "ngo", whole_service("Julkinen")).await;
        let open = offering(app, "partner", "ngo", &shown, json!({ "startsOn": "2035-01-01", "venue": agreed_venue(app, false).await })).await;
        let plan = json!({ "offering": open, "date": "2035-05-02", "time": "10:00", "minutes": 60, "leader": "Salainen Ohjaaja", "leaderAccount": crate::catalogue_given::subject("partner") });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", plan).await;
        // Seen by its organisation alone: a draft, a changed working copy, a withdrawn service with its offering, a withdrawn offering, a venue that was only found.
        let (hidden, _) = draft(app, "partner", "ngo", whole_service("Luonnos salainen")).await;
        app.done("partner", "updateService", "service { id }", json!({ "id": shown, "expectedVersion": 2, "content": whole_service("Muutos salainen") })).await;
        let gone = published(app, "partner", "ngo", whole_service("Poistettu salainen")).await;
        let gone_offering = offering(app, "partner", "ngo", &gone, json!({ "startsOn": "2035-01-01", "venue": agreed_venue(app, false).await })).await;
        app.done("partner", "withdrawService", "service { id }", json!({ "id": gone, "expectedVersion": 2 })).await;
        let over = offering(app, "partner", "ngo", &shown, json!({ "startsOn": "2035-01-01", "venue": agreed_venue(app, false).await, "name": { "fi": "Tarjonta salainen" } })).await;
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", json!({ "id": over, "expectedVersion": 2 })).await;
        let unused = found_venue(app, false).await;

        let told = all(app, "/hsds/services", Is::ServiceRow).await;
        assert_eq!((each(&told, "id"), each(&told, "name")), (vec![uuid(&shown).as_str()], vec!["Julkinen"]));
        assert_eq!(each(&all(app, "/hsds/service_at_locations", Is::ServiceAtLocationRow).await, "id"), [uuid(&open)]);
        for path in ["services?search=salainen", "service_at_locations?search=salainen", "services?search=luonnos"] {
            assert_eq!(get(app, &format!("/hsds/{path}")).await["total_items"], json!(0), "{path}");
        }
        for (path, id) in [("services", &hidden), ("services", &gone), ("service_at_locations", &gone_offering), ("service_at_locations", &over)] {
            assert_eq!(refused(app, &format!("/hsds/{path}/{}", uuid(id))).await, (404, "NOT_FOUND".into(), String::new()), "{path}");
        }
        // Whoever asks: those who work on it are told no more here.
        let token = format!("Bearer {}", app.token("partner"));
        for path in ["services?full=true", "services?full=true&format=ndjson", "services?minimal=true", "organizations?full_service=true", "service_at_locations?full=true", "services?full=true&version=3.1"] {
            let answers = [
                fetch(app, Method::GET, &format!("/hsds/{path}"), &[]).await,
                fetch(app, Method::GET, &format!("/hsds/{path}"), &[(header::AUTHORIZATION, &token)]).await,
            ];
            assert_eq!(answers[0].text, answers[1].text, "{path}");
            for secret in ["salainen", "Salainen", "urn:monituottaja", &uuid(&unused), &uuid(&hidden), &uuid(&gone), &uuid(&over)] {
                assert!(!answers[0].text.contains(secret), "{path} tells {secret}");
            }
        }
        // The same as one who has not signed in is told by GraphQL.
        let public = app.ask("", "{ services(first: 100) { nodes { id } } serviceOfferings(first: 100) { nodes { id } } organizations(first: 100) { nodes { id } } }", json!({})).await;
        for (field, path, is) in [("services", "services", Is::ServiceRow), ("serviceOfferings", "service_at_locations", Is::ServiceAtLocationRow), ("organizations", "organizations", Is::OrganizationRow)] {
            let theirs: BTreeSet<_> = public[field]["nodes"].as_array().unwrap().iter().map(|node| uuid(node["id"].as_str().unwrap())).collect();
            let ours: BTreeSet<_> = all(app, &format!("/hsds/{path}"), is).await.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ours, theirs, "{path}");
        }
        // Published again, it is there at once.
        app.done("partner", "publishService", "service { id }", json!({ "id": gone, "expectedVersion": 3 })).await;
        assert_eq!(get(app, "/hsds/services").await["total_items"], json!(2));
    }

    async fn filters_find_what_they_say(app) {
        let rich = rich(app).await;
        let [service, remote, at_home] = [&rich.service, &rich.remote, &rich.at_home].map(|id| uuid(id));
        let found = async |query: &str| {
            let page = get(app, &format!("/hsds/services?{query}")).await;
            page["contents"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let everything = vec![remote.clone(), at_home.clone(), service.clone()];
        assert_eq!(found("").await, everything, "by name");
        for words in ["palikkaverstas", "palikkaverstaalla", "palikoita", "kylätalossa", "PALIKKA"] {
            assert_eq!(found(&format!("search={}", url(words))).await, std::slice::from_ref(&service), "{words}");
        }
        assert_eq!(found(&format!("search={}", url("Kotikäynnit"))).await, std::slice::from_ref(&at_home));
        let terms = [term(app, "Palveluluokka", "P4.13").await, term(app, "Palveluluokka", "P4").await];
        for id in &terms {
            assert_eq!(found(&format!("taxonomy_term_id={id}")).await, std::slice::from_ref(&service), "itself, and what is below it");
        }
        let lists = all(app, "/hsds/taxonomies", Is::Taxonomy).await;
        let list = |name: &str| lists.iter().find(|list| list["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
        assert_eq!(found(&format!("taxonomy_id={}", list("Elämäntilanne"))).await, std::slice::from_ref(&service));
        assert_eq!(found(&format!("taxonomy_id={}", list("Tuen tarve"))).await, everything);
        assert_eq!(found(&format!("organization_id={}", uuid(&app.world.organization("ngo")))).await, everything);
        assert!(found(&format!("organization_id={}", uuid(&app.world.organization("parish")))).await.is_empty());
        assert_eq!(found(&format!("search=verstas&taxonomy_term_id={}&organization_id={}", terms[0], uuid(&app.world.organization("ngo")))).await, std::slice::from_ref(&service));
        assert!(found(&format!("search=kahvila&taxonomy_term_id={}", terms[0])).await.is_empty(), "all of them hold");
        // A change of what is told of a service counts, be it of one of its offerings.
        let changed = get(app, &format!("/hsds/services/{remote}")).await["last_modified"].as_str().unwrap().to_owned();
        assert!(found(&format!("modified_after={changed}")).await.contains(&remote));
        let later = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        assert!(found(&format!("modified_after={later}")).await.is_empty());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        app.done("partner", "updateServiceOffering", "serviceOffering { id }", json!({ "id": rich.remotely, "expectedVersion": 2, "content": { "startsOn": "2035-01-01", "capacity": 5 } })).await;
        assert!(found(&format!("modified_after={later}")).await.is_empty(), "what is being written is not told");
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", json!({ "id": rich.remotely, "expectedVersion": 3 })).await;
        assert_eq!(found(&format!("modified_after={later}")).await, std::slice::from_ref(&remote));

        let spots = async |query: &str| {
            let page = get(app, &format!("/hsds/service_at_locations?{query}")).await;
            page["contents"].as_array().unwrap().iter().map(|one| one["location"]["name"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(spots("").await, names(&["Kaupan piha", "Kylätalo", "Etäpalvelu"]));
        assert_eq!(spots("postcode=70200").await, names(&["Kylätalo"]));
        assert_eq!(spots("postcode=70200&proximity=1000").await, names(&["Kylätalo"]));
        assert_eq!(spots("postcode=70200&proximity=20000").await, names(&["Kaupan piha", "Kylätalo"]));
        assert!(spots("postcode=99999").await.is_empty());
        assert_eq!(refused(app, "/hsds/service_at_locations?postcode=99999&proximity=10").await, (400, "BAD_INPUT".into(), "postcode".into()));
        assert_eq!(spots(&format!("modified_after={later}")).await, names(&["Etäpalvelu"]));
        assert_eq!(spots(&format!("taxonomy_term_id={}", terms[0])).await, names(&["Kaupan piha", "Kylätalo"]));

        let of = async |query: &str| get(app, &format!("/hsds/taxonomy_terms?per_page=100&{query}")).await["contents"].as_array().unwrap().clone();
        assert!(of(&format!("parent_id={}", terms[1])).await.iter().all(|term| term["parent_id"] == terms[1].as_str() && term["code"].as_str().unwrap().starts_with("P4.")));
        assert!(of("top_only=true").await.iter().all(|term| term["parent_id"].is_null()));
        let needs = of(&format!("taxonomy_id={}", list("Tuen tarve"))).await;
        assert_eq!(needs.len(), 10);
        assert_eq!(each(&of("search=asuminen").await, "code"), ["HOUSING"]);
        assert_eq!(get(app, "/hsds/organizations?search=PARI").await["contents"][0]["name"], "parish");
        assert_eq!(get(app, &format!("/hsds/taxonomies?search={}", url("tuen tarve"))).await["total_items"], json!(1));
    }

    async fn an_organisation_that_gives_a_service_of_another_is_found_by_it(app) {
        let mut content = whole_service("Ostettu ryhmä");
        content["provision"] = json!("PURCHASED");
        content["producers"] = json!([app.world.organization("company")]);
        let service = published(app, "service-guide", "county", content).await;
        let at = json!({ "startsOn": "2035-01-01", "unit": unit(app, "provider", "company").await });
        let made = offering(app, "provider", "company", &service, at).await;
        for owner in ["county", "company"] {
            let told = get(app, &format!("/hsds/services?full=true&organization_id={}", uuid(&app.world.organization(owner)))).await;
            assert_eq!(told["contents"][0]["service_at_locations"][0]["id"], uuid(&made), "{owner}");
            assert_eq!(told["contents"][0]["service_at_locations"][0]["contacts"][0]["organization_id"], uuid(&app.world.organization("company")), "{owner}");
            assert_eq!(get(app, &format!("/hsds/service_at_locations?organization_id={}", uuid(&app.world.organization(owner)))).await["total_items"], json!(1));
        }
    }

    async fn free_places_are_told_as_in_the_newer_version_where_it_is_asked_for(app) {
        let rich = rich(app).await;
        let path = format!("/hsds/services/{}", uuid(&rich.service));
        let older = get(app, &path).await;
        assert!(older["capacities"].is_null());
        let mut newer = get(app, &format!("{path}?version=3.1")).await;
        let capacities = newer.as_object_mut().unwrap().remove("capacities").unwrap();
        assert_eq!(newer, older, "nothing else is new");
        let places = &capacities[0];
        assert_eq!((capacities.as_array().unwrap().len(), &places["available"], &places["maximum"]), (1, &json!(6), &json!(8)), "two are kept for others, and what has no limit has no count");
        assert_eq!((&places["service_id"], &places["unit"]["name"], &places["description"]), (&older["id"], &json!("paikka"), &json!("Kylätalon verstas")));
        assert!(places["updated"].as_str().unwrap().ends_with('Z'));
        app.done("partner", "reportPlacesTaken", "serviceOffering { id }", json!({ "id": rich.at_venue, "expectedVersion": 2, "placesTaken": 3 })).await;
        let after = get(app, &format!("{path}?version=3.1")).await;
        assert_eq!((&after["capacities"][0]["available"], &after["capacities"][0]["id"]), (&json!(3), &places["id"]));
        assert!(after["last_modified"].as_str() > older["last_modified"].as_str());
        assert_eq!(get(app, "/hsds/services?full=true&version=3.1&search=verstas").await["contents"][0], after);
    }

    async fn what_makes_no_sense_is_refused_in_words_and_codes(app) {
        services(app, &["Ryhmä"]).await;
        let id = "2178df48-9a79-4a09-ae9c-84deba66d142";
        for (path, parameter) in [
            ("services?page=0", "page"), ("services?page=-1", "page"), ("services?page=x", "page"), ("services?page=1.0", "page"), ("services?page=4294967296", "page"), ("services?page=", "page"),
            ("services?per_page=0", "per_page"), ("services?minimal=1", "minimal"), ("services?minimal=true&full=true", "minimal"), ("services?organization_id=1", "organization_id"),
            ("services?taxonomy_term_id=HOUSING", "taxonomy_term_id"), ("services?modified_after=eilen", "modified_after"), ("services?format=xml", "format"),
            ("services?format=ndjson&page=2", "format"), ("services?version=4", "version"), ("services?postcode=70100", "postcode"), ("services?Search=x", "Search"), ("services?page=1&page=2", "page"),
            ("service_at_locations?proximity=10", "proximity"), ("service_at_locations?postcode=70100&proximity=kilometri", "proximity"), ("taxonomies?full=true", "full"),
            ("organizations/x?page=1", "page"), ("openapi.json?page=1", "page"), ("?search=x", "search"),
        ] {
            assert_eq!(refused(app, &format!("/hsds/{path}")).await, (400, "BAD_INPUT".into(), parameter.into()), "{path}");
        }
        for path in ["services?per_page=101", "services?minimal=true&per_page=10001", "taxonomy_terms?per_page=500"] {
            assert_eq!(refused(app, &format!("/hsds/{path}")).await, (400, "PAGE_SIZE_TOO_LARGE".into(), "per_page".into()), "{path}");
        }
        let long = "a".repeat(201);
        assert_eq!(refused(app, &format!("/hsds/services?search={long}")).await.1, "BAD_INPUT");
        // A wrong or forged id is the same as one that is not there.
        let forged = uuid(&app.world.organization("ngo"));
        let public = app.world.organization("ngo");
        for path in [
            format!("services/{id}"), format!("organizations/{id}"), format!("service_at_locations/{id}"), format!("taxonomies/{id}"), format!("taxonomy_terms/{id}"), format!("services/{forged}"),
            format!("service_at_locations/{forged}"), format!("organizations/{public}"), "services/1".into(), "services/%27%20OR%201=1".into(), format!("services/{}", "9".repeat(5_000)), "nothing".into(),
            "services/x/y".into(), "../graphql".into(), format!("services/{forged}/"),
        ] {
            assert_eq!(refused(app, &format!("/hsds/{path}")).await, (404, "NOT_FOUND".into(), String::new()), "{path}");
        }
        for filter in ["organization_id", "taxonomy_term_id", "taxonomy_id"] {
            assert_eq!(get(app, &format!("/hsds/services?{filter}={id}")).await["total_items"], json!(0), "{filter}");
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = fetch(app, method, "/hsds/services", &[]).await;
            assert_eq!((answer.status, answer.headers[header::ALLOW].to_str().unwrap(), &answer.body["code"]), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD", &json!("METHOD_NOT_ALLOWED")));
        }
        let answer = fetch(app, Method::GET, "/hsds/services", &[(header::AUTHORIZATION, "Bearer forged")]).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::UNAUTHORIZED, &json!("UNAUTHENTICATED")));
        let slow = app.process_with(&["--rate-requests", "1"]).await;
        let ask = async || tests::send(&slow, axum::http::Request::builder().uri("/hsds").body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(ask().await.status, StatusCode::OK);
        let second = ask().await;
        assert_eq!((second.status, &second.body["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("RATE_LIMITED")));
        assert!(second.headers.contains_key(header::RETRY_AFTER));
    }

    async fn what_is_known_already_is_not_sent_again(app) {
        let rich = rich(app).await;
        for path in ["/hsds/services?full=true", "/hsds/services?full=true&format=ndjson", "/hsds/taxonomies", "/hsds/openapi.json"] {
            let first = fetch(app, Method::GET, path, &[]).await;
            let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
            assert_eq!(first.headers[header::CACHE_CONTROL], "public, max-age=60");
            let again = fetch(app, Method::GET, path, &[(header::IF_NONE_MATCH, &tag)]).await;
            assert_eq!((again.status, again.text.as_str(), &again.headers[header::ETAG]), (StatusCode::NOT_MODIFIED, "", &first.headers[header::ETAG]), "{path}");
            let other = fetch(app, Method::GET, path, &[(header::IF_NONE_MATCH, "\"other\"")]).await;
            assert_eq!((other.status, other.text), (StatusCode::OK, first.text), "{path}");
            let head = fetch(app, Method::HEAD, path, &[]).await;
            assert_eq!((head.status, head.text.as_str(), &head.headers[header::ETAG]), (StatusCode::OK, "", &first.headers[header::ETAG]), "{path}");
        }
        // By date, once the second is over in which it was changed.
        let mut dated = fetch(app, Method::GET, "/hsds/services", &[]).await;
        while !dated.headers.contains_key(header::LAST_MODIFIED) {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            dated = fetch(app, Method::GET, "/hsds/services", &[]).await;
        }
        let (tag, date) = (dated.headers[header::ETAG].to_str().unwrap().to_owned(), dated.headers[header::LAST_MODIFIED].to_str().unwrap().to_owned());
        assert!(chrono::DateTime::parse_from_rfc2822(&date).is_ok());
        let by_date = async || fetch(app, Method::GET, "/hsds/services", &[(header::IF_MODIFIED_SINCE, &date)]).await.status;
        assert_eq!(by_date().await, StatusCode::NOT_MODIFIED);
        // A page in another language is another one.
        let swedish = fetch(app, Method::GET, "/hsds/services", &[(header::ACCEPT_LANGUAGE, "sv"), (header::IF_NONE_MATCH, &tag)]).await;
        assert_eq!(swedish.status, StatusCode::OK);
        assert!(dated.headers.get_all(header::VARY).iter().any(|vary| vary.to_str().unwrap().contains("accept-language")));
        // What leaves changes the list, though nothing in it is newer.
        app.done("partner", "withdrawService", "service { id }", json!({ "id": rich.remote, "expectedVersion": 2 })).await;
        assert_eq!(by_date().await, StatusCode::OK);
        assert_eq!(fetch(app, Method::GET, "/hsds/services", &[(header::IF_NONE_MATCH, &tag)]).await.status, StatusCode::OK);
    }

    async fn a_service_keeps_its_tag_while_others_change(app) {
        let rich = rich(app).await;
        let path = format!("/hsds/services/{}", uuid(&rich.at_home));
        let tag = fetch(app, Method::GET, &path, &[]).await.headers[header::ETAG].to_str().unwrap().to_owned();
        services(app, &["Toinen"]).await;
        assert_eq!(fetch(app, Method::GET, &path, &[(header::IF_NONE_MATCH, &tag)]).await.status, StatusCode::NOT_MODIFIED);
    }

    async fn an_answer_is_packed_for_those_who_unpack_and_readable_by_listed_pages(app) {
        services(app, &["Ryhmä"]).await;
        let process = app.process_with(&["--allowed-origins", "https://kumppani.example"]).await;
        let request = |origin: &str| axum::http::Request::builder().uri("/hsds/taxonomy_terms?format=ndjson").header(header::ACCEPT_ENCODING, "gzip").header(header::ORIGIN, origin).body(axum::body::Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(process.clone(), request("https://kumppani.example")).await.unwrap();
        assert_eq!([header::CONTENT_ENCODING, header::ACCESS_CONTROL_ALLOW_ORIGIN].map(|name| answer.headers()[name].clone()), ["gzip", "https://kumppani.example"]);
        assert!(answer.headers()[header::ETAG].to_str().unwrap().starts_with("W/"), "the same, packed or not");
        let packed = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed.as_ref()), &mut text).unwrap();
        assert!(packed.len() * 4 < text.len());
        assert_eq!(text.lines().count(), all(app, "/hsds/taxonomy_terms", Is::TaxonomyTerm).await.len());
        let foreign = tower::ServiceExt::oneshot(process, request("https://muu.example")).await.unwrap();
        assert!(foreign.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
    }

    async fn texts_are_in_the_language_of_the_request(app) {
        let rich = rich(app).await;
        let path = format!("/hsds/services/{}", uuid(&rich.service));
        for (language, description, need) in [
            ("fi", "Tehdään palikoita yhdessä.", "Syrjäytymisen torjuminen ja osallisuus"), ("sv", "Vi gör klossar tillsammans.", "Förebyggande av marginalisering och främjande av delaktighet"),
            ("en", "Tehdään palikoita yhdessä.", "Preventing exclusion and promoting inclusion"), ("de, en;q=0.5", "Tehdään palikoita yhdessä.", "Preventing exclusion and promoting inclusion"),
        ] {
            let told = fetch(app, Method::GET, &path, &[(header::ACCEPT_LANGUAGE, language)]).await.body;
            assert_eq!((&told["description"], &told["attributes"][0]["taxonomy_term"]["name"]), (&json!(description), &json!(need)), "{language}");
        }
    }

    async fn the_database_is_not_asked(app) {
        let rich = rich(app).await;
        let paths = ["services?full=true", "services?search=verstas", "organizations?full_service=true", "service_at_locations?postcode=70200", "taxonomy_terms", "services?format=ndjson"];
        let by_id = format!("services/{}", uuid(&rich.service));
        // Each for itself, since the server looks now and then whether others have committed something.
        for path in paths.into_iter().chain([by_id.as_str()]) {
            let mut asked = Vec::new();
            for language in ["fi", "sv", "en"] {
                let before = app.statements();
                let answer = fetch(app, Method::GET, &format!("/hsds/{path}"), &[(header::ACCEPT_LANGUAGE, language)]).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                asked.push(app.statements() - before);
            }
            assert!(asked.contains(&0), "{path}: {asked:?}");
        }
    }

    async fn ids_and_answers_are_the_same_from_every_process(app) {
        rich(app).await;
        let other = app.second_process().await;
        for path in ["/hsds/services?full=true", "/hsds/organizations?full_service=true", "/hsds/service_at_locations?full=true", "/hsds/taxonomy_terms?per_page=100"] {
            let request = axum::http::Request::builder().uri(path).header(header::HOST, "palvelut.example").body(axum::body::Body::empty()).unwrap();
            assert_eq!(tests::send(&other, request).await.text, fetch(app, Method::GET, path, &[]).await.text, "{path}");
        }
        // No id stands for two things.
        let mut seen: std::collections::BTreeMap<String, BTreeSet<String>> = std::collections::BTreeMap::new();
        for service in all(app, "/hsds/services?full=true", Is::Service).await {
            walk("service", &service, &mut seen);
        }
        for (id, kinds) in seen {
            assert!(kinds.len() == 1, "{id}: {kinds:?}");
        }
    }
}

/// As what each id is told.
fn walk(kind: &str, value: &Value, seen: &mut std::collections::BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(id)) = fields.get("id") {
                seen.entry(id.clone()).or_default().insert(kind.trim_end_matches('s').to_owned());
            }
            fields.iter().for_each(|(key, value)| walk(key, value, seen));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(kind, item, seen)),
        _ => {}
    }
}

/// A text as it stands in an address.
fn url(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
