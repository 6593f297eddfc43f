use super::{count_rows, qualified_name};

#[test]
fn names_are_quoted_and_rows_are_counted() {
    assert_eq!(qualified_name("public", "a\"b"), "\"public\".\"a\"\"b\"");
    assert_eq!(count_rows(b"1\ta\\nb\n2\tc\n"), 2);
}
