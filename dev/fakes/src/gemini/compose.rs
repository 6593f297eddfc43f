//! Answers that keep to the request's schema and sound like its prompt. The same request gives the same answer.

use serde_json::Value;

use crate::world::hash;

/// An answer for a schema, as JSON text (or one plain word where an enum is asked for).
pub(super) fn answer(schema: &Value, prompt: &str, seed: &str, mime: &str) -> String {
    let material = Material::read(prompt);
    let mut composer = Composer {
        root: schema,
        material,
        dice: fastrand::Rng::with_seed(hash(&["compose", seed])),
        used: Vec::new(),
        recent: std::collections::VecDeque::new(),
        current: None,
    };
    if mime == "text/x.enum" {
        return variants(schema)
            .first()
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .unwrap_or_default();
    }
    let mut out = String::new();
    composer.value(schema, "", 0, 0, &mut out);
    out
}

/// JSON where a form was asked for but none was given.
pub(super) fn free_json(prompt: &str, seed: &str) -> String {
    let schema = serde_json::json!({"type": "OBJECT", "properties": {"title": {"type": "STRING"}, "text": {"type": "STRING"}}, "required": ["title", "text"]});
    answer(&schema, prompt, seed, "application/json")
}

/// Plain text.
pub(super) fn prose(prompt: &str, seed: &str) -> String {
    let mut composer = Composer {
        root: &Value::Null,
        material: Material::read(prompt),
        dice: fastrand::Rng::with_seed(hash(&["prose", seed])),
        used: Vec::new(),
        recent: std::collections::VecDeque::new(),
        current: None,
    };
    (0..4)
        .map(|_| composer.paragraph())
        .collect::<Vec<_>>()
        .join("\n\n")
}

// ---------------------------------------------------------------------------------------------------------------
// Material

/// What the prompt offers: subjects to speak of and ids to refer to.
struct Material {
    subjects: Vec<String>,
    ids: Vec<String>,
    /// Words to be spoken, when the prompt says how many.
    words: Option<usize>,
    prompt: String,
}

const STOP_WORDS: &[&str] = &[
    "about",
    "above",
    "after",
    "again",
    "against",
    "also",
    "always",
    "and",
    "another",
    "answer",
    "anything",
    "are",
    "array",
    "because",
    "been",
    "before",
    "being",
    "below",
    "best",
    "better",
    "between",
    "both",
    "brand",
    "but",
    "can",
    "cannot",
    "channel",
    "characters",
    "could",
    "creator",
    "description",
    "does",
    "doing",
    "don",
    "down",
    "during",
    "each",
    "english",
    "every",
    "everything",
    "few",
    "first",
    "for",
    "form",
    "format",
    "four",
    "from",
    "further",
    "get",
    "give",
    "given",
    "had",
    "has",
    "have",
    "having",
    "her",
    "here",
    "hers",
    "him",
    "his",
    "how",
    "idea",
    "ideas",
    "into",
    "its",
    "itself",
    "json",
    "just",
    "language",
    "least",
    "like",
    "list",
    "made",
    "make",
    "many",
    "more",
    "most",
    "must",
    "never",
    "nor",
    "not",
    "nothing",
    "now",
    "off",
    "one",
    "only",
    "other",
    "our",
    "ours",
    "out",
    "over",
    "own",
    "part",
    "per",
    "percent",
    "published",
    "rather",
    "same",
    "say",
    "score",
    "script",
    "second",
    "seconds",
    "she",
    "short",
    "shorts",
    "should",
    "some",
    "such",
    "text",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "three",
    "through",
    "title",
    "titles",
    "too",
    "two",
    "typical",
    "under",
    "until",
    "use",
    "user",
    "very",
    "video",
    "videos",
    "view",
    "viewer",
    "viewers",
    "views",
    "voice",
    "was",
    "watch",
    "well",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "why",
    "will",
    "with",
    "word",
    "words",
    "would",
    "write",
    "written",
    "you",
    "your",
    "yours",
    "youtube",
    "outlier",
    "multiplier",
    "baseline",
    "median",
    "long",
    "strong",
    "weak",
    "true",
    "false",
    "null",
    "tone",
    "style",
    "audience",
    "tried",
    "try",
    "without",
    "worth",
    "nobody",
    "tells",
    "truth",
    "finally",
    "right",
    "stop",
    "mistake",
    "mistakes",
    "everyone",
    "everybody",
    "makes",
    "making",
    "testing",
    "test",
    "calm",
    "evening",
    "questions",
    "taught",
    "attempts",
    "days",
    "things",
    "really",
    "works",
    "getting",
    "got",
    "minutes",
    "budget",
    "notes",
    "studio",
    "live",
    "quick",
    "easy",
    "new",
    "how-to",
    "part",
    "professional",
    "harder",
    "looks",
    "versus",
];

