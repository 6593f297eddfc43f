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
    let broken = Vec::new();
    let mut reader = Reader { material, broken };
    let mut output = match material.kind {
        ContentKind::Ideas => Output::Ideas(reader.ideas(parse(text)?)),
        ContentKind::Titles => Output::Titles(reader.titles(parse(text)?)),
        ContentKind::Script => Output::Script(script(parse(text)?)),
        ContentKind::Description => Output::Description(reader.description(&parse(text)?)),
    };
    if let Some(rewrite) = &material.rewrite {
        output = keep_the_rest(output, rewrite)?;
    }
    output.derive();
    let Reader { mut broken, .. } = reader;
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

/// Makes an output of a draft, and collects the rules that the draft breaks.
struct Reader<'a> {
    material: &'a Material,
    broken: Vec<String>,
}

impl Reader<'_> {
    fn ideas(&mut self, mut draft: drafts::Ideas) -> Ideas {
        self.cut_to_count("ideas", &mut draft.ideas, 3);
        let ideas = draft.ideas.into_iter().enumerate().map(|(i, idea)| Idea {
            title: one_line(&idea.title),
            angle: idea.angle.trim().to_owned(),
            why: idea.why.trim().to_owned(),
            inspired_by: self.videos(&format!("ideas/{i}"), &idea.inspired_by),
        });
        let ideas = ideas.collect();
        Ideas { ideas }
    }

    fn titles(&mut self, mut draft: drafts::Titles) -> Titles {
        self.cut_to_count("titles", &mut draft.titles, 5);
        let titles = draft
            .titles
            .into_iter()
            .enumerate()
            .map(|(i, title)| Title {
                title: one_line(&title.title),
                why: title.why.trim().to_owned(),
                inspired_by: self.videos(&format!("titles/{i}"), &title.inspired_by),
            });
        let titles = titles.collect();
        Titles { titles }
    }

    /// A few items less than were asked for are no reason to pay for another answer; too few are.
    fn cut_to_count<T>(&mut self, what: &str, items: &mut Vec<T>, fewest: usize) {
        let (asked, count) = (self.material.count(), items.len());
        items.truncate(asked);
        if count < fewest.min(asked) {
            self.broken
                .push(format!("{what} must have {asked} entries, it has {count}"));
        }
    }

    /// The videos that an item draws on, by the labels under which they were shown.
    fn videos(&mut self, place: &str, labels: &[String]) -> Vec<Uuid> {
        let mut videos = Vec::new();
        for label in labels {
            let mut shown = self.material.inspirations.iter().enumerate();
            match shown.find(|(i, _)| video_label(*i) == *label) {
                Some((_, video)) if videos.contains(&video.video_id) => {}
                Some((_, video)) => videos.push(video.video_id),
                None => {
                    let rule = format!("{place}/inspired_by names a video that was not shown");
                    self.broken.push(rule);
                }
            }
        }
        videos
    }

    /// A description as it will be published: the model's paragraphs, the chapters at the times that follow from the
    /// script, and the channel's own link blocks.
    fn description(&mut self, draft: &drafts::Description) -> Description {
        let mut text = draft.description.trim().to_owned();
        if !chapters::read(&text).is_empty() {
            self.broken
                .push("description must not hold chapters, they are added".to_owned());
        }
        let list = self.chapters(&draft.chapters);
        let chapters = (!list.is_empty()).then(|| chapters::write(&list));
        let blocks = &self.material.channel.brand_voice.link_blocks;
        let blocks = blocks.iter().map(|block| block.trim());
        for part in chapters.as_deref().into_iter().chain(blocks) {
            text.push_str("\n\n");
            text.push_str(part);
        }
        Description {
            description: text,
            chapters: Vec::new(),
            tags: distinct_tags(&draft.tags),
        }
    }

    fn chapters(&mut self, titles: &[String]) -> Vec<Chapter> {
        let starts = self.material.chapter_starts();
        let (wanted, found) = (starts.len(), titles.len());
        if found != wanted {
            self.broken.push(format!(
                "chapters must have {wanted} entries, it has {found}"
            ));
        }
        let chapter = |(start_seconds, title): (u64, &String)| Chapter {
            start_seconds,
            title: one_line(title),
        };
        let list: Vec<Chapter> = starts.into_iter().zip(titles).map(chapter).collect();
        let fits = |chapter: &Chapter| (1..=100).contains(&chapter.title.chars().count());
        if !list.iter().all(fits) {
            self.broken
                .push("chapters must each have 1 to 100 characters".to_owned());
        }
        list
    }
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
