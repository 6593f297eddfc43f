//! A generation from the request to the stored result: everything that can be refused is refused before money is set
//! aside, and money is set aside before the model is called.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Reading;
use super::brief::{Brief, GenerateBody, refuse};
use super::inspiration::{self, Inspiration};
use super::kind::ContentKind;
use super::output::{Output, Script};
use super::prompt::{self, Material};
use super::row::{Content, Status};
use super::topics::Topics;
use super::voice::BrandVoice;
use super::write::{self, Call, FailureCode, Listener, Recorder, Writer};
use clients::gemini::{Gemini, PriceList, Prompt};
use platform::clock;
use platform::db::{Db, DbError, Fetch as _};
use platform::endpoint::{Ctx, Kind, Problem};
use platform::ids::{ChannelId, ContentId};
use platform::outbound;

/// What storing the result may take of the request's time.
const TIME_TO_STORE: Duration = Duration::from_secs(6);

/// The channel as a generation needs it.
#[derive(Debug, Deserialize)]
pub(super) struct Channel {
    title: String,
    pub(super) brand_voice: Value,
    brand_voice_version: i32,
    pub(super) banned_topics: Vec<String>,
}

/// Reads the channel; row level security decides.
pub(super) async fn channel(db: &Db, id: ChannelId) -> Result<Channel, DbError> {
    db.from("channels")
        .select("title,brand_voice,brand_voice_version,banned_topics")
        .eq("id", id)
        .one()
        .await
}

/// What [`begin`] found.
#[derive(Debug)]
pub enum Begun {
    /// Everything is ready and paid for in advance.
    New(Box<Job>),
    /// The request was sent before with the same `Idempotency-Key`: this came of it.
    Replayed(Box<Content>),
}

/// A generation that has its row and its money, and only has to be written.
#[derive(Debug)]
pub struct Job {
    /// Its row.
    pub id: ContentId,
    /// What is written.
    pub kind: ContentKind,
    engine: Db,
    gemini: Gemini,
    prices: &'static PriceList,
    prompt: Prompt,
    count: usize,
    seconds: u32,
    inspirations: Vec<Inspiration>,
    chapter_starts: Vec<u64>,
    voice: BrandVoice,
    topics: Topics,
    rewrite: Option<(String, Value)>,
    deadline: Instant,
}

#[derive(Debug, Deserialize)]
struct Reserved {
    id: ContentId,
    #[serde(default)]
    replayed: bool,
}

