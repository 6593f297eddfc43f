//! The length of functions: code lines between the braces, as clippy's `too_many_lines` counts them.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn, spanned::Spanned};

use crate::source::{File, code_lines};

pub(crate) struct Function<'a> {
    pub(crate) file: &'a File,
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) code_lines: usize,
}

/// The functions of a file, without its tests.
pub(crate) fn functions(file: &File) -> Vec<Function<'_>> {
    let mut finder = Finder {
        file,
        found: Vec::new(),
    };
    for item in &file.items {
        finder.visit_item(item);
    }
    finder.found
}

struct Finder<'a> {
    file: &'a File,
    found: Vec<Function<'a>>,
}

impl Finder<'_> {
    fn note(&mut self, signature: &Signature, block: &Block) {
        let line = |span: Span| span.start().line;
        let braces = &block.brace_token.span;
        let body = self
            .file
            .lines
            .get(line(braces.open())..line(braces.close()) - 1);
        let body = body.unwrap_or_default().iter().map(String::as_str);
        self.found.push(Function {
            file: self.file,
            name: signature.ident.to_string(),
            line: line(signature.span()),
            code_lines: code_lines(body, "//"),
        });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
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
