//! Query strings: parsed strictly, refused with the parameter and its rule.

use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::input::Empty;
use crate::problem::{Kind, Problem};

/// A query string's type.
pub trait QueryInput: Sized + Send {
    /// Reads the pairs that are left after the path's placeholders were taken out.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidQuery`].
    fn read(pairs: &[(String, String)]) -> Result<Self, Problem>;

    /// For the OpenAPI document.
    fn parameters() -> Vec<Parameter>;
}

impl<T: DeserializeOwned + IntoParams + Send> QueryInput for T {
    fn read(pairs: &[(String, String)]) -> Result<Self, Problem> {
        if let Some((name, _)) = pairs
            .iter()
            .enumerate()
            .find_map(|(i, pair)| pairs[..i].iter().any(|(n, _)| *n == pair.0).then_some(pair))
        {
            return Err(Problem::new(Kind::InvalidQuery)
                .detail(format!(
                    "The query parameter {name} is given more than once."
                ))
                .pointer(format!("?{name}"), "give it once"));
        }
        let encoded = serde_urlencoded::to_string(pairs).map_err(Problem::internal)?;
        let deserializer =
            serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(encoded.as_bytes()));
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let name = match error.path().to_string() {
                path if path == "." => String::new(),
                path => path,
            };
            let message = error.into_inner().to_string();
            Problem::new(Kind::InvalidQuery)
                .detail(format!("The query string is not acceptable: {message}."))
                .pointer(format!("?{name}"), message)
        })
    }

    fn parameters() -> Vec<Parameter> {
        T::into_params(|| Some(ParameterIn::Query))
    }
}

impl QueryInput for Empty {
    fn read(pairs: &[(String, String)]) -> Result<Self, Problem> {
        match pairs.first() {
            None => Ok(Self),
            Some((name, _)) => Err(Problem::new(Kind::InvalidQuery)
                .detail("This operation takes no query parameters.")
                .pointer(format!("?{name}"), "leave it out")),
        }
    }

    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }
}
