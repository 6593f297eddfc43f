//! From the model's text to an output: parsed, put together with what is ours to add, and checked.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::chapters::{self, Chapter};
use super::inspiration::Inspiration;
use super::kind::ContentKind;
use super::output::{Beat, Description, Idea, Ideas, Output, Script, Title, Titles};
use super::prompt::label;
use super::topics::Topics;
use uuid::Uuid;

/// What an answer is read against.
#[derive(Debug)]
pub struct Reading<'a> {
    /// What was asked for.
    pub kind: ContentKind,
    /// How many items were asked for.
    pub count: usize,
    /// The videos that were shown.
    pub inspirations: &'a [Inspiration],
    /// Where chapters start.
    pub chapter_starts: &'a [u64],
    /// Blocks that end every description, word for word.
    pub link_blocks: &'a [String],
    /// What must not be touched.
    pub topics: &'a Topics,
    /// The part that was to be written anew, and the whole as it was.
    pub rewrite: Option<(&'a str, &'a Value)>,
}

/// Why an answer cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It breaks the form or the limits.
    Broken(Vec<String>),
    /// It touches a banned topic.
    Banned(super::topics::Hit),
}

#[derive(Deserialize)]
struct DraftIdeas {
    ideas: Vec<DraftIdea>,
}

#[derive(Deserialize)]
struct DraftIdea {
    title: String,
    angle: String,
    why: String,
    #[serde(default)]
    inspired_by: Vec<String>,
}

#[derive(Deserialize)]
struct DraftTitles {
    titles: Vec<DraftTitle>,
}

#[derive(Deserialize)]
struct DraftTitle {
    title: String,
    why: String,
    #[serde(default)]
    inspired_by: Vec<String>,
}

#[derive(Deserialize)]
struct DraftScript {
    title: String,
    hook: String,
    beats: Vec<DraftBeat>,
    call_to_action: String,
}

#[derive(Deserialize)]
struct DraftBeat {
    heading: String,
    spoken: String,
    visual: String,
}

#[derive(Deserialize)]
struct DraftDescription {
    description: String,
    #[serde(default)]
    chapters: Vec<String>,
    tags: Vec<String>,
}

