import pytest

from course.lab.text import inline_html, number, one_line, plain


@pytest.mark.parametrize("value, words", [
    (0.30000000000000004, "0.3"), (0, "0"), (12345.6, "12346"), (99999.4, "99999"), (1234567.0, "1.23×10⁶"),
    (-0.5, "−0.5"), (1.2e-8, "1.2×10⁻⁸"), (5e-4, "0.0005"), (float("inf"), "infinity"),
    (float("-inf"), "minus infinity"), (float("nan"), "not a number"), (2, "2"), (1e300, "1×10³⁰⁰"),
])
def test_numbers_read_as_people_write_them(value, words):
    assert number(value) == words


def test_marks_become_html_and_everything_else_is_escaped():
    assert inline_html("**a<b** *c* `d*e*` $x<y$ <script>") == (
        "<strong>a&lt;b</strong> <em>c</em> <code>d*e*</code> $x&lt;y$ &lt;script&gt;")


def test_plain_text_has_no_marks():
    assert plain(r"**bold**, `code` and $\alpha$") == "bold, code and alpha"


def test_an_error_is_one_line():
    assert one_line(ValueError("first\nsecond")) == "ValueError: first"
    assert one_line(KeyError()) == "KeyError"
