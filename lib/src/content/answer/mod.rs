//! From the model's text to an output: parsed, completed with what is ours to add, and checked.

mod drafts;

use drafts::one_line;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::material::{Material, Rewrite, video_label};
use super::output::chapters::{self, Chapter};
use super::output::{Beat, Description, Idea, Ideas, Output, Script, Title, Titles};
use super::{request::ContentKind, topics::Hit};

/// Why an answer cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It breaks the form or the limits: the rules, in words that the model can act on.
    Broken(Vec<String>),
    /// It touches a banned topic.
    Banned(Hit),
}

/// Reads the answer to a prompt that was made from `material`.
pub(super) fn read(material: &Material, text: &str) -> Result<Output, Unusable> {
    let mut broken = Vec::new();
    let mut output = match material.kind {
        ContentKind::Ideas => Output::Ideas(ideas(material, parse(text)?, &mut broken)),
        ContentKind::Titles => Output::Titles(titles(material, parse(text)?, &mut broken)),
        ContentKind::Script => Output::Script(script(parse(text)?)),
        ContentKind::Description => {
            Output::Description(description(material, &parse(text)?, &mut broken))
        }
    };
    if let Some(rewrite) = &material.rewrite {
        output = keep_the_rest(output, rewrite)?;
    }
    output.derive();
    broken.extend(output.violations().into_iter().map(|violation| {
        let path = violation.pointer.trim_start_matches('/');
        format!("{path} {}", violation.rule)
    }));
    if !broken.is_empty() {
        return Err(Unusable::Broken(broken));
    }
    match material.channel.topics().find(output.texts()) {
        Some(hit) => Err(Unusable::Banned(hit)),
        None => Ok(output),
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Unusable> {
    drafts::parse(text).map_err(|rule| Unusable::Broken(vec![rule]))
}

fn ideas(material: &Material, mut draft: drafts::Ideas, broken: &mut Vec<String>) -> Ideas {
    draft.ideas.truncate(material.count());
    check_count(material, "ideas", draft.ideas.len(), 3, broken);
    let ideas = draft.ideas.into_iter().enumerate().map(|(i, idea)| Idea {
        title: one_line(&idea.title),
        angle: idea.angle.trim().to_owned(),
        why: idea.why.trim().to_owned(),
        inspired_by: videos(material, &format!("ideas/{i}"), &idea.inspired_by, broken),
    });
    Ideas {
        ideas: ideas.collect(),
    }
}

fn titles(material: &Material, mut draft: drafts::Titles, broken: &mut Vec<String>) -> Titles {
    draft.titles.truncate(material.count());
    check_count(material, "titles", draft.titles.len(), 5, broken);
    let titles = draft
        .titles
        .into_iter()
        .enumerate()
        .map(|(i, title)| Title {
            title: one_line(&title.title),
            why: title.why.trim().to_owned(),
            inspired_by: videos(material, &format!("titles/{i}"), &title.inspired_by, broken),
        });
    Titles {
        titles: titles.collect(),
    }
}

/// A few items less than were asked for are no reason to pay for another answer; too few are.
fn check_count(
    material: &Material,
    what: &str,
    count: usize,
    fewest: usize,
    broken: &mut Vec<String>,
) {
    let asked = material.count();
    if count < fewest.min(asked) {
        broken.push(format!("{what} must have {asked} entries, it has {count}"));
    }
}

/// The videos that an item draws on, by the labels under which they were shown.
fn videos(
    material: &Material,
    place: &str,
    labels: &[String],
    broken: &mut Vec<String>,
) -> Vec<Uuid> {
    let mut videos = Vec::new();
    for label in labels {
        let mut shown = material.inspirations.iter().enumerate();
        match shown.find(|(i, _)| video_label(*i) == *label) {
            Some((_, video)) if videos.contains(&video.video_id) => {}
            Some((_, video)) => videos.push(video.video_id),
            None => broken.push(format!(
                "{place}/inspired_by names a video that was not shown"
            )),
        }
    }
    videos
}

fn script(draft: drafts::Script) -> Script {
    let beats = draft.beats.into_iter().map(|beat| Beat {
        heading: one_line(&beat.heading),
        spoken: beat.spoken.trim().to_owned(),
        visual: beat.visual.trim().to_owned(),
    });
    Script {
        title: one_line(&draft.title),
        hook: draft.hook.trim().to_owned(),
        beats: beats.collect(),
        call_to_action: draft.call_to_action.trim().to_owned(),
        estimated_seconds: 0,
    }
}

/// The output as it was, with only the part that was asked for from the new one.
fn keep_the_rest(new: Output, rewrite: &Rewrite) -> Result<Output, Unusable> {
    let kind = new.kind();
    let part = &rewrite.part;
    let merged = serde_json::to_value(new).ok().and_then(|new| {
        let mut merged = rewrite.whole.clone();
        *merged.get_mut(part)? = new.get(part)?.clone();
        Output::read(kind, merged).ok()
    });
    merged.ok_or_else(|| Unusable::Broken(vec![format!("`{part}` must be written anew")]))
}

/// A description as it will be published: the model's paragraphs, the chapters at the times that follow from the script,
/// and the channel's own link blocks.
fn description(
    material: &Material,
    draft: &drafts::Description,
    broken: &mut Vec<String>,
) -> Description {
    let mut text = draft.description.trim().to_owned();
    if !chapters::read(&text).is_empty() {
        broken.push("description must not hold chapters, they are added".to_owned());
    }
    let list = chapter_list(&material.chapter_starts(), &draft.chapters, broken);
    let blocks = &material.channel.brand_voice.link_blocks;
    let chapters = (!list.is_empty()).then(|| chapters::write(&list));
    for part in chapters
        .as_deref()
        .into_iter()
        .chain(blocks.iter().map(|block| block.trim()))
    {
        text.push_str("\n\n");
        text.push_str(part);
    }
    Description {
        description: text,
        chapters: Vec::new(),
        tags: distinct_tags(&draft.tags),
    }
}

fn chapter_list(starts: &[u64], titles: &[String], broken: &mut Vec<String>) -> Vec<Chapter> {
    if titles.len() != starts.len() {
        broken.push(format!(
            "chapters must have {} entries, it has {}",
            starts.len(),
            titles.len()
        ));
    }
    let list: Vec<Chapter> = starts
        .iter()
        .zip(titles)
        .map(|(start, title)| Chapter {
            start_seconds: *start,
            title: one_line(title),
        })
        .collect();
    let fits = |chapter: &Chapter| (1..=100).contains(&chapter.title.chars().count());
    if !list.iter().all(fits) {
        broken.push("chapters must each have 1 to 100 characters".to_owned());
    }
    list
}

/// The tags without `#`, each once.
fn distinct_tags(drafts: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in drafts {
        let tag = one_line(tag.trim().trim_start_matches('#'));
        let same = |known: &String| known.to_lowercase() == tag.to_lowercase();
        if !tag.is_empty() && !tags.iter().any(same) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests;
