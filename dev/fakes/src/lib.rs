//! Stateful stand-ins of the services outside: Google's consent and tokens, YouTube (Data, upload, Analytics, Reporting),
//! Gemini, RevID and a Slack webhook. They keep what is done to them, so that a test can count videos, sessions, charges and
//! calls instead of believing the product's own database.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use fakes::{Fakes, FakesOptions};
//! let fakes = Fakes::start(FakesOptions { seed: 7, ..FakesOptions::default() }).await?;
//! println!("consent at {}/o/oauth2/v2/auth", fakes.urls().google);
//! fakes.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! All servers share one world, one [`Clock`] and one seed. State is keyed by account, channel, session and render, so tests
//! may run in parallel on one set of servers as long as each makes an account of its own and narrows its faults.
//!
//! # `GET /_state`: what the world outside holds
//!
//! | server | holds |
//! | --- | --- |
//! | google | `accounts` (channel, `granted_scopes`, live and issued refresh tokens, `refreshes`, `code_exchanges`), `refreshes`, `refused_refreshes`, `code_exchanges`, `revocations` |
//! | youtube | `videos_created` (id, account, `channel_id`, title, `marker`, `file_name`, `bytes`, `sha256`, `privacy`, `publish_at`, `scheduled_for`, `public_at`, `upload_status`, `processing_status`, `thumbnail_bytes`, `deleted`, …), `sessions` (total, received, `open`/`completed`/`failed`/`expired`, chunks, status queries; never the URI), `quota` (project, Pacific day, bucket, used), `violations` (what a correct client never does), `channels`; narrowed by `?account=` or `?channel=` |
//! | gemini | `calls`, `answered`, `by_model`, `tokens`, `violations` (a key in a query) |
//! | revid | `renders` (pid, request, status, credits, polls, downloads, webhook), `renders_charged`, `credits_charged`, `estimates`, `dangerous_calls`, `webhooks` sent; renders narrowed by `?contains=<text in the request>` |
//! | slack | `messages`, `count` |
//!
//! # `/_control`: at every server
//!
//! | call | does |
//! | --- | --- |
//! | `GET /_control/calls` | the calls made: method, path, query without secrets, `operation`, account, channel, status (none when cut), fault. Narrowed by `?operation=`, `account=`, `channel=`, `since=<n>`. `DELETE` forgets them |
//! | `POST /_control/faults` | arms a [`Fault`], or a list of them; answers `{"id"}` or `{"ids"}` with 201. `GET` lists them with how often each matched and hit; `DELETE` disarms all, or `?id=`, or `?account=` |
//! | `POST /_control/clock` | `{"advance_seconds": n}` or `{"offset_seconds": n}`; the clock is shared, so tell one server only. `GET` tells the time. [`FakesOptions::clock`] can be moved from inside too; its offset is the owner's and is not kept in the state folder |
//! | `POST /_control/knobs` | sets knobs (below); with `"account"` (google, youtube) or `"body_contains"` (gemini, revid) only for those calls. `DELETE` sets them back, all or those of `?account=` or `?body_contains=` |
//!
//! A **fault** matches by `operation`, `method`, `path` (with `*`), `account`, `channel`, `body_contains` (all that are given),
//! strikes at the `nth` matching call (1), `times` times (1; 0 for ever), by `chance` with a `seed`, and then waits `delay_ms`
//! and answers `status`, `body`, `headers`, or a named `error`, or cuts the connection (`"cut": true`): `"when": "before"` the
//! call has its effect, or `"after"` it; the delay goes the same way. A fault with only `delay_ms` slows the call down. `after_bytes` (uploads) reads so many
//! bytes of a chunk, keeps whole blocks of 256 KiB and then fails or cuts. `answer` asks the stand-in for another answer.
//!
//! Operations: `consent token revoke discovery` · `channels.list playlistItems.list videos.list videos.batchGetStats
//! videoCategories.list search.list videos.update videos.delete thumbnails.set upload.start` (also `videos.insert`)
//! `upload.chunk upload.final upload.status reports.query reporting` · `generateContent streamGenerateContent countTokens
//! models.list models.get` · `render.submit render.status render.reference credits.estimate projects.list projects.rename
//! file.download thumbnail.download dangerous` · `message`. `upload.*` names all that begin so; the last chunk is both
//! `upload.chunk` and `upload.final`.
//!
//! Named errors, with the services' own bodies:
//!
//! * google: `invalid_grant invalid_rapt invalid_client internal_failure unavailable`
//! * youtube: `authError insufficientPermissions forbidden youtubeSignupRequired quotaExceeded queriesPerDay uploadsPerDay
//!   searchPerDay perMinute userRateLimitExceeded rateLimitExceeded dailyLimitExceeded uploadLimitExceeded
//!   uploadRateLimitExceeded authenticatedUserAccountSuspended authenticatedUserAccountClosed playlistItemsNotAccessible
//!   playlistNotFound videoNotFound invalidPageToken forbiddenPrivacySetting invalidImage notSupported internalError
//!   backendError html502`
//! * gemini: `badKey unregistered suspended serviceDisabled notFound failedPrecondition tooManyStates perMinute perDay longDelay
//!   noDetails limitZero retryInText cancelled internal html502 overloaded deadline arrayWrapped`
//! * revid: `invalidKey insufficientCredits planLocked cloudflare busy schema rateLimited internal html502`
//!
//! # Accounts (google, and youtube too)
//!
//! `POST /_control/accounts {"account": "ada", "channel": {"id"?, "title"?, "country"?, "time_zone"?, "subscribers"?, "catalog":
//! "<csv>" | "generated": {"videos": 120, "seed": 7} | "rows": [{"title", "published_at", "views", "likes", "comments"}]},
//! "scopes_granted"?: [..], "refuses"?: bool, "no_channel"?: bool}` makes an account, or makes it anew. The account `creator` is
//! there from the start. `POST` or `PATCH /_control/accounts/ada {"refuses"?, "scopes_granted"?, "revoke"?: true,
//! "expire_access_tokens"?: true, "channel"?: "UC…"}` changes it, `DELETE` removes it. `POST /_control/clients {"client_id",
//! "client_secret"?, "redirect_uris"?}` registers an OAuth client: from then on others are refused. The consent page answers at
//! once for the account named by `login_hint`; without one, or with an unknown e-mail address, for `creator`.
//!
//! # Knobs
//!
//! **google**: `access_token_seconds` 3599 · `refresh_token_seconds` (none; 604800 as in "Testing") · `scope_in_redirect` ·
//! `enforce_pkce` true · `rotate_refresh_token` · `expires_in_as_text`.
//!
//! **youtube**: `quota_units` 10000, `quota_uploads` 100, `quota_batch_stats` 10000, `quota_search` 100 · `own_quota` (this account
//! counts as a project of its own) · `queries_per_minute` · `exhausted_units_status` 403 or 429 · `failed_starts_are_charged` true ·
//! `final_status` 201 or 200 · `new_location_on_308` · `session_seconds` 604800 · `forget_completed_sessions` (404 after
//! completion) · `session_gone_status` 404 or 410 · `misaligned_status` 400 · `gap_status` 503 · `visibility_delay_seconds` ·
//! `processing_polls` 2, `processing_seconds` 600 (whichever comes first) · `processing_outcome` `succeeded`, `stuck`,
//! `failed:<reason>`, `rejected:<reason>` · `unprocessed_duration` (none, `P0D`, `PT0S`) · `channel_upload_limit` (per 24 h) ·
//! `thumbnails` `allowed`, `forbidden`, `throttled` · `long_uploads_status` · `short_pages` · `refuse_large_pages` ·
//! `uploads_playlist_missing` · `omit_some_stats` · `file_details` true · `slug_sets_file_name` true · `publish_at_is_ignored` ·
//! `analytics_delay_days` 3 · `reach_ctr_in_percent`. Fault answer: `"308"` at `upload.final` (all bytes stored, yet 308).
//! `POST /_control/sessions/expire[?account=]` expires open sessions; `POST /_control/videos {"id", "title"?, "privacy"?, "views"?,
//! "likes"?, "comments"?, "delete"?}` is the creator at work in Studio; `DELETE /_control/quota` empties the ledger.
//!
//! **gemini**: `api_key` (any that is not empty and does not begin with `wrong`) · `models_page_size` 50 · `chunk_chars` 60 ·
//! `header_delay_ms` · `chunk_delay_ms` · `thoughts` (tokens spent thinking) · `html_404` true. `GET /_control/requests[?body_contains=]`
//! gives the bodies and headers received, without keys. Fault answers, as text or `{"kind": …}`: `prompt_blocked` and
//! `output_blocked` (`reason`), `prompt_feedback`, `max_tokens`, `max_tokens_empty`, `empty`, `no_candidates`, `finish_reason`
//! (`reason`), `no_finish_reason`, `breaks_schema`, `fenced`, `invalid_json`, `no_usage`, `zero_omission`, `multi_part`; for streams
//! `crlf`, `split_utf8`, `u2028`, `comment`, `closed_early`, `cut_mid_stream`, `error_event`, `bare_error`, `safety_last`; any with
//! `chunk_delay_ms`. `{"json": …}` and `{"text": …}` give the words themselves.
//!
//! **revid** (kept by a render from its submission): `api_key` · `auth_error_status` 401 or 200 · `dialect` `observed`, `documented` · `id_style`
//! `plain`, `prefixed` · `polls_per_state` 1 (0: time only), `ready_after_seconds` 180 (shared clock), `ready_after_real_ms` · `outcome`
//! `ready`, `stuck`, `failed:<text>`, `error:<text>`, `FAILED:<text>` · `ready_without_url_polls` · `unknown_status` ·
//! `not_found_polls` · `webhook` `normal`, `twice`, `before_answer`, `never`, `foreign_pid`, `evil_url`, `empty`, `not_json`, `huge`, `failed` ·
//! `webhook_tries` 1 · `file` `mp4`, `no_length`, `no_range`, `html`, `expired` · `file_bytes` 1500000 · `file_life_seconds` · `duration_seconds` 38 ·
//! `credits` 10 · `estimate` · `estimate_dialect` `creditsEstimate`, `credits`, `garbage` · `balance`, `insufficient` `402`, `403`, `text`.
//! `POST /_control/webhooks {"pid"}` sends a render's webhook once more.
//!
//! **slack**: `DELETE /_control/messages`.

