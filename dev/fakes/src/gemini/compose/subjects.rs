//! What a prompt is about.

/// Words that name no subject.
const STOP_WORDS: &str = include_str!("stop_words.txt");

/// The subjects of a prompt: its topics; else those of the titles in it; else those of its last lines.
pub(crate) fn subjects(prompt: &str) -> Vec<String> {
    let mut found = values(prompt, "topic");
    found.retain(|topic| topic.len() < 80);
    let named = |titles: &[String]| titles.iter().filter_map(|title| subject(title)).collect();
    if found.is_empty() {
        let blocks = ["source", "script", "present_text"].map(|name| block(prompt, name));
        let titles = blocks
            .into_iter()
            .flatten()
            .flat_map(|text| values(text, "title"));
        found = named(&Vec::from_iter(titles));
    }
    if found.is_empty() {
        found = named(&titles(prompt));
    }
    if found.is_empty() {
        found = prompt.lines().rev().filter_map(subject).take(12).collect();
    }
    let banned = block(prompt, "banned_topics")
        .unwrap_or_default()
        .to_lowercase();
    found.retain(|text| {
        !text
            .to_lowercase()
            .split(' ')
            .any(|word| banned.contains(word))
    });
    let mut subjects: Vec<String> = Vec::new();
    for text in found {
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
        serde_json::Deserializer::from_str(rest)
            .into_iter()
            .next()?
            .ok()
    };
    let rests = prompt.split(&mark).skip(1);
    rests
        .filter_map(read)
        .filter(|text: &String| !text.trim().is_empty())
        .collect()
}

/// Titles in a prompt: values of a `title`, and what stands between quotation marks.
fn titles(prompt: &str) -> Vec<String> {
    let mut found = values(prompt, "title");
    for mark in ["title:", "Title:", "title="] {
        if found.is_empty() {
            let lines = prompt
                .split(mark)
                .skip(1)
                .filter_map(|rest| rest.lines().next());
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