/// Checks the request, gathers what the model is to see, sets the money aside and makes the row.
///
/// # Errors
///
/// [`Kind::InvalidBody`] with the field, [`Kind::BannedTopic`], [`Kind::NotFound`], [`Kind::RoleTooLow`],
/// [`Kind::BudgetExhausted`], [`Kind::QuotaExhausted`] at the channel's daily ceiling.
pub async fn begin(ctx: &Ctx, kind: ContentKind, body: GenerateBody) -> Result<Begun, Problem> {
    let Some(config) = &ctx.config().gemini else {
        return Err(Problem::new(Kind::UpstreamUnavailable)
            .detail("This deployment has no key for the model's service. Its operator has to set GEMINI_API_KEY."));
    };
    let (db, engine) = (ctx.db(), ctx.engine());
    let gemini = Gemini::new(outbound::transport().clone(), config, clock::now);

    let (channel, parent) = futures_util::try_join!(
        async { Ok(channel(&db, body.channel_id).await?) },
        parent(&db, kind, &body)
    )?;
    let source = source(&db, kind, &body, parent.as_ref()).await?;
    let earlier = parent
        .as_ref()
        .or(source.as_ref().map(|source| &source.content))
        .map(earlier_brief);
    let mut brief = Brief::of(&body, earlier.as_ref());
    if parent.is_none() {
        // How many ideas there were says nothing about titles.
        brief.count = body.count;
    }
    brief.check(kind)?;
    if kind == ContentKind::Description && source.is_none() {
        refuse(vec![(
            "/source_id",
            "must be the script that is described".to_owned(),
        )])?;
    }
    if matches!(kind, ContentKind::Titles | ContentKind::Script)
        && source.is_none()
        && brief.topic.is_none()
    {
        refuse(vec![(
            "/topic",
            "must say what the video is about, unless source_id does".to_owned(),
        )])?;
    }
    let topics = Topics::new(&channel.banned_topics);
    check_topics(&topics, &brief, source.as_ref())?;

    let voice = BrandVoice::read(&channel.brand_voice);
    let (inspirations, form) = inspiration::choose(&db, body.channel_id, brief.form).await?;
    // What works on the channel has this form, and nothing was said against it.
    brief.form = brief.form.or(form);
    let script = source.as_ref().and_then(Source::script);
    let rewrite = match (&body.part, &parent) {
        (Some(part), Some(parent)) => parent.output.clone().map(|whole| (part.clone(), whole)),
        _ => None,
    };
    let material = Material {
        kind,
        brief: &brief,
        voice: &voice,
        channel: &channel.title,
        banned: &channel.banned_topics,
        inspirations: &inspirations,
        source: source.as_ref().map(|source| &source.shown),
        script: script.as_ref(),
        rewrite: rewrite.as_ref().map(|(part, whole)| (part.as_str(), whole)),
    };
    let seed = body.seed.unwrap_or_else(|| fastrand::i32(0..i32::MAX));
    let prompt = material.prompt(gemini.model(), seed);
    let reserve = write::ceiling(
        &config.prices,
        gemini.model(),
        &prompt,
        platform::clock::now(),
    );

    let request = json!({
        "channel_id": body.channel_id, "kind": kind, "brief": brief, "parent_id": body.regenerate, "part": body.part,
        "source_id": source.as_ref().map(|source| source.content.id), "source_item": source.as_ref().and_then(|source| source.item),
        "inspired_by": inspirations, "voice_version": channel.brand_voice_version, "prompt_version": prompt::VERSION,
        "seed": seed, "model_asked": gemini.model(), "price_version": config.prices.version, "reserve_micros": reserve,
    });
    let arguments = json!({"p_user": ctx.user().id, "p_idempotency": ctx.idempotency(), "p_generation": request});
    let reserved: Reserved = engine.call("reserve_generation", &arguments).await?;
    if reserved.replayed {
        let content = super::settled(&db, &engine, reserved.id).await?;
        return outcome(content).map(|content| Begun::Replayed(Box::new(content)));
    }
    Ok(Begun::New(Box::new(Job {
        id: reserved.id,
        kind,
        engine,
        gemini,
        prices: &config.prices,
        prompt,
        count: usize::try_from(brief.count(kind)).unwrap_or(usize::MAX),
        seconds: brief.seconds(),
        chapter_starts: script
            .map(|script| script.chapter_starts().iter().map(|(at, _)| *at).collect())
            .unwrap_or_default(),
        inspirations,
        voice,
        topics,
        rewrite,
        deadline: ctx
            .deadline()
            .checked_sub(TIME_TO_STORE)
            .unwrap_or_else(Instant::now),
    })))
}

