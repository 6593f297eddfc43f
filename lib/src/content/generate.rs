//! Beginning a generation: everything that can be refused is refused before money is reserved, and money is reserved
//! before the model is called.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::job::Job;
use super::material::{Channel, Material, Rewrite};
use super::request::{ContentKind, GenerateBody, GenerateRequest};
use super::respond::{Begun, outcome};
use super::source::{self, Source};
use super::{
    billing::ceiling, brief::Brief, inspiration, list::settled, prompt, row::Content,
    topics::check_request,
};
use clients::gemini::{Gemini, Micros, Prompt, Settings};
use platform::endpoint::{Kind, Problem};
use platform::{clock, field_errors::invalid, ids::ContentId, outbound};

/// The part of the request's time that storing the result may take.
const TIME_TO_STORE: Duration = Duration::from_secs(6);

/// What the content is written from, with the rows it came from.
struct Gathered {
    material: Material,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Reserved {
    id: ContentId,
    #[serde(default)]
    replayed: bool,
}

/// Checks the request, gathers what the model is shown, reserves the money and makes the row.
///
/// # Errors
///
/// [`Kind::InvalidBody`] with the field, [`Kind::BannedTopic`], [`Kind::NotFound`], [`Kind::RoleTooLow`],
/// [`Kind::BudgetExhausted`], [`Kind::GenerationLimitReached`], [`Kind::NotConfigured`] without a key of the model's service.
pub async fn begin(request: GenerateRequest<'_>) -> Result<Begun, Problem> {
    quote(request).await?.begin().await
}

/// A generation that could begin, with the most that it can cost. Nothing is reserved yet.
pub struct Quote<'a> {
    request: GenerateRequest<'a>,
    settings: &'static Settings,
    gemini: Gemini,
    gathered: Gathered,
    prompt: Prompt,
    most: Micros,
}

/// Checks the request, and gathers what the model is shown.
///
/// # Errors
///
/// As [`begin`], but for what the budgets say.
pub async fn quote(request: GenerateRequest<'_>) -> Result<Quote<'_>, Problem> {
    let Some(settings) = &request.config.gemini else {
        return Err(Problem::new(Kind::NotConfigured)
            .detail("This deployment has no key for the model's service. Its operator has to set GEMINI_API_KEY."));
    };
    let gemini = Gemini::new(outbound::transport().clone(), settings, clock::now);
    let gathered = gather(&request).await?;
    let body = &request.body;
    let seed = body.seed.unwrap_or_else(|| fastrand::i32(0..i32::MAX));
    let prompt = prompt::prompt(&gathered.material, gemini.model(), seed);
    let most = ceiling(&settings.prices, gemini.model(), &prompt, clock::now());
    Ok(Quote {
        request,
        settings,
        gemini,
        gathered,
        prompt,
        most,
    })
}

impl Quote<'_> {
    /// The most that it can cost.
    pub fn most(&self) -> Micros {
        self.most
    }

    /// Reserves the money and makes the row.
    ///
    /// # Errors
    ///
    /// [`Kind::RoleTooLow`], [`Kind::BudgetExhausted`], [`Kind::QuotaExhausted`] at the channel's daily ceiling.
    pub async fn begin(self) -> Result<Begun, Problem> {
        let reserved = self.reserve().await?;
        let request = self.request;
        if reserved.replayed {
            let content = settled(&request.db, &request.engine, reserved.id).await?;
            return outcome(content).map(|content| Begun::Replayed(Box::new(content)));
        }
        let deadline = request.deadline.checked_sub(TIME_TO_STORE);
        let deadline = deadline.unwrap_or_else(Instant::now);
        Ok(Begun::New(Box::new(Job {
            id: reserved.id,
            engine: request.engine,
            gemini: self.gemini,
            prices: &self.settings.prices,
            prompt: self.prompt,
            material: self.gathered.material,
            streaming: false,
            deadline,
        })))
    }

    /// Makes the row and reserves the most that it can cost.
    async fn reserve(&self) -> Result<Reserved, Problem> {
        let (request, material) = (&self.request, &self.gathered.material);
        let (body, source) = (&request.body, self.gathered.source.as_ref());
        let generation = json!({
            "channel_id": body.channel_id,
            "kind": material.kind,
            "brief": material.brief,
            "parent_id": body.regenerate,
            "part": body.part,
            "source_id": source.map(|source| source.content.id),
            "source_item": source.and_then(|source| source.item),
            "inspired_by": material.inspirations,
            "voice_version": material.channel.brand_voice_version,
            "prompt_version": prompt::VERSION,
            "seed": self.prompt.seed,
            "model_asked": self.gemini.model(),
            "price_version": self.settings.prices.version,
            "reserve_micros": self.most,
        });
        let arguments = json!({
            "p_user": request.user, "p_idempotency": request.idempotency, "p_generation": generation,
        });
        let engine = &request.engine;
        Ok(engine.call("reserve_generation", &arguments).await?)
    }
}

/// Reads and checks everything that the content is written from.
async fn gather(request: &GenerateRequest<'_>) -> Result<Gathered, Problem> {
    let (db, kind, body) = (&request.db, request.kind, &request.body);
    let (channel, parent) = futures_util::try_join!(
        async { Ok(Channel::read(db, body.channel_id).await?) },
        source::parent(db, kind, body)
    )?;
    let source = source::source(db, kind, body, parent.as_ref()).await?;
    let mut brief = brief(body, parent.as_ref(), source.as_ref());
    brief.check(kind)?;
    check_subject(kind, &brief, source.as_ref())?;
    let shown = source.as_ref().map(|source| &source.shown);
    check_request(&channel.topics(), &brief, shown)?;

    let (inspirations, form) = inspiration::choose(db, body.channel_id, brief.form).await?;
    // What works on the channel has this form, and nothing was said against it.
    brief.form = brief.form.or(form);
    let whole = parent.and_then(|parent| parent.output);
    let rewrite = body.part.clone().zip(whole);
    let rewrite = rewrite.map(|(part, whole)| Rewrite { part, whole });
    let material = Material {
        kind,
        brief,
        channel,
        inspirations,
        source: shown.cloned(),
        script: source.as_ref().and_then(Source::script),
        rewrite,
    };
    Ok(Gathered { material, source })
}

/// What the body says, and where it says nothing the brief of the content that is written anew, or of the source.
fn brief(body: &GenerateBody, parent: Option<&Content>, source: Option<&Source>) -> Brief {
    let earlier = parent.or(source.map(|source| &source.content));
    let earlier: Option<Brief> =
        earlier.map(|content| serde_json::from_value(content.brief.clone()).unwrap_or_default());
    let mut brief = Brief::of(body, earlier.as_ref());
    if parent.is_none() {
        // How many ideas there were says nothing about titles.
        brief.count = body.count;
    }
    brief
}

/// Checks that something says what the video is about.
fn check_subject(kind: ContentKind, brief: &Brief, source: Option<&Source>) -> Result<(), Problem> {
    match kind {
        ContentKind::Description if source.is_none() => Err(invalid(
            "/source_id",
            "must be the script that is described",
        )),
        ContentKind::Titles | ContentKind::Script if source.is_none() && brief.topic.is_none() => {
            let rule = "must say what the video is about, unless source_id does";
            Err(invalid("/topic", rule))
        }
        _ => Ok(()),
    }
}