impl Reading<'_> {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that the model can act on.
    pub fn read(&self, text: &str) -> Result<Output, Unusable> {
        let mut wrong = Vec::new();
        let mut output = match self.kind {
            ContentKind::Ideas => {
                let mut draft: DraftIdeas = parse(text)?;
                draft.ideas.truncate(self.count);
                self.counted("ideas", draft.ideas.len(), &mut wrong);
                let ideas = draft.ideas.into_iter().enumerate().map(|(i, idea)| Idea {
                    title: clean(&idea.title),
                    angle: idea.angle.trim().to_owned(),
                    why: idea.why.trim().to_owned(),
                    inspired_by: self.videos(&format!("ideas/{i}"), &idea.inspired_by, &mut wrong),
                });
                Output::Ideas(Ideas {
                    ideas: ideas.collect(),
                })
            }
            ContentKind::Titles => {
                let mut draft: DraftTitles = parse(text)?;
                draft.titles.truncate(self.count);
                self.counted("titles", draft.titles.len(), &mut wrong);
                let titles = draft
                    .titles
                    .into_iter()
                    .enumerate()
                    .map(|(i, title)| Title {
                        title: clean(&title.title),
                        why: title.why.trim().to_owned(),
                        inspired_by: self.videos(
                            &format!("titles/{i}"),
                            &title.inspired_by,
                            &mut wrong,
                        ),
                    });
                Output::Titles(Titles {
                    titles: titles.collect(),
                })
            }
            ContentKind::Script => {
                let draft: DraftScript = parse(text)?;
                let beats = draft.beats.into_iter().map(|beat| Beat {
                    heading: clean(&beat.heading),
                    spoken: beat.spoken.trim().to_owned(),
                    visual: beat.visual.trim().to_owned(),
                });
                Output::Script(Script {
                    title: clean(&draft.title),
                    hook: draft.hook.trim().to_owned(),
                    beats: beats.collect(),
                    call_to_action: draft.call_to_action.trim().to_owned(),
                    estimated_seconds: 0,
                })
            }
            ContentKind::Description => {
                let draft: DraftDescription = parse(text)?;
                Output::Description(self.description(draft, &mut wrong))
            }
        };
        if let Some((part, whole)) = self.rewrite {
            output =
                keep_the_rest(output, part, whole).map_err(|rule| Unusable::Broken(vec![rule]))?;
        }
        output.derive();
        wrong.extend(
            output.broken().into_iter().map(|broken| {
                format!("{} {}", broken.pointer.trim_start_matches('/'), broken.rule)
            }),
        );
        if !wrong.is_empty() {
            return Err(Unusable::Broken(wrong));
        }
        match self.topics.find(output.texts()) {
            Some(hit) => Err(Unusable::Banned(hit)),
            None => Ok(output),
        }
    }

    /// A few items less than were asked for are no reason to pay for another answer; too few are.
    fn counted(&self, what: &str, count: usize, wrong: &mut Vec<String>) {
        let fewest = self.count.min(if self.kind == ContentKind::Titles {
            5
        } else {
            3
        });
        if count < fewest {
            wrong.push(format!(
                "{what} must have {} entries, it has {count}",
                self.count
            ));
        }
    }

    fn videos(&self, place: &str, labels: &[String], wrong: &mut Vec<String>) -> Vec<Uuid> {
        let mut videos = Vec::new();
        for name in labels {
            match self
                .inspirations
                .iter()
                .enumerate()
                .find(|(i, _)| label(*i) == *name)
            {
                Some((_, video)) if videos.contains(&video.video_id) => {}
                Some((_, video)) => videos.push(video.video_id),
                None => wrong.push(format!(
                    "{place}/inspired_by names a video that was not shown"
                )),
            }
        }
        videos
    }

    /// The text as it will be published: the model's paragraphs, the chapters at the times that follow from the script,
    /// and the channel's own link blocks.
    fn description(&self, draft: DraftDescription, wrong: &mut Vec<String>) -> Description {
        let mut text = draft.description.trim().to_owned();
        if !chapters::read(&text).is_empty() {
            wrong.push("description must not hold chapters, they are added".to_owned());
        }
        if draft.chapters.len() != self.chapter_starts.len() {
            let rule = format!(
                "chapters must have {} entries, it has {}",
                self.chapter_starts.len(),
                draft.chapters.len()
            );
            wrong.push(rule);
        }
        let list: Vec<Chapter> = self
            .chapter_starts
            .iter()
            .zip(&draft.chapters)
            .map(|(start, title)| Chapter {
                start_seconds: *start,
                title: clean(title),
            })
            .collect();
        if list
            .iter()
            .any(|chapter| chapter.title.is_empty() || chapter.title.chars().count() > 100)
        {
            wrong.push("chapters must each have 1 to 100 characters".to_owned());
        }
        if !list.is_empty() {
            text.push_str("\n\n");
            text.push_str(&chapters::write(&list));
        }
        for block in self.link_blocks {
            text.push_str("\n\n");
            text.push_str(block.trim());
        }
        let mut tags: Vec<String> = Vec::new();
        for tag in &draft.tags {
            let tag = clean(tag.trim().trim_start_matches('#'));
            if !tag.is_empty()
                && !tags
                    .iter()
                    .any(|known| known.to_lowercase() == tag.to_lowercase())
            {
                tags.push(tag);
            }
        }
        Description {
            description: text,
            chapters: Vec::new(),
            tags,
        }
    }
}

/// One line without white space around it.
fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Unusable> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            if inner.is_data() {
                Unusable::Broken(vec![format!(
                    "{path} is not of the form that the schema asks for"
                )])
            } else {
                Unusable::Broken(vec![
                    "the answer must be one JSON value and nothing else".to_owned(),
                ])
            }
        })
        .and_then(|value| match reader.end() {
            Ok(()) => Ok(value),
            Err(_) => Err(Unusable::Broken(vec![
                "the answer must be one JSON value and nothing else".to_owned(),
            ])),
        })
}