/// The content that is written anew.
async fn parent(
    db: &Db,
    kind: ContentKind,
    body: &GenerateBody,
) -> Result<Option<Content>, Problem> {
    let Some(id) = body.regenerate else {
        return match &body.part {
            Some(_) => refuse(vec![(
                "/part",
                "must stand together with regenerate".to_owned(),
            )])
            .map(|()| None),
            None => Ok(None),
        };
    };
    let parent = super::read(db, id).await?;
    if parent.channel_id != body.channel_id {
        return Err(Problem::not_found());
    }
    if parent.kind != kind {
        refuse(vec![(
            "/regenerate",
            format!(
                "must be of the kind {kind}; it is of the kind {}",
                parent.kind
            ),
        )])?;
    }
    if parent.status == Status::Generating {
        return Err(Problem::new(Kind::InvalidState)
            .detail("This content is still being generated. Wait for it."));
    }
    if let Some(part) = &body.part {
        let parts: &[&str] = match kind {
            ContentKind::Script => &["title", "hook", "beats", "call_to_action"],
            ContentKind::Description => &["description", "tags"],
            ContentKind::Ideas | ContentKind::Titles => &[],
        };
        if !parts.contains(&part.as_str()) {
            let rule = if parts.is_empty() {
                format!("must be left out: {kind} are written anew as a whole")
            } else {
                format!("must be one of {}", parts.join(", "))
            };
            refuse(vec![("/part", rule)])?;
        }
        if parent.output.is_none() {
            refuse(vec![(
                "/part",
                "must be left out: there is no text to keep the rest of".to_owned(),
            )])?;
        }
    }
    Ok(Some(parent))
}

/// What the content builds on.
struct Source {
    content: Content,
    item: Option<u32>,
    /// What the model is shown of it.
    shown: Value,
}

impl Source {
    fn script(&self) -> Option<Script> {
        match self.content.typed() {
            Some(Output::Script(script)) => Some(script),
            _ => None,
        }
    }
}

async fn source(
    db: &Db,
    kind: ContentKind,
    body: &GenerateBody,
    parent: Option<&Content>,
) -> Result<Option<Source>, Problem> {
    let inherited = parent.and_then(|parent| parent.source_id);
    let Some(id) = body.source_id.or(inherited) else {
        if body.source_item.is_some() {
            refuse(vec![(
                "/source_item",
                "must stand together with source_id".to_owned(),
            )])?;
        }
        return Ok(None);
    };
    let content = super::read(db, id).await?;
    if content.channel_id != body.channel_id {
        return Err(Problem::not_found());
    }
    let kinds: &[ContentKind] = match kind {
        ContentKind::Ideas => &[],
        ContentKind::Titles => &[ContentKind::Ideas, ContentKind::Script],
        ContentKind::Script => &[ContentKind::Ideas, ContentKind::Titles],
        ContentKind::Description => &[ContentKind::Script],
    };
    if !kinds.contains(&content.kind) {
        let rule = if kinds.is_empty() {
            format!("must be left out: {kind} build on nothing")
        } else {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            format!(
                "must be of the kind {}; it is of the kind {}",
                kinds.join(" or "),
                content.kind
            )
        };
        refuse(vec![("/source_id", rule)])?;
    }
    let Some(output) = &content.output else {
        return Err(refuse(vec![(
            "/source_id",
            "must have an output; its generation failed or still runs".to_owned(),
        )])
        .expect_err("there is something to refuse"));
    };
    let Some(items) = output
        .get("ideas")
        .or_else(|| output.get("titles"))
        .and_then(Value::as_array)
    else {
        if body.source_item.is_some() {
            refuse(vec![(
                "/source_item",
                "must be left out: the source is not a list".to_owned(),
            )])?;
        }
        return Ok(Some(Source {
            shown: output.clone(),
            item: None,
            content,
        }));
    };
    let item = body
        .source_item
        .or_else(|| parent.and_then(|parent| u32::try_from(parent.source_item?).ok()))
        .or_else(|| u32::try_from(content.selected?).ok());
    match item.and_then(|item| Some((item, items.get(usize::try_from(item).ok()?)?))) {
        Some((item, shown)) => Ok(Some(Source {
            shown: shown.clone(),
            item: Some(item),
            content,
        })),
        None => {
            let rule = format!(
                "must name one of the source's {} items, counted from 0, unless one of them was approved",
                items.len()
            );
            refuse(vec![("/source_item", rule)]).map(|()| None)
        }
    }
}