impl Material {
    fn read(prompt: &str) -> Self {
        let mut subjects: Vec<String> = values(prompt, &["topic"])
            .into_iter()
            .filter(|topic| topic.len() < 80)
            .collect();
        if subjects.is_empty() {
            for block in ["source", "script", "present_text"] {
                let text = block_of(prompt, block).unwrap_or_default();
                subjects.extend(
                    values(text, &["title"])
                        .iter()
                        .filter_map(|title| subject(title)),
                );
            }
        }
        if subjects.is_empty() {
            subjects.extend(titles(prompt).iter().filter_map(|title| subject(title)));
        }
        if subjects.is_empty() {
            subjects.extend(prompt.lines().rev().filter_map(subject).take(12));
        }
        let banned = block_of(prompt, "banned_topics")
            .unwrap_or_default()
            .to_lowercase();
        subjects.retain(|subject| {
            subject
                .to_lowercase()
                .split(' ')
                .all(|word| !banned.contains(word))
        });
        let mut seen: Vec<String> = Vec::new();
        subjects.retain(|subject| {
            let new = !seen.contains(subject);
            seen.push(subject.clone());
            new
        });
        if subjects.is_empty() {
            subjects.push("small habits".to_owned());
        }
        Self {
            subjects,
            ids: ids(prompt),
            words: spoken_words(prompt),
            prompt: prompt.to_owned(),
        }
    }
}

/// What stands between `<name>` and `</name>`.
fn block_of<'a>(prompt: &'a str, name: &str) -> Option<&'a str> {
    let (open, close) = (format!("<{name}>\n"), format!("</{name}>"));
    let from = prompt.find(&open)? + open.len();
    let length = prompt[from..].find(&close)?;
    Some(&prompt[from..from + length])
}

/// The texts that JSON in a prompt gives to members of these names.
fn values(prompt: &str, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let mark = format!("\"{name}\":");
        for (at, _) in prompt.match_indices(&mark) {
            let rest = prompt[at + mark.len()..].trim_start();
            let mut reader = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            found.extend(
                reader
                    .next()
                    .and_then(Result::ok)
                    .filter(|text| !text.trim().is_empty()),
            );
        }
    }
    found
}

/// How many words a prompt wants spoken.
fn spoken_words(prompt: &str) -> Option<usize> {
    let words: Vec<&str> = prompt.split_whitespace().collect();
    words.windows(3).find_map(|three| {
        let spoken =
            three[1] == "spoken" && three[2].starts_with("words") || three[1].starts_with("words");
        let n: usize = three[0].replace(',', "").parse().ok()?;
        (spoken && (20..=20_000).contains(&n)).then_some(n)
    })
}

/// Titles quoted in a prompt: values of a `title`, and what stands between quotation marks.
fn titles(prompt: &str) -> Vec<String> {
    let mut found = values(prompt, &["title"]);
    if !found.is_empty() {
        return found;
    }
    for mark in ["title:", "Title:", "title="] {
        found.extend(
            prompt
                .match_indices(mark)
                .filter_map(|(at, _)| prompt[at + mark.len()..].lines().next())
                .map(|line| line.trim().to_owned()),
        );
        if !found.is_empty() {
            return found;
        }
    }
    for line in prompt.lines() {
        let mut pieces = line.split(['"', '“', '”']);
        pieces.next();
        while let Some(quoted) = pieces.next() {
            if quoted.split_whitespace().count() >= 2 {
                found.push(quoted.to_owned());
            }
            pieces.next();
        }
    }
    found
}

