use super::*;

fn refusal(html: &str) -> Option<PageError> {
    parse_html(html).err()
}

/// What a browser shows of it, as the parser knows it without our bounds.
fn is_parsed_as_ever(html: &str) {
    assert_eq!(parse_html(html).unwrap(), Html::parse_document(html));
}

#[test]
fn careless_markup_passes() {
    is_parsed_as_ever(&"<p>one<li>two<td>three<br>".repeat(2000));
    is_parsed_as_ever(&"<div><b>x</b></div>".repeat(2000));
    is_parsed_as_ever(&format!("<script>{}</script>", "'<div>'".repeat(2000)));
    is_parsed_as_ever(&format!("<!--{}-->", "<div>".repeat(2000)));
    is_parsed_as_ever("a < b, «<жирный», <é");
    is_parsed_as_ever("<meta charset=a><meta charset=b><script>1</script><script>2</script>&am");
    is_parsed_as_ever(&format!("<img src='data:image/png;base64,{}'>", "aGk/".repeat(100_000)));
    is_parsed_as_ever(&format!("<svg><path d=\"{}\"/></svg>", "L 1.5 2.5 ".repeat(20_000)));
    is_parsed_as_ever(&format!("<script>if(i<n){{x=[{}]}}</script>", "\"a b\", ".repeat(20_000)));
}

#[test]
fn nesting_is_refused_however_it_is_hidden() {
    for unit in [
        "<div>",
        "<ul><li>",
        "<div title='</div>'>",
        "<div><xmp></div></xmp>",
        "<div><table><td></div>",
        "<rt>",
        "<option><optgroup>",
        "<svg><g><svg>",
    ] {
        assert_eq!(refusal(&unit.repeat(100_000)), Some(PageError::TooDeep), "{unit}");
    }
    for hiding in ["<!-- --!>", "<svg><title>", "<svg><style>"] {
        assert_eq!(refusal(&(hiding.to_owned() + &"<g>".repeat(100_000))), Some(PageError::TooDeep), "{hiding}");
    }
}

#[test]
fn formatting_that_is_opened_again_in_every_paragraph_is_refused() {
    let bomb: String = (0..2_000).map(|number| format!("<p><b class={number}><i>")).collect::<Vec<_>>().concat();
    assert_eq!(refusal(&bomb), Some(PageError::TooDeep));
    let open: String = (0..400).map(|number| format!("<b class={number}>")).collect::<Vec<_>>().concat();
    assert!(refusal(&(open + &"<p>x".repeat(1_000_000))).is_some());
    let both: String = (0..200).map(|number| format!("<b class={number}>")).collect::<Vec<_>>().concat();
    assert_eq!(refusal(&(both + &"<p>x".repeat(1_000_000))), Some(PageError::TooLong));
}

#[test]
fn a_tag_with_a_million_attributes_is_refused() {
    let attributes: String = (0..500_000).map(|number| format!("a{number} ")).collect::<Vec<_>>().concat();
    for start in ["<p ", "</p ", "<p x='>' ", "<!--<a b='--><p "] {
        assert_eq!(refusal(&format!("{start}{attributes}>")), Some(PageError::TooManyAttributes), "{start}");
    }
}
