//! Words that have one name in files, in the database and in the API.

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of_value:meta])* $value:ident $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$of_value])* #[serde(rename = $text)] $value,)*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$value,)*];

            /// The name used in files, in the database and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }
    )*};
}

pub(crate) use named;