mod catalog;
mod clock;
mod gemini;
mod google;
pub mod hosting;
mod loopback;
mod revid;
#[cfg(feature = "s3")]
pub mod s3;
mod server;
mod slack;
mod world;
mod youtube;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::JoinHandle};

pub use catalog::{CatalogError, CatalogRow, generate_catalog, read_catalog, write_catalog};
pub use clock::Clock;
pub use server::{Fault, Service, When};
use world::World;

/// The port of each server; none or 0 for any free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// Consent, tokens and revocation.
    pub google: Option<u16>,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: Option<u16>,
    /// The Generative Language API.
    pub gemini: Option<u16>,
    /// RevID and its download host.
    pub revid: Option<u16>,
    /// The webhook sink.
    pub slack: Option<u16>,
}

impl Ports {
    /// The ports of the local stack: 54331 to 54335.
    pub const LOCAL_STACK: Self = Self {
        google: Some(54331),
        youtube: Some(54332),
        gemini: Some(54333),
        revid: Some(54334),
        slack: Some(54335),
    };

    fn of(self, service: Service) -> u16 {
        let port = match service {
            Service::Google => self.google,
            Service::Youtube => self.youtube,
            Service::Gemini => self.gemini,
            Service::Revid => self.revid,
            Service::Slack => self.slack,
        };
        port.unwrap_or(0)
    }
}

