//! The length of functions: code lines between the braces, as clippy's `too_many_lines` counts them.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, Item, ItemFn, Signature, TraitItemFn};

use crate::lines::code_lines_of;
use crate::source::{File, attributes, is_test};

pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) code_lines: usize,
}

/// The functions of a file, without its tests.
pub(crate) fn functions(file: &File) -> Vec<Function> {
    let mut finder = Finder {
        lines: file.text.lines().collect(),
        found: Vec::new(),
    };
    for item in &file.syntax.items {
        finder.visit_item(item);
    }
    finder.found
}

struct Finder<'a> {
    lines: Vec<&'a str>,
    found: Vec<Function>,
}

impl Finder<'_> {
    fn note(&mut self, signature: &Signature, block: &Block) {
        let line = |span: Span| span.start().line;
        let first = line(block.brace_token.span.open());
        let last = line(block.brace_token.span.close());
        let body = self.lines.get(first..last - 1).unwrap_or_default();
        self.found.push(Function {
            name: signature.ident.to_string(),
            line: line(signature.span()),
            code_lines: code_lines_of(&body.join("\n"), "//"),
        });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.note(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.note(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.note(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
