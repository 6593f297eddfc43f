//! The modules of a crate, what each defines, and in which file a path ends.

use std::collections::BTreeMap;

use syn::{Item, UseTree};

use crate::source::Crate;

type ModulePath = Vec<String>;

/// All modules of a crate by their path.
pub(crate) struct Modules<'a> {
    krate: &'a str,
    by_path: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
struct Module {
    /// Item → the file that defines it.
    items: BTreeMap<String, usize>,
    /// Name → what a `use` binds to it.
    bindings: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

enum Found {
    Module(ModulePath),
    Item(usize),
}

impl<'a> Modules<'a> {
    pub(crate) fn of(krate: &'a Crate) -> Self {
        let (krate_name, by_path) = (&krate.name, BTreeMap::new());
        let mut modules = Self {
            krate: krate_name,
            by_path,
        };
        for (index, file) in krate.files.iter().enumerate() {
            modules.add(&file.module, index, &file.items);
        }
        modules
    }

    fn add(&mut self, path: &ModulePath, file: usize, items: &[Item]) {
        self.by_path.entry(path.clone()).or_default();
        for item in items {
            if let Item::Mod(inner) = item
                && let Some((_, items)) = &inner.content
            {
                let child = [path.as_slice(), &[inner.ident.to_string()]].concat();
                self.add(&child, file, items);
            }
            let module = self.by_path.entry(path.clone()).or_default();
            if let Item::Use(item) = item {
                for (bound, target) in flatten(&item.tree) {
                    match bound {
                        Some(name) => drop(module.bindings.insert(name, target)),
                        None => module.globs.push(target),
                    }
                }
            } else if let Some(name) = name_of(item) {
                module.items.insert(name, file);
            }
        }
    }

    /// The file in which the item named by `path` is defined, as seen from `module`. Re-exports are followed.
    pub(crate) fn file_of(&self, module: &[String], path: &[String]) -> Option<usize> {
        match self.resolve(module, path, 0)? {
            Found::Item(file) => Some(file),
            Found::Module(_) => None,
        }
    }

    fn resolve(&self, module: &[String], path: &[String], depth: usize) -> Option<Found> {
        if depth > 16 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let (mut at, mut rest) = match first.as_str() {
            "crate" => (Vec::new(), rest),
            "self" => (module.to_vec(), rest),
            "super" => (module[..module.len().checked_sub(1)?].to_vec(), rest),
            name if name == self.krate => (Vec::new(), rest),
            _ => (module.to_vec(), path),
        };
        while rest.first().is_some_and(|segment| segment == "super") {
            at.pop()?;
            rest = &rest[1..];
        }
        while let Some((segment, after)) = rest.split_first() {
            match self.member(&at, segment, depth)? {
                Found::Item(file) => return Some(Found::Item(file)),
                Found::Module(inner) => at = inner,
            }
            rest = after;
        }
        Some(Found::Module(at))
    }

    fn member(&self, at: &[String], name: &str, depth: usize) -> Option<Found> {
        let child = [at, &[name.to_owned()]].concat();
        if self.by_path.contains_key(&child) {
            return Some(Found::Module(child));
        }
        let module = self.by_path.get(at)?;
        if let Some(&file) = module.items.get(name) {
            return Some(Found::Item(file));
        }
        if let Some(target) = module.bindings.get(name)
            && target.as_slice() != [name]
        {
            return self.resolve(at, target, depth + 1);
        }
        module.globs.iter().find_map(|target| {
            match self.resolve(at, target, depth + 1)? {
                Found::Module(inner) if inner != at => self.member(&inner, name, depth + 1),
                // `use Enum::*`
                _ => None,
            }
        })
    }
}

/// What a `use` binds: the name, or `None` for a glob, and the path.
pub(crate) fn flatten(tree: &UseTree) -> Vec<(Option<String>, Vec<String>)> {
    fn walk(tree: &UseTree, prefix: &[String], found: &mut Vec<(Option<String>, Vec<String>)>) {
        let with = |name: String| [prefix, &[name]].concat();
        match tree {
            UseTree::Path(path) => walk(&path.tree, &with(path.ident.to_string()), found),
            UseTree::Name(name) if name.ident == "self" => {
                found.push((prefix.last().cloned(), prefix.to_vec()));
            }
            UseTree::Name(name) => {
                found.push((Some(name.ident.to_string()), with(name.ident.to_string())));
            }
            UseTree::Rename(rename) => {
                let target = match rename.ident.to_string() {
                    own if own == "self" => prefix.to_vec(),
                    name => with(name),
                };
                found.push((Some(rename.rename.to_string()), target));
            }
            UseTree::Glob(_) => found.push((None, prefix.to_vec())),
            UseTree::Group(group) => {
                for tree in &group.items {
                    walk(tree, prefix, found);
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(tree, &[], &mut found);
    found
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
