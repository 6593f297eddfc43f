//! YouTube's categories: those that `videoCategories.list` calls assignable.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use platform::endpoint::{Page, PageSize, Problem, decode_cursor};

/// A category that a video may be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Category {
    /// YouTube's id: what `category_id` takes.
    #[schema(value_type = String, example = "22")]
    pub id: &'static str,
    /// YouTube's name of it.
    #[schema(value_type = String, example = "People & Blogs")]
    pub title: &'static str,
}

/// A start that YouTube refuses for its category counts as one of the day's uploads, so every other is refused here.
const CATEGORIES: [Category; 15] = [
    category("1", "Film & Animation"),
    category("2", "Autos & Vehicles"),
    category("10", "Music"),
    category("15", "Pets & Animals"),
    category("17", "Sports"),
    category("19", "Travel & Events"),
    category("20", "Gaming"),
    category("22", "People & Blogs"),
    category("23", "Comedy"),
    category("24", "Entertainment"),
    category("25", "News & Politics"),
    category("26", "Howto & Style"),
    category("27", "Education"),
    category("28", "Science & Technology"),
    category("29", "Nonprofits & Activism"),
];

const fn category(id: &'static str, title: &'static str) -> Category {
    Category { id, title }
}

/// Whether a video may be put in this category.
pub(super) fn is_assignable(id: &str) -> bool {
    CATEGORIES.iter().any(|category| category.id == id)
}

/// Which page of the categories.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct CategoriesQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// The categories, by YouTube's number.
///
/// # Errors
///
/// A cursor that is none of this list.
pub fn categories(query: &CategoriesQuery) -> Result<Page<Category>, Problem> {
    let after: Option<String> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    let at = CATEGORIES
        .iter()
        .position(|category| Some(category.id) == after.as_deref());
    let rest = CATEGORIES.iter().skip(at.map_or(0, |at| at + 1)).copied();
    Ok(Page::cut(rest.collect(), query.limit.0, |category| {
        category.id
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_hold_every_category_once() {
        let (mut query, mut seen) = (CategoriesQuery::default(), Vec::new());
        query.limit = PageSize(4);
        loop {
            let page = categories(&query).unwrap();
            seen.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, CATEGORIES);
        assert!(is_assignable("22") && !is_assignable("21"));
    }
}
