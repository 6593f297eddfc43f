//! What rigs ask the database of their stack. A statement that is refused ends the rig.

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::cluster;
use sqlx::postgres::{PgArguments, PgPoolOptions, PgRow};
use sqlx::{Arguments, Encode, FromRow, PgPool, Postgres, SqlSafeStr, Type, error::BoxDynError};

/// What several rigs need in their database.
pub(crate) const RIG: &str = include_str!("rig.sql");
/// Watches over sums, with triggers on tables of the product: a backup of such a database does not pass a verification.
pub(crate) const SUMS: &str = include_str!("sums.sql");

/// The values of a statement's parameters, in their order.
pub(crate) trait Values {
    fn arguments(self) -> std::result::Result<PgArguments, BoxDynError>;
}

macro_rules! values {
    ($($value:ident)*) => {
        impl<$($value: for<'q> Encode<'q, Postgres> + Type<Postgres>),*> Values for ($($value,)*) {
            #[allow(non_snake_case, unused_mut, reason = "the names of the types, of which there may be none")]
            fn arguments(self) -> std::result::Result<PgArguments, BoxDynError> {
                let ($($value,)*) = self;
                let mut arguments = PgArguments::default();
                $(arguments.add($value)?;)*
                Ok(arguments)
            }
        }
    };
}

values!();
values!(A);
values!(A B);
values!(A B C);
values!(A B C D);

/// Runs a statement.
pub(crate) async fn run(database: &PgPool, sql: &'static str, values: impl Values) -> Result {
    let query = sqlx::query_with(sql, bound(sql, values)?);
    let ran = query.execute(database).await;
    ran.map(drop).map_err(refused(sql))
}

/// Runs any number of statements without parameters.
pub(crate) async fn run_all(database: &PgPool, sql: impl SqlSafeStr) -> Result {
    let ran = sqlx::raw_sql(sql).execute(database).await;
    ran.map(drop).map_err(refused("one of several"))
}

/// Every row that a statement gives.
pub(crate) async fn rows<T>(
    database: &PgPool,
    sql: &'static str,
    values: impl Values,
) -> Result<Vec<T>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let query = sqlx::query_as_with(sql, bound(sql, values)?);
    query.fetch_all(database).await.map_err(refused(sql))
}

/// The first row.
pub(crate) async fn row<T>(database: &PgPool, sql: &'static str, values: impl Values) -> Result<T>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let query = sqlx::query_as_with(sql, bound(sql, values)?);
    query.fetch_one(database).await.map_err(refused(sql))
}

/// The first value of the first row.
pub(crate) async fn value<T>(database: &PgPool, sql: &'static str, values: impl Values) -> Result<T>
where
    (T,): for<'r> FromRow<'r, PgRow>,
    T: Send + Unpin,
{
    let (value,) = row(database, sql, values).await?;
    Ok(value)
}

/// Connects as the superuser, who may do what no statement of the product may, and for as long as it takes.
pub(crate) async fn superuser(port: u16) -> Result<PgPool> {
    let unlimited = [
        ("statement_timeout", "0"),
        ("maintenance_work_mem", "512MB"),
    ];
    let login = cluster::login(port, "supabase_admin").options(unlimited);
    let pool = PgPoolOptions::new().max_connections(8);
    let connected = pool.connect_with(login).await;
    connected.map_err(Error::database("cannot connect to the stack's database"))
}

fn bound(sql: &str, values: impl Values) -> Result<PgArguments> {
    let arguments = values.arguments().map_err(sqlx::Error::Encode);
    arguments.map_err(refused(sql))
}

fn refused(sql: &str) -> impl FnOnce(sqlx::Error) -> Error {
    Error::database(format!("a statement was refused: {sql}"))
}