fn earlier_brief(content: &Content) -> Brief {
    serde_json::from_value(content.brief.clone()).unwrap_or_default()
}

fn check_topics(topics: &Topics, brief: &Brief, source: Option<&Source>) -> Result<(), Problem> {
    let refused = |pointer: &str, detail: String| {
        Err(Problem::new(Kind::BannedTopic)
            .detail(detail.clone())
            .pointer(pointer, detail))
    };
    for (pointer, text) in brief.texts() {
        if let Some(hit) = topics.find([text]) {
            return refused(pointer, hit.explain(&format!("The {}", &pointer[1..])));
        }
    }
    let strings = source
        .map(|source| strings(&source.shown))
        .unwrap_or_default();
    match topics.find(strings.iter().copied()) {
        Some(hit) => refused("/source_id", hit.explain("What it builds on")),
        None => Ok(()),
    }
}

/// All strings in a value, ids and times among them.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// The content, or the problem that its failure is. A generation that still runs is a request in progress.
///
/// # Errors
///
/// One kind for each group of [`FailureCode`].
pub fn outcome(content: Content) -> Result<Content, Problem> {
    let place = format!("/api/content/{}", content.id);
    if content.status == Status::Generating {
        return Err(Problem::new(Kind::RequestInProgress)
            .detail("The request with this Idempotency-Key is still running.")
            .instance(place)
            .retry_after(Duration::from_secs(5)));
    }
    let Some(failure) = &content.failure else {
        return Ok(content);
    };
    let kind = match failure.code {
        FailureCode::PromptBlocked | FailureCode::OutputBlocked | FailureCode::Recitation => {
            Kind::GenerationBlocked
        }
        FailureCode::BannedTopic => Kind::BannedTopic,
        FailureCode::RateLimited
        | FailureCode::QuotaExhausted
        | FailureCode::ProviderUnavailable => Kind::UpstreamUnavailable,
        FailureCode::ProviderRefused => Kind::UpstreamFailed,
        FailureCode::Truncated
        | FailureCode::Empty
        | FailureCode::Malformed
        | FailureCode::Stopped
        | FailureCode::ConnectionLost
        | FailureCode::TimedOut
        | FailureCode::Interrupted => Kind::GenerationFailed,
    };
    let problem = Problem::new(kind)
        .detail(failure.message.clone())
        .instance(place);
    let wait = failure
        .retry_at
        .and_then(|at| Duration::try_from(at.duration_since(platform::clock::now())).ok());
    Err(match wait {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    })
}

/// What is worth a second look.
pub(super) fn warnings(output: &Output, voice: &BrandVoice, seconds: Option<u32>) -> Vec<Value> {
    let mut warnings = Vec::new();
    let avoid = Topics::only(&voice.phrases_to_avoid);
    if let Some(hit) = avoid.find(output.texts()) {
        warnings.push(json!({"code": "phrase_to_avoid", "phrase": hit.topic,
            "message": format!("The brand voice avoids \"{}\".", hit.topic)}));
    }
    if let (Output::Script(script), Some(seconds)) = (output, seconds) {
        let (estimate, target) = (script.estimated_seconds, u64::from(seconds));
        if estimate * 2 < target || estimate > target * 3 / 2 {
            warnings.push(json!({"code": "length", "estimated_seconds": estimate, "target_seconds": target,
                "message": format!("The script takes about {estimate} s to speak; {target} s were asked for.")}));
        }
    }
    warnings
}

struct Ledger<'a> {
    engine: &'a Db,
    id: ContentId,
}

impl Recorder for Ledger<'_> {
    fn record<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let arguments = json!({"p_content": self.id, "p_call": call});
            // It is stored once more with the result, so a failure here loses something only together with a crash.
            if let Err(error) = self
                .engine
                .call::<_, Value>("record_generation_call", &arguments)
                .await
            {
                tracing::warn!(error = %error, "a paid answer could not be recorded in between");
            }
        })
    }
}

