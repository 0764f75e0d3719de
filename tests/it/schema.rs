//! The schema: checked in as it is, and described throughout.

use idgraph::graphql::sdl;

#[test]
fn the_schema_that_is_checked_in_is_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(checked_in == sdl(), "schema.graphql has drifted: run `cargo run -- schema graphql > schema.graphql`");
}

#[test]
fn everything_in_the_schema_is_described() {
    let config = idgraph::config::Config::load(idgraph::config::Sources::default()).expect("the defaults");
    let schema = idgraph::graphql::build(&config.graphql);
    let query = "{ __schema { types { name description kind
        fields { name description args { name description } }
        inputFields { name description }
        enumValues { name description } } } }";
    let answer = futures::executor::block_on(schema.execute(query)).into_result().expect("introspection");
    let answer = answer.data.into_json().expect("JSON");
    let mut bare = Vec::new();
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    for ty in list(&answer["__schema"]["types"]) {
        let name = ty["name"].as_str().unwrap_or_default().to_owned();
        // What GraphQL itself or the specification of federation defines needs no description of ours.
        if name.starts_with('_') || ["ID", "Int", "Float", "String", "Boolean"].contains(&name.as_str()) {
            continue;
        }
        let mut check = |place: String, item: &serde_json::Value| {
            if item["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
                bare.push(place);
            }
        };
        check(name.clone(), &ty);
        for part in ["fields", "inputFields", "enumValues"] {
            for item in list(&ty[part]) {
                if item["name"].as_str().is_some_and(|name| name.starts_with('_')) {
                    continue;
                }
                let place = format!("{name}.{}", item["name"].as_str().unwrap_or_default());
                for argument in list(&item["args"]) {
                    check(format!("{place}({})", argument["name"].as_str().unwrap_or_default()), &argument);
                }
                check(place, &item);
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}
