//! The schema that an answer has to follow.

use serde_json::{Value, json};

use crate::content::material::{Material, video_label};
use crate::content::request::ContentKind;
use clients::gemini::schema;

/// The answer's form.
pub(super) fn schema(material: &Material) -> Value {
    match material.kind {
        ContentKind::Ideas => list(
            material,
            "ideas",
            "The most promising first",
            vec![
                title(),
                text(
                    "angle",
                    "What makes this video different, one or two sentences",
                ),
                text(
                    "why",
                    "Why it should work on this channel, one or two sentences",
                ),
            ],
        ),
        ContentKind::Titles => list(
            material,
            "titles",
            "The most promising first, all different",
            vec![
                title(),
                text("why", "Why it should work on this channel, one sentence"),
            ],
        ),
        ContentKind::Script => script(),
        ContentKind::Description => description(material),
    }
}

type Property = (&'static str, Value);

fn text(name: &'static str, description: &str) -> Property {
    (name, schema::string(description))
}

fn title() -> Property {
    text("title", "At most 100 characters, without < and >")
}

/// A list of as many objects as were asked for. Where the model was shown videos, each names those it draws on: only ids
/// that were shown are acceptable.
fn list(
    material: &Material,
    name: &'static str,
    description: &str,
    mut properties: Vec<Property>,
) -> Value {
    if !material.inspirations.is_empty() {
        let labels: Vec<String> = (0..material.inspirations.len()).map(video_label).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let id = schema::one_of("Id of a video in <videos>", &labels);
        properties.push((
            "inspired_by",
            schema::list("Ids of the videos it draws on", id),
        ));
    }
    let mut list = schema::list(description, schema::object(properties));
    // Bounds multiply the constraint that the service compiles, so they stand on short lists of small objects only.
    list["minItems"] = json!(material.count());
    list["maxItems"] = json!(material.count());
    schema::object([(name, list)])
}

fn script() -> Value {
    let beat = schema::object([
        text("heading", "What this part is about, a few words, one line"),
        text("spoken", "The words that are spoken"),
        text("visual", "What is seen meanwhile"),
    ]);
    schema::object([
        title(),
        text("hook", "The first spoken words"),
        ("beats", schema::list("The body in its order", beat)),
        text("call_to_action", "The last spoken words"),
    ])
}

fn description(material: &Material) -> Value {
    let mut properties = vec![text(
        "description",
        "Two or three short paragraphs, without < and >",
    )];
    let chapters = material.chapter_starts().len() as u64;
    if chapters > 0 {
        let names = schema::strings(
            &format!(
                "Names of the chapters that begin with these parts, in this order: {chapters} in all"
            ),
            "A few words, one line",
            chapters,
            chapters,
        );
        properties.push(("chapters", names));
    }
    let tags = schema::strings(
        "What people search for",
        "One tag, without commas and quotation marks",
        1,
        15,
    );
    properties.push(("tags", tags));
    schema::object(properties)
}
