//! The order of a report's rows.

use super::{report_request::ReportRequest, table::Row};
use crate::{failure::Failure, youtube::errors::not_supported};

/// Sorts by the keys of the request, the first one counting most; a minus before a key turns its order around.
pub(super) fn sort(rows: &mut [Row], request: &ReportRequest<'_>) -> Result<(), Failure> {
    for key in request.sort.iter().rev() {
        let name = key.strip_prefix('-').unwrap_or(key);
        let is_descending = name != *key;
        if let Some(at) = request
            .dimensions
            .iter()
            .position(|dimension| *dimension == name)
        {
            rows.sort_by(|a, b| a.0[at].cmp(&b.0[at]));
            if is_descending {
                rows.reverse();
            }
        } else if request.metrics.contains(&name) {
            let number = |row: &Row| row.1.cell(name).as_f64().unwrap_or(0.0);
            rows.sort_by(|a, b| {
                let order = number(a).total_cmp(&number(b));
                if is_descending {
                    order.reverse()
                } else {
                    order
                }
            });
        } else {
            return Err(not_supported());
        }
    }
    Ok(())
}
