//! A plain page, for browsers that meet the API without a front end.

/// A page with a title and paragraphs; empty ones are left out.
pub(super) fn page(title: &str, paragraphs: &[&str]) -> String {
    let title = escape(title);
    let body: String = paragraphs
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| format!("<p>{}</p>", escape(text)))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:1rem/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    )
}

/// Titles of channels are anybody's text.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_leave_its_place() {
        let page = page("<script>alert('x')</script>", &["a & \"b\"", ""]);
        assert!(!page.contains("<script>"));
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"));
        assert!(page.contains("<p>a &amp; &quot;b&quot;</p>"));
        assert_eq!(page.matches("<p>").count(), 1);
    }
}
