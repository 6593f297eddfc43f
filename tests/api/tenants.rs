//! Who gets what from the Data API, with real tokens: every relation and function that the catalogue lists, every verb,
//! every kind of caller. `supabase/tests/60_tenants_test.sql` asks the same inside the database, and weakens each guard.

use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::{Answer, Stack, TokenSigner, plain_client};

/// Whose rows a relation's rows are.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    /// Of everybody on the channel.
    Members,
    /// Of one user.
    Own,
}

/// What is meant: the relation, the column that says whose its rows are, and how many the first tenant has.
const MATRIX: &[(&str, &str, Rows, usize)] = &[
    ("agents", "user_id", Rows::Own, 1),
    ("brand_voices", "channel_id", Rows::Members, 1),
    ("channel_members", "channel_id", Rows::Members, 3),
    ("channels", "id", Rows::Members, 1),
    ("generated_content", "channel_id", Rows::Members, 1),
    ("performance_scores", "channel_id", Rows::Members, 1),
    ("renders", "channel_id", Rows::Members, 1),
    ("scheduled_uploads", "channel_id", Rows::Members, 1),
    ("scored_videos", "channel_id", Rows::Members, 1),
    ("system_logs", "user_id", Rows::Own, 1),
    ("usage_counters", "user_id", Rows::Own, 1),
    ("users", "id", Rows::Own, 1),
    ("video_snapshots", "channel_id", Rows::Members, 1),
    ("videos", "channel_id", Rows::Members, 1),
    ("webhook_deliveries", "user_id", Rows::Own, 1),
    ("webhook_endpoints", "user_id", Rows::Own, 1),
];

struct Caller {
    name: &'static str,
    key: String,
    token: Option<String>,
}

