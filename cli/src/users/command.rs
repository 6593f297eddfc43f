//! `catalyst users`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use super::account::{self, Account};
use super::plan::{self, LIMITS};
use crate::Result;
use crate::database_args::DatabaseArgs;
use crate::operator::Operator;
use crate::settings::{change, history, setting::named};

/// `catalyst users`.
#[derive(Debug, Args)]
pub struct UsersArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Accounts with their plans and what they used this month, the oldest first.
    List {
        /// Only those whose address holds this.
        #[arg(long, value_name = "PART", default_value = "")]
        email: String,
        /// No more than so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// One account: its limits and what of them is the deployment's.
    Get {
        /// Its id or address.
        user: String,
    },
    /// Give a user a limit of their own; their next request heeds it.
    Set {
        /// The account's id or address.
        user: String,
        /// The limit; `catalyst users get` has their names.
        limit: String,
        /// Its value; `default` gives the deployment's again.
        value: String,
        #[command(flatten)]
        operator: Operator,
    },
    /// Who changed a user's plan, the newest first.
    History {
        /// The account's id or address.
        user: String,
    },
}

/// Runs the command.
///
/// # Errors
///
/// An account, a limit or a value that cannot be, or a database that refuses.
pub async fn run(args: UsersArgs) -> Result {
    let mut wanted = None;
    if let Action::Set {
        limit,
        value,
        operator,
        ..
    } = &args.action
    {
        let limit = named(LIMITS, limit, "catalyst users get USER")?;
        wanted = Some((limit, change::read(limit, value)?, operator.name()?));
    }
    let mut connection = args.database.connect().await?;
    let database = &mut connection;
    match (&args.action, wanted) {
        (Action::Set { user, .. }, Some((limit, value, made_by))) => {
            let account = account::one(database, user).await?;
            let changed = plan::set(database, account.id, limit, value.as_ref(), &made_by).await?;
            changed.print(limit, &made_by, args.database.json);
        }
        (Action::List { email, limit }, _) => {
            print_all(
                &account::find(database, email, true, *limit).await?,
                args.database.json,
            );
        }
        (Action::History { user }, _) => print_history(database, user, args.database.json).await?,
        (Action::Get { user } | Action::Set { user, .. }, _) => {
            print_one(&account::one(database, user).await?, args.database.json);
        }
    }
    drop(connection.close().await);
    Ok(())
}

async fn print_history(database: &mut PgConnection, user: &str, as_json: bool) -> Result {
    let wanted = history::Wanted {
        kinds: &["plan"],
        user: Some(account::one(database, user).await?.id),
        most: 1000,
        ..history::Wanted::default()
    };
    history::print(&history::read(database, &wanted).await?, as_json);
    Ok(())
}

fn print_all(accounts: &[Account], as_json: bool) {
    if as_json {
        println!("{}", json!({ "users": accounts }));
        return;
    }
    for account in accounts {
        let Account {
            id,
            channels,
            renders,
            ..
        } = account;
        let email = account.email.as_deref().unwrap_or("no address");
        let plan = match account.plan.is_empty() {
            true => "the deployment's limits".to_owned(),
            false => Value::from(account.plan.clone()).to_string(),
        };
        println!("{id}  {email:<32} {channels} channels, {renders} renders this month, {plan}");
    }
}

fn print_one(account: &Account, as_json: bool) {
    if as_json {
        println!("{}", json!(account));
        return;
    }
    print_all(std::slice::from_ref(account), false);
    let (credits, dollars) = (account.render_credits, account.generation_micros);
    println!(
        "this month: {credits} credits for renders, {dollars} millionths of a dollar for generation"
    );
    for limit in LIMITS {
        let own = account.plan.get(limit.name).unwrap_or(&Value::Null);
        println!("{:<30} {}", limit.name, limit.range.show(own));
        println!("    {} ({})", limit.meaning, limit.range);
    }
}
