//! The user's turn: what was typed and what comes from YouTube, as JSON in marked blocks.

use serde::Serialize;
use serde_json::{Value, json};

use crate::channels::BrandVoice;
use crate::content::inspiration::{Inspiration, Role};
use crate::content::material::{Material, video_label};

/// The parts of the turn.
pub(super) fn parts(material: &Material) -> Vec<String> {
    let mut parts = vec![
        block("channel", &json!({"name": material.channel.title})),
        block("brief", &material.brief),
    ];
    // Links are added word for word; the model must not rewrite them.
    let voice = BrandVoice {
        link_blocks: Vec::new(),
        ..material.channel.brand_voice.clone()
    };
    if voice != BrandVoice::default() {
        parts.push(block("brand_voice", &voice));
    }
    if !material.channel.banned_topics.is_empty() {
        parts.push(block("banned_topics", &material.channel.banned_topics));
    }
    if !material.inspirations.is_empty() {
        parts.push(block("videos", &videos(&material.inspirations)));
    }
    match (&material.script, &material.source) {
        (Some(script), _) => parts.push(block("script", script)),
        (None, Some(source)) => parts.push(block("source", source)),
        (None, None) => {}
    }
    match &material.rewrite {
        Some(rewrite) => {
            parts.push(block("present_text", &rewrite.whole));
            parts.push(format!(
                "Write `{}` of the text in <present_text> anew, clearly different from what it is now. Repeat everything else in it \
                 word for word.",
                rewrite.part
            ));
        }
        None => parts.push("Write it now.".to_owned()),
    }
    parts
}

fn videos(inspirations: &[Inspiration]) -> Vec<Value> {
    let shown = |(i, video): (usize, &Inspiration)| {
        let result = match (video.role, video.multiplier) {
            (Role::Hit, Some(_)) => "did better than usual",
            (Role::Hit, None) => "among the most viewed",
            (Role::Flop, _) => "did worse than usual",
        };
        let multiplier = video
            .multiplier
            .map(|multiplier| format!("{multiplier:.1}×"));
        json!({
            "id": video_label(i), "title": video.title, "result": result, "views_against_the_usual": multiplier,
        })
    };
    inspirations.iter().enumerate().map(shown).collect()
}

/// JSON in a marked block. The characters that could end the block, and the line ends that JSON allows but readers
/// differ on, are escaped.
fn block(name: &str, value: &(impl Serialize + ?Sized)) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut safe = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            _ => safe.push(c),
        }
    }
    format!("<{name}>\n{safe}\n</{name}>")
}
