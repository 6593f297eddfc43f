//! Two rotations of the encryption keys while tokens are read and replaced. `ROTATED_TOKENS` makes it larger.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::sealing::{EncryptionContext, KeyRing};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::support::{OnDrop, Stack, tool};

fn context(channel: Uuid, owner: Uuid) -> EncryptionContext {
    EncryptionContext {
        table: "private.channel_credentials",
        column: "refresh_token",
        row: channel,
        owner,
    }
}

fn ring(keys: &[&str]) -> KeyRing {
    KeyRing::parse(&keys.join(",").into()).expect("keys")
}

/// `catalyst keys rotate`, as the operator runs it.
fn rotate(keys: &[&str]) -> (bool, String) {
    let keys = keys.join(",");
    tool(&["keys", "rotate"], &[("TOKEN_ENCRYPTION_KEYS", &keys)])
}

/// A key of this test alone.
fn fresh_key(byte: u8) -> String {
    format!("test{byte}:{}", STANDARD.encode([byte; 32]))
}

/// The stack's own keys: what the functions have stays readable.
fn usual_keys() -> String {
    env::var("TOKEN_ENCRYPTION_KEYS").expect("the stack's keys")
}

/// Seeded channels with a sealed token each, of one owner. They go when the test ends.
struct SeededTokens {
    stack: Arc<Stack>,
    owner: Uuid,
    channels: Vec<Uuid>,
    _channels: OnDrop,
}

impl SeededTokens {
    fn new(count: usize) -> Self {
        let stack = Stack::from_env();
        // Consents that tests with keys of their own began on this stack and left.
        stack.sql("delete from private.oauth_states");
        let owner = stack.seeded_user();
        let channels: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
        let keys = ring(&[&usual_keys()]);
        let guard = stack.sql_on_drop(format!(
            "delete from public.channels c using private.channel_credentials k where k.channel_id = c.id and k.owner_id = '{owner}'"
        ));
        let rows: Vec<String> = channels
            .iter()
            .map(|channel| {
                let sealed = keys.seal(&context(*channel, owner), &format!("token of {channel}"));
                format!("('{channel}', '{}')", sealed.expect("sealed"))
            })
            .collect();
        for rows in rows.chunks(400) {
            stack.sql(&format!(
                "create temp table t (id uuid, value text); insert into t values {};
                 insert into public.channels (id, youtube_channel_id, title, state, state_reason)
                   select id, 'UC-' || id, 'Keys', 'disconnected', 'grant_revoked' from t;
                 insert into public.channel_members (channel_id, user_id, role) select id, '{owner}', 'owner' from t;
                 insert into private.channel_credentials (channel_id, owner_id, refresh_token) select id, '{owner}', value from t",
                rows.join(", ")
            ));
        }
        Self {
            stack,
            owner,
            channels,
            _channels: guard,
        }
    }

    /// How many tokens open with these keys, and are of their channel.
    fn opened_by(&self, keys: &KeyRing) -> usize {
        let rows = self.stack.sql(&format!(
            "select channel_id, refresh_token from private.channel_credentials where owner_id = '{}'",
            self.owner
        ));
        let opens = |line: &&str| {
            let (channel, value) = line.split_once('|').expect("two fields");
            let channel: Uuid = channel.parse().expect("an id");
            keys.open(&context(channel, self.owner), value)
                .is_ok_and(|text| text.expose_secret().ends_with(&channel.to_string()))
        };
        rows.lines().filter(opens).count()
    }
}

/// Readers and writers, as functions that know all keys while a rotation runs. They end when this is dropped.
struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    failures: Option<JoinHandle<Vec<Uuid>>>,
}

impl Load {
    fn start(tokens: &SeededTokens, keys: KeyRing) -> Self {
        let (stop, done) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (stack, owner) = (Arc::clone(&tokens.stack), tokens.owner);
        let channels = tokens.channels.clone();
        let failures = thread::spawn({
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            move || {
                let mut failed = Vec::new();
                for channel in channels.iter().cycle().step_by(7) {
                    if stop.load(Relaxed) {
                        break;
                    }
                    let context = context(*channel, owner);
                    let found = stack.sql(&format!(
                        "select refresh_token from private.channel_credentials where channel_id = '{channel}'"
                    ));
                    match keys.open(&context, &found) {
                        Ok(text) if text.expose_secret().ends_with(&channel.to_string()) => {}
                        _ => failed.push(*channel),
                    }
                    let newer = keys.seal(&context, &format!("newer token of {channel}"));
                    stack.sql(&format!(
                        "update private.channel_credentials set refresh_token = '{}' where channel_id = '{channel}'",
                        newer.expect("sealed")
                    ));
                    done.fetch_add(1, Relaxed);
                }
                failed
            }
        });
        Self {
            stop,
            done,
            failures: Some(failures),
        }
    }

    /// Ends it: what did not open, and how many tokens were read and replaced.
    fn end(mut self) -> (Vec<Uuid>, usize) {
        self.stop.store(true, Relaxed);
        let failures = self.failures.take().expect("a thread");
        let failures = failures.join().expect("the load ends");
        (failures, self.done.load(Relaxed))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(failures) = self.failures.take() {
            let _ = failures.join();
        }
    }
}

#[tokio::test]
async fn two_rotations_under_load_lose_nothing() {
    let count: usize =
        env::var("ROTATED_TOKENS").map_or(300, |text| text.parse().expect("a number"));
    let tokens = SeededTokens::new(count);
    let (usual, first, second) = (usual_keys(), fresh_key(1), fresh_key(2));
    // What the functions have is what the tokens of the stack go back to.
    let all = [usual.clone(), second.clone(), first.clone()];
    let _back = OnDrop::new(move || match rotate(&all.each_ref().map(String::as_str)) {
        (true, _) => Ok(()),
        (false, said) => Err(said),
    });
    let load = Load::start(&tokens, ring(&[&second, &first, &usual]));
    let said = [
        rotate(&[&first, &usual, &second]),
        rotate(&[&second, &first, &usual]),
    ];
    let (failures, replaced) = load.end();
    assert!(failures.is_empty(), "{failures:?} did not open");
    println!(
        "{count} tokens, {replaced} read and replaced meanwhile: {} / {}",
        said[0].1.trim(),
        said[1].1.trim()
    );
    assert!(said[1].0, "{said:?}");
    assert_eq!(
        tokens.opened_by(&ring(&[&second])),
        count,
        "with the newest key alone"
    );
}

#[tokio::test]
async fn a_token_that_opens_with_no_key_is_named_by_the_rotation() {
    let tokens = SeededTokens::new(2);
    let broken = tokens.channels[0];
    tokens.stack.sql(&format!(
        "update private.channel_credentials set refresh_token = 'v1.gone.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA' where channel_id = '{broken}'"
    ));
    let (well, said) = rotate(&[&usual_keys(), &fresh_key(2)]);
    assert!(
        !well && said.contains(&broken.to_string()) && said.contains("1 left"),
        "{said}"
    );
}