impl Caller {
    fn sends(&self, request: RequestBuilder, schema: &str) -> RequestBuilder {
        let request = request
            .header("apikey", &self.key)
            .header("accept-profile", schema)
            .header("content-profile", schema);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// Seven callers, and the seed's rows in the database under ids of their own.
fn seeded_tenants(stack: &Stack) -> (Vec<Caller>, Uuid, Uuid) {
    let mut seed = include_str!("../../supabase/tests/tenants.seed").to_owned();
    let ids: Vec<Uuid> = [
        "e001", "e002", "e003", "e004", "ec01", "ec02", "ed01", "ee01", "ef01", "e101",
    ]
    .into_iter()
    .map(|end| {
        let id = Uuid::new_v4();
        seed = seed.replace(
            &format!("00000000-0000-4000-8000-00000000{end}"),
            &id.to_string(),
        );
        id
    })
    .collect();
    let people: Vec<_> = ids[..4]
        .iter()
        .map(|id| format!("('{id}', '{id}@example.com')"))
        .collect();
    stack.sql(&format!(
        "insert into auth.users (id, email) values {}; {seed}",
        people.join(", ")
    ));

    let signer = TokenSigner::of(stack);
    let user = |name, id| Caller {
        name,
        key: stack.publishable_key.clone(),
        token: Some(signer.token(id)),
    };
    let mut late = signer.claims(ids[0]);
    late["exp"] = json!(Timestamp::now().as_second() - 120);
    let callers = vec![
        Caller {
            name: "anon",
            key: stack.publishable_key.clone(),
            token: None,
        },
        user("owner", ids[0]),
        user("editor", ids[1]),
        user("viewer", ids[2]),
        user("stranger", ids[3]),
        Caller {
            name: "expired",
            key: stack.publishable_key.clone(),
            token: Some(signer.sign(&signer.header(), &late)),
        },
        Caller {
            name: "service",
            key: stack.secret_key.clone(),
            token: None,
        },
    ];
    (callers, ids[0], ids[4])
}

/// Attempts that did not end as they are meant to.
#[derive(Default)]
struct Surprises {
    tried: usize,
    found: Vec<String>,
}

impl Surprises {
    /// Notes an attempt that had to be refused, and was not.
    fn expect_refusal(&mut self, answer: &Answer, attempt: impl Fn() -> String) {
        self.tried += 1;
        if !(400..500).contains(&answer.status) {
            self.found.push(format!("{}: {answer}", attempt()));
        }
    }

    fn expect_none(self) {
        let (count, tried) = (self.found.len(), self.tried);
        assert_eq!(count, 0, "of {tried}:\n{}", self.found.join("\n"));
        println!("{tried} attempts, 0 surprises");
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

#[tokio::test]
async fn every_caller_gets_from_every_table_what_is_meant_and_no_more() {
    let stack = Stack::from_env();
    let (callers, owner, channel) = seeded_tenants(&stack);
    let (http, base) = (plain_client(), format!("{}/rest/v1", stack.supabase_url));

    let listed = stack.sql(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') order by 1",
    );
    let meant: Vec<_> = MATRIX.iter().map(|(relation, ..)| *relation).collect();
    assert_eq!(
        lines(&listed),
        meant,
        "every relation of public has a row in the matrix"
    );

    let mut surprises = Surprises::default();
    for (relation, column, rows, count) in MATRIX {
        let id = if *rows == Rows::Own { owner } else { channel };
        let address = format!("{base}/{relation}?{column}=eq.{id}");
        let state = || {
            stack.sql(&format!(
                "select count(*), md5(string_agg(t::text, ',' order by t::text)) from public.{relation} t where {column} = '{id}'"
            ))
        };
        let before = state();
        for caller in &callers {
            surprises.tried += 1;
            let read = Answer::of(caller.sends(http.get(&address), "public")).await;
            let sees = match (caller.name, rows) {
                ("owner", _) | ("editor" | "viewer", Rows::Members) => Some(*count),
                ("editor" | "viewer" | "stranger", _) => Some(0),
                _ => None,
            };
            let got = (read.status == 200)
                .then(|| read.json.as_array().map(Vec::len))
                .flatten();
            if got != sees || (sees.is_none() && !matches!(read.status, 401 | 403)) {
                surprises
                    .found
                    .push(format!("{} reads {relation}: {read}", caller.name));
            }
            let body = json!({ *column: id });
            for (method, address) in [
                (Method::POST, format!("{base}/{relation}")),
                (Method::PATCH, address.clone()),
                (Method::DELETE, address.clone()),
            ] {
                let request = http
                    .request(method.clone(), address)
                    .header("prefer", "return=representation");
                let request = if method == Method::DELETE {
                    request
                } else {
                    request.json(&body)
                };
                let answer = Answer::of(caller.sends(request, "public")).await;
                surprises.expect_refusal(&answer, || {
                    format!("{} does {method} {relation}", caller.name)
                });
            }
        }
        if state() != before {
            surprises.found.push(format!("{relation} was changed"));
        }
    }
    surprises.expect_none();
}

#[tokio::test]
async fn nobody_but_the_functions_reaches_what_is_not_public() {
    let stack = Stack::from_env();
    let (callers, ..) = seeded_tenants(&stack);
    let (http, base) = (plain_client(), format!("{}/rest/v1", stack.supabase_url));
    let mut surprises = Surprises::default();

    let tables = stack.sql(
        "select relnamespace::regnamespace || ' ' || relname from pg_class
         where relnamespace in ('private'::regnamespace, 'engine'::regnamespace, 'auth'::regnamespace, 'pgmq'::regnamespace, 'cron'::regnamespace)
           and relkind in ('r', 'p', 'v', 'm', 'f')",
    );
    assert!(lines(&tables).len() > 15, "{tables}");
    for line in lines(&tables) {
        let (schema, table) = line.split_once(' ').expect("two words");
        for caller in &callers {
            let answer =
                Answer::of(caller.sends(http.get(format!("{base}/{table}")), schema)).await;
            surprises.expect_refusal(&answer, || format!("{} reads {line}", caller.name));
        }
    }

    let functions = stack.sql(
        "select pronamespace::regnamespace || ' ' || proname || ' ' || array_to_string(coalesce(proargnames, '{}'), ',') from pg_proc
         where pronamespace in ('private'::regnamespace, 'engine'::regnamespace)",
    );
    assert!(lines(&functions).len() > 60, "{functions}");
    for line in lines(&functions) {
        let words: Vec<&str> = line.split(' ').collect();
        let arguments: Map<String, Value> = words
            .get(2)
            .copied()
            .unwrap_or_default()
            .split(',')
            .filter(|name| name.starts_with("p_"))
            .map(|name| (name.to_owned(), Value::Null))
            .collect();
        for caller in callers.iter().filter(|caller| caller.name != "service") {
            let request = http
                .post(format!("{base}/rpc/{}", words[1]))
                .json(&arguments);
            let answer = Answer::of(caller.sends(request, words[0])).await;
            surprises.expect_refusal(&answer, || format!("{} calls {line}", caller.name));
        }
    }
    surprises.expect_none();
}

#[tokio::test]
async fn a_foreign_object_and_an_absent_one_give_the_same_bytes() {
    let stack = Stack::from_env();
    let (callers, _, channel) = seeded_tenants(&stack);
    let stranger = stack.api(callers[4].token.as_deref());
    let row = |table: &str| {
        stack.sql(&format!(
            "select id from public.{table} where channel_id = '{channel}'"
        ))
    };
    for (path, id) in [
        ("/api/channels/{}", channel.to_string()),
        ("/api/channels/{}/insights", channel.to_string()),
        ("/api/videos/{}", row("videos")),
        ("/api/content/{}", row("generated_content")),
        ("/api/video/{}", row("renders")),
        ("/api/schedule/{}", row("scheduled_uploads")),
    ] {
        let request_id = "same-for-both";
        let ask = async |id: &str| {
            let request = stranger.request(Method::GET, &path.replace("{}", id));
            Answer::of(request.header("x-request-id", request_id)).await
        };
        let (foreign, absent) = (ask(&id).await, ask(&Uuid::new_v4().to_string()).await);
        assert_eq!(foreign.status, 404, "{path}: {foreign}");
        assert_eq!(foreign.body, absent.body, "{path}: {foreign} and {absent}");
    }
}
