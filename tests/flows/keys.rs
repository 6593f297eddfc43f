//! Two rotations of the encryption keys while tokens are read and replaced. `ROTATED_TOKENS` makes it larger.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::sealing::{EncryptionContext, KeyRing};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::support::{Stack, tool};

fn place(channel: Uuid, owner: Uuid) -> EncryptionContext {
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

#[tokio::test]
async fn two_rotations_under_load_lose_nothing() {
    let stack = Stack::from_env();
    let count: usize =
        env::var("ROTATED_TOKENS").map_or(300, |text| text.parse().expect("a number"));
    // What the functions have now stays readable, and is what the last rotation goes back to.
    let usual = env::var("TOKEN_ENCRYPTION_KEYS").expect("the stack's keys");
    let fresh = |byte: u8| format!("test{byte}:{}", STANDARD.encode([byte; 32]));
    let (first, second) = (fresh(1), fresh(2));

    // Consents that tests with keys of their own began on this stack and left.
    stack.sql("delete from private.oauth_states");
    let owner = Uuid::new_v4();
    let channels: Arc<Vec<Uuid>> = Arc::new((0..count).map(|_| Uuid::new_v4()).collect());
    let old = ring(&[&usual]);
    let sealed = |channel: &Uuid, ring: &KeyRing, text: &str| {
        ring.seal(&place(*channel, owner), text).expect("sealed")
    };
    let rows: Vec<String> = channels
        .iter()
        .map(|channel| {
            format!(
                "('{channel}', '{}')",
                sealed(channel, &old, &format!("token of {channel}"))
            )
        })
        .collect();
    for rows in rows.chunks(400) {
        stack.sql(&format!(
            "insert into auth.users (id, email) values ('{owner}', '{owner}@example.com') on conflict do nothing;
             insert into public.users (id) values ('{owner}') on conflict do nothing;
             create temp table t (id uuid, value text); insert into t values {};
             insert into public.channels (id, youtube_channel_id, title, state, state_reason) select id, 'UC-' || id, 'Keys', 'disconnected', 'grant_revoked' from t;
             insert into private.channel_credentials (channel_id, owner_id, refresh_token) select id, '{owner}', value from t",
            rows.join(", ")
        ));
    }

    // Readers and writers, as functions that know all keys while a rotation runs.
    let all = Arc::new(ring(&[&second, &first, &usual]));
    let (stop, reads, writes) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let load = std::thread::spawn({
        let (stack, all, channels) = (Arc::clone(&stack), Arc::clone(&all), Arc::clone(&channels));
        let (stop, reads, writes) = (Arc::clone(&stop), Arc::clone(&reads), Arc::clone(&writes));
        move || {
            let mut failed = Vec::new();
            for channel in channels.iter().cycle().step_by(7) {
                if stop.load(Relaxed) {
                    break;
                }
                let found = stack.sql(&format!(
                    "select refresh_token from private.channel_credentials where channel_id = '{channel}'"
                ));
                match all.open(&place(*channel, owner), &found) {
                    Ok(text) if text.expose_secret().ends_with(&channel.to_string()) => {}
                    _ => failed.push(*channel),
                }
                reads.fetch_add(1, Relaxed);
                let new = all
                    .seal(
                        &place(*channel, owner),
                        &format!("newer token of {channel}"),
                    )
                    .expect("sealed");
                stack.sql(&format!(
                    "update private.channel_credentials set refresh_token = '{new}' where channel_id = '{channel}'"
                ));
                writes.fetch_add(1, Relaxed);
            }
            failed
        }
    });

    let said = [
        rotate(&[&first, &usual, &second]),
        rotate(&[&second, &first, &usual]),
    ];
    stop.store(true, Relaxed);
    let failed = load.join().expect("the load ends");
    assert!(failed.is_empty(), "{failed:?} did not open");
    println!(
        "{count} tokens, {} reads and {} writes meanwhile: {} / {}",
        reads.load(Relaxed),
        writes.load(Relaxed),
        said[0].1.trim(),
        said[1].1.trim()
    );
    assert!(said[1].0, "{said:?}");

    // With the newest key alone, every token opens.
    let newest = ring(&[&second]);
    let found = stack.sql(&format!(
        "select channel_id, refresh_token from private.channel_credentials where owner_id = '{owner}'"
    ));
    let opened = found.lines().filter(|line| {
        let (channel, value) = line.split_once('|').expect("two fields");
        let channel: Uuid = channel.parse().expect("an id");
        newest
            .open(&place(channel, owner), value)
            .is_ok_and(|text| text.expose_secret().ends_with(&channel.to_string()))
    });
    assert_eq!(opened.count(), count);

    // A value that opens nowhere is named, and the command does not say that all is well.
    stack.sql(&format!(
        "update private.channel_credentials set refresh_token = 'v1.gone.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA' where channel_id = '{}'",
        channels[0]
    ));
    let (well, said) = rotate(&[&usual, &second]);
    assert!(
        !well && said.contains(&channels[0].to_string()) && said.contains("1 left"),
        "{said}"
    );
    stack.sql(&format!(
        "delete from public.channels c using private.channel_credentials k where k.channel_id = c.id and k.owner_id = '{owner}'"
    ));
}