/// How to start the stand-ins.
#[derive(Clone, Debug, Default)]
pub struct FakesOptions {
    /// Where to listen.
    pub ports: Ports,
    /// The clock that all of them go by.
    pub clock: Clock,
    /// The catalogue of the default account's channel; a made-up one without it.
    pub catalog: Option<PathBuf>,
    /// What everything made up is made from.
    pub seed: u64,
    /// Where to keep the world between two runs; nowhere without it.
    pub state_dir: Option<PathBuf>,
}

/// Where the servers listen: `http://127.0.0.1:<port>`, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// Consent, tokens and revocation.
    pub google: String,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: String,
    /// The Generative Language API.
    pub gemini: String,
    /// RevID and its download host.
    pub revid: String,
    /// The webhook sink.
    pub slack: String,
}

/// Why the stand-ins did not start.
#[derive(Debug, thiserror::Error)]
pub enum FakesError {
    /// A port is taken or may not be used.
    #[error("{service:?} could not listen on port {port}: {source}")]
    Listen {
        /// The server.
        service: Service,
        /// Its port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The default account's channel could not be made.
    #[error("the default account could not be made: {0}")]
    Account(String),
}

/// The running stand-ins. Dropping them stops them.
pub struct Fakes {
    world: Arc<World>,
    tasks: Vec<JoinHandle<()>>,
}

impl Fakes {
    /// Starts all servers on the loopback interface and makes the account `creator`.
    ///
    /// # Errors
    /// When a port cannot be used or the catalogue cannot be read.
    pub async fn start(options: FakesOptions) -> Result<Self, FakesError> {
        let state_file = options
            .state_dir
            .as_ref()
            .map(|folder| folder.join("fakes.json"));
        let world = Arc::new(World::new(options.clock, options.seed, state_file));
        let mut listeners = Vec::new();
        for service in Service::ALL {
            let port = options.ports.of(service);
            let bound = TcpListener::bind(("127.0.0.1", port)).await;
            listeners.push((
                service,
                bound.map_err(|source| FakesError::Listen {
                    service,
                    port,
                    source,
                })?,
            ));
        }
        let url = |wanted: Service| {
            let listener = listeners
                .iter()
                .find(|(service, _)| *service == wanted)
                .map(|(_, listener)| listener);
            let port = listener
                .and_then(|listener| listener.local_addr().ok())
                .map_or(0, |address| address.port());
            format!("http://127.0.0.1:{port}")
        };
        let urls = Urls {
            google: url(Service::Google),
            youtube: url(Service::Youtube),
            gemini: url(Service::Gemini),
            revid: url(Service::Revid),
            slack: url(Service::Slack),
        };
        let _ = world.urls.set(urls);
        let catalog = options
            .catalog
            .as_ref()
            .map(|path| path.display().to_string());
        let known = server::lock(&world.google)
            .accounts
            .contains_key(google::DEFAULT_ACCOUNT)
            && (catalog.is_none()
                || youtube::catalog_of(&world, google::DEFAULT_ACCOUNT) == catalog);
        if !known {
            let channel = youtube::NewChannel {
                catalog: options.catalog,
                ..youtube::NewChannel::default()
            };
            let account = google::NewAccount {
                account: google::DEFAULT_ACCOUNT.to_owned(),
                channel,
                scopes_granted: None,
                no_channel: false,
                refuses: false,
            };
            google::create_account(&world, account).map_err(FakesError::Account)?;
            world.touch();
        }
        let mut tasks: Vec<JoinHandle<()>> = listeners
            .into_iter()
            .map(|(service, listener)| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    if let Err(error) = server::serve(world, service, listener).await {
                        tracing::error!(?service, %error, "a stand-in stopped");
                    }
                })
            })
            .collect();
        let ticking = Arc::clone(&world);
        tasks.push(tokio::spawn(async move {
            let mut n = 0_u32;
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                revid::tick(&ticking);
                n = n.wrapping_add(1);
                if n.is_multiple_of(100) {
                    let world = Arc::clone(&ticking);
                    let _ = tokio::task::spawn_blocking(move || save(&world)).await;
                }
            }
        }));
        Ok(Self { world, tasks })
    }

    /// Where the servers listen.
    #[must_use]
    pub fn urls(&self) -> Urls {
        self.world.urls()
    }

    /// The clock that all servers go by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.world.clock.clone()
    }

    /// Arms a fault at one of the servers and returns its id.
    pub fn arm(&self, service: Service, fault: Fault) -> u64 {
        server::lock(&self.world.desk(service).faults).arm(fault)
    }

    /// Stops all servers and keeps the world, where there is a place for it.
    ///
    /// # Errors
    /// When the world cannot be written.
    pub async fn shutdown(mut self) -> io::Result<()> {
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await;
        }
        self.world.save()
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn save(world: &World) {
    if let Err(error) = world.save() {
        tracing::warn!(%error, "the stand-ins' world could not be kept");
    }
}

/// A client for plain HTTP that follows no redirects: what webhooks are sent with, and of use to tests of the stand-ins.
///
/// # Errors
/// When the client cannot be made.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .gzip(false);
    match rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
    {
        Ok(config) => builder
            .tls_backend_preconfigured(
                config
                    .with_root_certificates(rustls::RootCertStore::empty())
                    .with_no_client_auth(),
            )
            .build(),
        Err(_) => builder.build(),
    }
}
