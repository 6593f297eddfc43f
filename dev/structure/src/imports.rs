//! Which file imports which, and where that goes in circles: an edge is a `use` or a path that names an item of another file. `mod` and re-exports are not.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, Macro, Path, Visibility};

use crate::modules::{Modules, flatten};
use crate::source::Crate;

/// From one file to another of the same crate, by their indexes, with one of the names that make it an edge.
pub(crate) type Imports = BTreeMap<(usize, usize), String>;

/// The imports between the files of a crate.
pub(crate) fn imports(krate: &Crate) -> Imports {
    let modules = Modules::of(krate);
    let mut found = Imports::new();
    for (index, file) in krate.files.iter().enumerate() {
        let (modules, module) = (&modules, file.module.clone());
        let mut reader = Reader {
            modules,
            module,
            file: index,
            found: &mut found,
        };
        for item in &file.items {
            reader.visit_item(item);
        }
    }
    found
}

struct Reader<'a> {
    modules: &'a Modules<'a>,
    module: Vec<String>,
    file: usize,
    found: &'a mut Imports,
}

impl Reader<'_> {
    fn note(&mut self, path: &[String]) {
        if let Some(to) = self.modules.file_of(&self.module, path)
            && to != self.file
        {
            let edge = self.found.entry((self.file, to));
            edge.or_insert_with(|| path.join("::"));
        }
    }

    /// Paths in the arguments of a macro, which are tokens only.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if path.is_empty() || colons == 2 => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1
                }
                token => {
                    self.note(&std::mem::take(&mut path));
                    colons = 0;
                    match token {
                        TokenTree::Ident(ident) => path.push(ident.to_string()),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        _ => {}
                    }
                }
            }
        }
        self.note(&path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if matches!(item.vis, Visibility::Inherited) {
            for (_, path) in flatten(&item.tree) {
                self.note(&path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.note(&names.collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }
}

/// `graph[n]`: the nodes that `n` leads to. The nodes of every circle, each in ascending order.
pub(crate) fn cycles(graph: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let reach: Vec<_> = (0..graph.len()).map(|node| reached(graph, node)).collect();
    let mut cycles = BTreeSet::new();
    for node in 0..graph.len() {
        let back = reach[node]
            .iter()
            .copied()
            .filter(|other| reach[*other].contains(&node));
        let cycle: Vec<usize> = back.collect();
        if cycle.len() > 1 {
            cycles.insert(cycle);
        }
    }
    cycles.into_iter().collect()
}

fn reached(graph: &[Vec<usize>], from: usize) -> BTreeSet<usize> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(node) = next.pop() {
        next.extend(graph[node].iter().filter(|to| reached.insert(**to)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nodes_that_lead_back_to_each_other_are_a_cycle() {
        let graph = [vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![0]];
        assert_eq!(cycles(&graph), [vec![0, 1, 2], vec![3, 4]]);
        assert!(cycles(&[vec![1, 2], vec![2], vec![]]).is_empty());
    }
}
