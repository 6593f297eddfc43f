//! What a prompt is about.

/// Words that name no subject.
const STOP_WORDS: &str = include_str!("stop_words.txt");

/// The subjects of a prompt: its topics; else those of the titles in it; else those of its last lines.
pub(super) fn subjects(prompt: &str) -> Vec<String> {
    let mut found: Vec<String> = values(prompt, "topic")
        .into_iter()
        .filter(|topic| topic.len() < 80)
        .collect();
    if found.is_empty() {
        let blocks = ["source", "script", "present_text"]
            .iter()
            .filter_map(|name| block(prompt, name));
        let titles = blocks.flat_map(|text| values(text, "title"));
        found = titles.filter_map(|title| subject(&title)).collect();
    }
    if found.is_empty() {
        found = titles(prompt)
            .iter()
            .filter_map(|title| subject(title))
            .collect();
    }
    if found.is_empty() {
        found = prompt.lines().rev().filter_map(subject).take(12).collect();
    }
    let banned = block(prompt, "banned_topics")
        .unwrap_or_default()
        .to_lowercase();
    let is_allowed = |text: &String| {
        !text
            .to_lowercase()
            .split(' ')
            .any(|word| banned.contains(word))
    };
    let mut subjects: Vec<String> = Vec::new();
    for text in found.into_iter().filter(is_allowed) {
        if !subjects.contains(&text) {
            subjects.push(text);
        }
    }
    if subjects.is_empty() {
        subjects.push("small habits".to_owned());
    }
    subjects
}

/// What stands between `<name>` and `</name>`.
fn block<'a>(prompt: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = prompt.split_once(&format!("<{name}>\n"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text)
}

/// The texts that JSON in a prompt gives to members of this name.
fn values(prompt: &str, name: &str) -> Vec<String> {
    let mark = format!("\"{name}\":");
    let read = |rest: &str| {
        let mut reader = serde_json::Deserializer::from_str(rest.trim_start()).into_iter();
        reader
            .next()?
            .ok()
            .filter(|text: &String| !text.trim().is_empty())
    };
    prompt
        .match_indices(&mark)
        .filter_map(|(at, mark)| read(&prompt[at + mark.len()..]))
        .collect()
}

/// Titles in a prompt: values of a `title`, and what stands between quotation marks.
fn titles(prompt: &str) -> Vec<String> {
    let mut found = values(prompt, "title");
    for mark in ["title:", "Title:", "title="] {
        if found.is_empty() {
            let rests = prompt
                .match_indices(mark)
                .map(|(at, _)| &prompt[at + mark.len()..]);
            let lines = rests.filter_map(|rest| rest.lines().next());
            found = lines.map(|line| line.trim().to_owned()).collect();
        }
    }
    if found.is_empty() {
        let quoted = prompt
            .lines()
            .flat_map(|line| line.split(['"', '“', '”']).skip(1).step_by(2));
        let titles = quoted.filter(|text| text.split_whitespace().count() >= 2);
        found = titles.map(str::to_owned).collect();
    }
    found
}

/// The longest run of telling words in a text, at most three of them.
fn subject(text: &str) -> Option<String> {
    let mut best: Vec<String> = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let length = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    for raw in text.split_whitespace().chain(["."]) {
        let is_kept = |c: &char| c.is_alphanumeric() || "-'’".contains(*c);
        let word: String = raw.chars().filter(is_kept).collect();
        let is_telling = is_telling(&word) && !raw.starts_with('#');
        if is_telling {
            run.push(word);
        }
        if !is_telling || raw.ends_with([',', '.', ':', ';', '!', '?', '|']) {
            run.truncate(3);
            if length(&run) > length(&best) {
                best = std::mem::take(&mut run);
            }
            run.clear();
        }
    }
    (!best.is_empty()).then(|| best.join(" "))
}

fn is_telling(word: &str) -> bool {
    let lower = word.to_lowercase();
    word.chars().count() >= 3
        && !word.contains(char::is_numeric)
        && !STOP_WORDS.split_whitespace().any(|stop| stop == lower)
}
