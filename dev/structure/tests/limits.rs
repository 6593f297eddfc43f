//! The program over small checkouts.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

struct Checkout(tempfile::TempDir);

impl Checkout {
    fn with(files: &[(&str, &str)]) -> Self {
        let checkout = Self(tempfile::tempdir().unwrap());
        for folder in ["api", "cli", "dev", "lib/src", "supabase/migrations"] {
            fs::create_dir_all(checkout.0.path().join(folder)).unwrap();
        }
        checkout.write("lib/Cargo.toml", "[package]\nname = \"shop\"\n");
        for (path, text) in files {
            checkout.write(path, text);
        }
        checkout
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    }

    fn measure(&self) -> (bool, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_structure"))
            .arg(self.0.path())
            .output()
            .unwrap();
        let text = [stdout, stderr].concat();
        (status.success(), String::from_utf8(text).unwrap())
    }
}

#[test]
fn a_small_tree_passes() {
    let checkout = Checkout::with(&[
        ("lib/src/lib.rs", "mod price;\npub use price::Price;\n"),
        ("lib/src/price.rs", "/// Cents.\npub struct Price(u32);\n"),
        ("supabase/migrations/1.sql", "-- One.\nselect 1;\n\n"),
    ]);
    let (passes, text) = checkout.measure();
    assert!(passes, "{text}");
    assert!(text.contains("code lines, without tests: 4"), "{text}");
}

#[test]
fn a_parent_and_a_child_that_use_each_other_are_a_circle_even_through_a_re_export() {
    let checkout = Checkout::with(&[
        ("lib/src/lib.rs", "mod order;\npub use order::Order;\n"),
        (
            "lib/src/order/mod.rs",
            "mod line;\npub struct Order(line::Line);\n",
        ),
        (
            "lib/src/order/line.rs",
            "pub struct Line(Option<Box<crate::Order>>);\n",
        ),
    ]);
    let (passes, text) = checkout.measure();
    assert!(!passes);
    assert!(
        text.contains("2 files import each other in a circle"),
        "{text}"
    );
    assert!(
        text.contains("lib/src/order/line.rs uses crate::Order of lib/src/order/mod.rs"),
        "{text}"
    );
}

#[test]
fn re_exports_module_declarations_and_tests_are_no_imports() {
    let checkout = Checkout::with(&[
        ("lib/src/lib.rs", "mod order;\npub use order::Order;\n"),
        (
            "lib/src/order/mod.rs",
            "mod line;\npub use line::Line;\npub struct Order;\n#[cfg(test)]\nmod tests;\n",
        ),
        ("lib/src/order/line.rs", "pub struct Line(super::Order);\n"),
        (
            "lib/src/order/tests.rs",
            "use super::*;\nfn f(_: Line) {}\n",
        ),
    ]);
    let (passes, text) = checkout.measure();
    assert!(passes, "{text}");
}

#[test]
fn paths_in_the_arguments_of_macros_are_imports() {
    let checkout = Checkout::with(&[
        ("lib/src/lib.rs", "mod a;\nmod b;\n"),
        (
            "lib/src/a.rs",
            "pub fn f() { println!(\"{}\", crate::b::g()); }\n",
        ),
        (
            "lib/src/b.rs",
            "use crate::a;\npub fn g() -> u8 { a::f(); 1 }\n",
        ),
    ]);
    let (passes, text) = checkout.measure();
    assert!(!passes);
    assert!(
        text.contains("lib/src/a.rs uses crate::b::g of lib/src/b.rs"),
        "{text}"
    );
}

#[test]
fn long_files_long_functions_and_tests_inside_large_files_are_named() {
    let long = "    let _ = 1;\n".repeat(71);
    let function = format!("pub fn long() {{\n{long}    // not counted\n}}\n");
    let filler = "// A line.\n".repeat(330);
    let checkout = Checkout::with(&[(
        "lib/src/lib.rs",
        &format!("{function}{filler}#[cfg(test)]\nmod tests {{}}\n"),
    )]);
    let (passes, text) = checkout.measure();
    assert!(!passes);
    for expected in [
        "lib/src/lib.rs: 404 lines, at most 400",
        "lib/src/lib.rs: tests inside a file of 404 lines",
        "lib/src/lib.rs:1: `long` has 71 lines, at most 70",
        "lib: the median of lines a file is 404, at most 120",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}