impl Job {
    /// Writes it and stores what came of it.
    ///
    /// # Errors
    ///
    /// As [`outcome`]; [`Kind::DatabaseUnavailable`] when the result could not be stored, which a later sweep puts in
    /// order.
    pub async fn run(self, streaming: bool, listener: &mut Listener) -> Result<Content, Problem> {
        let writer = Writer {
            gemini: &self.gemini,
            prices: self.prices,
            streaming,
            deadline: self.deadline,
        };
        let reading = Reading {
            kind: self.kind,
            count: self.count,
            inspirations: &self.inspirations,
            chapter_starts: &self.chapter_starts,
            link_blocks: &self.voice.link_blocks,
            topics: &self.topics,
            rewrite: self
                .rewrite
                .as_ref()
                .map(|(part, whole)| (part.as_str(), whole)),
        };
        let ledger = Ledger {
            engine: &self.engine,
            id: self.id,
        };
        let written = writer
            .write(&self.prompt, &reading, &ledger, listener)
            .await;
        listener(write::Progress::Checking);
        let mut result = json!({"calls": written.calls, "model_answered": written.model_answered});
        match &written.result {
            Ok(output) => {
                result["output"] = json!(output);
                result["titles"] = json!(output.titles());
                result["warnings"] = json!(warnings(output, &self.voice, Some(self.seconds)));
            }
            Err(failure) => result["failure"] = json!(failure),
        }
        let content: Content = self
            .store(&json!({"p_content": self.id, "p_result": result}))
            .await?;
        outcome(content)
    }

    /// What was paid for is worth a few tries. Storing it twice does nothing more.
    async fn store(&self, arguments: &Value) -> Result<Content, Problem> {
        let mut wait = Duration::from_millis(200);
        for _ in 0..3 {
            match self.engine.call("finish_generation", arguments).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(error = %error, content = %self.id, "the result could not be stored yet");
                }
                outcome => return Ok(outcome?),
            }
            tokio::time::sleep(wait).await;
            wait *= 3;
        }
        Ok(self.engine.call("finish_generation", arguments).await?)
    }
}

/// Runs a job to its end, also when the client goes away in the middle: it is paid for.
///
/// # Errors
///
/// As [`Job::run`].
pub async fn complete(ctx: &Ctx, job: Box<Job>) -> Result<Content, Problem> {
    let (done, result) = tokio::sync::oneshot::channel();
    ctx.background(async move {
        // Nobody may be listening any more.
        let _ = done.send(Box::pin(job.run(false, &mut |_| {})).await);
    });
    result.await.map_err(Problem::internal)?
}

#[cfg(test)]
mod tests {
    use super::super::output::Beat;
    use super::*;

    #[test]
    fn warnings_name_what_is_off_and_stop_nothing() {
        let script = Script {
            title: "t".to_owned(),
            hook: "Smash that like button".to_owned(),
            beats: vec![Beat {
                heading: "h".to_owned(),
                spoken: "word ".repeat(150),
                visual: "v".to_owned(),
            }],
            call_to_action: "c".to_owned(),
            estimated_seconds: 62,
        };
        let voice = BrandVoice {
            phrases_to_avoid: vec!["smash that like".to_owned()],
            ..BrandVoice::default()
        };
        let codes = |seconds| -> Vec<String> {
            warnings(&Output::Script(script.clone()), &voice, seconds)
                .iter()
                .map(|warning| warning["code"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(codes(Some(60)), ["phrase_to_avoid"]);
        assert_eq!(codes(Some(600)), ["phrase_to_avoid", "length"]);
        assert_eq!(codes(None), ["phrase_to_avoid"]);
    }

    #[test]
    fn strings_are_found_at_any_depth() {
        let value = json!({"a": ["x", {"b": "y"}], "c": 1});
        assert_eq!(strings(&value), ["x", "y"]);
    }
}