/// The output as it was, with only the named part from the new one.
fn keep_the_rest(new: Output, part: &str, whole: &Value) -> Result<Output, String> {
    let kind = new.kind();
    let broken = || format!("`{part}` must be written anew");
    let new = serde_json::to_value(new).map_err(|_| broken())?;
    let mut merged = whole.clone();
    match (merged.get_mut(part), new.get(part)) {
        (Some(slot), Some(value)) => *slot = value.clone(),
        _ => return Err(broken()),
    }
    Output::read(kind, merged).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::super::inspiration::Role;
    use super::*;
    use serde_json::json;

    fn read(reading: &Reading<'_>, value: &Value) -> Result<Output, Unusable> {
        reading.read(&value.to_string())
    }

    fn reading<'a>(
        kind: ContentKind,
        inspirations: &'a [Inspiration],
        topics: &'a Topics,
    ) -> Reading<'a> {
        Reading {
            kind,
            count: 1,
            inspirations,
            chapter_starts: &[],
            link_blocks: &[],
            topics,
            rewrite: None,
        }
    }

    fn broken(result: Result<Output, Unusable>) -> Vec<String> {
        match result {
            Err(Unusable::Broken(rules)) => rules,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn labels_become_videos_and_unknown_ones_are_refused() {
        let topics = Topics::new::<&str>(&[]);
        let videos = [
            Inspiration::example("a", Role::Hit, None),
            Inspiration::example("b", Role::Flop, None),
        ];
        let reading = reading(ContentKind::Titles, &videos, &topics);
        let good = json!({"titles": [{"title": " Build  it ", "why": "w", "inspired_by": ["v2", "v1", "v2"]}]});
        let Output::Titles(titles) = read(&reading, &good).unwrap() else {
            panic!()
        };
        assert_eq!(titles.titles[0].title, "Build it");
        assert_eq!(
            titles.titles[0].inspired_by,
            [videos[1].video_id, videos[0].video_id]
        );
        let bad = json!({"titles": [{"title": "x", "why": "w", "inspired_by": ["v3"]}]});
        assert_eq!(
            broken(read(&reading, &bad)),
            ["titles/0/inspired_by names a video that was not shown"]
        );
    }

    #[test]
    fn what_breaks_form_or_limits_says_where() {
        let topics = Topics::new::<&str>(&[]);
        let reading = reading(ContentKind::Titles, &[], &topics);
        let long = json!({"titles": [{"title": "x".repeat(101), "why": "w"}]});
        let rules = broken(read(&reading, &long));
        assert!(rules.len() == 1 && rules[0].starts_with("titles/0/title must be at most 100"));
        for text in [
            "```json\n{}\n```",
            "{",
            "",
            "{\"titles\":[]} {}",
            "[]",
            "{\"titles\":[{\"title\":1,\"why\":\"\"}]}",
        ] {
            broken(reading.read(text));
        }
    }

    #[test]
    fn a_few_items_less_will_do_and_what_is_too_much_is_left_out() {
        let topics = Topics::new::<&str>(&[]);
        let reading = Reading {
            count: 8,
            ..reading(ContentKind::Titles, &[], &topics)
        };
        let titles = |count: usize| {
            let titles: Vec<Value> = (0..count)
                .map(|i| json!({"title": format!("Title {i}"), "why": "w"}))
                .collect();
            read(&reading, &json!({"titles": titles}))
        };
        assert_eq!(broken(titles(4)), ["titles must have 8 entries, it has 4"]);
        for (sent, kept) in [(5, 5), (8, 8), (11, 8)] {
            assert_eq!(titles(sent).unwrap().titles().len(), kept);
        }
    }

    #[test]
    fn a_banned_topic_in_the_output_is_found() {
        let topics = Topics::new(&["casino"]);
        let reading = reading(ContentKind::Titles, &[], &topics);
        let result = read(
            &reading,
            &json!({"titles": [{"title": "My casino night", "why": "w"}]}),
        );
        assert!(matches!(result, Err(Unusable::Banned(hit)) if hit.topic == "casino"));
    }

    #[test]
    fn a_description_is_put_together_from_text_chapters_and_links() {
        let topics = Topics::new::<&str>(&[]);
        let links = ["Shop: https://example.test".to_owned()];
        let reading = Reading {
            chapter_starts: &[0, 30, 75],
            link_blocks: &links,
            ..reading(ContentKind::Description, &[], &topics)
        };
        let answer = json!({"description": "What you get.", "chapters": ["Wood", "Saw", "Glue"], "tags": ["#wood", "Wood", " log cabin "]});
        let Output::Description(text) = read(&reading, &answer).unwrap() else {
            panic!()
        };
        assert_eq!(
            text.description,
            "What you get.\n\n0:00 Wood\n0:30 Saw\n1:15 Glue\n\nShop: https://example.test"
        );
        assert_eq!(text.chapters.len(), 3);
        assert_eq!(text.tags, ["wood", "log cabin"]);
        let few = json!({"description": "x", "chapters": ["Wood"], "tags": []});
        assert_eq!(
            broken(read(&reading, &few)),
            ["chapters must have 3 entries, it has 1"]
        );
    }

    #[test]
    fn only_the_part_that_was_asked_for_changes() {
        let topics = Topics::new::<&str>(&[]);
        let whole = json!({"title": "T", "hook": "old", "beats": [{"heading": "h", "spoken": "s", "visual": "v"}],
            "call_to_action": "c", "estimated_seconds": 3});
        let reading = Reading {
            rewrite: Some(("hook", &whole)),
            ..reading(ContentKind::Script, &[], &topics)
        };
        let answer =
            json!({"title": "Other", "hook": "new", "beats": [], "call_to_action": "other"});
        let Output::Script(script) = read(&reading, &answer).unwrap() else {
            panic!()
        };
        assert_eq!(
            (&*script.title, &*script.hook, script.beats.len()),
            ("T", "new", 1)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text: String) {
            let topics = Topics::new::<&str>(&[]);
            for kind in ContentKind::ALL {
                let _ = reading(kind, &[], &topics).read(&text);
            }
        }
    }
}