/// The longest run of telling words in a text, at most three of them.
fn subject(text: &str) -> Option<String> {
    let mut best: Vec<String> = Vec::new();
    let mut run: Vec<String> = Vec::new();
    for raw in text.split_whitespace().chain(["."]) {
        let word: String = raw
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == '-' || *c == '\'' || *c == '’')
            .collect();
        let lower = word.to_lowercase();
        let telling = word.chars().count() >= 3
            && word.chars().all(|c| !c.is_numeric())
            && !STOP_WORDS.contains(&lower.as_str())
            && !raw.starts_with('#');
        if telling {
            run.push(word);
        }
        let ends = !telling || raw.ends_with([',', '.', ':', ';', '!', '?', '|']);
        if ends {
            run.truncate(3);
            if run.iter().map(String::len).sum::<usize>() > best.iter().map(String::len).sum() {
                best = std::mem::take(&mut run);
            }
            run.clear();
        }
    }
    (!best.is_empty()).then(|| best.join(" "))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if [8, 13, 18, 23].contains(&at) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Ids in a prompt, in order: UUIDs; else short handles such as `V7`; else what looks like YouTube's.
fn ids(prompt: &str) -> Vec<String> {
    let mut uuids = Vec::new();
    let mut handles = Vec::new();
    let mut others = Vec::new();
    let add = |list: &mut Vec<String>, word: &str| {
        if !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    };
    for word in prompt
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| !word.is_empty())
    {
        if is_uuid(word) {
            add(&mut uuids, word);
        } else if word.len() <= 5
            && word.starts_with(['v', 'V', 's', 'S', 'r', 'R'])
            && word.len() > 1
            && word[1..].bytes().all(|byte| byte.is_ascii_digit())
        {
            add(&mut handles, word);
        } else if word.len() == 11
            && word
                .bytes()
                .any(|byte| byte.is_ascii_digit() || byte == b'_' || byte == b'-')
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            add(&mut others, word);
        }
    }
    [uuids, handles, others]
        .into_iter()
        .find(|list| !list.is_empty())
        .unwrap_or_default()
}

// ---------------------------------------------------------------------------------------------------------------
// Composing

const TITLES: &[&str] = &[
    "What nobody tells you about {}",
    "I tried {} for a week: here is what changed",
    "{}: the five-minute version",
    "Why {} is harder than it looks",
    "The mistake everyone makes with {}",
    "How {} really works",
    "{}, but the easy way",
    "Is {} still worth it?",
    "Three things I wish I knew before {}",
    "From nothing to {} in one day",
    "The smallest change that fixed {}",
    "{}: myths against measurements",
    "Doing {} with half the effort",
    "What 100 tries at {} taught me",
    "A fresh look at {}",
    "The quiet trick behind {}",
    "{} without the usual fuss",
    "You are closer to {} than you think",
    "The first ten seconds of {}",
    "Rebuilding {} from scratch",
];

