//! The `crate::…` paths in a source file.
//!
//! Read word by word, not parsed: a path through `super::super` to another module goes unseen, and
//! nobody writes one.

use std::collections::BTreeSet;

/// The first names after `crate::` in product code: comments and tests are left out.
pub(super) fn imports(text: &str) -> BTreeSet<String> {
    let code = product_code(text);
    let mut found = BTreeSet::new();
    for (at, marker) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c == '_' || c == '$' || c.is_alphanumeric()) {
            continue;
        }
        let rest = &code[at + marker.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(members(list)),
            None => found.extend(name(rest)),
        }
    }
    found
}

/// What is compiled into the product.
pub(super) fn product_code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names in `a, b::{c, d}, e}`, up to the brace that closes the list.
fn members(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut start = true;
    let mut found = Vec::new();
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                found.extend(name(&list[at..]));
                start = false;
            }
            _ => {}
        }
    }
    found
}

/// The module name that a path starts with. Types and macros at the root are nobody's module.
fn name(path: &str) -> Option<String> {
    let end = path.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(path.len());
    let name = &path[..end];
    name.starts_with(|c: char| c.is_lowercase()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn reads_what_people_write() {
        let text = "use crate::{a::{x, y}, b, C};\nuse crate::d;\n// crate::e\nlet f = crate::f::g();\n\
                    pub(crate) fn h() { mycrate::i() }\n#[cfg(test)]\nmod tests { use crate::j; }";
        let found: Vec<_> = imports(text).into_iter().collect();
        assert_eq!(found, ["a", "b", "d", "f"]);
    }
}
