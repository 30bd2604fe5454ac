//! Names of fields, in the words of whoever asked: the API or the command line.

/// A fault's words, with the fields between backticks written as `spell` writes them.
pub fn spelled(detail: &str, spell: impl Fn(&str) -> String) -> String {
    let parts = detail.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { spell(part) } else { part.to_owned() }).collect()
}

/// A field's name as the API writes it.
pub fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        camel + &head.to_ascii_uppercase() + tail
    })
}
