//! Which function answers a path: the rules by which Vercel turns the files under `api/` into routes.

use std::collections::BTreeMap;

/// One function and where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The binary's name.
    pub name: String,
    /// The source file, `api/videos/[id].rs`.
    pub file: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Named(String),
}

/// A function that answers a path, and the named parts of the path as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The function.
    pub function: &'a Function,
    /// Parameter names and percent-encoded values.
    pub parameters: Vec<(String, String)>,
}

/// All functions, in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    fixed: BTreeMap<String, Function>,
    dynamic: Vec<Function>,
}

impl Functions {
    /// Orders the functions: fixed paths first, then more segments, then fewer placeholders.
    pub fn new(bins: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut functions = Self::default();
        for (name, file) in bins {
            let path = file.trim_end_matches(".rs");
            let path = path.strip_suffix("/index").unwrap_or(path);
            let segments: Vec<_> = path
                .split('/')
                .map(|part| {
                    match part
                        .strip_prefix('[')
                        .and_then(|part| part.strip_suffix(']'))
                    {
                        Some(name) => Segment::Named(name.to_owned()),
                        None => Segment::Fixed(part.to_owned()),
                    }
                })
                .collect();
            let path = format!("/{path}");
            let function = Function {
                name,
                file,
                segments,
            };
            if function.placeholders() == 0 {
                functions.fixed.insert(path, function);
            } else {
                functions.dynamic.push(function);
            }
        }
        functions.dynamic.sort_by(|a, b| {
            (b.segments.len(), a.placeholders(), &a.file).cmp(&(
                a.segments.len(),
                b.placeholders(),
                &b.file,
            ))
        });
        functions
    }

    /// Every function.
    pub fn all(&self) -> impl Iterator<Item = &Function> {
        self.fixed.values().chain(&self.dynamic)
    }

    /// The function at exactly this path.
    pub fn fixed(&self, path: &str) -> Option<Match<'_>> {
        let function = self
            .fixed
            .get(path)
            .or_else(|| self.fixed.get(path.strip_suffix(".rs")?))?;
        Some(Match {
            function,
            parameters: Vec::new(),
        })
    }

    /// The function whose placeholders fit this path.
    pub fn dynamic(&self, path: &str) -> Option<Match<'_>> {
        self.dynamic.iter().find_map(|function| {
            Some(Match {
                function,
                parameters: function.parameters(path)?,
            })
        })
    }
}

impl Function {
    fn placeholders(&self) -> usize {
        self.segments
            .iter()
            .filter(|segment| matches!(segment, Segment::Named(_)))
            .count()
    }

    fn parameters(&self, path: &str) -> Option<Vec<(String, String)>> {
        let parts: Vec<_> = path.strip_prefix('/')?.split('/').collect();
        if parts.len() != self.segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (part, segment) in parts.into_iter().zip(&self.segments) {
            match segment {
                Segment::Fixed(text) if text == part => {}
                Segment::Named(name) if !part.is_empty() => {
                    parameters.push((name.clone(), part.to_owned()));
                }
                _ => return None,
            }
        }
        Some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::Functions;

    fn answer(functions: &Functions, path: &str) -> Option<(String, Vec<(String, String)>)> {
        let found = functions.fixed(path).or_else(|| functions.dynamic(path))?;
        Some((found.function.name.clone(), found.parameters))
    }

    #[test]
    fn files_are_routes_as_on_the_platform() {
        let files = [
            "api/channels/index.rs",
            "api/channels/connect.rs",
            "api/channels/[id].rs",
            "api/channels/[id]/insights.rs",
            "api/generate/[kind].rs",
            "api/health/live.rs",
        ];
        let functions = Functions::new(files.map(|file| (file.to_owned(), file.to_owned())));
        let name = |path: &str| answer(&functions, path).map(|(name, _)| name);
        assert_eq!(
            name("/api/channels").as_deref(),
            Some("api/channels/index.rs")
        );
        assert_eq!(
            name("/api/channels/connect").as_deref(),
            Some("api/channels/connect.rs")
        );
        assert_eq!(
            name("/api/channels/a%2Fb").as_deref(),
            Some("api/channels/[id].rs")
        );
        assert_eq!(
            name("/api/channels/x/insights").as_deref(),
            Some("api/channels/[id]/insights.rs")
        );
        assert_eq!(
            name("/api/health/live.rs").as_deref(),
            Some("api/health/live.rs")
        );
        for nothing in [
            "/api/channels/",
            "/api/health",
            "/api",
            "/api/channels/x/other",
            "/channels",
        ] {
            assert_eq!(name(nothing), None, "{nothing}");
        }
        let (_, parameters) = answer(&functions, "/api/channels/x%20y").unwrap();
        assert_eq!(parameters, [("id".to_owned(), "x%20y".to_owned())]);
    }
}