const SENTENCES: &[&str] = &[
    "Most people meet {} from the wrong end, so we start with the part that pays off first.",
    "Here is the whole thing in one picture, and then the three steps that matter.",
    "When we looked at what viewers came back for, {} was there every time.",
    "It takes less than you think, and you can check the result yourself.",
    "Try it once with the simplest setup before you add anything else.",
    "The surprising bit is how much of {} you can leave out.",
    "If it goes wrong, it almost always goes wrong in the same place.",
    "Now compare that with how it was done before, and you will see the difference.",
    "That one change saved us an afternoon, and it will save you one too.",
    "Keep an eye on the order here, because everything after depends on it.",
    "You do not need special tools for {}, only a little patience.",
    "By the end you will know exactly when {} is worth your time and when it is not.",
    "Start small, look at the result, and change one thing at a time.",
    "We measured it three times, and the answer was the same each time.",
    "This is the step that most guides on {} leave out.",
    "Put it side by side with the usual way and count the minutes.",
    "There is one exception, and it is easier to spot than you would expect.",
    "Once you have seen it done, {} stops being a mystery.",
    "What costs the most here is waiting, so do that part first.",
    "If you remember one thing about {}, let it be this one.",
    "Nothing about this is new, yet hardly anybody does it in this order.",
    "Give it a day, come back with fresh eyes, and you will see what to fix.",
];

const WHYS: &[&str] = &[
    "The channel's strongest videos on {} promised one clear result and kept the promise early.",
    "Viewers reacted well above the usual level when {} came with a concrete number or a test.",
    "It joins {} with the question form that did best here, which the channel has not combined yet.",
    "Videos on {} held their audience longer than the channel's median.",
];

const ANGLES: &[&str] = &[
    "Start from the result and work backwards, so that {} explains itself.",
    "Do it twice, once by the book and once with half the steps, and let the viewer judge.",
    "Put a number on {}: time, cost and what was left over.",
    "Let a beginner try {} first and only then show how it is usually done.",
    "Answer the three questions that viewers asked most about {}.",
];

const VISUALS: &[&str] = &[
    "Close-up of {} on a plain table, slow push in.",
    "Split screen: the old way on the left, {} on the right.",
    "Hands at work, captions for each step.",
    "A simple chart that grows as the number is spoken.",
    "The finished result, turned once into the light.",
    "Top view of the whole workplace, everything in its place.",
    "A clock in the corner while {} goes on in the foreground.",
    "The mistake in slow motion, then the right way at full speed.",
    "Two results side by side, labelled one and two.",
];

const HEADINGS: &[&str] = &[
    "The problem with {}",
    "What we tried",
    "The step that matters",
    "How {} compares",
    "The result",
    "What to do next",
    "Where it goes wrong",
    "The cheap version",
];

struct Composer<'a> {
    root: &'a Value,
    material: Material,
    dice: fastrand::Rng,
    used: Vec<String>,
    /// Patterns used last, which are not used again so soon.
    recent: std::collections::VecDeque<String>,
    /// What the object at hand is about.
    current: Option<String>,
}

