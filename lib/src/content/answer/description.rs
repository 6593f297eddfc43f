//! A description as it will be published: the model's paragraphs, the chapters at the times that follow from the script,
//! and the channel's own link blocks.

use super::drafts::{self, one_line};
use crate::content::material::Material;
use crate::content::output::Description;
use crate::content::output::chapters::{self, Chapter};

pub(super) fn assemble(
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