/// The allowed values of a schema, if it lists them.
fn variants(schema: &Value) -> &[Value] {
    schema
        .get("enum")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn number(schema: &Value, name: &str) -> Option<f64> {
    let value = schema.get(name)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn count(schema: &Value, name: &str) -> Option<usize> {
    number(schema, name).map(|value| value.max(0.0) as usize)
}

impl Composer<'_> {
    fn subject(&mut self) -> String {
        if let Some(subject) = &self.current {
            return subject.clone();
        }
        let at = self.dice.usize(..self.material.subjects.len().min(12));
        self.material.subjects[at].clone()
    }

    fn fill(&mut self, patterns: &[&str]) -> String {
        let at = self.dice.usize(..patterns.len());
        let unused = (0..patterns.len())
            .map(|n| patterns[(at + n) % patterns.len()])
            .find(|pattern| !self.recent.iter().any(|used| used == pattern));
        let pattern = unused.unwrap_or(patterns[at]);
        self.recent.push_back(pattern.to_owned());
        if self.recent.len() > 16 {
            self.recent.pop_front();
        }
        let mut text = pattern.replace("{}", &self.subject());
        if let Some(first) = text.chars().next() {
            text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        text
    }

    /// A text that was not yet given in this answer.
    fn fresh(&mut self, patterns: &[&str]) -> String {
        for _ in 0..40 {
            let text = self.fill(patterns);
            if !self.used.contains(&text) {
                self.used.push(text.clone());
                return text;
            }
        }
        let text = format!("{} ({})", self.fill(patterns), self.used.len());
        self.used.push(text.clone());
        text
    }

    fn paragraph(&mut self) -> String {
        let n = 3 + self.dice.usize(..3);
        (0..n)
            .map(|_| self.fill(SENTENCES))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn value(&mut self, schema: &Value, name: &str, index: usize, depth: usize, out: &mut String) {
        let root = self.root;
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(path) => root
                .pointer(path.trim_start_matches('#'))
                .unwrap_or(&Value::Null),
            None => schema,
        };
        if depth > 16 {
            out.push_str("null");
            return;
        }
        let variants = variants(schema);
        if !variants.is_empty() {
            let at = self.dice.usize(..variants.len());
            out.push_str(&variants[(at + index) % variants.len()].to_string());
            return;
        }
        for list in ["anyOf", "any_of", "oneOf"] {
            let choices = schema.get(list).and_then(Value::as_array);
            let is_null = |choice: &Value| {
                choice
                    .get("type")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("null"))
            };
            if let Some(choice) = choices.and_then(|choices| {
                choices
                    .iter()
                    .find(|choice| !is_null(choice))
                    .or_else(|| choices.first())
            }) {
                self.value(choice, name, index, depth + 1, out);
                return;
            }
        }
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.to_lowercase(),
            Some(Value::Array(kinds)) => kinds
                .iter()
                .filter_map(Value::as_str)
                .find(|kind| *kind != "null")
                .unwrap_or("null")
                .to_lowercase(),
            _ if schema.get("properties").is_some() => "object".to_owned(),
            _ => "string".to_owned(),
        };
        match kind.as_str() {
            "object" => self.object(schema, depth, out),
            "array" => self.array(schema, name, depth, out),
            "integer" => out.push_str(&format!("{}", self.number(schema, name).round() as i64)),
            "number" => {
                let value = (self.number(schema, name) * 100.0).round() / 100.0;
                out.push_str(&serde_json::json!(value).to_string());
            }
            "boolean" => out.push_str(if self.dice.bool() { "true" } else { "false" }),
            "null" => out.push_str("null"),
            _ => out.push_str(&Value::String(self.string(schema, name, index)).to_string()),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize, out: &mut String) {
        let empty = serde_json::Map::new();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let names = |list: &str| {
            schema
                .get(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
        };
        let mut order: Vec<&str> = names("propertyOrdering")
            .chain(names("property_ordering"))
            .chain(names("required"))
            .collect();
        order.extend(properties.keys().map(String::as_str));
        // What has a title is about one thing.
        let outer = self.current.clone();
        if properties.contains_key("title") {
            self.current = None;
            self.current = Some(self.subject());
        }
        let mut done: Vec<&str> = Vec::new();
        out.push('{');
        for name in order {
            let Some(property) = properties.get(name) else {
                continue;
            };
            if done.contains(&name) {
                continue;
            }
            if !done.is_empty() {
                out.push(',');
            }
            out.push_str(&Value::String(name.to_owned()).to_string());
            out.push(':');
            self.value(property, name, done.len(), depth + 1, out);
            done.push(name);
        }
        out.push('}');
        self.current = outer;
    }

    /// Into how many parts a script is cut.
    fn beats(&self) -> usize {
        self.material
            .words
            .map_or(5, |words| (words / 40).clamp(3, 12))
    }

    /// How many entries the prompt asks for: a number right before the list's name.
    fn asked(&self, name: &str) -> Option<usize> {
        let stem = name.trim_end_matches('s').to_lowercase();
        if stem.len() < 3 {
            return None;
        }
        let words: Vec<&str> = self.material.prompt.split_whitespace().collect();
        words.windows(3).rev().find_map(|three| {
            let n: usize = three[0]
                .trim_matches(|c: char| !c.is_ascii_digit())
                .parse()
                .ok()?;
            let near = three[1..].iter().any(|word| {
                word.to_lowercase()
                    .trim_matches(|c: char| !c.is_alphanumeric())
                    .trim_end_matches('s')
                    == stem
            });
            (near && (1..=30).contains(&n)).then_some(n)
        })
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize, out: &mut String) {
        let (min, max) = (
            count(schema, "minItems").unwrap_or(0),
            count(schema, "maxItems").unwrap_or(usize::MAX),
        );
        let null = Value::Null;
        let items = schema.get("items").unwrap_or(&null);
        let lower = name.to_lowercase();
        let texts = items
            .get("type")
            .and_then(Value::as_str)
            .is_none_or(|kind| kind.eq_ignore_ascii_case("string"));
        let refers = texts && is_reference(&lower);
        let usual = match () {
            () if refers => 2,
            () if lower.contains("tag") || lower.contains("keyword") => 8,
            () if lower.contains("beat") || lower.contains("scene") || lower.contains("line") => {
                self.beats()
            }
            () => 3,
        };
        let wanted = self.asked(&lower).unwrap_or(usual).max(min).min(max);
        let choices: Vec<String> = match variants(items) {
            [] if refers && !self.material.ids.is_empty() => self.material.ids.clone(),
            [] => Vec::new(),
            listed => listed.iter().map(Value::to_string).collect(),
        };
        let mut entries: Vec<String> = Vec::new();
        if choices.is_empty() && refers && min == 0 {
            // Nothing to refer to.
        } else if choices.is_empty() {
            for n in 0..wanted {
                let mut entry = String::new();
                for _ in 0..8 {
                    entry.clear();
                    self.value(items, name, n, depth + 1, &mut entry);
                    if !texts || !entries.contains(&entry) {
                        break;
                    }
                }
                if texts && entries.contains(&entry) && entries.len() >= min {
                    continue;
                }
                entries.push(entry);
            }
        } else {
            let quoted = !variants(items).is_empty();
            let from = self.dice.usize(..choices.len());
            for n in 0..wanted.min(choices.len()).max(min) {
                let choice = &choices[(from + n) % choices.len()];
                entries.push(if quoted {
                    choice.clone()
                } else {
                    Value::String(choice.clone()).to_string()
                });
            }
        }
        out.push('[');
        out.push_str(&entries.join(","));
        out.push(']');
    }

    fn number(&mut self, schema: &Value, name: &str) -> f64 {
        let lower = name.to_lowercase();
        let usual = if lower.contains("second") || lower.contains("duration") {
            40.0
        } else if lower.contains("confidence") || lower.contains("probab") {
            0.7
        } else {
            3.0
        };
        let (min, max) = (number(schema, "minimum"), number(schema, "maximum"));
        match (min, max) {
            (Some(min), Some(max)) if usual < min || usual > max => {
                min + (max - min) * (0.3 + 0.4 * self.dice.f64())
            }
            (Some(min), _) if usual < min => min,
            (_, Some(max)) if usual > max => max,
            _ => usual,
        }
    }

    fn string(&mut self, schema: &Value, name: &str, index: usize) -> String {
        let lower = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if is_reference(&lower) && !self.material.ids.is_empty() {
            let at = self.dice.usize(..self.material.ids.len());
            return self.material.ids[(at + index) % self.material.ids.len()].clone();
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => return "2026-12-01T15:00:00Z".to_owned(),
            Some("date") => return "2026-12-01".to_owned(),
            Some("uuid") => {
                let h = hash(&[name, &self.dice.u64(..).to_string()]);
                return format!(
                    "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                    h >> 32,
                    h >> 16 & 0xffff,
                    h & 0xfff,
                    h >> 8 & 0xfff,
                    h & 0xffff_ffff_ffff
                );
            }
            _ => {}
        }
        let text = if has(&["thumbnail", "overlay"]) {
            self.subject()
                .split(' ')
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
                .to_uppercase()
        } else if has(&["heading", "chapter"]) {
            self.fresh(HEADINGS)
        } else if has(&["title", "headline"]) || lower == "name" {
            self.fresh(TITLES)
        } else if has(&["hook", "opening"]) {
            let subject = self.subject();
            format!(
                "What if everything you heard about {subject} is the slow way? Give me half a minute."
            )
        } else if has(&["call_to_action", "calltoaction", "cta", "outro"]) {
            "Tell us in the comments which step you will try first, and come back next week for the follow-up.".to_owned()
        } else if has(&["hashtag"]) {
            format!(
                "#{}",
                self.subject()
                    .split(' ')
                    .next()
                    .unwrap_or("tips")
                    .to_lowercase()
            )
        } else if has(&["tag", "keyword"]) {
            let subject = self
                .subject()
                .to_lowercase()
                .replace(['\'', '’', '"', ','], "");
            match index % 4 {
                0 => subject,
                1 => format!("{subject} tips"),
                2 => format!("how to {subject}"),
                _ => subject.split(' ').next().unwrap_or("tips").to_owned(),
            }
        } else if has(&["visual", "shot", "broll", "b_roll", "scene"]) {
            self.fresh(VISUALS)
        } else if has(&["angle", "twist"]) {
            self.fill(ANGLES)
        } else if has(&["why", "reason", "rationale", "explan", "evidence"]) {
            self.fill(WHYS)
        } else if lower == "language" || has(&["language_code", "locale"]) {
            "en".to_owned()
        } else if has(&["category"]) {
            "28".to_owned()
        } else if has(&["script", "body", "narration", "voiceover", "voice_over"]) {
            (0..4)
                .map(|_| self.paragraph())
                .collect::<Vec<_>>()
                .join("\n")
        } else if has(&["spoken", "line", "sentence"]) {
            // The hook and the call to action are spoken too.
            let words = self.material.words.map(|words| words.saturating_sub(38));
            let wanted = words.map_or(24, |words| words / self.beats());
            let mut text = self.fill(SENTENCES);
            while text.split(' ').count() + 7 < wanted {
                text.push(' ');
                text.push_str(&self.fill(SENTENCES));
            }
            text
        } else if has(&["description", "summary", "text"]) {
            self.paragraph()
        } else {
            self.fill(SENTENCES)
        };
        self.fit(schema, text)
    }

    /// Makes a text as long or as short as its schema wants it, at the end of a word if that can be.
    fn fit(&mut self, schema: &Value, mut text: String) -> String {
        text = text.replace(['<', '>'], "");
        while count(schema, "minLength").is_some_and(|min| text.chars().count() < min) {
            text.push(' ');
            text.push_str(&self.fill(SENTENCES));
        }
        if let Some(max) = count(schema, "maxLength").filter(|max| text.chars().count() > *max) {
            let cut: String = text.chars().take(max).collect();
            let min = count(schema, "minLength").unwrap_or(1);
            text = match cut.rfind(' ') {
                Some(at) if cut[..at].chars().count() >= min => {
                    cut[..at].trim_end_matches([',', ';', ':']).to_owned()
                }
                _ => cut,
            };
        }
        text
    }
}

/// Whether a property refers to something that the prompt names by id.
fn is_reference(lower: &str) -> bool {
    [
        "inspired",
        "based_on",
        "basedon",
        "sources",
        "source_id",
        "video_id",
        "videoid",
        "evidence_id",
        "reference",
    ]
    .iter()
    .any(|word| lower.contains(word))
        || lower == "id"
        || lower == "ids"
        || lower.ends_with("_id")
        || lower.ends_with("_ids")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::answer;

    const PROMPT: &str = "Write 5 ideas. The channel's videos:\n[0b8fbd0e-6b1f-4b8e-9d5c-0a3a0e9a7f11] title: Sourdough without a scale\n\
                          [3d8fbd0e-6b1f-4b8e-9d5c-0a3a0e9a7f22] title: A cast-iron pan for life\n";

    #[test]
    fn an_answer_keeps_to_the_schema_and_refers_to_what_the_prompt_names() {
        let schema = json!({"type": "OBJECT", "required": ["ideas"], "properties": {"ideas": {"type": "ARRAY", "items": {"type": "OBJECT",
            "required": ["why", "title", "inspired_by"], "properties": {"title": {"type": "STRING", "maxLength": 40}, "why": {"type": "STRING", "minLength": 200},
            "inspired_by": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": 1, "maxItems": 2}}}}}});
        let text = answer(&schema, PROMPT, "seed", "application/json");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let ideas = value["ideas"].as_array().expect("a list");
        assert_eq!(ideas.len(), 5);
        assert!(
            text.find("\"why\"") < text.find("\"title\""),
            "in the order of `required`"
        );
        let mut titles: Vec<&str> = Vec::new();
        for idea in ideas {
            let title = idea["title"].as_str().expect("a title");
            assert!(
                !titles.contains(&title) && title.chars().count() <= 40,
                "{title}"
            );
            titles.push(title);
            assert!(
                idea["why"]
                    .as_str()
                    .is_some_and(|why| why.chars().count() >= 200)
            );
            let ids = idea["inspired_by"].as_array().expect("ids");
            assert!(
                (1..=2).contains(&ids.len())
                    && ids
                        .iter()
                        .all(|id| PROMPT.contains(id.as_str().unwrap_or("?")))
            );
        }
        assert_eq!(text, answer(&schema, PROMPT, "seed", "application/json"));
        assert_ne!(
            text,
            answer(&schema, PROMPT, "another seed", "application/json")
        );
    }

    #[test]
    fn enums_bounds_and_references_within_the_schema_are_kept() {
        let schema = json!({"$defs": {"n": {"type": "integer", "minimum": 7, "maximum": 9}}, "type": "object", "required": ["n", "kind", "either"],
            "properties": {"n": {"$ref": "#/$defs/n"}, "kind": {"enum": ["a", "b"]}, "either": {"anyOf": [{"type": "null"}, {"type": "boolean"}]}}});
        let value: Value =
            serde_json::from_str(&answer(&schema, "x", "s", "application/json")).expect("JSON");
        assert!((7..=9).contains(&value["n"].as_i64().unwrap_or(0)));
        assert!(["a", "b"].contains(&value["kind"].as_str().unwrap_or("?")));
        assert!(value["either"].is_boolean());
    }

    #[test]
    fn a_script_is_as_long_as_the_prompt_wants_it_and_shows_no_picture_twice() {
        let prompt = "Write the script of one video of about 120 seconds, which is about 300 spoken words.\n\
                      <brief>\n{\"topic\":\"pickled onions\"}\n</brief>\n<banned_topics>\n[\"butter\"]\n</banned_topics>\n\
                      <videos>\n[{\"id\":\"v1\",\"title\":\"Home-made butter\"}]\n</videos>";
        let text = |kind: &str| json!({"type": "STRING", "description": kind});
        let beat = json!({"type": "OBJECT", "required": ["heading", "spoken", "visual"],
            "properties": {"heading": text(""), "spoken": text(""), "visual": text("")}});
        let schema = json!({"type": "OBJECT", "required": ["title", "hook", "beats", "call_to_action"], "properties": {
            "title": text(""), "hook": text(""), "beats": {"type": "ARRAY", "items": beat}, "call_to_action": text("")}});
        let answer = answer(&schema, prompt, "s", "application/json");
        let value: Value = serde_json::from_str(&answer).expect("JSON");
        let beats = value["beats"].as_array().expect("beats");
        let words: usize = beats
            .iter()
            .filter_map(|beat| beat["spoken"].as_str())
            .map(|spoken| spoken.split(' ').count())
            .sum();
        assert!((250..450).contains(&words), "{words}");
        let pictures: std::collections::BTreeSet<&str> = beats
            .iter()
            .filter_map(|beat| beat["visual"].as_str())
            .collect();
        assert_eq!(pictures.len(), beats.len());
        assert!(
            answer.contains("pickled onions") && !answer.contains("butter"),
            "{answer}"
        );
    }
}
